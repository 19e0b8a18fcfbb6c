"""Compares the settings of two components: each difference is one change, at the leaf that says it."""

from __future__ import annotations

from bakelift.translator.diff.lines import hunks
from bakelift.translator.diff.model import Change
from bakelift.translator.diff.shown import shown_line
from bakelift.translator.plan.expressions import Expr, ListExpr, Literal, ObjectExpr, transform
from bakelift.translator.plan.normal import normal_expr
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Literal as OneOf

    from bakelift.translator.diagnostics import Span
    from bakelift.translator.diff.model import Class, Consequence, Hunk, Kind, Severity
    from bakelift.translator.diff.sides import Place, Side
    from bakelift.translator.packer.tables.rows import Option
    from bakelift.translator.plan.model import Leaf, Setting

    Sameness = OneOf["same", "value", "different"]


#: Lists shorter than this are shown whole.
FEW = 4


class Meaning(Record):
    """What a change of a setting means."""

    kind: Class
    severity: Severity
    consequence: Consequence


class Context(Record):
    """The component that settings belong to.

    ``path``: of the component, for settings without a leaf; ``title``: what to call it; ``meaning``: of a setting by
    name, and whether it goes away; ``options``: its table, where there is one. ``spans``: of the component itself.
    """

    path: str
    title: str
    meaning: Callable[[str, bool], Meaning]
    options: Mapping[str, Option]
    old_span: Span | None = None
    new_span: Span | None = None
    old_leaves: tuple[Leaf, ...] = ()
    new_leaves: tuple[Leaf, ...] = ()


def sameness(old: Expr, new: Expr, a: Side, b: Side) -> Sameness:
    """``same``: they say the same, whatever their named values are called. ``value``: what they say is the same with
    the values and defaults that the inputs have now.
    """
    one, two = unordered(normal_expr(old)), unordered(normal_expr(new))
    if one == two:
        return "same"
    if unordered(a.inlined(old)) == unordered(b.inlined(new)):
        return "same"
    before, after = a.value(old), b.value(new)
    if before is not None and after is not None:
        from bakelift.translator.plan.values import to_python

        if before.raw is not None and _plain(to_python(before)) == _plain(to_python(after)):
            return "value"
    return "different"


def _plain(data: object) -> object:
    """Without the difference between a number and its text, which Packer's decoder does not make either."""
    if isinstance(data, dict):
        return {key: _plain(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [_plain(item) for item in data]
    if isinstance(data, bool):
        return "true" if data else "false"
    return data if data is None else str(data)


def unordered(expr: Expr) -> Expr:
    """Maps have no order."""

    def visit(node: Expr) -> Expr | None:
        if isinstance(node, ObjectExpr) and len(node.entries) > 1:
            entries = ((unordered(key), unordered(value)) for key, value in node.entries)
            return ObjectExpr(tuple(sorted(entries, key=lambda entry: repr(entry[0]))), node.span)
        return None

    return transform(expr, visit)


class SettingsComparer:
    """Compares settings of one component after another."""

    def __init__(self, a: Side, b: Side) -> None:
        self.a = a
        self.b = b
        #: One side was translated: it says otherwise what comes to the same.
        self.lifted = a.whence is not None or b.whence is not None

    def sameness(self, old: Setting, new: Setting) -> Sameness:
        return sameness(old.value, new.value, self.a, self.b)

    def compare(self, old: Mapping[str, Setting], new: Mapping[str, Setting], context: Context) -> Iterator[Change]:
        for name, setting in new.items():
            before = old.get(name)
            if before is None:
                yield from self._one_sided("added", name, setting, context)
            else:
                yield from self.setting(name, before, setting, context)
        for name, setting in old.items():
            if name not in new:
                yield from self._one_sided("removed", name, setting, context)

    def setting(self, name: str, old: Setting, new: Setting, context: Context) -> Iterator[Change]:
        how = sameness(old.value, new.value, self.a, self.b)
        if how == "same":
            return
        if how == "value" and self.lifted:
            return
        if how == "value":
            yield self._change("changed", "diff/same-value", name, old, new, context, cosmetic=True)
            return
        one, two = entries(old.value), entries(new.value)
        if one is not None and two is not None:
            yield from self._keys(name, one, two, old, new, context)
        elif _alike(old.value, new.value):
            yield from self._listed(name, old, new, context)
        else:
            yield self._change("changed", "diff/changed", name, old, new, context)

    def _listed(self, name: str, old: Setting, new: Setting, context: Context) -> Iterator[Change]:
        """Lists of objects of one length, item by item."""
        assert isinstance(old.value, ListExpr) and isinstance(new.value, ListExpr)
        for index, (one, two) in enumerate(zip(old.value.items, new.value.items, strict=True)):
            before = old.but(value=one, leaves=_of_key(old, f"[{index}]"))
            after = new.but(value=two, leaves=_of_key(new, f"[{index}]"))
            yield from self.setting(f"{name}[{index}]", before, after, context)

    def _keys(
        self,
        name: str,
        one: Mapping[str, Expr],
        two: Mapping[str, Expr],
        old: Setting,
        new: Setting,
        context: Context,
    ) -> Iterator[Change]:
        """Entries of a map, each for itself; one that only has another key now is renamed."""
        gone = [key for key in one if key not in two]
        new_keys = [key for key in two if key not in one]
        renamed: set[str] = set()
        for was in gone:
            now = next((k for k in new_keys if k not in renamed and normal_expr(two[k]) == normal_expr(one[was])), None)
            if now is not None:
                renamed |= {was, now}
                key_old = old.but(value=Literal(was), leaves=_of_key(old, was))
                key_new = new.but(value=Literal(now, two[now].span), leaves=_of_key(new, now))
                yield self._change("renamed", "diff/renamed", f"{name}.{now}", key_old, key_new, context)
        for key in {**one, **two}:
            if key in renamed:
                continue
            before = old.but(value=one[key], leaves=_of_key(old, key)) if key in one else None
            after = new.but(value=two[key], leaves=_of_key(new, key)) if key in two else None
            full = f"{name}.{key}"
            if before is None or after is None:
                kind: Kind = "added" if before is None else "removed"
                yield self._change(kind, "diff/changed", full, before, after, context)
            else:
                yield from self.setting(full, before, after, context)

    def _one_sided(self, kind: Kind, name: str, setting: Setting, context: Context) -> Iterator[Change]:
        if isinstance(setting.value, Literal) and setting.value.value is None:
            return
        added = kind == "added"
        side = self.b if added else self.a
        option = context.options.get(name)
        old, new = (None, setting) if added else (setting, None)
        if option is not None and _is_default(option, setting, side):
            yield self._change(kind, "diff/default", name, old, new, context, cosmetic=True)
            return
        value = side.value(setting.value)
        if value is not None and value.raw in ("", (), {}):
            yield self._change(kind, "diff/default", name, old, new, context, cosmetic=True)
            return
        yield self._change(kind, "diff/changed", name, old, new, context)

    def _change(
        self,
        kind: Kind,
        code: str,
        name: str,
        old: Setting | None,
        new: Setting | None,
        context: Context,
        cosmetic: bool = False,
    ) -> Change:
        meaning = context.meaning(name, kind == "removed")
        place, old_place = self.places(name, old, new, context)
        option = context.options.get(name)
        return Change(
            kind=kind,
            code=code,
            kind_of="cosmetic" if cosmetic else meaning.kind,
            severity="info" if cosmetic else meaning.severity,
            consequence="none" if cosmetic else meaning.consequence,
            path=place.path,
            summary=f"{context.title}: {name}",
            before=old.value if old is not None else None,
            after=new.value if new is not None else None,
            span=place.span,
            old_span=old_place.span if old_place is not None else None,
            hunks=_items(old, new),
            secret=option is not None and option.secret,
        )

    def places(
        self, name: str, old: Setting | None, new: Setting | None, context: Context
    ) -> tuple[Place, Place | None]:
        """Where it is said (in the new template, else in the old one), and where in the old one."""
        path = f"{context.path}.{name}"
        before = after = None
        if old is not None:
            leaves = old.leaves or context.old_leaves
            before = self.a.place(leaves, old.span or context.old_span, path)
        if new is not None:
            leaves = new.leaves or context.new_leaves
            after = self.b.place(leaves, new.span or context.new_span, path)
        place = after or before
        assert place is not None
        return place, before


def entries(expr: Expr) -> dict[str, Expr] | None:
    """The entries of an object whose keys are text."""
    if not isinstance(expr, ObjectExpr):
        return None
    if not all(isinstance(key, Literal) and isinstance(key.value, str) for key, _ in expr.entries):
        return None
    return {str(key.value): value for key, value in expr.entries if isinstance(key, Literal)}


def _of_key(setting: Setting, key: str) -> tuple[Leaf, ...]:
    """The leaves of one entry (``name``) or item (``[0]``), where it has some of its own."""
    part = key if key.startswith("[") else f".{key}"
    found = tuple(leaf for leaf in setting.leaves if leaf.path.endswith(part))
    found = found or tuple(leaf for leaf in setting.leaves if f"{part}." in leaf.path or f"{part}[" in leaf.path)
    return found or setting.leaves


def _alike(old: Expr, new: Expr) -> bool:
    """Whether both are lists of as many objects."""
    return (
        isinstance(old, ListExpr)
        and isinstance(new, ListExpr)
        and len(old.items) == len(new.items)
        and all(isinstance(item, ObjectExpr) for item in (*old.items, *new.items))
    )


def _is_default(option: Option, setting: Setting, side: Side) -> bool:
    if option.default is None:
        return False
    value = side.value(setting.value)
    if value is None:
        return False
    from bakelift.translator.plan.values import to_python

    return _plain(to_python(value)) == _plain(option.default)


def _items(old: Setting | None, new: Setting | None) -> tuple[Hunk, ...]:
    """Longer lists item by item."""
    if old is None or new is None:
        return ()
    one, two = old.value, new.value
    if not isinstance(one, ListExpr) or not isinstance(two, ListExpr) or max(len(one.items), len(two.items)) < FEW:
        return ()
    return hunks([shown_line(item) for item in one.items], [shown_line(item) for item in two.items])
