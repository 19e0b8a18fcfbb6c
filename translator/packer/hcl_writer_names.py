"""What a Plan has that HCL cannot say as it stands, said in another way before it is written.

Names that are no identifiers get one; an input whose default is computed becomes a variable that may stay null and a
local that computes.
"""

from __future__ import annotations

import re

from bakelift.translator.languages.hcl.strings import is_identifier
from bakelift.translator.plan.expressions import Call, Conditional, Expr, Literal, Ref
from bakelift.translator.plan.model import Input, NamedValue
from bakelift.translator.plan.rewriting import rewrite, rewritten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from bakelift.translator.plan.expressions import RefKind
    from bakelift.translator.plan.model import Plan
    from bakelift.translator.plan.record import Record


def sayable(plan: Plan) -> Plan:
    """The Plan with names and inputs that HCL can say; the same Plan where it has no others."""
    plan = _computed_inputs(plan)
    for kind, items in (("input", plan.inputs), ("named", plan.named)):
        renamed = identifiers(item.name for item in items)
        if renamed:
            plan = _renamed(plan, "input" if kind == "input" else "named", renamed)
    return _source_names(plan)


def identifiers(names: Iterable[str]) -> dict[str, str]:
    """New names for those that are no identifiers; no two names become the same."""
    taken = set(all_names := list(names))
    renamed: dict[str, str] = {}
    for name in all_names:
        if is_identifier(name):
            continue
        symbol = re.search(r"\{\{-?\s*user\s+[`\"]([^`\"]+)[`\"]", name)
        base = re.sub(r"[^A-Za-z0-9_-]+", "_", symbol[1] if symbol else name).strip("_") or "image"
        if not is_identifier(base):
            base = f"x_{base}"
        found, number = base, 2
        while found in taken:
            found, number = f"{base}_{number}", number + 1
        taken.add(found)
        renamed[name] = found
    return renamed


def _renamed(plan: Plan, kind: RefKind, names: dict[str, str]) -> Plan:
    def visit(node: Expr) -> Expr | None:
        if isinstance(node, Ref) and node.kind == kind and node.name in names:
            return node.but(name=names[node.name])
        return None

    plan = rewrite(plan, visit)
    if kind == "input":
        return plan.but(inputs=tuple(i.but(name=names.get(i.name, i.name)) for i in plan.inputs))
    return plan.but(named=tuple(n.but(name=names.get(n.name, n.name)) for n in plan.named))


def constant(default: Expr) -> bool:
    """Whether HCL accepts an expression as a variable's default: no symbols, no function but ``env``."""
    from bakelift.translator.languages.hcl.functions import BINARY, UNARY

    operators = {operation for _, operation in BINARY.values()} | set(UNARY.values()) | {"env"}
    return not any(
        (isinstance(node, Ref) and node.kind != "bound") or (isinstance(node, Call) and node.operation not in operators)
        for node in default.walk()
    )


def _computed_inputs(plan: Plan) -> Plan:
    computed = [item for item in plan.inputs if item.default is not None and not constant(item.default)]
    if not computed:
        return plan
    circular = _circular(computed)
    if circular:  # a default that needs its own variable gives nothing: the variable has to be set
        inputs_ = tuple(item.but(default=None) if item.name in circular else item for item in plan.inputs)
        return _computed_inputs(plan.but(inputs=inputs_))
    taken = {item.name for item in plan.named}
    locals_of: dict[str, str] = {}
    for item in computed:
        name = item.name
        while name in taken:
            name += "_value"
        taken.add(name)
        locals_of[item.name] = name

    def visit(node: Expr) -> Expr | None:
        if isinstance(node, Ref) and node.kind == "input" and node.name in locals_of:
            return Ref("named", locals_of[node.name], node.span)
        return None

    plan = rewrite(plan, visit)
    inputs: list[Input] = []
    named: list[NamedValue] = []
    for item in plan.inputs:
        if item.name not in locals_of or item.default is None:
            inputs.append(item)
            continue
        own = Ref("input", item.name)
        value = Conditional(Call("equal", (own, Literal(None))), item.default, own)
        inputs.append(item.but(default=Literal(None)))
        named.append(NamedValue(locals_of[item.name], value, item.sensitive, comments=()))
    return plan.but(inputs=tuple(inputs), named=(*named, *plan.named))


def _circular(inputs: list[Input]) -> set[str]:
    """Names of inputs whose defaults need themselves."""
    needs = {
        item.name: {n.name for n in item.default.walk() if isinstance(n, Ref) and n.kind == "input"}
        for item in inputs
        if item.default is not None
    }
    found: set[str] = set()
    for name, direct in needs.items():
        seen: set[str] = set()
        left = list(direct)
        while left:
            following = left.pop()
            if following not in seen:
                seen.add(following)
                left += needs.get(following, ())
        if name in seen:
            found.add(name)
    return found


def _source_names(plan: Plan) -> Plan:
    """Sources are labelled with identifiers; what selects or overrides by name follows."""
    names = [source.name for source in plan.sources]
    renamed = identifiers(dict.fromkeys(names))
    if not renamed:
        return plan
    ids = {s.id: f"{s.type}.{renamed[s.name]}" for s in plan.sources if s.name in renamed}

    def visit(node: Expr) -> Expr | None:
        if isinstance(node, Literal) and isinstance(node.value, str) and node.value in ids:
            return node.but(value=ids[node.value])
        return None

    def selecting(item: Record) -> Record:
        changes = {
            field: rewritten(getattr(item, field), visit)
            for field in ("only", "excepted")
            if getattr(item, field) is not None
        }
        override = getattr(item, "override", None)
        if override:
            changes["override"] = {renamed.get(name, name): settings for name, settings in override.items()}
        return item.but(**changes)

    groups = tuple(
        group.but(
            sources=tuple(use.but(source=renamed.get(use.source, use.source)) for use in group.sources),
            steps=tuple(selecting(step) for step in group.steps),
            error_cleanup=selecting(group.error_cleanup) if group.error_cleanup is not None else None,
            post_processors=tuple(tuple(selecting(p) for p in chain) for chain in group.post_processors),
        )
        for group in plan.groups
    )
    sources = tuple(source.but(name=renamed.get(source.name, source.name)) for source in plan.sources)
    return plan.but(sources=sources, groups=groups)
