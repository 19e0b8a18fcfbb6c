"""What a VM begins with: a disk that somebody gives, or one made of the packages of the Plan's source, once.

A source that is a marketplace image of Debian or Ubuntu names a suite. Its disk is made by mmdebstrap from the system's
own mirrors, and kept in the cache (``d/KEY/disk.raw``) under its suite and packages, for :data:`DAYS` days.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time

from bakelift.runner import suites
from bakelift.runner.artifacts import disk as disks
from bakelift.runner.errors import BuildError
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.runner.settings import Settings
    from bakelift.runner.suites import Suite
    from bakelift.runner.ui import Ui

#: How long a disk that was made is taken for fresh: by then security updates have piled up.
DAYS = 30

#: What a disk of our own making has room for. The file is sparse.
_SIZE = 8 << 30

#: What a marketplace image has, as far as builds notice.
_PACKAGES = (
    *("systemd-sysv", "dbus", "udev", "kmod", "procps", "sudo", "openssh-server", "cloud-init", "waagent"),
    *("iproute2", "ifupdown", "isc-dhcp-client", "ca-certificates", "curl", "e2fsprogs", "cloud-guest-utils"),
    *("grub-pc-bin", "grub2-common"),
)
_KERNELS = {"debian": "linux-image-cloud-amd64", "ubuntu": "linux-virtual"}
_NAMES = {"ubuntu": {"waagent": "walinuxagent", "isc-dhcp-client": "netplan.io", "ifupdown": "systemd-resolved"}}

BASE = "Say what to begin with: -base DISK (qcow2, raw or VHD, with cloud-init and an ssh server)."


class Base(Record):
    """``kind``: as QEMU calls the format of the file ``path``; ``name``: for people."""

    path: str
    kind: str
    name: str


def given(path: str) -> Base:
    """A disk that was named. Raises OSError."""
    with open(path, "rb") as file:
        head = file.read(4)
        file.seek(0, os.SEEK_END)
        file.seek(max(0, file.tell() - 512))
        kind = "qcow2" if head == b"QFI\xfb" else "vpc" if file.read(8) == b"conectix" else "raw"
    return Base(os.path.abspath(path), kind, path)


def suite_of(settings: Settings) -> Suite | None:
    """The suite that an azure-arm source names; None: it is nothing that can be made of packages."""
    return suites.of_image(*(settings.text(f"image_{part}") for part in ("publisher", "offer", "sku")))


def missing(suite: Suite) -> list[str]:
    """Debian packages without which the suite's disk cannot be made here."""
    return disks.missing() + suites.missing(suite)


async def made(suite: Suite, ui: Ui) -> Base:
    """The suite's disk: a fresh one of the cache, else one that is made now. Raises BuildError.

    Others that want the same wait for it; what a killed process left half-made is made again.
    """
    from hashlib import sha256

    from bakelift.runner.targets.sandbox import cache, overlays

    packages = [_NAMES.get(suite.distribution, {}).get(name, name) for name in _PACKAGES]
    packages.append(_KERNELS[suite.distribution])
    key = sha256(" ".join((suite.name, *packages)).encode()).hexdigest()[:12]
    place = os.path.join(cache.ensure(cache.DISKS), f"{suite.name}-{key}")
    base = Base(os.path.join(place, "disk.raw"), "raw", str(suite))
    lock = await asyncio.to_thread(cache.Lock.take, f"{place}.lock", True)
    assert lock is not None
    part = f"{place}.part"
    try:
        if _fresh(base.path):
            return base
        if os.geteuid() != 0:
            raise BuildError(f"Only root can make a disk of {base.name} here. {BASE}")
        ui.say(f"Making a disk of {base.name} with mmdebstrap; it is kept for the next builds...")
        await asyncio.to_thread(overlays.remove, part)
        os.mkdir(part, 0o700)
        root = os.path.join(part, "root")
        await _debootstrap(suite, packages, root, ui)
        _prepare(root)
        await asyncio.to_thread(disks.write, root, os.path.join(part, "disk.raw"), _SIZE)
        await asyncio.to_thread(overlays.remove, root)
        await asyncio.to_thread(overlays.remove, place)
        os.rename(part, place)
    finally:
        await asyncio.to_thread(overlays.remove, part)
        lock.release()
    return base


def _fresh(path: str) -> bool:
    try:
        return time.time() - os.stat(path).st_mtime < DAYS * 86400
    except FileNotFoundError:
        return False


async def _debootstrap(suite: Suite, packages: list[str], root: str, ui: Ui) -> None:
    command = [
        *("mmdebstrap", "--quiet", "--format=directory", "--variant=minbase", f"--include={','.join(packages)}"),
        *("--aptopt=Apt::Install-Recommends false", "--aptopt=Acquire::Languages none"),
        *(suite.name, root, *suites.sources(suite)),
    ]
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env=suites.environment(os.environ),
    )
    try:
        _, said = await process.communicate()
    except asyncio.CancelledError:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()  # it unmounts what it mounted
        await process.wait()
        raise
    if process.returncode:
        lines = said.decode("utf-8", "replace").strip().splitlines()
        for line in lines[-20:]:
            ui.error(line)
        raise BuildError(f"mmdebstrap could not make {suite.name}: {lines[-1] if lines else process.returncode}")


def _prepare(root: str) -> None:
    """What the packages leave to an installer: a network, and a machine id that is made at the first start."""
    files = {
        "etc/network/interfaces": "auto lo\niface lo inet loopback\nsource /etc/network/interfaces.d/*\n",
        "etc/hostname": "localhost\n",
        "etc/hosts": "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n",
        "etc/machine-id": "",
        "etc/cloud/cloud.cfg.d/90-sources.cfg": "datasource_list: [ NoCloud, Azure, None ]\n",
    }
    for name, text in files.items():
        path = os.path.join(root, name)
        if os.path.isdir(os.path.dirname(path)):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)
            with open(path, "w", encoding="ascii") as file:
                file.write(text)
