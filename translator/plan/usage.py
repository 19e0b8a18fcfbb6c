"""Who uses what: which inputs, named values and leaves belong to which images."""

from __future__ import annotations

from bakelift.translator.plan.expressions import Expr, Ref
from bakelift.translator.plan.images import images
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from bakelift.translator.plan.images import Image
    from bakelift.translator.plan.model import Leaf, Plan, Step
    from bakelift.translator.plan.values import Value

_SHARED = ("input", "named", "data")


class Use(Record):
    """What some images use: ``leaves`` by identity, and names by the kind of their symbol (input, named, data)."""

    leaves: frozenset[int]
    names: frozenset[tuple[str, str]]

    def inputs(self) -> frozenset[str]:
        return frozenset(name for kind, name in self.names if kind == "input")


def inputs_used(plan: Plan, selected: Iterable[Image]) -> tuple[str, ...]:
    """The inputs that the images use, through named values too, in the order of the template."""
    used = used_by(plan, selected).inputs()
    return tuple(item.name for item in plan.inputs if item.name in used)


def leaves_left_out(
    plan: Plan, selected: Iterable[Image], inputs: Mapping[str, Value] | None = None
) -> tuple[Leaf, ...]:
    """Leaves that belong only to images that were not selected, or to what only those use: the report leaves them out.

    What belongs to no image at all (a source that no build names, a variable that nothing uses) is not among them: it
    is in the template for nothing, and the report says so (:func:`leaves_without_image`).
    """
    chosen = tuple(selected)
    keys = {_key(image) for image in chosen}
    others = [image for image in images(plan, inputs=inputs) if _key(image) not in keys]
    if not others:
        return ()
    mine = used_by(plan, chosen)
    theirs = used_by(plan, others)
    return tuple(leaf for leaf in _all_leaves(plan) if id(leaf) in theirs.leaves and id(leaf) not in mine.leaves)


def leaves_without_image(plan: Plan, inputs: Mapping[str, Value] | None = None) -> tuple[Leaf, ...]:
    """Leaves that have no effect on any image: of sources that no build uses, steps that run for no source, variables
    and named values that nothing uses.
    """
    used = used_by(plan, images(plan, inputs=inputs)).leaves
    places: list[object] = [plan.inputs, plan.named, plan.sources, plan.data]
    places += [group.steps for group in plan.groups] + [group.post_processors for group in plan.groups]
    candidates = {id(leaf) for place in places for leaf in leaves_of(place)}
    return tuple(leaf for leaf in _all_leaves(plan) if id(leaf) in candidates and id(leaf) not in used)


def used_by(plan: Plan, chosen: Iterable[Image]) -> Use:
    """What images use: their own leaves, those of their build groups, and those of all symbols in their expressions."""
    leaves: set[int] = set()
    names: set[tuple[str, str]] = set()
    parts: list[object] = []
    for image in chosen:
        group = image.group
        parts += [image.source, image.use, image.post_processors, group.leaves, group.opaque]
        parts += [_own(step, image) for step in (*group.steps, group.error_cleanup) if step and _runs(step, image)]
    seen: set[int] = set()
    for part in parts:
        if id(part) not in seen:
            seen.add(id(part))
            leaves.update(id(leaf) for leaf in leaves_of(part))
            names.update(_symbols(part))
    _close(plan, names, leaves)
    return Use(frozenset(leaves), frozenset(names))


def _runs(step: Step, image: Image) -> bool:
    """Whether a step of the group is among those of the image, where it may stand with its override laid over."""
    mine = (*image.steps, image.error_cleanup)
    return any(step is other or (other and step.override and step.override is other.override) for other in mine)


def _own(step: Step, image: Image) -> Step:
    """The step with what it overrides for this image alone."""
    over = step.override.get(image.local_name)
    return step.but(override={image.local_name: over} if over else {}) if step.override else step


def _close(plan: Plan, names: set[tuple[str, str]], leaves: set[int]) -> None:
    """Adds what the named values, data sources and inputs of ``names`` use themselves."""
    named = {("named", item.name): item for item in plan.named}
    data = {("data", f"{item.type}.{item.name}"): item for item in plan.data}
    inputs = {("input", item.name): item for item in plan.inputs}
    table: dict[tuple[str, str], object] = {**named, **data, **inputs}
    waiting = list(names)
    while waiting:
        item = table.get(waiting.pop())
        if item is None:
            continue
        leaves.update(id(leaf) for leaf in leaves_of(item))
        new = _symbols(item) - names
        names |= new
        waiting.extend(new)


def referenced_inputs(expr: Expr, named: Mapping[str, Expr]) -> set[str]:
    """The inputs that an expression mentions, through named values too."""
    found: set[str] = set()
    seen: set[str] = set()
    waiting = [expr]
    while waiting:
        for node in waiting.pop().walk():
            if isinstance(node, Ref) and node.kind == "input":
                found.add(node.name)
            elif isinstance(node, Ref) and node.kind == "named" and node.name not in seen:
                seen.add(node.name)
                if node.name in named:
                    waiting.append(named[node.name])
    return found


def leaves_of(part: object) -> Iterator[Leaf]:
    """Every leaf that a record, or a collection of records, holds."""
    from bakelift.translator.plan.model import Leaf

    if isinstance(part, Leaf):
        yield part
    elif isinstance(part, Record) and not isinstance(part, Expr):
        for field in part._fields:
            yield from leaves_of(getattr(part, field))
    elif isinstance(part, dict):
        for value in part.values():
            yield from leaves_of(value)
    elif isinstance(part, tuple):
        for value in part:
            yield from leaves_of(value)


def _symbols(part: object) -> set[tuple[str, str]]:
    """The symbols that other parts of the template bind, in every expression of a record."""
    found: set[tuple[str, str]] = set()
    waiting = [part]
    while waiting:
        item = waiting.pop()
        if isinstance(item, Expr):
            found.update((n.kind, n.name) for n in item.walk() if isinstance(n, Ref) and n.kind in _SHARED)
        elif isinstance(item, Record):
            waiting.extend(getattr(item, field) for field in item._fields)
        elif isinstance(item, dict):
            waiting.extend(item.values())
        elif isinstance(item, tuple):
            waiting.extend(item)
    return found


def _all_leaves(plan: Plan) -> list[Leaf]:
    if plan.origin is not None:
        return plan.origin.leaves
    seen: dict[int, Leaf] = {id(leaf): leaf for leaf in leaves_of(plan)}
    return list(seen.values())


def _key(image: Image) -> tuple[str, str, int]:
    return image.name, image.id, id(image.use)
