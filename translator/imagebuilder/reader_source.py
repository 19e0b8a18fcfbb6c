"""The source of an image template: what the image is built from."""

from __future__ import annotations

from bakelift.translator.imagebuilder.reader_ids import invertible, read_id
from bakelift.translator.languages.json.nodes import Object, Scalar
from bakelift.translator.plan.expressions import Literal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.imagebuilder.reader_resource import ResourceReader
    from bakelift.translator.languages.json.nodes import Node

_MANAGED = "custom_managed_image"
_GALLERY = "shared_image_gallery"


def read_source(reader: ResourceReader) -> Object | None:
    """Settings of the source. Answers the managed image that the deployment makes of a VHD for it: its blob is said."""
    whole, type = reader.node("/properties/source"), reader.node("/properties/source/type")
    if isinstance(type, Scalar) and type.value == "ISO" and isinstance(whole, Object):
        from bakelift.translator.imagebuilder.reader_iso import read_iso

        read_iso(reader, whole)
    else:
        reader.take(type)
    managed, version = reader.node("/properties/source/imageId"), reader.node("/properties/source/imageVersionId")
    beside = _managed_image(reader, managed) if managed is not None else None
    if version is not None:
        _gallery_image(reader, version)
    return beside


def _managed_image(reader: ResourceReader, node: Node) -> Object | None:
    expr = reader.expr(node)
    found = read_id(expr)
    if reader.managed_images:
        from bakelift.translator.imagebuilder.vhd import read_vhd

        beside = read_vhd(reader, node, reader.managed_images)
        if beside is not None:
            return beside
    if found is not None and len(found.names) == 1:
        same = invertible(reader, found, expr)
        reader.put(f"{_MANAGED}_name", found.names[0], node, take=same)
        reader.put(f"{_MANAGED}_resource_group_name", found.group, node, take=same)
    else:
        reader.put(f"{_MANAGED}_id", expr, node)
    return None


def _gallery_image(reader: ResourceReader, node: Node) -> None:
    expr = reader.expr(node)
    found = read_id(expr)
    if found is not None and len(found.names) == 3:
        same = invertible(reader, found, expr, has_subscription=True)
        reader.put(f"{_GALLERY}.subscription", found.subscription, node, take=same)
        reader.put(f"{_GALLERY}.resource_group", found.group, node, take=same)
        for name, value in zip(("gallery_name", "image_name", "image_version"), found.names, strict=True):
            if not (name == "image_version" and value == Literal("latest")):
                reader.put(f"{_GALLERY}.{name}", value, node, take=same)
    elif isinstance(expr, Literal) and str(expr.value).lower().startswith("/sharedgalleries/"):
        reader.put(f"{_GALLERY}.direct_shared_gallery_image_id", expr, node)
    else:
        reader.put(f"{_GALLERY}.id", expr, node)
