"""Expressions as a person reads them in a line."""

from __future__ import annotations

from bakelift.translator.plan.expressions import Call, Expr, Literal, Ref, Template

_ROOTS = {"input": "var.", "named": "local.", "build": "build.", "path": "path."}


def shown_line(expr: Expr) -> str:
    """Text as it is; what is no literal as the template writes it."""
    if isinstance(expr, Literal):
        return str(expr.value)
    if isinstance(expr, Template):
        return "".join(shown_line(p) if isinstance(p, Literal) else "${" + shown_line(p) + "}" for p in expr.parts)
    if isinstance(expr, Ref):
        return _ROOTS.get(expr.kind, f"{expr.kind}.") + expr.name
    if isinstance(expr, Call):
        return f"{expr.operation}({', '.join(shown_line(arg) for arg in expr.args)})"
    return expr.span.text if expr.span is not None else repr(expr)
