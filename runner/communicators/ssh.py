"""ssh: one connection for all commands and files of a build, made again when it broke.

The host is not verified, as in Packer: its key was made a moment ago. Files go by sftp, and where the server has none,
by the machine's own ``cat`` and ``tar``. The wording of failures is scp's, which people know from Packer's logs.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import posixpath
import select
import signal

from bakelift.runner.communicators import DISCONNECTED
from bakelift.runner.communicators import shell_files as by_shell
from bakelift.runner.communicators.library import asyncssh
from bakelift.runner.errors import CommunicatorError
from bakelift.translator.files import Entry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from typing import Any

    from bakelift.runner.communicators import Listener

#: Files go in pieces of this many bytes, so that one can tell how far they are.
_PIECE = 1 << 20

#: Seconds that a server gets to say goodbye.
_FAREWELL = 2.0

_FAILURES = (OSError, asyncssh.Error, asyncio.TimeoutError)


class SshCommunicator:
    """``connect`` makes a connection; the first one may be given. ``pty``: commands get a terminal."""

    def __init__(
        self,
        connect: Callable[[], Awaitable[asyncssh.SSHClientConnection]],
        connection: asyncssh.SSHClientConnection | None = None,
        pty: bool = False,
    ) -> None:
        self._connect = connect
        self._connection = connection
        self._pty = pty
        self._windows = False
        self._sftp: asyncssh.SFTPClient | None = None
        self._no_sftp = False
        self.terminal = pty
        #: Hears of large files on their way: what, bytes so far, bytes in all.
        self.progress: Callable[[str, int, int], None] | None = None

    @property
    def windows(self) -> bool:
        """Whether the server is OpenSSH for Windows, whose commands are cmd's or PowerShell's."""
        if self._connection is not None:
            self._windows = "Windows" in str(self._connection.get_extra_info("server_version", ""))
        return self._windows

    async def run(
        self,
        command: str,
        stdout: Listener | None = None,
        stderr: Listener | None = None,
        stdin: bytes | None = None,
    ) -> int:
        connection = await self._live()
        try:
            channel, _ = await connection.create_session(
                lambda: _Session(stdout, stderr),
                command,
                encoding=None,
                term_type="xterm" if self._pty else None,
                term_size=(80, 40) if self._pty else None,
            )
        except _FAILURES as error:
            raise CommunicatorError(f"could not start the command: {error}") from error
        try:
            if stdin is not None:
                channel.write(stdin)
            if not self._pty:
                channel.write_eof()
            await channel.wait_closed()
        except asyncio.CancelledError:
            _end(channel)
            raise
        except _FAILURES:
            return DISCONNECTED
        return _status(channel)

    async def upload(self, data: bytes, path: str, mode: int = 0o644) -> None:
        sftp = await self._files()
        path = _home(path)
        if sftp is None:
            return await by_shell.upload(self, data, path, mode)
        try:
            attributes = asyncssh.SFTPAttrs(permissions=mode)
            async with sftp.open(path, "wb", attributes) as file:
                # Neither waits for the answer to the other: both are one way there and back.
                await _together(file.setstat(attributes), file.write(data[:_PIECE], 0))
                for start in range(_PIECE, len(data), _PIECE):
                    self._moved(path, start, len(data))
                    await file.write(data[start : start + _PIECE], start)
                self._moved(path, len(data), len(data))
        except asyncssh.SFTPNoSuchFile as error:
            raise CommunicatorError(f"scp: {posixpath.dirname(path) or path}: No such file or directory") from error
        except _FAILURES as error:
            raise await self._trouble(sftp, path, error) from error
        return None

    async def remove(self, path: str) -> bool:
        """Removes a file by sftp; one that is not there is no error. False: sftp could not, so a command has to."""
        sftp = await self._files()
        if sftp is None:
            return False
        try:
            await sftp.remove(_home(path))
        except asyncssh.SFTPNoSuchFile:
            return True
        except asyncssh.SFTPError:
            return False
        except _FAILURES as error:
            raise await self._trouble(sftp, path, error) from error
        return True

    async def upload_tree(self, entries: Sequence[Entry], directory: str) -> None:
        sftp = await self._files()
        directory = _home(directory)
        if sftp is None:
            return await by_shell.upload_tree(self, entries, directory)
        path = directory
        try:
            if not await sftp.isdir(directory):
                raise CommunicatorError(f"scp: {directory}: No such file or directory")
            for entry in entries:
                path = posixpath.join(directory, entry.name)
                if entry.link is not None:
                    await sftp.symlink(entry.link, path)
                elif entry.data is not None:
                    await self.upload(entry.data, path, entry.mode & 0o7777)
                elif not await sftp.isdir(path):
                    await sftp.mkdir(path, asyncssh.SFTPAttrs(permissions=entry.mode & 0o7777))
        except _FAILURES as error:
            raise await self._trouble(sftp, path, error) from error
        return None

    async def download(self, path: str) -> tuple[bytes, int]:
        sftp = await self._files()
        path = _home(path)
        if sftp is None:
            return await by_shell.download(self, path)
        try:
            async with sftp.open(path, "rb") as file:
                status = await file.stat()
                total, data = status.size or 0, bytearray()
                while piece := await file.read(_PIECE, len(data)):
                    assert isinstance(piece, bytes)
                    data += piece
                    self._moved(path, len(data), total)
                self._moved(path, total, total)
                return bytes(data), (status.permissions or 0o644) & 0o7777
        except asyncssh.SFTPNoSuchFile as error:
            raise CommunicatorError(f"scp: {path}: No such file or directory") from error
        except _FAILURES as error:
            raise await self._trouble(sftp, path, error) from error

    async def download_tree(self, directory: str) -> list[Entry]:
        sftp = await self._files()
        directory = _home(directory)
        if sftp is None:
            return await by_shell.download_tree(self, directory)
        found: list[Entry] = []
        await self._collect(sftp, directory, "", found)
        return found

    async def shell(self, keys: int, screen: int) -> None:
        """Hands the terminal of two file descriptors to a login shell, until it ends."""
        connection = await self._live()
        loop = asyncio.get_running_loop()
        size = os.get_terminal_size(screen)
        try:
            channel, _ = await connection.create_session(
                lambda: _Session(lambda data: _write_all(screen, data), lambda data: _write_all(screen, data)),
                encoding=None,
                term_type=os.environ.get("TERM", "xterm"),
                term_size=(size.columns, size.lines),
            )
        except _FAILURES as error:
            raise CommunicatorError(str(error)) from error

        def typed() -> None:
            data = os.read(keys, 4096)
            if data:
                channel.write(data)
            else:
                loop.remove_reader(keys)
                channel.write_eof()

        loop.add_reader(keys, typed)
        try:
            await channel.wait_closed()
        finally:
            loop.remove_reader(keys)

    async def close(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            await let_go(connection)

    def _moved(self, path: str, done: int, total: int) -> None:
        if self.progress is not None and total > _PIECE:
            self.progress(posixpath.basename(path), done, total)

    async def _collect(self, sftp: asyncssh.SFTPClient, directory: str, below: str, found: list[Entry]) -> None:
        try:
            listed = await sftp.readdir(directory)
        except _FAILURES as error:
            raise await self._trouble(sftp, directory, error) from error
        for item in sorted(listed, key=lambda item: str(item.filename)):
            name = str(item.filename)
            if name in {".", ".."}:
                continue
            path, shown = posixpath.join(directory, name), f"{below}{name}"
            mode = (item.attrs.permissions or 0o644) & 0o7777
            if item.attrs.type == asyncssh.FILEXFER_TYPE_SYMLINK:
                found.append(Entry(shown, None, mode, str(await sftp.readlink(path))))
            elif item.attrs.type == asyncssh.FILEXFER_TYPE_DIRECTORY:
                found.append(Entry(shown, None, mode))
                await self._collect(sftp, path, f"{shown}/", found)
            elif item.attrs.type == asyncssh.FILEXFER_TYPE_REGULAR:
                found.append(Entry(shown, *await self.download(path)))

    async def _live(self) -> asyncssh.SSHClientConnection:
        """The connection; a new one when the machine went away in the meantime."""
        if self._connection is None or self._connection.is_closed():
            self._sftp = None
            try:
                self._connection = await self._connect()
            except _FAILURES as error:
                raise CommunicatorError(f"could not connect: {error}") from error
        return self._connection

    async def _files(self) -> asyncssh.SFTPClient | None:
        """sftp over the connection; None where the server does not offer it."""
        connection = await self._live()
        if self._sftp is None and not self._no_sftp:
            try:
                self._sftp = await connection.start_sftp_client()
            except (asyncssh.ChannelOpenError, asyncssh.SFTPError) as error:
                if connection.is_closed():
                    raise CommunicatorError(f"could not start sftp: {error}") from error
                self._no_sftp = True
            except _FAILURES as error:
                raise CommunicatorError(f"could not start sftp: {error}") from error
        return self._sftp

    async def _trouble(self, sftp: asyncssh.SFTPClient, path: str, error: Any) -> CommunicatorError:
        """What to say of a failed transfer. Servers only say "Failure" of many things; a folder is the common one."""
        reason = {
            asyncssh.SFTPPermissionDenied: "Permission denied",
            asyncssh.SFTPNoSuchFile: "No such file or directory",
        }.get(type(error))
        if reason is None:
            try:
                reason = "Is a directory" if await sftp.isdir(path) else str(error)
            except _FAILURES:
                reason = str(error)
        return CommunicatorError(f"scp: {path}: {reason}")


class _Session(asyncssh.SSHClientSession[bytes]):
    """Passes output on as it comes."""

    def __init__(self, stdout: Listener | None, stderr: Listener | None) -> None:
        self._listeners = {None: stdout, asyncssh.EXTENDED_DATA_STDERR: stderr}

    def data_received(self, data: bytes, datatype: int | None) -> None:
        listener = self._listeners.get(datatype)
        if listener is not None:
            listener(data)


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        try:
            data = data[os.write(descriptor, data) :]
        except BlockingIOError:
            select.select((), (descriptor,), ())


async def let_go(connection: asyncssh.SSHClientConnection) -> None:
    """Closes a connection, and waits a moment for its socket to be closed, so that nothing of it outlives the build."""
    connection.close()
    with contextlib.suppress(*_FAILURES):
        async with asyncio.timeout(_FAREWELL):
            await connection.wait_closed()


async def _together(*requests: Awaitable[object]) -> None:
    """Sends requests in order without waiting between them; all are over when the first failure is raised."""
    for result in await asyncio.gather(*requests, return_exceptions=True):
        if isinstance(result, BaseException):
            raise result


def _status(channel: asyncssh.SSHClientChannel[bytes]) -> int:
    killed = channel.get_exit_signal()
    if killed is not None:
        number = getattr(signal, f"SIG{killed[0]}", None)
        return 128 + int(number) if number is not None else 255
    status = channel.get_exit_status()
    return DISCONNECTED if status is None else status


def _end(channel: asyncssh.SSHClientChannel[bytes]) -> None:
    """Asks the server to end the command, and lets go of it."""
    try:
        channel.terminate()
        channel.close()
    except (OSError, asyncssh.Error):
        return


def _home(path: str) -> str:
    """A path as sftp has it: ``~/x`` means the same as ``x``; a drive of Windows stands below the root."""
    if path[1:2] == ":" and path[:1].isalpha():
        return "/" + path.replace("\\", "/")
    return path[2:] if path.startswith("~/") else path
