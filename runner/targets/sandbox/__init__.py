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

    from bakelift.runner.settings import Settings
    from bakelift.runner.targets import Artifact, TargetContext
    from bakelift.runner.targets.sandbox.layers import LayerStore
    from bakelift.runner.targets.sandbox.machine import Sandbox
    from bakelift.runner.targets.sandbox.states import SandboxStates
    from bakelift.runner.targets.sandbox.users import Login
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
    options = context.options
    return SandboxTarget(
        image, options.base or "", options.out, context.run_uuid, _user(settings, image), options.sandbox
    )


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
        base: str,
        out: str | None,
        run: str = "",
        user: str = "root",
        options: SandboxOptions | None = None,
    ) -> None:
        import hashlib

        self._image = image
        self._base = base
        self._out = out
        self._user = user
        self._options = options or SandboxOptions()
        self._watch: asyncio.Task[None] | None = None
        #: The same again when the run is resumed, as steps may say it.
        self._id = hashlib.sha256(f"{run} {image.name}".encode("utf-8", "surrogateescape")).hexdigest()[:8]
        self._sandbox: Sandbox | None = None

    def preview(self, ui: Ui) -> Machine:
        """Opens the base, and lets it go again: what it is, is part of every step's key."""
        from bakelift.runner.targets.sandbox.machine import Sandbox

        try:
            login, states = Sandbox.look(self._base, self._store(), self._user, self._options)
            return self._machine(login, states)
        except OSError as error:
            raise BuildError(f"The sandbox could not be made: {error}") from error

    async def prepare(self, ui: Ui) -> Machine:
        from bakelift.runner.targets.sandbox.machine import Sandbox

        try:
            store = self._store()
            self._sandbox = sandbox = Sandbox.open(self._base, store, False, self._user, self._options)
            for line in (*self._first_lines(sandbox.login), *sandbox.base.notes):
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

    def _machine(self, login: Login, states: SandboxStates) -> Machine:
        data = {"ID": self._id, "User": login.name, "ConnType": "sandbox"}
        return Machine(None, data, states=states, local=True)

    @staticmethod
    def _store() -> LayerStore:
        from bakelift.runner.targets.sandbox.layers import LayerStore

        return LayerStore()

    def _first_lines(self, login: Login) -> list[str]:
        shown = "a copy-on-write view of this machine" if self._base == "host" else self._base
        source = "" if self._image.type in WITHOUT_SOURCE else "the source image, "
        who = "root" if login.name == "root" else f"{login.name}, who may sudo"
        network = "" if self._options.network else " without a network"
        return [f"Building in a sandbox on {shown}{network}, as {who}.", NOT_TESTED.format(source=source)]

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
        from bakelift.runner.targets.sandbox import users

        assert self._sandbox is not None
        base, login = self._sandbox.base, self._sandbox.login
        uppers = self._sandbox.stack.flatten()
        for path, folder in uppers.items():
            if path in ("", "etc"):
                users.forgotten(login, folder if path else f"{folder}/etc")
        home = frozenset({login.home.strip("/")}) if login.made else frozenset[str]()
        kind = {"kind": base.kind, "name": base.name}
        out = self._out or artifacts.OUT
        return artifacts.write(self._image.name, out, uppers, base.view(), kind, base.notes, stopped, home)

    async def cleanup(self, ui: Ui) -> None:
        if self._watch is not None:
            self._watch.cancel()
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
