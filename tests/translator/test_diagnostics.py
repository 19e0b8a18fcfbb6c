"""Positions and the collection of diagnostics."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bakelift.terminal import render
from bakelift.translator.diagnostics import Diagnostic, Diagnostics, SourceFile, Span


@given(st.text(alphabet="ab\n\r\té", max_size=60), st.data())
def test_line_and_column_agree_with_counting(text: str, data: st.DataObject) -> None:
    offset = data.draw(st.integers(0, len(text)))
    before = text[:offset]
    expected = (before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1)
    assert SourceFile("t", text).position(offset) == expected


def test_a_diagnostic_shows_its_place_and_underlines_it() -> None:
    file = SourceFile("web.pkr.hcl", 'a = 1\n\tname = "x"\n')
    shown = render(Diagnostic("error", "hcl/x", "Bad name", "Use another.", Span(file, 14, 17)))
    assert "Error: Bad name [hcl/x]" in shown
    assert "on web.pkr.hcl:2:9" in shown
    lines = shown.splitlines()
    source = next(i for i, line in enumerate(lines) if "name = " in line)
    start = lines[source].index('"x"')
    assert lines[source + 1] == " " * start + "^^^"
    assert "\x1b" not in shown
    assert "\x1b[1;31m" in render(Diagnostic("error", "hcl/x", "Bad"), colour=True)


def test_the_same_thing_is_said_once() -> None:
    found = Diagnostics()
    file = SourceFile("t", "abc")
    for _ in range(2):
        found.error("a/b", "no", span=Span(file, 1, 2))
    found.error("a/b", "no", span=Span(file, 2, 3))
    assert len(found) == 2 and found.failed
