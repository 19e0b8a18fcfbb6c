"""Opens ssh connections: the login, through a bastion if there is one, without looking at the user's own settings."""

from __future__ import annotations

import asyncio
import os
import socket

from bakelift.runner.errors import CommunicatorError
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    import asyncssh

    from bakelift.runner.communicators.ssh import SshCommunicator
    from bakelift.runner.targets.ssh import Login, SshOptions

#: Seconds that one try may take to reach a host, and to log in.
CONNECT_TIMEOUT = 15.0
LOGIN_TIMEOUT = 60.0

#: What is asked for first, of all that asyncssh does by itself: what takes a quarter less work in Python.
_CIPHERS = "^aes128-gcm@openssh.com"


class RefusedLogin(CommunicatorError):
    """The host is there, and did not let us in."""


class WrongHost(CommunicatorError):
    """The host did not show the key that it has to show."""


class Unreachable(CommunicatorError):
    """The host is not there (yet), or does not speak ssh (yet)."""


class Opened(Record):
    """A connection and the way in that it carries."""

    communicator: SshCommunicator
    tunnel: asyncssh.SSHClientConnection | None = None

    async def close(self) -> None:
        await self.communicator.close()
        if self.tunnel is not None:
            from bakelift.runner.communicators.ssh import let_go

            await let_go(self.tunnel)


async def open_session(options: SshOptions) -> Opened:
    """Raises RefusedLogin, WrongHost or Unreachable."""
    first = options.bastion or options.login
    sock = await _reach(first)
    # The server gets ready while asyncssh is imported: that takes longer than all else here.
    from bakelift.runner.communicators.ssh import SshCommunicator

    if options.bastion is None:
        connection = await _log_in(options, options.login, sock=sock)

        async def again() -> asyncssh.SSHClientConnection:
            return await _log_in(options, options.login, sock=await _reach(options.login))

        return Opened(SshCommunicator(again, connection, options.pty))
    tunnel = await _log_in(options, options.bastion, sock=sock)

    async def through() -> asyncssh.SSHClientConnection:
        return await _log_in(options, options.login, tunnel=tunnel)

    return Opened(SshCommunicator(through, await through(), options.pty), tunnel)


async def _reach(login: Login) -> socket.socket:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT):
            for family, kind, protocol, _, address in await _addresses(login):
                sock = socket.socket(family, kind, protocol)
                try:
                    sock.setblocking(False)
                    await loop.sock_connect(sock, address)
                    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    return sock
                except OSError:
                    sock.close()
                except BaseException:
                    sock.close()
                    raise
    except OSError as error:
        raise Unreachable(str(error)) from error
    raise Unreachable(f"{login.host} port {login.port} does not answer")


async def _addresses(login: Login) -> list[tuple[int, int, int, str, tuple[object, ...]]]:
    try:
        # An address needs no look-up, and so no thread to wait in.
        return socket.getaddrinfo(login.host, login.port, 0, socket.SOCK_STREAM, 0, socket.AI_NUMERICHOST)  # type: ignore[return-value]
    except socket.gaierror:
        loop = asyncio.get_running_loop()
        return await loop.getaddrinfo(login.host, login.port, type=socket.SOCK_STREAM)  # type: ignore[return-value]


async def _log_in(
    options: SshOptions,
    login: Login,
    sock: socket.socket | None = None,
    tunnel: asyncssh.SSHClientConnection | None = None,
) -> asyncssh.SSHClientConnection:
    from bakelift.runner.communicators.library import asyncssh
    from bakelift.runner.communicators.login import Answers

    answers = Answers(login)
    agent = os.environ.get("SSH_AUTH_SOCK", "") if options.forward_agent else ""
    try:
        return await asyncssh.connect(
            login.host,
            login.port,
            sock=sock,
            tunnel=tunnel if tunnel is not None else (),
            username=login.user,
            client_factory=lambda: answers,
            client_keys=None,
            agent_path=None,
            agent_forwarding=agent,
            known_hosts=((), (), ()) if login.host_key or login.known_hosts else None,
            config=None,
            preferred_auth="publickey,password,keyboard-interactive",
            keepalive_interval=max(options.keep_alive, 0),
            keepalive_count_max=12,
            connect_timeout=None,
            login_timeout=LOGIN_TIMEOUT,
            compression_algs=None,
            encryption_algs=options.ciphers or _CIPHERS,
            kex_algs=options.key_exchanges or (),
        )
    except asyncssh.PermissionDenied as error:
        raise RefusedLogin(
            "ssh: handshake failed: ssh: unable to authenticate, attempted methods "
            f"[{' '.join(answers.methods)}], no supported methods remain"
        ) from error
    except asyncssh.HostKeyNotVerifiable as error:
        raise WrongHost(answers.problem or str(error)) from error
    except (OSError, asyncssh.Error, TimeoutError) as error:
        raise Unreachable(str(error)) from error
