"""The properties of an image template, and what they were called before or are called by mistake.

A template is read under the names of the newest API version. Older names, other cases and the misspellings that public
templates have are accepted with a warning that says the right name; what only answers of the service hold is left out.

Source: the ten Microsoft.VirtualMachineImages schemas; the service refuses unknown and misspelled properties since API
version 2024-02-01, and ignores them before (Image Builder's release notes of its API versions).
"""

from __future__ import annotations

from bakelift.translator.languages.json.nodes import Array, Member, Object, Scalar
from bakelift.translator.plan.record import Record
from bakelift.translator.plan.suggest import did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from bakelift.translator.diagnostics import Diagnostics, Span
    from bakelift.translator.imagebuilder.reader_leaves import LeafTable
    from bakelift.translator.languages.json.nodes import Node


class Kind(Record):
    """An object: its properties, each with the kind of object (or of the list's objects) that it holds.

    ``old``: other names → the right ones. ``answers``: what only the service's answers have. ``types``: right values of
    ``type`` (or ``scheme``, ``kind``) whose case is known. ``any``: properties have any name.
    """

    properties: Mapping[str, Kind | None] = {}
    old: Mapping[str, str] = {}
    answers: frozenset[str] = frozenset()
    types: tuple[str, ...] = ()
    old_types: Mapping[str, str] = {}
    any: bool = False
    each: Kind | None = None


def _plain(*names: str, **kinds: Kind) -> dict[str, Kind | None]:
    return {**dict.fromkeys(names), **kinds}


_SCRIPT = ("inline", "scriptUri", "sha256Checksum")
_STEP = Kind(
    _plain(
        *("type", "name", *_SCRIPT, "sourceUri", "destination", "runElevated", "runAsSystem", "validExitCodes"),
        *("restartCommand", "restartCheckCommand", "restartTimeout", "searchCriteria", "filters", "updateLimit"),
    ),
    old={"script": "scriptUri", "valid_exit_codes": "validExitCodes", "fileUri": "sourceUri"},
    types=("Shell", "PowerShell", "WindowsRestart", "WindowsUpdate", "File"),
    old_types={"windows-restart": "WindowsRestart", "windows-update": "WindowsUpdate"},
)
_SOURCE = Kind(
    _plain(
        *("type", "publisher", "offer", "sku", "version", "imageId", "imageVersionId", "sourceUri", "sha256Checksum"),
        planInfo=Kind(_plain("planName", "planProduct", "planPublisher")),
    ),
    old={"sourceURI": "sourceUri", "imageVersionID": "imageVersionId"},
    answers=frozenset({"exactVersion"}),
    types=("PlatformImage", "ManagedImage", "SharedImageVersion", "ISO"),
)
_OUTPUT = Kind(
    _plain(
        *("type", "runOutputName", "artifactTags", "imageId", "location", "galleryImageId", "replicationRegions"),
        *("excludeFromLatest", "storageAccountType", "replicationMode", "uri"),
        targetRegions=Kind(_plain("name", "replicaCount", "storageAccountType")),
        versioning=Kind(_plain("scheme", "major"), types=("Latest", "Source")),
    ),
    old={"tags": "artifactTags", "aritfactTags": "artifactTags"},
    types=("ManagedImage", "SharedImage", "VHD"),
)
_NETWORK = Kind(  # the names are the preview's of 2019
    _plain("subnetId", "proxyVmSize", "containerInstanceSubnetId", "name", "subnetName", "resourceGroupName")
)
_MACHINE = Kind(_plain("vmSize", "osDiskSizeGB", "userAssignedIdentities", vnetConfig=_NETWORK))
_STATE = Kind(_plain("state", "scriptUri", "sha256Checksum"), types=("Enabled", "Disabled"))
_PROPERTIES = Kind(
    _plain(
        *("buildTimeoutInMinutes", "stagingResourceGroup", "managedResourceTags"),
        source=_SOURCE,
        customize=_STEP,
        distribute=_OUTPUT,
        vmProfile=_MACHINE,
        validate=Kind(_plain("continueDistributeOnFailure", "sourceValidationOnly", inVMValidations=_STEP)),
        optimize=Kind(_plain(vmBoot=_STATE, workload=_STATE)),
        errorHandling=Kind(_plain("onCustomizerError", "onValidationError")),
        autoRun=_STATE,
        additionalDataDisks=Kind(_plain("sizeGB")),
    ),
    answers=frozenset({"provisioningState", "provisioningError", "lastRunStatus", "exactStagingResourceGroup"}),
)
_IDENTITY = Kind(
    _plain(
        "type",
        userAssignedIdentities=Kind(any=True, each=Kind(answers=frozenset({"clientId", "principalId"}))),
    ),
    answers=frozenset({"principalId", "tenantId"}),
    types=("UserAssigned", "None"),
)
RESOURCE = Kind(
    _plain(
        *("type", "apiVersion", "name", "location", "tags", "dependsOn", "resources", "condition", "scope", "comments"),
        *("metadata", "copy"),
        identity=_IDENTITY,
        properties=_PROPERTIES,
    ),
    answers=frozenset({"id", "systemData", "etag"}),
)

_DISCRIMINATORS = ("type", "scheme", "state")


def spelled(resource: Object, leaves: LeafTable, diagnostics: Diagnostics) -> Object:
    """The resource under the names of the newest API version, without what only an answer of the service holds."""
    return _Speller(leaves, diagnostics).object(resource, RESOURCE)


class _Speller:
    def __init__(self, leaves: LeafTable, diagnostics: Diagnostics) -> None:
        self.leaves = leaves
        self.diagnostics = diagnostics

    def node(self, node: Node, kind: Kind | None) -> Node:
        if kind is None:
            return node
        if isinstance(node, Object):
            return self.object(node, kind)
        if isinstance(node, Array):
            items = tuple(self.node(item, kind) for item in node)
            made = Array(node.file, node.start, node.end, items)
            self.leaves.same(made, node)
            return made
        return node

    def object(self, node: Object, kind: Kind) -> Object:
        members: list[Member] = []
        for member in node:
            name = self.name(member, kind)
            if name is None:
                continue
            below = kind.each if kind.any else kind.properties.get(name)
            value = self.type(member.value, kind) if name in _DISCRIMINATORS else self.node(member.value, below)
            if name == member.key and value is member.value:
                members.append(member)
            else:
                members.append(Member(name, member.key_start, member.key_end, value))
        made = Object(node.file, node.start, node.end, tuple(members))
        self.leaves.same(made, node)
        return made

    def name(self, member: Member, kind: Kind) -> str | None:
        """The right name of a property; None for one that is left out."""
        key = member.key
        if kind.any or key in kind.properties or key.startswith("["):
            return key
        if key in kind.answers:
            self.leaves.answer(member.value)
            detail = "It is left out: no template needs it, and none can set it."
            self.diagnostics.note("aib/read-only", f"{key} is an answer of Azure's", detail, member.key_span)
            return None
        right = kind.old.get(key) or next((n for n in (*kind.old, *kind.properties) if n.lower() == key.lower()), None)
        right = kind.old.get(right or "", right)
        if right is not None:
            self.warn(key, right, member.key_span)
            return right
        if kind.properties:
            self.diagnostics.warning(
                "arm/unknown-property",
                f"An image template has no property {key} here",
                "It is kept for the way back; newer API versions refuse it." + did_you_mean(key, kind.properties),
                member.key_span,
            )
        return key

    def type(self, node: Node, kind: Kind) -> Node:
        """A value of a list of values that is known, in its right case."""
        if not isinstance(node, Scalar) or not isinstance(node.value, str) or node.value in kind.types:
            return node
        said = node.value.lower()
        right = kind.old_types.get(said) or next((t for t in kind.types if t.lower() == said), None)
        if right is None:
            return node
        self.warn(node.value, right, node.span)
        made = Scalar(node.file, node.start, node.end, right)
        self.leaves.same(made, node)
        return made

    def warn(self, said: str, right: str, span: Span) -> None:
        self.diagnostics.warning(
            "arm/old-spelling",
            f"{said} is called {right}",
            "It is read as that. The service ignores other names, and refuses them since API version 2024-02-01.",
            span,
        )
