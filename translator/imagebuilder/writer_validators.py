"""Validators that an image template said, as the setting ``validate`` keeps them."""

from __future__ import annotations

from bakelift.translator.imagebuilder.table_customizers import BY_RECORD
from bakelift.translator.plan.expressions import Expr, Literal, ObjectExpr, transform

#: The order in which the properties of a customizer or validator are written.
_NAMES = [name for kind in BY_RECORD.values() for _, name in kind.properties]
_PLACES = {name: index for index, name in enumerate(dict.fromkeys(["type", *_NAMES]))}


def in_usual_order(validate: Expr) -> Expr:
    """Each validator's properties in the order of a customizer's: evaluation has sorted them."""
    return transform(validate, _as_customizer)


def _as_customizer(node: Expr) -> Expr | None:
    """An object that says a validator, its properties in the usual order; None for any other expression."""
    if not isinstance(node, ObjectExpr) or not any(key == Literal("type") for key, _ in node.entries):
        return None
    return node.but(entries=tuple(sorted(node.entries, key=lambda entry: _place(entry[0]))))


def _place(key: Expr) -> int:
    return _PLACES.get(str(key.value), len(_PLACES)) if isinstance(key, Literal) else len(_PLACES)
