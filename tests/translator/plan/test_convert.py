"""Conversions and unification, as go-cty makes them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bakelift.translator.diagnostics import TemplateError
from bakelift.translator.languages.hcl.parser import parse_expression
from bakelift.translator.plan import bigfloat
from bakelift.translator.plan.convert import assume, convert
from bakelift.translator.plan.expressions import Call, Ref, Template
from bakelift.translator.plan.type_constraints import type_to_expr, type_to_text
from bakelift.translator.plan.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    ConversionError,
    ListType,
    MapType,
    ObjectType,
    SetType,
    TupleType,
    Type,
    type_from_expr,
)
from bakelift.translator.plan.unify import unify
from bakelift.translator.plan.values import SENSITIVE, Value, from_python, to_expr, to_python, unknown


def type_of(text: str) -> Type:
    return type_from_expr(parse_expression(text))


@pytest.mark.parametrize(
    ("data", "type", "expected"),
    [
        (1, "string", "1"),
        (Decimal("1.50"), "string", "1.5"),
        (10**30, "string", "1" + "0" * 30),
        (True, "string", "true"),
        ("-1.5e3", "number", -1500),
        (".5", "number", Decimal("0.5")),
        ("1", "bool", True),
        ("false", "bool", False),
        ([1, "a"], "list(string)", ["1", "a"]),
        ([1, "a"], "list(any)", ["1", "a"]),
        ([1, 2], "list(any)", [1, 2]),
        (["b", "a", "b"], "set(string)", ["a", "b"]),
        ([3, 1, 3], "set(any)", [1, 3]),
        ({"a": 1}, "map(string)", {"a": "1"}),
        ({"a": 1, "b": "x"}, "map(any)", {"a": "1", "b": "x"}),
        ({"a": 1, "b": 2}, "object({a = string})", {"a": "1"}),
        ({}, "object({a = optional(string)})", {"a": None}),
        ({}, "object({a = optional(number, 3)})", {"a": 3}),
        ({"a": None}, "object({a = optional(number, 3)})", {"a": 3}),
        ([{"a": "1"}], "list(object({a = number, b = optional(list(string), [1])}))", [{"a": 1, "b": ["1"]}]),
        ([1, "2"], "tuple([string, number])", ["1", 2]),
        (None, "list(string)", None),
        ([[1], ["a"]], "list(list(string))", [["1"], ["a"]]),
        ({"a": [1]}, "any", {"a": [1]}),
    ],
)
def test_conversions(data: object, type: str, expected: object) -> None:
    converted = convert(from_python(data), type_of(type))
    assert to_python(converted) == expected
    if type != "any" and "any" not in type and "optional" not in type:
        assert converted.type == type_of(type)


@pytest.mark.parametrize(
    ("data", "type", "message"),
    [
        ("x", "number", "a number is required"),
        ("0x10", "number", "a number is required"),
        ("yes", "bool", "a bool is required"),
        ("True", "bool", 'a bool is required; to convert from string, use lowercase "true"'),
        (1, "bool", "bool required"),
        (True, "number", "number required"),
        ([1], "string", "string required"),
        ("a", "list(string)", "list of string required"),
        ({"a": 1}, "list(string)", "list of string required"),
        ([1], "map(any)", "map of any type required"),
        (["a", []], "list(string)", "element 1: string required"),
        ([[], 1], "list(any)", "all list elements must have the same type"),
        ({"a": 1}, "object({a = number, b = string})", 'attribute "b" is required'),
        ({}, "object({a = any, b = any})", 'attributes "a" and "b" are required'),
        ({"a": []}, "object({a = string})", 'attribute "a": string required'),
        ([1], "tuple([number, number])", "tuple required"),
    ],
)
def test_what_does_not_fit(data: object, type: str, message: str) -> None:
    with pytest.raises(ConversionError) as caught:
        convert(from_python(data), type_of(type))
    assert str(caught.value) == message


def test_marks_stay() -> None:
    secret = Value(STRING, "1", frozenset({SENSITIVE}))
    assert convert(secret, NUMBER).marks == {SENSITIVE}
    assert convert(from_python([1]).but(marks=frozenset({SENSITIVE})), SetType(STRING)).marks == {SENSITIVE}
    row = Value(TupleType((STRING,)), (secret,))
    assert convert(row, ListType(NUMBER)).elements()[0].marks == {SENSITIVE}
    # Elements of a set cannot be told apart from their values: the set is marked.
    assert convert(row, SetType(STRING)).marks == {SENSITIVE}


def test_unknown_values_keep_the_conversion() -> None:
    x = unknown(Ref("input", "x"))
    assert to_expr(convert(x, STRING)) == Template((Ref("input", "x"),))
    assert to_expr(convert(x, NUMBER)) == Call("convert", (Ref("input", "x"), Ref("name", "number")))
    assert to_expr(assume(x, NUMBER)) == Ref("input", "x")
    assert assume(x, NUMBER).type == NUMBER
    with pytest.raises(ConversionError, match="number required"):
        convert(unknown(Ref("input", "x"), ListType(STRING)), NUMBER)


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        ((STRING, NUMBER), STRING),
        ((BOOL, STRING), STRING),
        ((BOOL, NUMBER), None),
        ((NUMBER, DYNAMIC), DYNAMIC),
        ((TupleType((NUMBER,)), TupleType((STRING,))), TupleType((STRING,))),
        ((TupleType((NUMBER,)), TupleType(())), ListType(NUMBER)),
        ((TupleType((NUMBER, STRING)), TupleType((BOOL,))), ListType(STRING)),
        ((TupleType((NUMBER, NUMBER)), TupleType((BOOL,))), None),
        ((ListType(NUMBER), TupleType((STRING,))), ListType(STRING)),
        ((ObjectType({"a": NUMBER}), ObjectType({"a": STRING})), ObjectType({"a": STRING})),
        ((ObjectType({"a": NUMBER}), ObjectType({})), MapType(NUMBER)),
        ((ObjectType({"a": NUMBER}), MapType(STRING)), MapType(STRING)),
        ((SetType(STRING), ListType(STRING)), SetType(STRING)),
        ((STRING, ListType(STRING)), None),
        ((ObjectType({}), TupleType(())), None),
        ((), None),
    ],
)
def test_unification(types: tuple[Type, ...], expected: Type | None) -> None:
    assert unify(types) == expected
    assert unify(types[::-1]) == expected


@pytest.mark.parametrize(
    "text",
    [
        "string",
        "any",
        "list(string)",
        "map(set(number))",
        "tuple([string, bool])",
        "object({})",
        'object({ a = string, b = optional(number, 3), c-d = optional(list(any)), "e f" = map(object({ x = bool })) })',
        'object({ a = optional(string, "$${x}") })',
    ],
)
def test_type_constraints_round_trip(text: str) -> None:
    type = type_of(text)
    assert type_to_text(type) == text
    assert type_from_expr(type_to_expr(type)) == type


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("strin", 'The keyword "strin" is not a valid type specification.'),
        ("list", "The list type constructor requires one argument: the element type."),
        ("list(string, string)", "requires one argument"),
        ("vector(string)", 'Keyword "vector" is not a valid type constructor.'),
        ("tuple(string)", "Tuple type constructor requires a list of element types."),
        ("object(string)", "requires a map whose keys are attribute names"),
        ("object({a = string, a = number})", "Object constructor map keys must be unique."),
        ("optional(string)", "valid only as a modifier for object type attributes"),
        ("object({a = optional()})", "Optional attribute modifier"),
        ('object({a = optional(number, "x")})', "not compatible with the attribute's type constraint: a number is"),
        ("1", "A type specification is either a primitive type keyword"),
    ],
)
def test_bad_type_constraints(text: str, detail: str) -> None:
    with pytest.raises(TemplateError) as caught:
        type_of(text)
    assert detail in caught.value.diagnostics[0].detail
    assert caught.value.diagnostics[0].span is not None


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20))
def test_numbers_are_named_by_their_text(number: Decimal) -> None:
    parsed = bigfloat.parse(str(number).replace("E", "e"))
    assert parsed is not None
    assert bigfloat.parse(bigfloat.text(parsed)) == parsed
    assert parsed == number or abs(parsed - number) < Decimal(10) ** -100


@given(st.integers(-(10**40), 10**40), st.integers(1, 10**9))
def test_division_is_undone_by_multiplication(top: int, bottom: int) -> None:
    from bakelift.translator.plan.operations.numbers import divide, multiply

    assert multiply(divide(top * bottom, bottom), 1) == top
