"""Expressions that only a deployment knows, in Packer's words: clock calls of Packer's, or variables."""

from __future__ import annotations

import re

from bakelift.translator.languages.hcl.printer import can_print
from bakelift.translator.plan.expressions import Call, Expr, Index, Literal


def sayable(expr: Expr) -> bool:
    return can_print(expr, plugin_field=True)


def root_of(node: Expr) -> bool:
    """Whether a node is ARM's own call, or looks something up in one."""
    while isinstance(node, Index):
        node = node.target
    return isinstance(node, Call) and node.operation.startswith(("arm.", "unknown:"))


def asks_azure(expr: Expr) -> bool:
    return any(isinstance(n, Call) and n.operation.startswith(("arm.", "unknown:")) for n in expr.walk())


def clock(node: Expr) -> Expr | None:
    """Clock calls of a deployment as Packer's."""
    from bakelift.translator.languages.arm import dates

    if not isinstance(node, Call):
        return None
    now = Call("timestamp", (), span=node.span)
    if node.operation == "arm.newGuid":
        return Call("uuidv4", (), span=node.span)
    if node.operation == "arm.utcNow":
        format = node.args[0] if node.args else Literal("yyyyMMddTHHmmssZ")
        text = format.value if isinstance(format, Literal) and isinstance(format.value, str) else None
        layout = dates.to_hcl(text) if text is not None else None
        if layout is None:
            return None
        return now if text == dates.RFC3339 else Call("formatdate", (Literal(layout), now), span=node.span)
    if node.operation == "arm.dateTimeToEpoch" and node.args == (now,):
        return Call("go.timestamp", (), span=node.span)
    return None


def name_for(node: Expr) -> str:
    """A variable's name for what a call gives: the last thing looked up in it, else the function."""
    if isinstance(node, Index) and isinstance(node.key, Literal) and isinstance(node.key.value, str):
        word = node.key.value
        word = {"location": "location", "id": "resource_id", "name": "resource_name"}.get(word, word)
    else:
        while isinstance(node, Index):
            node = node.target
        assert isinstance(node, Call)
        word = node.operation.partition(".")[2] or node.operation.partition(":")[2]
    word = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", word).lower()
    word = re.sub(r"[^a-z0-9_]+", "_", word).strip("_")
    return word if word[:1].isalpha() else f"value_{word}".rstrip("_")
