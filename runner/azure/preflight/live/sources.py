"""Whether the source image is there, where the build runs, and of what kind it is."""

from __future__ import annotations

from bakelift.runner.azure.preflight import images, marketplace
from bakelift.runner.azure.preflight.facts import definition_of, name_of, region
from bakelift.runner.azure.preflight.findings import TEMPLATE
from bakelift.runner.azure.preflight.live import subscriptions
from bakelift.runner.azure.preflight.live.asker import Absent
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from bakelift.runner.azure.preflight.facts import Facts
    from bakelift.runner.azure.preflight.live.asker import Asker

GALLERIES = "2023-07-03"
IMAGES = "2024-07-01"


class Kind(Record):
    """What an image or an image definition is for; "" is not known. ``security``: its security type, Standard if none.

    ``state``: Generalized or Specialized.
    """

    os: str = ""
    generation: str = ""
    architecture: str = ""
    security: str = ""
    state: str = ""


def kind_of(properties: dict[str, Any]) -> Kind:
    """Of an image definition."""
    return Kind(
        str(properties.get("osType", "")),
        str(properties.get("hyperVGeneration", "V1")),
        str(properties.get("architecture", "x64")),
        security(properties),
        str(properties.get("osState", "")),
    )


def security(properties: dict[str, Any]) -> str:
    listed = properties.get("features") or []
    found = [str(item.get("value", "")) for item in listed if item.get("name") == "SecurityType"]
    return found[0] if found and found[0] not in ("", "None") else "Standard"


def ask(facts: Facts, asker: Asker) -> Kind:
    source = facts.source
    if source.kind == "platform" and source.publisher and facts.location:
        return _platform(facts, asker)
    if source.kind == "gallery" and source.id.startswith("/") and "<" not in source.id:
        return _gallery(facts, asker)
    if source.kind == "managed" and source.id.startswith("/") and "<" not in source.id:
        return _managed(facts, asker)
    return Kind()


def _absent(facts: Facts, what: str, asker: Asker, line: str) -> None:
    asker.tell(
        "error",
        "preflight/source-missing",
        f"There is no {what}",
        TEMPLATE,
        "Name a source that is there.",
        facts.image,
        (line,),
    )


def _platform(facts: Facts, asker: Asker) -> Kind:
    source = facts.source
    path = (
        f"/subscriptions/{facts.subscription}/providers/Microsoft.Compute/locations/{facts.location}/publishers/"
        f"{source.publisher}/artifacttypes/vmimage/offers/{source.offer}/skus/{source.sku}/versions"
    )
    line = f"az vm image list --all -p {source.publisher} -f {source.offer} -l {facts.location} -o table"
    try:
        version = source.version
        if version in ("", "latest"):
            listed = asker.get(path, IMAGES, "&$top=1&$orderby=name desc")
            if listed is None:
                return Kind()
            newest: Any = listed if isinstance(listed, list) else listed.get("value") or []
            if not newest:
                raise Absent
            version = str(newest[0].get("name", ""))
        found = asker.get(f"{path}/{version}", IMAGES)
    except Absent:
        _absent(facts, f"marketplace image {source.urn} in {facts.location}", asker, line)
        return Kind()
    if found is None:
        return Kind()
    properties = found.get("properties") or {}
    _plan(facts, properties.get("plan"), asker)
    os = str((properties.get("osDiskImage") or {}).get("operatingSystem", ""))
    generation = str(properties.get("hyperVGeneration", ""))
    return Kind(os, generation, str(properties.get("architecture", "")), security(properties), "Generalized")


def _plan(facts: Facts, plan: Any, asker: Asker) -> None:
    asker.settle("preflight/plan-missing", facts.image)
    if isinstance(plan, dict) and plan.get("name"):
        words = (str(plan["name"]), str(plan.get("product", "")), str(plan.get("publisher", "")))
        if facts.source.plan is None:
            asker.tell(
                "error",
                "preflight/plan-missing",
                f"{facts.source.urn} is sold with the purchase plan {':'.join(reversed(words))}, which the template "
                "does not name",
                TEMPLATE,
                f"Add {'planInfo' if facts.way == 'imagebuilder' else 'plan_info'} with these three words.",
                facts.image,
                (marketplace.accept(words),),
            )
        subscriptions.terms(facts, words, asker)
    elif facts.source.plan is not None:
        subscriptions.terms(facts, facts.source.plan, asker)


def _gallery(facts: Facts, asker: Asker) -> Kind:
    id = facts.source.id
    definition = definition_of(id)
    try:
        found = asker.get(definition, GALLERIES)
        version = _version(id, definition, asker)
    except Absent:
        _absent(facts, f"source version {id}", asker, images.show(definition))
        return Kind()
    kind = kind_of((found or {}).get("properties") or {}) if found is not None else Kind()
    if version is not None:
        _replicas(facts, version, asker)
    if kind.state == "Specialized" and facts.way == "imagebuilder":
        asker.tell(
            "error",
            "preflight/source-specialized",
            f"The source is specialized, and Image Builder builds from generalized images: {definition}",
            TEMPLATE,
            "Generalize a machine of it and keep that, or build directly (-on azure).",
            facts.image,
        )
    return kind


def _version(id: str, definition: str, asker: Asker) -> dict[str, Any] | None:
    """The version that is meant; for ``latest`` the highest one that is not left out. Raises Absent."""
    name = name_of(id)
    if "/versions/" in id.lower() and name.lower() != "latest":
        return asker.get(id, GALLERIES, "&$expand=ReplicationStatus")
    listed = asker.listed(f"{definition}/versions", GALLERIES)
    if listed is None:
        return None
    meant = [v for v in listed if not _publishing(v).get("excludeFromLatest")]
    if not meant:
        raise Absent
    newest = max(meant, key=lambda v: [int(n) if n.isdigit() else 0 for n in str(v.get("name", "")).split(".")])
    return asker.get(f"{definition}/versions/{newest.get('name')}", GALLERIES, "&$expand=ReplicationStatus")


def _publishing(version: dict[str, Any]) -> dict[str, Any]:
    return (version.get("properties") or {}).get("publishingProfile") or {}


def _replicas(facts: Facts, version: dict[str, Any], asker: Asker) -> None:
    asker.settle("preflight/source-replica", facts.image)
    places = [region(str(one.get("name", ""))) for one in _publishing(version).get("targetRegions") or []]
    name = str(version.get("id") or facts.source.id)
    if not facts.location:
        return
    if facts.location not in places:
        found = images.show(name).replace("image-version show", "image-version update")
        asker.tell(
            "error",
            "preflight/source-replica",
            f"The source version has no replica in {facts.location}, but in {', '.join(places) or 'no region'}: {name}",
            TEMPLATE,
            "Add the region to the version, or build where it is.",
            facts.image,
            (f"{found} --add publishingProfile.targetRegions name={facts.location}",),
        )
        return
    summary = ((version.get("properties") or {}).get("replicationStatus") or {}).get("summary") or []
    state = next(
        (str(s.get("state")) for s in summary if region(str(s.get("region", ""))) == facts.location), "Completed"
    )
    if state not in ("Completed", "Unknown"):
        asker.tell(
            "warning",
            "preflight/source-replicating",
            f"The replica of the source version in {facts.location} is {state}: {name}",
            images.GALLERIES,
            "Wait until it is completed.",
            facts.image,
        )


def _managed(facts: Facts, asker: Asker) -> Kind:
    id = facts.source.id
    try:
        found = asker.get(id, IMAGES)
    except Absent:
        _absent(facts, f"source image {id}", asker, f"az image show --ids {id}")
        return Kind()
    if found is None:
        return Kind()
    place = region(str(found.get("location", "")))
    if facts.location and place and place != facts.location:
        asker.tell(
            "error",
            "preflight/source-region",
            f"The source image is in {place}, and is built from in {facts.location}: {id}",
            TEMPLATE,
            "Build in the region of the source, or keep it in a gallery with a replica in this one.",
            facts.image,
        )
    properties = found.get("properties") or {}
    os = str(((properties.get("storageProfile") or {}).get("osDisk") or {}).get("osType", ""))
    return Kind(os, str(properties.get("hyperVGeneration", "V1")), "x64", "Standard", "Generalized")
