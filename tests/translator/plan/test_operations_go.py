"""Operations of Packer's Go templates; the expected texts are those of real Packer 1.6.6."""

from __future__ import annotations

import pytest

from bakelift.translator.diagnostics import TemplateError
from bakelift.translator.plan.evaluate import evaluate
from bakelift.translator.plan.expressions import Call, Expr, ListExpr, Literal, Ref
from bakelift.translator.plan.scope import Clock, Scope
from bakelift.translator.plan.values import from_python, to_expr, to_python

# 2023-11-14 22:13:20.549 UTC
SCOPE = Scope(clock=Clock(1700000000.549, lambda: "an-id"))


def run(name: str, *args: object) -> object:
    exprs = tuple(to_expr(from_python(arg)) for arg in args)
    return to_python(evaluate(Call(f"go.{name}", exprs), SCOPE))


@pytest.mark.parametrize(
    ("name", "args", "expected"),
    [
        ("timestamp", (), "1700000000"),
        ("isotime", (), "2023-11-14T22:13:20Z"),
        ("isotime", ("20060102-150405",), "20231114-221320"),
        ("isotime", ("Jan _2 06 03:04PM .000 Z07:00 MST 002 -07 January Janet Mon Monday Monty",), None),
        ("strftime", ("%a|%A|%b|%B|%c|%d|%L|%m|%Z|%%|%",), "Tue|Tuesday|Nov|November|%c|14|.549|11|UTC|%|%"),
        ("uuid", (), "an-id"),
        ("replace", ("a", "b", 1, "aaa"), "baa"),
        ("replace", ("a", "b", -1, "aaa"), "bbb"),
        ("replace_all", ("a", "b", "aaa"), "bbb"),
        ("split", ("a-b-c", "-", 1), "b"),
        ("clean_resource_name", ("a \u00e9:c_",), "a----c"),
        ("printf", ("%03d|%s|%v|%q|%x|%5s|%-5s|%t", *"7abcdefg"), None),
        ("printf", ("%d %s", 3), "3 %!s(MISSING)"),
        ("printf", ("%s", "a", "b"), "a%!(EXTRA string=b)"),
        ("printf", ("%v %v %%", True, 1.5), "true 1.5 %"),
        ("printf", ("%5.2f|%e|%g", 3.14159, 2.5, 1e21), " 3.14|2.500000e+00|%!g(int=1000000000000000000000)"),
        ("print", ("a", 1, 2, "b"), "a1 2b"),
        ("print", (1, 2), "1 2"),
        ("println", ("a", 1), "a 1\n"),
        ("html", ("<a&\"'>",), "&lt;a&amp;&#34;&#39;&gt;"),
        ("js", ("a'b\"<>",), "a\\'b\\\"\\u003C\\u003E"),
        ("len", ("h\u00e9llo",), 6),
        ("index", ("abc", 1), 98),
        ("index", ({"a": ["x", "y"]}, "a", 1), "y"),
        ("slice", ("abcdef", 1, 3), "bc"),
        ("slice", ([1, 2, 3], 1), [2, 3]),
        ("eq", ("a", "b", "a"), True),
        ("ne", ("a", "b"), True),
        ("lt", (1, 2), True),
        ("ge", ("b", "a"), True),
        ("and", ("", "x"), ""),
        ("and", ("a", "x"), "x"),
        ("or", ("", "x"), "x"),
        ("not", ("",), True),
    ],
)
def test_values(name: str, args: tuple[object, ...], expected: object) -> None:
    longer = {
        "isotime": "Nov 14 23 10:13PM .549 Z UTC 318 +00 November Janet Tue Tuesday Monty",
        "printf": '%!d(string=007)|a|b|"c"|64|    e|f    |%!t(string=g)',
    }
    assert run(name, *args) == (longer[name] if expected is None else expected)


@pytest.mark.parametrize(
    ("name", "args", "message"),
    [
        ("split", ("a-b", "-", 5), "the substring 5 was unavailable using the separator value, -, only 2 values were"),
        ("eq", ("a", 1), "incompatible types for comparison"),
        ("index", ("abc", 5), "out of range"),
        ("slice", ("abc", 2, 9), "index out of range: 9"),
        ("lt", (True, False), "invalid type for comparison"),
    ],
)
def test_errors(name: str, args: tuple[object, ...], message: str) -> None:
    with pytest.raises(TemplateError, match=message):
        run(name, *args)


def test_symbolic_parts() -> None:
    x: Expr = Ref("input", "x")
    left = to_expr(evaluate(Call("go.or", (x, Literal("a"))), SCOPE))
    assert left == Call("go.or", (x, Literal("a")))
    assert to_expr(evaluate(Call("go.or", (Literal("a"), x)), SCOPE)) == Literal("a")
    assert to_expr(evaluate(Call("go.timestamp", ()), Scope())) == Call("go.timestamp", ())
    # What has no row stays, with its arguments folded.
    node = Call("go.call", (Call("upper", (Literal("a"),)), ListExpr(())))
    assert to_expr(evaluate(node, SCOPE)) == Call("go.call", (Literal("A"), ListExpr(())))
