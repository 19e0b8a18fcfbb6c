"""The target ``sandbox``: an image is built here, in bubblewrap, in layers over a base; the artifact is the layer."""

from __future__ import annotations

from bakelift.runner.errors import BuildError
from bakelift.runner.targets import Machine
from bakelift.translator.diagnostics import fail

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.runner.settings import Settings
    from bakelift.runner.targets import Artifact, TargetContext
    from bakelift.runner.targets.sandbox.machine import Sandbox
    from bakelift.runner.ui import Ui
    from bakelift.translator.plan.images import Image

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
            "Its steps can run on a Windows host with OpenSSH (-on ssh), or in Azure (-on azure, -on imagebuilder).",
            image.source.span,
        )
    if not context.options.base:
        raise fail("build/sandbox-base", f"{image.name} has no base to build on", NO_BASE, image.source.span)
    return SandboxTarget(image, context.options.base, context.options.out)


def _windows(settings: Settings) -> bool:
    return settings.text("os_type").lower() == "windows" or settings.text("communicator").lower() == "winrm"


class SandboxTarget:
    """See :class:`bakelift.runner.targets.Target`."""

    steps: tuple[str, ...] = ("StepSandbox",)
    cancelled: str | None = None

    def __init__(self, image: Image, base: str, out: str | None) -> None:
        self._image = image
        self._base = base
        self._out = out
        self._sandbox: Sandbox | None = None

    async def prepare(self, ui: Ui) -> Machine:
        from bakelift.runner.targets.sandbox.machine import Sandbox

        for line in self._first_lines():
            ui.say(line)
        try:
            self._sandbox = Sandbox.open(self._base)
        except OSError as error:
            raise BuildError(f"The sandbox could not be made: {error}") from error
        for line in self._sandbox.base.notes:
            ui.say(line)
        data = {"ID": self._sandbox.id, "User": "root", "ConnType": "sandbox"}
        return Machine(self._sandbox.communicator, data)

    def _first_lines(self) -> list[str]:
        shown = "a copy-on-write view of this machine" if self._base == "host" else self._base
        source = "" if self._image.type in WITHOUT_SOURCE else "the source image, "
        return [f"Building in a sandbox on {shown}, as root.", NOT_TESTED.format(source=source)]

    async def finish(self, ui: Ui) -> tuple[Artifact, ...]:
        from bakelift.runner.artifacts import sandbox as artifacts
        from bakelift.runner.targets.sandbox.trees import BaseView

        assert self._sandbox is not None
        base = self._sandbox.base
        ui.say("Writing the layer...")
        await self._sandbox.communicator.close()
        try:
            artifact = artifacts.write(
                self._image.name,
                self._out or artifacts.OUT,
                self._sandbox.stack.flatten(),
                BaseView(base.mounts),
                {"kind": base.kind, "name": base.name},
                base.notes,
            )
        except OSError as error:
            raise BuildError(f"The layer could not be written: {error}") from error
        return (artifact,)

    async def cleanup(self, ui: Ui) -> None:
        if self._sandbox is not None:
            sandbox, self._sandbox = self._sandbox, None
            await sandbox.close()
