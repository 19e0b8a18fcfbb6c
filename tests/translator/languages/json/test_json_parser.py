"""JSON with places: what Go's encoding/json takes and refuses, and where it says so."""

from __future__ import annotations

import json
import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bakelift.translator.diagnostics import SourceFile, TemplateError
from bakelift.translator.languages.json.nodes import Array, Object, Scalar
from bakelift.translator.languages.json.parser import inner_offset, parse_json


def parse(text: str, lenient: bool = False) -> object:
    return parse_json(SourceFile("t.json", text), lenient).data()


def error(text: str, lenient: bool = False) -> str:
    with pytest.raises(TemplateError) as caught:
        parse(text, lenient)
    first = caught.value.diagnostics[0]
    assert first.span is not None
    return f"{first.span.line}:{first.span.column} {first.summary}"


def test_spans_of_keys_and_values() -> None:
    text = '{\n  "a": [1, "x"],\n  "b" : {"c": null}\n}'
    top = parse_json(SourceFile("t.json", text))
    assert isinstance(top, Object)
    a, b = top.members
    assert (a.key, a.key_span.text, a.value.span.text, a.span.text) == ("a", '"a"', '[1, "x"]', '"a": [1, "x"]')
    assert str(b.key_span) == "t.json:3:3"
    assert isinstance(a.value, Array)
    assert a.value.items[1].span.text == '"x"'
    assert isinstance(b.value, Object)
    null = b.value.get("c")
    assert isinstance(null, Scalar)
    assert (null.kind, null.span.line, null.span.column) == ("null", 3, 15)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("-0", 0),
        ("12345678901234567890", 12345678901234567890),
        ("1.0", 1),
        ("1e3", 1000),
        ("1.50", Decimal("1.5")),
        ("-2.5E-3", Decimal("-0.0025")),
        ("1e-99999", 0),
        ('"\\ud83d\\ude00\\u00e9\\n"', "\U0001f600é\n"),
        ('"\\ud83d x"', "\ufffd x"),
        (" [ ] ", []),
        ("true", True),
    ],
)
def test_values(text: str, value: object) -> None:
    assert parse(text) == value


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", "1:1 Error parsing JSON: unexpected end of JSON input"),
        ('{"a": 1,}', "1:9 Error parsing JSON: invalid character '}' looking for beginning of object key string"),
        ("[1,]", "1:4 Error parsing JSON: invalid character ']' looking for beginning of value"),
        ('{"a" 1}', "1:6 Error parsing JSON: invalid character '1' after object key"),
        ('{"a": 1 "b"}', "1:9 Error parsing JSON: invalid character '\"' after object key:value pair"),
        ("[1 2]", "1:4 Error parsing JSON: invalid character '2' after array element"),
        ("{} x", "1:4 Error parsing JSON: invalid character 'x' after top-level value"),
        ("[01]", "1:3 Error parsing JSON: invalid character '1' after array element"),
        ("[1.]", "1:4 Error parsing JSON: invalid character ']' in numeric literal"),
        ("[-]", "1:3 Error parsing JSON: invalid character ']' in numeric literal"),
        ("[1e+]", "1:5 Error parsing JSON: invalid character ']' in numeric literal"),
        ("[trux]", "1:5 Error parsing JSON: invalid character 'x' in literal true (expecting 'e')"),
        ('["a\nb"]', "1:4 Error parsing JSON: invalid character '\\n' in string literal"),
        ('["\\x"]', "1:4 Error parsing JSON: invalid character 'x' in string escape code"),
        ('["\\u12g4"]', "1:7 Error parsing JSON: invalid character 'g' in \\u hexadecimal character escape"),
        ('{"a": "b', "1:7 Error parsing JSON: unexpected end of JSON input: this string does not end"),
        ("[1, // no\n2]", "1:5 Error parsing JSON: invalid character '/' looking for beginning of value"),
        ("\ufeff{}", "1:1 Error parsing JSON: invalid character '\ufeff' looking for beginning of value"),
        ('{"a": 1,\n "b": {"c": 1, "c": 2}}', "2:16 template has duplicate field: c"),
        ("[1e999]", "1:2 cannot use the number 1e999"),
        ("9" * 400, "1:1 cannot use the number " + "9" * 30 + "…"),
        ("[" * 100000, "1:201 exceeded max depth"),
    ],
)
def test_what_is_refused_and_where(text: str, where: str) -> None:
    assert error(text) == where


def test_all_duplicates_are_told_at_once() -> None:
    with pytest.raises(TemplateError) as caught:
        parse('{"a": 1, "a": 2, "b": {"c": 1, "c": 2}}')
    assert [d.summary[-1] for d in caught.value.diagnostics] == ["a", "c"]


def test_hcl_json_merges_what_json_forbids() -> None:
    node = parse_json(SourceFile("t.pkr.json", '{"a": 1, "a": 2}'), duplicates=True)
    assert isinstance(node, Object)
    assert [m.value.data() for m in node.members] == [1, 2]


def test_lenient_takes_what_arm_files_hold() -> None:
    text = '\ufeff// top\n{ /* a */ "a": [1, 2,], // end\n "b": "x\ny",\n}\n/* last */'
    assert parse(text, lenient=True) == {"a": [1, 2], "b": "x\ny"}
    assert error('{"a": 1 /* never closed', lenient=True).startswith("1:9 ")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(json_values, st.booleans())
def test_reads_what_json_writes(value: object, ascii_only: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=1)
    assert parse(text) == value
    assert parse(text, lenient=True) == value


@given(st.text())
def test_any_text_ends_in_a_value_or_a_diagnostic(text: str) -> None:
    for lenient in (False, True):
        try:
            parse(text, lenient)
        except TemplateError as caught:
            assert caught.diagnostics[0].span is not None


@given(st.text(st.characters(exclude_categories=["Cs"])), st.booleans())
def test_places_inside_a_string(text: str, ascii_only: bool) -> None:
    raw = json.dumps(text + "#", ensure_ascii=ascii_only)
    node = parse_json(SourceFile("t.json", raw))
    assert raw[inner_offset(node, len(text))] == "#"


def test_hostile_text_is_refused_quickly() -> None:
    start = time.process_time()
    for text in ('["' + "\\" * 200001, "[" + "1," * 100000, "{" * 50000, '{"a":' * 50000, " " * 10**6, "/*" * 10**5):
        for lenient in (False, True):
            with pytest.raises(TemplateError):
                parse(text, lenient)
    assert time.process_time() - start < 5
