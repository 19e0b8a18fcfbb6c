"""Types of a legacy template's variables, which are all text there: from the options that they are used for.

A variable that only turns things on and off is a bool, one that only counts is a number. Where text has to stay text
and may be empty, the option is unset by it, as Packer's decoder of JSON does: HCL takes no empty text for a bool.
"""

from __future__ import annotations

import re

from bakelift.translator.packer import tables
from bakelift.translator.plan.expressions import Call, Conditional, Expr, ListExpr, Literal, ObjectExpr, Ref
from bakelift.translator.plan.model import Attribute, Block, Body, Input, Setting
from bakelift.translator.plan.types import BOOL, NUMBER, STRING
from bakelift.translator.plan.usage import held

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeVar

    from bakelift.translator.packer.tables.rows import Kind, Option, ValueKind
    from bakelift.translator.plan.model import Plan, PostProcessor, Source, SourceUse, Step

    One = TypeVar("One", Source, SourceUse, Step, PostProcessor)
    Change = Callable[[Expr, Option | None], Expr]

_TYPED = {"bool": BOOL, "number": NUMBER}
_WHOLE = re.compile(r"0|[1-9][0-9]{0,17}")


def typed_from_use(plan: Plan) -> Plan:
    """The Plan with variables typed where every use of them says the same."""
    uses: dict[str, set[ValueKind]] = {}
    in_text: set[str] = set()

    def look(expr: Expr, option: Option | None) -> Expr:
        if isinstance(expr, Ref) and expr.kind == "input" and option is not None and option.value in _TYPED:
            uses.setdefault(expr.name, set()).add(option.value)
        else:
            in_text.update(n.name for n in expr.walk() if isinstance(n, Ref) and n.kind == "input")
        return expr

    _options(plan, look)
    for part in (plan.inputs, plan.named, plan.data):
        for expr in held(part, Expr):
            in_text.update(n.name for n in expr.walk() if isinstance(n, Ref) and n.kind == "input")
    inputs = []
    empty: set[str] = set()
    for item in plan.inputs:
        kinds = uses.get(item.name, set())
        typed = _typed(item, next(iter(kinds))) if len(kinds) == 1 and item.name not in in_text else None
        if kinds and typed is None and _may_be_empty(item):
            empty.add(item.name)
        inputs.append(typed or item)

    def unset(expr: Expr, option: Option | None) -> Expr:
        whole = option is not None and option.value in _TYPED and isinstance(expr, Ref)
        if whole and isinstance(expr, Ref) and expr.kind == "input" and expr.name in empty:
            return Conditional(Call("equal", (expr, Literal(""))), Literal(None), expr)
        return expr

    plan = plan.but(inputs=tuple(inputs))
    return _options(plan, unset) if empty else plan


def _typed(item: Input, kind: ValueKind) -> Input | None:
    """The input with its default as a value of a kind; None when it is none, or computed."""
    if item.type != STRING:
        return None
    if item.default is None:
        return item.but(type=_TYPED[kind])
    text = item.default.value if isinstance(item.default, Literal) else None
    if not isinstance(text, str):
        return None
    value: bool | int | None
    if text == "":
        value = None
    elif kind == "bool" and text in ("true", "false"):
        value = text == "true"
    elif kind == "number" and _WHOLE.fullmatch(text):
        value = int(text)
    else:
        return None
    return item.but(type=_TYPED[kind], default=item.default.but(value=value))


def _may_be_empty(item: Input) -> bool:
    return not (item.default is None or (isinstance(item.default, Literal) and item.default.value != ""))


# -- options ----------------------------------------------------------------------------------------------------------


def _options(plan: Plan, change: Change) -> Plan:
    """Every value of an option, changed with its row; None for what no table knows."""
    groups = []
    for group in plan.groups:
        cleanup = group.error_cleanup
        groups.append(
            group.but(
                sources=tuple(_component("builder", use, change) for use in group.sources),
                steps=tuple(_component("provisioner", step, change) for step in group.steps),
                error_cleanup=_component("provisioner", cleanup, change) if cleanup is not None else None,
                post_processors=tuple(
                    tuple(_component("post-processor", post, change) for post in chain)
                    for chain in group.post_processors
                ),
                opaque=_body(group.opaque, {}, "", change),
            )
        )
    sources = tuple(_component("builder", source, change) for source in plan.sources)
    return plan.but(sources=sources, groups=tuple(groups), opaque=_body(plan.opaque, {}, "", change))


def _component(kind: Kind, part: One, change: Change) -> One:
    known = tables.component(kind, part.type)
    rows = {**tables.meta(kind), **(known.options if known is not None else {})}
    by_setting = {row.setting: row for row in rows.values()}
    changed: dict[str, object] = {
        "settings": _settings(part.settings, by_setting, change),
        "opaque": _body(part.opaque, rows, "", change),
    }
    if hasattr(part, "override") and part.override:
        changed["override"] = {name: _settings(own, by_setting, change) for name, own in part.override.items()}
    return part.but(**changed)


def _settings(settings: Mapping[str, Setting], rows: Mapping[str, Option], change: Change) -> dict[str, Setting]:
    return {name: s.but(value=_value(s.value, rows, name, change)) for name, s in settings.items()}


def _body(body: Body, rows: Mapping[str, Option], prefix: str, change: Change) -> Body:
    entries: list[Attribute | Block] = []
    for entry in body.entries:
        if isinstance(entry, Attribute):
            value = _value(entry.setting.value, rows, prefix + entry.name, change)
            entries.append(entry.but(setting=entry.setting.but(value=value)))
        else:
            entries.append(entry.but(body=_body(entry.body, rows, f"{prefix}{entry.type}.", change)))
    return Body(tuple(entries)) if entries else body


def _value(value: Expr, rows: Mapping[str, Option], name: str, change: Change) -> Expr:
    """A value, or the values in the objects of repeated blocks."""
    option = rows.get(name)
    if option is not None and option.value == "block":
        if isinstance(value, ListExpr):
            return value.but(items=tuple(_value(item, rows, name, change) for item in value.items))
        if isinstance(value, ObjectExpr):
            entries = tuple(
                (key, _value(inner, rows, f"{name}.{key.value}" if isinstance(key, Literal) else "", change))
                for key, inner in value.entries
            )
            return value.but(entries=entries)
    return change(value, option)
