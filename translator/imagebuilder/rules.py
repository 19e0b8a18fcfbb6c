"""The service's own rules, checked on what is written: beyond what the schema of an API version can say.

Source: learn.microsoft.com/azure/virtual-machines/linux/image-builder-json and image-builder-troubleshoot.
"""

from __future__ import annotations

import re

from bakelift.translator.imagebuilder.names import NAME
from bakelift.translator.imagebuilder.placeholders import in_text
from bakelift.translator.imagebuilder.sizes import check_sizes
from bakelift.translator.imagebuilder.table_customizers import BY_TYPE
from bakelift.translator.imagebuilder.versions import STRICT_FIELDS, TARGET_REGIONS, has
from bakelift.translator.languages.arm.values import is_expression

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from bakelift.translator.diagnostics import Diagnostics

_IMAGE_TEMPLATES = "Microsoft.VirtualMachineImages/imageTemplates"

#: ARM's published limits of a deployment template.
MOST_PARAMETERS = MOST_VARIABLES = 256
MOST_RESOURCES = 800


def check_deployment(template: dict[str, Any], version: str, diagnostics: Diagnostics) -> None:
    """Adds an error for each rule that a deployment template breaks."""
    counts = (("parameters", MOST_PARAMETERS), ("variables", MOST_VARIABLES), ("resources", MOST_RESOURCES))
    for part, most in counts:
        count = len(template.get(part, ()))
        if count > most:
            diagnostics.error("aib/limit", f"The template has {count} {part}; ARM takes {most}")
    listed = template["resources"]
    check_sizes(template, list(listed.values()) if isinstance(listed, dict) else listed, "/resources", diagnostics)
    for index, resource in listed.items() if isinstance(listed, dict) else enumerate(listed):
        if isinstance(resource, dict) and resource.get("type") == _IMAGE_TEMPLATES:
            _Check(version, f"/resources/{index}", diagnostics, False).resource(resource)


def check_resource(
    resource: dict[str, Any], version: str, base: str, diagnostics: Diagnostics, others: bool = False
) -> None:
    """Adds an error for each rule that an image template breaks.

    ``others``: it was written by others. Then every field is looked at, and what is known to go wrong is warned of.
    """
    check_sizes(None, [resource], "", diagnostics)
    _Check(version, base, diagnostics, others).resource(resource)


#: Parts that are kept as they were written, so they may have any fields.
_AS_THEY_ARE = frozenset({"optimize", "validate", "errorHandling", "autoRun"})
_IGNORED = f"The service ignores such a field before API version {STRICT_FIELDS}, and refuses it from then on."
_GROUP = r"(?i)/subscriptions/[^/]+/resourceGroups/[^/]+"


class _Check:
    def __init__(self, version: str, base: str, diagnostics: Diagnostics, others: bool) -> None:
        self.version = version
        self.base = base
        self.diagnostics = diagnostics
        self.others = others

    def broken(self, where: str, summary: str, detail: str = "") -> None:
        self.diagnostics.error("aib/rule", f"{self.base}{where}: {summary}", detail)

    def resource(self, resource: dict[str, Any]) -> None:
        identities = resource.get("identity", {}).get("userAssignedIdentities", {})
        if isinstance(identities, dict) and len(identities) != 1:
            self.broken("/identity", f"has {len(identities)} identities; Image Builder takes one")
        name = resource.get("name")
        if isinstance(name, str) and not is_name(name):
            self.broken("/name", f"{name!r} is no name of an image template")
        properties = resource["properties"]
        self.fields(resource)
        self.timeout(properties.get("buildTimeoutInMinutes"))
        self.source(_dict(properties.get("source")))
        for index, customizer in enumerate(_list(properties.get("customize"))):
            self.customizer(_dict(customizer), f"/properties/customize/{index}")
        self.staging(properties.get("stagingResourceGroup"))
        self.uploads(_list(properties.get("customize")))
        self.machine(_dict(properties.get("vmProfile")))
        self.outputs(_list(properties.get("distribute")))
        if properties.get("distribute") == [] and not any(d.code == "aib/no-distribution" for d in self.diagnostics):
            self.broken("/properties/distribute", "is empty; Image Builder wants at least one place for the image")

    def fields(self, resource: dict[str, Any]) -> None:
        """Fields that the version has not, where there may be any; and what is known to go wrong."""
        if not self.others:
            self.updates(resource["properties"])
            if not _AS_THEY_ARE & set(resource["properties"]):
                return
        from bakelift.translator.imagebuilder.properties import VERSIONS, unknown_fields

        for where, problem in unknown_fields(resource, self.version) if self.version in VERSIONS else ():
            if has(self.version, STRICT_FIELDS):
                self.broken(where, problem)
            else:
                self.diagnostics.warning("aib/ignored-field", f"{self.base}{where}: {problem}", _IGNORED)
        if self.others:
            from bakelift.translator.imagebuilder.troubles import troubles

            for where, problem in troubles(resource["properties"]):
                self.diagnostics.warning("aib/trouble", f"{self.base}{where}: {problem}")

    def updates(self, properties: dict[str, Any]) -> None:
        """What is known to go wrong with Windows updates, which a Packer template does not show."""
        steps = [step for step in _list(properties.get("customize")) if isinstance(step, dict)]
        if not any(step.get("type") == "WindowsUpdate" for step in steps):
            return
        from bakelift.translator.imagebuilder.troubles import machine_troubles

        for where, problem in machine_troubles(properties, steps, True):
            self.diagnostics.warning("aib/trouble", f"{self.base}{where}: {problem}")

    def timeout(self, minutes: object) -> None:
        if isinstance(minutes, int) and minutes != 0 and not 6 <= minutes <= 960:
            self.broken("/properties/buildTimeoutInMinutes", f"is {minutes}; the service takes 0 or 6 to 960")

    def source(self, source: dict[str, Any]) -> None:
        if source.get("type") == "PlatformImage":
            for part in ("publisher", "offer", "sku", "version"):
                if not source.get(part):
                    self.broken("/properties/source", f"has no {part}")

    def customizer(self, customizer: dict[str, Any], where: str) -> None:
        type = customizer.get("type")
        if type not in BY_TYPE:
            self.broken(where, f"{type!r} is no type of customizer")
            return
        if type in ("Shell", "PowerShell") and ("inline" in customizer) == ("scriptUri" in customizer):
            self.broken(where, "needs either inline or scriptUri")
        if customizer.get("runAsSystem") is True and customizer.get("runElevated") is not True:
            self.broken(where, "runAsSystem needs runElevated")
        checksum = customizer.get("sha256Checksum")
        open_ended = not isinstance(checksum, str) or is_expression(checksum) or in_text(checksum)
        if not open_ended and not re.fullmatch(r"[0-9a-f]{64}", str(checksum)):
            self.broken(where, "sha256Checksum must be 64 hexadecimal digits in lower case")
        if type == "File" and not (customizer.get("sourceUri") and customizer.get("destination")):
            self.broken(where, "needs sourceUri and destination")

    def staging(self, group: object) -> None:
        if not isinstance(group, str) or not group or is_expression(group) or in_text(group):
            return
        if not re.fullmatch(_GROUP, group):
            self.broken("/properties/stagingResourceGroup", "is no resource group's id (/subscriptions/…)")

    def uploads(self, customizers: list[Any]) -> None:
        """On Linux a File customizer writes below /tmp only (image-builder-json, "File customizer")."""
        types = {customizer.get("type") for customizer in customizers if isinstance(customizer, dict)}
        for index, customizer in enumerate(customizers):
            if not isinstance(customizer, dict) or customizer.get("type") != "File":
                continue
            where, path = f"/properties/customize/{index}", customizer.get("destination")
            if not isinstance(path, str) or is_expression(path) or not path or in_text(path):
                continue
            if path.endswith(("/", "\\")):
                self.broken(where, f"destination {path!r} is a folder; it has to name the file")
            elif "Shell" in types and "PowerShell" not in types and not path.startswith("/tmp/"):
                self.broken(where, f"destination {path!r} is not below /tmp, the only folder it can be on Linux")

    def machine(self, machine: dict[str, Any]) -> None:
        network = _dict(machine.get("vnetConfig"))
        own = network.get("containerInstanceSubnetId")
        if own and not network.get("subnetId"):
            self.broken("/properties/vmProfile/vnetConfig", "containerInstanceSubnetId needs subnetId")
        if own and own == network.get("subnetId"):
            self.broken("/properties/vmProfile/vnetConfig", "containerInstanceSubnetId must be another subnet")
        both = (own, network.get("subnetId"))
        if all(isinstance(one, str) and "/subnets/" in one.lower() and not is_expression(one) for one in both):
            networks = {str(one).lower().partition("/subnets/")[0] for one in both}
            if len(networks) == 2:
                self.broken("/properties/vmProfile/vnetConfig", "both subnets have to be of the same network")
        if own and network.get("proxyVmSize"):
            self.broken(
                "/properties/vmProfile/vnetConfig", "proxyVmSize and containerInstanceSubnetId exclude each other"
            )

    def outputs(self, outputs: list[dict[str, Any]]) -> None:
        seen: set[str] = set()
        for index, output in enumerate(outputs):
            if not isinstance(output, dict):
                continue
            where = f"/properties/distribute/{index}"
            name = output.get("runOutputName")
            if not isinstance(name, str) or not is_name(name):
                self.broken(where, f"runOutputName {name!r} is no name")
            elif name in seen:
                self.broken(where, f"runOutputName {name!r} is there twice")
            seen.add(str(name))
            self.regions(output, where)
            self.versions(output, where)

    def versions(self, output: dict[str, Any], where: str) -> None:
        image = output.get("galleryImageId")
        if "versioning" in output and isinstance(image, str) and re.search(r"(?i)/versions/[^/]+$", image):
            self.broken(where, "galleryImageId names a version, and versioning asks to count it up")

    def regions(self, output: dict[str, Any], where: str) -> None:
        targets = _list(output.get("targetRegions"))
        if targets and "replicationRegions" in output:
            self.broken(where, "has both targetRegions and replicationRegions")
        if "storageAccountType" in output and has(self.version, TARGET_REGIONS) and "replicationRegions" not in output:
            self.broken(where, "storageAccountType goes with replicationRegions only")
        names = [t.get("name") for t in targets if isinstance(t, dict)]
        if len(names) != len(set(names)):
            self.broken(where, "names a target region twice")
        for target in targets:
            count = target.get("replicaCount", 1)
            if isinstance(count, int) and count < 1:
                self.broken(where, f"replicaCount is {count}; at least 1 is wanted")


def _dict(value: object) -> dict[str, Any]:
    """An object; nothing for what is an expression."""
    return value if isinstance(value, dict) else {}


def is_name(text: str) -> bool:
    """Whether a text is a name, or what only a deployment or a person makes one."""
    return is_expression(text) or in_text(text) or NAME.fullmatch(text) is not None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
