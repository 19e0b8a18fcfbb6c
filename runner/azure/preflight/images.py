"""Source images and destinations: where they are, and whether one fits the other."""

from __future__ import annotations

from bakelift.runner.azure.preflight.facts import definition_of, parts, subscription_of
from bakelift.runner.azure.preflight.findings import DOCS, OVERVIEW, TEMPLATE, Finding
from bakelift.runner.azure.preflight.sizes import is_arm

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bakelift.runner.azure.preflight.facts import Destination, Facts

GALLERIES = f"{DOCS}/azure-compute-gallery"
_ARM64 = "https://github.com/hashicorp/packer-plugin-azure/issues/287 (Azure's answer)"
_TRUSTED = "https://github.com/hashicorp/packer/issues/13189 (Azure's answer)"


def findings(every: Sequence[Facts]) -> Iterator[Finding]:
    for facts in every:
        yield from _source(facts)
        for destination in facts.destinations:
            yield from _destination(facts, destination)
        yield from _machine(facts)


def generation(facts: Facts) -> str:
    """V1 or V2 as the SKU of a marketplace image tells; "" where it does not."""
    sku = facts.source.sku.lower()
    if facts.source.kind != "platform" or not sku:
        return ""
    words = sku.replace("_", "-").split("-")
    if "gen2" in words or "g2" in words or sku.endswith(("gen2", "-g2")) or "arm64" in sku:
        return "V2"
    return "V1" if "gen1" in words or sku.endswith("gen1") else ""


def arm64(facts: Facts) -> bool:
    return facts.source.kind == "platform" and "arm64" in f"{facts.source.offer}-{facts.source.sku}".lower()


def show(id: str) -> str:
    """The line that shows a version or a definition of a gallery."""
    found = parts(id)
    names = f"-g {found.get('resourcegroups', '')} -r {found.get('galleries', '')} -i {found.get('images', '')}"
    subscription = f" --subscription {found.get('subscriptions', '')}"
    if "versions" in found:
        return f"az sig image-version show {names} -e {found['versions']}{subscription}"
    return f"az sig image-definition show {names}{subscription}"


def _source(facts: Facts) -> Iterator[Finding]:
    source = facts.source
    if source.kind == "gallery" and source.id:
        where = f" in {facts.location}" if facts.location else " in the region of the build"
        yield Finding(
            "note",
            "preflight/source-replica",
            f"The source version has to have a replica{where}: {source.id}",
            TEMPLATE if facts.way == "imagebuilder" else GALLERIES,
            "Look where it is replicated to, and add the region where it is missing; -live looks.",
            facts.image,
            (f'{show(source.id)} --query "publishingProfile.targetRegions[].name"',),
        )
    if facts.way != "imagebuilder":
        return
    if source.kind == "managed" and subscription_of(source.id) not in ("", facts.subscription):
        yield Finding(
            "error",
            "preflight/source-subscription",
            f"The source image is in another subscription than the image template: {source.id}",
            TEMPLATE,
            "Keep the image in a compute gallery, whose versions may be in another subscription, and build from there.",
            facts.image,
        )
    if source.kind == "shared" and "/communitygalleries/" in source.id.lower():
        yield Finding(
            "error",
            "preflight/source-community",
            f"Image Builder has no source for images of community galleries: {source.id}",
            TEMPLATE,
            "Copy the version into a gallery of your own, and build from there; or build directly (-on azure).",
            facts.image,
        )


def _destination(facts: Facts, destination: Destination) -> Iterator[Finding]:
    if destination.kind == "managed":
        yield from _managed(facts, destination)
    elif destination.kind == "gallery":
        yield from _gallery(facts, destination)


def _managed(facts: Facts, destination: Destination) -> Iterator[Finding]:
    if arm64(facts):
        yield Finding(
            "error",
            "preflight/managed-arm64",
            "Azure keeps no Arm64 image as a managed image",
            _ARM64,
            "Keep it in a compute gallery, with an image definition of architecture Arm64.",
            facts.image,
        )
    if facts.security:
        yield Finding(
            "error",
            "preflight/managed-security",
            f"Azure keeps no image of a machine with the security type {facts.security} as a managed image",
            _TRUSTED,
            "Keep it in a compute gallery, with an image definition that has this security type.",
            facts.image,
        )
    place = destination.regions[0].region if destination.regions else ""
    if facts.location and place and place != facts.location:
        yield Finding(
            "note",
            "preflight/other-region",
            f"The managed image goes to {place} and is built in {facts.location}: it is copied, which takes longer",
            TEMPLATE,
            "Build where the image is wanted, or keep it in a gallery and let that replicate it.",
            facts.image,
        )


def _gallery(facts: Facts, destination: Destination) -> Iterator[Finding]:
    if not destination.id:
        return
    definition = definition_of(destination.id)
    wants = [f"operating system {facts.os}"] if facts.os else []
    wants += [f"generation {generation(facts)}"] if generation(facts) else ["the generation of the source"]
    wants += ["architecture Arm64"] if arm64(facts) else []
    wants.append(f"security type {facts.security}" if facts.security else "the security type of the source")
    yield Finding(
        "note",
        "preflight/definition",
        f"The image definition has to be there and to fit the source ({', '.join(wants)}, generalized): {definition}",
        OVERVIEW,
        "Look at it, or let -live do it; what is said of a definition cannot be changed, so one that does not fit has "
        "to be made anew.",
        facts.image,
        (show(definition),),
    )
    names = [replica.region for replica in destination.regions if replica.region]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        yield Finding(
            "error",
            "preflight/region-twice",
            f"A region of replication is named twice: {', '.join(twice)}",
            TEMPLATE,
            "Name each region once, with its number of replicas.",
            facts.image,
        )
    if facts.way == "imagebuilder" and names:
        yield Finding(
            "note",
            "preflight/gallery-region",
            f"One of the regions of replication ({', '.join(dict.fromkeys(names))}) has to be the gallery's own",
            TEMPLATE,
            "Add the region of the gallery where it is missing; -live looks.",
            facts.image,
        )


def _machine(facts: Facts) -> Iterator[Finding]:
    if not facts.vm_size and facts.way != "imagebuilder":
        return
    if arm64(facts) and not is_arm(facts.vm_size):
        size = facts.vm_size or "the service's default size"
        yield Finding(
            "error",
            "preflight/size-architecture",
            f"The source is for Arm64 and {size} is not",
            f"{DOCS}/sizes/overview",
            "Take a size with an Arm64 processor, as Standard_D2ps_v5.",
            facts.image,
        )
    elif facts.source.kind == "platform" and facts.vm_size and is_arm(facts.vm_size) and not arm64(facts):
        yield Finding(
            "warning",
            "preflight/size-architecture",
            f"{facts.vm_size} has an Arm64 processor, and {facts.source.urn} does not look as if it were for one",
            f"{DOCS}/sizes/overview",
            "Take a source for Arm64, or a size with an x64 processor.",
            facts.image,
        )
