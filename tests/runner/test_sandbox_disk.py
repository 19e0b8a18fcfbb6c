"""Disks of a base and a layer, without mounting them: what is on them, read by the file system's own tools."""

from __future__ import annotations

import json
import os
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from bakelift.runner.artifacts import disk, sandbox, sandbox_disk
from bakelift.runner.artifacts.changes import never
from bakelift.runner.errors import BuildError
from bakelift.runner.targets.sandbox import overlays
from bakelift.runner.targets.sandbox.base import Base, Mount

MIB = 1 << 20


@pytest.fixture
def made(tmp_path: Path) -> sandbox.Made:
    base, upper = tmp_path / "base", tmp_path / "upper"
    for folder in ("etc", "bin", "tmp", "home/packer", "gone", "opt"):
        (base / folder).mkdir(parents=True)
    (base / "etc" / "kept").write_text("kept")
    (base / "etc" / "changed").write_text("before")
    (base / "gone" / "file").write_text("x")
    (base / "tmp" / "fleeting").write_text("x")
    (upper / "etc").mkdir(parents=True)
    (upper / "etc" / "changed").write_text("after")
    (upper / "opt").mkdir()
    (upper / "opt" / "program").write_text("#!/bin/sh\n")
    if os.geteuid() == 0:
        os.chown(upper / "opt" / "program", 12, 34)
    (upper / "opt" / "program").chmod(0o4755)
    os.symlink("program", upper / "opt" / "link")
    os.link(upper / "opt" / "program", upper / "opt" / "hard")
    overlays.delete(str(upper / "gone"))
    start = Base("folder", str(base), (Mount("", (str(base), str(tmp_path / "own"))),), (), str(base))
    (tmp_path / "own").mkdir()
    facts: dict[str, object] = {"plan": "sha256:0"}
    kind = {"kind": "folder", "name": str(base)}
    return sandbox.Made(
        "null.x", {"": str(upper)}, start, kind, frozenset({"home/packer"}), ("vhd", "raw"), 0, facts, never
    )


def look(path: str, command: str) -> str:
    place = f"{path}?offset={2 * MIB}"
    return subprocess.run(["debugfs", "-R", command, place], capture_output=True, text=True, check=True).stdout


def test_disks_hold_the_image_and_the_manifest_says_what_they_are(made: sandbox.Made, tmp_path: Path) -> None:
    if sandbox_disk.problem("folder", made.formats):
        pytest.skip(str(sandbox_disk.problem("folder", made.formats)))
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    before = sorted((str(p), p.lstat().st_ctime_ns) for p in (tmp_path / "base").rglob("*"))
    artifact = sandbox.write_all(made, str(tmp_path / "out"), str(scratch))
    assert sorted((str(p), p.lstat().st_ctime_ns) for p in (tmp_path / "base").rglob("*")) == before
    raw, vhd = tmp_path / "out" / "null.x.raw", tmp_path / "out" / "null.x.vhd"
    assert {str(raw), str(vhd)} <= set(artifact.files or ())
    size = raw.stat().st_size
    assert size % MIB == 0 and vhd.stat().st_size == size + 512
    assert raw.stat().st_blocks * 512 < size / 2 and vhd.stat().st_blocks * 512 < size / 2  # both are sparse
    with raw.open("rb") as one, vhd.open("rb") as other:
        while piece := one.read(MIB):
            assert other.read(len(piece)) == piece
        footer = other.read()
    assert footer[:8] == b"conectix" and struct.unpack(">Q", footer[48:56])[0] == size
    assert "after" in look(str(raw), "cat /etc/changed") and "kept" in look(str(raw), "cat /etc/kept")
    assert "User:    12   Group:    34" in " ".join(look(str(raw), "stat /opt/program").split("\n"))
    assert "Mode:  04755" in look(str(raw), "stat /opt/program") and "Links: 2" in look(str(raw), "stat /opt/hard")
    assert 'Fast link dest: "program"' in look(str(raw), "stat /opt/link")
    names = look(str(raw), "ls /") + look(str(raw), "ls /tmp") + look(str(raw), "ls /home")
    assert "gone" not in names and "fleeting" not in names and "packer" not in names
    check = ["e2fsck", "-fn", f"{raw}?offset={2 * MIB}"]
    assert subprocess.run(check, capture_output=True, check=False).returncode == 0
    data = json.loads((tmp_path / "out" / "null.x.manifest.json").read_text())
    assert [(each["format"], each["size"]) for each in data["disks"]] == [("raw", size), ("vhd", size + 512)]
    assert sandbox_disk.NO_KERNEL in data["notes"] and data["plan"] == "sha256:0"
    assert not [name for name in os.listdir(tmp_path / "out") if name.endswith(".part") or name.startswith(".")]


def test_a_disk_that_is_too_small_is_refused_and_leaves_nothing(made: sandbox.Made, tmp_path: Path) -> None:
    if sandbox_disk.problem("folder", made.formats):
        pytest.skip(str(sandbox_disk.problem("folder", made.formats)))
    (tmp_path / "scratch").mkdir()
    with pytest.raises(BuildError, match="os_disk_size_gb"):
        sandbox.write_all(made.but(disk_size=MIB), str(tmp_path / "out"), str(tmp_path / "scratch"))
    assert os.listdir(tmp_path / "out") == []


def test_what_keeps_disks_from_being_made_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "view" in str(sandbox_disk.problem("host", ("vhd",)))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert "root" in str(sandbox_disk.problem("folder", ("vhd",)))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(disk, "missing", lambda: ["grub-common"])
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert sandbox_disk.problem("tar", ("qcow2",)) == "a disk needs the packages grub-common, qemu-utils"
