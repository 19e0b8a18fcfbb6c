"""The type that several values can share, as go-cty's ``UnifyUnsafe`` finds it."""

from __future__ import annotations

from bakelift.translator.plan.types import (
    DYNAMIC,
    STRING,
    Dynamic,
    ListType,
    MapType,
    ObjectType,
    Primitive,
    SetType,
    TupleType,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from bakelift.translator.plan.types import Type


def unify(types: Sequence[Type]) -> Type | None:
    """The common type, DYNAMIC when one of them is not known yet, None when there is none."""
    if not types:
        return None
    first = types[0]
    if all(t == first for t in types):
        return first
    if any(isinstance(t, Dynamic) for t in types):
        return DYNAMIC
    if all(isinstance(t, Primitive) for t in types):
        # Numbers and bools become strings, but never each other.
        return STRING if STRING in types else None
    for kinds, rule in _RULES:
        if all(isinstance(t, kinds) for t in types):
            return rule(types)
    return None


def _tuples(types: Sequence[Type]) -> Type | None:
    rows = [t.elements for t in types if isinstance(t, TupleType)]
    if len({len(row) for row in rows}) == 1:
        columns = [unify(column) for column in zip(*rows, strict=True)]
        elements = tuple(c for c in columns if c is not None)
        if len(elements) == len(columns):
            return TupleType(elements)
    return _lists(types)


def _lists(types: Sequence[Type]) -> Type | None:
    element = _element(types)
    return None if element is None else ListType(element)


def _sets(types: Sequence[Type]) -> Type | None:
    element = _element(types)
    return None if element is None else SetType(element)


def _objects(types: Sequence[Type]) -> Type | None:
    rows = [t.attributes for t in types if isinstance(t, ObjectType)]
    if all(row.keys() == rows[0].keys() for row in rows):
        found = {name: unify([row[name] for row in rows]) for name in sorted(rows[0])}
        attributes = {name: t for name, t in found.items() if t is not None}
        if len(attributes) == len(found):
            return ObjectType(attributes)
    return _maps(types)


def _maps(types: Sequence[Type]) -> Type | None:
    element = _element(types)
    return None if element is None else MapType(element)


def _element(types: Sequence[Type]) -> Type | None:
    """The common type of all elements of all of them; empty tuples and objects have no say."""
    inner: list[Type] = []
    for t in types:
        if isinstance(t, (ListType, SetType, MapType)):
            inner.append(t.element)
        elif isinstance(t, TupleType):
            inner += t.elements
        elif isinstance(t, ObjectType):
            inner += t.attributes.values()
    return unify(inner) if inner else DYNAMIC


_RULES = (
    (TupleType, _tuples),
    (ObjectType, _objects),
    ((ListType, TupleType), _lists),
    ((MapType, ObjectType), _maps),
    ((SetType, ListType, TupleType), _sets),
)
