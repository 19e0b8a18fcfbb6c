"""Constants of options in the form of the option's declared type, and what HCL says when they do not fit."""

from __future__ import annotations

import re

from bakelift.translator.plan.expressions import Call, Expr, For, ListExpr, Literal, ObjectExpr, Template
from bakelift.translator.plan.types import NUMBER, STRING
from bakelift.translator.plan.values import Value, number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from bakelift.translator.packer.tables.rows import Option, ValueKind

    Told = Callable[[str, Expr], None]

_DURATION = r"[-+]?(0|((\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)"


def fitted(expr: Expr, option: Option, tell: Told) -> Expr:
    """The expression with its constants in the option's type (``"30"`` is 30 for a number, ``true`` for a bool).

    ``tell`` hears what does not fit, as HCL words it (``list of string required``), with the expression.
    """
    if option.value == "list":
        return _list(expr, option.element, tell)
    if option.value == "map":
        return _map(expr, option.element, tell)
    return _scalar(expr, option.value, tell)


def is_duration(text: str) -> bool:
    """Whether Go's time.ParseDuration takes a text."""
    return re.fullmatch(_DURATION, text) is not None


def _list(expr: Expr, element: ValueKind, tell: Told) -> Expr:
    if isinstance(expr, ListExpr):
        items = []
        for at, item in enumerate(expr.items):

            def tell_element(problem: str, where: Expr, at: int = at) -> None:
                tell(f"element {at}: {problem}", where)

            items.append(
                _list(item, "any", tell_element) if element == "list" else _scalar(item, element, tell_element)
            )
        if all(a is b for a, b in zip(items, expr.items, strict=True)):
            return expr
        return expr.but(items=tuple(items))
    if isinstance(expr, For) and expr.key is None:
        value = _scalar(expr.value, element, tell)
        return expr if value is expr.value else expr.but(value=value)
    if _certainly_text(expr) or isinstance(expr, ObjectExpr):
        tell(f"list of {element} required", expr)
    return expr


def _map(expr: Expr, element: ValueKind, tell: Told) -> Expr:
    if isinstance(expr, ObjectExpr):
        entries = []
        for key, value in expr.entries:

            def tell_element(problem: str, where: Expr, key: Expr = key) -> None:
                name = f'"{key.value}"' if isinstance(key, Literal) else "…"
                tell(f"element {name}: {problem}", where)

            entries.append((key, _scalar(value, element, tell_element)))
        if all(a[1] is b[1] for a, b in zip(entries, expr.entries, strict=True)):
            return expr
        return expr.but(entries=tuple(entries))
    if _certainly_text(expr) or isinstance(expr, ListExpr):
        tell(f"map of {element} required", expr)
    return expr


def _certainly_text(expr: Expr) -> bool:
    return isinstance(expr, Template) or (isinstance(expr, Literal) and expr.value is not None)


def _scalar(expr: Expr, kind: ValueKind, tell: Told) -> Expr:
    if kind in ("any", "block", "list", "map"):
        return expr
    if isinstance(expr, (ListExpr, ObjectExpr)):
        tell(f"{'string' if kind == 'duration' else kind} required", expr)
        return expr
    if isinstance(expr, Call) and expr.operation == "negate" and isinstance(expr.args[0], Literal):
        inner = expr.args[0].value
        if inner is not None and not isinstance(inner, (str, bool)):
            expr = Literal(-inner, expr.span)
    if not isinstance(expr, Literal) or expr.value is None:
        return expr
    if kind == "number":
        return _number(expr, tell)
    if kind == "bool":
        return _bool(expr, tell)
    text = _text(expr)
    if kind == "duration" and text.value and not is_duration(str(text.value)):
        tell(f'time: invalid duration "{text.value}"', expr)
    return text


def _number(expr: Literal, tell: Told) -> Literal:
    value = expr.value
    if isinstance(value, bool):
        tell("number required", expr)
    elif isinstance(value, str):
        if re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", value):
            return Literal(number(value), expr.span)  # type: ignore[arg-type]
        tell("a number is required", expr)
    return expr


def _bool(expr: Literal, tell: Told) -> Literal:
    value = expr.value
    if isinstance(value, bool):
        return expr
    if value in ("true", "1", "false", "0"):
        return Literal(value in ("true", "1"), expr.span)
    if isinstance(value, str) and value.lower() in ("true", "false"):
        tell(f'a bool is required; to convert from string, use lowercase "{value.lower()}"', expr)
    else:
        tell("bool required" if not isinstance(value, str) else "a bool is required", expr)
    return expr


def _text(expr: Literal) -> Literal:
    value = expr.value
    if isinstance(value, str):
        return expr
    if isinstance(value, bool):
        return Literal("true" if value else "false", expr.span)
    from bakelift.translator.plan.convert import convert

    return Literal(convert(Value(NUMBER, value), STRING).raw, expr.span)  # type: ignore[arg-type]
