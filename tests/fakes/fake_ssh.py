"""A machine that ssh reaches on loopback, in a thread of the test: it lets in who has a key that it was told, and runs
commands with this machine's shell in a folder of its own, or, where it only listens, runs nothing.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import asyncssh


class Host:
    """``keys``: who is let in; ``users``: who came; ``commands``: what was run; ``runs``: whether it is.

    ``box``: words before a shell that runs commands, which sees the folder's ``tmp`` as its own.
    """

    def __init__(self, folder: Path, runs: bool) -> None:
        self.folder = folder
        self.runs = runs
        self.box: list[str] = []
        self.uploads: dict[str, bytes] = {}
        self.keys: list[str] = []
        self.users: list[str] = []
        self.commands: list[str] = []
        self.password = ""
        self.port = 0
        self.connections: list[asyncssh.SSHServerConnection] = []

    def set_password(self, password: str) -> None:
        self.password = password

    def authorize(self, line: str) -> None:
        self.keys.append(line)


class _Server(asyncssh.SSHServer):
    def __init__(self, host: Host) -> None:
        self._host = host

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._host.connections.append(conn)

    def begin_auth(self, username: str) -> bool:
        self._host.users.append(username)
        return True

    def password_auth_supported(self) -> bool:
        return bool(self._host.password)

    def validate_password(self, username: str, password: str) -> bool:
        return password == self._host.password

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return any(asyncssh.import_public_key(line) == key for line in self._host.keys)


class _Files(asyncssh.SFTPServer):
    """Everything below the folder of the host: nothing is written elsewhere."""

    def __init__(self, channel: Any, host: Host) -> None:
        super().__init__(channel, chroot=str(host.folder).encode())
        self._host = host

    def close(self, file_obj: Any) -> None:
        name = getattr(file_obj, "name", b"")
        super().close(file_obj)
        place = Path(name.decode() if isinstance(name, bytes) else str(name))
        if place.is_file():
            self._host.uploads[f"/{place.relative_to(self._host.folder)}"] = place.read_bytes()


async def _serve(process: asyncssh.SSHServerProcess[bytes], host: Host) -> None:
    command = str(process.command)
    host.commands.append(command)
    if not host.runs:
        process.exit(0)
        return
    # Files of /tmp are in the folder.
    words = [*host.box, command] if host.box else ["/bin/sh", "-c", command.replace("/tmp/", f"{host.folder}/tmp/")]
    local = await asyncio.create_subprocess_exec(
        *words,
        cwd=host.folder,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        out, err = await local.communicate(await process.stdin.read())
    except BaseException:
        # With all that it began: whoever has its pipes keeps them open beyond the loop that reads them.
        with suppress(ProcessLookupError):
            os.killpg(local.pid, signal.SIGKILL)
        await local.communicate()
        raise
    process.stdout.write(out)
    process.stderr.write(err)
    process.exit(local.returncode or 0)


@contextmanager
def machine(folder: Path, runs: bool = True) -> Iterator[Host]:
    """The host, until the context ends."""
    host = Host(folder, runs)
    (folder / "tmp").mkdir(parents=True, exist_ok=True)
    started, ended = threading.Event(), threading.Event()

    async def serve() -> None:
        server = await asyncssh.listen(
            "127.0.0.1",
            0,
            server_factory=lambda: _Server(host),
            server_host_keys=[asyncssh.generate_private_key("ssh-ed25519")],
            process_factory=lambda process: _serve(process, host),
            sftp_factory=lambda channel: _Files(channel, host),
            encoding=None,
        )
        host.port = server.get_port()
        started.set()
        await asyncio.to_thread(ended.wait)
        server.close()
        for connection in host.connections:
            connection.abort()

    # At its end ``run`` cancels the commands that still run, and waits for them.
    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert started.wait(10)
    try:
        yield host
    finally:
        ended.set()
        thread.join(5)
        assert not thread.is_alive()
