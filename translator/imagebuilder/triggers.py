"""Triggers: an image template that the service builds anew when its source image has a new version.

Source: learn.microsoft.com/azure/virtual-machines/image-builder-triggers-how-to. Packer has no word for it.
"""

from __future__ import annotations

from bakelift.translator.imagebuilder.deployment import Resource
from bakelift.translator.imagebuilder.reader_ids import read_id
from bakelift.translator.imagebuilder.versions import TRIGGERS, has
from bakelift.translator.imagebuilder.writer_ids import TEMPLATES
from bakelift.translator.plan.expressions import Call, Literal, template

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from bakelift.translator.diagnostics import Diagnostics
    from bakelift.translator.imagebuilder.reader_ids import ResourceId
    from bakelift.translator.plan.images import Image

TYPE = f"{TEMPLATES}/triggers"
_LATEST = Literal("latest")


def source_trigger(draft: Mapping[str, Any], image: Image, diagnostics: Diagnostics) -> list[Resource]:
    """The trigger of an image template's draft; none, which is told, where the service's rules allow none."""
    why = why_no_trigger(draft)
    if why is not None:
        diagnostics.warning(
            "aib/no-trigger",
            f"{image.local_name} has no trigger: {why}",
            "It is built when somebody runs it, or when it is deployed anew.",
            image.source.span,
        )
        return []
    whole = Call("arm.resourceId", (Literal(TEMPLATES), draft["name"]))
    trigger = {
        "type": TYPE,
        "apiVersion": draft["apiVersion"],
        "name": template([draft["name"], Literal("/source")]),
        "dependsOn": [whole],
        "properties": {"kind": Literal("SourceImage")},
    }
    return [Resource("sourceTrigger", trigger)]


def why_no_trigger(draft: Mapping[str, Any]) -> str | None:
    """The rule of the service that an image template's draft breaks; None: it can have a trigger."""
    if not has(draft["apiVersion"], TRIGGERS):
        return f"API version {TRIGGERS} has triggers, {draft['apiVersion']} has not"
    properties = draft["properties"]
    source = properties["source"]
    kind = getattr(source.get("type"), "value", None)
    gallery = read_id(source["imageVersionId"]) if kind == "SharedImageVersion" else None
    if kind == "PlatformImage":
        if source.get("version") != _LATEST:
            return "the source names a version, and a trigger waits for the latest"
    elif kind != "SharedImageVersion":
        return "only marketplace images and gallery images have new versions"
    elif gallery is None or gallery.names[-1:] != (_LATEST,):
        return "the source names a version, and a trigger waits for the latest"
    for output in properties.get("distribute") or ():
        made = read_id(output["galleryImageId"]) if "galleryImageId" in output else None
        if made is None:
            continue
        if "versions" in made.type.lower().split("/"):
            return "the destination names a version, which can be made once only"
        if gallery is not None and _definition(gallery) == _definition(made):
            return "it is built from the image definition that it distributes to"
    return None


def _definition(id: ResourceId) -> tuple[object, ...]:
    return tuple(name.value.lower() if isinstance(name, Literal) else name for name in id.names[:2])  # type: ignore[union-attr]
