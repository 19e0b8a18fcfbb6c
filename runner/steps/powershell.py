"""The powershell provisioner: uploads a script, runs it with Windows PowerShell or pwsh, removes it.

On a machine that is not Windows it is pwsh, with its scripts in /tmp. Facts of the texts: Packer 1.16's provisioner.
"""

from __future__ import annotations

import asyncio
import uuid

from bakelift.runner import durations
from bakelift.runner.errors import BuildError
from bakelift.runner.steps import powershell_elevated, remote, scripts
from bakelift.runner.steps.scripts import Script
from bakelift.runner.steps.temporary import temporary_name
from bakelift.translator.packer import checks, checks_steps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from bakelift.runner.settings import Settings
    from bakelift.runner.steps import StepContext

_QUIET = (
    "if (Test-Path variable:global:ProgressPreference){set-variable -name variable:global:ProgressPreference "
    "-value 'SilentlyContinue'}"
)

#: What stands between the lines of an inline script, so that an error ends it and a program's status is its own.
_INLINE = """{quiet}
$exitCode = 0
try {{
\t{environment}
\t{lines}
\t$exitCode = 0
}} catch {{
\tWrite-Error "An error occurred: $_"
\t$exitCode = 1
}}
if ((Test-Path variable:global:LASTEXITCODE) -and $LASTEXITCODE -ne 0) {{
\t$exitCode = $LASTEXITCODE
}}
exit $exitCode
"""


def check(settings: Settings, context: StepContext) -> None:
    """Refuses what Packer refuses when it prepares."""
    checks.refuse(checks_steps.RULES["powershell"], settings, context.files)
    settings.texts("inline")
    settings.integers("valid_exit_codes")
    settings.duration("start_retry_timeout")
    settings.duration("pause_after")
    if settings.has("elevated_user"):
        settings.text("elevated_user")


async def run(settings: Settings, context: StepContext) -> None:
    context.ui.say("Provisioning with Powershell...")
    windows = bool(getattr(context.machine(), "windows", False))
    elevated = settings.given("elevated_user")
    if elevated and not windows:
        raise BuildError("elevated_user needs a machine with Windows: it runs scripts as scheduled tasks")
    folder = "c:/Windows/Temp" if windows else "/tmp"
    run_id = str(uuid.uuid4())
    path = settings.text("remote_path") or f"{folder}/script-{run_id}.ps1"
    variables_path = settings.text("remote_env_var_path") or f"{folder}/packer-ps-env-vars-{run_id}.ps1"
    pattern = settings.text("elevated_env_var_format" if elevated else "env_var_format") or '$env:%s="%s"; '
    assignments = environment(scripts.environment(settings, context.environment), pattern)
    for script in _scripts(settings, context, assignments):
        context.ui.say(f"Provisioning with powershell script: {script.path}")
        uploads = [(_windows_lines(settings, script.data), path, 0o644)]
        if not script.inline:
            uploads.append((assignments.encode("utf-8", "surrogateescape"), variables_path, 0o600))
        command = _command(settings, path, variables_path, script.inline, windows, elevated)
        if elevated:
            task = powershell_elevated.wrapped(settings, command, run_id)
            uploads.append((task.script, task.path, 0o600))
            command = task.command
        status = await remote.start(settings, context, uploads, command)
        if not settings.boolean("skip_clean"):
            for _, uploaded, _ in uploads:
                await remote.remove(context.machine(), uploaded)
        if not remote.disconnected(settings, status):
            scripts.check_status(settings, status, context.style.exit_status)
    pause = settings.duration("pause_after")
    if pause:
        context.ui.say(f"Pausing {durations.go(pause)} after this provisioner...")
        await asyncio.sleep(pause)


def environment(variables: Mapping[str, str], pattern: str) -> str:
    """The variables as PowerShell text; a backtick before what a double-quoted text would take for something else."""
    return "".join(scripts.formatted(pattern, name, escaped(value)) for name, value in variables.items())


def escaped(value: str) -> str:
    return "".join(f"`{char}" if char in "$\"`'" else char for char in value)


def _scripts(settings: Settings, context: StepContext, assignments: str) -> list[Script]:
    if not settings.given("inline"):
        return [Script(path, context.files.read(path)) for path in scripts.script_paths(settings)]
    lines = "\n\t".join(settings.texts("inline"))
    text = _INLINE.format(quiet=_QUIET, environment=assignments, lines=lines)
    name = temporary_name().replace("packer-shell", "powershell-provisioner")
    return [Script(name, text.encode("utf-8", "surrogateescape"), inline=True)]


def _windows_lines(settings: Settings, data: bytes) -> bytes:
    """Text with a byte order mark, without which Windows PowerShell takes anything but ASCII for another encoding."""
    if settings.boolean("binary") or data.isascii() or data.startswith((b"\xef\xbb\xbf", b"\xff\xfe")):
        return data
    return b"\xef\xbb\xbf" + data


def _command(settings: Settings, path: str, variables_path: str, inline: bool, windows: bool, elevated: bool) -> str:
    option = "elevated_execute_command" if elevated else "execute_command"
    if settings.has(option):
        holes = scripts.command_symbols(Path=path, Vars=variables_path, WinRMPassword="")
        return settings.bind(holes).text(option)
    pwsh = settings.boolean("use_pwsh") or not windows
    policy = settings.text("execution_policy") or "bypass"
    program = "pwsh" if pwsh else "powershell"
    started = program if policy == "none" else f"{program} -executionpolicy {policy}"
    if inline:
        return f"{started} -file {path}"
    level = settings.integer("debug_mode")
    trace = f"Set-PsDebug -Trace {level};" if level else ""
    body = f"& {{ {_QUIET};{trace}. {variables_path}; &'{path}'; exit $LastExitCode }}"
    if not windows:
        return f"{started} -command {_single(body)}"
    return f'{started} -command "{body}"' if pwsh else f'{started} "{body}"'


def _single(text: str) -> str:
    """A word of a POSIX shell, which would read ``$``."""
    from shlex import quote

    return quote(text)
