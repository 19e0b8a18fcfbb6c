"""The way into a sandbox: commands and files of a view of its layers, which is started again when it has ended.

Nothing is written from outside, so a link that a step made leads nowhere but into the view.
"""

from __future__ import annotations

import contextlib
import posixpath

from bakelift.runner.errors import BuildError, CommunicatorError
from bakelift.runner.targets.sandbox import wire
from bakelift.translator.files import Entry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bakelift.runner.communicators import Listener
    from bakelift.runner.targets.sandbox.view import View

_READ = 'stat -L -c %a -- "$1" && exec cat -- "$1"'
_UNPACK = """cd "$1" || exit
keep=; tar --version 2>/dev/null | grep -q GNU && keep=--keep-directory-symlink
exec tar -x -p -o $keep -f -"""
_PACK = 'cd "$1" && exec tar -c -f - .'


class SandboxCommunicator:
    """See :class:`bakelift.runner.communicators.Communicator`. ``start`` starts a view of the layers as they are."""

    def __init__(self, start: Callable[[], View], home: str = "/root") -> None:
        self._start = start
        self._home = home
        self._view: View | None = None
        self._stopped = ""

    async def stop(self, reason: str) -> None:
        """Ends what runs; the command that does fails with the reason."""
        self._stopped = reason
        await self.close()

    def open(self) -> View:
        """The view that commands run in; it may still be starting."""
        if self._view is not None and self._view.ended:
            self._view.let_go()
            self._view = None
        if self._view is None:
            self._view = self._start()
        return self._view

    async def run(
        self,
        command: str,
        stdout: Listener | None = None,
        stderr: Listener | None = None,
        stdin: bytes | None = None,
    ) -> int:
        status = await self.open().run(wire.RUN, ("/bin/sh", "-c", command), stdout, stderr, stdin)
        self._heed()
        return status

    def _heed(self) -> None:
        """Raises BuildError when a limit of the build has ended what ran."""
        if self._stopped:
            reason, self._stopped = self._stopped, ""
            raise BuildError(reason)

    async def running(self) -> list[str]:
        """The names of the programs that run in the view."""
        return [] if self._view is None or self._view.ended else await self._view.running()

    async def upload(self, data: bytes, path: str, mode: int = 0o644) -> None:
        words = (self._absolute(path), f"{mode & 0o7777:o}")
        await self._do(f"write {path}", wire.WRITE, words, data)

    async def upload_tree(self, entries: Sequence[Entry], directory: str) -> None:
        from bakelift.runner.communicators import archive

        await self._shell(f"write below {directory}", _UNPACK, self._absolute(directory), stdin=archive.pack(entries))

    async def download(self, path: str) -> tuple[bytes, int]:
        data = await self._shell(f"read {path}", _READ, self._absolute(path))
        mode, _, content = data.partition(b"\n")
        return content, int(mode, 8)

    async def download_tree(self, directory: str) -> list[Entry]:
        from bakelift.runner.communicators import archive

        return archive.unpack(await self._shell(f"read below {directory}", _PACK, self._absolute(directory)))

    async def close(self) -> None:
        """Ends all inside; its mounts stay until :meth:`leave`, or the next command."""
        if self._view is not None:
            await self._view.end()

    async def leave(self) -> None:
        """Lets the mounts go, after :meth:`close`."""
        if self._view is not None:
            view, self._view = self._view, None
            with contextlib.suppress(OSError):
                await view.leave()

    async def _shell(self, doing: str, script: str, *words: str, stdin: bytes | None = None) -> bytes:
        """Runs a script of ours; its standard output."""
        return await self._do(doing, wire.RUN, ("/bin/sh", "-c", script, "sh", *words), stdin)

    async def _do(self, doing: str, kind: bytes, words: Sequence[str], stdin: bytes | None) -> bytes:
        output, problems = bytearray(), bytearray()
        status = await self.open().run(kind, words, output.extend, problems.extend, stdin)
        self._heed()
        if status:
            lines = problems.decode("utf-8", "replace").strip().splitlines()
            reason = lines[-1].removeprefix("sh: ") if lines else f"exit status {status}"
            raise CommunicatorError(f"Cannot {doing} in the sandbox: {reason}")
        return bytes(output)

    def _absolute(self, path: str) -> str:
        """A relative path is relative to the login's home, as over sftp."""
        return posixpath.join(self._home, path)
