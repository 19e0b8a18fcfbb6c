"""Answers what a server asks at login, once each, and remembers which methods were tried."""

from __future__ import annotations

import os

from bakelift.runner.communicators.library import asyncssh

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from bakelift.runner.targets.ssh import Login


class Answers(asyncssh.SSHClient):
    """``methods``: the methods of authentication that were tried, as Go's ssh client lists them."""

    def __init__(self, login: Login) -> None:
        self.methods = ["none"]
        self._login = login
        self._keys_tried = False

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
        if login.agent:
            try:
                async with asyncssh.connect_agent(os.environ.get("SSH_AUTH_SOCK", "")) as agent:
                    keys += await agent.get_keys()
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
