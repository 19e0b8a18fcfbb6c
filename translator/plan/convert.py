"""Conversions between types, as go-cty's ``convert`` package makes them (unsafe ones included, as HCL allows)."""

from __future__ import annotations

from bakelift.translator.plan import bigfloat
from bakelift.translator.plan.expressions import Call, Template
from bakelift.translator.plan.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    Dynamic,
    ListType,
    MapType,
    ObjectType,
    Primitive,
    SetType,
    TupleType,
    has_dynamic,
    type_to_expr,
)
from bakelift.translator.plan.unify import unify
from bakelift.translator.plan.values import Unknown, Value, set_of, to_expr, unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.plan.expressions import Expr
    from bakelift.translator.plan.types import Type


class ConversionError(ValueError):
    """A value does not fit a type; the message (``string required``) has no full stop: HCL embeds it in a sentence."""


def convert(value: Value, type: Type) -> Value:
    """The value as that type; marks stay. Raises :class:`ConversionError`.

    An unknown value of another type keeps the conversion in its residual (a Template for a string, else a call of
    ``convert``). What only gives an unknown value its type for a use of it, is :func:`assume`.
    """
    return _converted(value, type, keep=True)


def assume(value: Value, type: Type) -> Value:
    """As :func:`convert`, where the use itself makes the conversion: residuals stay as they are."""
    return _converted(value, type, keep=False)


def _converted(value: Value, type: Type, keep: bool) -> Value:
    have = value.type
    if isinstance(type, Dynamic) or have == type:
        return value
    raw = value.raw
    if raw is None:
        return Value(_settled(type), None, value.marks)
    if isinstance(raw, Unknown):
        return _unknown(value, raw, type, keep)
    if isinstance(type, Primitive):
        return Value(type, _primitive(have, raw, type), value.marks)
    if isinstance(type, (ListType, SetType)):
        return _sequence(value, type, keep)
    if isinstance(type, TupleType):
        return _tuple(value, type, keep)
    if isinstance(type, MapType):
        return _map(value, type, keep)
    if isinstance(type, ObjectType):
        return _object(value, type, keep)
    raise ConversionError(mismatch(have, type))


def _settled(type: Type) -> Type:
    """A target type without its conversion hints: what a value's type may be."""
    if isinstance(type, ObjectType) and type.optional:
        return ObjectType({k: _settled(t) for k, t in type.attributes.items()})
    return type


def _unknown(value: Value, raw: Unknown, type: Type, keep: bool) -> Value:
    have = value.type
    if not isinstance(have, Dynamic) and not convertible(have, type):
        raise ConversionError(mismatch(have, type))
    settled = _settled(type)
    if has_dynamic(settled):
        settled = DYNAMIC
    if not keep:
        return Value(settled, raw, value.marks)
    residual: Expr
    if type == STRING:
        residual = raw.residual if isinstance(raw.residual, Template) else Template((raw.residual,))
    else:
        residual = Call("convert", (raw.residual, type_to_expr(type)))
    return unknown(residual, settled, value.marks)


def _primitive(have: Type, raw: object, want: Primitive) -> object:
    if want == STRING:
        if have == NUMBER:
            return bigfloat.text(raw)  # type: ignore[arg-type]
        if have == BOOL:
            return "true" if raw else "false"
    elif have == STRING:
        assert isinstance(raw, str)
        if want == NUMBER:
            parsed = bigfloat.parse(raw)
            if parsed is None:
                raise ConversionError("a number is required")
            return parsed
        if raw in _BOOLS:
            return _BOOLS[raw]
        hint = f'; to convert from string, use lowercase "{raw.lower()}"' if raw.lower() in {"true", "false"} else ""
        raise ConversionError(f"a bool is required{hint}")
    raise ConversionError(mismatch(have, want))


_BOOLS = {"true": True, "1": True, "false": False, "0": False}


def _sequence(value: Value, type: ListType | SetType, keep: bool) -> Value:
    raw = value.raw
    if not isinstance(raw, tuple):
        raise ConversionError(mismatch(value.type, type))
    element = type.element
    if has_dynamic(element):
        found = unify([v.type for v in raw]) if raw else DYNAMIC
        if found is None:
            raise ConversionError(mismatch(value.type, type))
        element = found if isinstance(element, Dynamic) else element
    items = _elements(raw, element, keep)
    if items and has_dynamic(element):
        element = unify([v.type for v in items]) or DYNAMIC
    if isinstance(type, ListType):
        return Value(ListType(element), items, value.marks)
    if not all(v.wholly_known() for v in items):
        # Equal elements of a set are one: how many there are is not known.
        return unknown(Call("convert", (to_expr(value), type_to_expr(type))), SetType(element), value.marks)
    return set_of(element, items, value.marks)


def _elements(items: tuple[Value, ...], element: Type, keep: bool) -> tuple[Value, ...]:
    converted = []
    for index, item in enumerate(items):
        try:
            converted.append(_converted(item, element, keep))
        except ConversionError as error:
            raise ConversionError(f"element {index}: {error}") from None
    return tuple(converted)


def _tuple(value: Value, type: TupleType, keep: bool) -> Value:
    raw = value.raw
    if not isinstance(raw, tuple) or isinstance(value.type, SetType):
        raise ConversionError(mismatch(value.type, type))
    if len(raw) != len(type.elements):
        raise ConversionError(mismatch(value.type, type))
    items = []
    for index, (item, want) in enumerate(zip(raw, type.elements, strict=True)):
        try:
            items.append(_converted(item, want, keep))
        except ConversionError as error:
            raise ConversionError(f"element {index}: {error}") from None
    return Value(TupleType(tuple(v.type for v in items)), tuple(items), value.marks)


def _map(value: Value, type: MapType, keep: bool) -> Value:
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
            fields[key] = _converted(item, element, keep)
        except ConversionError as error:
            raise ConversionError(f'element "{key}": {error}') from None
    if fields and has_dynamic(element):
        element = unify([v.type for v in fields.values()]) or DYNAMIC
    return Value(MapType(element), fields, value.marks)


def _object(value: Value, type: ObjectType, keep: bool) -> Value:
    raw = value.raw
    if not isinstance(raw, dict):
        raise ConversionError(mismatch(value.type, type))
    missing = sorted(k for k in type.attributes if k not in raw and k not in type.optional)
    if missing:
        raise ConversionError(_missing(missing))
    fields = {}
    for key in sorted(type.attributes):
        want = type.attributes[key]
        item = raw.get(key)
        default = type.defaults.get(key)
        if (item is None or item.null) and default is not None:
            item = default
        if item is None:
            fields[key] = Value(_settled(want), None)
            continue
        try:
            fields[key] = _converted(item, want, keep)
        except ConversionError as error:
            raise ConversionError(f'attribute "{key}": {error}') from None
    return Value(ObjectType({k: v.type for k, v in fields.items()}), fields, value.marks)


def _missing(names: list[str]) -> str:
    quoted = [f'"{name}"' for name in names]
    if len(quoted) == 1:
        return f"attribute {quoted[0]} is required"
    if len(quoted) == 2:
        return f"attributes {quoted[0]} and {quoted[1]} are required"
    return f"attributes {', '.join(quoted[:-1])}, and {quoted[-1]} are required"


def convertible(have: Type, want: Type) -> bool:
    """Whether some value of one type may be converted to the other."""
    if isinstance(have, Dynamic) or isinstance(want, Dynamic) or have == want:
        return True
    if isinstance(want, Primitive):
        return isinstance(have, Primitive) and STRING in {have, want}
    if isinstance(want, (ListType, SetType)):
        if isinstance(have, TupleType):
            return all(convertible(t, want.element) for t in have.elements)
        return isinstance(have, (ListType, SetType)) and convertible(have.element, want.element)
    if isinstance(want, TupleType):
        if isinstance(have, TupleType):
            pairs = zip(have.elements, want.elements, strict=False)
            return len(have.elements) == len(want.elements) and all(convertible(a, b) for a, b in pairs)
        return isinstance(have, ListType) and all(convertible(have.element, t) for t in want.elements)
    if isinstance(want, MapType):
        if isinstance(have, ObjectType):
            return all(convertible(t, want.element) for t in have.attributes.values())
        return isinstance(have, MapType) and convertible(have.element, want.element)
    if isinstance(want, ObjectType):
        if isinstance(have, MapType):
            return all(convertible(have.element, t) for t in want.attributes.values())
        return isinstance(have, ObjectType) and all(
            convertible(have.attributes[k], t) if k in have.attributes else k in want.optional
            for k, t in want.attributes.items()
        )
    return False


_KINDS = ((ListType, TupleType, "list"), (SetType, TupleType, "set"), (MapType, ObjectType, "map"))


def mismatch(have: Type, want: Type) -> str:
    """Why a conversion is not possible, in HCL's words."""
    if isinstance(have, ObjectType) and isinstance(want, ObjectType):
        missing = sorted(k for k in want.attributes if k not in have.attributes and k not in want.optional)
        return _missing(missing) if missing else "incorrect object attributes"
    for kind, source, noun in _KINDS:
        if isinstance(want, kind) and isinstance(have, source):
            if isinstance(want.element, Dynamic):
                return f"all {noun} elements must have the same type"
            break
        if isinstance(want, kind) and isinstance(have, kind):
            return f"incorrect {noun} element type: {mismatch(have.element, want.element)}"
    return f"{want.constraint_name()} required"
