"""A host that the command line names (``-host user@web1:22``): how to log in there, with the user's own keys."""

from __future__ import annotations

import os
import re

from bakelift.runner.targets.ssh import Login, SshOptions
from bakelift.translator.diagnostics import fail

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.runner.settings import Settings
    from bakelift.runner.targets import SshHost

#: ``[user@]host[:port]``; an IPv6 address stands in brackets.
_ADDRESS = re.compile(r"(?:(?P<user>[^@\s]+)@)?(?P<host>\[[0-9A-Fa-f:.%]+\]|[^@:\s\[\]]+)(?::(?P<port>\d{1,5}))?\Z")

#: The keys that ssh itself tries when nobody names one.
_OWN_KEYS = ("id_ed25519", "id_ecdsa", "id_rsa")


def options_for(host: SshHost, settings: Settings) -> SshOptions:
    """The options of the connection: those of the template that say how, with the place of the command line.

    Raises TemplateError (``build/host``) for an address that is none, and for a key that cannot be read.
    """
    bastion = _login(host.bastion, host, "") if host.bastion else None
    return SshOptions(
        _login(host.address, host, host.host_key),
        bastion,
        settings.duration("ssh_timeout") or 300.0,
        settings.integer("ssh_handshake_attempts") or 10,
        settings.boolean("ssh_pty"),
        False,  # a build has no use for the user's agent on the host
        settings.duration("ssh_keep_alive_interval", 5.0),
    )


def _login(address: str, host: SshHost, host_key: str) -> Login:
    found = _ADDRESS.match(address)
    if found is None or int(found["port"] or 22) > 65535:
        raise fail("build/host", f"{address!r} is no address of a host", "Write USER@HOST or USER@HOST:PORT.")
    own = os.path.expanduser("~/.ssh")
    keys = (host.key,) if host.key else tuple(os.path.join(own, name) for name in _OWN_KEYS)
    if host.key and not os.access(host.key, os.R_OK):
        raise fail("build/host", f"the key {host.key} cannot be read", "-key names a private key's file.")
    return Login(
        found["host"].strip("[]"),
        int(found["port"] or 22),
        found["user"] or _user(),
        host.password,
        agent=not host.key,
        key_files=keys,
        host_key=host_key,
        known_hosts=os.path.join(own, "known_hosts"),
    )


def _user() -> str:
    import getpass

    return getpass.getuser()
