"""What steps share that run scripts on a machine: uploading and starting, without secrets in arguments; removing."""

from __future__ import annotations

import asyncio
import random
import re

from bakelift.runner.communicators import DISCONNECTED
from bakelift.runner.errors import BuildError, CommunicatorError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from bakelift.runner.communicators import Communicator
    from bakelift.runner.settings import Settings
    from bakelift.runner.steps import StepContext

#: Seconds between tries to upload and start a script, or to remove it, on a machine that may be restarting; and how
#: long it may take to come back.
RETRY_PAUSE = 2.0
PATIENCE = 300.0

#: Runs the command that comes on stdin in the login shell: what stands there is in no list of processes.
FROM_STDIN = 'eval "$(cat)"'

#: A path that a shell does not read as anything else.
_PLAIN = re.compile(r"[A-Za-z0-9_./:-]+\Z").match

_UNEXPECTED = (
    "Script disconnected unexpectedly. If you expected your script to disconnect, i.e. from a restart, you can try "
    'adding `"expect_disconnect": true` or `"valid_exit_codes": [0, 2300218]` to the shell provisioner parameters.'
)


async def start(
    settings: Settings, context: StepContext, uploads: Sequence[tuple[bytes, str, int]], command: str
) -> int:
    """Uploads files (data, path, mode) and runs a command; all again, every two seconds, as long as only *starting*
    fails, until ``start_retry_timeout``. The command's exit status; its output is said.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + settings.duration("start_retry_timeout", PATIENCE)
    machine = context.machine()
    while True:
        try:
            for data, path, mode in uploads:
                try:
                    await machine.upload(data, path, mode)
                except CommunicatorError as error:
                    raise CommunicatorError(f"Error uploading script: {error}") from error
            return await run(context, command)
        except CommunicatorError:
            if loop.time() + RETRY_PAUSE > deadline:
                raise
            await asyncio.sleep(RETRY_PAUSE)


async def run(context: StepContext, command: str) -> int:
    """Runs a command and says its output; its exit status. A command that holds a secret is not seen by other users."""
    machine = context.machine()
    secret = context.redactor is not None and context.redactor(command) != command
    out, err = context.output()
    try:
        if not secret or getattr(machine, "windows", False):
            return await machine.run(command, out, err)
        data = command.encode("utf-8", "surrogateescape")
        if not getattr(machine, "terminal", False):
            return await machine.run(FROM_STDIN, out, err, data)
        # A terminal would show what it is sent.
        path = f"/tmp/command_{random.randrange(10**6)}.sh"
        await machine.upload(data, path, 0o600)
        status = await machine.run(f". {path}", out, err)
        await remove(machine, path)
        return status
    finally:
        out.close()
        err.close()


def disconnected(settings: Settings, status: int) -> bool:
    """Whether the line was cut, as the settings allow. Raises BuildError when they do not."""
    if status != DISCONNECTED:
        return False
    if not settings.boolean("expect_disconnect") and DISCONNECTED not in settings.integers("valid_exit_codes"):
        raise BuildError(_UNEXPECTED)
    return True


async def remove(machine: Communicator, path: str) -> None:
    """Removes a file of ours; the machine may be on its way back from a restart."""
    # Over ssh it costs less to ask sftp than to start a shell and rm.
    by_protocol = getattr(machine, "remove", None)
    windows = getattr(machine, "windows", False)
    loop = asyncio.get_running_loop()
    deadline = loop.time() + PATIENCE
    while True:
        try:
            if by_protocol is not None and _PLAIN(path) and await by_protocol(path):
                return
            status = await machine.run(f'del /f /q "{path}"' if windows else f"rm -f {path}")
        except CommunicatorError:
            if loop.time() > deadline:
                raise
            status = DISCONNECTED
        if status == 0:
            return
        if status != DISCONNECTED or loop.time() > deadline:
            break
        await asyncio.sleep(RETRY_PAUSE)
    raise BuildError(f"Error removing temporary script at {path}: exit status {status}")
