"""The light value classes."""

from __future__ import annotations

import pytest

from bakelift.translator.plan.expressions import FALSE, Literal, Ref, Template, template, transform
from bakelift.translator.plan.record import Record


class Point(Record):
    x: int
    y: int = 0
    span: object = None


class Named(Point):
    name: str = ""


def test_fields_defaults_and_inheritance() -> None:
    assert Point(1) == Point(x=1, y=0)
    assert Named(1, 2, None, "a").name == "a"
    assert Point._fields == ("x", "y", "span")
    with pytest.raises(TypeError):
        Point()  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        Point(1, z=2)  # type: ignore[call-arg]


def test_equality_ignores_where_it_stood_and_minds_the_type() -> None:
    assert Point(1, span="here") == Point(1, span="there")
    assert hash(Point(1, span="here")) == hash(Point(1))
    assert Point(1) != Named(1)
    assert Point(1).but(y=5) == Point(1, 5)


def test_a_literal_one_is_not_true() -> None:
    assert Literal(1) != Literal(True)
    assert Literal(0) != FALSE
    assert Literal(1) == Literal(1)


def test_templates_are_merged() -> None:
    x = Ref("input", "x")
    made = template([Literal("a"), Literal(""), Template((Literal("b"), x)), Literal("c")])
    assert made == Template((Literal("ab"), x, Literal("c")))
    assert template([]) == Literal("")
    assert template([x]) == Template((x,))


def test_transform_keeps_what_does_not_change() -> None:
    x, y = Ref("input", "x"), Ref("input", "y")
    tree = Template((x, Literal("-"), y))
    same = transform(tree, lambda node: None)
    assert same is tree
    changed = transform(tree, lambda node: Literal("1") if node == y else None)
    assert changed == Template((x, Literal("-"), Literal("1")))
