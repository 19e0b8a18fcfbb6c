"""Puts back what was set aside, when a Packer template is read again."""

from __future__ import annotations

import json

from bakelift.translator.aside import KEPT
from bakelift.translator.aside.values import entries, read, symbols_of, to_data
from bakelift.translator.plan.expressions import Call, Conditional, Expr, Literal, Ref
from bakelift.translator.plan.model import Attribute, Body, Setting
from bakelift.translator.plan.usage import leaves_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from bakelift.translator.plan.model import BuildGroup, Plan


def put_back(plan: Plan) -> Plan:
    """The Plan with what was set aside in its place again; the same Plan where nothing was."""
    before = plan
    kept, plan = _find(plan)
    if not kept:
        return plan
    plan = _given_back(plan, kept)
    if before.origin is not None:
        left = {id(leaf) for leaf in leaves_of(plan)}
        before.origin.returned = tuple(leaf for leaf in leaves_of(before) if id(leaf) not in left)
    return plan


def _given_back(plan: Plan, kept: dict[str, Any]) -> Plan:
    from bakelift.translator.aside.hidden import shown, shown_variables
    from bakelift.translator.aside.legacy import put_words_back
    from bakelift.translator.aside.outputs import joined_outputs
    from bakelift.translator.plan.rewriting import rewrite

    plan = shown(plan, entries(kept, "inputs"))
    plan = put_words_back(plan, kept)
    plan = _declared_defaults(plan, kept)
    symbols = symbols_of(plan)
    for name, facts in entries(kept, "variables").items():
        if isinstance(facts, dict):
            from bakelift.translator.languages.arm import kind_of

            symbols.types.setdefault(("named", name), kind_of(read(facts.get("value"), symbols), symbols))
    plan = shown_variables(plan, entries(kept, "variables"), symbols)
    symbols = symbols_of(plan)
    values = {name: read(text, symbols) for name, text in entries(kept, "values").items()}

    def visit(node: Expr) -> Expr | None:
        return values.get(node.name) if isinstance(node, Ref) and node.kind == "input" else None

    plan = rewrite(plan, visit) if values else plan
    made = {*values, *entries(kept, "asked")}
    plan = plan.but(inputs=tuple(item for item in plan.inputs if item.name not in made))
    settings, added = entries(kept, "settings"), entries(kept, "added")
    sources = []
    for source in plan.sources:
        own = {name: Setting(read(value, symbols)) for name, value in entries(settings, source.id).items()}
        left = {n: s for n, s in source.settings.items() if n not in entries(added, source.id)}
        sources.append(source.but(settings={**left, **own}))
    plan = plan.but(sources=tuple(sources))
    plan = joined_outputs(plan, entries(kept, "outputs"), added)
    plan = plan.but(groups=tuple(_steps(group, number, kept) for number, group in enumerate(plan.groups)))
    around = kept.get("deployment")
    if around is not None:
        entry = Attribute("deployment", Setting(read(around, symbols)))
        plan = plan.but(opaque=Body((*plan.opaque.entries, entry)))
    return plan


def _steps(group: BuildGroup, number: int, kept: dict[str, Any]) -> BuildGroup:
    """Steps with the properties of their customizers; a step is known by its name, else by its place."""
    notes = entries(kept, "steps")
    if not notes:
        return group
    steps = list(group.steps)
    for place, note in notes.items():
        at = place.partition(".")[2]
        if not isinstance(note, dict) or place.partition(".")[0] != str(number) or not at.isdigit():
            continue
        name = note.get("name")
        named = [i for i, step in enumerate(steps) if name is not None and step.name == name]
        here = int(at) if int(at) < len(steps) and steps[int(at)].name == name else None
        index = here if here is not None else named[0] if named else None
        if index is not None:
            extra = Setting(read(note.get("customizer")))
            steps[index] = steps[index].but(settings={**steps[index].settings, "customizer": extra})
    return group.but(steps=tuple(steps))


def _declared_defaults(plan: Plan, kept: dict[str, Any]) -> Plan:
    """Inputs with their defaults again; a local that chose between a value and the default is the input again."""
    from bakelift.translator.plan.rewriting import rewrite

    defaults, pinned, bare, places = (entries(kept, w) for w in ("defaults", "pinned", "undescribed", "placeholders"))
    chosen: dict[str, str] = {}
    made: dict[str, Expr] = {}  # defaults that Packer says itself
    for local in plan.named:
        condition = chooses(local.value)
        if condition is not None and condition.name in defaults and isinstance(local.value, Conditional):
            chosen[local.name] = condition.name
            made[condition.name] = local.value.then
    inputs = []
    for item in plan.inputs:
        changes: dict[str, Any] = {}
        if item.name in defaults and (item.default in (None, Literal(None)) or _asks_clock(item.default)):
            kept_default = defaults[item.name]
            changes["default"] = made.get(item.name, item.default) if kept_default is None else read(kept_default)
        if item.name in pinned:
            changes["pinned"] = read(pinned[item.name])
        if item.name in bare:
            changes["description"] = None
        if isinstance(places.get(item.name), str):
            changes["placeholder"] = places[item.name]
        inputs.append(item.but(**changes))

    def visit(node: Expr) -> Expr | None:
        if isinstance(node, Ref) and node.kind == "named" and node.name in chosen:
            return Ref("input", chosen[node.name], node.span)
        return None

    plan = plan.but(inputs=tuple(inputs), named=tuple(item for item in plan.named if item.name not in chosen))
    return rewrite(plan, visit) if chosen else plan


def _asks_clock(default: Expr | None) -> bool:
    clocks = {"timestamp", "formatdate", "uuidv4", "go.timestamp", "go.isotime", "go.uuid", "legacy_isotime"}
    return default is not None and any(isinstance(n, Call) and n.operation in clocks for n in default.walk())


def chooses(value: Expr) -> Ref | None:
    """The input of ``var.x == null ? DEFAULT : var.x``."""
    if not isinstance(value, Conditional) or not isinstance(value.otherwise, Ref):
        return None
    own = value.otherwise
    return own if own.kind == "input" and value.condition == Call("equal", (own, Literal(None))) else None


def _find(plan: Plan) -> tuple[dict[str, Any], Plan]:
    """What a Plan keeps, and the Plan without it."""
    for item in plan.named:
        if item.name == KEPT:
            data = to_data(item.value)
            if isinstance(data, dict):
                return data, plan.but(named=tuple(n for n in plan.named if n is not item))
    for comment in plan.comments:
        if comment.lstrip().startswith(f'{{"{KEPT}":'):
            try:
                data = json.loads(comment)[KEPT]
            except (ValueError, KeyError, TypeError):
                continue
            if isinstance(data, dict):
                return data, plan.but(comments=tuple(c for c in plan.comments if c is not comment))
    return {}, plan
