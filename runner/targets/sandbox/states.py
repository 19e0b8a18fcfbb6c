"""The states of a sandbox after its steps: found again by the steps' keys, gone back to, and kept."""

from __future__ import annotations

from bakelift.runner.targets.sandbox.fingerprint import key_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from bakelift.runner.targets import SandboxOptions
    from bakelift.runner.targets.sandbox.base import Base
    from bakelift.runner.targets.sandbox.layers import LayerStore
    from bakelift.runner.targets.sandbox.machine import Sandbox

#: Commands that stay behind when a step ends, do nothing by themselves, and start again when they are wanted.
HELPERS = frozenset({"dirmngr", "gpg-agent", "keyboxd", "scdaemon", "ssh-agent", "dbus-daemon"})


class SandboxStates:
    """See :class:`bakelift.runner.targets.States`. Without a sandbox it can only find."""

    def __init__(self, base: Base, store: LayerStore, options: SandboxOptions, sandbox: Sandbox | None = None) -> None:
        self._sandbox = sandbox
        self._store = store
        self.first_key = key_of(base, options.network)

    def find(self, keys: Sequence[str]) -> int:
        for count in range(len(keys), 0, -1):
            if self._store.find(keys[count - 1]) is not None:
                return count
        return 0

    async def go_to(self, key: str | None) -> bool:
        layers = [] if key is None else self._store.find(key)
        if layers is None:
            return False
        assert self._sandbox is not None
        self._store.used(layers)
        await self._sandbox.begin_on(layers)
        return True

    async def keep(self, key: str, step: str) -> str | None:
        """A small layer is copied while the view stays; a large one is sealed, and the view begins anew."""
        assert self._sandbox is not None
        running = await self._sandbox.communicator.running()
        others = sorted(set(running) - HELPERS)
        if others:
            return f"{', '.join(others[:3])}{', …' if len(others) > 3 else ''} still running"
        stack = self._sandbox.stack
        if not stack.written():
            self._store.lead(key, stack.kept)
        elif stack.small() and not running:
            self._store.lead(key, stack.copy(step))
        else:
            await self._sandbox.seal(step)
            self._store.lead(key, stack.kept)
        return None
