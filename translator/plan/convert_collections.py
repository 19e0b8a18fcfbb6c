"""Conversions of collections and their elements, as go-cty's ``convert`` package makes them."""

from __future__ import annotations

from bakelift.translator.plan.expressions import Call
from bakelift.translator.plan.fitting import mismatch, missing_attributes
from bakelift.translator.plan.type_constraints import type_to_expr
from bakelift.translator.plan.types import (
    DYNAMIC,
    ConversionError,
    Dynamic,
    ListType,
    MapType,
    ObjectType,
    SetType,
    TupleType,
    has_dynamic,
    settled,
)
from bakelift.translator.plan.unify import unify
from bakelift.translator.plan.values import Value, set_of, to_expr, unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from bakelift.translator.plan.types import Type

    #: Converts an element, or raises ConversionError.
    Convert = Callable[[Value, Type], Value]


def converted(value: Value, type: Type, convert: Convert) -> Value:
    """A known value as a collection. Raises ConversionError."""
    if isinstance(type, (ListType, SetType)):
        return _to_sequence(value, type, convert)
    if isinstance(type, TupleType):
        return _to_tuple(value, type, convert)
    if isinstance(type, MapType):
        return _to_map(value, type, convert)
    if isinstance(type, ObjectType):
        return _to_object(value, type, convert)
    raise ConversionError(mismatch(value.type, type))


def _to_sequence(value: Value, type: ListType | SetType, convert: Convert) -> Value:
    raw = value.raw
    if not isinstance(raw, tuple):
        raise ConversionError(mismatch(value.type, type))
    element = type.element
    if has_dynamic(element):
        found = unify([v.type for v in raw]) if raw else DYNAMIC
        if found is None:
            raise ConversionError(mismatch(value.type, type))
        element = found if isinstance(element, Dynamic) else element
    items = _elements(raw, element, convert)
    if items and has_dynamic(element):
        element = unify([v.type for v in items]) or DYNAMIC
    if isinstance(type, ListType):
        return Value(ListType(element), items, value.marks)
    if not all(v.wholly_known() for v in items):
        # Equal elements of a set are one: how many there are is not known.
        return unknown(Call("convert", (to_expr(value), type_to_expr(type))), SetType(element), value.marks)
    return set_of(element, items, value.marks)


def _elements(items: tuple[Value, ...], element: Type, convert: Convert) -> tuple[Value, ...]:
    converted = []
    for index, item in enumerate(items):
        try:
            converted.append(convert(item, element))
        except ConversionError as error:
            raise ConversionError(f"element {index}: {error}") from None
    return tuple(converted)


def _to_tuple(value: Value, type: TupleType, convert: Convert) -> Value:
    raw = value.raw
    if not isinstance(raw, tuple) or isinstance(value.type, SetType):
        raise ConversionError(mismatch(value.type, type))
    if len(raw) != len(type.elements):
        raise ConversionError(mismatch(value.type, type))
    items = []
    for index, (item, want) in enumerate(zip(raw, type.elements, strict=True)):
        try:
            items.append(convert(item, want))
        except ConversionError as error:
            raise ConversionError(f"element {index}: {error}") from None
    return Value(TupleType(tuple(v.type for v in items)), tuple(items), value.marks)


def _to_map(value: Value, type: MapType, convert: Convert) -> Value:
    raw = value.raw
    if not isinstance(raw, dict):
        raise ConversionError(mismatch(value.type, type))
    element = type.element
    if isinstance(element, Dynamic):
        found = unify([v.type for v in raw.values()]) if raw else DYNAMIC
        if found is None:
            raise ConversionError(mismatch(value.type, type))
        element = found
    fields = {}
    for key, item in raw.items():
        try:
            fields[key] = convert(item, element)
        except ConversionError as error:
            raise ConversionError(f'element "{key}": {error}') from None
    if fields and has_dynamic(element):
        element = unify([v.type for v in fields.values()]) or DYNAMIC
    return Value(MapType(element), fields, value.marks)


def _to_object(value: Value, type: ObjectType, convert: Convert) -> Value:
    raw = value.raw
    if not isinstance(raw, dict):
        raise ConversionError(mismatch(value.type, type))
    missing = sorted(k for k in type.attributes if k not in raw and k not in type.optional)
    if missing:
        raise ConversionError(missing_attributes(missing))
    fields = {}
    for key in sorted(type.attributes):
        want = type.attributes[key]
        item = raw.get(key)
        default = type.defaults.get(key)
        if (item is None or item.null) and default is not None:
            item = default
        if item is None:
            fields[key] = Value(settled(want), None)
            continue
        try:
            fields[key] = convert(item, want)
        except ConversionError as error:
            raise ConversionError(f'attribute "{key}": {error}') from None
    return Value(ObjectType({k: v.type for k, v in fields.items()}), fields, value.marks)
