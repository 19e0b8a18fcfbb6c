"""Variables that nothing in Packer's template uses: Packer would ask for them all the same, so they are kept aside."""

from __future__ import annotations

from bakelift.translator.aside.values import arm, read
from bakelift.translator.plan.expressions import Expr, Ref
from bakelift.translator.plan.model import Input, NamedValue
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from bakelift.translator.languages.arm import Symbols
    from bakelift.translator.plan.model import Leaf, Plan
    from bakelift.translator.plan.types import Type

    Keep = Callable[[str, str, object], None]


def hide(plan: Plan, keep: Keep) -> tuple[Plan, tuple[Leaf, ...]]:
    """The Plan without the inputs and named values that nothing uses; their leaves."""
    used = _used(plan)
    leaves: list[Leaf] = []
    for number, item in enumerate(plan.inputs):
        if ("input", item.name) not in used:
            keep("inputs", item.name, {"at": number, **facts_of(item)})
            leaves += item.leaves
    for number, named in enumerate(plan.named):
        if ("named", named.name) not in used:
            value = arm(named.value)
            if value is not None:
                keep("variables", named.name, {"at": number, "value": value})
                leaves += named.leaves
            else:
                used.add(("named", named.name))
    inputs = tuple(item for item in plan.inputs if ("input", item.name) in used)
    return plan.but(inputs=inputs, named=tuple(n for n in plan.named if ("named", n.name) in used)), tuple(leaves)


def _used(plan: Plan) -> set[tuple[str, str]]:
    """The symbols that the images use, through named values and defaults too."""
    values: dict[tuple[str, str], Expr] = {("named", item.name): item.value for item in plan.named}
    values |= {("input", item.name): item.default for item in plan.inputs if item.default is not None}
    used: set[tuple[str, str]] = set()
    waiting = [*_expressions(plan.sources), *_expressions(plan.groups), *_expressions(plan.data)]
    while waiting:
        for node in waiting.pop().walk():
            if isinstance(node, Ref) and (node.kind, node.name) not in used:
                used.add((node.kind, node.name))
                if (node.kind, node.name) in values:
                    waiting.append(values[node.kind, node.name])
    return used


def _expressions(part: object) -> Iterator[Expr]:
    if isinstance(part, Expr):
        yield part
    elif isinstance(part, Record):
        for field in part._compared:
            yield from _expressions(getattr(part, field))
    elif isinstance(part, (tuple, list)):
        for item in part:
            yield from _expressions(item)
    elif isinstance(part, dict):
        for item in part.values():
            yield from _expressions(item)


def facts_of(item: Input) -> dict[str, Any]:
    """An input as plain data."""
    from bakelift.translator.plan.type_constraints import type_to_text

    found: dict[str, Any] = {}
    if item.type is not None:
        found["type"] = type_to_text(item.type)
    if item.default is not None:
        found["default"] = arm(item.default)
    if item.description is not None:
        found["description"] = item.description
    if item.sensitive:
        found["sensitive"] = True
    if item.allowed is not None:
        found["allowed"] = arm(item.allowed)
    return found


def shown(plan: Plan, inputs: dict[str, Any]) -> Plan:
    """The Plan with the inputs that were hidden, each in its place."""
    found = list(plan.inputs)
    for name, facts in _in_order(inputs):
        if plan.input(name) is None:
            default = facts.get("default")
            item = Input(
                name,
                type_of(facts.get("type")),
                None if default is None else read(default),
                facts.get("description"),
                bool(facts.get("sensitive")),
                None if facts.get("allowed") is None else read(facts["allowed"]),
            )
            found.insert(int(facts["at"]), item)
    return plan.but(inputs=tuple(found))


def shown_variables(plan: Plan, variables: dict[str, Any], symbols: Symbols) -> Plan:
    """The Plan with the named values that were hidden. ``symbols``: of the whole Plan."""
    named = list(plan.named)
    known = {item.name for item in named}
    for name, facts in _in_order(variables):
        if name not in known:
            named.insert(int(facts["at"]), NamedValue(name, read(facts.get("value"), symbols)))
    return plan.but(named=tuple(named))


def _in_order(kept: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    whole = [(n, f) for n, f in kept.items() if isinstance(f, dict) and isinstance(f.get("at"), int)]
    return sorted(whole, key=lambda entry: int(entry[1]["at"]))


def type_of(text: object) -> Type | None:
    from bakelift.translator.diagnostics import TemplateError
    from bakelift.translator.languages.hcl.parser import parse_expression
    from bakelift.translator.plan.types import type_from_expr

    try:
        return type_from_expr(parse_expression(text)) if isinstance(text, str) else None
    except TemplateError:
        return None
