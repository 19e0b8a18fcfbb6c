"""Every code of a diagnostic or a report's entry has an explanation, and every explanation a code."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from bakelift.__main__ import main
from bakelift.explaining import Explanation, area, areas, explanation, near

#: Calls that take a code.
TELLING = {
    "Diagnostic",
    "Problem",
    "CannotLower",
    "Told",
    "error",
    "warning",
    "note",
    "fail",
    "failure",
    "say",
    "wrong",
}
CODE = re.compile(r"[a-z]+/[a-z0-9]+(-[a-z0-9]+)*")


@cache
def sources(checkout: Path) -> list[tuple[Path, list[ast.AST]]]:
    """Every module with its nodes."""
    paths = [path for top in ("bakelift", "translator", "runner") for path in sorted((checkout / top).rglob("*.py"))]
    return [(path, list(ast.walk(ast.parse(path.read_text())))) for path in paths]


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def told_in(checkout: Path) -> dict[str, str]:
    """Every code that stands in the source, with a place of it: texts that look like one and begin with an area."""
    found: dict[str, str] = {}
    for path, nodes in sources(checkout):
        for node in nodes:
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
                found.setdefault(node.value, f"{path.relative_to(checkout)}:{node.lineno}")
    return {code: place for code, place in found.items() if code.partition("/")[0] in areas()}


@cache
def explained() -> dict[str, Explanation]:
    return {item.code: item for name in areas() for item in getattr(area(name), "explanations", ())}


def test_every_code_has_an_explanation(checkout: Path) -> None:
    missing = {code: place for code, place in told_in(checkout).items() if code not in explained()}
    assert not missing, "add them to bakelift/explanations/AREA.toml"


def test_every_explanation_has_a_code(checkout: Path) -> None:
    assert set(explained()) <= set(told_in(checkout)), "nothing tells of these: remove them"


def test_every_area_of_a_told_code_has_a_file(checkout: Path) -> None:
    unknown = set()
    for path, nodes in sources(checkout):
        for node in nodes:
            if not isinstance(node, ast.Call):
                continue
            for argument in node.args if _called(node) in TELLING else ():
                text = argument.value if isinstance(argument, ast.Constant) else None
                if isinstance(text, str) and CODE.fullmatch(text) and text.partition("/")[0] not in areas():
                    unknown.add(f"{text} ({path.relative_to(checkout)}:{node.lineno})")
    assert not unknown, "these areas need a bakelift/explanations/AREA.toml"


def test_codes_are_written_out(checkout: Path) -> None:
    """A code that is put together cannot be found by who looks for it, nor by these tests."""
    for path, nodes in sources(checkout):
        for node in nodes:
            if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                start = re.fullmatch(r"([a-z]+)/[a-z-]*", str(node.values[0].value))
                assert start is None or start[1] not in areas(), f"{path}:{node.lineno}: {ast.unparse(node)}"
            elif isinstance(node, ast.Call) and _called(node) in TELLING:
                for argument in node.args:
                    if isinstance(argument, ast.JoinedStr):
                        assert not re.fullmatch(r"\{\w+\}/[a-z-]+", ast.unparse(argument)[2:-1]), (
                            f"{path}:{node.lineno}"
                        )


def test_explanations_say_something(checkout: Path) -> None:
    for code, item in explained().items():
        assert len(item.meaning) > 20 and item.meaning.endswith((".", ":")), code
        assert len(item.way_out) > 5 and item.way_out.endswith("."), code
        assert item.example and all(len(line) <= 100 for line in item.example.split("\n")), code
    for name in areas():
        found = area(name)
        assert found is not None and found.about


def test_a_code_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "files/outside-root"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("files/outside-root\n") and "Example:" in out and "-root DIR" in out
    assert main(["explain", "[files/outside-root]"]) == 0
    assert capsys.readouterr().out == out


def test_an_area_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "files"]) == 0
    assert "  files/missing " in capsys.readouterr().out
    assert main(["explain"]) == 0
    out = capsys.readouterr().out
    assert all(f"\n  {code} " in out for code in explained())


@pytest.mark.parametrize(
    ("word", "meant"), [("files/outside-rot", "files/outside-root"), ("outside-root", "files/outside-root")]
)
def test_a_near_code_is_suggested(word: str, meant: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert explanation(word) is None
    assert meant in near(word)
    assert main(["explain", word]) == 1
    said = capsys.readouterr()
    assert not said.out and f"Did you mean {meant}" in said.err


def test_nonsense_is_answered_with_the_areas(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "?"]) == 1
    err = capsys.readouterr().err
    assert "Did you mean" not in err and "files" in err
