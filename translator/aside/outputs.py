"""Distributions beyond those that one azure-arm source has: sources of their own, and the way back."""

from __future__ import annotations

from bakelift.translator.imagebuilder.destinations import destination
from bakelift.translator.imagebuilder.names import slug
from bakelift.translator.imagebuilder.rest import REST, distributions
from bakelift.translator.plan.expressions import Expr, Literal
from bakelift.translator.plan.model import Setting, Source, SourceUse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from bakelift.translator.plan.model import BuildGroup, Plan

    Keep = Callable[[str, str, object], None]

#: Beginnings of the options that say where the image goes.
_WHERE = (
    "managed_image_",
    "shared_image_gallery_destination.",
    "shared_gallery_image_",
    "shared_image_gallery_replica_count",
    "capture_",
    "storage_account",
    "resource_group_name",
    "vhd_uri",
)
_VHD = ("capture_", "storage_account", "resource_group_name", "vhd_uri")


def split_outputs(plan: Plan, keep: Keep) -> Plan:
    """The Plan with a source for each distribution that needs one: another of a kind, and a VHD beside an image."""
    sources: list[Source] = []
    uses: dict[str, list[SourceUse]] = {}
    taken = {source.name for source in plan.sources}
    for source in plan.sources:
        entries = distributions(source.settings)
        kinds = [_kind(entry) for entry in entries]
        own = source
        more: list[Source] = []
        seen: set[str] = set()
        for number, (entry, kind) in enumerate(zip(entries, kinds, strict=True)):
            alone = len(entries) == 1
            if kind == "VHD" and alone and not _has(source.settings, _VHD):
                keep("asked_vhd", source.id, ["vhd"])
            first = kind not in seen
            seen.add(kind)
            if (first and (kind != "VHD" or alone)) or kind not in ("ManagedImage", "SharedImage", "VHD"):
                continue
            if first:
                more.append(_moved(source, entry, kind, taken))
                own = own.but(settings=_without(own.settings, _VHD))
            else:
                more.append(_another(source, entry, kind, taken))
            made = more[-1]
            keep("outputs", made.id, {"of": source.id, "at": number, "moved": first})
            if kind == "VHD" and not _has(made.settings, _VHD):
                keep("asked_vhd", made.id, ["vhd"])
        sources += [own, *more]
        uses[source.id] = [SourceUse(made.type, made.name) for made in more]
    if not any(uses.values()):
        return plan
    return plan.but(sources=tuple(sources), groups=tuple(_with_uses(group, uses) for group in plan.groups))


def _kind(entry: Mapping[str, Expr]) -> str:
    type = entry.get("type")
    return str(type.value) if isinstance(type, Literal) else ""


def _has(settings: Mapping[str, Setting], starts: tuple[str, ...]) -> bool:
    return any(name.startswith(starts) for name in settings)


def _without(settings: Mapping[str, Setting], starts: tuple[str, ...]) -> dict[str, Setting]:
    return {name: setting for name, setting in settings.items() if not name.startswith(starts)}


#: Over a source that stands for one more distribution.
_COMMENT = "Image Builder distributes one build to several places; Packer builds this one by itself."


def _moved(source: Source, entry: Mapping[str, Expr], kind: str, taken: set[str]) -> Source:
    """The destination of a source as a source of its own."""
    own = {name: setting for name, setting in source.settings.items() if name.startswith(_VHD)}
    return source.but(
        name=_name(f"{source.name}-{kind.lower()}", taken),
        settings={**_shared(source), **own, **_tags(entry)},
        comments=(_COMMENT,),
    )


def _tags(entry: Mapping[str, Expr]) -> dict[str, Setting]:
    tags = entry.get("artifactTags")
    return {"azure_tags": Setting(tags)} if tags is not None and tags != Literal(None) else {}


def _another(source: Source, entry: Mapping[str, Expr], kind: str, taken: set[str]) -> Source:
    home = source.settings.get("location")
    found = destination(kind, entry, home.value if home is not None else None).settings
    settings = {**_shared(source), **{name: Setting(value) for name, (value, _) in found.items()}}
    settings |= _tags(entry)
    image = settings.get("shared_image_gallery_destination.image_name", settings.get("managed_image_name"))
    word = slug(str(image.value.value)) if image is not None and isinstance(image.value, Literal) else kind.lower()
    return source.but(name=_name(f"{source.name}-{word}", taken), settings=settings, comments=(_COMMENT,))


def _shared(source: Source) -> dict[str, Setting]:
    """What all sources of one image template have in common."""
    left = _without(source.settings, _WHERE)
    return {name: setting for name, setting in left.items() if name != REST}


def _name(base: str, taken: set[str]) -> str:
    name, number = base, 2
    while name in taken:
        name, number = f"{base}-{number}", number + 1
    taken.add(name)
    return name


def _with_uses(group: BuildGroup, uses: Mapping[str, list[SourceUse]]) -> BuildGroup:
    found: list[SourceUse] = []
    for use in group.sources:
        found += [use, *uses.get(f"{use.type}.{use.source}", ())]
    return group.but(sources=tuple(found))


def joined_outputs(plan: Plan, kept: Mapping[str, Any], added: Mapping[str, Any]) -> Plan:
    """The other way round: sources that stand for a distribution are one with that of their image template.

    ``added``: options that Packer was told besides, by source.
    """
    sources = {source.id: source for source in plan.sources}
    gone: set[str] = set()
    for id, note in kept.items():
        made, home = sources.get(id), sources.get(str(note.get("of"))) if isinstance(note, dict) else None
        if made is None or home is None:
            continue
        gone.add(id)
        if note.get("moved"):
            names = [n for n in made.settings if n.startswith(_VHD) and n not in added.get(id, {})]
            moved = {name: made.settings[name] for name in names}
            sources[home.id] = home.but(settings={**home.settings, **moved})
    if not gone:
        return plan
    groups = tuple(
        group.but(sources=tuple(use for use in group.sources if f"{use.type}.{use.source}" not in gone))
        for group in plan.groups
    )
    return plan.but(sources=tuple(sources[s.id] for s in plan.sources if s.id not in gone), groups=groups)
