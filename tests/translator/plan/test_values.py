"""Values: their plain data, their expressions, their marks, their JSON."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bakelift.translator.plan.evaluate import evaluate
from bakelift.translator.plan.expressions import Index, ListExpr, Literal, Ref
from bakelift.translator.plan.json_text import value_to_json_text
from bakelift.translator.plan.scope import Scope
from bakelift.translator.plan.types import NUMBER, STRING, SetType, TupleType
from bakelift.translator.plan.values import (
    SENSITIVE,
    Value,
    from_python,
    object_of,
    set_of,
    to_expr,
    to_python,
    tuple_of,
    unknown,
    unmarked,
)

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
    max_leaves=10,
)


@given(plain)
def test_plain_data_round_trips(data: object) -> None:
    value = from_python(data)
    assert to_python(value) == data
    assert to_python(evaluate(to_expr(value), Scope())) == data
    assert json.loads(value_to_json_text(value)) == data
    assert value.wholly_known()


def test_numbers_are_whole_or_decimal() -> None:
    assert from_python(1.0).raw == 1
    assert isinstance(from_python(1.0).raw, int)
    assert from_python(0.1).raw == Decimal("0.1")


def test_partly_known() -> None:
    x = Ref("input", "x")
    value = tuple_of([from_python(1), unknown(x)])
    assert value.known
    assert not value.wholly_known()
    assert to_expr(value) == ListExpr((Literal(1), x))
    with pytest.raises(ValueError, match="not known"):
        to_python(value)
    with pytest.raises(ValueError, match="not known"):
        value_to_json_text(value)
    named = value.but(stands_for=Ref("named", "n"))
    assert to_expr(named) == Ref("named", "n")
    assert to_expr(tuple_of([named])) == ListExpr((Ref("named", "n"),))
    # Known through and through, it is its value.
    assert to_expr(from_python([1]).but(stands_for=Index(x, Literal(0)))) == ListExpr((Literal(1),))


def test_marks() -> None:
    secret = Value(STRING, "s", frozenset({SENSITIVE}))
    value = object_of({"b": secret, "a": from_python(1)})
    assert list(value.raw) == ["a", "b"]  # type: ignore[call-overload]
    assert value.sensitive
    assert not value.marks
    assert value.all_marks() == {SENSITIVE}
    assert not unmarked(value).sensitive
    assert from_python(1).marked(frozenset({SENSITIVE})).sensitive


def test_sets_are_sorted_and_have_no_repeats() -> None:
    items = [from_python(v) for v in ("b", "a", "b")]
    assert to_python(set_of(STRING, items)) == ["a", "b"]
    assert set_of(NUMBER, [from_python(2), from_python(1)]).type == SetType(NUMBER)


def test_json_is_gos() -> None:
    value = from_python({"b": "<&>\u2028\u00e9\n\x01", "a": [None, True, Decimal("1E+3"), Decimal("0.5")]})
    text = '{"a":[null,true,1000,0.5],"b":"\\u003c\\u0026\\u003e\\u2028\u00e9\\n\\u0001"}'
    assert value_to_json_text(value) == text
    assert value_to_json_text(from_python("<"), escape=False) == '"<"'
    with pytest.raises(ValueError, match="infinity"):
        value_to_json_text(Value(NUMBER, Decimal("Infinity")))


def test_equality_ignores_how_a_value_may_be_said() -> None:
    one = Value(TupleType(()), ())
    assert one == one.but(stands_for=Ref("named", "n"))
