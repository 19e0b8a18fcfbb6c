"""shell-local, as provisioner and as post-processor: a script on the machine that runs the build."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
from contextlib import ExitStack

from bakelift.runner.errors import BuildError
from bakelift.runner.steps import scripts
from bakelift.runner.steps.scripts import Script
from bakelift.runner.steps.temporary import temporary_name, temporary_script
from bakelift.translator.packer import checks, checks_steps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bakelift.runner.settings import Settings
    from bakelift.runner.steps import StepContext

#: What a shell takes for a variable.
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z").match

#: Seconds that a cancelled program gets to end by itself.
PATIENCE = 5.0


def check(settings: Settings, context: StepContext) -> None:
    """Refuses what Packer refuses when it prepares."""
    checks.refuse(checks_steps.SHELL_LOCAL, settings, context.files)
    settings.integers("valid_exit_codes")
    if not context.local:
        raise settings.failure(
            "build/local-not-allowed",
            "shell-local would run a script of the template on this machine",
            "-allow-local lets it. In a sandbox a shell-local provisioner runs inside of it, without being asked.",
        )


async def run(settings: Settings, context: StepContext) -> None:
    import sys

    only_on = settings.texts("only_on")
    if only_on and sys.platform not in only_on:
        context.ui.say("Skipping shell-local due to runtime OS")
        return
    variables = scripts.environment(settings, context.environment)
    flat = scripts.flatten(variables, settings.text("env_var_format") or "%s='%s' ")
    if context.local == "machine":
        await _run_on_machine(settings, context, flat)
        return
    with ExitStack() as files:
        for script in _scripts(settings, context, files):
            await _run_script(settings, context, script, flat, variables)


async def _run_on_machine(settings: Settings, context: StepContext, flat: str) -> None:
    """The same on the machine that is being made: each script is uploaded, run and removed."""
    import shlex

    from bakelift.runner.steps import remote

    lines = [settings.text("command")] if settings.given("command") else settings.texts("inline")
    if lines:
        text = scripts.inline_text(settings, lines, own_shebang=context.style.messages_as_say)
        listed = [Script(temporary_name(settings.text("tempfile_extension")), text)]
    else:
        listed = [Script(path, context.files.read(path)) for path in scripts.script_paths(settings)]
    for script in listed:
        context.ui.say(f"Running local shell script: {script.path}")
        path = f"/tmp/{os.path.basename(script.path)}"
        command = f"{flat} {path}"
        if settings.has("execute_command"):
            holes = scripts.command_symbols(Vars=flat, Script=path, Command=path)
            command = shlex.join(settings.bind(holes).texts("execute_command"))
        status = await remote.start(settings, context, [(script.data, path, 0o700)], command)
        await remote.remove(context.machine(), path)
        scripts.check_status(settings, status, context.style.exit_status)


def _scripts(settings: Settings, context: StepContext, files: ExitStack) -> list[Script]:
    """The scripts, as files of this machine: a template's own files where they are, inline text in a temporary one."""
    lines = [settings.text("command")] if settings.given("command") else settings.texts("inline")
    if lines:
        text = scripts.inline_text(settings, lines, own_shebang=context.style.messages_as_say)
        return [Script(files.enter_context(temporary_script(text, settings.text("tempfile_extension"))), text, True)]
    found = []
    for path in scripts.script_paths(settings):
        place = context.files.find(path)
        found.append(Script(os.path.abspath(place.path if place else path), b""))
    return found


async def _run_script(
    settings: Settings, context: StepContext, script: Script, flat: str, variables: dict[str, str]
) -> None:
    context.ui.say(f"Running local shell script: {script.path}")
    command = ["/bin/sh", "-c", f"{flat} {script.path}"]
    environment = None
    if not settings.has("env_var_format") and all(map(_NAME, variables)):
        # Values stay out of the arguments, which everybody on this machine may read.
        command, environment = ["/bin/sh", "-c", script.path], {**os.environ, **variables}
    if settings.has("execute_command"):
        holes = scripts.command_symbols(Vars=flat, Script=script.path, Command=script.path)
        command, environment = settings.bind(holes).texts("execute_command"), None
    out, err = context.output()
    try:
        status = await run_local(command, out, err, environment)
    except OSError as error:
        raise BuildError(
            f"Error executing script: {script.path}\n\nPlease see output above for more information."
        ) from error
    finally:
        out.close()
        err.close()
    scripts.check_status(settings, status, context.style.exit_status)


async def run_local(
    command: list[str],
    out: Callable[[bytes], None],
    err: Callable[[bytes], None],
    environment: Mapping[str, str] | None = None,
) -> int:
    """Runs a program of this machine in the current folder; its exit status. Cancelled, it ends the program."""
    starting = asyncio.ensure_future(
        asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
            env=environment,
        )
    )
    try:
        process = await asyncio.shield(starting)
    except asyncio.CancelledError:
        # It is on its way: cancelling would let go of it, and it would run on.
        await _end(await starting)
        raise
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        await asyncio.gather(_pump(process.stdout, out), _pump(process.stderr, err))
        status = await process.wait()
    except asyncio.CancelledError:
        await _end(process)
        raise
    return status if status >= 0 else 128 - status


async def _pump(stream: asyncio.StreamReader, hear: Callable[[bytes], None]) -> None:
    while data := await stream.read(65536):
        hear(data)


async def _end(process: asyncio.subprocess.Process) -> None:
    """Ends a program and what it started: asks first, and makes sure some seconds later."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await process.wait()
                return
