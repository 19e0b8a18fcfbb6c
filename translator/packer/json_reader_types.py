"""Packer's weak decoding of JSON options: constants in the form of the option's declared type.

Observed on Packer 1.6.6: a text where a list is wanted is split at its commas; any other scalar is a list of one; a
list of one map is that map; ``"22"`` is a number, ``1`` a text, and ``true`` as a text is ``1``.
"""

from __future__ import annotations

import re

from bakelift.translator.plan.expressions import NULL, Call, Expr, ListExpr, Literal, ObjectExpr
from bakelift.translator.plan.values import number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from bakelift.translator.packer.tables.rows import Option, ValueKind

    Told = Callable[[str, Expr], None]

_TRUE = frozenset({"1", "t", "T", "TRUE", "true", "True"})
_FALSE = frozenset({"0", "f", "F", "FALSE", "false", "False"})
_INTEGER = re.compile(r"([-+]?)(0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO]?[0-7_]+|[0-9][0-9_]*)")
_DECIMAL = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,2})?")
_DURATION = re.compile(r"[-+]?(0|(([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+)")
_UNITS = (("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000))


def decoded(expr: Expr, option: Option, tell: Told) -> Expr:
    """The expression with its constants in the option's type. ``tell`` hears what Packer's decoder refuses."""
    if option.value == "list":
        return _list(expr, option.element, tell)
    if option.value == "map":
        return _map(expr, option.element, tell)
    return _scalar(expr, option.value, tell)


def _list(expr: Expr, element: ValueKind, tell: Told) -> Expr:
    if isinstance(expr, ListExpr):
        items: list[Expr] = []
        for at, item in enumerate(expr.items):

            def tell_element(problem: str, where: Expr, at: int = at) -> None:
                tell(f"element {at}: {problem}", where)

            decode = _strings if element == "list" else _scalar
            items.append(decode(item, element, tell_element))
        return expr.but(items=tuple(items))
    if isinstance(expr, ObjectExpr):
        if expr.entries:
            tell(f"expected a list of {element}s, got a map", expr)
            return expr
        return ListExpr((), expr.span)
    if isinstance(expr, Literal):
        if isinstance(expr.value, str):
            pieces = expr.value.split(",") if expr.value else []
            return ListExpr(tuple(_scalar(Literal(p, expr.span), element, tell) for p in pieces), expr.span)
        return expr if expr.value is None else ListExpr((_scalar(expr, element, tell),), expr.span)
    return Call("compact", (Call("split", (Literal(","), expr), span=expr.span),), span=expr.span)


def _strings(expr: Expr, _: ValueKind, tell: Told) -> Expr:
    return _list(expr, "string", tell)


def _map(expr: Expr, element: ValueKind, tell: Told) -> Expr:
    if isinstance(expr, ListExpr) and all(isinstance(item, ObjectExpr) for item in expr.items):
        entries = tuple(entry for item in expr.items if isinstance(item, ObjectExpr) for entry in item.entries)
        expr = ObjectExpr(entries, expr.span)
    if isinstance(expr, ObjectExpr):
        return expr.but(entries=tuple((key, _scalar(value, element, tell)) for key, value in expr.entries))
    if not (isinstance(expr, Literal) and expr.value is None):
        tell("expected a map", expr)
    return expr


def _scalar(expr: Expr, kind: ValueKind, tell: Told) -> Expr:
    if kind in ("any", "block", "list", "map"):
        return expr
    if isinstance(expr, (ListExpr, ObjectExpr)):
        if isinstance(expr, ListExpr) and kind == "string" and not expr.items:
            return expr.but(items=()) if expr.items else Literal("", expr.span)
        got = "a list" if isinstance(expr, ListExpr) else "a map"
        tell(f"expected a {'string' if kind == 'duration' else kind}, got {got}", expr)
        return expr
    if not isinstance(expr, Literal) or expr.value is None:
        return expr
    if kind == "number":
        return _number(expr, tell)
    if kind == "bool":
        return _bool(expr, tell)
    if kind == "duration":
        return duration(expr, tell)
    return _text(expr)


def _number(expr: Literal, tell: Told) -> Literal:
    value = expr.value
    if isinstance(value, bool):
        return Literal(int(value), expr.span)
    if not isinstance(value, str):
        return expr
    if not value:
        return NULL.but(span=expr.span)  # unset, as everywhere in Packer
    if len(value) < 40:
        whole = _INTEGER.fullmatch(value)
        if whole is not None:
            digits = whole.group(2).replace("_", "").lower()
            base = {"0x": 16, "0b": 2, "0o": 8}.get(digits[:2], 8 if digits.startswith("0") else 10)
            try:
                found = int(digits[2:] if digits[:2] in ("0x", "0b", "0o") else digits, base)
            except ValueError:
                tell(f'cannot parse "{value}" as a number: invalid syntax', expr)
                return expr
            return Literal(-found if whole.group(1) == "-" else found, expr.span)
        if _DECIMAL.fullmatch(value):
            return Literal(number(value), expr.span)  # type: ignore[arg-type]
    tell(f'cannot parse "{value}" as a number: invalid syntax', expr)
    return expr


def _bool(expr: Literal, tell: Told) -> Literal:
    value = expr.value
    if isinstance(value, bool):
        return expr
    if not isinstance(value, str):
        return Literal(value != 0, expr.span)
    if not value:
        return NULL.but(span=expr.span)
    if value in _TRUE or value in _FALSE:
        return Literal(value in _TRUE, expr.span)
    tell(f'cannot parse "{value}" as a bool: invalid syntax', expr)
    return expr


def _text(expr: Literal) -> Literal:
    value = expr.value
    if isinstance(value, str):
        return expr
    if isinstance(value, bool):
        return Literal("1" if value else "0", expr.span)
    return Literal(str(value) if isinstance(value, int) else format(value, "f"), expr.span)


def duration(expr: Literal, tell: Told) -> Literal:
    """A duration as text; a bare number is nanoseconds."""
    value = expr.value
    if isinstance(value, str):
        if value and not _DURATION.fullmatch(value):
            tell(_bad_duration(value), expr)
        return expr
    if value is None or isinstance(value, bool):
        tell("expected a duration", expr)
        return expr
    return Literal(go_duration(int(value)), expr.span)


def go_duration(nanoseconds: int) -> str:
    """As Go's time.Duration prints itself: ``1m30s``, ``1.5s``, ``250ms``."""
    sign, rest = ("-" if nanoseconds < 0 else ""), abs(nanoseconds)
    if rest == 0:
        return "0s"
    for unit, size in (("ns", 1), ("µs", 1_000), ("ms", 1_000_000)):
        if rest < size * 1000:
            return f"{sign}{_fraction(rest, size)}{unit}"
    text = ""
    for unit, size in _UNITS[:2]:
        count, rest = divmod(rest, size)
        if count or text:
            text += f"{count}{unit}"
    return f"{sign}{text}{_fraction(rest, 1_000_000_000)}s"


def _fraction(count: int, size: int) -> str:
    whole, rest = divmod(count, size)
    digits = str(rest).zfill(len(str(size)) - 1).rstrip("0") if rest else ""
    return f"{whole}.{digits}" if digits else str(whole)


def _bad_duration(text: str) -> str:
    """Go's message for what is no duration."""
    number_then_unit = re.match(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?P<unit>[^0-9.]*)", text)
    if number_then_unit is None:
        return f'time: invalid duration "{text}"'
    unit = number_then_unit.group("unit")
    if not unit:
        return f'time: missing unit in duration "{text}"'
    return f'time: unknown unit "{unit}" in duration "{text}"'
