"""Disks of what a sandbox made: raw, qcow2, and fixed VHDs as Azure takes them."""

from __future__ import annotations

import os
import shutil

from bakelift.runner.artifacts import disk, root_tree, vhd
from bakelift.runner.errors import BuildError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bakelift.runner.targets.sandbox.base import Base

#: Kinds of disks; ``tar`` is the layer, and not one.
FORMATS = ("vhd", "raw", "qcow2")

MIB = 1 << 20

#: Room on a disk beyond its files: for the file system itself, and for what a system writes when it starts.
SPARE, SPARE_PART = 512 * MIB, 0.2

NO_KERNEL = "The disk has no kernel in it, so it does not boot."


def problem(kind: str, formats: Sequence[str]) -> str | None:
    """What keeps disks from being made here, of a kind of base; None: nothing."""
    if kind == "host":
        return "no disk is made of this machine's view; a base of its own can be one"
    if os.geteuid() != 0:
        return "a disk needs root: the files of an ordinary user's sandbox have no owners"
    missing = disk.missing()
    if "qcow2" in formats and shutil.which("qemu-img") is None:
        missing.append("qemu-utils")
    return f"a disk needs the package{'s' if len(missing) > 1 else ''} {', '.join(missing)}" if missing else None


def write(
    base: Base,
    uppers: Mapping[str, str],
    scratch: str,
    target: str,
    formats: Sequence[str],
    size: int,
    without: frozenset[str],
    stopped: Callable[[], bool],
) -> tuple[list[str], list[str]]:
    """Writes ``target``.vhd and its like (each beside its place first); their paths, and what to say about them.

    ``size``: of the disk in bytes, 0 for as large as its files need. Raises BuildError, OSError, InterruptedError.
    """
    tree = os.path.join(scratch, "root")
    (mount,) = base.mounts
    upper = [uppers[""]] if "" in uppers else []
    root_tree.merge([mount.lowers[0], *upper], tree, without, stopped)
    used, count = root_tree.size(tree)
    needed = round(used * (1 + SPARE_PART)) + 256 * count + SPARE
    if size and size < needed:
        raise BuildError(f"The files of the image need a disk of {needed // MIB} MiB; os_disk_size_gb is less.")
    whole = -(-max(size, needed) // MIB) * MIB
    raw = f"{target}.raw.part"
    notes = [] if _has_kernel(tree) else [NO_KERNEL]
    made: list[str] = []
    try:
        disk.write(tree, raw, whole)
        if "qcow2" in formats:
            made.append(_converted(raw, f"{target}.qcow2"))
        if "raw" in formats and "vhd" in formats:
            _copy(raw, f"{target}.vhd.part")
            os.replace(raw, f"{target}.raw")
            made.append(f"{target}.raw")
            made.append(_as_vhd(f"{target}.vhd.part", f"{target}.vhd"))
        elif "vhd" in formats:
            made.append(_as_vhd(raw, f"{target}.vhd"))
        elif "raw" in formats:
            os.replace(raw, f"{target}.raw")
            made.append(f"{target}.raw")
    finally:
        for part in (raw, f"{target}.vhd.part", f"{target}.qcow2.part"):
            if os.path.exists(part):
                os.unlink(part)
    return made, notes


def _has_kernel(tree: str) -> bool:
    boot = os.path.join(tree, "boot")
    return os.path.isdir(boot) and any(name.startswith("vmlinuz") for name in os.listdir(boot))


def _as_vhd(part: str, path: str) -> str:
    import time

    vhd.append(part, time.time())
    os.replace(part, path)
    return path


def _converted(raw: str, path: str) -> str:
    import subprocess

    command = ["qemu-img", "convert", "-f", "raw", "-O", "qcow2", raw, f"{path}.part"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BuildError(f"qemu-img failed: {done.stderr.strip()}")
    os.replace(f"{path}.part", path)
    return path


def _copy(source: str, target: str) -> None:
    """A copy without what is empty in a sparse file."""
    with open(source, "rb") as read, open(target, "wb") as write:
        size = read.seek(0, os.SEEK_END)
        write.truncate(size)
        at = 0
        while at < size:
            try:
                at = os.lseek(read.fileno(), at, os.SEEK_DATA)
            except OSError:
                return  # nothing but holes
            end = os.lseek(read.fileno(), at, os.SEEK_HOLE)
            read.seek(at)
            write.seek(at)
            while at < end and (piece := read.read(min(1 << 20, end - at))):
                write.write(piece)
                at += len(piece)
