"""A bootable disk from a tree of files: without mounting anything, without loop devices.

GPT with two partitions: a small one for the boot loader's second stage, and ext4 with the system. A BIOS reads the
first sector (GRUB's boot image), that reads the second stage by its place on the disk, and that reads
``/boot/grub/grub.cfg`` of the file system. Where those images keep the places is in GRUB's ``boot.S`` and
``diskboot.S`` (include/grub/i386/pc).

Needs sfdisk, mke2fs, grub-mkimage and GRUB's i386-pc images, and the right to read the whole tree (ids stay).
"""

from __future__ import annotations

import contextlib
import os
import shutil
import struct
import subprocess
import tempfile
import uuid

from bakelift.runner.errors import BuildError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

SECTOR = 512
MIB = 1 << 20

_IMAGES = "/usr/lib/grub/i386-pc"
#: What the second stage can do by itself: find the file system, read the menu, load Linux.
_MODULES = (
    "biosdisk part_gpt part_msdos ext2 normal linux configfile search search_fs_uuid echo test ls serial terminal"
)

_MENU = """serial --unit=0 --speed=115200
terminal_input serial console
terminal_output serial console
set timeout=0
search --no-floppy --fs-uuid --set=root {uuid}
menuentry "Linux" {{
    linux /vmlinuz root=UUID={uuid} ro console=tty1 console=ttyS0,115200n8
    initrd /initrd.img
}}
"""
_FSTAB = "UUID={uuid} / ext4 defaults,discard,errors=remount-ro 0 1\n"

#: Programs by the Debian package that has them.
TOOLS = {"sfdisk": "fdisk", "mke2fs": "e2fsprogs", "grub-mkimage": "grub-common"}


def missing() -> list[str]:
    """Debian packages without which no disk can be made here."""
    found = [package for program, package in TOOLS.items() if shutil.which(program, path=search_path()) is None]
    return found if os.path.exists(f"{_IMAGES}/boot.img") else [*found, "grub-pc-bin"]


def search_path() -> str:
    """Where programs of the system are, for users whose PATH leaves sbin out."""
    return os.environ.get("PATH", "") + ":/usr/sbin:/sbin"


def write(root: str, path: str, size: int) -> None:
    """Writes a raw disk of ``size`` bytes (whole MiB) with the system below ``root``, which gets fstab and a menu.

    Raises BuildError with what a program said.
    """
    if size % MIB:
        raise ValueError("a disk has whole mebibytes")
    name = str(uuid.uuid4())
    _put(root, "etc/fstab", _FSTAB.format(uuid=name))
    _put(root, "boot/grub/grub.cfg", _MENU.format(uuid=name))
    with open(path, "wb") as disk:
        disk.truncate(size)
    _run(
        ("sfdisk", "--quiet", path),
        "label: gpt\n"
        "start=2048, size=2048, type=21686148-6449-6E6F-744E-656564454649, name=bios\n"
        "start=4096, type=0FC63DAF-8483-4772-8E79-3D69D8477DE4, name=root\n",
    )
    blocks = (size - 2 * MIB - MIB) // 4096  # the last mebibyte holds the copy of the table
    offset = f"offset={2 * MIB}"
    _run(
        ("mke2fs", "-q", "-F", "-t", "ext4", "-U", name, "-L", "root", "-d", root, "-E", offset, path, f"{blocks * 4}k")
    )
    with tempfile.TemporaryDirectory() as scratch:
        core = os.path.join(scratch, "core.img")
        prefix = "(hd0,gpt2)/boot/grub"
        _run(("grub-mkimage", "-O", "i386-pc", "-d", _IMAGES, "-p", prefix, "-o", core, *_MODULES.split()))
        _install(path, core)


def _install(path: str, core: str) -> None:
    """Puts both stages in place, and tells each where the next one is."""
    with open(f"{_IMAGES}/boot.img", "rb") as file:
        boot = bytearray(file.read(440))
    with open(core, "rb") as file:
        second = bytearray(file.read())
    if len(second) > MIB:
        raise BuildError("GRUB's second stage is larger than its partition")
    start = MIB // SECTOR
    struct.pack_into("<Q", boot, 0x5C, start)
    boot[0x66:0x68] = b"\x90\x90"  # hard disks keep their number
    struct.pack_into("<Q", second, 0x1F4, start + 1)
    with open(path, "r+b") as disk:
        disk.write(boot)
        disk.seek(MIB)
        disk.write(second)


def _put(root: str, name: str, text: str) -> None:
    """Writes a file of the tree anew. Links in the tree are not followed: what is in it may be a template's doing."""
    *folders, last = name.split("/")
    place = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for folder in folders:
            with contextlib.suppress(FileExistsError):
                os.mkdir(folder, 0o755, dir_fd=place)
            inner = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=place)
            os.close(place)
            place = inner
        with contextlib.suppress(FileNotFoundError):
            os.unlink(last, dir_fd=place)
        descriptor = os.open(last, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644, dir_fd=place)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text)
    except OSError as error:
        raise BuildError(f"{name} cannot be written into the image: {error.strerror}") from error
    finally:
        os.close(place)


def _run(command: Sequence[str], given: str | None = None) -> None:
    try:
        done = subprocess.run(
            command,
            input=given,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PATH": search_path(), "LC_ALL": "C"},
        )
    except OSError as error:
        raise BuildError(f"{command[0]}: {error.strerror}") from error
    if done.returncode:
        raise BuildError(f"{command[0]} failed: {done.stderr.strip() or done.stdout.strip()}")
