"""Conversions between types, as go-cty's ``convert`` package makes them (unsafe ones included, as HCL allows)."""

from __future__ import annotations

from bakelift.translator.plan.expressions import Call, Template
from bakelift.translator.plan.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    ConversionError,
    Dynamic,
    Primitive,
    has_dynamic,
    settled,
)
from bakelift.translator.plan.values import Unknown, Value, unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.plan.expressions import Expr
    from bakelift.translator.plan.types import Type


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
        return Value(settled(type), None, value.marks)
    if isinstance(raw, Unknown):
        return _unknown(value, raw, type, keep)
    if isinstance(type, Primitive):
        return Value(type, _primitive(have, raw, type), value.marks)
    from bakelift.translator.plan.convert_collections import converted

    return converted(value, type, lambda item, want: _converted(item, want, keep))


def _unknown(value: Value, raw: Unknown, type: Type, keep: bool) -> Value:
    have = value.type
    if not isinstance(have, Dynamic):
        from bakelift.translator.plan.fitting import convertible, mismatch

        if not convertible(have, type):
            raise ConversionError(mismatch(have, type))
    wanted = settled(type)
    if has_dynamic(wanted):
        wanted = DYNAMIC
    if not keep:
        return Value(wanted, raw, value.marks)
    residual: Expr
    if type == STRING:
        residual = raw.residual if isinstance(raw.residual, Template) else Template((raw.residual,))
    else:
        from bakelift.translator.plan.type_constraints import type_to_expr

        residual = Call("convert", (raw.residual, type_to_expr(type)))
    return unknown(residual, wanted, value.marks)


def _primitive(have: Type, raw: object, want: Primitive) -> object:
    from bakelift.translator.plan import bigfloat

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
    from bakelift.translator.plan.fitting import mismatch

    raise ConversionError(mismatch(have, want))


_BOOLS = {"true": True, "1": True, "false": False, "0": False}
