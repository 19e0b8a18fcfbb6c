"""fmt: what is rewritten, what is said, and the statuses."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from bakelift.__main__ import main

UGLY = 'variable "a"{\ntype=string\n  default    = "x"\n}\n'
PRETTY = 'variable "a" {\n  type    = string\n  default = "x"\n}\n'


def test_files_are_rewritten_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "sub").mkdir()
    for name in ("a.pkr.hcl", "b.pkrvars.hcl", "c.txt", "sub/d.pkr.hcl"):
        (tmp_path / name).write_text(UGLY)
    monkeypatch.chdir(tmp_path)
    assert main(["fmt", "-check", "."]) == 3
    assert (tmp_path / "a.pkr.hcl").read_text() == UGLY
    capsys.readouterr()
    assert main(["fmt", "."]) == 0
    assert capsys.readouterr().out.split() == ["a.pkr.hcl", "b.pkrvars.hcl"]
    assert (tmp_path / "a.pkr.hcl").read_text() == PRETTY
    assert (tmp_path / "c.txt").read_text() == (tmp_path / "sub/d.pkr.hcl").read_text() == UGLY
    assert main(["fmt", "-recursive", "."]) == 0
    assert main(["fmt", "-check", "-recursive", "."]) == 0


def test_a_difference_is_shown_and_nothing_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.pkr.hcl"
    path.write_text(UGLY)
    assert main(["fmt", "-diff", "-write=false", str(path)]) == 0
    out = capsys.readouterr().out
    assert '-variable "a"{' in out and '+variable "a" {' in out
    assert path.read_text() == UGLY


def test_a_broken_file_is_left_alone_and_the_others_done(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.pkr.hcl").write_text("variable {{{\n")
    (tmp_path / "b.pkr.hcl").write_text(UGLY)
    assert main(["fmt", str(tmp_path)]) == 1
    assert "a.pkr.hcl:1:" in capsys.readouterr().err
    assert (tmp_path / "a.pkr.hcl").read_text() == "variable {{{\n"
    assert (tmp_path / "b.pkr.hcl").read_text() == PRETTY


@pytest.mark.parametrize(
    ("says", "expected"),
    [
        ("Packer v1.6.6", "a = ! var.b\n"),
        ("Packer v1.16.0", "a = !var.b\n"),
        ("nonsense", "a = !var.b\n"),
        (None, "a = !var.b\n"),
    ],
)
def test_the_installed_packer_decides_on_the_blank_behind_not(
    says: str | None, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    if says is not None:
        (programs / "packer").write_text(f"#!/bin/sh\necho '{says}'\n")
        (programs / "packer").chmod(0o755)
    monkeypatch.setenv("PATH", str(programs))
    path = tmp_path / "a.pkr.hcl"
    path.write_text("a=!  var.b\n")
    assert main(["fmt", str(path)]) == 0
    assert path.read_text() == expected


@pytest.mark.skipif(shutil.which("packer") is None, reason="no packer on this machine")
def test_the_bytes_of_packer_fmt(
    shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both commands over every real file; a file that Packer refuses is refused."""
    monkeypatch.chdir(tmp_path)
    theirs, ours = Path("theirs"), Path("ours")
    theirs.mkdir()
    ours.mkdir()
    files = [p for e in ("pkr", "pkrvars") for p in sorted((shared / "corpus").rglob(f"*.{e}.hcl")) if p.is_file()]
    names = {f"{n:03}.{'.'.join(p.name.split('.')[-2:])}": p.read_bytes() for n, p in enumerate(files)}
    for name, data in names.items():
        (theirs / name).write_bytes(data)
        (ours / name).write_bytes(data)
    packer = subprocess.run(["packer", "fmt", "theirs"], capture_output=True, text=True, check=False)
    main(["fmt", "ours"])
    said, err = packer.stdout + packer.stderr, capsys.readouterr().err
    refused = {name for name in names if f"failed to parse HCL theirs/{name}" in said}
    assert refused == {name for name in names if f"on ours/{name}:" in err}
    assert len(names) - len(refused) >= 400
    assert [name for name in names if (theirs / name).read_bytes() != (ours / name).read_bytes()] == []
