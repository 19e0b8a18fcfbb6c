"""Indexes and attributes: ``target[key]`` and ``target.key``."""

from __future__ import annotations

from bakelift.translator.diagnostics import fail
from bakelift.translator.plan.convert import assume
from bakelift.translator.plan.expressions import Index, Literal
from bakelift.translator.plan.suggest import did_you_mean
from bakelift.translator.plan.types import (
    DYNAMIC,
    NUMBER,
    STRING,
    ConversionError,
    Dynamic,
    ListType,
    MapType,
    ObjectType,
    Primitive,
    SetType,
    TupleType,
)
from bakelift.translator.plan.values import Value, to_expr, unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.plan.types import Type

_INDEX = "The given key does not identify an element in this collection value"


def index(target: Value, key: Value, node: Index) -> Value:
    """The element of ``target`` at ``key``; ``node`` gives the spans and how the access was written."""
    attribute = _attribute_name(node)
    where = node.span or node.key.span
    if target.null:
        if attribute is not None:
            detail = "This value is null, so it does not have any attributes."
            raise fail("hcl/null", "Attempt to get attribute from null value", detail, where)
        detail = "This value is null, so it does not have any indices."
        raise fail("hcl/null", "Attempt to index null value", detail, where)
    if key.null:
        raise fail("hcl/index", "Invalid index", "Can't use a null value as an indexing key.", where)
    of = target.type
    marks = target.marks | key.marks
    if isinstance(of, Dynamic) or isinstance(key.type, Dynamic):
        return unknown(
            Index(to_expr(target), to_expr(key), node.span), _element_type(of, None), marks, target.size + key.size
        )
    if isinstance(of, (ListType, TupleType)):
        return _element(target, key, node, attribute, marks)
    if isinstance(of, (MapType, ObjectType)):
        return _field(target, key, node, attribute, marks)
    if attribute is not None:
        raise fail("hcl/attribute", "Unsupported attribute", _no_attributes(of, attribute), where)
    if isinstance(of, SetType):
        detail = (
            "Elements of a set are identified only by their value and don't have any separate index or key to select "
            "with, so it's only possible to perform operations across all elements of the set."
        )
        raise fail("hcl/index", "Invalid index", detail, where)
    raise fail("hcl/index", "Invalid index", "This value does not have any indices.", where)


def _symbolic(target: Value, key: Value, node: Index, of: Type, marks: frozenset[str]) -> Value:
    return unknown(Index(to_expr(target), to_expr(key), node.span), of, marks, target.size + key.size)


def _attribute_name(node: Index) -> str | None:
    """The name in ``target.name``; None for ``target[key]``. A made node counts as an attribute."""
    key = node.key
    if not isinstance(key, Literal) or not isinstance(key.value, str):
        return None
    return key.value if key.span is None or key.span.text[:1] not in {'"', "'"} else None


def _element(target: Value, key: Value, node: Index, attribute: str | None, marks: frozenset[str]) -> Value:
    where = node.span or node.key.span
    try:
        position = assume(key, NUMBER)
    except ConversionError as error:
        if attribute is not None:
            detail = _no_attributes(target.type, attribute)
            raise fail("hcl/attribute", "Unsupported attribute", detail, where) from None
        raise fail("hcl/index", "Invalid index", f"{_INDEX}: {error}.", where) from None
    if not target.known or not position.known:
        return unknown(
            Index(to_expr(target), to_expr(key), node.span), _element_type(target.type, position), marks, target.size
        )
    items = target.raw
    assert isinstance(items, tuple)
    at = position.raw
    if isinstance(at, int) and 0 <= at < len(items):
        return items[at].marked(marks)  # type: ignore[no-any-return]
    if not isinstance(at, int):
        why = "indexing a sequence requires a whole number, but the given index has a fractional part"
    elif at < 0:
        why = "a negative number is not a valid index for a sequence"
    elif not items:
        why = "the collection has no elements"
    else:
        why = "the given index is greater than or equal to the length of the collection"
    raise fail("hcl/index", "Invalid index", f"{_INDEX}: {why}.", where)


def _field(target: Value, key: Value, node: Index, attribute: str | None, marks: frozenset[str]) -> Value:
    where = node.span or node.key.span
    of = target.type
    try:
        name = assume(key, STRING)
    except ConversionError as error:
        raise fail("hcl/index", "Invalid index", f"{_INDEX}: {error}.", where) from None
    if not name.known:
        return unknown(
            Index(to_expr(target), to_expr(key), node.span), _element_type(of, None), marks, target.size + key.size
        )
    if target.known:
        fields = target.raw
        assert isinstance(fields, dict) and isinstance(name.raw, str)
        if name.raw in fields:
            return fields[name.raw].marked(marks)  # type: ignore[no-any-return]
        names = list(fields)
    elif isinstance(of, ObjectType):
        if name.raw in of.attributes:
            return unknown(
                Index(to_expr(target), to_expr(key), node.span), of.attributes[str(name.raw)], marks, target.size
            )
        names = list(of.attributes)
    else:
        return unknown(
            Index(to_expr(target), to_expr(key), node.span), _element_type(of, None), marks, target.size + key.size
        )
    if attribute is None:
        hint = ""
        if isinstance(of, ObjectType) and key.type == NUMBER:
            hint = " An object only supports looking up attributes by name, not by numeric index."
        raise fail("hcl/index", "Invalid index", f"{_INDEX}.{hint}", where)
    guess = did_you_mean(attribute, names)
    if isinstance(of, ObjectType):
        detail = f'This object does not have an attribute named "{attribute}".{guess}'
        raise fail("hcl/attribute", "Unsupported attribute", detail, where)
    detail = f'This map does not have an element with the key "{attribute}".{guess}'
    raise fail("hcl/attribute", "Missing map element", detail, where)


def _element_type(of: Type, position: Value | None) -> Type:
    if isinstance(of, (ListType, MapType, SetType)):
        return of.element
    if isinstance(of, TupleType) and position is not None and isinstance(position.raw, int):
        return of.elements[position.raw] if 0 <= position.raw < len(of.elements) else DYNAMIC
    return DYNAMIC


def _no_attributes(of: Type, name: str) -> str:
    if isinstance(of, ListType) and isinstance(of.element, ObjectType):
        named = f'attribute "{name}"' if name in of.element.attributes else "an attribute"
        return (
            f"Can't access attributes on a list of objects. Did you mean to access {named} for a specific element of "
            "the list, or across all elements of the list?"
        )
    if isinstance(of, SetType) and isinstance(of.element, ObjectType):
        return (
            "Can't access attributes on a set of objects. Did you mean to access an attribute across all elements of "
            "the set?"
        )
    if isinstance(of, Primitive):
        return f"Can't access attributes on a primitive-typed value ({of.name()})."
    return "This value does not have any attributes."
