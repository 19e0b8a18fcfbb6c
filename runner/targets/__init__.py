"""Where an image is built. A target makes a machine, hands out a communicator, and says what came of it.

A target module has one function, ``target(context: TargetContext) -> Target``. It is *pure*: it reads settings and
refuses what cannot work (:class:`~bakelift.translator.diagnostics.TemplateError`), and touches nothing. Effects begin
with :meth:`Target.prepare`.
"""

from __future__ import annotations

from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Protocol

    from bakelift.runner.communicators import Communicator
    from bakelift.runner.course import StepRecord
    from bakelift.runner.settings import Settings
    from bakelift.runner.ui import Ui
    from bakelift.translator.files import Files
    from bakelift.translator.plan.images import Image

    class Target(Protocol):
        """One image's machine: made for one build, used once, in the order of the methods below.

        A target can have more: ``placeholders``, a mapping, are names of generated data that only it has;
        ``leftovers(ui)`` says what stays elsewhere when nothing more is cleaned up.
        """

        @property
        def steps(self) -> tuple[str, ...]:
            """Names of what prepare does, in order, as Packer names its steps (``StepConnect``), for -on-error."""

        @property
        def cancelled(self) -> str | None:
            """What a cancelled build ends with; None: it "finished" (Packer's null builder has no check)."""

        def preview(self, ui: Ui) -> Machine:
            """The machine as far as it is known without making it, for -dry-run. Raises BuildError."""

        async def prepare(self, ui: Ui) -> Machine:
            """Makes the machine and connects, saying its own lines. Raises BuildError.

            Being cancelled, or having failed, it has cleaned up or cleanup() will.
            """

        async def finish(self, ui: Ui) -> tuple[Artifact, ...]:
            """After the last step succeeded: captures the image. The first artifact goes to the post-processors."""

        async def cleanup(self, ui: Ui) -> None:
            """Always called at the end, after success as well, except where -on-error keeps the machine."""

    class States(Protocol):
        """A machine that can keep its state after a step, and go back to it: steps that did not change need not run.

        Keys are hex digits; they say nothing of what they were made of.
        """

        @property
        def first_key(self) -> str:
            """The key of the state that the machine begins with."""

        def find(self, keys: Sequence[str]) -> int:
            """The most of the first keys of which the last one's state is kept."""

        async def go_to(self, key: str | None) -> bool:
            """Goes to the state after a step, or (None) to the first one; False when it is not kept."""

        async def keep(self, key: str, step: str) -> str | None:
            """Keeps the state as it is now. What keeps it from that, in words; None: nothing."""


class SandboxOptions(Record):
    """What the command line says to sandboxes. ``formats``: which files are made of an image (None: as the Plan's
    distributions ask); ``max_seconds`` and ``max_bytes``: limits of a build, 0 for none.
    """

    network: bool = True
    max_seconds: float = 0.0
    max_bytes: int = 0
    formats: tuple[str, ...] | None = None


class SshHost(Record):
    """A host that the command line names. ``address`` and ``bastion``: ``USER@HOST:PORT``.

    ``key``: a private key's file; else the agent and the user's own keys are tried. ``password`` is tried last.
    ``host_key``: what the host has to show (``SHA256:…`` or a public key); else it has to be in the user's known_hosts.
    """

    address: str
    key: str = ""
    password: str = ""
    bastion: str = ""
    host_key: str = ""


class AzureOptions(Record):
    """What the command line says of Azure. ``subscription``: "" for the template's; ``auth``: a way to log in.

    ``run_command``: steps go over Run Command instead of ssh. ``resume``: what the run with this uuid left goes first.
    """

    subscription: str = ""
    auth: str = "auto"
    run_command: bool = False
    resume: bool = False


class TargetOptions(Record):
    """What the command line says to targets. ``base``: a folder, a tar file or ``host``; ``out``: where images go.

    ``host``: for -on ssh; ``allow_local``: shell-local may run on this machine.
    """

    base: str | None = None
    out: str | None = None
    force: bool = False
    debug: bool = False
    classic: bool = False
    sandbox: SandboxOptions = SandboxOptions()
    host: SshHost | None = None
    allow_local: bool = False
    azure: AzureOptions = AzureOptions()


class TargetContext(Record):
    """What a target is made from. ``settings``: the source's, typed and evaluated on demand (build data unbound)."""

    image: Image
    settings: Settings
    files: Files
    options: TargetOptions
    run_uuid: str = ""


class Machine(Record):
    """What prepare() made. ``communicator`` None: there is no way in (communicator ``none``).

    ``data``: generated data by Packer's names (``ID Host Port User Password ConnType …``); what is not given gets
    Packer's placeholder. ``secrets``: values that no log may show. ``runs_steps`` False: the builder has no machine at
    all, and its steps are passed over (Packer's file builder). ``local``: shell-local runs on it instead of here.
    ``states``: of a machine that can go back to them; ``records``: hears what became of each step;
    ``identity``: what tells it from others where it cannot, so that
    a build can be resumed on it.
    """

    communicator: Communicator | None
    data: Mapping[str, str] = {}
    secrets: tuple[str, ...] = ()
    runs_steps: bool = True
    states: States | None = None
    identity: str = ""
    records: list[StepRecord] | None = None
    local: bool = False


class Artifact(Record):
    """What a build leaves. ``string``: its sentence in the summary; ``files``: paths, None where it never has any."""

    builder_id: str
    id: str
    string: str
    files: tuple[str, ...] | None = ()

    def destroy(self) -> None:
        """Removes its files: a post-processor made something else of them. Missing ones are no error."""
        import os

        for path in self.files or ():
            try:
                os.unlink(path)
            except FileNotFoundError:
                continue


#: The target of each builder type that does not need ``-on``; every other type goes to the sandbox.
OWN_TARGETS = {"null": "null", "file": "file"}


def make(name: str, context: TargetContext) -> Target:
    """The target called ``name`` (the value of -on, or of :data:`OWN_TARGETS`): a module of this package."""
    from importlib import import_module

    return import_module(f"bakelift.runner.targets.{name}").target(context)  # type: ignore[no-any-return]
