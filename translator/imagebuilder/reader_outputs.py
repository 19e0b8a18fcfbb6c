"""Distributions as destinations of an azure-arm source."""

from __future__ import annotations

import re

from bakelift.translator.imagebuilder.destinations import KINDS, destination
from bakelift.translator.imagebuilder.reader_ids import invertible
from bakelift.translator.languages.json.nodes import Object, Scalar
from bakelift.translator.plan.expressions import ObjectExpr

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.imagebuilder.reader_ids import ResourceId
    from bakelift.translator.imagebuilder.reader_resource import ResourceReader
    from bakelift.translator.languages.json.nodes import Array
    from bakelift.translator.plan.expressions import Expr

#: What the writer adds to a template's name in the names of its run outputs.
SUFFIX = re.compile(r"-(managed|gallery|vhd)$")

GROUP = "Resource group of the storage account. Packer asks for it; a blob's address does not tell it."

#: Properties that hold more than the settings that are made of them.
_KEPT = frozenset({"targetRegions", "replicationRegions", "storageAccountType"})


def read_outputs(reader: ResourceReader, outputs: Array | None) -> None:
    """Fills the settings of the destinations: of the first of each kind, since azure-arm has one of each."""
    first: dict[str, Object] = {}
    for node in outputs or ():
        if not isinstance(node, Object):
            continue
        type = node.get("type")
        kind = type.value if isinstance(type, Scalar) else None
        if kind not in KINDS:
            span = type.span if type is not None else node.span
            what = f"{kind!r} is no type of distribution" if type is not None else "The distribution has no type"
            reader.diagnostics.error("arm/distribution", what, f"The types are {', '.join(KINDS)}.", span)
            continue
        if kind not in first:
            first[str(kind)] = node
            _first(reader, node, str(kind))
    wanted = reader.settings.get("azure_tags")
    for node in first.values():
        tags = node.get("artifactTags")
        if tags is not None and wanted is not None and reader.expr(tags) == wanted.value:
            reader.take(tags)


def _first(reader: ResourceReader, node: Object, kind: str) -> None:
    properties = {member.key: reader.expr(member.value) for member in node}
    home = reader.settings.get("location")

    def same(found: ResourceId, whole: Expr, has_subscription: bool) -> bool:
        return invertible(reader, found, whole, has_subscription)

    found = destination(kind, properties, home.value if home is not None else None, same)
    for name, (value, of) in found.settings.items():
        reader.put(name, value, node.get(of), take=False)
    for name in found.said - _KEPT:
        reader.take(node.get(name))
    tags = node.get("artifactTags")
    if "azure_tags" not in reader.settings and tags is not None and properties["artifactTags"] != ObjectExpr(()):
        reader.put("azure_tags", properties["artifactTags"], tags)


def ask_for_group(reader: ResourceReader) -> None:
    """The resource group of the storage account, which Packer wants beside it."""
    if "storage_account" in reader.settings:
        reader.put("resource_group_name", reader.parameters.for_packer("resource_group_name", GROUP))
