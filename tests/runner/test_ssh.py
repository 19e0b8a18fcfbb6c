"""The way in over ssh, on a server in this process: no sshd is needed."""

from __future__ import annotations

import asyncio
import os

import asyncssh
import pytest

from bakelift.runner.communicators import DISCONNECTED
from bakelift.runner.communicators.sessions import RefusedLogin, Unreachable, open_session
from bakelift.runner.errors import BuildError, CommunicatorError
from bakelift.runner.targets import Artifact
from bakelift.runner.targets import ssh as ssh_target
from bakelift.runner.targets.ssh import Login, SshOptions, SshTarget
from bakelift.runner.ui import Ui
from bakelift.translator.files import Entry

HOST_KEY = asyncssh.generate_private_key("ssh-ed25519")
USER_KEY = asyncssh.generate_private_key("ssh-rsa")
PEM = USER_KEY.export_private_key("pkcs1-pem").decode()


async def _serve_command(process):
    """Runs a command with this machine's shell; ``vanish`` cuts the line, ``die`` ends by a signal."""
    if process.command == "vanish":
        process.channel.get_connection().abort()
        return
    if process.command == "die":
        process.exit_with_signal("KILL")
        return
    local = await asyncio.create_subprocess_shell(
        process.command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        out, err = await local.communicate(await process.stdin.read())
    except asyncio.CancelledError:
        local.kill()
        await local.wait()
        raise
    process.stdout.write(out)
    process.stderr.write(err)
    process.exit(local.returncode)


class Passwords(asyncssh.SSHServer):
    def password_auth_supported(self):
        return True

    def validate_password(self, username, password):
        return password == "right"


class Forwarding(asyncssh.SSHServer):
    def connection_requested(self, dest_host, dest_port, orig_host, orig_port):
        return True


def over_ssh(work, sftp=True, factory=None):
    """Runs a coroutine with the port of a server."""

    async def main():
        server = await asyncssh.listen(
            "127.0.0.1",
            0,
            server_factory=factory,
            server_host_keys=[HOST_KEY],
            authorized_client_keys=None
            if factory is Passwords
            else asyncssh.import_authorized_keys(USER_KEY.export_public_key().decode()),
            process_factory=_serve_command,
            encoding=None,
            sftp_factory=sftp,
        )
        try:
            return await asyncio.wait_for(work(server.get_port()), 20)
        finally:
            server.close()

    return asyncio.run(main())


def options(port, **more):
    login = {"key": PEM} if "password" not in more else {"password": more.pop("password")}
    return SshOptions(Login("127.0.0.1", port, "somebody", **login), **more)


def test_runs_commands():
    async def work(port):
        opened = await open_session(options(port))
        machine = opened.communicator
        out, err = bytearray(), bytearray()
        status = await machine.run("cat; echo oops >&2; exit 3", out.extend, err.extend, b"in\n")
        killed = await machine.run("die")
        await opened.close()
        return status, bytes(out), bytes(err), killed

    assert over_ssh(work) == (3, b"in\n", b"oops\n", 137)


@pytest.mark.parametrize("sftp", [True, False], ids=["sftp", "shell"])
def test_moves_files(tmp_path, sftp):
    tree = [
        Entry("sub", None, 0o755),
        Entry("sub/a b", b"\x00\xff", 0o640),
        Entry("sub/empty", b"", 0o600),
        Entry("sub/link", None, 0o777, "a b"),
    ]

    async def work(port):
        opened = await open_session(options(port))
        machine = opened.communicator
        await machine.upload(b"one", f"{tmp_path}/one", 0o750)
        await machine.upload(b"1", f"{tmp_path}/one", 0o644)
        await machine.upload_tree(tree, str(tmp_path))
        got = await machine.download(f"{tmp_path}/sub/a b"), await machine.download_tree(f"{tmp_path}/sub")
        problems = []
        for attempt in (
            machine.upload(b"", f"{tmp_path}/none/x"),
            machine.upload_tree(tree, f"{tmp_path}/none"),
            machine.download(f"{tmp_path}/none"),
        ):
            with pytest.raises(CommunicatorError) as raised:
                await attempt
            problems.append(str(raised.value))
        await opened.close()
        return got, problems

    ((data, mode), listed), problems = over_ssh(work, sftp)
    assert (tmp_path / "one").read_bytes() == b"1"
    assert (tmp_path / "one").stat().st_mode & 0o777 == 0o644
    assert (data, mode) == (b"\x00\xff", 0o640)
    assert os.readlink(tmp_path / "sub" / "link") == "a b"
    assert [(e.name, e.data, e.link) for e in listed] == [
        ("a b", b"\x00\xff", None),
        ("empty", b"", None),
        ("link", None, "a b"),
    ]
    assert problems[:2] == [f"scp: {tmp_path}/none: No such file or directory"] * 2
    assert "No such file or directory" in problems[2]


def test_a_broken_line_is_told_and_mended():
    async def work(port):
        opened = await open_session(options(port))
        machine = opened.communicator
        first = await machine.run("vanish")
        second = await machine.run("exit 5")
        await opened.close()
        return first, second

    assert over_ssh(work) == (DISCONNECTED, 5)


def test_being_cancelled_lets_go():
    async def work(port):
        opened = await open_session(options(port))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await opened.communicator.run("sleep 2")
        status = await opened.communicator.run("exit 0")
        await opened.close()
        return status

    assert over_ssh(work) == 0


def test_logs_in_with_a_password():
    async def work(port):
        opened = await open_session(options(port, password="right"))
        status = await opened.communicator.run("exit 4")
        await opened.close()
        with pytest.raises(RefusedLogin, match=r"attempted methods \[none password"):
            await open_session(options(port, password="wrong"))
        return status

    assert over_ssh(work, factory=Passwords) == 4


def test_logs_in_through_a_bastion():
    async def work(port):
        bastion = Login("127.0.0.1", port, "keeper", key=PEM)
        opened = await open_session(options(port, bastion=bastion))
        status = await opened.communicator.run("exit 6")
        await opened.close()
        return status

    assert over_ssh(work, factory=Forwarding) == 6


class Heard(Ui):
    def __init__(self):
        self.lines = []

    def say(self, text):
        self.lines.append(text)

    error = say


NULL = Artifact("fnoeding.null", "Null", "Did not export anything. This is the null builder", None)


def test_waits_for_a_host_that_is_not_up_yet(monkeypatch):
    monkeypatch.setattr(ssh_target, "RETRY_PAUSE", 0.05)

    async def main():
        with pytest.raises(Unreachable):
            await open_session(options(1))
        probe = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
        port = probe.sockets[0].getsockname()[1]
        probe.close()
        await probe.wait_closed()
        heard = Heard()
        target = SshTarget(options(port, timeout=10.0), NULL, classic=False)
        waiting = asyncio.create_task(target.prepare(heard))
        await asyncio.sleep(0.2)
        server = await asyncssh.listen(
            "127.0.0.1",
            port,
            server_host_keys=[HOST_KEY],
            authorized_client_keys=asyncssh.import_authorized_keys(USER_KEY.export_public_key().decode()),
            process_factory=_serve_command,
            encoding=None,
        )
        machine = await waiting
        await target.cleanup(heard)
        server.close()
        return machine, heard.lines

    machine, lines = asyncio.run(main())
    assert lines == [
        "Using SSH communicator to connect: 127.0.0.1",
        "Waiting for SSH to become available...",
        "Connected to SSH!",
    ]
    assert machine.data["ConnType"] == "ssh"
    assert machine.secrets == (PEM,)


def test_gives_up_in_time(monkeypatch):
    monkeypatch.setattr(ssh_target, "RETRY_PAUSE", 0.05)

    async def main():
        heard = Heard()
        with pytest.raises(BuildError, match=r"Timeout waiting for SSH\."):
            await SshTarget(options(1, timeout=0.3), NULL, classic=True).prepare(heard)
        return heard.lines

    assert asyncio.run(main())[-1] == "Timeout waiting for SSH."


def test_tells_how_far_large_files_are(tmp_path):
    large = os.urandom((3 << 20) + 5)
    heard = []

    async def work(port):
        opened = await open_session(options(port))
        machine = opened.communicator
        machine.progress = lambda *what: heard.append(what)
        await machine.upload(large, f"{tmp_path}/large", 0o640)
        await machine.upload(b"small", f"{tmp_path}/small")
        got = await machine.download(f"{tmp_path}/large")
        await opened.close()
        return got

    assert over_ssh(work) == (large, 0o640)
    assert (tmp_path / "large").read_bytes() == large
    total = len(large)
    assert heard[:4] == [("large", n << 20, total) for n in (1, 2, 3)] + [("large", total, total)]
    assert heard[-1] == ("large", total, total)
    assert not [what for what in heard if what[0] == "small"]


def test_a_host_that_is_still_away_is_no_end_of_the_build():
    """Steps try again while a machine restarts; what they hear of until then is a failure that they know."""

    async def main():
        server = await asyncssh.listen(
            "127.0.0.1",
            0,
            server_host_keys=[HOST_KEY],
            authorized_client_keys=asyncssh.import_authorized_keys(USER_KEY.export_public_key().decode()),
            process_factory=_serve_command,
            encoding=None,
        )
        port = server.get_port()
        opened = await open_session(options(port))
        assert await opened.communicator.run("exit 4") == 4
        server.close()
        await server.wait_closed()
        assert await opened.communicator.run("vanish") == DISCONNECTED
        for attempt in (
            lambda: opened.communicator.run("true"),
            lambda: opened.communicator.upload(b"", "/tmp/x"),
            lambda: opened.communicator.remove("/tmp/x"),
        ):
            with pytest.raises(CommunicatorError):
                await attempt()
        await opened.close()

    asyncio.run(main())
