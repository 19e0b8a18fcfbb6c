"""Every expression of a Plan, transformed."""

from __future__ import annotations

from bakelift.translator.plan.expressions import Expr, transform
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from bakelift.translator.plan.model import Plan


def rewritten(value: object, visit: Callable[[Expr], Expr | None]) -> object:
    """A part of a Plan with every expression in it transformed."""
    if isinstance(value, Expr):
        return transform(value, visit)
    if isinstance(value, Record):
        return value.mapped(lambda part: rewritten(part, visit))
    if isinstance(value, tuple):
        items = tuple(rewritten(item, visit) for item in value)
        return items if any(a is not b for a, b in zip(items, value, strict=True)) else value
    if isinstance(value, dict):
        entries = {key: rewritten(item, visit) for key, item in value.items()}
        return entries if any(entries[key] is not value[key] for key in value) else value
    return value


def rewrite(plan: Plan, visit: Callable[[Expr], Expr | None]) -> Plan:
    """The Plan with every expression transformed (see :func:`~.expressions.transform`)."""
    done = rewritten(plan, visit)
    assert isinstance(done, type(plan))
    return done
