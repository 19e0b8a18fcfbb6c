"""The shell provisioner: uploads a script, runs it on the machine, removes it."""

from __future__ import annotations

import asyncio
import random

from bakelift.runner import durations
from bakelift.runner.communicators import DISCONNECTED
from bakelift.runner.errors import BuildError, CommunicatorError
from bakelift.runner.steps import scripts
from bakelift.runner.steps.scripts import Script
from bakelift.translator.packer import checks, checks_steps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.runner.communicators import Communicator
    from bakelift.runner.settings import Settings
    from bakelift.runner.steps import StepContext

#: Seconds between tries to upload and start a script, or to remove it, on a machine that may be restarting.
RETRY_PAUSE = 2.0
_REMOVE_TRIES = 10

_UNEXPECTED = (
    "Script disconnected unexpectedly. If you expected your script to disconnect, i.e. from a restart, you can try "
    'adding `"expect_disconnect": true` or `"valid_exit_codes": [0, 2300218]` to the shell provisioner parameters.'
)


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
    name = settings.text("remote_file") or f"script_{random.randrange(9999)}.sh"
    path = settings.text("remote_path") or f"{folder}/{name}"
    binary = settings.boolean("binary")
    variables = scripts.environment(settings, context.environment)
    by_file = settings.boolean("use_env_var_file")
    pattern = settings.text("env_var_format") or ("export %s='%s'\n" if by_file else "%s='%s' ")
    flat = scripts.flatten(variables, pattern)
    variables_file = ""
    if by_file:
        variables_file = f"{folder}/varfile_{random.randrange(9999)}.sh"
        data = flat.encode("utf-8", "surrogateescape")
        await machine.upload(data if binary else scripts.unix_lines(data), variables_file, 0o600)
    for script in _scripts(settings, context):
        context.ui.say(f"Provisioning with shell script: {script.path}")
        data = script.data if binary else scripts.unix_lines(script.data)
        command = _command(settings, flat, path, variables_file)
        status = await _start(settings, context, machine, data, path, command)
        if status == DISCONNECTED:
            if not settings.boolean("expect_disconnect") and DISCONNECTED not in settings.integers("valid_exit_codes"):
                raise BuildError(_UNEXPECTED)
        else:
            scripts.check_status(settings, status, context.style.exit_status)
        if not settings.boolean("skip_clean"):
            await _remove(machine, path)
    if variables_file:
        await _remove(machine, variables_file)
    pause = settings.duration("pause_after")
    if pause:
        context.ui.say(f"Pausing {durations.go(pause)} after this provisioner...")
        await asyncio.sleep(pause)


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


async def _start(
    settings: Settings, context: StepContext, machine: Communicator, data: bytes, path: str, command: str
) -> int:
    """Uploads and runs; both again, every two seconds, as long as only *starting* fails. The script's exit status."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + settings.duration("start_retry_timeout", 300.0)
    while True:
        try:
            try:
                await machine.upload(data, path, 0o755)
            except CommunicatorError as error:
                raise CommunicatorError(f"Error uploading script: {error}") from error
            out, err = context.output()
            try:
                return await machine.run(command, out, err)
            finally:
                out.close()
                err.close()
        except CommunicatorError:
            if loop.time() + RETRY_PAUSE > deadline:
                raise
            await asyncio.sleep(RETRY_PAUSE)


async def _remove(machine: Communicator, path: str) -> None:
    """Removes a file of ours; the machine may be on its way back from a restart."""
    for left in reversed(range(_REMOVE_TRIES)):
        try:
            status = await machine.run(f"rm -f {path}")
        except CommunicatorError:
            if not left:
                raise
            status = DISCONNECTED
        if status == 0:
            return
        if status != DISCONNECTED:
            break
        await asyncio.sleep(RETRY_PAUSE)
    raise BuildError(f"Error removing temporary script at {path}: exit status {status}")
