"""The printer: what it writes parses to the same tree."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bakelift.translator.diagnostics import SourceFile, TemplateError
from bakelift.translator.languages.hcl.nodes import Attribute, Body
from bakelift.translator.languages.hcl.parser import parse_expression, parse_file
from bakelift.translator.languages.hcl.printer import can_print, print_expr
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
    template,
)

X, Y = Ref("name", "x"), Ref("name", "y")


def reread(text: str) -> Expr:
    item = parse_file(SourceFile("x", f"a = {text}\n")).body.items[0]
    assert isinstance(item, Attribute)
    return item.expr


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        (Literal('a"b\\c\n\t${x} %{y} $ é😀'), '"a\\"b\\\\c\\n\\t$${x} %%{y} $ \\u00e9\\U0001f600"'),
        (Template((Literal("$"), X)), '"\\u0024${x}"'),
        (Template((X,)), '"${x}${""}"'),
        (Literal("one\ntwo\n"), "<<-EOT\n  one\n  two\nEOT"),
        (Literal(" one\n  two\n"), "<<EOT\n one\n  two\nEOT"),
        (Literal("EOT\none\n"), "<<-EOF\n  EOT\n  one\nEOF"),
        (Literal("one\n\n  two ${x}\n"), "<<-EOT\n  one\n\n    two $${x}\nEOT"),
        (Literal("one\ntwo"), '"one\\ntwo"'),
        (ListExpr((Literal("one\ntwo\n"),)), "[\n<<-EOT\n    one\n    two\n  EOT\n]"),
        (
            ListExpr((Literal("one\ntwo\n"), Literal("x"))),
            '[\n<<-EOT\n    one\n    two\n  EOT\n,\n"x",\n]',
        ),
        (Template((Literal("a\n"), X, Literal("\nb\n"))), "<<-EOT\n  a\n  ${x}\n  b\nEOT"),
        (Literal(-5), "-5"),
        (Literal(Decimal("1.5")), "1.5"),
        (Call("multiply", (Call("add", (X, Y)), Literal(2))), "(x + y) * 2"),
        (Call("subtract", (X, Call("subtract", (X, Y)))), "x - (x - y)"),
        (Call("not", (Call("and", (X, Y)),)), "!(x && y)"),
        (Conditional(X, Literal(1), Conditional(Y, Literal(2), Literal(3))), "x ? 1 : y ? 2 : 3"),
        (Index(Splat(X, Ref("bound", "*")), Literal(0)), "(x[*])[0]"),
        (Index(Index(X, Literal("a b")), Literal("c")), 'x["a b"].c'),
        (ObjectExpr(((Literal("a-b"), X), (Literal("c d"), Y), (X, Y))), '{\na-b = x\n"c d" = y\n(x) = y\n}'),
        (ObjectExpr(()), "{}"),
        (Ref("input", "v"), "var.v"),
        (Ref("named", "v"), "local.v"),
        (Ref("build", "ID"), "build.ID"),
        (Ref("path", "root"), "path.root"),
        (Call("go.isotime", ()), "legacy_isotime()"),
        (Call("unknown:f", (X,), True), "f(x...)"),
    ],
)
def test_text(expr: Expr, expected: str) -> None:
    assert print_expr(expr) == expected


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        (Literal("a {{x}}"), '"a {{`{{`}}x}}"'),
        (Call("go.timestamp", ()), '"{{timestamp}}"'),
        (Template((Literal("i-"), Call("go.timestamp", ()), Ref("input", "v"))), '"i-{{timestamp}}${var.v}"'),
        (Template((Ref("command", "Vars"), Literal(" "), Ref("command", "Path"))), '"{{.Vars}} {{.Path}}"'),
        (Call("go.clean_resource_name", (Ref("input", "v"),)), '"{{clean_resource_name `${var.v}`}}"'),
        (Call("upper", (Ref("input", "v"),)), "upper(var.v)"),
        (Ref("build", "ID"), "build.ID"),
        (ListExpr((Literal("{{"), Call("go.uuid", ()))), '["{{`{{`}}", "{{uuid}}"]'),
        (Conditional(X, Literal("{{"), Ref("input", "v")), 'x ? "{{`{{`}}" : var.v'),
        (Template((Literal("a"), Conditional(X, Literal("{{"), Literal("")))), '"a%{ if x }{{`{{`}}%{ endif }"'),
        (Literal(3), "3"),
    ],
)
def test_text_in_plugin_fields(expr: Expr, expected: str) -> None:
    assert print_expr(expr, plugin_field=True) == expected


def test_generated_data_in_commands() -> None:
    assert print_expr(Ref("build", "User"), plugin_field=True, command=True) == '"{{.User}}"'


def test_what_hcl_has_no_words_for() -> None:
    assert not can_print(Call("go.timestamp", ()))
    assert can_print(Call("go.timestamp", ()), plugin_field=True)
    with pytest.raises(TemplateError, match="cannot express"):
        print_expr(Call("arm.format", ()))


def test_long_chain_needs_no_recursion() -> None:
    expr: Expr = X
    for _ in range(900):
        expr = Call("add", (expr, Literal(1)))
    assert print_expr(expr).count("+") == 900


def test_what_parses_prints_however_deep() -> None:
    text = "[" * 200 + "]" * 200
    expr = parse_expression(text)
    printed = print_expr(expr)
    assert "".join(printed.split()).replace(",", "") == text
    chain = parse_expression("x ? 1 : " * 200 + "2")
    assert print_expr(chain).count("?") == 200


def test_real_files_print_to_what_they_mean(hcl_corpus: dict[str, str]) -> None:
    def check(body: Body) -> int:
        count = 0
        for item in body.items:
            if isinstance(item, Attribute):
                printed = print_expr(item.expr, indent=1)
                assert printed.isascii()
                assert reread(printed) == item.expr
                count += 1
            else:
                count += check(item.body)
        return count

    count = 0
    for text in list(hcl_corpus.values())[::3]:
        try:
            count += check(parse_file(SourceFile("x", text)).body)
        except TemplateError:
            continue
    assert count > 3000


# Trees in normal form that HCL can say

names = st.sampled_from(["x", "y", "a-b", "in", "if"])
texts = st.text(alphabet=st.sampled_from(list('ab $%{}"\\\n\t~é\u4f60😀EOT<#')), max_size=12)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.decimals(allow_nan=False, allow_infinity=False, places=3).filter(lambda d: d != d.to_integral_value()),
    texts,
)
literals = scalars.map(lambda v: Literal(v.normalize() if isinstance(v, Decimal) else v))
refs = names.map(lambda n: Ref("name", n))
BINARY = ["add", "subtract", "multiply", "divide", "modulo", "and", "or", "equal", "not_equal", "less", "greater_equal"]


def as_text(expr: Expr) -> Expr:
    return expr if isinstance(expr, Template) else template([expr])


def grown(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    parts = st.lists(inner, max_size=4).map(lambda found: template([Literal("p"), *found]))
    branches = inner.map(as_text)
    directive = st.tuples(inner, branches, branches).map(lambda t: template([Conditional(*t)]))
    joined = st.tuples(inner, branches).map(lambda t: template([JoinedFor(For("k", "v", t[0], None, t[1], None))]))
    keys = st.one_of(texts.map(Literal), refs)
    return st.one_of(
        st.tuples(st.sampled_from(BINARY), inner, inner).map(lambda t: Call(t[0], t[1:])),
        inner.map(lambda e: Call("not", (e,))),
        refs.map(lambda e: Call("negate", (e,))),
        st.lists(inner, max_size=3).map(lambda items: ListExpr(tuple(items))),
        st.lists(st.tuples(keys, inner), max_size=3).map(lambda entries: ObjectExpr(tuple(entries))),
        st.tuples(inner, inner, inner).map(lambda t: Conditional(*t)),
        st.tuples(inner, inner).map(lambda t: Index(*t)),
        st.tuples(inner, texts.map(Literal)).map(lambda t: Index(*t)),
        inner.map(lambda e: Splat(e, Index(Ref("bound", "*"), Literal("n")))),
        inner.map(lambda e: Splat(e, Index(Ref("bound", "*"), Literal("n")), False)),
        st.tuples(inner, inner, st.none() | inner).map(lambda t: For(None, "v", t[0], None, t[1], t[2])),
        st.tuples(inner, inner, inner, st.booleans()).map(lambda t: For("k", "v", t[0], t[1], t[2], None, t[3])),
        st.tuples(st.sampled_from(["upper", "unknown:a::b", "join"]), st.lists(inner, min_size=1, max_size=3)).map(
            lambda t: Call(t[0], tuple(t[1]), len(t[1]) > 2)
        ),
        parts,
        directive,
        joined,
    )


trees = st.recursive(literals | refs, grown, max_leaves=12)


@settings(max_examples=400, deadline=None)
@given(trees)
def test_printed_text_parses_to_the_same_tree(expr: Expr) -> None:
    printed = print_expr(expr)
    assert printed.isascii()
    assert reread(printed) == expr
    assert parse_expression(printed + "\n") == expr
