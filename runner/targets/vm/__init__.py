"""The target ``vm``: an image is built in a virtual machine of its own, with its own kernel, systemd and reboots.

A disk is laid over the base; a seed tells cloud-init who may log in and which host key to show; steps run over ssh. At
the end the machine is generalized and powered off, and its disk becomes a fixed VHD.
"""

from __future__ import annotations

import asyncio
import os
import shutil

from bakelift.runner.errors import BuildError, CommunicatorError
from bakelift.runner.targets import Artifact, Machine
from bakelift.runner.targets.vm import base as bases
from bakelift.runner.targets.vm import qemu
from bakelift.translator.diagnostics import fail

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.runner.communicators.sessions import Opened
    from bakelift.runner.suites import Suite
    from bakelift.runner.targets import TargetContext
    from bakelift.runner.targets.sandbox.cache import BuildFolder
    from bakelift.runner.targets.vm.base import Base
    from bakelift.runner.targets.vm.seed import Keys
    from bakelift.runner.ui import Ui

NOT_TESTED = "Not tested here: {source}Azure's agent talking to Azure, its disks and its network."

#: Seconds until ssh answers, where the template does not say, and until cloud-init is done: emulation is slow.
_BOOT = 1200.0
_READY = 1200.0
_OUT = "bakelift-out"


def target(context: TargetContext) -> VmTarget:
    """Raises TemplateError for images of Windows, without a base, and where QEMU is not installed."""
    settings, image = context.settings, context.image
    if settings.text("os_type").lower() == "windows" or settings.text("communicator").lower() == "winrm":
        raise fail(
            "build/vm-windows",
            f"{image.name} is an image of Windows, for which there is no base here",
            "Its steps can run on a Windows host with OpenSSH: -on ssh -host USER@HOST.",
            image.source.span,
        )
    given = context.options.base
    suite = None if given else bases.suite_of(settings)
    if not given and suite is None:
        detail = f"A disk can be made for marketplace images of Debian and Ubuntu. {bases.BASE}"
        raise fail("build/vm-base", f"{image.name} has no disk to begin with", detail, image.source.span)
    if given and not os.path.isfile(given):
        raise fail("build/vm-base", f"there is no disk {given}", bases.BASE, image.source.span)
    lacking = _missing(suite)
    if lacking:
        raise fail("build/vm-programs", "a virtual machine needs programs that are not here", "; ".join(lacking))
    return VmTarget(context, suite)


def _missing(suite: Suite | None) -> list[str]:
    from importlib.util import find_spec

    packages = [
        package
        for program, package in ((qemu.PROGRAM, "qemu-system-x86"), ("qemu-img", "qemu-utils"))
        if shutil.which(program) is None
    ]
    packages += bases.missing(suite) if suite is not None else []
    found = [f"apt-get install {' '.join(packages)}"] if packages else []
    if find_spec("pycdlib") is None or find_spec("qemu") is None:
        found.append("pip install 'bakelift[vm]'")
    return found


class VmTarget:
    """See :class:`bakelift.runner.targets.Target`."""

    steps: tuple[str, ...] = ("StepCreateVM", "StepConnect")
    cancelled: str | None = "Build was cancelled."

    def __init__(self, context: TargetContext, suite: Suite | None) -> None:
        self._context = context
        self._suite = suite
        self._user = context.settings.text("ssh_username") or "packer"
        self._folder = ""
        self._work: BuildFolder | None = None
        self._guest: qemu.Qemu | None = None
        self._opened: Opened | None = None
        self._base: Base | None = None

    def preview(self, ui: Ui) -> Machine:
        """It keeps no states: every step would run."""
        return Machine(None, {"ConnType": "ssh"}, identity="vm")

    async def prepare(self, ui: Ui) -> Machine:
        from bakelift.runner.targets.sandbox import cache

        name = self._context.image.type
        ui.say("Building in a virtual machine on this one.")
        ui.say(NOT_TESTED.format(source="" if name == "null" or self._suite else "the source image, "))
        if self._suite is not None:
            self._base = await bases.made(self._suite, ui)
        else:
            try:
                self._base = bases.given(str(self._context.options.base))
            except OSError as error:
                raise BuildError(f"The base cannot be read: {error}") from error
        self._work = cache.BuildFolder.make()
        self._folder = self._work.folder("vm")
        answers = cache.ensure(cache.KVM)
        accelerated = await qemu.kvm_boots(self._base.path, self._base.kind, self._folder, answers)
        how = "with KVM" if accelerated else "by emulation, as no guest boots with KVM here: this takes a while"
        ui.say(f"Starting {self._base.name} {how}...")
        keys = await self._boot(accelerated)
        return await self._log_in(ui, keys)

    async def _boot(self, accelerated: bool) -> Keys:
        from bakelift.runner.targets.vm import seed

        assert self._base is not None
        disk = os.path.join(self._folder, "disk.qcow2")
        await _run("qemu-img", "create", "-q", "-f", "qcow2", "-b", self._base.path, "-F", self._base.kind, disk)
        keys = seed.make_keys()
        iso = os.path.join(self._folder, "seed.iso")
        seed.write(iso, self._user, keys, self._context.run_uuid or "build")
        cdrom = ("-drive", f"file={iso},format=raw,if=virtio,readonly=on")
        self._guest = await qemu.Qemu.start(self._folder, qemu.drives(disk, "qcow2", *cdrom), accelerated)
        return keys

    async def _log_in(self, ui: Ui, keys: Keys) -> Machine:
        from bakelift.runner.communicators.sessions import RefusedLogin, Unreachable, WrongHost, open_session
        from bakelift.runner.targets.ssh import Login, SshOptions

        assert self._guest is not None
        login = Login("127.0.0.1", self._guest.port, self._user, key=keys.user, host_key=keys.host_public)
        ui.say("Waiting for SSH to become available...")
        try:
            async with asyncio.timeout(self._context.settings.duration("ssh_timeout") or _BOOT):
                while self._opened is None:
                    if not self._guest.running:
                        raise BuildError(f"QEMU ended: {self._guest.said()}")
                    try:
                        self._opened = await open_session(SshOptions(login, forward_agent=False))
                    except (RefusedLogin, WrongHost, Unreachable):
                        # Until cloud-init has put the keys in place, the machine shows others, and lets nobody in.
                        await asyncio.sleep(1)
        except TimeoutError:
            raise BuildError(f"Timeout waiting for SSH. The last words of its console:\n{self._console()}") from None
        ui.say("Connected to SSH!")
        machine = self._opened.communicator
        try:
            async with asyncio.timeout(_READY):
                await machine.run("command -v cloud-init >/dev/null && cloud-init status --wait >/dev/null")
        except TimeoutError:
            raise BuildError("Timeout waiting for cloud-init to be done") from None
        data = {
            "ID": os.path.basename(os.path.dirname(self._folder)),
            "Host": login.host,
            "Port": str(login.port),
            "User": login.user,
            "ConnType": "ssh",
            "SSHPrivateKey": keys.user,
            "SSHPublicKey": keys.user_public,
        }
        return Machine(machine, data, (keys.user, keys.host))

    def _console(self) -> str:
        assert self._guest is not None
        try:
            with open(self._guest.serial, encoding="utf-8", errors="replace") as file:
                return "\n".join(file.read().splitlines()[-15:])
        except OSError:
            return "(nothing)"

    async def finish(self, ui: Ui) -> tuple[Artifact, ...]:
        from bakelift.runner.artifacts.outputs import outputs
        from bakelift.runner.targets.vm import image
        from bakelift.runner.targets.vm.generalize import SCRIPT

        assert self._guest is not None
        assert self._opened is not None
        assert self._base is not None
        ui.say("Generalizing the machine...")
        machine = self._opened.communicator
        try:
            status = await machine.run(f"sudo -n sh -s {self._user}", stdin=SCRIPT.encode())
        except CommunicatorError as error:
            raise BuildError(f"The machine could not be generalized: {error}") from error
        if status:
            raise BuildError(f"The machine could not be generalized: exit status {status}")
        ui.say("Powering off the machine...")
        if not await self._guest.power_off():
            raise BuildError("The machine did not power off")
        await self._opened.close()
        out = self._context.options.out or _OUT
        os.makedirs(out, exist_ok=True)
        stem = self._context.image.name.replace("/", "_")
        vhd, listing = os.path.join(out, f"{stem}.vhd"), os.path.join(out, f"{stem}.manifest.json")
        ui.say(f"Writing {vhd}...")
        part = os.path.join(out, f".{stem}.{os.urandom(4).hex()}.vhd")
        try:
            disk = os.path.join(self._folder, "disk.qcow2")
            options = "subformat=fixed,force_size"
            await _run("qemu-img", "convert", "-f", "qcow2", "-O", "vpc", "-o", options, disk, part)
            size = await asyncio.to_thread(image.check_vhd, part)
            os.replace(part, vhd)
        finally:
            if os.path.lexists(part):
                os.unlink(part)
        made = outputs(self._context.image, self._context.settings)
        facts = {
            "name": self._context.image.name,
            "base": self._base.name,
            "disk_size": size,
            "outputs": [each.plain() for each in made],
        }
        await asyncio.to_thread(image.manifest, listing, vhd, facts)
        return (image.artifact(self._context.image.name, vhd, listing),)

    async def cleanup(self, ui: Ui) -> None:
        if self._opened is not None:
            await self._opened.close()
        if self._guest is not None:
            await self._guest.end()
        if self._work is not None:
            await asyncio.to_thread(self._work.remove)


async def _run(*command: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        said, _ = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    if process.returncode:
        raise BuildError(f"{command[0]} failed: {said.decode('utf-8', 'replace').strip()}")
