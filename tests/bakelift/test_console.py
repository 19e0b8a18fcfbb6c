"""``bakelift console``: Packer's answers to both languages; messages in our form."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest

from bakelift.__main__ import main

#: How the lines of messages begin, Packer's and ours.
MESSAGES = (
    *("  ", "There is no", "This object", "template:", "build_name", "vars are", "template_dir:", "packer_version"),
    *("Only a build", "A variable can", "Packer renders", "Jinja"),
)


def answers(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, lines: str, *words: str) -> str:
    monkeypatch.setattr("sys.stdin", io.StringIO(lines))
    assert main(["console", *words]) == 0
    return capsys.readouterr().out


def without_messages(text: str) -> list[str]:
    """The answers alone: of an error only its summary's place is kept."""
    kept: list[str] = []
    skipping = False
    for line in text.splitlines():
        if line.startswith(("Error: ", "???????: ")):
            kept.append("ERROR")
            skipping = True
        elif skipping and (not line or line.startswith(MESSAGES)):
            continue
        else:
            skipping = False
            kept.append(line)
    return kept


def test_hcl(shared: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    folder = shared / "oracles" / "packer-1.6.6" / "x-console"
    out = answers(capsys, monkeypatch, (folder / "input.txt").read_text(), str(folder / "t.pkr.hcl"))
    golden = (folder / "out.txt").read_text().removesuffix("exit=0\n")
    assert without_messages(out) == without_messages(golden)
    assert "Error: Call to unknown function [packer/unknown-function]\n\n  on <console-input>:1:1" in out


def test_go_templates(shared: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """What changes from run to run is masked; ``packer_version`` is known since 1.7."""
    folder = shared / "oracles" / "packer-1.6.6" / "x-console"
    out = answers(capsys, monkeypatch, (folder / "input-json.txt").read_text(), "-config-type=json")
    golden = (folder / "out-json.txt").read_text()

    def masked(text: str) -> list[str]:
        lines = [line for line in without_messages(text) if line]
        return [re.sub(r"^(\d{10}|[0-9a-f]{8}-.*|/.*)$", "MASKED", line) for line in lines]

    expected = masked(golden)
    at = len(expected) - 1 - expected[::-1].index("ERROR")
    assert masked(out) == [*expected[:at], "1.16.0", *expected[at + 1 :]]


A, L, U = "default", '["d"]', '["untyped"]'
PRECEDENCE: tuple[tuple[list[str], str, str], ...] = (
    (["."], "", "a=auto-json l=D n=1"),
    (["t.pkr.hcl"], "", "a=default l=D n=1"),
    (["t.pkr.hcl"], "env", "a=env l=D n=1"),
    (["."], "env", "a=auto-json l=D n=1"),
    (["-var-file=vf1.pkrvars.hcl", "-var-file=vf2.pkrvars.json", "."], "", "a=vf2 l=D n=1"),
    # 1.6.6 reads all HCL files first; since 1.13 the order is that of the command line.
    (["-var-file=vf2.pkrvars.json", "-var-file=vf1.pkrvars.hcl", "."], "", "a=vf1 l=D n=1"),
    (["-var", "a=cmd", "-var-file=vf1.pkrvars.hcl", "."], "", "a=cmd l=D n=1"),
    (["-var", 'l=["x","y"]', "-var", "n=7", "t.pkr.hcl"], "", 'a=default l=["x","y"] n=7'),
)


@pytest.mark.parametrize(("words", "environment", "expected"), PRECEDENCE)
def test_precedence_in_hcl(
    shared: Path,
    words: list[str],
    environment: str,
    expected: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(shared / "oracles" / "packer-1.6.6" / "p-var-precedence" / "hcl")
    if environment:
        monkeypatch.setenv("PKR_VAR_a", environment)
    line = '"a=${var.a} l=${jsonencode(var.l)} n=${var.n}"\n'
    assert answers(capsys, monkeypatch, line, *words) == expected.replace("D", L) + "\n"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], "a=default b=benv c=default-c n=5 t=true extra="),
        (["-var-file=f1.json", "-var-file=f2.json"], "a=file2 b=file1 c=file2-c n=5 t=true extra="),
        (["-var-file=f2.json", "-var-file=f1.json"], "a=file1 b=file1 c=file1-c n=5 t=true extra="),
        (["-var", "a=cmd", "-var-file=f1.json"], "a=cmd b=file1 c=cmd-c n=5 t=true extra="),
        (["-var", "a=cmd{{upper `x`}}", "-var", "extra=x"], "a=cmdX b=benv c=cmdX-c n=5 t=true extra=x"),
        (["-var", "a=one", "-var", "a=two"], "a=two b=benv c=two-c n=5 t=true extra="),
    ],
)
def test_precedence_in_json(
    shared: Path,
    words: list[str],
    expected: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(shared / "oracles" / "packer-1.6.6" / "p-var-precedence" / "json")
    monkeypatch.setenv("BENV", "benv")
    line = " ".join(f"{name}={{{{user `{name}`}}}}" for name in ("a", "b", "c", "n", "t", "extra"))
    assert answers(capsys, monkeypatch, line + "\n", *words, "t.json") == expected + "\n"


def test_help_and_modes(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert "HCL expressions" in answers(capsys, monkeypatch, "help\n", "-config-type=hcl2")
    assert "Go templates" in answers(capsys, monkeypatch, "help\n", "-config-type=json")
    assert answers(capsys, monkeypatch, '"{{x}}"\n1+1\nexit\n2\n', "-config-type=hcl2") == "{{x}}\n2\n"
    assert answers(capsys, monkeypatch, "1+1 {{upper `a`}}\n", "-config-type=json") == "1+1 A\n"
    assert main(["console", "-config-type=yaml"]) == 1


def test_json_answers(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    out = answers(capsys, monkeypatch, '{a = [1, "x"]}\nnope()\n', "-json").splitlines()
    assert out[0] == '{"a":[1,"x"]}'
    assert json.loads(out[1])["error"].startswith("Call to unknown function")


def test_secrets_are_not_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    template = {
        "variables": {"a": "open", "p": "hunter2"},
        "sensitive-variables": ["p"],
        "builders": [{"type": "null", "communicator": "none"}],
    }
    (tmp_path / "t.json").write_text(json.dumps(template))
    out = answers(capsys, monkeypatch, "variables\n", str(tmp_path / "t.json"))
    assert "a: open,\np: <sensitive>,\n" in out
