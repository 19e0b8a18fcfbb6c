"""The files that a build in a VM leaves: a fixed VHD as Azure takes it, and a manifest."""

from __future__ import annotations

import json
import os
import struct

from bakelift.runner.errors import BuildError
from bakelift.runner.targets import Artifact

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

BUILDER_ID = "bakelift.vm"
MIB = 1 << 20


def check_vhd(path: str) -> int:
    """The size of the disk in a fixed VHD, in bytes. Raises BuildError where Azure would refuse the file.

    The footer is the last 512 bytes (Virtual Hard Disk Image Format Specification): cookie, type 2, checksum; Azure
    wants whole mebibytes before it.
    """
    with open(path, "rb") as file:
        size = file.seek(0, os.SEEK_END) - 512
        file.seek(size)
        footer = file.read(512)
    current, kind, checksum = struct.unpack(">Q", footer[48:56])[0], *struct.unpack(">II", footer[60:68])
    summed = ~sum(footer[:64] + footer[68:]) & 0xFFFFFFFF
    if footer[:8] != b"conectix" or kind != 2 or checksum != summed or current != size or size % MIB:
        raise BuildError(f"{path} is no fixed VHD of whole mebibytes")
    return size


def manifest(path: str, vhd: str, facts: Mapping[str, object]) -> None:
    """Writes what the VHD is, as JSON: its size and digest, and the facts of the build."""
    import hashlib

    with open(vhd, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    data = {
        "version": 1,
        **facts,
        "vhd": {"file": os.path.basename(vhd), "size": os.path.getsize(vhd), "sha256": digest},
    }
    beside = f"{path}.{os.getpid()}"
    with open(beside, "w", encoding="utf-8") as file:
        json.dump(data, file, indent=2)
        file.write("\n")
    os.replace(beside, path)


def artifact(name: str, vhd: str, listing: str) -> Artifact:
    lines = [f"A disk for Azure, not uploaded: {name}", f"VHD: {vhd}", f"Manifest: {listing}"]
    return Artifact(BUILDER_ID, os.path.basename(vhd), "\n".join(lines), (vhd, listing))
