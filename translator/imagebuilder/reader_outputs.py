"""Distributions as destinations of an azure-arm source."""

from __future__ import annotations

import re

from bakelift.translator.imagebuilder.reader_ids import read_id
from bakelift.translator.languages.json.nodes import Object, Scalar
from bakelift.translator.plan.expressions import Call, Expr, For, ListExpr, Literal, ObjectExpr, Template, template

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.imagebuilder.reader_resource import ResourceReader
    from bakelift.translator.languages.json.nodes import Array, Node

_BLOCK = "shared_image_gallery_destination."
_GROUP = "Resource group of the storage account. Packer asks for it; a blob's address does not tell it."
_BLOB = re.compile(r"https://(?P<account>.+?)\.blob\.core\.windows\.net/(?P<container>.+?)/(?P<prefix>.+)\.vhd")


def read_outputs(reader: ResourceReader, outputs: Array | None) -> None:
    """Fills the settings of the destinations. A second one of a kind is told of: azure-arm has one of each."""
    seen: set[str] = set()
    for node in outputs or ():
        if not isinstance(node, Object):
            continue
        type = node.get("type")
        kind = type.value if isinstance(type, Scalar) else None
        read = {"ManagedImage": _managed, "SharedImage": _gallery, "VHD": _vhd}.get(str(kind))
        if read is None:
            reader.diagnostics.error("arm/distribution", f"{kind!r} is no type of distribution", span=node.span)
            continue
        if kind in seen:
            reader.diagnostics.warning(
                "aib/second-distribution",
                f"The template distributes to more than one {kind}",
                "Packer's azure-arm has one destination of a kind; the others need builds of their own.",
                node.span,
            )
            continue
        seen.add(str(kind))
        read(reader, node)
        tags = node.get("artifactTags")
        if "azure_tags" not in reader.settings and tags is not None:
            reader.put("azure_tags", reader.expr(tags), tags)


def _managed(reader: ResourceReader, node: Object) -> None:
    whole = node.get("imageId")
    if whole is None:
        return
    expr = reader.expr(whole)
    found = read_id(expr)
    if found is None or len(found.names) != 1:
        reader.put("managed_image_id", expr, whole)
        return
    reader.own_subscription(found, whole)
    reader.put("managed_image_name", found.names[0], whole)
    reader.put("managed_image_resource_group_name", found.group, whole)


def _gallery(reader: ResourceReader, node: Object) -> None:
    whole = node.get("galleryImageId")
    if whole is not None:
        expr = reader.expr(whole)
        found = read_id(expr)
        if found is None or len(found.names) not in (2, 3):
            reader.put(_BLOCK + "id", expr, whole)
        else:
            reader.put(_BLOCK + "subscription", found.subscription, whole)
            reader.put(_BLOCK + "resource_group", found.group, whole)
            for name, value in zip(("gallery_name", "image_name", "image_version"), found.names, strict=False):
                reader.put(_BLOCK + name, value, whole)
    exclude = node.get("excludeFromLatest")
    if exclude is not None:
        reader.put("shared_gallery_image_version_exclude_from_latest", reader.expr(exclude), exclude)
    mode = node.get("replicationMode")
    if isinstance(mode, Scalar) and mode.value == "Shallow":
        reader.put(_BLOCK + "use_shallow_replication", Literal(True), mode)
    _regions(reader, node)


def _regions(reader: ResourceReader, node: Object) -> None:
    old = node.get("replicationRegions")
    if old is not None:
        expr = reader.expr(old)
        if isinstance(expr, ListExpr):
            expr = _without_home(reader, list(expr.items))
        reader.put(_BLOCK + "replication_regions", None if expr == ListExpr(()) else expr, old)
        storage = node.get("storageAccountType")
        if storage is not None:
            reader.put(_BLOCK + "storage_account_type", reader.expr(storage), storage)
        return
    targets = node.get("targetRegions")
    if targets is None:
        return
    expr = reader.expr(targets)
    if isinstance(expr, For):
        _looped(reader, expr, targets)
    elif isinstance(expr, ListExpr):
        _listed(reader, expr, targets)


def _looped(reader: ResourceReader, loop: For, node: Node) -> None:
    """``map(union(regions, [location]), …)``, as the writer says a list that is a parameter."""
    whole = loop.collection
    if isinstance(whole, Call) and whole.operation == "arm.union" and isinstance(whole.args[-1], ListExpr):
        whole = whole.args[0]
    entry = _fields(loop.value)
    reader.put(_BLOCK + "replication_regions", whole, node)
    _shared(reader, entry, node)


def _shared(reader: ResourceReader, entry: dict[str, Expr], node: Node) -> None:
    reader.put("shared_image_gallery_replica_count", entry.get("replicaCount"), node)
    reader.put(_BLOCK + "storage_account_type", entry.get("storageAccountType"), node)


def _listed(reader: ResourceReader, whole: ListExpr, node: Node) -> None:
    entries = [_fields(item) for item in whole.items]
    if not entries:
        return
    first = entries[0]
    alike = all(e.get("replicaCount") == first.get("replicaCount") for e in entries)
    single = first.get("replicaCount") == Literal(1)
    if alike and not single:
        regions = _without_home(reader, [e.get("name", Literal("")) for e in entries])
        reader.put(_BLOCK + "replication_regions", regions if regions.items else None, node)
        _shared(reader, first, node)
        return
    blocks = tuple(
        ObjectExpr(
            (
                (Literal("name"), e.get("name", Literal(""))),
                *(
                    ((Literal("replicas"), e["replicaCount"]),)
                    if e.get("replicaCount") not in (None, Literal(1))
                    else ()
                ),
            )
        )
        for e in entries
    )
    reader.put(_BLOCK + "target_region", ListExpr(blocks), node)
    storage = first.get("storageAccountType")
    reader.put(_BLOCK + "storage_account_type", storage, node)


def _without_home(reader: ResourceReader, names: list[Expr]) -> ListExpr:
    """Regions that are not just that of the build, which Packer adds by itself."""
    location = reader.resource.get("location")
    home = reader.expr(location) if location is not None else None
    return ListExpr(()) if names == [home] else ListExpr(tuple(names))


def _fields(expr: Expr) -> dict[str, Expr]:
    from bakelift.translator.imagebuilder.reader_resource import fields_of

    return fields_of(expr)


def _vhd(reader: ResourceReader, node: Object) -> None:
    uri = node.get("uri")
    if uri is None:
        return
    expr = reader.expr(uri)
    parts = expr.parts if isinstance(expr, Template) else (expr,)
    holes = [part for part in parts if not (isinstance(part, Literal) and isinstance(part.value, str))]
    text = "".join(str(p.value) if isinstance(p, Literal) else f"\0{holes.index(p)}\0" for p in parts)
    found = _BLOB.fullmatch(text)
    if found is None:
        reader.put("vhd_uri", expr, uri)
        return

    def filled(word: str) -> Expr:
        pieces = re.split(r"\0(\d+)\0", word)
        made = [Literal(piece) if i % 2 == 0 else holes[int(piece)] for i, piece in enumerate(pieces)]
        real = [piece for piece in made if piece != Literal("")]
        return real[0] if len(real) == 1 else template(list(made))

    group = reader.parameters.for_packer("resource_group_name", _GROUP)
    reader.put("resource_group_name", group)
    reader.put("storage_account", filled(found["account"]), uri)
    reader.put("capture_container_name", filled(found["container"]), uri)
    reader.put("capture_name_prefix", filled(found["prefix"]), uri)
