"""What Packer refuses of a whole template: nothing to build, components that nobody has, a Packer that is too old.

Diagnostics: ``packer/no-builders``, ``packer/no-build``, ``packer/no-sources``, ``packer/unknown-component``,
``packer/version``, ``packer/several-cleanups``; warnings ``packer/unmatched-source``, ``packer/unknown-component``.
"""

from __future__ import annotations

from bakelift.translator.packer.checks_versions import allows, parse_version
from bakelift.translator.packer.tables import component, types
from bakelift.translator.plan.images import legacy
from bakelift.translator.plan.suggest import suggestion

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from bakelift.translator.diagnostics import Diagnostics, Span
    from bakelift.translator.packer.tables import Component
    from bakelift.translator.plan.model import Plan, Setting

_INTEGRATIONS = "https://developer.hashicorp.com/packer/integrations?filter="


def check_template(plan: Plan, version: str, found: Diagnostics) -> None:
    """Tells of what is wrong with a Packer template as a whole. ``version``: of the Packer that would run it."""
    check_version(plan, version, found)
    _something_to_build(plan, found)
    used = {(use.type, use.source) for group in plan.groups for use in group.sources}
    idle = [source.span for source in plan.sources if (source.type, source.name) not in used]
    for kind, type, span in components(plan):
        _known(plan, kind, type, span, found)
    for span in idle if plan.groups and not legacy(plan) else ():
        if span is not None:
            found.soften(span)  # no build uses it: Packer does not look for its builder
    _names_of_sources(plan, found)


def check_version(plan: Plan, version: str, found: Diagnostics) -> None:
    wanted = plan.required_version
    if not wanted:
        return
    span = _place(plan, "required_version", "min_packer_version")
    old = legacy(plan)
    try:
        fits = allows(f">= {wanted}" if old and wanted[:1].isdigit() else wanted, parse_version(version))
    except ValueError as problem:
        found.error("packer/version", "Invalid version constraint", f"{problem}.", span)
        return
    if fits:
        return
    if old:
        summary = f"This template requires Packer version {wanted.lstrip('>= ')} or higher; using {version}"
        found.error("packer/version", summary, "", span)
    else:
        detail = f"This configuration does not support Packer version {version}: it wants {wanted}."
        found.error("packer/version", "Unsupported Packer Core version", detail, span)


def components(plan: Plan) -> Iterator[tuple[str, str, Span | None]]:
    """(kind, type, place) of every component of a Packer template."""
    for source in plan.sources:
        yield "builder", source.type, source.span
    for data in plan.data:
        yield "data", data.type, data.span
    for group in plan.groups:
        for step in (*group.steps, group.error_cleanup):
            if step is not None:
                yield "provisioner", step.type, step.span
        for chain in group.post_processors:
            for post in chain:
                yield "post-processor", post.type, post.span


def known_component(kind: str, type: str) -> Component | None:
    return component(kind, type)  # type: ignore[arg-type]


def _something_to_build(plan: Plan, found: Diagnostics) -> None:
    if legacy(plan):
        if not any(group.sources for group in plan.groups):
            detail = "A builder says what is built, and with what: azure-arm, null, docker …"
            found.error("packer/no-builders", "at least one builder must be defined", detail, _start(plan))
        return
    if not plan.groups:
        detail = "Without a build block the template declares things and builds nothing."
        found.error("packer/no-build", "Missing build block", detail, _start(plan))
    for group in plan.groups:
        if not group.sources:
            detail = "A build block must reference at least one source to be built."
            found.error("packer/no-sources", "missing source reference", detail, group.span)


def _known(plan: Plan, kind: str, type: str, span: Span | None, found: Diagnostics) -> None:
    """A component that no table knows may be of a plugin that the template asks for; else nobody has it."""
    if known_component(kind, type) is not None:
        return
    if any(type == r.name or type.startswith(f"{r.name}-") for r in plan.required_plugins):
        detail = f"It is part of a plugin that the template requires; {_what(kind)} is not checked."
        found.warning("packer/unknown-component", f'Unknown {kind} type "{type}"', detail, span)
        return
    near = suggestion(type, types(kind))  # type: ignore[arg-type]
    if near:
        detail = f'Did you mean to use "{near}"?'
    else:
        detail = (
            f"The {kind} {type} is unknown, and is likely part of a plugin that is not installed. Plugins are listed "
            f"at {_INTEGRATIONS}{type}"
        )
    found.error("packer/unknown-component", f'Unknown {kind} type "{type}"', detail, span)


def _what(kind: str) -> str:
    return "what the data source gives" if kind == "data" else "its configuration"


def _names_of_sources(plan: Plan, found: Diagnostics) -> None:
    """In HCL, an only, except or override that names no source is silent in Packer, and does nothing."""
    if legacy(plan):
        return
    for group in plan.groups:
        ids = sorted({use.id for use in group.sources})
        names = sorted({use.local_name for use in group.sources})
        posts = [post for chain in group.post_processors for post in chain]
        choosing = [(item.only, item.excepted) for item in group.steps] + [(i.only, i.excepted) for i in posts]
        for only, excepted in choosing:
            for word, setting in (("only", only), ("except", excepted)):
                for name, span in _texts(setting):
                    if name not in ids:
                        _unmatched(f"'{word}' names a source that this build has not: {name}", ids, span, found)
        for step in group.steps:
            for name, settings in step.override.items():
                if name not in names:
                    span = next((s.span for s in settings.values()), step.span)
                    _unmatched(f"'override' names a source that this build has not: {name}", names, span, found)


def _unmatched(summary: str, known: list[str], span: Span | None, found: Diagnostics) -> None:
    detail = f"It never matches, and Packer does not say so. The sources of this build are {', '.join(known)}."
    found.warning("packer/unmatched-source", summary, detail, span)


def _texts(setting: Setting | None) -> Iterator[tuple[str, Span | None]]:
    """The names that stand in a list as they are."""
    from bakelift.translator.plan.expressions import ListExpr, Literal

    if setting is None or not isinstance(setting.value, ListExpr):
        return
    for item in setting.value.items:
        if isinstance(item, Literal) and isinstance(item.value, str):
            yield item.value, item.span or setting.span


def _place(plan: Plan, *names: str) -> Span | None:
    leaves = plan.origin.leaves if plan.origin is not None else []
    return next((leaf.span for leaf in leaves if leaf.path.rpartition(".")[2] in names), None)


def _start(plan: Plan) -> Span | None:
    """The beginning of the first file that the template was read from."""
    from bakelift.translator.diagnostics import Span

    leaves = plan.origin.leaves if plan.origin is not None else []
    first = next((leaf.span for leaf in leaves if leaf.span is not None), None)
    return Span(first.file, 0, 0) if first is not None else None
