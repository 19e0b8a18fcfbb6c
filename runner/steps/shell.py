"""The shell provisioner: uploads a script, runs it on the machine, removes it."""

from __future__ import annotations

import asyncio
import random

from bakelift.runner import durations
from bakelift.runner.errors import BuildError
from bakelift.runner.steps import remote, scripts
from bakelift.runner.steps.scripts import Script
from bakelift.translator.packer import checks, checks_steps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.runner.settings import Settings
    from bakelift.runner.steps import StepContext


def check(settings: Settings, context: StepContext) -> None:
    """Refuses what Packer refuses when it prepares."""
    checks.refuse(checks_steps.SHELL, settings, context.files)
    settings.texts("inline")
    settings.integers("valid_exit_codes")
    settings.duration("start_retry_timeout")
    settings.duration("pause_after")
    _command(settings, "", "", "")


async def run(settings: Settings, context: StepContext) -> None:
    machine = context.machine()
    folder = settings.text("remote_folder", "/tmp")
    # Packer has 9999 names: one that another user's script has left there cannot be written, and it tries for minutes.
    name = settings.text("remote_file") or f"script_{random.randrange(10**9)}.sh"
    path = settings.text("remote_path") or f"{folder}/{name}"
    binary = settings.boolean("binary")
    variables = scripts.environment(settings, context.environment)
    by_file = settings.boolean("use_env_var_file")
    pattern = settings.text("env_var_format") or ("export %s='%s'\n" if by_file else "%s='%s' ")
    flat = scripts.flatten(variables, pattern)
    variables_file = ""
    if by_file:
        variables_file = f"{folder}/varfile_{random.randrange(10**9)}.sh"
        data = flat.encode("utf-8", "surrogateescape")
        await machine.upload(data if binary else scripts.unix_lines(data), variables_file, 0o600)
    for script in _scripts(settings, context):
        context.ui.say(f"Provisioning with shell script: {script.path}")
        data = script.data if binary else scripts.unix_lines(script.data)
        command = _command(settings, flat, path, variables_file)
        status = await remote.start(settings, context, [(data, path, 0o755)], command)
        disconnected = remote.disconnected(settings, status)
        # A script that failed is removed as well. Packer leaves it there, where every user can read it.
        if not settings.boolean("skip_clean"):
            await remote.remove(machine, path)
        if not disconnected:
            await _check(settings, context, status, variables_file)
    if variables_file:
        await remote.remove(machine, variables_file)
    pause = settings.duration("pause_after")
    if pause:
        context.ui.say(f"Pausing {durations.go(pause)} after this provisioner...")
        await asyncio.sleep(pause)


async def _check(settings: Settings, context: StepContext, status: int, variables_file: str) -> None:
    """Raises when the script failed; the file of its environment does not stay either."""
    try:
        scripts.check_status(settings, status, context.style.exit_status)
    except BuildError:
        if variables_file:
            await remote.remove(context.machine(), variables_file)
        raise


def _scripts(settings: Settings, context: StepContext) -> list[Script]:
    if not settings.given("inline"):
        return [Script(path, context.files.read(path)) for path in scripts.script_paths(settings)]
    from bakelift.runner.steps.temporary import temporary_name

    text = scripts.inline_text(settings, settings.texts("inline"), own_shebang=context.style.messages_as_say)
    return [Script(temporary_name(), text, inline=True)]


def _command(settings: Settings, flat: str, path: str, variables_file: str) -> str:
    if settings.has("execute_command"):
        bound = settings.bind(scripts.command_symbols(Vars=flat, Path=path, EnvVarFile=variables_file))
        return bound.text("execute_command")
    if settings.boolean("use_env_var_file"):
        return f"chmod +x {path}; . {variables_file} && {path}"
    return f"chmod +x {path}; {flat} {path}"
