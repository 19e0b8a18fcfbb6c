"""Hosts that the command line names: their address, the user's keys, and which host key they have to show."""

from __future__ import annotations

import asyncio

import asyncssh
import pytest

from bakelift.runner.communicators.sessions import RefusedLogin, WrongHost, open_session
from bakelift.runner.errors import BuildError
from bakelift.runner.settings import Settings
from bakelift.runner.targets import Artifact, SshHost
from bakelift.runner.targets.ssh import SshTarget
from bakelift.runner.targets.ssh_host import options_for
from bakelift.runner.ui import Ui
from bakelift.translator.diagnostics import TemplateError
from bakelift.translator.plan.scope import Scope

from .test_ssh import HOST_KEY, PEM, USER_KEY, over_ssh

FINGERPRINT = HOST_KEY.convert_to_public().get_fingerprint()
PUBLIC = HOST_KEY.export_public_key().decode().strip()


def options(address, **more):
    return options_for(SshHost(address, **more), Settings({}, Scope()))


@pytest.fixture
def home(tmp_path, monkeypatch):
    """The user's home: empty, without an agent."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    (tmp_path / ".ssh").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("web1", ("web1", 22)),
        ("me@web1:2222", ("web1", 2222)),
        ("me@[::1]:22", ("::1", 22)),
        ("dom\\me@10.0.0.1", ("10.0.0.1", 22)),
    ],
)
def test_addresses(home, address, found):
    login = options(address).login
    assert (login.host, login.port) == found
    assert login.user == (address.partition("@")[0] if "@" in address else login.user)


@pytest.mark.parametrize("address", ["", "@", "a b", "web1:port", "web1:70000", "me@"])
def test_what_is_no_address(home, address):
    with pytest.raises(TemplateError, match="no address of a host"):
        options(address)


def test_a_key_that_is_not_there(home):
    with pytest.raises(TemplateError, match="cannot be read"):
        options("me@web1", key="/no/such/key")


def reach(home, **more):
    """Logs into a server of this process with a key file; the status of a command there."""
    key = home / "key"
    key.write_text(PEM)
    key.chmod(0o600)

    async def work(port):
        opened = await open_session(options(f"somebody@127.0.0.1:{port}", key=str(key), **more))
        status = await opened.communicator.run("exit 7")
        await opened.close()
        return status

    return over_ssh(work)


@pytest.mark.parametrize("host_key", [FINGERPRINT, PUBLIC], ids=["fingerprint", "key"])
def test_a_host_key_that_was_named(home, host_key):
    assert reach(home, host_key=host_key) == 7


def test_another_host_key(home):
    other = asyncssh.generate_private_key("ssh-ed25519").convert_to_public().get_fingerprint()
    with pytest.raises(WrongHost, match=f"shows the host key {FINGERPRINT}, not {other}".replace("+", r"\+")):
        reach(home, host_key=other)


def test_a_host_that_is_not_known(home):
    with pytest.raises(WrongHost, match=r"known_hosts does not have: SHA256:.*-host-key SHA256:"):
        reach(home)


def test_a_host_that_is_known(home):
    async def work(port):
        (home / ".ssh" / "known_hosts").write_text(f"[127.0.0.1]:{port} {PUBLIC}\n")
        (home / ".ssh" / "id_rsa").write_text(PEM)
        opened = await open_session(options(f"somebody@127.0.0.1:{port}"))  # with the user's own key
        status = await opened.communicator.run("exit 7")
        await opened.close()
        return status

    assert over_ssh(work) == 7


def test_a_host_that_has_changed(home):
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()

    async def work(port):
        (home / ".ssh" / "known_hosts").write_text(f"[127.0.0.1]:{port} {other}\n")
        await open_session(options(f"somebody@127.0.0.1:{port}"))

    with pytest.raises(WrongHost, match="shows another host key than known_hosts has of it"):
        over_ssh(work)


def test_the_agents_keys(home, monkeypatch):
    async def work(port):
        agent = await asyncio.create_subprocess_exec(
            "ssh-agent", "-D", "-a", str(home / "agent"), stdout=asyncio.subprocess.DEVNULL
        )
        try:
            while not (home / "agent").exists():
                await asyncio.sleep(0.01)
            monkeypatch.setenv("SSH_AUTH_SOCK", str(home / "agent"))
            host = options(f"somebody@127.0.0.1:{port}", host_key=FINGERPRINT)
            with pytest.raises(RefusedLogin):
                await open_session(host)
            async with asyncssh.connect_agent(str(home / "agent")) as keys:
                await keys.add_keys([USER_KEY])
            opened = await open_session(host)
            status = await opened.communicator.run("exit 7")
            await opened.close()
            return status
        finally:
            agent.terminate()
            await agent.wait()

    assert over_ssh(work) == 7


@pytest.mark.parametrize(("windows", "said"), [(True, "is not one of it"), (False, None), (None, None)])
def test_an_image_of_windows_needs_a_host_of_windows(home, windows, said):
    (home / "key").write_text(PEM)

    async def work(port):
        host = options(f"somebody@127.0.0.1:{port}", key=str(home / "key"), host_key=FINGERPRINT)
        target = SshTarget(host, Artifact("", "", ""), False, windows, "azure-arm.win")
        try:
            await target.prepare(Ui())
        finally:
            await target.cleanup(Ui())

    if said is None:
        over_ssh(work)
        return
    with pytest.raises(BuildError, match=f"azure-arm.win is an image of Windows, and 127.0.0.1 {said}"):
        over_ssh(work)
