"""The service's own rules, checked on what is written: beyond what the schema of an API version can say.

Source: learn.microsoft.com/azure/virtual-machines/linux/image-builder-json and image-builder-troubleshoot.
"""

from __future__ import annotations

import re

from bakelift.translator.imagebuilder.names import NAME
from bakelift.translator.imagebuilder.placeholders import in_text
from bakelift.translator.imagebuilder.sizes import check_sizes
from bakelift.translator.imagebuilder.table_customizers import BY_TYPE
from bakelift.translator.imagebuilder.versions import TARGET_REGIONS, has
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
            _Check(version, f"/resources/{index}", diagnostics, True).resource(resource)


def check_resource(
    resource: dict[str, Any], version: str, base: str, diagnostics: Diagnostics, filled: bool = True
) -> None:
    """Adds an error for each rule that an image template breaks. ``filled``: it has no placeholders."""
    check_sizes(None, [resource], "", diagnostics)
    _Check(version, base, diagnostics, filled).resource(resource)


class _Check:
    def __init__(self, version: str, base: str, diagnostics: Diagnostics, filled: bool) -> None:
        self.version = version
        self.base = base
        self.diagnostics = diagnostics
        self.filled = filled

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
        self.timeout(properties.get("buildTimeoutInMinutes"))
        self.source(_dict(properties.get("source")))
        for index, customizer in enumerate(_list(properties.get("customize"))):
            self.customizer(_dict(customizer), f"/properties/customize/{index}")
        self.machine(_dict(properties.get("vmProfile")))
        self.outputs(_list(properties.get("distribute")))

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

    def machine(self, machine: dict[str, Any]) -> None:
        network = _dict(machine.get("vnetConfig"))
        own = network.get("containerInstanceSubnetId")
        if own and not network.get("subnetId"):
            self.broken("/properties/vmProfile/vnetConfig", "containerInstanceSubnetId needs subnetId")
        if own and own == network.get("subnetId"):
            self.broken("/properties/vmProfile/vnetConfig", "containerInstanceSubnetId must be another subnet")
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
