"""A fixed VHD's footer, field by field; and by qemu-img, where that is."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from bakelift.runner.artifacts import vhd

MIB = 1 << 20


@pytest.mark.parametrize("size", [MIB, 31 * MIB, 2048 * MIB, 30 * 1024 * MIB, 200 * 1024 * MIB])
def test_the_footer_says_what_azure_reads(size: int) -> None:
    data = vhd.footer(size, 1_700_000_000.0, bytes(16))
    assert len(data) == 512 and data[:8] == b"conectix"
    features, version, offset, time = struct.unpack(">IIQI", data[8:28])
    assert (features, version, offset) == (2, 0x10000, (1 << 64) - 1)
    assert time == 1_700_000_000 - 946_684_800
    original, current, cylinders, heads, sectors, kind, checksum = struct.unpack(">QQHBBII", data[40:68])
    assert original == current == size and kind == 2
    assert checksum == ~sum(data[:64] + data[68:]) & 0xFFFFFFFF
    assert 0 < cylinders * heads * sectors <= size // 512 and 0 < heads <= 16 and cylinders < 65536


def test_other_sizes_are_refused() -> None:
    for size in (0, 512, MIB + 512, -MIB):
        with pytest.raises(ValueError):
            vhd.footer(size, 0)


def test_the_file_is_what_qemu_makes_of_the_same_disk(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.write_bytes(b"\x01" * 512)
    with disk.open("r+b") as file:
        file.truncate(5 * MIB)
    raw = disk.read_bytes()
    vhd.append(str(disk), 1_700_000_000.0)
    assert disk.read_bytes()[:-512] == raw and disk.stat().st_size == 5 * MIB + 512
    if shutil.which("qemu-img") is None:
        pytest.skip("no qemu-img on this machine")
    shown = subprocess.run(
        ["qemu-img", "info", "-f", "vpc", "--output=json", str(disk)], capture_output=True, check=True
    )
    assert json.loads(shown.stdout)["virtual-size"] == 5 * MIB
    theirs = tmp_path / "theirs.vhd"
    (tmp_path / "raw").write_bytes(raw)
    convert = ["qemu-img", "convert", "-f", "raw", "-O", "vpc", "-o", "subformat=fixed,force_size"]
    subprocess.run([*convert, str(tmp_path / "raw"), str(theirs)], check=True)
    ours, other = disk.read_bytes()[-512:], theirs.read_bytes()[-512:]
    # All but time, creator, geometry (the largest there is, as asked), checksum and id.
    assert ours[8:24] == other[8:24] and ours[40:56] == other[40:56] and ours[60:64] == other[60:64]
