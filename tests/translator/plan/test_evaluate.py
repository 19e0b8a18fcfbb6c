"""Partial evaluation: what is known is folded, the rest stays an expression."""

from __future__ import annotations

import pytest

from bakelift.translator.diagnostics import TemplateError
from bakelift.translator.files import DictFiles
from bakelift.translator.languages.hcl.parser import parse_expression
from bakelift.translator.plan.evaluate import evaluate
from bakelift.translator.plan.expressions import (
    Call,
    Conditional,
    Expr,
    For,
    Index,
    ListExpr,
    Literal,
    ObjectExpr,
    Ref,
    Splat,
    Template,
    transform,
)
from bakelift.translator.plan.scope import Scope
from bakelift.translator.plan.types import BOOL, NUMBER, STRING, ListType
from bakelift.translator.plan.values import SENSITIVE, Value, from_python, to_expr, to_python, unknown

X = Ref("input", "x")
KINDS = {"var": "input", "local": "named", "data": "data"}


def read(source: str) -> Expr:
    """An expression with ``var.x`` and ``local.x`` resolved as the reader of templates resolves them."""

    def visit(node: Expr) -> Expr | None:
        if isinstance(node, Index) and isinstance(node.target, Ref) and node.target.kind == "name":
            kind = KINDS.get(node.target.name)
            if kind and isinstance(node.key, Literal):
                return Ref(kind, str(node.key.value), node.span)  # type: ignore[arg-type]
        return None

    return transform(parse_expression(source), visit)


def left(source: str, scope: Scope | None = None) -> Expr:
    return to_expr(evaluate(read(source), scope or Scope()))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("var.x", X),
        ("length([var.x, 1])", Literal(2)),
        ("{a = var.x, b = 2}.b", Literal(2)),
        ("{a = var.x}.a", X),
        ("[1, var.x][0]", Literal(1)),
        ('"a${1 + 1}-${var.x}-${upper("b")}c"', Template((Literal("a2-"), X, Literal("-Bc")))),
        ('"${"a"}${"b"}"', Literal("ab")),
        ("lookup({a = 1}, var.x, 2)", Call("lookup", (ObjectExpr(((Literal("a"), Literal(1)),)), X, Literal(2)))),
        ('var.x ? 1 + 1 : upper("a")', Conditional(X, Literal(2), Literal("A"))),
        ("true ? var.x : 1", X),
        ("[for v in [1, var.x] : v]", ListExpr((Literal(1), X))),
        ('{for v in ["a", "b"] : v => var.x}', ObjectExpr(((Literal("a"), X), (Literal("b"), X)))),
        ("[for v in var.x : v + (1 + 2)]", For(None, "v", X, None, Call("add", (Ref("bound", "v"), Literal(3))), None)),
        ("[for v in [1, 2] : v if var.x == v]", None),
        ("var.x[*].a", Splat(X, Index(Ref("bound", "*"), Literal("a")))),
        ("[{a = var.x}, {a = 1}][*].a", ListExpr((X, Literal(1)))),
        ("var.x.a.b", Index(Index(X, Literal("a")), Literal("b"))),
        ("upper(var.x)", Call("upper", (X,))),
        ("false && var.x", Literal(False)),
        ("var.x || true", Literal(True)),
        ("true && var.x", Call("and", (Literal(True), X))),
        ("contains([1, var.x], 1)", Literal(True)),
        ("concat([1], [var.x])", ListExpr((Literal(1), X))),
        ("merge({a = 1}, {b = var.x}).a", Literal(1)),
        ("merge({a = 1}, var.x)", Call("merge", (ObjectExpr(((Literal("a"), Literal(1)),)), X))),
        ("keys({b = var.x})", ListExpr((Literal("b"),))),
        ('coalesce("a", var.x)', Literal("a")),
        ("try(var.x.a, 1 + 1)", Call("try", (Index(X, Literal("a")), Literal(2)))),
        ("try({}.a, var.x)", Call("try", (X,))),
        ("can(var.x.a)", Call("can", (Index(X, Literal("a")),))),
        ("max(1, var.x...)", Call("max", (Literal(1), X), expand=True)),
        ('join("-", ["a", var.x])', Call("join", (Literal("-"), ListExpr((Literal("a"), X))))),
        ("timestamp()", Call("timestamp", ())),
        ('formatdate("YYYY", timestamp())', Call("formatdate", (Literal("YYYY"), Call("timestamp", ())))),
        ('env("A")', Call("env", (Literal("A"),))),
        ('vault("a", lower("B"))', Call("vault", (Literal("a"), Literal("b")))),
        ("{(var.x) = 1 + 1}", ObjectExpr(((X, Literal(2)),))),
        ("convert(var.x, list(string))", None),
        ('"%{ if var.x }a${1}%{ else }b%{ endif }"', Conditional(X, Literal("a1"), Literal("b"))),
        ('"%{ for v in ["a", var.x] }${v},%{ endfor }"', Template((Literal("a,"), X, Literal(",")))),
    ],
)
def test_what_is_left(source: str, expected: Expr | None) -> None:
    assert left(source) == (read(source) if expected is None else expected)


def test_a_bound_name_is_not_captured() -> None:
    # y is the outer x, put into a loop that binds its own x.
    found = left("[for x in var.a : [for y in [x] : [for x in var.b : y]]]")
    assert isinstance(found, For)
    inner = found.value.items[0]  # type: ignore[attr-defined]
    assert isinstance(inner, For)
    assert inner.value_name != "x"
    assert inner.value == Ref("bound", "x")


def test_a_failing_branch_matters_only_when_taken() -> None:
    assert left("var.x ? [1][5] : 2") == Conditional(X, read("[1][5]"), Literal(2))
    assert left("[for v in [1] : var.x ? [v][5] : v]") == ListExpr(
        (Conditional(X, Index(ListExpr((Literal(1),)), Literal(5)), Literal(1)),)
    )


class TestNamedValues:
    def test_evaluated_once_and_folded(self) -> None:
        scope = Scope(named={"a": read('"${var.x}-img"'), "b": read('upper("b")')})
        assert left('"${local.a}/${local.b}"', scope) == Template((X, Literal("-img/B")))

    def test_kept_as_references(self) -> None:
        scope = Scope(named={"o": read('{a = "${var.x}-img", b = 2}'), "n": read("local.o.a")}, keep_named=True)
        o = Ref("named", "o")
        assert left("local.o", scope) == o
        assert left("local.o.b", scope) == Literal(2)
        assert left("local.o.a", scope) == Index(o, Literal("a"))
        assert left("upper(local.o.a)", scope) == Call("upper", (Index(o, Literal("a")),))
        assert left("merge(local.o, {c = 1}).b", scope) == Literal(2)
        assert left("local.n", scope) == Ref("named", "n")

    def test_a_cycle_names_its_chain(self) -> None:
        scope = Scope(named={"a": read("local.b"), "b": read("[local.a]")})
        with pytest.raises(TemplateError) as caught:
            left("local.a", scope)
        assert "a -> b -> a" in caught.value.diagnostics[0].detail

    def test_sensitive(self) -> None:
        scope = Scope(named={"a": read('"secret"')}, sensitive_named=["a"])
        assert evaluate(read("substr(upper(local.a), 0, 3)"), scope).marks == {SENSITIVE}


class TestUsedInputs:
    def used(self, source: str, **named: str) -> list[str]:
        heard: list[str] = []
        scope = Scope(
            inputs={"x": from_python("x"), "yes": from_python(True)},
            named={name: read(text) for name, text in named.items()},
            on_input=lambda name, ref: heard.append(name),
        )
        evaluate(read(source), scope)
        return heard

    def test_known_and_unknown_ones(self) -> None:
        assert self.used("[var.x, var.missing]") == ["x", "missing"]

    def test_not_those_of_the_branch_not_taken(self) -> None:
        assert self.used("var.yes ? var.x : var.other") == ["yes", "x"]

    def test_through_named_values_each_time(self) -> None:
        assert self.used("[local.a, local.a]", a="var.x") == ["x", "x"]


class TestMarks:
    scope = Scope(inputs={"s": Value(STRING, "secret", frozenset({SENSITIVE})), "x": from_python("x")})

    @pytest.mark.parametrize(
        "source",
        [
            "upper(var.s)",
            '"a${var.s}"',
            'var.s == "x"',
            "{a = var.s}.a",
            "[for v in [var.s] : v][0]",
            'split("", var.s)',
            "jsonencode({a = var.s})",
            'var.s == "secret" ? 1 : 2',
            "{(var.s) = 1}",
            "merge({a = 1}, {b = var.s}).b",
            "concat([var.s], [1])[0]",
            "try(var.s, 1)",
            "convert(var.s, string)",
            'format("%s", var.s)',
            'coalesce("", var.s)',
            'join(",", [var.s, var.unknown])',
            '"${var.unknown}${var.s}"',
            "var.unknown ? var.s : 1",
            "[for v in var.unknown : var.s]",
            "flatten([[var.s]])[0]",
            "convert([var.s], set(string))",
            "length(var.s)",
        ],
    )
    def test_survive(self, source: str) -> None:
        assert SENSITIVE in evaluate(read(source), self.scope).all_marks()

    @pytest.mark.parametrize("source", ["{a = var.s, b = 1}.b", "length([var.s])", "merge({a = 1}, {b = var.s}).a"])
    def test_do_not_spread_to_other_elements(self, source: str) -> None:
        assert not evaluate(read(source), self.scope).all_marks()


def test_a_typed_unknown_is_checked() -> None:
    scope = Scope(inputs={"l": unknown(Ref("input", "l"), ListType(STRING)), "n": unknown(X, NUMBER)})
    assert evaluate(read("var.l[0]"), scope).type == STRING
    assert evaluate(read("var.n > 1"), scope).type == BOOL
    with pytest.raises(TemplateError, match="number required"):
        evaluate(read("var.l + 1"), scope)


def test_long_chains_do_not_recurse() -> None:
    total = Literal(0)
    for _ in range(5000):
        total = Call("add", (total, Literal(1)))  # type: ignore[assignment]
    assert evaluate(total, Scope()).raw == 5000
    deep: Expr = Ref("input", "x")
    for _ in range(5000):
        deep = Index(deep, Literal("a"))
    assert not evaluate(deep, Scope()).known


def test_what_is_nested_too_deeply_is_an_error() -> None:
    deep: Expr = Literal(1)
    for _ in range(3000):
        deep = ListExpr((deep,))
    with pytest.raises(TemplateError, match="too deep"):
        evaluate(deep, Scope())


@pytest.mark.parametrize("step", ["[local.a{0}, local.a{0}]", '"${{local.a{0}}}${{local.a{0}}}"'])
@pytest.mark.parametrize("keep", [True, False])
def test_what_doubles_without_end_is_an_error(step: str, keep: bool) -> None:
    named = {"a0": read("var.x")} | {f"a{i + 1}": read(step.format(i)) for i in range(60)}
    scope = Scope(named=named, keep_named=keep)
    if keep and '"' in step:
        # A reference to what is not known does not grow.
        assert not evaluate(read("local.a60"), scope).known
        return
    with pytest.raises(TemplateError, match="too large"):
        evaluate(read("local.a60"), scope)


def test_a_template_file() -> None:
    text = b"Hello ${name},\n%{ for p in ports ~}\nport ${p}\n%{ endfor ~}\n"
    scope = Scope(files=DictFiles({"a.tpl": text, "one": b"${ports}", "no end": b"a ${name}", "bad": b"x\n${name"}))
    value = evaluate(read('templatefile("a.tpl", {name = "you", ports = [80, 443]})'), scope)
    assert value.raw == "Hello you,\nport 80\nport 443\n"
    assert to_python(evaluate(read('templatefile("one", {ports = [1]})'), scope)) == [1]
    assert evaluate(read('templatefile("no end", {name = "b"})'), scope).raw == "a b"
    assert left('templatefile("no end", {name = var.x})', scope) == Template((Literal("a "), X))
    with pytest.raises(TemplateError, match='does not contain key "ports"'):
        evaluate(read('templatefile("one", {})'), scope)
    with pytest.raises(TemplateError) as caught:
        evaluate(read('templatefile("bad", {name = 1})'), scope)
    span = caught.value.diagnostics[0].span
    assert span is not None
    assert (span.file.path, span.line) == ("bad", 2)


def test_unknown_names_are_errors_and_similar_ones_are_suggested() -> None:
    with pytest.raises(TemplateError, match='There is no variable named "nosuch"'):
        left("nosuch")
    with pytest.raises(TemplateError, match='Did you mean "regex_replace"'):
        left('regex_replac("a", "b", "c")')
    with pytest.raises(TemplateError, match='Did you mean "location"'):
        left("{location = 1}.locaton")
