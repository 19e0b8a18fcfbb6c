"""The way into a sandbox: each command is a process in the view; files go through its standard input and output.

Nothing is written from outside, so a link that a step made leads nowhere but into the view.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import posixpath

from bakelift.runner.communicators import DISCONNECTED
from bakelift.runner.errors import CommunicatorError
from bakelift.translator.files import Entry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from bakelift.runner.communicators import Listener
    from bakelift.runner.targets.sandbox.engine import Engine

#: Bytes of output handed on at a time.
PIECE = 1 << 16

_WRITE = 'cat >"$1" && chmod "$2" "$1"'
_READ = 'stat -L -c %a -- "$1" && exec cat -- "$1"'
_UNPACK = """cd "$1" || exit
keep=; tar --version 2>/dev/null | grep -q GNU && keep=--keep-directory-symlink
exec tar -x -p -o $keep -f -"""
_PACK = 'cd "$1" && exec tar -c -f - .'


class SandboxCommunicator:
    """See :class:`bakelift.runner.communicators.Communicator`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._running: set[asyncio.subprocess.Process] = set()

    async def run(
        self,
        command: str,
        stdout: Listener | None = None,
        stderr: Listener | None = None,
        stdin: bytes | None = None,
    ) -> int:
        return await self._spawn(("/bin/sh", "-c", command), stdout, stderr, stdin)

    async def upload(self, data: bytes, path: str, mode: int = 0o644) -> None:
        await self._shell(f"write {path}", _WRITE, _absolute(path), f"{mode & 0o7777:o}", stdin=data)

    async def upload_tree(self, entries: Sequence[Entry], directory: str) -> None:
        from bakelift.runner.targets.sandbox import archive

        await self._shell(f"write below {directory}", _UNPACK, _absolute(directory), stdin=archive.pack(entries))

    async def download(self, path: str) -> tuple[bytes, int]:
        data = await self._shell(f"read {path}", _READ, _absolute(path))
        mode, _, content = data.partition(b"\n")
        return content, int(mode, 8)

    async def download_tree(self, directory: str) -> list[Entry]:
        from bakelift.runner.targets.sandbox import archive

        return archive.unpack(await self._shell(f"read below {directory}", _PACK, _absolute(directory)))

    async def close(self) -> None:
        for process in tuple(self._running):
            _kill(process)
            await process.wait()

    async def _shell(self, doing: str, script: str, *words: str, stdin: bytes | None = None) -> bytes:
        """Runs a script of ours; its standard output."""
        output, problems = bytearray(), bytearray()
        status = await self._spawn(("/bin/sh", "-c", script, "sh", *words), output.extend, problems.extend, stdin)
        if status:
            lines = problems.decode("utf-8", "replace").strip().splitlines()
            reason = lines[-1].removeprefix("sh: ") if lines else f"exit status {status}"
            raise CommunicatorError(f"Cannot {doing} in the sandbox: {reason}")
        return bytes(output)

    async def _spawn(
        self, words: Sequence[str], stdout: Listener | None, stderr: Listener | None, stdin: bytes | None
    ) -> int:
        report, report_end = os.pipe()
        try:
            process = await asyncio.create_subprocess_exec(
                *self._engine.command(*words, status_fd=report_end),
                stdin=asyncio.subprocess.DEVNULL if stdin is None else asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                pass_fds=(*self._engine.keep_open, report_end),
                cwd="/",
                env={},
            )
        except OSError as error:
            os.close(report)
            raise CommunicatorError(f"The sandbox could not be started: {error.strerror}") from error
        finally:
            os.close(report_end)
        problems = bytearray()

        def heard(data: bytes) -> None:
            if len(problems) < PIECE:
                problems.extend(data)
            if stderr is not None:
                stderr(data)

        self._running.add(process)
        try:
            await asyncio.gather(
                _feed(process.stdin, stdin), _pump(process.stdout, stdout), _pump(process.stderr, heard)
            )
            status = await process.wait()
            said = os.read(report, PIECE)
        except BaseException:
            _kill(process)
            await asyncio.shield(process.wait())
            raise
        finally:
            self._running.discard(process)
            os.close(report)
        if b'"exit-code"' in said:
            return status
        if status < 0:
            return DISCONNECTED
        reason = problems.decode("utf-8", "replace").strip().removeprefix("bwrap: ")
        raise CommunicatorError(f"The sandbox could not be started: {reason or f'bubblewrap ended with {status}'}")


async def _feed(stream: asyncio.StreamWriter | None, data: bytes | None) -> None:
    if stream is None:
        return
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        stream.write(data or b"")
        await stream.drain()
    stream.close()


async def _pump(stream: asyncio.StreamReader | None, listener: Listener | None) -> None:
    if stream is None:
        return
    while piece := await stream.read(PIECE):
        if listener is not None:
            listener(piece)


def _kill(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.kill()


def _absolute(path: str) -> str:
    """A relative path is relative to the login's home, as over sftp."""
    return posixpath.join("/root", path)
