"""The target ``sandbox``: an image is built here, in bubblewrap, in layers over a base; the artifact is the layer."""

from __future__ import annotations

from bakelift.runner.errors import BuildError
from bakelift.runner.targets import Machine
from bakelift.translator.diagnostics import fail

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from bakelift.runner.settings import Settings
    from bakelift.runner.targets import Artifact, TargetContext
    from bakelift.runner.targets.sandbox.layers import LayerStore
    from bakelift.runner.targets.sandbox.machine import Sandbox
    from bakelift.runner.targets.sandbox.states import SandboxStates
    from bakelift.runner.ui import Ui
    from bakelift.translator.plan.images import Image

    T = TypeVar("T")

#: What every Linux has in Azure and the sandbox has not.
NOT_TESTED = "Not tested here: {source}systemd, reboots, the kernel, deprovisioning."

#: Builders whose image is made from nothing, or from what the sandbox has.
WITHOUT_SOURCE = frozenset({"null"})

NO_BASE = (
    "Say what to begin with: -base DIR (a folder with a root file system), -base FILE.tar, or -base host "
    "(a copy-on-write view of this machine)."
)


def target(context: TargetContext) -> SandboxTarget:
    """Raises TemplateError for images of Windows, and without a base."""
    settings, image = context.settings, context.image
    if _windows(settings):
        raise fail(
            "build/sandbox-windows",
            f"{image.name} is an image of Windows, which the sandbox cannot run",
            "With a communicator that is ssh, its steps can run on a Windows host with OpenSSH: -on ssh.",
            image.source.span,
        )
    if not context.options.base:
        raise fail("build/sandbox-base", f"{image.name} has no base to build on", NO_BASE, image.source.span)
    return SandboxTarget(image, context.options.base, context.options.out, context.run_uuid)


def _windows(settings: Settings) -> bool:
    return settings.text("os_type").lower() == "windows" or settings.text("communicator").lower() == "winrm"


class SandboxTarget:
    """See :class:`bakelift.runner.targets.Target`."""

    steps: tuple[str, ...] = ("StepSandbox",)
    cancelled: str | None = None

    def __init__(self, image: Image, base: str, out: str | None, run: str = "") -> None:
        import hashlib

        self._image = image
        self._base = base
        self._out = out
        #: The same again when the run is resumed, as steps may say it.
        self._id = hashlib.sha256(f"{run} {image.name}".encode("utf-8", "surrogateescape")).hexdigest()[:8]
        self._sandbox: Sandbox | None = None

    def preview(self, ui: Ui) -> Machine:
        """Opens the base, and lets it go again: what it is, is part of every step's key."""
        from bakelift.runner.targets.sandbox.machine import Sandbox

        try:
            return self._machine(Sandbox.look(self._base, self._store()))
        except OSError as error:
            raise BuildError(f"The sandbox could not be made: {error}") from error

    async def prepare(self, ui: Ui) -> Machine:
        from bakelift.runner.targets.sandbox.machine import Sandbox

        for line in self._first_lines():
            ui.say(line)
        try:
            store = self._store()
            self._sandbox = Sandbox.open(self._base, store, start=False)
            for line in self._sandbox.base.notes:
                ui.say(line)
            from bakelift.runner.targets.sandbox.states import SandboxStates

            states = SandboxStates(self._sandbox.base, store, self._sandbox)
            return self._machine(states).but(communicator=self._sandbox.communicator)
        except OSError as error:
            raise BuildError(f"The sandbox could not be made: {error}") from error

    def _machine(self, states: SandboxStates) -> Machine:
        return Machine(None, {"ID": self._id, "User": "root", "ConnType": "sandbox"}, states=states, local=True)

    @staticmethod
    def _store() -> LayerStore:
        from bakelift.runner.targets.sandbox.layers import LayerStore

        return LayerStore()

    def _first_lines(self) -> list[str]:
        shown = "a copy-on-write view of this machine" if self._base == "host" else self._base
        source = "" if self._image.type in WITHOUT_SOURCE else "the source image, "
        return [f"Building in a sandbox on {shown}, as root.", NOT_TESTED.format(source=source)]

    async def finish(self, ui: Ui) -> tuple[Artifact, ...]:
        assert self._sandbox is not None
        ui.say("Writing the layer...")
        await self._sandbox.communicator.close()
        try:
            return (await _in_thread(self._write),)
        except OSError as error:
            raise BuildError(f"The layer could not be written: {error}") from error

    def _write(self, stopped: Callable[[], bool]) -> Artifact:
        from bakelift.runner.artifacts import sandbox as artifacts
        from bakelift.runner.targets.sandbox.trees import BaseView

        assert self._sandbox is not None
        base = self._sandbox.base
        return artifacts.write(
            self._image.name,
            self._out or artifacts.OUT,
            self._sandbox.stack.flatten(),
            BaseView(base.mounts),
            {"kind": base.kind, "name": base.name},
            base.notes,
            stopped,
        )

    async def cleanup(self, ui: Ui) -> None:
        if self._sandbox is not None:
            sandbox, self._sandbox = self._sandbox, None
            await sandbox.close()


async def _in_thread(work: Callable[[Callable[[], bool]], T]) -> T:
    """Runs what takes long beside the event loop. Being cancelled, it tells the work, and waits for it to stop."""
    import asyncio
    import threading

    stop = threading.Event()
    task = asyncio.ensure_future(asyncio.to_thread(work, stop.is_set))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        stop.set()
        await asyncio.wait([task])
        raise
