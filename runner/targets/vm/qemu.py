"""QEMU: one process, reached by QMP; its network leads from a port of the loopback to the guest's ssh.

Hardware acceleration is used only where a guest was seen to boot with it: a /dev/kvm that can be opened may still be
one on which no guest comes up. Whether it does is found out once between two boots of this machine.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import signal
import socket

from bakelift.runner.errors import BuildError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

PROGRAM = "qemu-system-x86_64"

#: Seconds that a guest gets to show that its kernel runs, and to power off by itself.
_PROBE = 20.0
_POWER_OFF = 180.0

#: What a kernel or a login prompt on the serial line looks like.
_ALIVE = re.compile(rb"Linux version|\[ +\d+\.\d+\]|login:|systemd")


def accelerator(accelerated: bool) -> tuple[str, ...]:
    if accelerated:
        return ("-accel", "kvm", "-cpu", "host")
    return ("-accel", "tcg,thread=multi", "-cpu", "max")


def drives(disk: str, kind: str, *more: str) -> tuple[str, ...]:
    return ("-drive", f"file={_escaped(disk)},format={kind},if=virtio,discard=unmap,cache=unsafe", *more)


def _escaped(path: str) -> str:
    """A comma begins the next option of a drive; doubled it is itself."""
    return path.replace(",", ",,")


class Qemu:
    """A running guest. ``folder``: where its serial line's log is; ``monitor``: our end of its QMP."""

    def __init__(self, process: asyncio.subprocess.Process, monitor: socket.socket, folder: str, port: int) -> None:
        self._process = process
        self._monitor = monitor
        self._folder = folder
        self.port = port

    @property
    def serial(self) -> str:
        return os.path.join(self._folder, "serial.log")

    @property
    def running(self) -> bool:
        return self._process.returncode is None

    @classmethod
    async def start(
        cls, folder: str, options: Sequence[str], accelerated: bool, memory: int = 1024, processors: int = 2
    ) -> Qemu:
        """Starts a guest with ``memory`` MiB. Raises BuildError when QEMU ends at once."""
        for _ in range(5):
            port = _free_port()
            monitor, theirs = socket.socketpair()
            network = f"user,id=n0,hostfwd=tcp:127.0.0.1:{port}-:22"
            command = [
                *(PROGRAM, "-nodefaults", "-no-user-config", "-display", "none", "-machine", "pc"),
                *(*accelerator(accelerated), "-smp", str(processors), "-m", str(memory)),
                *("-netdev", network, "-device", "virtio-net-pci,netdev=n0"),
                *("-device", "virtio-rng-pci", "-serial", f"file:{_escaped(os.path.join(folder, 'serial.log'))}"),
                *("-chardev", f"socket,id=qmp,fd={theirs.fileno()}", "-mon", "chardev=qmp,mode=control"),
                *options,
            ]
            with theirs, open(os.path.join(folder, "qemu.log"), "wb") as log:
                process = await asyncio.create_subprocess_exec(
                    *command,
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    pass_fds=(theirs.fileno(),),
                    preexec_fn=_end_with_parent,
                )
            guest = cls(process, monitor, folder, port)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(process.wait()), 0.5)
            if guest.running:
                return guest
            if "hostfwd" not in guest.said():
                break  # anything but a port that somebody took meanwhile
            await guest.end()
        raise BuildError(f"QEMU ended at once: {guest.said()}")

    def said(self) -> str:
        with open(os.path.join(self._folder, "qemu.log"), encoding="utf-8", errors="replace") as log:
            return log.read().strip()[-2000:]

    async def power_off(self) -> bool:
        """Presses the power button and waits until the guest has gone; False when it did not go by itself."""
        await self._ask("system_powerdown")
        try:
            await asyncio.wait_for(asyncio.shield(self._process.wait()), _POWER_OFF)
            return True
        except TimeoutError:
            return False

    async def _ask(self, command: str) -> None:
        """Gives one command, once: the monitor is closed behind it."""
        from qemu.qmp import QMPClient, QMPError

        client = QMPClient("build")
        client.logger.disabled = True
        try:
            await client.connect(self._monitor)
            await client.execute(command)
        except (QMPError, OSError) as error:
            raise BuildError(f"QEMU does not answer: {error}") from error
        finally:
            with contextlib.suppress(QMPError, OSError, EOFError):
                await client.disconnect()

    async def end(self) -> None:
        """Ends it, however it is."""
        if self.running:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
        await self._process.wait()
        self._monitor.close()


def _end_with_parent() -> None:
    """A guest does not outlive the build, even one that is killed."""
    import ctypes

    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def kvm_boots(disk: str, kind: str, folder: str, cache: str) -> bool:
    """Whether a guest boots with KVM here: tried with a throw-away view of this disk, and remembered until a reboot.

    ``cache``: a folder for the answer.
    """
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return False
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
        answer = os.path.join(cache, f"kvm-{file.read().strip()}")
    for known in ("yes", "no"):
        if os.path.exists(f"{answer}-{known}"):
            return known == "yes"
    trial = os.path.join(folder, "probe")
    os.makedirs(trial)
    boots = False
    try:
        guest = await Qemu.start(trial, (*drives(disk, kind), "-snapshot"), accelerated=True, memory=512)
        try:
            boots = await _shows_life(guest)
        finally:
            await guest.end()
    except BuildError:
        boots = False
    finally:
        shutil.rmtree(trial, ignore_errors=True)
    with open(f"{answer}-{'yes' if boots else 'no'}", "w", encoding="ascii"):
        return boots


async def _shows_life(guest: Qemu) -> bool:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _PROBE
    while guest.running and loop.time() < deadline:
        with contextlib.suppress(OSError), open(guest.serial, "rb") as file:
            if _ALIVE.search(file.read()):
                return True
        await asyncio.sleep(0.25)
    return False
