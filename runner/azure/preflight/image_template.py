"""The facts of an image template: of its JSON, as it is handed to the service."""

from __future__ import annotations

import re

from bakelift.runner.azure.preflight.facts import IDENTITY, Destination, Facts, Replica, Source, is_plain, region

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    #: The text that a value of the template comes to; None where only the deployment knows.
    Settle = Callable[[str], str | None]

_WINDOWS_STEPS = frozenset({"PowerShell", "WindowsRestart", "WindowsUpdate"})
_NAMES = ("publisher", "offer", "sku")
_BLOB = re.compile(r"(?i)^https://[a-z0-9]+\.blob\.[a-z0-9.]+/")


def facts(
    resource: Mapping[str, Any],
    image: str,
    subscription: str,
    group: str,
    settle: Settle,
    deployment: bool = False,
    iso: bool = False,
    os: str = "",
) -> Facts:
    """``image``: its name where the resource says none. ``iso``: its source took the place of an ISO. ``os``: of the
    image, where that is known; else it is told by the source and the steps.
    """
    found = _Reader(resource, settle).read(image, subscription, group, deployment, iso)
    return found.but(os=os) if os else found


class _Reader:
    def __init__(self, resource: Mapping[str, Any], settle: Settle) -> None:
        self.resource = resource
        self.settle = settle
        self.unknown: list[str] = []
        self.bad: list[str] = []

    def text(self, value: object, what: str = "") -> str:
        """What a value comes to. ``what``: its name, when it matters that it is not known."""
        if not isinstance(value, str):
            return "" if value is None else str(value)
        found = self.settle(value)
        if found is None and what:
            self.unknown.append(what)
        if found and not is_plain(found):
            self.bad.append(f"{what or 'a value'} ({found[:80]!r})")
            return ""
        return found or ""

    def region(self, value: object, what: str) -> str:
        """A region, which may be written as people do."""
        return region(self.text(value.replace(" ", "") if isinstance(value, str) and value[:1] != "[" else value, what))

    def read(self, image: str, subscription: str, group: str, deployment: bool, iso: bool) -> Facts:
        properties = _dict(self.resource.get("properties"))
        machine = _dict(properties.get("vmProfile"))
        network = _dict(machine.get("vnetConfig"))
        identities = _dict(_dict(self.resource.get("identity")).get("userAssignedIdentities"))
        steps = [step for step in _list(properties.get("customize")) if isinstance(step, dict)]
        validators = _list(_dict(properties.get("validate")).get("inVMValidations"))
        source = self.source(_dict(properties.get("source")))
        return Facts(
            image=self.text(self.resource.get("name")) or image,
            way="imagebuilder",
            subscription=subscription,
            group=group,
            os=_os(steps, source),
            source=source,
            destinations=tuple(self.destination(item) for item in _list(properties.get("distribute"))),
            location=self.region(self.resource.get("location"), "the region of the image template"),
            api_version=str(self.resource.get("apiVersion") or ""),
            identity=self.identity(list(identities), deployment),
            machine_identities=tuple(
                found
                for one in _list(machine.get("userAssignedIdentities"))
                if (found := self.text(one, "an identity of the build VM"))
            ),
            vm_size=self.text(machine.get("vmSize"), "the size of the build VM"),
            disk_gb=_whole(machine.get("osDiskSizeGB")),
            subnet=self.text(network.get("subnetId"), "the subnet of the build VM"),
            container_subnet=self.text(network.get("containerInstanceSubnetId"), "the subnet of the container"),
            staging=_group(self.text(properties.get("stagingResourceGroup"), "the staging resource group")),
            fetched=tuple(self.fetched([*steps, *validators])),
            deployment=deployment,
            iso=iso,
            unknown=tuple(dict.fromkeys(self.unknown)),
            bad=tuple(dict.fromkeys(self.bad)),
        )

    def identity(self, listed: list[str], deployment: bool) -> str:
        """The template's identity. One that somebody has yet to say is none; a deployment's parameter is not known."""
        if not listed:
            return ""
        return self.text(listed[0], "the identity" if deployment else "") or (IDENTITY if deployment else "")

    def source(self, source: dict[str, Any]) -> Source:
        kind = source.get("type")
        if kind == "PlatformImage":
            said = _dict(source.get("planInfo"))
            words = [self.text(said.get(f"plan{part}")) for part in ("Name", "Product", "Publisher")]
            publisher, offer, sku = (self.text(source.get(part), "the source image") for part in _NAMES)
            version = self.text(source.get("version"))
            plan = (words[0], words[1], words[2]) if any(words) else None
            return Source("platform", "", publisher, offer, sku, version, plan)
        if kind == "ManagedImage":
            return Source("managed", self.text(source.get("imageId"), "the source image"))
        id = self.text(source.get("imageVersionId"), "the source image")
        return Source("shared" if "/sharedgalleries/" in id.lower() else "gallery", id)

    def destination(self, item: object) -> Destination:
        data = _dict(item)
        kind = data.get("type")
        if kind == "ManagedImage":
            place = self.region(data.get("location"), "the region of a managed image")
            return Destination("managed", self.text(data.get("imageId"), "a managed image"), "", (Replica(place),))
        if kind == "VHD":
            return Destination("vhd", "", self.text(data.get("uri")))
        storage = str(data.get("storageAccountType") or "Standard_LRS")
        regions = [
            Replica(
                self.region(target.get("name"), "a region of replication"),
                _whole(target.get("replicaCount")) or 1,
                str(target.get("storageAccountType") or storage),
            )
            for target in _list(data.get("targetRegions"))
            if isinstance(target, dict)
        ]
        named = _list(data.get("replicationRegions"))
        regions += [Replica(self.region(name, "a region of replication"), 1, storage) for name in named]
        return Destination("gallery", self.text(data.get("galleryImageId"), "an image definition"), "", tuple(regions))

    def fetched(self, steps: list[Any]) -> list[str]:
        """What the service fetches from Azure Storage without a signature in its address: with the identity."""
        found = []
        for step in steps:
            data = _dict(step)
            said = self.settle(str(data.get("scriptUri") or data.get("sourceUri") or "")) or ""
            address = said.partition("?")[0]
            if _BLOB.match(address) and "sig=" not in said and is_plain(address):
                found.append(address)
        return list(dict.fromkeys(found))


def _group(id: str) -> str:
    """A resource group's id as Azure's answers say it, whichever function of a template made it."""
    return re.sub(r"(?i)/providers/Microsoft\.Resources/resourceGroups/", "/resourceGroups/", id)


def _os(steps: list[dict[str, Any]], source: Source) -> str:
    if source.kind == "platform" and source.publisher.lower().startswith("microsoftwindows"):
        return "Windows"
    kinds = {str(step.get("type")) for step in steps}
    if kinds & _WINDOWS_STEPS:
        return "Windows"
    return "Linux" if source.kind == "platform" or "Shell" in kinds else ""


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _whole(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
