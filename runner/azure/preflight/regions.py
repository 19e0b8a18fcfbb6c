"""Where Image Builder runs, and of which systems it builds images: in the preview of 2019 and today."""

from __future__ import annotations

from bakelift.runner.azure.preflight.findings import OVERVIEW, PREVIEW, TROUBLES, Finding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from bakelift.runner.azure.preflight.facts import Facts

#: Regions that need a feature of the subscription first (image-builder-overview).
_FEATURES = {
    "usgovarizona": "FairfaxPublicPreview",
    "usgovvirginia": "FairfaxPublicPreview",
    "chinanorth3": "MooncakePublicPreview",
}
#: The preview of 2019: regions, and systems as publisher and beginning of the offer or SKU.
_PREVIEW_REGIONS = frozenset({"eastus", "eastus2", "westcentralus", "westus", "westus2"})
_PREVIEW_SYSTEMS = (
    ("canonical", "ubuntuserver", ("16.04", "18.04")),
    ("redhat", "rhel", ("7.6",)),
    ("openlogic", "centos", ("7.6",)),
    ("microsoftwindowsserver", "windowsserver", ("2016", "2019")),
)
#: Publishers whose images the documents named as tested until 2022; later they say "all base images".
_TESTED = frozenset(
    {
        "canonical",
        "redhat",
        "openlogic",
        "suse",
        "microsoftwindowsserver",
        "microsoftwindowsdesktop",
        "microsoftcblmariner",
    }
)


def findings(every: Sequence[Facts], served: Collection[str]) -> Iterator[Finding]:
    """``served``: regions where Image Builder runs."""
    for facts in every:
        if facts.way != "imagebuilder":
            continue
        yield from _region(facts, served)
        yield from _system(facts)
        if "preview" in facts.api_version:
            yield from _preview(facts)


def _region(facts: Facts, served: Collection[str]) -> Iterator[Finding]:
    place = facts.location
    if not place:
        return
    if place not in served:
        yield Finding(
            "error",
            "preflight/region",
            f"Image Builder does not run in {place}",
            OVERVIEW,
            "Put the image template into a region that it runs in; the image can be replicated to any other. "
            f"They are {', '.join(sorted(served))}.",
            facts.image,
        )
    elif place in _FEATURES:
        yield Finding(
            "warning",
            "preflight/region-preview",
            f"Image Builder is a preview in {place}, which a feature of the subscription opens",
            OVERVIEW,
            "Register the feature once.",
            facts.image,
            (f"az feature register --namespace Microsoft.VirtualMachineImages --name {_FEATURES[place]}",),
        )


def _system(facts: Facts) -> Iterator[Finding]:
    source = facts.source
    if source.kind != "platform" or not source.publisher:
        return
    if source.publisher.lower() == "center-for-internet-security-inc":
        yield Finding(
            "warning",
            "preflight/hardened",
            f"Builds of CIS images ({source.urn}) often fail: they do not let scripts be run from /tmp, or WinRM in",
            TROUBLES,
            "Build from the plain image and harden it in a step, or try it once before relying on it.",
            facts.image,
        )
    elif source.publisher.lower() not in _TESTED:
        yield Finding(
            "note",
            "preflight/system",
            f"Images of {source.publisher} were never named as tested with Image Builder",
            OVERVIEW,
            "All marketplace base images are said to work; let a build of this one show it before it is relied on.",
            facts.image,
        )


def _preview(facts: Facts) -> Iterator[Finding]:
    """What changed for a template that was written for the preview."""
    later = []
    if facts.location and facts.location not in _PREVIEW_REGIONS:
        later.append(f"the region {facts.location}")
    source = facts.source
    if source.kind == "platform" and not any(
        source.publisher.lower() == publisher
        and source.offer.lower().startswith(offer)
        and any(release in source.sku for release in releases)
        for publisher, offer, releases in _PREVIEW_SYSTEMS
    ):
        later.append(f"the source {source.urn}")
    said = f", as {' and '.join(later)} need" if later else ""
    yield Finding(
        "warning",
        "preflight/preview-api",
        f"The template is for the preview's API version {facts.api_version}: the preview had five regions and six "
        f"systems, and the service of today is wanted{said}",
        PREVIEW,
        "Say -api-version with a version of today when you build; an identity is wanted since 2020-02-14.",
        facts.image,
    )
