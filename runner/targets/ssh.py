"""A machine that is there already, reached over ssh: Packer's ssh communicator, its options and its waiting."""

from __future__ import annotations

import asyncio
import os

from bakelift.runner.errors import BuildError
from bakelift.runner.targets import Artifact, Machine
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.runner.communicators.sessions import Opened
    from bakelift.runner.settings import Settings
    from bakelift.runner.targets import TargetContext
    from bakelift.runner.ui import Ui

#: Seconds between two tries to reach a host that is not up yet.
RETRY_PAUSE = 1.0

#: Options of Packer's ssh communicator that are not done here: ignoring them would connect to another place.
_NOT_DONE = ("ssh_proxy_host", "ssh_remote_tunnels", "ssh_local_tunnels", "ssh_interface")

_AUTHENTICATION = (
    "Packer experienced an authentication error when trying to connect via SSH. This can happen if your "
    "username/password are wrong. You may want to double-check your credentials as part of your debugging process. "
    "original error: "
)


class Login(Record):
    """Where to log in, and how. ``key``: a private key as text, with the certificate that goes with it.

    ``key_files``: keys that are tried where they are there and need no passphrase. ``host_key``: what the host has to
    show (``SHA256:…`` or a public key); else ``known_hosts``, a file, has to know it; "" in both: whatever it shows.
    """

    host: str
    port: int
    user: str
    password: str = ""
    key: str = ""
    certificate: str = ""
    agent: bool = False
    key_files: tuple[str, ...] = ()
    host_key: str = ""
    known_hosts: str = ""


class SshOptions(Record):
    """The options of the ssh communicator, decoded. Times in seconds."""

    login: Login
    bastion: Login | None = None
    timeout: float = 300.0
    attempts: int = 10
    pty: bool = False
    forward_agent: bool = True
    keep_alive: float = 5.0
    ciphers: tuple[str, ...] = ()
    key_exchanges: tuple[str, ...] = ()
    pause: float = 0.0


def read_options(settings: Settings) -> SshOptions:
    """Decodes and checks; private keys are read. Raises TemplateError in Packer's words."""
    for name in _NOT_DONE:
        if settings.given(name):
            raise settings.failure("build/ssh-option", f"{name} is not supported by the ssh target", name=name)
    bastion = None
    if settings.given("ssh_bastion_host"):
        bastion = _login(settings, "ssh_bastion_")
    return SshOptions(
        _login(settings, "ssh_"),
        bastion,
        settings.duration("ssh_timeout") or settings.duration("ssh_wait_timeout") or 300.0,
        settings.integer("ssh_handshake_attempts") or 10,
        settings.boolean("ssh_pty"),
        not settings.boolean("ssh_disable_agent_forwarding"),
        settings.duration("ssh_keep_alive_interval", 5.0),
        tuple(settings.texts("ssh_ciphers")),
        tuple(settings.texts("ssh_key_exchange_algorithms")),
        settings.duration("pause_before_connecting"),
    )


def _login(settings: Settings, prefix: str) -> Login:
    return Login(
        settings.text(f"{prefix}host"),
        settings.integer(f"{prefix}port") or 22,
        settings.text(f"{prefix}username"),
        settings.text(f"{prefix}password"),
        _key(settings, f"{prefix}private_key_file"),
        _key(settings, f"{prefix}certificate_file"),
        settings.boolean(f"{prefix}agent_auth"),
    )


def _key(settings: Settings, name: str) -> str:
    path = os.path.expanduser(settings.text(name))
    if not path:
        return ""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read()
    except OSError as error:
        problem = f"{name} is invalid: open {path}: {(error.strerror or str(error)).lower()}"
        raise settings.failure("build/bad-key", problem, name=name) from error


def require_login(settings: Settings, login: Login) -> None:
    """What a host that is nobody's but the template's needs to be told."""
    for value, what in ((login.host, "Host"), (login.user, "Username")):
        if not value:
            raise settings.failure(
                "build/no-login", f"a {what} must be specified, please reference your communicator documentation"
            )
    ways = [bool(login.agent), bool(login.password), bool(login.key)]
    if not any(ways):
        raise settings.failure(
            "build/no-login",
            "one authentication method must be specified, please reference your communicator documentation",
        )
    if sum(ways) > 1:
        raise settings.failure(
            "build/several-logins",
            "only one of ssh_agent_auth, ssh_password, and ssh_private_key_file must be specified",
        )


class SshTarget:
    """A build on a host that is there already; it makes nothing, and leaves nothing but what the steps did."""

    steps = ("StepConnect",)
    cancelled = None

    def __init__(
        self, options: SshOptions, artifact: Artifact, classic: bool, windows: bool | None = None, name: str = ""
    ) -> None:
        """``windows``: whether the host has to be one (None: as it is), for the image called ``name``."""
        self._windows = windows
        self._name = name
        self._options = options
        self._artifact = artifact
        self._classic = classic
        self._opened: Opened | None = None

    async def prepare(self, ui: Ui) -> Machine:
        options = self._options
        login = options.login
        protocol = "ssh" if self._classic else "SSH"
        ui.say(f"Using {protocol} communicator to connect: {login.host}")
        if options.pause:
            from bakelift.runner import durations

            ui.say(f"Pausing {durations.go(options.pause)} before connecting...")
            await asyncio.sleep(options.pause)
        self._opened = await connected(options, ui)
        if self._windows is not None and self._windows != self._opened.communicator.windows:
            system, other = ("Windows", "is not one of it") if self._windows else ("Linux", "is one of Windows")
            raise BuildError(f"{self._name} is an image of {system}, and {login.host} {other}: no step would do there.")
        return self.preview(ui).but(communicator=self._opened.communicator)

    def preview(self, ui: Ui) -> Machine:
        login = self._options.login
        data = {
            "ID": self._artifact.id,
            "Host": login.host,
            "Port": str(login.port),
            "User": login.user,
            "Password": login.password,
            "ConnType": "ssh",
            "SSHPrivateKey": login.key,
            "SSHAgentAuth": "true" if login.agent else "false",
        }
        secrets = tuple(s for s in (login.password, login.key) if s)
        return Machine(None, data, secrets, identity=f"ssh {login.user}@{login.host}:{login.port}")

    async def finish(self, ui: Ui) -> tuple[Artifact, ...]:
        return (self._artifact,)

    async def cleanup(self, ui: Ui) -> None:
        if self._opened is not None:
            await self._opened.close()


async def connected(options: SshOptions, ui: Ui) -> Opened:
    """Waits until the host lets us in, saying Packer's lines. Raises BuildError."""
    ui.say("Waiting for SSH to become available...")
    try:
        async with asyncio.timeout(options.timeout):
            opened = await _wait(options)
    except TimeoutError as error:
        ui.error("Timeout waiting for SSH.")
        raise BuildError("Timeout waiting for SSH.") from error
    except BuildError as error:
        ui.error(f"Error waiting for SSH: {error}")
        raise
    ui.say("Connected to SSH!")
    return opened


async def _wait(options: SshOptions) -> Opened:
    """Connects as soon as the host answers. Refused logins are counted; everything else is waited for."""
    from bakelift.runner.communicators.sessions import RefusedLogin, Unreachable, WrongHost, open_session

    refused = 0
    while True:
        try:
            return await open_session(options)
        except RefusedLogin as error:
            refused += 1
            if refused >= options.attempts:
                raise BuildError(f"{_AUTHENTICATION}{error}") from error
        except WrongHost as error:
            raise BuildError(str(error)) from error
        except Unreachable:
            pass
        await asyncio.sleep(RETRY_PAUSE)


def target(context: TargetContext) -> SshTarget:
    """-on ssh: the command line's -host, else the source's own ssh options say where."""
    if context.options.host is not None:
        from bakelift.runner.targets.ssh_host import options_for

        options = options_for(context.options.host, context.settings)
    else:
        options = read_options(context.settings)
        require_login(context.settings, options.login)
    artifact = Artifact("bakelift.ssh", options.login.host, f"Provisioned over ssh: {options.login.host}", None)
    system = context.settings.text("os_type").lower()
    if not system and context.settings.text("communicator").lower() == "winrm":
        system = "windows"
    windows = system == "windows" if system in ("windows", "linux") else None
    return SshTarget(options, artifact, context.options.classic, windows, context.image.name)
