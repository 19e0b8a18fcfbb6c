"""The windows-shell provisioner: uploads a batch file and runs it with cmd."""

from __future__ import annotations

from bakelift.runner.steps import remote, scripts
from bakelift.runner.steps.scripts import Script
from bakelift.runner.steps.temporary import temporary_name
from bakelift.translator.packer import checks, checks_steps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.runner.settings import Settings
    from bakelift.runner.steps import StepContext


def check(settings: Settings, context: StepContext) -> None:
    """Refuses what Packer refuses when it prepares."""
    checks.refuse(checks_steps.RULES["windows-shell"], settings, context.files)
    settings.texts("inline")
    settings.integers("valid_exit_codes")
    settings.duration("start_retry_timeout")


async def run(settings: Settings, context: StepContext) -> None:
    """Its file stays there, as Packer leaves it; values are not quoted, as cmd has no way to."""
    context.ui.say("Provisioning with windows-shell...")
    path = settings.text("remote_path") or "c:/Windows/Temp/script.bat"
    pattern = settings.text("env_var_format") or 'set "%s=%s" && '
    variables = scripts.environment(settings, context.environment)
    flat = "".join(scripts.formatted(pattern, name, value) for name, value in variables.items())
    for script in _scripts(settings, context):
        context.ui.say(f"Provisioning with shell script: {script.path}")
        data = script.data
        if not settings.boolean("binary"):
            data = data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        if settings.has("execute_command"):
            command = settings.bind(scripts.command_symbols(Vars=flat, Path=path)).text("execute_command")
        else:
            command = f'{flat}"{path}"'
        status = await remote.start(settings, context, [(data, path, 0o644)], command)
        scripts.check_status(settings, status, context.style.exit_status)


def _scripts(settings: Settings, context: StepContext) -> list[Script]:
    if not settings.given("inline"):
        return [Script(path, context.files.read(path)) for path in scripts.script_paths(settings)]
    text = "".join(f"{line}\n" for line in settings.texts("inline"))
    name = temporary_name().replace("packer-shell", "windows-shell-provisioner")
    return [Script(name, text.encode("utf-8", "surrogateescape"), inline=True)]
