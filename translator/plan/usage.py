"""Who uses what: which inputs, named values and leaves belong to which images."""

from __future__ import annotations

from bakelift.translator.plan.expressions import Expr, Literal, Ref, value_name
from bakelift.translator.plan.images import images
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import TypeVar

    from bakelift.translator.plan.images import Image
    from bakelift.translator.plan.model import Leaf, Plan, Step
    from bakelift.translator.plan.values import Value

    Held = TypeVar("Held")

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
    return tuple(leaf for leaf in all_leaves(plan) if id(leaf) in theirs.leaves and id(leaf) not in mine.leaves)


def leaves_without_image(plan: Plan, inputs: Mapping[str, Value] | None = None) -> tuple[Leaf, ...]:
    """Leaves that have no effect on any image: of sources that no build uses, steps that run for no source, variables
    and named values that nothing uses.
    """
    used = used_by(plan, images(plan, inputs=inputs)).leaves
    places: list[object] = [plan.inputs, plan.named, plan.sources, plan.data]
    places += [group.steps for group in plan.groups] + [group.post_processors for group in plan.groups]
    candidates = {id(leaf) for place in places for leaf in leaves_of(place)}
    return tuple(leaf for leaf in all_leaves(plan) if id(leaf) in candidates and id(leaf) not in used)


def used_by(plan: Plan, chosen: Iterable[Image]) -> Use:
    """What images use: their own leaves, those of their build groups, and those of all symbols in their expressions."""
    leaves: set[int] = set()
    names: set[tuple[str, str]] = set()
    parts: list[object] = []
    for image in chosen:
        group = image.group
        parts += [image.source, image.use, image.post_processors, group.leaves, group.opaque]
        runs = [step for step in (*image.steps, image.error_cleanup) if step is not None]
        mine = {id(step) for step in runs} | {id(step.override) for step in runs if step.override}
        parts += [
            _own(step, image)
            for step in (*group.steps, group.error_cleanup)
            # Where an override is laid over a step, the image has another step than the group.
            if step is not None and (id(step) in mine or (step.override and id(step.override) in mine))
        ]
    seen: set[int] = set()
    for part in parts:
        if id(part) not in seen:
            seen.add(id(part))
            _add(part, leaves, names)
    _close(plan, names, leaves)
    return Use(frozenset(leaves), frozenset(names))


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
        new: set[tuple[str, str]] = set()
        _add(item, leaves, new)
        new -= names
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
            elif (name := value_name(node)) is not None and name not in seen:
                seen.add(name)
                if name in named:
                    waiting.append(named[name])
    return found


def leaves_of(part: object) -> list[Leaf]:
    """Every leaf that a record, or a collection of records, holds."""
    from bakelift.translator.plan.model import Leaf

    return held(part, Leaf)


def held(part: object, wanted: type[Held] | tuple[type[Held], ...]) -> list[Held]:
    """Everything of a type that a record, or a collection of records, holds, in order; expressions are not entered."""
    found: list[Held] = []
    waiting = [part]
    while waiting:
        item = waiting.pop()
        if isinstance(item, wanted):
            found.append(item)
        elif isinstance(item, Record):
            if not isinstance(item, Expr):
                values = [getattr(item, field) for field in reversed(item._fields)]
                waiting += [value for value in values if value and type(value) is not str]
        elif isinstance(item, tuple):
            waiting += item[::-1]
        elif isinstance(item, dict):
            waiting += reversed(item.values())
    return found


def _add(part: object, leaves: set[int], names: set[tuple[str, str]]) -> None:
    """Adds the leaves of a record, and the symbols in its expressions that other parts of the template bind."""
    from bakelift.translator.plan.model import Leaf

    kinds: tuple[type[object], ...] = (Leaf, Expr)
    for item in held(part, kinds):
        if isinstance(item, Leaf):
            leaves.add(id(item))
        elif isinstance(item, Expr) and type(item) is not Literal:
            names.update(
                (node.kind, node.name) for node in item.walk() if isinstance(node, Ref) and node.kind in _SHARED
            )


def all_leaves(plan: Plan) -> list[Leaf]:
    """Every leaf of a template, once."""
    if plan.origin is not None:
        return plan.origin.leaves
    seen: dict[int, Leaf] = {id(leaf): leaf for leaf in leaves_of(plan)}
    return list(seen.values())


def _key(image: Image) -> tuple[str, str, int]:
    return image.name, image.id, id(image.use)
