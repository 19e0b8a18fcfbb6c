"""The distributions of an image template."""

from __future__ import annotations

from bakelift.translator.imagebuilder.names import region, slug
from bakelift.translator.imagebuilder.rest import distributions
from bakelift.translator.imagebuilder.table import rows
from bakelift.translator.imagebuilder.versions import REPLICATION_MODE, TARGET_REGIONS, VERSIONING, VHD_URI, has
from bakelift.translator.imagebuilder.writer_ids import GALLERY_IMAGES, GALLERY_VERSIONS, IMAGES, resource_id
from bakelift.translator.languages.arm.kinds import is_list, kind_of
from bakelift.translator.plan.azure import GalleryOutput, ManagedImageOutput, VhdOutput
from bakelift.translator.plan.expressions import (
    FALSE,
    Call,
    Expr,
    For,
    Index,
    ListExpr,
    Literal,
    ObjectExpr,
    Ref,
    template,
)
from bakelift.translator.plan.types import NUMBER
from bakelift.translator.plan.values import to_expr

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from bakelift.translator.imagebuilder.writer_resource import ResourceWriter
    from bakelift.translator.plan.model import Leaf, Setting

_BLOCK = "shared_image_gallery_destination."


def write_outputs(writer: ResourceWriter, tags: Expr | None) -> list[dict[str, Any]]:
    """The ``distribute`` list. An image without any is told of: Image Builder wants one at least."""
    found: list[dict[str, Any]] = []
    for index, output in enumerate(writer.image.outputs):
        base = f"/properties/distribute/{index}"
        if isinstance(output, ManagedImageOutput):
            entry = _managed(writer, output, base)
        elif isinstance(output, GalleryOutput):
            entry = _gallery(writer, output, base)
        else:
            entry = _vhd(writer, output, base)
        own = writer.leaves.given(output.run_output_name, "run_output_name")
        entry["runOutputName"] = own or entry["runOutputName"]
        entry["artifactTags"] = writer.leaves.given(output.tags, "tags") or tags
        found.append(entry)
    if not found and not distributions(writer.image.rest):
        skipped = writer.image.rest.get("skip_create_image")
        writer.leaves.diagnostics.error(
            "aib/no-distribution",
            "The image is kept nowhere, and Image Builder wants at least one distribution",
            "Give managed_image_name and managed_image_resource_group_name, or shared_image_gallery_destination"
            + (", to an image that nobody uses, in place of skip_create_image." if skipped is not None else "."),
            writer.image.image.source.span if skipped is None else skipped.span,
        )
    return found


def _name(writer: ResourceWriter, suffix: str) -> Literal:
    return Literal(slug(writer.slug, longest=64 - len(suffix)) + suffix)


def _managed(writer: ResourceWriter, output: ManagedImageOutput, base: str) -> dict[str, Any]:
    leaves = writer.leaves
    pointer = f"{base}/imageId"
    leaves.say(output.name, "managed_image_name", pointer)
    leaves.say(output.resource_group, "managed_image_resource_group_name", pointer)
    leaves.say(output.id, "managed_image_id", pointer)
    whole = leaves.given(output.id, "managed_image_id")
    if whole is None:
        name = leaves.given(output.name, "managed_image_name") or Literal("")
        group = leaves.given(output.resource_group, "managed_image_resource_group_name") or Literal("")
        whole = resource_id(writer.subscription(), group, IMAGES, name)
    return {
        "type": Literal("ManagedImage"),
        "runOutputName": _name(writer, "-managed"),
        "imageId": whole,
        "location": leaves.given(output.location, "location") or writer.location,
    }


def _gallery(writer: ResourceWriter, output: GalleryOutput, base: str) -> dict[str, Any]:
    leaves = writer.leaves
    pointer = f"{base}/galleryImageId"
    parts: dict[str, Setting | None] = {
        "subscription": output.subscription,
        "resource_group": output.resource_group,
        "gallery_name": output.gallery,
        "image_name": output.definition,
        "image_version": output.version,
    }
    for path, setting in parts.items():
        leaves.say(setting, _BLOCK + path, pointer)
    leaves.say(output.id, _BLOCK + "id", pointer)
    whole = leaves.given(output.id, _BLOCK + "id")
    if whole is None:
        values = {path: leaves.given(setting, _BLOCK + path) for path, setting in parts.items()}
        version = values["image_version"]
        names = [values["gallery_name"] or Literal(""), values["image_name"] or Literal("")]
        whole = resource_id(
            values["subscription"] or writer.subscription(),
            values["resource_group"] or Literal(""),
            GALLERY_IMAGES if version is None else GALLERY_VERSIONS,
            *names,
            *([] if version is None else [version]),
        )
    found: dict[str, Any] = {
        "type": Literal("SharedImage"),
        "runOutputName": _name(writer, "-gallery"),
        "galleryImageId": whole,
    }
    exclude = leaves.flag(output.exclude_from_latest, "shared_gallery_image_version_exclude_from_latest")
    leaves.say(
        output.exclude_from_latest, "shared_gallery_image_version_exclude_from_latest", f"{base}/excludeFromLatest"
    )
    found["excludeFromLatest"] = None if exclude == FALSE else exclude
    _regions(writer, output, base, found)
    _replication_mode(writer, base, found)
    if writer.options.parallel and version_is_free(output) and has(leaves.version, VERSIONING):
        # Below 1: whatever the other pipeline counts up, this one comes before it.
        found["versioning"] = {"scheme": Literal("Latest"), "major": Literal(0)}
    return found


def version_is_free(output: GalleryOutput) -> bool:
    """Whether Image Builder counts the version up."""
    return output.version is None and output.id is None


def _regions(writer: ResourceWriter, output: GalleryOutput, base: str, found: dict[str, Any]) -> None:
    leaves = writer.leaves
    storage = leaves.given(output.storage_account_type, _BLOCK + "storage_account_type")
    count = leaves.number(output.replica_count, "shared_image_gallery_replica_count")
    entries = _target_regions(writer, output, storage, count)
    current = has(leaves.version, TARGET_REGIONS)
    pointer = f"{base}/targetRegions" if current else f"{base}/replicationRegions"
    leaves.say(output.regions, _BLOCK + "replication_regions", pointer)
    _say_targets(writer, output.target_regions, pointer)
    if current:
        found["targetRegions"] = entries if isinstance(entries, Expr) else entries or None
        leaves.say(output.storage_account_type, _BLOCK + "storage_account_type", pointer)
        leaves.say(output.replica_count, "shared_image_gallery_replica_count", pointer)
        return
    if isinstance(entries, Expr):
        found["replicationRegions"] = entries.collection if isinstance(entries, For) else entries
    else:
        found["replicationRegions"] = [entry["name"] for entry in entries]
    if storage == Literal("Premium_LRS"):
        leaves.newer(output.storage_account_type, _BLOCK + "storage_account_type", TARGET_REGIONS)
    else:
        found["storageAccountType"] = storage
        leaves.say(output.storage_account_type, _BLOCK + "storage_account_type", f"{base}/storageAccountType")
    leaves.newer(output.replica_count, "shared_image_gallery_replica_count", TARGET_REGIONS)
    if not isinstance(entries, Expr) and any(entry["replicaCount"] not in (None, Literal(1)) for entry in entries):
        leaves.newer(output.target_regions, _BLOCK + "target_region", TARGET_REGIONS)


def _say_targets(writer: ResourceWriter, setting: Setting | None, pointer: str) -> None:
    """What becomes of each option of the target regions: they are leaves of one setting."""
    if setting is None:
        return
    base = _BLOCK + "target_region"
    by_path: dict[str, list[Leaf]] = {}
    for leaf in setting.leaves:
        name = leaf.path.rpartition(".")[2]
        own = f"{base}.{name}"
        by_path.setdefault(own if own in rows() else base, []).append(leaf)
    for path, leaves in by_path.items():
        lost = rows()[path].kind == "unsupported"
        writer.leaves.say(setting.but(leaves=tuple(leaves)), path, *([] if lost else [pointer]))
        writer.warn(path, leaves[0].span or setting.span)


def _target_regions(
    writer: ResourceWriter, output: GalleryOutput, storage: Expr | None, count: Expr | None
) -> list[dict[str, Any]] | Expr:
    """The regions of a gallery image version; that of the build is among them, as Packer sees to."""
    entries: list[dict[str, Any]] = []
    if output.regions is not None and output.target_regions is None and writer.symbolic:
        whole = writer.leaves.given(output.regions, _BLOCK + "replication_regions")
        if isinstance(whole, (Ref, Index)) and is_list(kind_of(whole, writer.leaves.symbols.symbols)):
            return _looped(whole, writer.location, storage, count)
    if output.target_regions is not None:
        for item in _items(writer, output.target_regions, "the number of target regions"):
            entry = {str(k.value): v for k, v in item.entries if isinstance(k, Literal)} if _is_object(item) else {}
            replicas = entry.get("replicas")
            given = replicas is not None and replicas != Literal(None)
            entries.append(
                {
                    "name": _region(entry.get("name", Literal(""))),
                    "replicaCount": writer.leaves.converted(replicas, NUMBER, "arm.int") if given else Literal(1),
                    "storageAccountType": storage,
                }
            )
    elif output.regions is not None:
        for item in _items(writer, output.regions, "the number of replication regions"):
            if all(entry["name"] != _region(item) for entry in entries):  # Azure takes a region once
                entries.append({"name": _region(item), "replicaCount": count, "storageAccountType": storage})
    home = writer.location
    if home is not None and (writer.home is not None or not entries):
        wanted = {region(writer.home)} if writer.home is not None else set()
        known = any(entry["name"] == home for entry in entries)
        known = known or any(isinstance(e["name"], Literal) and str(e["name"].value) in wanted for e in entries)
        if not known:
            entries.append({"name": home, "replicaCount": count, "storageAccountType": storage})
    return entries


def _looped(regions: Expr, home: Expr | None, storage: Expr | None, count: Expr | None) -> Expr:
    """Target regions of a list that is a parameter or variable: the same entry for each, and for the build's region.

    A deployment may say a region in two spellings, and Azure takes it once.
    """
    if home is not None:
        regions = Call("concat", (regions, ListExpr((home,))))
    spelt = Call("lower", (Call("replace", (Ref("bound", "region"), Literal(" "), Literal(""))),))
    regions = Call("distinct", (For(None, "region", regions, None, spelt, None),))
    entry: list[tuple[Expr, Expr]] = [(Literal("name"), Ref("bound", "region"))]
    for name, value in (("replicaCount", count), ("storageAccountType", storage)):
        if value is not None:
            entry.append((Literal(name), value))
    return For(None, "region", regions, None, ObjectExpr(tuple(entry)), None)


def _is_object(item: Any) -> bool:
    return isinstance(item, ObjectExpr)


def _items(writer: ResourceWriter, setting: Setting, reason: str) -> tuple[Any, ...]:
    expr = writer.leaves.expr(setting.value, reason, setting.span)
    if not isinstance(expr, ListExpr):
        expr = to_expr(writer.leaves.binder.value(setting.value, reason))
    return expr.items if isinstance(expr, ListExpr) else ()


def _region(expr: Expr) -> Expr:
    if isinstance(expr, Literal) and isinstance(expr.value, str):
        return Literal(region(expr.value), expr.span)
    return expr


def _replication_mode(writer: ResourceWriter, base: str, found: dict[str, Any]) -> None:
    path = _BLOCK + "use_shallow_replication"
    setting = writer.image.rest.get(path)
    if setting is None:
        return
    shallow = writer.leaves.binder.value(setting.value, path).raw is True
    if not shallow:
        writer.leaves.say(setting, path)
    elif has(writer.leaves.version, REPLICATION_MODE):
        found["replicationMode"] = Literal("Shallow")
        writer.leaves.say(setting, path, f"{base}/replicationMode")
    else:
        writer.leaves.newer(setting, path, REPLICATION_MODE, "approximated")


def _vhd(writer: ResourceWriter, output: VhdOutput, base: str) -> dict[str, Any]:
    leaves = writer.leaves
    found: dict[str, Any] = {"type": Literal("VHD"), "runOutputName": _name(writer, "-vhd")}
    current = has(leaves.version, VHD_URI)
    pointers = [f"{base}/uri"] if current else []
    parts = {
        "storage_account": output.storage_account,
        "capture_container_name": output.container,
        "capture_name_prefix": output.name_prefix,
    }
    leaves.say(output.resource_group, "resource_group_name")
    for path, setting in parts.items():
        if current:
            leaves.say(setting, path, *pointers)
        else:
            # The image is a blob all the same, in the storage account of the service's staging group.
            leaves.newer(setting, path, VHD_URI, "approximated")
    if not current:
        return found
    leaves.say(output.uri, "vhd_uri", *pointers)
    whole = leaves.given(output.uri, "vhd_uri")
    if whole is None:
        account = leaves.given(output.storage_account, "storage_account") or Literal("")
        container = leaves.given(output.container, "capture_container_name") or Literal("")
        prefix = leaves.given(output.name_prefix, "capture_name_prefix") or Literal("packer")
        words = [Literal("https://"), account, Literal(".blob.core.windows.net/"), container, Literal("/"), prefix]
        whole = template([*words, Literal(".vhd")])
    found["uri"] = whole
    return found
