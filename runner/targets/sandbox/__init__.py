"""The target ``sandbox``: an image is built here, in bubblewrap, in layers over a base; the artifact is the layer."""

from __future__ import annotations

from bakelift.runner.errors import BuildError
from bakelift.runner.targets import Machine, SandboxOptions
from bakelift.translator.diagnostics import fail

TYPE_CHECKING = False
if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable
    from typing import TypeVar

    from bakelift.runner.artifacts.outputs import Output
    from bakelift.runner.course import StepRecord
    from bakelift.runner.settings import Settings
    from bakelift.runner.suites import Suite
    from bakelift.runner.targets import Artifact, TargetContext
    from bakelift.runner.targets.sandbox.base import Base
    from bakelift.runner.targets.sandbox.layers import LayerStore
    from bakelift.runner.targets.sandbox.machine import Sandbox
    from bakelift.runner.targets.sandbox.states import SandboxStates
    from bakelift.runner.targets.sandbox.users import Login
    from bakelift.runner.targets.sandbox.windows import WindowsTarget
    from bakelift.runner.ui import Ui
    from bakelift.translator.plan.images import Image

    T = TypeVar("T")

#: What every Linux has in Azure and the sandbox has not.
NOT_TESTED = "Not tested here: {source}systemd, reboots, the kernel, deprovisioning."

#: Builders whose image is made from nothing, or from what the sandbox has.
WITHOUT_SOURCE = frozenset({"null"})

#: The login of a source that names none.
AZURE_USER = "packer"

NO_BASE = (
    "Say what to begin with: -base DIR (a folder with a root file system), -base FILE.tar, or -base host "
    "(a copy-on-write view of this machine). Without it, marketplace images of Debian and Ubuntu are made of packages."
)


def target(context: TargetContext) -> SandboxTarget | WindowsTarget:
    """Raises TemplateError without a base."""
    settings, image = context.settings, context.image
    if _windows(settings):
        from bakelift.runner.targets.sandbox.windows import WindowsTarget

        return WindowsTarget(context)
    options = context.options
    base = options.base or _suite(settings, image)
    from bakelift.runner.artifacts.outputs import outputs

    gigabytes = settings.integer("os_disk_size_gb")
    return SandboxTarget(
        image,
        base,
        options.out,
        context.run_uuid,
        _user(settings, image),
        options.sandbox,
        outputs(image, settings),
        gigabytes << 30,
    )


def _suite(settings: Settings, image: Image) -> Suite:
    """The release that the source is an image of, to be made here of packages. Raises TemplateError."""
    from bakelift.runner import suites
    from bakelift.runner.targets.sandbox import made_base

    names = [settings.text(f"image_{part}") for part in ("publisher", "offer", "sku")]
    suite = suites.of_image(*names)
    if suite is None:
        said = ", ".join(name for name in names if name)
        source = f" ({said} is none that can be made here of packages)" if said else ""
        raise fail("build/sandbox-base", f"{image.name} has no base to build on{source}", NO_BASE, image.source.span)
    kept = made_base.kept(suite, bootable=False) or made_base.kept(suite, bootable=True)
    problem = None if kept else made_base.problem(suite)
    if problem is not None:
        raise fail("build/sandbox-base", f"{image.name} has no base to build on: {problem}", NO_BASE, image.source.span)
    return suite


def _user(settings: Settings, image: Image) -> str:
    """Who steps are: the login that the source names; a virtual machine in Azure has a user of Packer's."""
    return settings.text("ssh_username") or (AZURE_USER if image.type.startswith("azure") else "root")


def _windows(settings: Settings) -> bool:
    return settings.text("os_type").lower() == "windows" or settings.text("communicator").lower() == "winrm"


class SandboxTarget:
    """See :class:`bakelift.runner.targets.Target`."""

    steps: tuple[str, ...] = ("StepSandbox",)
    cancelled: str | None = None

    def __init__(
        self,
        image: Image,
        base: str | Suite,
        out: str | None,
        run: str = "",
        user: str = "root",
        options: SandboxOptions | None = None,
        outputs: tuple[Output, ...] = (),
        disk_size: int = 0,
    ) -> None:
        import hashlib

        self._image = image
        self._base = base
        #: Kind and name of a base that was made here.
        self._named: tuple[str, str] | None = None
        self._out = out
        self._user = user
        self._options = options or SandboxOptions()
        self._outputs = outputs
        self._disk_size = disk_size
        self._formats: tuple[str, ...] = ()
        self._records: list[StepRecord] = []
        self._watch: asyncio.Task[None] | None = None
        #: The same again when the run is resumed, as steps may say it.
        self._id = hashlib.sha256(f"{run} {image.name}".encode("utf-8", "surrogateescape")).hexdigest()[:8]
        self._sandbox: Sandbox | None = None

    def preview(self, ui: Ui) -> Machine:
        """Opens the base, and lets it go again: what it is, is part of every step's key."""
        from bakelift.runner.targets.sandbox.machine import Sandbox

        try:
            place = self._place()
            if place is None:
                ui.say(f"The base, {self._base}, would be made of packages first.")
                return Machine(None, {"ID": self._id, "User": self._user, "ConnType": "sandbox"}, local=True)
            login, states = Sandbox.look(place, self._store(), self._user, self._options, self._named)
            return self._machine(login, states)
        except OSError as error:
            raise BuildError(f"The sandbox could not be made: {error}") from error

    async def prepare(self, ui: Ui) -> Machine:
        from bakelift.runner.targets.sandbox.machine import Sandbox

        try:
            place = self._place() or await self._make(ui)
            store = self._store()
            self._sandbox = sandbox = Sandbox.open(place, store, False, self._user, self._options, self._named)
            for line in (*self._first_lines(sandbox.login), *sandbox.base.notes, *self._disks(sandbox.base)):
                ui.say(line)
            from bakelift.runner.targets.sandbox.states import SandboxStates

            states = SandboxStates(sandbox.base, store, self._options, sandbox)
            if self._options.max_seconds or self._options.max_bytes:
                import asyncio

                from bakelift.runner.targets.sandbox.limits import watch

                self._watch = asyncio.ensure_future(watch(sandbox, self._options))
            return self._machine(sandbox.login, states).but(communicator=sandbox.communicator)
        except OSError as error:
            raise BuildError(f"The sandbox could not be made: {error}") from error

    def _place(self) -> str | None:
        """The base as it is opened; None: it has to be made first."""
        if isinstance(self._base, str):
            return self._base
        from bakelift.runner.targets.sandbox import made_base

        place = made_base.kept(self._base, self._bootable())
        if place is not None:
            self._named = ("suite", made_base.name_of(self._base, place))
        return place

    async def _make(self, ui: Ui) -> str:
        from bakelift.runner.targets.sandbox import made_base

        suite = self._base
        assert not isinstance(suite, str)
        ui.say(f"Making a base of {suite} with mmdebstrap; it is kept for later builds...")
        bootable = self._bootable()
        await _in_thread(lambda stopped: made_base.make(suite, bootable, stopped))
        place = self._place()
        assert place is not None
        return place

    def _machine(self, login: Login, states: SandboxStates) -> Machine:
        data = {"ID": self._id, "User": login.name, "ConnType": "sandbox"}
        return Machine(None, data, states=states, local=True, records=self._records)

    def _wanted(self) -> tuple[str, ...]:
        """The disks that the command line asks for, else what Azure would be given."""
        if not (self._outputs if self._options.formats is None else self._options.formats):
            return ()
        from bakelift.runner.artifacts import sandbox_disk

        asked = self._options.formats
        wanted = ("vhd",) if asked is None and self._outputs else asked or ()
        return tuple(each for each in sandbox_disk.FORMATS if each in wanted)

    def _bootable(self) -> bool:
        """Whether a base that is made here needs a kernel."""
        wanted = self._wanted()
        if not wanted:
            return False
        from bakelift.runner.artifacts import sandbox_disk

        return sandbox_disk.problem("suite", wanted) is None

    def _disks(self, base: Base) -> list[str]:
        """Decides which disks are made, and what is to be said of it. Raises BuildError for one that cannot be."""
        self._formats = self._wanted()
        if not self._formats:
            return []
        from bakelift.runner.artifacts import sandbox_disk

        problem = sandbox_disk.problem(base.kind, self._formats)
        if problem is None:
            return []
        if self._options.formats is not None:
            raise BuildError(f"{', '.join(self._formats)} cannot be made: {problem}.")
        self._formats = ()
        return [f"Only the layer is written, as a tar: {problem}."]

    @staticmethod
    def _store() -> LayerStore:
        from bakelift.runner.targets.sandbox.layers import LayerStore

        return LayerStore()

    def _first_lines(self, login: Login) -> list[str]:
        shown = "a copy-on-write view of this machine" if self._base == "host" else str(self._base)
        source = "" if self._image.type in WITHOUT_SOURCE else "the source image, "
        who = "root" if login.name == "root" else f"{login.name}, who may sudo"
        network = "" if self._options.network else " without a network"
        return [f"Building in a sandbox on {shown}{network}, as {who}.", NOT_TESTED.format(source=source)]

    async def finish(self, ui: Ui) -> tuple[Artifact, ...]:
        assert self._sandbox is not None
        ui.say("Writing the layer and the disk..." if self._formats else "Writing the layer...")
        await self._sandbox.communicator.close()
        try:
            return (await _in_thread(self._write),)
        except InterruptedError as error:
            raise BuildError("The image was not written: stopped") from error
        except OSError as error:
            raise BuildError(f"The layer could not be written: {error}") from error

    def _write(self, stopped: Callable[[], bool]) -> Artifact:
        from bakelift.runner.artifacts import sandbox as artifacts
        from bakelift.runner.targets.sandbox import users

        assert self._sandbox is not None
        base, login = self._sandbox.base, self._sandbox.login
        uppers = self._sandbox.stack.flatten()
        for path, folder in uppers.items():
            if path in ("", "etc"):
                users.forgotten(login, folder if path else f"{folder}/etc")
        home = frozenset({login.home.strip("/")}) if login.made else frozenset[str]()
        kind = {"kind": base.kind, "name": base.name}
        made = artifacts.Made(
            self._image.name, uppers, base, kind, home, self._formats, self._disk_size, self._facts(), stopped
        )
        return artifacts.write_all(made, self._out or artifacts.OUT, self._sandbox.folder.folder("x"))

    def _facts(self) -> dict[str, object]:
        """What the manifest says of the build beside its files."""
        import hashlib

        image = self._image
        said = repr((image.type, sorted(image.settings.items()), image.steps)).encode("utf-8", "surrogateescape")
        steps = [
            {"number": each.number, "type": each.type, "outcome": each.outcome, "seconds": round(each.seconds, 3)}
            | ({"name": each.name} if each.name else {})
            for each in self._records
        ]
        outputs = [each.plain() for each in self._outputs]
        return {"plan": f"sha256:{hashlib.sha256(said).hexdigest()}", "steps": steps, "outputs": outputs}

    async def cleanup(self, ui: Ui) -> None:
        if self._watch is not None:
            self._watch.cancel()
        if self._sandbox is not None:
            sandbox, self._sandbox = self._sandbox, None
            await sandbox.close()
            await _in_thread(lambda _: self._store().prune())


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
