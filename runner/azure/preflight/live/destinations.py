"""Whether images can be kept where the template wants them: groups, definitions, what would be overwritten."""

from __future__ import annotations

from bakelift.runner.azure.preflight import images
from bakelift.runner.azure.preflight.facts import definition_of, group_of, name_of, parts, region
from bakelift.runner.azure.preflight.findings import OVERVIEW, PLUGIN, TEMPLATE
from bakelift.runner.azure.preflight.live.asker import Absent
from bakelift.runner.azure.preflight.live.sources import GALLERIES, IMAGES, Kind, kind_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.runner.azure.preflight.facts import Destination, Facts
    from bakelift.runner.azure.preflight.live.asker import Asker

_GROUPS = "2021-04-01"


def ask(facts: Facts, source: Kind, asker: Asker) -> None:
    """``source``: what is known of the source's kind."""
    for destination in facts.destinations:
        group = group_of(destination.id)
        if not group or "<" in destination.id or not _group(facts, group, asker):
            continue
        if destination.kind == "managed":
            _managed(facts, destination, source, asker)
        elif destination.kind == "gallery":
            _gallery(facts, destination, source, asker)


def _group(facts: Facts, group: str, asker: Asker) -> bool:
    """Whether the resource group may be there."""
    try:
        asker.get(group, _GROUPS)
    except Absent:
        asker.tell(
            "error",
            "preflight/group-missing",
            f"There is no resource group {group}, where an image is to be kept",
            TEMPLATE,
            "Make it, and assign the roles there.",
            facts.image,
            (f"az group create -n {name_of(group)} -l {facts.location or '<location>'}",),
        )
        return False
    return True


def _managed(facts: Facts, destination: Destination, source: Kind, asker: Asker) -> None:
    if source.security not in ("", "Standard", "TrustedLaunchSupported"):
        asker.tell(
            "error",
            "preflight/managed-security",
            f"The source has the security type {source.security}, and Azure keeps no such image as a managed image",
            OVERVIEW,
            "Keep it in a compute gallery, with an image definition that has this security type.",
            facts.image,
        )
    if asker.get(destination.id, IMAGES, absent=None) is not None:
        _there(facts, f"managed image {destination.id}", asker, f"az image delete --ids {destination.id}")


def _there(facts: Facts, what: str, asker: Asker, line: str) -> None:
    """Something has the name already."""
    if facts.way == "imagebuilder":
        asker.tell(
            "warning",
            "preflight/would-overwrite",
            f"A {what} is there already, and is overwritten",
            TEMPLATE,
            "Give the image another name, if the old one is still wanted.",
            facts.image,
        )
        return
    asker.tell(
        "error",
        "preflight/would-overwrite",
        f"A {what} is there already, and a direct build refuses to overwrite it without -force",
        PLUGIN,
        "Give the image another name, delete the old one, or build with -force.",
        facts.image,
        (line,),
    )


def _gallery(facts: Facts, destination: Destination, source: Kind, asker: Asker) -> None:
    definition = definition_of(destination.id)
    try:
        found = asker.get(definition, GALLERIES)
    except Absent:
        asker.settle("preflight/definition", facts.image)
        asker.tell(
            "error",
            "preflight/definition-missing",
            f"There is no image definition {definition}",
            OVERVIEW,
            "Make it before the build; what it says has to fit the source.",
            facts.image,
            (_create(definition, facts, source),),
        )
        return
    if found is None:
        return
    wanted = source.but(os=source.os or facts.os, state="Generalized")
    asker.settle("preflight/definition", facts.image)
    for what, has, wants in _differences(kind_of(found.get("properties") or {}), wanted):
        asker.tell(
            "error",
            "preflight/definition-differs",
            f"The {what} of the image definition is {has}, and that of the source is {wants}: {definition}",
            OVERVIEW,
            "Make another definition, since this cannot be changed, and name it in the template.",
            facts.image,
            (_create(definition, facts, source),),
        )
    _gallery_region(facts, destination, str(found.get("location", "")), asker)
    if definition != destination.id:
        _version(facts, destination, asker)


def _differences(has: Kind, wants: Kind) -> list[tuple[str, str, str]]:
    """(what, of the definition, of the source) of what does not fit; what is not known fits."""
    found = [
        ("operating system", has.os, wants.os),
        ("generation", has.generation, wants.generation),
        ("architecture", has.architecture, wants.architecture),
        ("state", has.state, wants.state),
    ]
    differing = [one for one in found if one[1] and one[2] and one[1].lower() != one[2].lower()]
    if wants.security and not _security_fits(has.security, wants.security):
        differing.append(("security type", has.security, wants.security))
    return differing


def _security_fits(has: str, wants: str) -> bool:
    """A marketplace image that supports Trusted Launch may as well be kept without it."""
    return has == wants or (wants.startswith("TrustedLaunch") and has in ("Standard", "TrustedLaunchSupported"))


def _create(definition: str, facts: Facts, source: Kind) -> str:
    names = parts(definition)
    words = [
        f"az sig image-definition create -g {names.get('resourcegroups', '')} -r {names.get('galleries', '')}",
        f"-i {names.get('images', '')} --publisher <publisher> --offer <offer> --sku <sku>",
        f"--os-type {source.os or facts.os or 'Linux'} --os-state Generalized",
    ]
    generation = source.generation or images.generation(facts)
    words += [f"--hyper-v-generation {generation}"] if generation else []
    words += ["--architecture Arm64"] if source.architecture.lower() == "arm64" else []
    return " ".join(words)


def _gallery_region(facts: Facts, destination: Destination, place: str, asker: Asker) -> None:
    """``place``: the region of the definition, which is its gallery's."""
    names = [replica.region for replica in destination.regions if replica.region]
    if facts.way != "imagebuilder" or not place or not names:
        return
    asker.settle("preflight/gallery-region", facts.image)
    if region(place) not in names:
        asker.tell(
            "error",
            "preflight/gallery-region",
            f"The gallery is in {region(place)}, which is not among the regions of replication: {', '.join(names)}",
            TEMPLATE,
            "Add the gallery's region to them.",
            facts.image,
        )


def _version(facts: Facts, destination: Destination, asker: Asker) -> None:
    if asker.get(destination.id, GALLERIES, absent=None) is None:
        return
    if facts.way != "imagebuilder":
        _there(facts, f"version {destination.id}", asker, f"az sig image-version delete --ids {destination.id}")
        return
    asker.tell(
        "error",
        "preflight/version-exists",
        f"The version is there already, and Image Builder overwrites none: {destination.id}",
        TEMPLATE,
        "Name another version, or the definition alone, so that the service counts up.",
        facts.image,
    )
