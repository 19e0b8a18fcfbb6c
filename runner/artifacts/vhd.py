"""Fixed VHDs, as Azure takes them: a raw disk of whole mebibytes, and a footer of 512 bytes behind it.

Facts of the footer are of Microsoft's "Virtual Hard Disk Image Format Specification"; that Azure wants a fixed disk
whose size is a whole number of mebibytes, of "Prepare a VHD or VHDX to upload to Azure".
"""

from __future__ import annotations

import os
import struct
import uuid

MIB = 1 << 20
FOOTER = 512

#: Seconds from 1970 to the time that footers count from, 2000-01-01.
_EPOCH = 946_684_800

#: cookie, features, version, data offset, time, creator, its version, its system, original and current size, cylinders,
#: heads, sectors, type, checksum, id, saved state.
_LAYOUT = struct.Struct(">8sIIQI4sI4sQQHBBII16sB427x")
_COOKIE, _RESERVED, _VERSION, _NO_OFFSET, _FIXED = b"conectix", 2, 0x10000, 0xFFFFFFFFFFFFFFFF, 2
_CHECKSUM_AT = 64

#: Hyper-V's. Readers (QEMU is one) take the size for exact of known creators only, else the rounded geometry.
_CREATOR = b"win "


def footer(size: int, made: float, id: bytes | None = None) -> bytes:
    """The footer of a fixed disk. ``size``: bytes, whole mebibytes; ``made``: seconds since 1970."""
    if size <= 0 or size % MIB:
        raise ValueError("a VHD for Azure has whole mebibytes")
    cylinders, heads, sectors = geometry(size // 512)
    time = max(0, int(made) - _EPOCH) & 0xFFFFFFFF
    fields = (_COOKIE, _RESERVED, _VERSION, _NO_OFFSET, time, _CREATOR, _VERSION, b"Wi2k", size, size)
    data = _LAYOUT.pack(*fields, cylinders, heads, sectors, _FIXED, 0, id or uuid.uuid4().bytes, 0)
    checksum = ~sum(data) & 0xFFFFFFFF
    return data[:_CHECKSUM_AT] + struct.pack(">I", checksum) + data[_CHECKSUM_AT + 4 :]


def geometry(sectors: int) -> tuple[int, int, int]:
    """Cylinders, heads and sectors per track by the specification's appendix. Old BIOSes' numbers: at most 127 GB."""
    total = min(sectors, 65535 * 16 * 255)
    if total >= 65535 * 16 * 63:
        track, heads = 255, 16
        return total // track // heads, heads, track
    track = 17
    tracks = total // track
    heads = max((tracks + 1023) // 1024, 4)
    if tracks >= heads * 1024 or heads > 16:
        track, heads = 31, 16
        tracks = total // track
    if tracks >= heads * 1024:
        track, heads = 63, 16
        tracks = total // track
    return tracks // heads, heads, track


def append(path: str, made: float) -> None:
    """Makes a raw disk (whole mebibytes) a fixed VHD, in place."""
    with open(path, "r+b") as disk:
        size = disk.seek(0, os.SEEK_END)
        disk.write(footer(size, made))
