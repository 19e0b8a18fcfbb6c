"""Maps that are said in two ways, as one expression."""

from __future__ import annotations

from bakelift.translator.plan.expressions import Call, Expr, For, Index, ListExpr, Literal, ObjectExpr, Ref
from bakelift.translator.plan.model import Setting


def merged_tags(tags: Setting | None, blocks: Setting | None) -> Setting | None:
    """``azure_tags`` (a map) and ``azure_tag`` (repeated blocks with name and value) as one map; blocks win."""
    if blocks is None:
        return tags
    parts = [] if tags is None else [tags.value]
    parts += _maps(blocks.value)
    leaves = (tags.leaves if tags is not None else ()) + blocks.leaves
    comments = (tags.comments if tags is not None else ()) + blocks.comments
    return Setting(merged(parts), leaves, comments)


def merged(parts: list[Expr]) -> Expr:
    """Maps laid over each other; object constructors with constant keys become one."""
    flat: list[Expr] = []
    for part in parts:
        last = flat[-1] if flat else None
        if isinstance(last, ObjectExpr) and isinstance(part, ObjectExpr) and _constant_keys(last, part):
            entries = {key: (key, value) for key, value in last.entries}
            entries.update({key: (key, value) for key, value in part.entries})
            flat[-1] = ObjectExpr(tuple(entries.values()), last.span)
        else:
            flat.append(part)
    if not flat:
        return ObjectExpr(())
    return flat[0] if len(flat) == 1 else Call("merge", tuple(flat))


def _constant_keys(*objects: ObjectExpr) -> bool:
    return all(isinstance(key, Literal) for item in objects for key, _ in item.entries)


def _maps(value: Expr) -> list[Expr]:
    """A list of objects with ``name`` and ``value``, as maps from the one to the other."""
    if isinstance(value, Call) and value.operation == "concat" and not value.expand:
        return [part for arg in value.args for part in _maps(arg)]
    if isinstance(value, ListExpr) and all(isinstance(item, ObjectExpr) for item in value.items):
        return [
            ObjectExpr(((_field(item, "name"), _field(item, "value")),), value.span)
            for item in value.items
            if isinstance(item, ObjectExpr)
        ]
    if isinstance(value, For) and value.key is None and isinstance(value.value, ObjectExpr):
        return [value.but(key=_field(value.value, "name"), value=_field(value.value, "value"))]
    tag = Ref("bound", "tag")
    name, text = Index(tag, Literal("name")), Index(tag, Literal("value"))
    return [For(None, "tag", value, name, text, None)]


def _field(item: ObjectExpr, name: str) -> Expr:
    return next((value for key, value in item.entries if key == Literal(name)), Literal(None))
