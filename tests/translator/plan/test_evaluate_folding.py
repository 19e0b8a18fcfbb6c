"""The law of partial evaluation: folding first and evaluating later gives what evaluating at once gives."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bakelift.translator.diagnostics import TemplateError
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
    template,
)
from bakelift.translator.plan.scope import Scope
from bakelift.translator.plan.values import Value, from_python, to_expr, to_python

INPUTS = {
    "text": from_python("some-Text"),
    "number": from_python(3),
    "flag": from_python(True),
    "list": from_python(["a", "b", ""]),
    "object": from_python({"a": "x", "b": {"a": 1}}),
}

leaves = st.one_of(
    st.sampled_from(["", "a", "b-c", "3", "true"]).map(Literal),
    st.integers(-3, 9).map(Literal),
    st.booleans().map(Literal),
    st.just(Literal(None)),
    st.sampled_from(sorted(INPUTS)).map(lambda name: Ref("input", name)),
    st.sampled_from(["a", "b"]).map(lambda name: Ref("bound", name)),
    st.sampled_from(["one", "two"]).map(lambda name: Ref("named", name)),
)


def nodes(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    def call(name: str, *arguments: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
        return st.tuples(*arguments).map(lambda args: Call(name, args))

    names = st.sampled_from(["a", "b"]).map(Literal)
    lists = st.lists(inner, max_size=3).map(lambda items: ListExpr(tuple(items)))
    objects = st.lists(st.tuples(names, inner), max_size=3).map(lambda entries: ObjectExpr(tuple(entries)))
    bound = st.sampled_from(["a", "b"])
    return st.one_of(
        lists,
        objects,
        st.lists(inner, min_size=1, max_size=3).map(template),
        st.builds(Index, inner, st.one_of(names, inner)),
        st.builds(Conditional, inner, inner, inner),
        st.builds(For, st.none() | st.just("i"), bound, inner, st.none(), inner, st.none() | inner),
        st.builds(For, st.none() | st.just("i"), bound, inner, inner, inner, st.none() | inner, st.booleans()),
        st.builds(Splat, inner, st.just(Index(Ref("bound", "*"), Literal("a")))),
        *(
            call(name, inner, inner)
            for name in ("add", "equal", "and", "or", "less", "coalesce", "contains", "merge", "concat", "try", "join")
        ),
        *(call(name, inner) for name in ("upper", "length", "not", "keys", "values", "can", "compact", "jsonencode")),
        call("lookup", inner, inner, inner),
        call("format", st.just(Literal("%s/%v")), inner, inner),
        call("element", inner, inner),
        call("flatten", lists),
    )


expressions = st.recursive(leaves, nodes, max_leaves=12)


def result(expr: Expr, scope: Scope) -> object:
    try:
        return to_python(evaluate(expr, scope))
    except TemplateError:
        return TemplateError


@settings(max_examples=400, deadline=None)
@given(
    expr=expressions,
    one=expressions,
    two=expressions,
    known=st.sets(st.sampled_from(sorted(INPUTS))),
    keep=st.booleans(),
)
def test_folding_first_changes_nothing(expr: Expr, one: Expr, two: Expr, known: set[str], keep: bool) -> None:
    symbols: dict[tuple[str, str], Value] = {("bound", "a"): from_python("outer"), ("bound", "b"): from_python([1])}
    named = {"one": one, "two": two}
    whole = result(expr, Scope(INPUTS, named, symbols))
    if whole is TemplateError:
        return
    partial = Scope({name: INPUTS[name] for name in known}, named, keep_named=keep)
    folded = to_expr(evaluate(expr, partial))
    assert result(folded, Scope(INPUTS, named, symbols)) == whole
