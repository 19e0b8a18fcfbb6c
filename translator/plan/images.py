"""The exploded view of a Plan: one image each, with its source's settings, its steps and its outputs."""

from __future__ import annotations

from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bakelift.translator.diagnostics import Diagnostics
    from bakelift.translator.plan.model import (
        Body,
        BuildGroup,
        Plan,
        PostProcessor,
        Setting,
        Source,
        SourceUse,
        Step,
    )
    from bakelift.translator.plan.scope import Scope
    from bakelift.translator.plan.selecting import Selection
    from bakelift.translator.plan.values import Value


class Image(Record):
    """One image to build.

    ``name``: how Packer shows it (``[group.]type.source`` in HCL, the builder's name in JSON). ``settings``: the
    source's with those of its use in the group laid over. ``steps``: those that only/except select for it, with its
    override applied; each keeps the leaves of what it says.
    """

    name: str
    type: str
    source_name: str
    local_name: str
    group_name: str | None
    settings: Mapping[str, Setting]
    opaque: Body
    steps: tuple[Step, ...]
    error_cleanup: Step | None
    post_processors: tuple[tuple[PostProcessor, ...], ...]
    source: Source
    use: SourceUse
    group: BuildGroup

    @property
    def id(self) -> str:
        """``type.name``: what only and except of steps and post-processors compare with."""
        return self.use.id


def images(
    plan: Plan,
    only: Sequence[str] = (),
    excepted: Sequence[str] = (),
    inputs: Mapping[str, Value] | None = None,
    diagnostics: Diagnostics | None = None,
) -> tuple[Image, ...]:
    """The images that a command line selects, in the order of the template.

    ``only`` and ``excepted`` are the texts of ``-only`` and ``-except`` (commas separate several): globs on the display
    name, or in a legacy JSON template exact builder names. ``-except`` also drops the post-processors of that name,
    and what follows them in their chain. ``inputs``: values for only/except of steps that depend on variables (None:
    their defaults).

    Raises TemplateError for a bad glob (``plan/bad-glob``) and for an only/except that cannot be bound
    (``plan/selection-unknown``); ``diagnostics`` gets warnings for patterns that match nothing
    (``plan/unmatched-only``, ``plan/unmatched-except``).
    """
    from bakelift.translator.plan import selecting
    from bakelift.translator.plan.binding import default_values

    values = default_values(plan.inputs) if inputs is None else inputs

    selection = selecting.Selection(plan, only, excepted)
    found = []
    for group, use, source in uses(plan):
        name = display_name(plan, group, use)
        if selection.keeps(name):
            found.append(_explode(plan, group, use, source, name, selection, values))
    if diagnostics is not None:
        selection.tell_unmatched(diagnostics, [display_name(plan, group, use) for group, use, _ in uses(plan)])
    return tuple(found)


def uses(plan: Plan) -> Iterable[tuple[BuildGroup, SourceUse, Source]]:
    """Every use of a source by a build group; uses of unknown sources are left to the readers, which refuse them."""
    sources = {(source.type, source.name): source for source in plan.sources}
    for group in plan.groups:
        for use in group.sources:
            source = sources.get((use.type, use.source))
            if source is not None:
                yield group, use, source


def legacy(plan: Plan) -> bool:
    """Whether names follow the rules of legacy JSON templates."""
    return plan.origin is not None and plan.origin.format == "json"


def display_name(plan: Plan, group: BuildGroup, use: SourceUse) -> str:
    if legacy(plan):
        return use.local_name
    return f"{group.name}.{use.id}" if group.name else use.id


def _explode(
    plan: Plan,
    group: BuildGroup,
    use: SourceUse,
    source: Source,
    name: str,
    selection: Selection,
    inputs: Mapping[str, Value],
) -> Image:
    from bakelift.translator.plan.binding import scope_of

    names = {use.id, use.local_name} if legacy(plan) else {use.id}
    scope = scope_of(plan, inputs, group=group, use=use)
    cleanup = group.error_cleanup
    if cleanup is not None and not legacy(plan) and not applies(cleanup.only, cleanup.excepted, names, scope):
        cleanup = None
    chains = []
    for chain in group.post_processors:
        kept: list[PostProcessor] = []
        for processor in chain:
            if selection.drops(processor.name or processor.type):
                break
            if applies(processor.only, processor.excepted, names, scope):
                kept.append(processor)
        if kept:
            chains.append(tuple(kept))
    return Image(
        name=name,
        type=use.type,
        source_name=use.source,
        local_name=use.local_name,
        group_name=group.name,
        settings={**source.settings, **use.settings},
        opaque=source.opaque.but(entries=source.opaque.entries + use.opaque.entries),
        steps=tuple(overridden(step, use) for step in group.steps if applies(step.only, step.excepted, names, scope)),
        error_cleanup=overridden(cleanup, use) if cleanup is not None else None,
        post_processors=tuple(chains),
        source=source,
        use=use,
        group=group,
    )


def overridden(step: Step, use: SourceUse) -> Step:
    """The step with the override for this source laid over its settings."""
    over = step.override.get(use.local_name)
    return step.but(settings={**step.settings, **over}) if over else step


def applies(only: Setting | None, excepted: Setting | None, names: set[str], scope: Scope) -> bool:
    """Whether an only/except pair selects a source. An empty list is no condition."""
    wanted = listed(only, scope)
    if wanted:
        return any(name in names for name in wanted)
    return not any(name in names for name in listed(excepted, scope))


def listed(setting: Setting | None, scope: Scope) -> list[str]:
    """The names in an only or except. Raises TemplateError when they cannot be bound or are no list of names."""
    if setting is None:
        return []
    from bakelift.translator.diagnostics import fail
    from bakelift.translator.plan.evaluate import evaluate

    value = evaluate(setting.value, scope)
    if value.null:
        return []
    if not value.wholly_known():
        from bakelift.translator.plan.usage import referenced_inputs

        missing = sorted(referenced_inputs(setting.value, scope.named))
        raise fail(
            "plan/selection-unknown",
            "which sources a step is for is not known",
            "only and except are decided when the template is read."
            + (f" Give {', '.join(f'-var {name}=VALUE' for name in missing)}." if missing else ""),
            setting.span,
            tuple(missing),
        )
    if isinstance(value.raw, str):
        return [value.raw]
    return [element.raw for element in value.elements() if isinstance(element.raw, str)]
