"""Templates with one thing wrong each: what is told of it, and where.

``broken/NAME.json`` is the template, ``broken/NAME.txt`` what is told: ``line:column severity code: summary``, and
whether the template could be read all the same. ``BAKELIFT_UPDATE=1 pytest …`` writes it anew.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bakelift.translator.diagnostics import Diagnostics, SourceFile, TemplateError
from bakelift.translator.imagebuilder.reader import read_template

CASES = sorted((Path(__file__).parent / "broken").glob("*.json"))


def told(path: Path) -> str:
    found = Diagnostics()
    try:
        read_template(SourceFile(path.name, path.read_text()), path.name, found)
        end = "read"
    except TemplateError as problem:
        found.extend(problem.diagnostics)
        end = "not read"
    if found.failed:
        end = "not read"
    lines = []
    for item in found:
        assert item.span is not None and item.span.file.path == path.name
        lines.append(f"{item.span.line}:{item.span.column} {item.severity} {item.code}: {item.summary}")
    return "\n".join([*lines, end, ""])


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_broken(path: Path) -> None:
    expected = path.with_suffix(".txt")
    if os.environ.get("BAKELIFT_UPDATE"):
        expected.write_text(told(path))
    assert told(path) == expected.read_text()


def test_there_are_enough() -> None:
    assert len(CASES) >= 20
