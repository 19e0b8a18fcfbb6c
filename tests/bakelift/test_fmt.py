"""fmt: what is rewritten, what is said, and the statuses."""

from __future__ import annotations

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
