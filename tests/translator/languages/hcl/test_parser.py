"""The parser: verdicts and places as HashiCorp's, trees, spans, comments, errors."""

from __future__ import annotations

import contextlib
import json
import time
from decimal import Decimal
from pathlib import Path

import pytest

from bakelift.translator.diagnostics import SourceFile, TemplateError
from bakelift.translator.languages.hcl.nodes import Attribute, File
from bakelift.translator.languages.hcl.parser import parse_expression, parse_file
from bakelift.translator.plan.expressions import (
    Call,
    Conditional,
    Expr,
    For,
    Index,
    JoinedFor,
    ListExpr,
    Literal,
    ObjectExpr,
    Ref,
    Splat,
    Template,
)

X, Y = Ref("name", "x"), Ref("name", "y")


def read(text: str) -> File:
    return parse_file(SourceFile("x.pkr.hcl", text))


def value(text: str) -> Expr:
    attribute = read(f"a = {text}\n").body.attribute("a")
    assert attribute is not None
    return attribute.expr


def errors(text: str) -> list[tuple[int, int, str]]:
    with pytest.raises(TemplateError) as caught:
        read(text)
    return [(d.span.line, d.span.column, d.summary) for d in caught.value.diagnostics if d.span]


def attr(target: Expr, name: str | int) -> Index:
    return Index(target, Literal(name))


# Verdicts


def test_verdict_of_each_syntax_case(shared: Path) -> None:
    different = []
    for line in (shared / "oracles/hcl/syntax_cases.jsonl").read_text().splitlines():
        case = json.loads(line)
        try:
            read(case["source"])
            verdict = True
        except TemplateError:
            verdict = False
        if verdict != case["valid"]:
            different.append(case["name"])
    assert different == []


#: Where HashiCorp's parser has its first error in the real files that it refuses.
REFUSED = {
    "malformed.pkr.hcl": (5, 1, "Argument or block definition required"),
    "hcp-setup-build.pkr.hcl": (3, 12, "Invalid expression"),
    "template.pkr.hcl": (14, 12, "Invalid expression"),
    "windows2019.pkr.hcl": (257, 78, "Invalid character"),
    "packer.pkr.hcl": (35, 28, "Invalid character"),
}


def test_real_files_parse_where_hashicorps_parser_accepts(hcl_corpus: dict[str, str]) -> None:
    refused = {}
    for path, text in hcl_corpus.items():
        try:
            read(text)
        except TemplateError as error:
            span = error.diagnostics[0].span
            assert span is not None
            refused[path] = (span.line, span.column, error.diagnostics[0].summary)
    assert len(refused) == 7
    for path, found in refused.items():
        assert found == REFUSED[path.rsplit("/", 1)[-1]], path


def test_names_are_those_that_python_hcl2_reads(hcl_corpus: dict[str, str]) -> None:
    hcl2 = pytest.importorskip("hcl2")
    compared = 0
    for text in list(hcl_corpus.values())[::8]:
        if len(text) > 6000:
            continue
        try:
            body = read(text).body
            other = hcl2.loads(text)
        except Exception:
            continue
        ours = {item.name if isinstance(item, Attribute) else item.type for item in body.items}
        assert {name for name in other if not name.startswith("__")} == ours
        compared += 1
    assert compared > 20


# Trees


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", Call("add", (Literal(1), Call("multiply", (Literal(2), Literal(3)))))),
        ("x - 1 - 2", Call("subtract", (Call("subtract", (X, Literal(1))), Literal(2)))),
        ("!x && y || x", Call("or", (Call("and", (Call("not", (X,)), Y)), X))),
        ("x == y != true", Call("not_equal", (Call("equal", (X, Y)), Literal(True)))),
        ("x ? 1 : y ? 2 : 3", Conditional(X, Literal(1), Conditional(Y, Literal(2), Literal(3)))),
        ("-x.y[0]", Call("negate", (attr(attr(X, "y"), 0),))),
        ("-5", Literal(-5)),
        ("x.0", attr(X, 0)),
        ('x["a b"].c', attr(attr(X, "a b"), "c")),
        ("x[y]", Index(X, Y)),
        ("x[*].b[0]", Splat(X, attr(attr(Ref("bound", "*"), "b"), 0))),
        ("x.*.b[0]", attr(Splat(X, attr(Ref("bound", "*"), "b"), False), 0)),
        ("[x, 1,]", ListExpr((X, Literal(1)))),
        ('{ a = x, "b c" : 1, (y) = 2, null = 3 }', None),
        ("upper(x)", Call("upper", (X,))),
        ("legacy_isotime()", Call("go.isotime", ())),
        ("nope::f(x...)", Call("unknown:nope::f", (X,), True)),
        ("[for x in y : x if x != y]", None),
        ('"${x}"', X),
        ('"a${x}b"', Template((Literal("a"), X, Literal("b")))),
        ('"a${"b${x}"}"', Template((Literal("ab"), X))),
        ('"${x}${""}"', Template((X,))),
        ('"$${x} %%{y} $ % $$"', Literal("${x} %{y} $ % $$")),
        ('"$$${x}"', Literal("$${x}")),
        ('"\\u00e9\\U0001F600\\n\\""', Literal('é😀\n"')),
        ('"e\\u0301"', Literal("é")),
        (
            '"a %{ if x }b%{ else }${y}%{ endif }"',
            Template((Literal("a "), Conditional(X, Literal("b"), Template((Y,))))),
        ),
        ('"%{ if x }b%{ endif }"', Template((Conditional(X, Literal("b"), Literal("")),))),
        ('"a  ${~ x ~}  b"', Template((Literal("a"), X, Literal("b")))),
    ],
)
def test_tree(text: str, expected: Expr | None) -> None:
    if expected is not None:
        assert value(text) == expected


def test_object_keys() -> None:
    keys = [key for key, _ in value('{ a = 1, "b c" : 1, (y) = 2, null = 3, b.c = 4, 5 = 6 }').entries]  # type: ignore[attr-defined]
    b = Ref("name", "b")
    assert keys == [Literal("a"), Literal("b c"), Y, Literal("null"), attr(b, "c"), Literal(5)]


def test_for_binds_its_names_and_shadows() -> None:
    bound = Ref("bound", "x")
    inner = For(None, "x", bound, None, bound, None)
    expected = For("y", "x", X, Ref("bound", "y"), inner, Call("equal", (bound, Ref("name", "z"))), True)
    assert value("{ for y, x in x : y => [for x in x : x]... if x == z }") == expected


def test_directive_binds_until_its_end() -> None:
    loop = For(None, "x", X, None, Template((Ref("bound", "x"),)), None)
    assert value('"%{ for x in x }${x}%{ endfor }${x}"') == Template((JoinedFor(loop), X))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<<EOT\n  a\nEOT\n", "  a\n"),
        ("<<-EOT\n    a\n\n      b\n  EOT\n", "a\n\n  b\n"),
        ("<<-EOT\n  a\n b\n  EOT\n", " a\nb\n"),
        ("<<EOT\n$${x} %%{y} \\n $$\nEOT\n", "${x} %{y} \\n $$\n"),
        ("<<EOT\nEOT\n", ""),
        ("<<EOT\n EOTX\nEOT\n", " EOTX\n"),
        ("<<-EOT\n\t\ta\n\t  b\n\tEOT\n", "a\n b\n"),
    ],
)
def test_heredoc(text: str, expected: str) -> None:
    assert value(text) == Literal(expected)


def test_trims_come_before_the_indentation_is_taken_away() -> None:
    # The line of x has lost its blanks when the indentation is counted, so there is none that all lines share; the
    # line end of a is a piece of its own, which ~ does not reach.
    parts = (Literal("    a\n"), X, Literal("      b\n    c\n"))
    assert value("<<-EOT\n    a\n    ${~ x ~}\n      b\n    c\n  EOT\n") == Template(parts)


def test_numbers_are_exact() -> None:
    assert value("123456789012345678901234567890") == Literal(123456789012345678901234567890)
    assert value("0.1234567890123456789012345678901234567890") == Literal(
        Decimal("0.123456789012345678901234567890123456789")
    )
    assert value("1.50") == Literal(Decimal("1.5"))
    assert value("1E+2") == Literal(100)
    assert isinstance(value("1.0"), Literal) and value("1.0") == Literal(1)


# Bodies, spans, comments


def test_blocks_labels_and_spans() -> None:
    text = 'source "azure-arm" image {\n  a = "x"\n  b { c = (1) }\n}\n'
    block = read(text).body.blocks[0]
    assert (block.type, block.label_texts, [label.quoted for label in block.labels]) == (
        "source",
        ("azure-arm", "image"),
        [True, False],
    )
    assert block.span.text == text.rstrip()
    assert block.header_span.text == 'source "azure-arm" image'
    a = block.body.attribute("a")
    inner = block.body.blocks[0].body.attribute("c")
    assert a is not None and inner is not None
    assert (a.span.text, a.name_span.text, a.value_span.text) == ('a = "x"', "a", '"x"')
    assert (inner.value_span.text, inner.expr) == ("(1)", Literal(1))


def test_every_node_has_its_span(hcl_corpus: dict[str, str]) -> None:
    for text in list(hcl_corpus.values())[::10]:
        try:
            body = read(text).body
        except TemplateError:
            continue
        stack = [body]
        while stack:
            for item in stack.pop().items:
                if not isinstance(item, Attribute):
                    stack.append(item.body)
                    continue
                for node in item.expr.walk():
                    assert node.span is not None
                    assert item.span.start <= node.span.start <= node.span.end <= item.span.end


def test_comments_go_to_what_they_stand_at() -> None:
    file = read(
        "# head\n// of a\na = 1 # behind a\n/* of\n * b */\n"
        "b {\n  # in b\n  c = [\n    1, # inside\n  ]\n  # last\n}\n# end\n"
    )
    a, b = file.body.items
    assert [c.text for c in a.comments] == ["head", "of a"]
    assert [c.text for c in a.trailing] == ["behind a"]
    assert [c.text for c in b.comments] == ["of\nb"]
    assert not isinstance(b, Attribute)
    assert [c.text for c in b.body.items[0].comments] == ["in b", "inside"]
    assert [c.text for c in b.body.comments] == ["last"]
    assert [c.text for c in file.body.comments] == ["end"]
    assert len(file.comments) == 8


# Errors


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = = 1\n", [(1, 5, "Invalid expression")]),
        ("a = 1 b = 2\n", [(1, 7, "Missing newline after argument")]),
        ("b {} c {}\n", [(1, 6, "Missing newline after block definition")]),
        ("b {\n  a = 1\n", [(1, 3, "Unclosed configuration block")]),
        ("a = 1\na = 2\n", [(2, 1, "Attribute redefined")]),
        ("a = 'x'\nb = `y`\n", [(1, 5, "Invalid character"), (2, 5, "Invalid character")]),
        ("a = x & y\n", [(1, 7, "Unsupported operator")]),
        ('a = "x\ny"\n', [(1, 7, "Invalid multi-line string")]),
        ("a = [1 2]\nb = {c = 1 d = 2}\n", [(1, 8, "Missing item separator"), (2, 12, "Missing attribute separator")]),
        ('a = "${f(}"\nb = 1.2.3\n', [(1, 10, "Invalid expression"), (2, 5, "Invalid number literal")]),
        ('a = "\\q \\u12"\n', [(1, 6, "Invalid escape sequence"), (1, 9, "Invalid escape sequence")]),
        ('b "${x}" {\n}\nc = ?\n', [(1, 4, "Invalid string literal"), (3, 5, "Invalid expression")]),
        (
            "b\n{\n}\n",
            [(1, 1, "Argument or block definition required"), (2, 1, "Argument or block definition required")],
        ),
        ("a = <<EOT\nhi\n", [(3, 1, "Unterminated template string")]),
        ("}\n", [(1, 1, "Argument or block definition required")]),
        ('a = "%{ if x }"\n', [(1, 6, "Unexpected end of template")]),
        ('"a" = 1\n', [(1, 1, "Invalid argument name")]),
        ("a = x.0.1\n", [(1, 7, "Invalid legacy index syntax")]),
        ("a = \ud83d\n", None),
    ],
)
def test_errors(text: str, expected: list[tuple[int, int, str]] | None) -> None:
    found = errors(text)
    if expected is not None:
        assert found[: len(expected)] == expected


def test_an_error_in_a_block_does_not_hide_what_follows() -> None:
    found = errors('b {\n  a = [1,\n  c = 2\n}\nd {\n  e = "${}"\n  f = 1 2\n}\n')
    assert (7, 9, "Missing newline after argument") in found


@pytest.mark.parametrize("opener", ["[", "(", "{a=", "f(", "x[", '"${', "-(", "!", "[for x in ", "x ? y : ["])
def test_deep_nesting_is_an_error_with_a_place(opener: str) -> None:
    assert any(summary == "Nesting too deep" for _, _, summary in errors(f"a = {opener * 2000}"))


def test_deep_blocks_are_an_error() -> None:
    assert any(summary == "Nesting too deep" for _, _, summary in errors("b {\n" * 3000))


def test_two_hundred_lists_are_not_too_deep() -> None:
    assert isinstance(value("[" * 200 + "]" * 200), ListExpr)


@pytest.mark.parametrize(
    "text",
    [
        "/*" * 200_000,
        'a = "' * 100_000,
        "a = <<EOT\n" + "line of text\n" * 20_000 + "EOT\n",
        "a = <<EOT\n" + "x ${y} z\n" * 20_000 + "EOT\n",
        "a = <<EOT\n" * 20_000,
        "a = [\n" * 30_000,
        "\u20ac" * 100_000,
        "a = 1" + "." * 200_000,
        "a = x\n" * 20_000,
        'a = "' + "\\n" * 100_000 + '"\n',
        "${" * 50_000,
    ],
)
def test_time_is_linear(text: str) -> None:
    started = time.process_time()
    with contextlib.suppress(TemplateError):
        read(text)
    assert time.process_time() - started < 4


def test_expression_alone() -> None:
    assert parse_expression("[\n1,\n2\n]\n") == ListExpr((Literal(1), Literal(2)))
    with pytest.raises(TemplateError, match="Extra characters after expression"):
        parse_expression("1 2")
    assert parse_expression("{}") == ObjectExpr(())


@pytest.mark.parametrize("text", ["1e49999999999999999901", "1e-49999999999999999901", "0e49999999999999999901"])
def test_exponents_beyond_all_bounds_are_refused(text: str) -> None:
    with pytest.raises(TemplateError) as raised:
        parse_expression(text)
    assert [d.code for d in raised.value.diagnostics] == ["hcl/invalid-number"]
