"""One sandbox: its folder, namespace, base, layers and the way in, made and removed together."""

from __future__ import annotations

import os

from bakelift.runner.targets.sandbox import base as bases
from bakelift.runner.targets.sandbox import namespace as namespaces
from bakelift.runner.targets.sandbox.cache import BuildFolder
from bakelift.runner.targets.sandbox.communicator import SandboxCommunicator
from bakelift.runner.targets.sandbox.engine import Engine, find_bwrap
from bakelift.runner.targets.sandbox.stack import Stack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.runner.targets.sandbox.namespace import UserNamespace


class Sandbox:
    """A sandbox that is ready for commands. Close it, whatever happens."""

    def __init__(
        self, folder: BuildFolder, namespace: UserNamespace, base: bases.Base, stack: Stack, engine: Engine
    ) -> None:
        self.folder = folder
        self.base = base
        self.stack = stack
        self.communicator = SandboxCommunicator(engine)
        self._namespace = namespace

    @classmethod
    def open(cls, base: str) -> Sandbox:
        """A sandbox on a base (``host``, a folder, a tar file). Raises BuildError."""
        bwrap = find_bwrap()
        namespace = namespaces.create()
        try:
            folder = BuildFolder.make()
            try:
                opened = bases.open_base(base, folder, namespace.all_ids, _private_folders())
                stack = Stack(folder, opened.mounts)
                return cls(folder, namespace, opened, stack, Engine(bwrap, namespace, stack))
            except BaseException:
                folder.remove()
                raise
        except BaseException:
            namespace.close()
            raise

    @property
    def id(self) -> str:
        return os.path.basename(self.folder.path)

    async def checkpoint(self) -> None:
        """Ends a layer: what commands write from now on is a layer of its own. No command may be running."""
        self.stack.seal()

    async def close(self) -> None:
        """Ends what runs, and removes the layers."""
        await self.communicator.close()
        self._namespace.close()
        self.folder.remove()


def _private_folders() -> list[str]:
    """The parent of the folder that we work in, or, where that is a folder of the system, the folder itself."""
    here = os.path.realpath(os.getcwd())
    parent = os.path.dirname(here)
    if parent.count("/") < 2:
        parent = here
    return [] if parent.count("/") < 2 else [parent]
