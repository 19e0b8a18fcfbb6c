"""Blocks that may or may not be there: a dynamic block around an option that Packer takes at most once.

In a Plan such a block is a setting under the block's own name (``plan_info``), whose value is a For expression over
objects; an ordinary block is dotted settings (``plan_info.plan_name``).
"""

from __future__ import annotations

from bakelift.translator.plan.expressions import Call, Expr, For, ListExpr, Literal, ObjectExpr, Ref, transform
from bakelift.translator.plan.model import Setting
from bakelift.translator.plan.values import Value, to_expr

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bakelift.translator.diagnostics import Diagnostics
    from bakelift.translator.plan.binder import Binder


def settled_blocks(
    settings: Mapping[str, Setting], blocks: Iterable[str], binder: Binder, diagnostics: Diagnostics
) -> tuple[dict[str, Setting], dict[str, Setting]]:
    """Settings with every dynamic single block decided: its options dotted, or, when it is left out, among the second.

    What decides is bound, and so recorded as frozen. Two blocks at once are an error (``azure/duplicate-block``).
    """
    settled = dict(settings)
    unset: dict[str, Setting] = {}
    for block in blocks:
        setting = settled.pop(block, None)
        if setting is None:
            continue
        objects = [item for part in _parts(setting.value) for item in _objects(part, block, binder)]
        if len(objects) > 1:
            summary = f"Duplicate {block} block"
            detail = f"Only one {block} block is allowed; this one is made {len(objects)} times."
            diagnostics.error("azure/duplicate-block", summary, detail, setting.span)
        if not objects:
            unset[block] = setting
            continue
        own = {leaf.path.rpartition(".")[2]: leaf for leaf in setting.leaves if ".content." in leaf.path}
        shared = tuple(leaf for leaf in setting.leaves if ".content." not in leaf.path)
        for key, value in objects[0].entries:
            if isinstance(key, Literal):
                name = str(key.value)
                leaves = (own[name], *shared) if name in own else shared
                settled[f"{block}.{name}"] = Setting(value, leaves)
    return settled, unset


def _parts(value: Expr) -> list[Expr]:
    if isinstance(value, Call) and value.operation == "concat":
        return [part for arg in value.args for part in _parts(arg)]
    return list(value.items) if isinstance(value, ListExpr) else [value]


def _objects(part: Expr, block: str, binder: Binder) -> list[ObjectExpr]:
    """The blocks that a part makes: one for an object, one an element for a For expression."""
    if isinstance(part, ObjectExpr):
        return [part]
    if not isinstance(part, For) or not isinstance(part.value, ObjectExpr):
        return []
    collection = binder.value(part.collection, f"whether there is a {block} block")
    found = []
    for key, element in elements(collection):
        content = replaced(part.value, part.key_name, part.value_name, key, element)
        if isinstance(content, ObjectExpr):
            found.append(content)
    return found


def elements(collection: Value) -> list[tuple[Expr, Expr]]:
    """(key, value) of each element, as a for expression sees them. Nothing of null or what is not known."""
    raw = collection.raw
    if isinstance(raw, dict):
        return [(Literal(key), to_expr(value)) for key, value in raw.items()]
    if isinstance(raw, tuple):
        return [(Literal(at), to_expr(value)) for at, value in enumerate(raw)]
    return []


def replaced(body: Expr, key_name: str | None, value_name: str, key: Expr, value: Expr) -> Expr:
    """The body of a loop for one element."""

    def visit(node: Expr) -> Expr | None:
        if isinstance(node, Ref) and node.kind == "bound":
            if node.name == value_name:
                return value
            if node.name == key_name:
                return key
        return None

    return transform(body, visit)
