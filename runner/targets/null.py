"""Packer's null builder: it makes no image; its steps run on a host over ssh, or without any machine."""

from __future__ import annotations

from bakelift.runner.targets import Artifact, Machine
from bakelift.runner.targets.ssh import SshTarget, read_options, require_login

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.runner.targets import Target, TargetContext
    from bakelift.runner.ui import Ui

_ARTIFACT = Artifact("fnoeding.null", "Null", "Did not export anything. This is the null builder", None)


class NoMachine:
    """``communicator = "none"``: only steps of this machine can run."""

    steps = ("StepConnect",)
    cancelled = None

    def preview(self, ui: Ui) -> Machine:
        return Machine(None, {"ID": _ARTIFACT.id, "ConnType": "none"})

    async def prepare(self, ui: Ui) -> Machine:
        return self.preview(ui)

    async def finish(self, ui: Ui) -> tuple[Artifact, ...]:
        return (_ARTIFACT,)

    async def cleanup(self, ui: Ui) -> None:
        """Nothing was made."""


def target(context: TargetContext) -> Target:
    settings = context.settings
    kind = settings.text("communicator") or "ssh"
    if kind == "none":
        return NoMachine()
    if kind != "ssh":
        raise settings.failure(
            "build/communicator",
            f"the communicator {kind} is not supported by the null builder here",
            "Only ssh and none are.",
            "communicator",
        )
    options = read_options(settings)
    require_login(settings, options.login)
    return SshTarget(options, _ARTIFACT, context.options.classic)
