"""A Plan in the shape of a legacy JSON template: one build, variables that are text."""

from __future__ import annotations

from bakelift.translator.aside import Told
from bakelift.translator.plan.expressions import Expr, ListExpr, Literal, ObjectExpr, Ref
from bakelift.translator.plan.model import BuildGroup, NamedValue, PostProcessor, Setting, Step
from bakelift.translator.plan.rewriting import rewrite

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    from bakelift.translator.plan.model import Leaf, Plan

    One = TypeVar("One", Step, PostProcessor)


def legacy_shape(plan: Plan) -> tuple[Plan, tuple[Told, ...]]:
    """The Plan with one build group, and with values in place of variables that are no text; what that changes."""
    told: list[Told] = []
    plan = _text_inputs(plan, told)
    if len(plan.groups) > 1:
        plan = _one_group(plan)
    elif plan.groups and plan.groups[0].name is not None:
        plan = plan.but(groups=(plan.groups[0].but(name=None),))
    return plan, tuple(told)


def _text_inputs(plan: Plan, told: list[Told]) -> Plan:
    """Lists and maps cannot be user variables: their defaults are put in place."""
    fixed: dict[str, Expr] = {}
    for item in plan.inputs:
        if isinstance(item.default, (ListExpr, ObjectExpr)):
            fixed[item.name] = item.default
            summary = "a legacy variable is text: this one's default stands wherever it is used"
            told.append(Told(item.leaves, "approximated", "json/variable-type", summary))
    if not fixed:
        return plan
    taken = {item.name for item in plan.named}
    names: dict[str, str] = {}
    for name in fixed:
        new = name
        while new in taken:
            new += "_value"
        taken.add(new)
        names[name] = new

    def visit(node: Expr) -> Expr | None:
        if isinstance(node, Ref) and node.kind == "input" and node.name in names:
            return Ref("named", names[node.name], node.span)
        return None

    plan = rewrite(plan.but(inputs=tuple(item for item in plan.inputs if item.name not in fixed)), visit)
    return plan.but(named=(*plan.named, *(NamedValue(names[name], value) for name, value in fixed.items())))


def _one_group(plan: Plan) -> Plan:
    """All builds as one: what runs for a build alone says so with only."""
    steps: list[Step] = []
    chains: list[tuple[PostProcessor, ...]] = []
    for group in plan.groups:
        mine = [use.id for use in group.sources]
        steps += [_only(step, mine) for step in group.steps]
        chains += [tuple(_only(post, mine) for post in chain) for chain in group.post_processors]
    first = plan.groups[0]
    leaves: tuple[Leaf, ...] = tuple(leaf for group in plan.groups for leaf in group.leaves)
    return plan.but(
        groups=(
            BuildGroup(
                None,
                tuple(use for group in plan.groups for use in group.sources),
                tuple(steps),
                first.error_cleanup,
                tuple(chains),
                first.description,
                first.opaque,
                first.span,
                first.comments,
                leaves,
            ),
        )
    )


def _only(item: One, mine: list[str]) -> One:
    """The item for the builds of its group, and no others."""
    chosen = mine
    if item.only is not None:
        chosen = [id for id in _ids(item.only) if id in mine] or _ids(item.only)
    elif item.excepted is not None:
        chosen = [id for id in mine if id not in _ids(item.excepted)]
    only = Setting(ListExpr(tuple(Literal(id) for id in chosen)))
    return item.but(only=only, excepted=None)


def _ids(setting: Setting) -> list[str]:
    items = setting.value.items if isinstance(setting.value, ListExpr) else ()
    return [str(item.value) for item in items if isinstance(item, Literal)]
