"""A source that is a VHD: the deployment makes a managed image of the blob, and the image template builds from that.

Image Builder reads no VHD. A managed image of a generalized one is what Azure makes of it for this
(https://learn.microsoft.com/azure/templates/microsoft.compute/images). It is made when the template is deployed.
"""

from __future__ import annotations

from bakelift.translator.imagebuilder.deployment import Resource
from bakelift.translator.imagebuilder.writer_ids import IMAGES
from bakelift.translator.languages.json.nodes import Array, Object, Scalar
from bakelift.translator.plan.expressions import Call, Expr, Literal, template
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from bakelift.translator.imagebuilder.reader_resource import ResourceReader
    from bakelift.translator.languages.json.nodes import Node

_VERSION = "2024-07-01"
_SUFFIX = "-source"


class Vhd(Record):
    """``uri``: of the blob, which has to be generalized, as for Packer."""

    uri: Expr
    os_type: str


def with_source_image(template_draft: Mapping[str, Any], vhd: Vhd) -> tuple[dict[str, Any], Resource]:
    """The draft of an image template that builds from the managed image, and that."""
    name = source_name(template_draft["name"])
    whole = Call("arm.resourceId", (Literal(IMAGES), name))
    disk = {"osType": Literal(vhd.os_type), "osState": Literal("Generalized"), "blobUri": vhd.uri}
    image = {
        "type": IMAGES,
        "apiVersion": _VERSION,
        "name": name,
        "location": template_draft["location"],
        "properties": {"storageProfile": {"osDisk": disk}},
    }
    properties = {**template_draft["properties"], "source": {"type": Literal("ManagedImage"), "imageId": whole}}
    made: dict[str, Any] = {}
    for key, value in template_draft.items():
        if key == "properties":
            made["dependsOn"] = [whole]
        made[key] = properties if key == "properties" else value
    return made, Resource("sourceImage", image)


def source_name(name: Expr) -> Expr:
    """The name of the managed image that belongs to an image template."""
    return template([name, Literal(_SUFFIX)])


def read_vhd(reader: ResourceReader, image_id: Node, others: Sequence[Object]) -> Object | None:
    """The managed image that is made of a VHD for this template alone: its blob is the source then. ``others``: the
    resources of the deployment that are managed images.
    """
    name = reader.resource.get("name")
    if name is None:
        return None
    wanted = source_name(reader.expr(name))
    if reader.expr(image_id) != Call("arm.resourceId", (Literal(IMAGES), wanted)):
        return None
    for other in others:
        said = other.get("name")
        blob = _blob(other)
        if said is None or blob is None or reader.expr(said) != wanted or not _alike(reader, other):
            continue
        depends = reader.resource.get("dependsOn")
        if isinstance(depends, Array) and [reader.expr(item) for item in depends] == [reader.expr(image_id)]:
            reader.take(depends, *depends.items)
        reader.put("image_url", reader.expr(blob), other)
        reader.take(image_id)
        return other
    return None


def _alike(reader: ResourceReader, other: Object) -> bool:
    """Whether a managed image says what the writer makes, and nothing else."""
    mine, its = reader.resource.get("location"), other.get("location")
    disk = _disk(other)
    keys = {"type", "apiVersion", "name", "location", "properties"}
    return (
        {member.key for member in other} == keys
        and mine is not None
        and its is not None
        and reader.expr(mine) == reader.expr(its)
        and disk is not None
        and {member.key for member in disk} == {"osType", "osState", "blobUri"}
        and _text(disk.get("osState")) == "Generalized"
    )


def _disk(image: Object) -> Object | None:
    """The only thing that its properties say."""
    node: Node | None = image
    for key in ("properties", "storageProfile", "osDisk"):
        node = node.get(key) if isinstance(node, Object) else None
        if key != "osDisk" and isinstance(node, Object) and len(list(node)) != 1:
            return None
    return node if isinstance(node, Object) else None


def _blob(image: Object) -> Node | None:
    disk = _disk(image)
    return disk.get("blobUri") if disk is not None else None


def os_type(image: Object) -> str:
    """What a managed image says of its system."""
    disk = _disk(image)
    return _text(disk.get("osType")) if disk is not None else ""


def _text(node: Node | None) -> str:
    return node.value if isinstance(node, Scalar) and isinstance(node.value, str) else ""
