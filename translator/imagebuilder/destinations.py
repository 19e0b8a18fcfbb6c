"""Distributions as the destination options of an azure-arm source, and which of them say the distribution again."""

from __future__ import annotations

import re

from bakelift.translator.imagebuilder.reader_ids import read_id
from bakelift.translator.imagebuilder.rest import fields
from bakelift.translator.plan.expressions import Call, Expr, For, ListExpr, Literal, ObjectExpr, Template, template
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeGuard

    from bakelift.translator.imagebuilder.reader_ids import ResourceId

    #: Whether a writer makes an id again of its names; the second says that the destination has a subscription of its
    #: own.
    Invertible = Callable[[ResourceId, Expr, bool], bool]

BLOCK = "shared_image_gallery_destination."
_BLOB = re.compile(r"https://(?P<account>.+?)\.blob\.core\.windows\.net/(?P<container>.+?)/(?P<prefix>.+)\.vhd")


class Destination(Record):
    """``settings``: options by their Plan name, each with the property that says it. ``said``: properties that a writer
    makes again of the settings.
    """

    settings: Mapping[str, tuple[Expr, str]]
    said: frozenset[str]


def _never(_found: ResourceId, _expr: Expr, _own: bool) -> bool:
    return False


def destination(
    kind: str, properties: Mapping[str, Expr], home: Expr | None = None, invertible: Invertible = _never
) -> Destination:
    """The destination of a distribution. ``home``: the region of the build, which Packer adds by itself."""
    work = _Work(properties, home, invertible)
    {"ManagedImage": work.managed, "SharedImage": work.gallery, "VHD": work.vhd}[kind]()
    return Destination(work.settings, frozenset(work.said))


KINDS = ("ManagedImage", "SharedImage", "VHD")


class _Work:
    def __init__(self, properties: Mapping[str, Expr], home: Expr | None, invertible: Invertible) -> None:
        self.properties = properties
        self.home = home
        self.invertible = invertible
        self.settings: dict[str, tuple[Expr, str]] = {}
        self.said: set[str] = set()

    def put(self, name: str, value: Expr | None, of: str) -> None:
        if value is not None:
            self.settings[name] = (value, of)

    def managed(self) -> None:
        whole = self.properties.get("imageId")
        if whole is not None:
            found = read_id(whole)
            if found is None or len(found.names) != 1:
                self.put("managed_image_id", whole, "imageId")
                self.said.add("imageId")
            else:
                self.put("managed_image_name", found.names[0], "imageId")
                self.put("managed_image_resource_group_name", found.group, "imageId")
                if self.invertible(found, whole, False):
                    self.said.add("imageId")
        if self.home is not None and self.properties.get("location") == self.home:
            self.said.add("location")

    def gallery(self) -> None:
        whole = self.properties.get("galleryImageId")
        if whole is not None:
            found = read_id(whole)
            if found is None or len(found.names) not in (2, 3):
                self.put(BLOCK + "id", whole, "galleryImageId")
                self.said.add("galleryImageId")
            else:
                self.put(BLOCK + "subscription", found.subscription, "galleryImageId")
                self.put(BLOCK + "resource_group", found.group, "galleryImageId")
                for name, value in zip(("gallery_name", "image_name", "image_version"), found.names, strict=False):
                    self.put(BLOCK + name, value, "galleryImageId")
                if self.invertible(found, whole, True):
                    self.said.add("galleryImageId")
        exclude = self.properties.get("excludeFromLatest")
        if exclude is not None and exclude != Literal(False):
            self.put("shared_gallery_image_version_exclude_from_latest", exclude, "excludeFromLatest")
            self.said.add("excludeFromLatest")
        if self.properties.get("replicationMode") == Literal("Shallow"):
            self.put(BLOCK + "use_shallow_replication", Literal(True), "replicationMode")
            self.said.add("replicationMode")
        self.regions()

    def regions(self) -> None:
        old = self.properties.get("replicationRegions")
        if old is not None:
            regions = self.away(list(old.items)) if isinstance(old, ListExpr) else _without_home(old)
            self.put(BLOCK + "replication_regions", None if regions == ListExpr(()) else regions, "replicationRegions")
            self.put(BLOCK + "storage_account_type", self.properties.get("storageAccountType"), "storageAccountType")
            return
        targets = self.properties.get("targetRegions")
        if isinstance(targets, For):
            self.looped(targets)
        elif isinstance(targets, ListExpr):
            self.listed(targets)

    def looped(self, loop: For) -> None:
        """``map(union(map(concat(regions, [location]), …), []), …)``, as the writer says a list that is a parameter."""
        self.put(BLOCK + "replication_regions", _without_home(loop.collection), "targetRegions")
        self.shared(fields(loop.value))

    def shared(self, entry: Mapping[str, Expr]) -> None:
        """What is the same of every region."""
        self.put("shared_image_gallery_replica_count", entry.get("replicaCount"), "targetRegions")
        self.put(BLOCK + "storage_account_type", entry.get("storageAccountType"), "targetRegions")

    def listed(self, whole: ListExpr) -> None:
        entries = [fields(item) for item in whole.items]
        if not entries:
            return
        first = entries[0]
        alike = all(e.get("replicaCount") == first.get("replicaCount") for e in entries)
        single = first.get("replicaCount") == Literal(1)
        if alike and not single:
            regions = self.away([e.get("name", Literal("")) for e in entries])
            self.put(BLOCK + "replication_regions", regions if regions.items else None, "targetRegions")
            self.shared(first)
            return
        self.put(BLOCK + "target_region", ListExpr(tuple(_target(entry) for entry in entries)), "targetRegions")
        self.put(BLOCK + "storage_account_type", first.get("storageAccountType"), "targetRegions")

    def away(self, names: list[Expr]) -> ListExpr:
        """Regions that are not just that of the build, which Packer adds by itself."""
        return ListExpr(()) if names == [self.home] else ListExpr(tuple(names))

    def vhd(self) -> None:
        uri = self.properties.get("uri")
        if uri is None or uri == Literal(""):
            return
        self.said.add("uri")
        parts = uri.parts if isinstance(uri, Template) else (uri,)
        holes = [part for part in parts if not (isinstance(part, Literal) and isinstance(part.value, str))]
        text = "".join(str(p.value) if isinstance(p, Literal) else f"\0{holes.index(p)}\0" for p in parts)
        found = _BLOB.fullmatch(text)
        if found is None:
            self.put("vhd_uri", uri, "uri")
            return
        self.put("storage_account", _filled(found["account"], holes), "uri")
        self.put("capture_container_name", _filled(found["container"], holes), "uri")
        self.put("capture_name_prefix", _filled(found["prefix"], holes), "uri")


def _without_home(whole: Expr) -> Expr:
    """The list of regions in ``union(map(concat(regions, [location]), …), [])``; any other expression as it is."""
    if _is_call(whole, "distinct", "arm.union"):
        whole = whole.args[0]
    if isinstance(whole, For):  # each name as Azure spells it
        whole = whole.collection
    if _is_call(whole, "concat", "arm.concat") and isinstance(whole.args[-1], ListExpr):
        whole = whole.args[0]
    return whole


def _is_call(expr: Expr, *operations: str) -> TypeGuard[Call]:
    return isinstance(expr, Call) and expr.operation in operations


def _target(entry: Mapping[str, Expr]) -> Expr:
    """A region as a block of Packer's."""
    found: list[tuple[Expr, Expr]] = [(Literal("name"), entry.get("name", Literal("")))]
    count = entry.get("replicaCount")
    if count is not None and count != Literal(1):
        found.append((Literal("replicas"), count))
    return ObjectExpr(tuple(found))


def _filled(word: str, holes: list[Expr]) -> Expr:
    pieces = re.split(r"\0(\d+)\0", word)
    made = [Literal(piece) if i % 2 == 0 else holes[int(piece)] for i, piece in enumerate(pieces)]
    real = [piece for piece in made if piece != Literal("")]
    return real[0] if len(real) == 1 else template(list(made))
