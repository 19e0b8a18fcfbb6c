"""One image template resource as a source, its place in a build, and its steps."""

from __future__ import annotations

import re

from bakelift.translator.imagebuilder.names import slug
from bakelift.translator.imagebuilder.reader_ids import read_id
from bakelift.translator.imagebuilder.reader_outputs import read_outputs
from bakelift.translator.imagebuilder.table import rows
from bakelift.translator.imagebuilder.table_customizers import BY_TYPE
from bakelift.translator.languages.arm import text_to_expr, value_to_expr
from bakelift.translator.languages.json.nodes import Array, Object, Scalar
from bakelift.translator.plan.expressions import Call, Expr, Literal, ObjectExpr
from bakelift.translator.plan.model import Setting, Source, SourceUse
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.diagnostics import Diagnostics
    from bakelift.translator.imagebuilder.customizers import Customizer
    from bakelift.translator.imagebuilder.raising import Raised
    from bakelift.translator.imagebuilder.raising.staged import StagedFiles
    from bakelift.translator.imagebuilder.reader_ids import ResourceId
    from bakelift.translator.imagebuilder.reader_leaves import LeafTable
    from bakelift.translator.imagebuilder.reader_parameters import Parameters
    from bakelift.translator.languages.json.nodes import Node


class ReadImage(Record):
    """``build``: name of its build group; ``raised``: its steps, and the scripts that these name."""

    build: str | None
    source: Source
    use: SourceUse
    raised: Raised


#: What the writer adds to a template's name in the names of its run outputs.
_SUFFIX = re.compile(r"-(managed|gallery|vhd)$")

#: Publishers whose images are Windows, where no customizer tells.
_WINDOWS = ("microsoftwindows", "microsoftsqlserver", "microsoftvisualstudio")


class ResourceReader:
    """Reads one resource. ``settings`` are filled in the order of the rows."""

    def __init__(
        self,
        resource: Object,
        parameters: Parameters,
        leaves: LeafTable,
        deployment: bool,
        diagnostics: Diagnostics,
        staged: StagedFiles | None = None,
    ) -> None:
        self.staged = staged
        self.resource = resource
        self.parameters = parameters
        self.leaves = leaves
        self.deployment = deployment
        self.diagnostics = diagnostics
        self.settings: dict[str, Setting] = {}

    # -- looking ------------------------------------------------------------------------------------------------------

    def node(self, pointer: str) -> Node | None:
        """The value at a JSON pointer inside the resource."""
        node: Node | None = self.resource
        for part in pointer.strip("/").split("/"):
            if isinstance(node, Array):
                node = node.items[int(part)] if part.isdigit() and int(part) < len(node.items) else None
            else:
                node = node.get(part) if isinstance(node, Object) else None
        return node

    def expr(self, node: Node) -> Expr:
        if not self.deployment:
            return value_to_expr(node, expressions=False)
        return self.parameters.expr(node)

    def setting(self, node: Node | None) -> Setting | None:
        return None if node is None else Setting(self.expr(node), self.leaves.of(node))

    def put(self, name: str, value: Expr | None, *nodes: Node | None) -> None:
        if isinstance(value, Call) and value.operation in ("arm.int", "arm.bool"):
            value = value.args[0]  # Packer converts text by itself
        if value is not None:
            self.settings[name] = Setting(value, tuple(leaf for node in nodes for leaf in self.leaves.of(node)))

    # -- parts --------------------------------------------------------------------------------------------------------

    def read(self) -> ReadImage:
        self.source()
        self.plain_rows()
        self.place()
        outputs = self.node("/properties/distribute")
        read_outputs(self, outputs if isinstance(outputs, Array) else None)
        self.network()
        customizers = self.customizers()
        windows = self.is_windows(customizers)
        self.settings["os_type"] = Setting(Literal("Windows" if windows else "Linux"))
        raised = self.steps(customizers, windows)
        build, name = self.names()
        source = Source("azure-arm", name, self.settings, span=self.resource.span)
        return ReadImage(build, source, SourceUse("azure-arm", name, span=self.resource.span), raised)

    def names(self) -> tuple[str | None, str]:
        """(build, source): as the writer noted them, else the template's name."""
        node = self.resource.get("name")
        expr = self.expr(node) if node is not None else None
        made = getattr(expr, "name", "")
        if self.parameters.own.get(made) == "imageTemplateName":
            facts = self.parameters.notes.get(made, {})
            return facts.get("build"), facts.get("source", "azure-arm.image").partition(".")[2]
        if isinstance(expr, Literal):
            return None, slug(str(expr.value))
        output = self.node("/properties/distribute/0/runOutputName")
        said = self.expr(output) if output is not None else None
        found = _SUFFIX.sub("", str(said.value)) if isinstance(said, Literal) else ""
        return None, slug(found) if found else "image"

    def plain_rows(self) -> None:
        """Settings that a property says as it is."""
        for row in rows().values():
            if row.plain and row.to and "*" not in row.to and row.path not in ("template_identity", "subnet_id"):
                node = self.node(row.to)
                if node is not None:
                    self.put(row.path, self.expr(node), node)
        if self.settings.get("image_version", Setting(Literal(""))).value == Literal("latest"):
            del self.settings["image_version"]  # Packer's default, and what is written when nothing is said

    def place(self) -> None:
        node = self.resource.get("location")
        if node is not None:
            expr = self.expr(node)
            if expr != Literal("<location>"):
                self.put("location", expr, node)
        identity = self.node("/identity/userAssignedIdentities")
        if isinstance(identity, Object) and identity.members:
            first = identity.members[0]
            key = text_to_expr(first.key, first.key_span, self.parameters.symbols) if self.deployment else None
            expr = Literal(first.key, first.key_span) if key is None else self.parameters.plain(key)
            made = self.parameters.made_for(expr) == "identityId" or first.key == "<identityId>"
            if not made:
                self.put("template_identity", expr, identity)
        tags = self.resource.get("tags")
        if tags is not None and not (isinstance(tags, Object) and not tags.members):
            self.put("azure_tags", self.expr(tags), tags, self.node("/properties/managedResourceTags"))

    def source(self) -> None:
        for pointer, block in (("imageId", "custom_managed_image"), ("imageVersionId", "shared_image_gallery")):
            node = self.node(f"/properties/source/{pointer}")
            if node is None:
                continue
            expr = self.expr(node)
            found = read_id(expr)
            if block == "custom_managed_image":
                if found is not None and len(found.names) == 1:
                    self.own_subscription(found, node)
                    self.put("custom_managed_image_name", found.names[0], node)
                    self.put("custom_managed_image_resource_group_name", found.group, node)
                else:
                    self.put("custom_managed_image_id", expr, node)
                continue
            if found is not None and len(found.names) == 3:
                self.put(f"{block}.subscription", found.subscription, node)
                self.put(f"{block}.resource_group", found.group, node)
                for name, value in zip(("gallery_name", "image_name", "image_version"), found.names, strict=True):
                    if not (name == "image_version" and value == Literal("latest")):
                        self.put(f"{block}.{name}", value, node)
            elif isinstance(expr, Literal) and str(expr.value).lower().startswith("/sharedgalleries/"):
                self.put(f"{block}.direct_shared_gallery_image_id", expr, node)
            else:
                self.put(f"{block}.id", expr, node)

    def own_subscription(self, found: ResourceId, node: Node) -> None:
        """A subscription in the id of a managed image or subnet is Packer's own, for these have no other."""
        if found.subscription is not None and found.subscription != Literal("<subscriptionId>"):
            self.put("subscription_id", found.subscription, node)

    def network(self) -> None:
        node = self.node("/properties/vmProfile/vnetConfig/subnetId")
        if node is None:
            return
        expr = self.expr(node)
        found = read_id(expr)
        if found is None or len(found.names) != 2:
            self.put("subnet_id", expr, node)
            return
        parts = {
            "virtual_network_name": found.names[0],
            "virtual_network_subnet_name": found.names[1],
            "virtual_network_resource_group_name": found.group,
        }
        for name, value in parts.items():
            if not self.parameters.made_for(value):
                self.put(name, value, node)
        self.own_subscription(found, node)

    # -- steps --------------------------------------------------------------------------------------------------------

    def customizers(self) -> list[Customizer]:
        listed = self.node("/properties/customize")
        found: list[Customizer] = []
        for node in listed if isinstance(listed, Array) else ():
            type = node.get("type") if isinstance(node, Object) else None
            kind = BY_TYPE.get(str(type.value)) if isinstance(type, Scalar) else None
            if kind is None or not isinstance(node, Object):
                what = type.value if isinstance(type, Scalar) else None
                self.diagnostics.error("arm/customizer", f"{what!r} is no type of customizer", span=node.span)
                continue
            fields: dict[str, object] = {}
            for field, name in kind.properties:
                value = node.get(name)
                if value is None:
                    continue
                if field == "inline":
                    items = value.items if isinstance(value, Array) else (value,)
                    fields[field] = tuple(self.expr(item) for item in items)
                else:
                    fields[field] = self.expr(value)
            found.append(kind.record(**fields, leaves=self.leaves.of(node)))  # type: ignore[call-arg]
        return found

    def is_windows(self, customizers: list[Customizer]) -> bool:
        from bakelift.translator.imagebuilder.table_customizers import BY_RECORD

        kinds = [BY_RECORD[type(c)].windows for c in customizers]
        if True in kinds or False in kinds:
            return True in kinds
        publisher = self.settings.get("image_publisher")
        text = publisher.value.value if publisher is not None and isinstance(publisher.value, Literal) else ""
        return str(text).lower().startswith(_WINDOWS)

    def steps(self, customizers: list[Customizer], windows: bool) -> Raised:
        from bakelift.translator.imagebuilder.raising import RaisingOptions, raise_steps

        return raise_steps(customizers, self.diagnostics, RaisingOptions(windows=windows, staged=self.staged))


def read_resource(
    resource: Object,
    parameters: Parameters,
    leaves: LeafTable,
    deployment: bool,
    diagnostics: Diagnostics,
    staged: StagedFiles | None = None,
) -> ReadImage:
    """One image of a template."""
    return ResourceReader(resource, parameters, leaves, deployment, diagnostics, staged).read()


def fields_of(expr: Expr) -> dict[str, Expr]:
    """The entries of an object constructor whose keys are text."""
    if not isinstance(expr, ObjectExpr):
        return {}
    return {str(key.value): value for key, value in expr.entries if isinstance(key, Literal)}
