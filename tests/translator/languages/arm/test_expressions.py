"""ARM expressions: what they mean in the tree, how the tree is said in them, and that both agree."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bakelift.translator.diagnostics import TemplateError
from bakelift.translator.languages.arm import (
    Symbols,
    Unprintable,
    expr_to_value,
    parse_arm,
    print_arm,
    printable,
    text_to_expr,
)
from bakelift.translator.plan.expressions import (
    FALSE,
    NULL,
    TRUE,
    Call,
    Conditional,
    For,
    Index,
    ListExpr,
    Literal,
    ObjectExpr,
    Ref,
    Splat,
    Template,
)
from bakelift.translator.plan.types import BOOL, NUMBER, STRING, ListType, MapType

SYMBOLS = Symbols(
    types={
        ("input", "prefix"): STRING,
        ("input", "n"): STRING,
        ("input", "i"): NUMBER,
        ("input", "flag"): BOOL,
        ("input", "l"): ListType(STRING),
        ("input", "tags"): MapType(STRING),
        ("named", "tags"): MapType(STRING),
        ("named", "x"): STRING,
    }
)


def p(name: str) -> Ref:
    return Ref("input", name)


def v(name: str) -> Ref:
    return Ref("named", name)


def t(*parts: object) -> Template:
    return Template(tuple(Literal(x) if isinstance(x, str) else x for x in parts))  # type: ignore[misc,arg-type]


def c(operation: str, *args: object) -> Call:
    return Call(operation, tuple(Literal(a) if isinstance(a, (str, int)) else a for a in args))  # type: ignore[arg-type,misc]


BOTH_WAYS = [
    (Literal("it's"), "'it''s'"),
    (Literal(5), "5"),
    (Literal(2**31), "json('2147483648')"),
    (TRUE, "true()"),
    (NULL, "null()"),
    (p("prefix"), "parameters('prefix')"),
    (Index(v("a"), Literal("b")), "variables('a').b"),
    (Index(v("a"), Literal("odd-name")), "variables('a')['odd-name']"),
    (t(p("prefix"), "-img"), "format('{0}-img', parameters('prefix'))"),
    (t("a", p("i"), "b", p("prefix")), "format('a{0}b{1}', parameters('i'), parameters('prefix'))"),
    (t("f=", p("flag")), "format('f={0}', toLower(string(parameters('flag'))))"),
    (t(p("flag")), "toLower(string(parameters('flag')))"),
    (t("{{.ID}} ", p("prefix")), "concat('{{.ID}} ', parameters('prefix'))"),
    (t("{", p("i"), "}"), "concat('{', string(parameters('i')), '}')"),
    (c("split", ":", v("x")), "split(variables('x'), ':')"),
    (Index(c("split", ":", v("x")), Literal(0)), "split(variables('x'), ':')[0]"),
    (c("join", ",", p("l")), "join(parameters('l'), ',')"),
    (c("lower", c("replace", p("n"), "_", "-")), "toLower(replace(parameters('n'), '_', '-'))"),
    (c("concat", v("l"), ListExpr((p("n"),))), "concat(variables('l'), createArray(parameters('n')))"),
    (
        Conditional(c("not_equal", p("n"), ""), p("n"), Literal("tmp")),
        "if(not(equals(parameters('n'), '')), parameters('n'), 'tmp')",
    ),
    (c("merge", v("tags"), p("tags")), "union(variables('tags'), parameters('tags'))"),
    (c("merge", v("o"), p("o")), "shallowMerge(createArray(variables('o'), parameters('o')))"),
    (c("coalesce", p("n"), v("x")), "if(not(empty(parameters('n'))), parameters('n'), variables('x'))"),
    (
        c("lookup", p("tags"), "k", "d"),
        "if(contains(parameters('tags'), 'k'), parameters('tags').k, 'd')",
    ),
    (
        c("try", Index(Index(p("o"), Literal("vm")), Literal("size")), "D2"),
        "coalesce(tryGet(parameters('o'), 'vm', 'size'), 'D2')",
    ),
    (c("format", "%s-%03d", p("n"), p("i")), "format('{0}-{1:D3}', parameters('n'), parameters('i'))"),
    (c("substr", p("n"), 0, 24), "take(parameters('n'), 24)"),
    (c("substr", p("n"), 2, 24), "take(skip(parameters('n'), 2), 24)"),
    (c("greater", c("length", p("l")), 0), "greater(length(parameters('l')), 0)"),
    (c("contains", ListExpr((Literal("a"), Literal("b"))), p("n")), "contains(createArray('a', 'b'), parameters('n'))"),
    (c("and", c("and", p("flag"), FALSE), TRUE), "and(parameters('flag'), false(), true())"),
    (
        c("join", ",", For(None, "s", p("l"), None, c("upper", Ref("bound", "s")), None)),
        "join(map(parameters('l'), lambda('s', toUpper(lambdaVariables('s')))), ',')",
    ),
    (
        For("k", "v", p("tags"), c("lower", Ref("bound", "k")), Ref("bound", "v"), None),
        "toObject(items(parameters('tags')), lambda('e', toLower(lambdaVariables('e').key)), "
        "lambda('e', lambdaVariables('e').value))",
    ),
    (c("formatdate", "YYYYMMDD", p("t")), "dateTimeAdd(parameters('t'), 'PT0S', 'yyyyMMdd')"),
    (c("timeadd", p("t"), "1h30m"), "dateTimeAdd(parameters('t'), 'PT1H30M', 'yyyy-MM-ddTHH:mm:ssZ')"),
    (
        c("trimprefix", p("n"), "v"),
        "if(equals(take(parameters('n'), length('v')), 'v'), skip(parameters('n'), length('v')), parameters('n'))",
    ),
    (Index(c("arm.resourceGroup"), Literal("location")), "resourceGroup().location"),
    (
        c("arm.resourceId", p("n"), "Microsoft.Compute/images", v("x")),
        "resourceId(parameters('n'), 'Microsoft.Compute/images', variables('x'))",
    ),
    (c("jsonencode", ObjectExpr(((Literal("a"), p("n")),))), "string(createObject('a', parameters('n')))"),
    (c("unknown:contoso.name", "x"), "contoso.name('x')"),
    (c("arm.startsWith", p("n"), "a"), "startsWith(parameters('n'), 'a')"),
]


@pytest.mark.parametrize(("expr", "text"), BOTH_WAYS, ids=[text for _, text in BOTH_WAYS])
def test_says_and_reads(expr: object, text: str) -> None:
    assert print_arm(expr, SYMBOLS) == text  # type: ignore[arg-type]
    assert parse_arm(text, None, SYMBOLS) == expr


@pytest.mark.parametrize(
    ("expr", "text"),
    [
        (c("regex_replace", p("n"), "[ :]", "-"), "replace(replace(parameters('n'), ' ', '-'), ':', '-')"),
        (c("startswith", p("n"), "a"), "equals(take(parameters('n'), length('a')), 'a')"),
        (c("element", p("l"), p("i")), "parameters('l')[mod(parameters('i'), length(parameters('l')))]"),
        (
            Splat(p("l"), Index(Ref("bound", "*"), Literal("x"))),
            "map(parameters('l'), lambda('x', lambdaVariables('x').x))",
        ),
        (c("add", p("n"), 1), "add(int(parameters('n')), 1)"),
        (
            c("cidrsubnet", p("n"), 8, 1),
            "cidrSubnet(parameters('n'), add(parseCidr(parameters('n')).cidr, 8), 1)",
        ),
        (c("floor", c("divide", p("i"), 2)), "div(parameters('i'), 2)"),
        (c("go.replace_all", "_", "-", p("n")), "replace(parameters('n'), '_', '-')"),
    ],
)
def test_says(expr: object, text: str) -> None:
    assert print_arm(expr, SYMBOLS) == text  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "expr"),
    [
        ("CONCAT('a', Parameters('n'))", t("a", p("n"))),
        ("sys.concat('a', parameters('n'))", t("a", p("n"))),
        ("concat(parameters('x'), parameters('y'))", c("arm.concat", p("x"), p("y"))),
        ("format('{{{0}}}', parameters('n'))", t("{", p("n"), "}")),
        ("nothing(1)", c("unknown:nothing", 1)),
        ("coalesce(parameters('a'), 1)", c("arm.coalesce", p("a"), 1)),
        ("contains(parameters('z'), 'k')", c("arm.contains", p("z"), "k")),
    ],
)
def test_reads(text: str, expr: object) -> None:
    assert parse_arm(text, None, SYMBOLS) == expr


@pytest.mark.parametrize(
    ("expr", "reason"),
    [
        (c("divide", p("i"), 2), "whole numbers"),
        (c("regex_replace", p("n"), "^a+", "b"), "regular expressions"),
        (c("sha256", p("n")), "no function for sha256"),
        (Ref("build", "ID"), "while the image is built"),
        (t("x", p("l")), "collection"),
        (Literal("x" * 25_000), "24576 characters"),
        (c("split", p("n"), p("n")), "constant separator"),
    ],
)
def test_refuses_what_would_mean_something_else(expr: object, reason: str) -> None:
    assert reason in (printable(expr, SYMBOLS) or "")  # type: ignore[arg-type]
    with pytest.raises(Unprintable):
        print_arm(expr, SYMBOLS)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "concat(",
        "concat('a'",
        "'a",
        "parameters",
        "parameters('a').",
        "a(b c)",
        "a()) ",
        "1.5",
        "toLower()",
        "a(" * 300,
        "é()",
    ],
)
def test_broken_expressions_end_in_a_diagnostic(text: str) -> None:
    with pytest.raises(TemplateError) as raised:
        parse_arm(text)
    assert raised.value.diagnostics[0].code.startswith("arm/")


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        ("[test", "[test"),
        ("[test]", "[[test]"),
        ("[]", "[[]"),
        ("[[ -f x ]]", "[[[ -f x ]]"),
        ("[ -f x ] && y", "[ -f x ] && y"),
        ("[ -f x ]", "[[ -f x ]"),
    ],
)
def test_literal_text_with_brackets(literal: str, value: str) -> None:
    assert expr_to_value(Literal(literal)) == value
    assert text_to_expr(value) == Literal(literal)
    assert expr_to_value(Literal(literal), expressions=False) == literal


def test_values_keep_their_structure() -> None:
    expr = ObjectExpr(((Literal("a"), ListExpr((p("n"), Literal(1)))), (t(p("n"), "-k"), TRUE)))
    assert expr_to_value(expr, SYMBOLS) == {"a": ["[parameters('n')]", 1], "[format('{0}-k', parameters('n'))]": True}


texts = st.text(alphabet="ab{}[]'%-\n é", max_size=8)
strings = st.recursive(
    st.one_of(texts.map(Literal), st.sampled_from([p("prefix"), p("n"), v("x")])),
    lambda inner: st.one_of(
        inner.map(lambda e: c("lower", e)),
        inner.map(lambda e: c("trimspace", e)),
        st.tuples(inner, inner).map(lambda e: c("replace", e[0], "_", e[1])),
        st.tuples(inner, inner).map(lambda e: Conditional(c("equal", e[0], "a"), e[0], e[1])),
        st.tuples(inner, st.sampled_from([p("i"), p("flag"), p("n")]), texts).map(
            lambda e: Template((Literal("a" + e[2]), e[1], Literal("b")))
        ),
        inner.map(lambda e: Index(c("split", ":", e), Literal(0))),
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(strings)
def test_what_is_printed_reads_back(expr: object) -> None:
    assert parse_arm(print_arm(expr, SYMBOLS), None, SYMBOLS) == expr  # type: ignore[arg-type]
