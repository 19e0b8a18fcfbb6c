"""console: expressions in, values out."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from bakelift.__main__ import main


def answers(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], text: str, *words: str) -> list[str]:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    assert main(["console", *words]) == 0
    return capsys.readouterr().out.splitlines()


def test_json_answers(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    lines = 'upper("a")\n[1, "b", true, null]\n1 / 3 > 0.3\nnosuch()\n{{upper `x`}}\nexit\n"never"\n'
    found = [json.loads(line) for line in answers(monkeypatch, capsys, lines, "-json")]
    assert found[:3] == ["A", [1, "b", True, None], True]
    assert "nosuch" in found[3]["error"]
    assert found[4:] == ["X"]


def test_variables_and_locals_of_a_template(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], checkout: Path
) -> None:
    template = str(checkout / "fixtures" / "web-server" / "web.pkr.hcl")
    lines = "var.release\nlength(local.stamp)\nvar.nope\nvariables\n"
    found = answers(monkeypatch, capsys, lines, "-var", "release=9", template)
    assert found[:2] == ["9", "8"]
    assert any("Unsupported attribute" in line for line in found)
    assert 'var.client_secret: "<sensitive>"' in found
