"""Kept values: expressions as an ARM template says them, which Packer's formats hold as plain text."""

from __future__ import annotations

import json

from bakelift.translator.plan.expressions import Expr, ListExpr, Literal, ObjectExpr

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from bakelift.translator.languages.arm import Symbols
    from bakelift.translator.plan.model import Plan


def arm(expr: Expr) -> Any:
    """What an ARM template says for an expression; None where it says nothing."""
    from bakelift.translator.languages.arm import Unprintable, expr_to_value

    try:
        return expr_to_value(expr)
    except Unprintable:
        return None


def to_expr(data: Any) -> Expr:
    """Plain data as an expression."""
    if isinstance(data, dict):
        return ObjectExpr(tuple((Literal(key), to_expr(value)) for key, value in data.items()))
    if isinstance(data, list):
        return ListExpr(tuple(to_expr(item) for item in data))
    return Literal(data)


def to_data(expr: Expr) -> Any:
    """The other way round; what is not constant is nothing."""
    if isinstance(expr, ObjectExpr):
        return {str(key.value): to_data(value) for key, value in expr.entries if isinstance(key, Literal)}
    if isinstance(expr, ListExpr):
        return [to_data(item) for item in expr.items]
    return expr.value if isinstance(expr, Literal) else None


def entries(data: dict[str, Any], name: str) -> dict[str, Any]:
    """A part of what is kept; nothing where somebody broke it by hand."""
    found = data.get(name)
    return found if isinstance(found, dict) else {}


def symbols_of(plan: Plan) -> Symbols:
    """What the names in kept expressions stand for, so that they read as they were meant."""
    from bakelift.translator.languages.arm import Symbols, kind_of

    symbols = Symbols(types={("input", item.name): item.type for item in plan.inputs if item.type is not None})
    for item in plan.named:
        symbols.types["named", item.name] = kind_of(item.value, symbols)
    return symbols


def read(data: Any, symbols: Symbols | None = None) -> Expr:
    """An ARM value as an expression. What somebody broke by hand is text, and no more."""
    from bakelift.translator.diagnostics import SourceFile, TemplateError
    from bakelift.translator.languages.arm import PLAIN, value_to_expr
    from bakelift.translator.languages.json.parser import parse_json

    node = parse_json(SourceFile("bakelift", json.dumps(data, default=str)))
    try:
        return value_to_expr(node, symbols or PLAIN)
    except TemplateError:
        return value_to_expr(node, expressions=False)
