"""Templates whose actions all name one thing are read without the grammar, and mean what the grammar says."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from bakelift.translator.diagnostics import SourceFile, Span
from bakelift.translator.languages.go_template import reading
from bakelift.translator.languages.go_template.functions import FIELDS
from bakelift.translator.plan.expressions import Expr, Literal

NAME = re.compile(r"\{\{ *\.\w+ *\}\}")
PIECES = ["{{.Path}}", "{{ .Vars }}", "{{  .ID }}", "chmod +x ", "'", "}}", "{", "\n", "%", "é", "sudo -E "]


def spans(expr: Expr) -> list[tuple[int, int] | None]:
    return [(node.span.start, node.span.end) if node.span else None for node in expr.walk()]


@given(st.lists(st.sampled_from(PIECES), max_size=8))
def test_the_short_way_finds_what_the_grammar_finds(pieces: list[str]) -> None:
    text = "".join(pieces)
    file = SourceFile("t", text)
    said = [Literal(text, Span(file, 0, len(text)))]
    place = reading._places(said, said[0].span)
    holes = ("Vars", "Path")
    short = reading._names_alone(said, holes, said[0].span, place)
    assert short is not None or "{{" in NAME.sub("", text) or "{{{" in text
    if short is not None and "{{" in text:
        whole = reading._parsed(said, FIELDS, holes, said[0].span, place)
        assert short == whole
        assert spans(short) == spans(whole)


def test_others_take_the_long_way() -> None:
    for text in (
        "{{- .Path }}",
        "{{ .Path | upper }}",
        "{{ .A.B }}",
        "{{`{{`}}{{.Path}}",
        "{{ user `x` }}",
        "{{ .Path",
    ):
        assert reading._names_alone([text], (), None, lambda _start, _end: None) is None
