"""Values of a template: JSON whose strings may be expressions.

A string that starts with ``[`` and ends with ``]`` is an expression; to say such text itself, the first bracket is
doubled. Nothing else is escaped (learn.microsoft.com/azure/azure-resource-manager/templates/template-expressions).
"""

from __future__ import annotations

from bakelift.translator.languages.arm.kinds import PLAIN
from bakelift.translator.languages.arm.printer import Unprintable, print_arm
from bakelift.translator.plan.expressions import ListExpr, Literal, ObjectExpr

TYPE_CHECKING = False
if TYPE_CHECKING:
    from decimal import Decimal

    from bakelift.translator.diagnostics import Span
    from bakelift.translator.languages.arm.kinds import Symbols
    from bakelift.translator.languages.json.nodes import Node
    from bakelift.translator.plan.expressions import Expr

    Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]


def escaped(text: str) -> str:
    """Literal text as a template's JSON string says it."""
    return "[" + text if text.startswith("[") and text.endswith("]") else text


def is_expression(text: str) -> bool:
    return text.startswith("[") and text.endswith("]") and not text.startswith("[[")


def expr_to_value(expr: Expr, symbols: Symbols = PLAIN, expressions: bool = True) -> Json:
    """The JSON value that says an expression: lists and objects as such, expressions at the leaves.

    ``expressions=False``: for a body that is no deployment template, where text stands as it is and every leaf must be
    a literal. Raises Unprintable.
    """
    if isinstance(expr, Literal):
        value = expr.value
        if isinstance(value, str):
            return escaped(value) if expressions else value
        return value if value is None or isinstance(value, int) else _fraction(value, expr)
    if isinstance(expr, ListExpr):
        return [expr_to_value(item, symbols, expressions) for item in expr.items]
    if isinstance(expr, ObjectExpr):
        return {_key(key, symbols, expressions): expr_to_value(v, symbols, expressions) for key, v in expr.entries}
    if not expressions:
        raise Unprintable("a bare resource has no expressions", expr)
    return f"[{print_arm(expr, symbols)}]"


def _fraction(value: Decimal, expr: Expr) -> float:
    number = float(value)
    if number in (float("inf"), float("-inf")):
        raise Unprintable("the number is infinite, or too large for JSON", expr)
    return number


def _key(key: Expr, symbols: Symbols, expressions: bool) -> str:
    if isinstance(key, Literal) and isinstance(key.value, str):
        return escaped(key.value) if expressions else key.value
    if not expressions:
        raise Unprintable("a bare resource has no expressions", key)
    return f"[{print_arm(key, symbols)}]"


def text_to_expr(text: str, span: Span | None = None, symbols: Symbols = PLAIN) -> Expr:
    """What a template's JSON string says. Raises TemplateError (``arm/…``)."""
    if is_expression(text):
        from bakelift.translator.languages.arm.parser import parse_arm

        return parse_arm(text[1:-1], span, symbols)
    if text.startswith("[[") and text.endswith("]"):
        return Literal(text[1:], span)
    return Literal(text, span)


def value_to_expr(node: Node, symbols: Symbols = PLAIN, expressions: bool = True) -> Expr:
    """What a template's JSON value says; ``expressions=False`` in a body that is no deployment template."""
    from bakelift.translator.languages.json.nodes import Array, Computed, Object, Scalar

    if isinstance(node, Computed):
        return node.expr(symbols)
    if isinstance(node, Object):
        entries = []
        for member in node:
            key: Expr = Literal(member.key, member.key_span)
            if expressions:
                key = text_to_expr(member.key, member.key_span, symbols)
            entries.append((key, value_to_expr(member.value, symbols, expressions)))
        return ObjectExpr(tuple(entries), node.span)
    if isinstance(node, Array):
        return ListExpr(tuple(value_to_expr(item, symbols, expressions) for item in node), node.span)
    assert isinstance(node, Scalar)
    if isinstance(node.value, str) and expressions:
        return text_to_expr(node.value, node.span, symbols)
    return Literal(node.value, node.span)
