"""The source of an image template."""

from __future__ import annotations

from bakelift.translator.imagebuilder.table import row
from bakelift.translator.imagebuilder.versions import GALLERY_LATEST, has
from bakelift.translator.imagebuilder.writer_ids import GALLERY_VERSIONS, IMAGES, resource_id
from bakelift.translator.plan.azure import GallerySource, ManagedImageSource, PlatformImage, VhdSource
from bakelift.translator.plan.expressions import Literal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from bakelift.translator.diagnostics import Span
    from bakelift.translator.imagebuilder.writer_resource import ResourceWriter
    from bakelift.translator.plan.model import Setting

_BASE = "/properties/source"


def write_source(writer: ResourceWriter) -> dict[str, Any]:
    """The ``source`` object. What Image Builder cannot build from is told, and marked so that it cannot be deployed."""
    source = writer.image.source
    if isinstance(source, PlatformImage):
        return _platform(writer, source)
    if isinstance(source, ManagedImageSource):
        return _managed(writer, source)
    if isinstance(source, GallerySource):
        return _gallery(writer, source)
    if isinstance(source, VhdSource):
        return _vhd(writer, source)
    return {"type": Literal("PlatformImage")}


def _platform(writer: ResourceWriter, source: PlatformImage) -> dict[str, Any]:
    leaves = writer.leaves
    found: dict[str, Any] = {"type": Literal("PlatformImage")}
    parts = (
        ("publisher", "image_publisher", source.publisher),
        ("offer", "image_offer", source.offer),
        ("sku", "image_sku", source.sku),
        ("version", "image_version", source.version),
    )
    for name, path, setting in parts:
        found[name] = leaves.given(setting, path)
        leaves.say(setting, path, f"{_BASE}/{name}")
    found["version"] = found["version"] or Literal("latest")
    if source.plan is not None:
        plan = source.plan
        info: dict[str, Any] = {}
        for name, path, setting in (
            ("planName", "plan_info.plan_name", plan.name),
            ("planProduct", "plan_info.plan_product", plan.product),
            ("planPublisher", "plan_info.plan_publisher", plan.publisher),
        ):
            info[name] = leaves.given(setting, path)
            leaves.say(setting, path, f"{_BASE}/planInfo/{name}")
        leaves.say(plan.promotion_code, "plan_info.plan_promotion_code")
        found["planInfo"] = info
    return found


def _managed(writer: ResourceWriter, source: ManagedImageSource) -> dict[str, Any]:
    leaves = writer.leaves
    pointer = f"{_BASE}/imageId"
    name, group = "custom_managed_image_name", "custom_managed_image_resource_group_name"
    leaves.say(source.name, name, pointer)
    leaves.say(source.resource_group, group, pointer)
    leaves.say(source.id, "custom_managed_image_id", pointer, kind="exact")
    whole = leaves.given(source.id, name)
    if whole is None:
        names = leaves.given(source.name, name) or Literal("")
        place = leaves.given(source.resource_group, group) or Literal("")
        whole = resource_id(writer.subscription(), place, IMAGES, names)
    return {"type": Literal("ManagedImage"), "imageId": whole}


def _gallery(writer: ResourceWriter, source: GallerySource) -> dict[str, Any]:
    block = "shared_image_gallery."
    pointer = f"{_BASE}/imageVersionId"
    leaves = writer.leaves
    if source.community_id is not None:
        return _gap(writer, block + "community_gallery_image_id", source.community_id)
    current = has(leaves.version, GALLERY_LATEST)
    if source.direct_shared_id is not None and not current:
        path = block + "direct_shared_gallery_image_id"
        leaves.say(source.direct_shared_id, path, kind="unsupported")
        _needs_newer(writer, path, source.direct_shared_id.span)
        return _marked(path)
    found: dict[str, Any] = {"type": Literal("SharedImageVersion")}
    for path, setting in (("id", source.id), ("direct_shared_gallery_image_id", source.direct_shared_id)):
        if setting is not None:
            leaves.say(setting, block + path, pointer)
            found["imageVersionId"] = leaves.given(setting, block + path)
            return found
    parts: dict[str, Setting | None] = {
        "subscription": source.subscription,
        "resource_group": source.resource_group,
        "gallery_name": source.gallery,
        "image_name": source.definition,
        "image_version": source.version,
    }
    for path, setting in parts.items():
        leaves.say(setting, block + path, pointer)
    values = {path: leaves.given(setting, block + path) for path, setting in parts.items()}
    if not current and values["image_version"] in (None, Literal("latest")):
        said = source.version or source.definition
        _needs_newer(writer, "The latest version of a gallery's image", said.span if said is not None else None)
    found["imageVersionId"] = resource_id(
        values["subscription"] or writer.subscription(),
        values["resource_group"] or Literal(""),
        GALLERY_VERSIONS,
        values["gallery_name"] or Literal(""),
        values["image_name"] or Literal(""),
        values["image_version"] or Literal("latest"),
    )
    return found


def _vhd(writer: ResourceWriter, source: VhdSource) -> dict[str, Any]:
    """In a deployment a managed image is made of the blob; a bare resource has no place for that."""
    if not writer.symbolic:
        return _gap(writer, "image_url", source.uri)
    from bakelift.translator.imagebuilder.vhd import Vhd

    leaves = writer.leaves
    leaves.say(source.uri, "image_url", f"{_BASE}/imageId")
    uri = leaves.given(source.uri, "image_url")
    writer.vhd = Vhd(uri or Literal(""), writer.image.os_type or "Linux")
    leaves.diagnostics.note(
        "aib/vhd-source",
        "The deployment makes a managed image of the VHD, and builds from that",
        "The VHD has to be generalized, and its storage account in the region of the image template. A VHD that is "
        "replaced later is read by the next deployment only.",
        source.uri.span,
    )
    return {"type": Literal("ManagedImage")}


def _gap(writer: ResourceWriter, path: str, setting: Setting) -> dict[str, Any]:
    """A source that is not there: an error, and text in its place that Azure refuses."""
    found = row(path)
    assert found is not None
    writer.leaves.say(setting, path, kind="unsupported")
    advice = found.advice[:1].upper() + found.advice[1:] + "."
    writer.leaves.diagnostics.error(found.code, f"Image Builder cannot build from {path}", advice, setting.span)
    return _marked(path)


def _marked(path: str) -> dict[str, Any]:
    return {"type": Literal("ManagedImage"), "imageId": Literal(f"<the template's {path} has no form here>")}


def _needs_newer(writer: ResourceWriter, what: str, span: Span | None) -> None:
    """A source that only later API versions take: an error."""
    writer.leaves.diagnostics.error(
        "aib/newer-version",
        f"{what} needs API version {GALLERY_LATEST}, and {writer.leaves.version} is written",
        f"Choose it with -api-version {GALLERY_LATEST}, or a later one; or name a version of a gallery of your own.",
        span,
    )
