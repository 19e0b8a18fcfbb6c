"""Maps and objects. Elements may be unknown: what needs to look at them gives up with NotKnownError."""

from __future__ import annotations

from bakelift.translator.plan.convert import assume
from bakelift.translator.plan.operations.elements import list_of, require_known
from bakelift.translator.plan.operations.failure import ArgumentError, OperationError
from bakelift.translator.plan.types import DYNAMIC, STRING, ConversionError, Dynamic, ListType, MapType, TupleType
from bakelift.translator.plan.values import Value, is_mapping, object_of, tuple_of

_NO_MARKS: frozenset[str] = frozenset()


def keys(mapping: Value) -> Value:
    if not is_mapping(mapping.type):
        raise ArgumentError(0, "must have map or object type")
    assert isinstance(mapping.raw, dict)
    names = [Value(STRING, name) for name in mapping.raw]
    return list_of(names, STRING) if isinstance(mapping.type, MapType) else tuple_of(names)


def values(mapping: Value) -> Value:
    if not is_mapping(mapping.type):
        raise ArgumentError(0, "values() requires a map as the first argument")
    items = mapping.elements()
    return list_of(items, mapping.type.element) if isinstance(mapping.type, MapType) else tuple_of(items)


def lookup(mapping: Value, key: Value, default: Value) -> Value:
    if not is_mapping(mapping.type) and not isinstance(mapping.type, Dynamic):
        raise ArgumentError(0, "lookup() requires a map as the first argument")
    require_known(mapping, key)
    fields = mapping.raw
    assert isinstance(fields, dict)
    element = mapping.type.element if isinstance(mapping.type, MapType) else DYNAMIC
    if key.raw in fields:
        return fields[key.raw]  # type: ignore[no-any-return]
    try:
        return assume(default, element)
    except ConversionError:
        raise ArgumentError(2, "the default value must have the same type as the map elements") from None


def merge(*maps: Value) -> Value:
    if not maps:
        return object_of({})
    for position, value in enumerate(maps):
        if not (value.null or isinstance(value.type, Dynamic) or is_mapping(value.type)):
            raise ArgumentError(position, f'arguments must be maps or objects, got "{value.type.name()}"')
    require_known(*maps)
    fields: dict[str, Value] = {}
    given = [v for v in maps if not v.null]
    for value in given:
        assert isinstance(value.raw, dict)
        fields.update({k: item.marked(value.marks) for k, item in value.raw.items()})
    if not given:
        return Value(maps[0].type, None)
    if all(isinstance(v.type, MapType) and v.type == given[0].type for v in given):
        return Value(given[0].type, {k: fields[k] for k in sorted(fields)})
    return object_of(fields)


def zip_map(keys: Value, values: Value) -> Value:
    if not isinstance(values.type, (ListType, TupleType)):
        raise ArgumentError(1, "values argument must be a list or tuple value")
    names, items = keys.elements(), values.elements()
    require_known(*names)
    if len(names) != len(items):
        raise OperationError(f"number of keys ({len(names)}) does not match number of values ({len(items)})")
    fields: dict[str, Value] = {}
    marks = _NO_MARKS
    for name, item in zip(names, items, strict=True):
        if name.null:
            raise ArgumentError(0, "keys must not be null")
        marks |= name.marks
        fields[str(name.raw)] = item
    if isinstance(values.type, ListType):
        return Value(MapType(values.type.element), {k: fields[k] for k in sorted(fields)}, marks)
    return object_of(fields, marks)
