"""Every property of an image template, with its type and the API versions that have it.

Source: Azure/azure-resource-manager-schemas, Microsoft.VirtualMachineImages.json of each version, the discriminators
resolved. From this table the JSON Schemas in ``schemas/imagebuilder`` are made, the support matrix in the documents,
and the check of fields that a template has and its API version has not.
"""

from __future__ import annotations

from bakelift.translator.imagebuilder.versions import API_VERSIONS, OLDEST_WRITTEN, has
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any


class Property(Record):
    """``path``: names with dots, ``[]`` for the elements of a list, ``[Shell]`` for those of one type (or scheme).

    ``type``: ``str``, ``int``, ``bool``, ``obj``, ``map`` (of texts), ``ids`` (a map whose keys are resource ids),
    ``union`` (an object whose ``type`` says which), and ``list:`` before any of these. ``since``, ``required_until``:
    API versions, "" for all; ``required``: in all, or before ``required_until``. ``values``: the only ones, in exactly
    this case; ``values_since``: the version of those that came later.
    """

    path: str
    type: str
    since: str = ""
    required: bool = False
    required_until: str = ""
    values: tuple[str, ...] = ()
    values_since: Mapping[str, str] = {}
    minimum: int | None = None
    maximum: int | None = None
    pattern: str = ""

    def known(self, version: str) -> bool:
        return not self.since or has(version, self.since)

    def demanded(self, version: str) -> bool:
        return self.required and not (self.required_until and has(version, self.required_until))

    def choices(self, version: str) -> tuple[str, ...]:
        """The values that a version takes."""
        return tuple(v for v in self.values if v not in self.values_since or has(version, self.values_since[v]))


#: Versions of which there is a schema: those that are written.
VERSIONS = tuple(version for version in API_VERSIONS if has(version, OLDEST_WRITTEN))

_NAME = r"^[A-Za-z0-9-_.]{1,64}$"
_STATE = ("Enabled", "Disabled")
_ON_ERROR = ("cleanup", "abort")
_STORAGE = ("Standard_LRS", "Standard_ZRS", "Premium_LRS")
_PREMIUM = {"Premium_LRS": "2022-07-01"}


def _rows(prefix: str, type: str, names: str, since: str = "", required: bool = False) -> list[Property]:
    """Several properties of one kind below a path."""
    return [Property(f"{prefix}.{name}", type, since, required) for name in names.split()]


def _script(prefix: str, since: str = "") -> list[Property]:
    return [
        Property(f"{prefix}.inline", "list:str", since),
        Property(f"{prefix}.scriptUri", "str", since),
        Property(f"{prefix}.sha256Checksum", "str", since),
    ]


def _powershell(prefix: str, since: str = "") -> list[Property]:
    return [
        *_script(prefix, since),
        *_rows(prefix, "bool", "runElevated runAsSystem", since),
        Property(f"{prefix}.validExitCodes", "list:int", since),
    ]


_SOURCE = "properties.source"
_CUSTOMIZE = "properties.customize"
_OUT = "properties.distribute"
_VM = "properties.vmProfile"
_TESTS = "properties.validate.inVMValidations"

PROPERTIES: tuple[Property, ...] = (
    Property("name", "str", required=True, pattern=_NAME),
    Property("location", "str", required=True),
    Property("tags", "map"),
    Property("identity", "obj", required=True),
    Property("identity.type", "str", values=("UserAssigned", "None")),
    Property("identity.userAssignedIdentities", "ids"),
    Property("properties", "obj", required=True),
    Property(_SOURCE, "union", required=True),
    *_rows(f"{_SOURCE}[PlatformImage]", "str", "publisher offer sku version"),
    Property(f"{_SOURCE}[PlatformImage].planInfo", "obj"),
    *_rows(f"{_SOURCE}[PlatformImage].planInfo", "str", "planName planProduct planPublisher", required=True),
    Property(f"{_SOURCE}[ManagedImage].imageId", "str", required=True),
    Property(f"{_SOURCE}[SharedImageVersion].imageVersionId", "str", required=True),
    Property(_CUSTOMIZE, "list:union"),
    Property(f"{_CUSTOMIZE}[].name", "str"),
    *_script(f"{_CUSTOMIZE}[Shell]"),
    *_powershell(f"{_CUSTOMIZE}[PowerShell]"),
    *_rows(f"{_CUSTOMIZE}[WindowsRestart]", "str", "restartCommand restartCheckCommand restartTimeout"),
    Property(f"{_CUSTOMIZE}[WindowsUpdate].searchCriteria", "str"),
    Property(f"{_CUSTOMIZE}[WindowsUpdate].filters", "list:str"),
    Property(f"{_CUSTOMIZE}[WindowsUpdate].updateLimit", "int", minimum=0),
    *_rows(f"{_CUSTOMIZE}[File]", "str", "sourceUri destination sha256Checksum"),
    Property("properties.optimize", "obj", "2022-07-01"),
    Property("properties.optimize.vmBoot", "obj", "2022-07-01"),
    Property("properties.optimize.vmBoot.state", "str", "2022-07-01", values=_STATE),
    Property("properties.optimize.workload", "obj", "2025-10-01"),
    Property("properties.optimize.workload.state", "str", "2025-10-01", values=_STATE),
    *_rows("properties.optimize.workload", "str", "scriptUri sha256Checksum", "2025-10-01"),
    Property("properties.validate", "obj", "2022-02-14"),
    *_rows("properties.validate", "bool", "continueDistributeOnFailure sourceValidationOnly", "2022-02-14"),
    Property(_TESTS, "list:union", "2022-02-14"),
    Property(f"{_TESTS}[].name", "str", "2022-02-14"),
    *_script(f"{_TESTS}[Shell]", "2022-02-14"),
    *_powershell(f"{_TESTS}[PowerShell]", "2022-02-14"),
    *_rows(f"{_TESTS}[File]", "str", "sourceUri destination sha256Checksum", "2022-07-01"),
    Property(_OUT, "list:union", required=True),
    Property(f"{_OUT}[].runOutputName", "str", required=True, pattern=_NAME),
    Property(f"{_OUT}[].artifactTags", "map"),
    *_rows(f"{_OUT}[ManagedImage]", "str", "imageId location", required=True),
    Property(f"{_OUT}[SharedImage].galleryImageId", "str", required=True),
    Property(f"{_OUT}[SharedImage].replicationRegions", "list:str", required=True, required_until="2022-07-01"),
    Property(f"{_OUT}[SharedImage].targetRegions", "list:obj", "2022-07-01"),
    Property(f"{_OUT}[SharedImage].targetRegions[].name", "str", "2022-07-01", True),
    Property(f"{_OUT}[SharedImage].targetRegions[].replicaCount", "int", "2022-07-01", minimum=1),
    Property(f"{_OUT}[SharedImage].targetRegions[].storageAccountType", "str", "2022-07-01", values=_STORAGE),
    Property(f"{_OUT}[SharedImage].excludeFromLatest", "bool"),
    Property(f"{_OUT}[SharedImage].storageAccountType", "str", values=_STORAGE, values_since=_PREMIUM),
    Property(f"{_OUT}[SharedImage].versioning", "union", "2022-07-01"),
    Property(f"{_OUT}[SharedImage].versioning[Latest].major", "int", "2022-07-01", minimum=-1),
    Property(f"{_OUT}[SharedImage].replicationMode", "str", "2025-10-01", values=("Full", "Shallow")),
    Property(f"{_OUT}[VHD].uri", "str", "2022-07-01"),
    Property("properties.errorHandling", "obj", "2023-07-01"),
    Property("properties.errorHandling.onCustomizerError", "str", "2023-07-01", values=_ON_ERROR),
    Property("properties.errorHandling.onValidationError", "str", "2023-07-01", values=_ON_ERROR),
    Property("properties.autoRun", "obj", "2024-02-01"),
    Property("properties.autoRun.state", "str", "2024-02-01", values=_STATE),
    Property("properties.managedResourceTags", "map", "2024-02-01"),
    Property("properties.additionalDataDisks", "list:obj", "2025-10-01"),
    Property("properties.additionalDataDisks[].sizeGB", "int", "2025-10-01", minimum=0),
    Property("properties.buildTimeoutInMinutes", "int", minimum=0, maximum=960),
    Property("properties.stagingResourceGroup", "str", "2022-02-14"),
    Property(_VM, "obj"),
    Property(f"{_VM}.vmSize", "str"),
    Property(f"{_VM}.osDiskSizeGB", "int", minimum=0),
    Property(f"{_VM}.userAssignedIdentities", "list:str", "2021-10-01"),
    Property(f"{_VM}.vnetConfig", "obj"),
    Property(f"{_VM}.vnetConfig.subnetId", "str"),
    Property(f"{_VM}.vnetConfig.proxyVmSize", "str", "2021-10-01"),
    Property(f"{_VM}.vnetConfig.containerInstanceSubnetId", "str", "2024-02-01"),
)

#: What each union is told apart by, and its kinds with the versions that brought them.
UNIONS: dict[str, tuple[str, dict[str, str]]] = {
    _SOURCE: ("type", {"PlatformImage": "", "ManagedImage": "", "SharedImageVersion": ""}),
    _CUSTOMIZE: ("type", {"Shell": "", "PowerShell": "", "WindowsRestart": "", "WindowsUpdate": "", "File": ""}),
    _TESTS: ("type", {"Shell": "2022-02-14", "PowerShell": "2022-02-14", "File": "2022-07-01"}),
    _OUT: ("type", {"ManagedImage": "", "SharedImage": "", "VHD": ""}),
    f"{_OUT}[SharedImage].versioning": ("scheme", {"Latest": "2022-07-01", "Source": "2022-07-01"}),
}

#: What a resource of any type may have beside: read by ARM, not by Image Builder.
ENVELOPE = frozenset(
    ("type", "apiVersion", "dependsOn", "condition", "copy", "comments", "scope", "metadata", "resources")
)

#: What the service adds to what it shows, in exported templates: by the path of the object.
READ_ONLY = {
    "": frozenset({"id", "systemData"}),
    "properties": frozenset({"provisioningState", "provisioningError", "lastRunStatus", "exactStagingResourceGroup"}),
    _SOURCE: frozenset({"exactVersion"}),
}

BY_PATH: dict[str, Property] = {item.path: item for item in PROPERTIES}


def kinds(path: str, version: str) -> list[str]:
    """The kinds that a union has in a version."""
    return [kind for kind, since in UNIONS[path][1].items() if not since or has(version, since)]


def below(path: str, kind: str | None = None) -> list[Property]:
    """The properties of the object at a path; of a union or a list of them, those of a kind, and of all."""
    starts = [f"{path}." if path else ""]
    if kind is not None:
        starts = [f"{path}[{kind}].", f"{path}[]."]
    found = []
    for item in PROPERTIES:
        for start in starts:
            rest = item.path[len(start) :] if item.path.startswith(start) else "."
            if rest and "." not in rest and "[" not in rest:
                found.append(item)
    return found


def unknown_fields(resource: Mapping[str, Any], version: str) -> Iterator[tuple[str, str]]:
    """(JSON pointer, what is wrong) of each field of an image template that a version has not, or spells otherwise.

    Since 2024-02-01 the service refuses such a field; before, it was ignored. A part that is an expression is not
    looked into.
    """
    yield from _fields({k: v for k, v in resource.items() if k not in ENVELOPE}, "", None, version, "")


def _fields(
    data: Mapping[str, Any], path: str, kind: str | None, version: str, pointer: str
) -> Iterator[tuple[str, str]]:
    known = {item.path.rpartition(".")[2]: item for item in below(path, kind)}
    for name, value in data.items():
        place = f"{pointer}/{name}"
        if name in READ_ONLY.get(path, ()) or (kind is not None and name == UNIONS[path][0]):
            continue
        item = known.get(name)
        if item is None:
            near = next((own for own in known if own.lower() == name.lower()), None)
            yield place, f"is called {near}" if near else "is no property of Image Builder"
        elif not item.known(version):
            yield place, f"came with API version {item.since}"
        else:
            yield from _value(item, value, version, place)


def _value(item: Property, value: Any, version: str, place: str) -> Iterator[tuple[str, str]]:
    listed = item.type.startswith("list:")
    of = item.type.removeprefix("list:")
    for index, part in enumerate(value if listed and isinstance(value, list) else [value]):
        own = f"{place}/{index}" if listed and isinstance(value, list) else place
        if isinstance(part, dict) and of == "obj":
            path = f"{item.path}[]" if listed else item.path
            yield from _fields(part, path, None, version, own)
        elif isinstance(part, dict) and of == "union":
            word = UNIONS[item.path][0]
            kind = part.get(word)
            if kind in kinds(item.path, version):
                yield from _fields(part, item.path, str(kind), version, own)
            elif isinstance(kind, str) and not kind.startswith("["):
                wanted = ", ".join(kinds(item.path, version))
                yield f"{own}/{word}", f"{kind!r} is none of {wanted}"
        elif isinstance(part, str) and item.values and not part.startswith("["):
            choices = item.choices(version)
            if part not in choices:
                yield own, f"{part!r} is none of {', '.join(choices)}"
