"""Sources as the builders of a legacy template: each use of a source is a builder, whose name is its own."""

from __future__ import annotations

from bakelift.translator.aside import Told
from bakelift.translator.plan.expressions import Expr, ListExpr, Literal, Ref
from bakelift.translator.plan.model import Attribute, Body, BuildGroup, PostProcessor, Setting, Source, SourceUse, Step
from bakelift.translator.plan.rewriting import rewritten
from bakelift.translator.plan.usage import leaves_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeVar

    from bakelift.translator.plan.model import Plan

    One = TypeVar("One", Step, PostProcessor)


def builders_of(plan: Plan, told: list[Told]) -> Plan:
    """The Plan with a source for each use, under the name that the use gives it; a source without use is left out."""
    sources: list[Source] = []
    groups: list[BuildGroup] = []
    taken: set[str] = set()
    used: set[str] = set()
    for group in plan.groups:
        names: dict[str, str] = {}
        uses: list[SourceUse] = []
        for use in group.sources:
            source = plan.source(use.type, use.source)
            if source is None:
                continue
            used.add(source.id)
            name = _free(use.local_name, use.type, group.name, taken)
            names[use.id] = name
            sources.append(
                source.but(
                    name=name,
                    settings={**source.settings, **use.settings},
                    opaque=_laid_over(source.opaque, use.opaque),
                )
            )
            uses.append(SourceUse(use.type, name, span=use.span))
        named = _group_named(group)
        groups.append(_renamed(named, names).but(sources=tuple(uses)))
    unused = tuple(leaf for source in plan.sources if source.id not in used for leaf in leaves_of(source))
    if unused:
        told.append(Told(unused, "dropped", "json/unused-source", "no build uses this source, so there is no builder"))
    return plan.but(sources=tuple(sources), groups=tuple(groups))


def _group_named(group: BuildGroup) -> BuildGroup:
    """With the name of the build block in place: a legacy template's build has none."""

    def visit(node: Expr) -> Expr | None:
        if isinstance(node, Ref) and (node.kind, node.name) == ("group", "name"):
            return Literal(group.name or "", node.span)
        return None

    done = rewritten(group, visit)
    assert isinstance(done, BuildGroup)
    return done


def _free(name: str, type: str, group: str | None, taken: set[str]) -> str:
    """A builder's name: no other builder may have it."""
    choices = [name, f"{type}.{name}", f"{group}.{name}" if group else name]
    found = next((choice for choice in choices if choice not in taken), None)
    number = 2
    while found is None or found in taken:
        found, number = f"{name}-{number}", number + 1
    taken.add(found)
    return found


def _laid_over(body: Body, over: Body) -> Body:
    names = {entry.name for entry in over.entries if isinstance(entry, Attribute)}
    kept = [e for e in body.entries if not (isinstance(e, Attribute) and e.name in names)]
    return Body((*kept, *over.entries))


def _renamed(group: BuildGroup, names: Mapping[str, str]) -> BuildGroup:
    """What selects and overrides by the old names says the new ones."""
    ids = {id: f"{id.partition('.')[0]}.{name}" for id, name in names.items()}
    locals_ = {id.partition(".")[2]: name for id, name in names.items()}

    def selection(setting: Setting | None) -> Setting | None:
        if setting is None or not isinstance(setting.value, ListExpr):
            return setting
        items = tuple(
            item.but(value=ids.get(str(item.value), item.value)) if isinstance(item, Literal) else item
            for item in setting.value.items
        )
        return setting.but(value=setting.value.but(items=items))

    def one(item: One) -> One:
        return item.but(only=selection(item.only), excepted=selection(item.excepted))

    def step(item: Step) -> Step:
        return one(item).but(override={locals_.get(name, name): over for name, over in item.override.items()})

    cleanup = group.error_cleanup
    return group.but(
        steps=tuple(step(item) for item in group.steps),
        error_cleanup=step(cleanup) if cleanup is not None else None,
        post_processors=tuple(tuple(one(post) for post in chain) for chain in group.post_processors),
    )
