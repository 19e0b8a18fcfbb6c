"""Answers what a server asks at login, once each, and remembers which methods were tried."""

from __future__ import annotations

import os

from bakelift.runner.communicators.library import asyncssh

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from bakelift.runner.targets.ssh import Login


class Answers(asyncssh.SSHClient):
    """``methods``: the methods of authentication that were tried, as Go's ssh client lists them.

    ``problem``: what is wrong with the host's key.
    """

    def __init__(self, login: Login) -> None:
        self.methods = ["none"]
        self.problem = ""
        self._login = login
        self._keys_tried = False
        self._agent: asyncssh.SSHAgentClient | None = None

    def auth_completed(self) -> None:
        """The agent has signed what it had to."""
        if self._agent is not None:
            self._agent.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self.auth_completed()

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        """Asked only where the host's key matters."""
        login = self._login
        shown = key.get_fingerprint()
        if login.host_key:
            wanted = login.host_key
            if not wanted.startswith("SHA256:"):
                wanted = asyncssh.import_public_key(wanted).get_fingerprint()
            if shown == wanted:
                return True
            self.problem = f"{login.host} shows the host key {shown}, not {wanted}"
            return False
        try:
            known = asyncssh.match_known_hosts(login.known_hosts, login.host, addr, login.port)[0]
        except (OSError, ValueError):
            known = []
        if key in known:
            return True
        what = "another host key than known_hosts has of it" if known else "a host key that known_hosts does not have"
        self.problem = f"{login.host} shows {what}: {shown}. -host-key {shown} trusts it."
        return False

    async def public_key_auth_requested(self) -> Sequence[asyncssh.SSHKeyPair] | None:
        """All keys, when first asked: the file's, or the agent's."""
        if self._keys_tried:
            return None
        self._keys_tried = True
        login = self._login
        keys: list[asyncssh.SSHKeyPair] = []
        if login.key:
            key = asyncssh.import_private_key(login.key, unsafe_skip_rsa_key_validation=True)
            pairs = [(key, asyncssh.import_certificate(login.certificate))] if login.certificate else [key]
            keys += asyncssh.load_keypairs(pairs)
        for path in login.key_files:
            try:
                keys += asyncssh.load_keypairs(path)
            except (OSError, ValueError):
                continue  # it is not there, or wants a passphrase, which an agent can be told
        if login.agent:
            try:
                self._agent = await asyncssh.connect_agent(os.environ.get("SSH_AUTH_SOCK", ""))
                keys += await self._agent.get_keys()
            except (OSError, ValueError):
                keys += []
        if keys:
            self._say("publickey")
        return keys or None

    def password_auth_requested(self) -> str | None:
        return self._login.password if self._login.password and self._once("password") else None

    def kbdint_auth_requested(self) -> str | None:
        return "" if self._login.password and self._once("keyboard-interactive") else None

    def kbdint_challenge_received(
        self, name: str, instructions: str, lang: str, prompts: Sequence[tuple[str, bool]]
    ) -> list[str]:
        return [self._login.password] * len(prompts)

    def _once(self, method: str) -> bool:
        first = method not in self.methods
        self._say(method)
        return first

    def _say(self, method: str) -> None:
        if method not in self.methods:
            self.methods.append(method)
