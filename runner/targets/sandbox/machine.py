"""One sandbox: its folder, keeper, base, layers and the way in, made and removed together."""

from __future__ import annotations

import asyncio
import os

from bakelift.runner.targets import SandboxOptions
from bakelift.runner.targets.sandbox import base as bases
from bakelift.runner.targets.sandbox.cache import BuildFolder
from bakelift.runner.targets.sandbox.communicator import SandboxCommunicator
from bakelift.runner.targets.sandbox.engine import Engine, find_bwrap
from bakelift.runner.targets.sandbox.entry import Entry
from bakelift.runner.targets.sandbox.keeper import Keeper
from bakelift.runner.targets.sandbox.stack import Stack
from bakelift.runner.targets.sandbox.users import Login, log_in
from bakelift.runner.targets.sandbox.view import View

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from bakelift.runner.targets.sandbox.layers import Kept, LayerStore
    from bakelift.runner.targets.sandbox.states import SandboxStates


#: Seconds that a build waits for its mounts to go. Nothing runs in them any more.
PATIENCE = 1.0


class Sandbox:
    """A sandbox for commands. Close it, whatever happens."""

    def __init__(
        self,
        folder: BuildFolder,
        keeper: Keeper,
        base: bases.Base,
        stack: Stack,
        engine: Engine,
        entry: Entry,
        login: Login,
    ) -> None:
        self.folder = folder
        self.base = base
        self.stack = stack
        self.login = login
        self._keeper = keeper
        self._engine = engine
        self._entry = entry
        self.communicator = SandboxCommunicator(self._view, login.home)

    @classmethod
    def open(
        cls,
        base: str,
        store: LayerStore | None = None,
        start: bool = True,
        user: str = "root",
        options: SandboxOptions | None = None,
        named: tuple[str, str] | None = None,
    ) -> Sandbox:
        """A sandbox on a base (``host``, a folder, a tar file). ``start``: its view begins to start, else with the
        first command. ``user``: who commands are; ``named``: kind and name of a base that was made here.
        Raises BuildError.
        """
        options = options or SandboxOptions()
        bwrap = find_bwrap()
        keeper = Keeper.start()
        try:
            folder = BuildFolder.make()
            try:
                login, opened = _opened(base, folder, user, named)
                stack = Stack(folder, opened.mounts, store)
                entry = Entry(
                    login.uid, login.gid, login.groups, login.environment(), options.network, options.max_bytes
                )
                engine = Engine(bwrap, stack, options.network)
                sandbox = cls(folder, keeper, opened, stack, engine, entry, login)
                if start:
                    sandbox.communicator.open()
                return sandbox
            except BaseException:
                folder.remove()
                raise
        except BaseException:
            keeper.close()
            raise

    @classmethod
    def look(
        cls, base: str, store: LayerStore, user: str, options: SandboxOptions, named: tuple[str, str] | None = None
    ) -> tuple[Login, SandboxStates]:
        """What is kept of builds on a base, and who commands would be. Raises BuildError."""
        from bakelift.runner.targets.sandbox.states import SandboxStates

        folder = BuildFolder.make()
        try:
            login, opened = _opened(base, folder, user, named)
            return login, SandboxStates(opened, store, options)
        finally:
            folder.remove()

    def _view(self) -> View:
        return View(self._keeper.view([self._entry.text(), *self._engine.command()]))

    @property
    def id(self) -> str:
        return os.path.basename(self.folder.path)

    async def ready(self) -> None:
        """Waits until commands can run. Raises BuildError."""
        await self.communicator.open().ready()

    async def checkpoint(self) -> None:
        """Ends a layer: what commands write from now on is a layer of its own. What runs in the background is ended,
        unless nothing has been written.
        """
        if self.stack.written():
            await self._unmount()
            self.stack.seal()
            self.communicator.open()

    async def seal(self, step: str) -> None:
        """The same, and the cache keeps the layer; the next command starts the view."""
        await self._unmount()
        self.stack.seal(keep=True, step=step)

    async def begin_on(self, layers: Sequence[Kept]) -> None:
        """Goes to a state that the cache keeps; what has been done since the last one is dropped."""
        await self._unmount()
        self.stack.begin_on(layers)

    async def _unmount(self) -> None:
        await self.communicator.close()
        await self.communicator.leave()

    async def close(self) -> None:
        """Ends what runs, and removes the layers."""
        await self.communicator.close()
        left = True
        try:
            # The files go before the mounts: unmounting writes to disk what is left, which removing would wait for.
            self.folder.remove()
        finally:
            try:
                async with asyncio.timeout(PATIENCE):
                    await self.communicator.leave()
            except TimeoutError:
                left = False  # it writes what others have not written yet, too; that goes on without us
            self._keeper.close(wait=left)


def _opened(base: str, folder: BuildFolder, user: str, named: tuple[str, str] | None) -> tuple[Login, bases.Base]:
    all_ids = os.geteuid() == 0
    return log_in(user, bases.open_base(base, folder, all_ids, _private_folders(), named), folder, all_ids)


def _private_folders() -> list[str]:
    """The parent of the folder that we work in, or, where that is a folder of the system, the folder itself."""
    here = os.path.realpath(os.getcwd())
    parent = os.path.dirname(here)
    if parent.count("/") < 2:
        parent = here
    return [] if parent.count("/") < 2 else [parent]
