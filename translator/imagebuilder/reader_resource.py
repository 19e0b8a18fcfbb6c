"""One image template resource as a source, its place in a build, and its steps."""

from __future__ import annotations

from bakelift.translator.imagebuilder.names import slug
from bakelift.translator.imagebuilder.reader_checks import check_image
from bakelift.translator.imagebuilder.reader_customizers import read_customizers
from bakelift.translator.imagebuilder.reader_ids import invertible, read_id
from bakelift.translator.imagebuilder.reader_outputs import SUFFIX, ask_for_group, read_outputs
from bakelift.translator.imagebuilder.reader_rest import REST, is_own, rest_of
from bakelift.translator.imagebuilder.reader_source import read_source
from bakelift.translator.imagebuilder.rest import fields
from bakelift.translator.imagebuilder.spelling import spelled
from bakelift.translator.imagebuilder.table import rows
from bakelift.translator.languages.arm import text_to_expr, value_to_expr
from bakelift.translator.languages.json.nodes import Array, Object, Scalar
from bakelift.translator.plan.expressions import Call, Expr, ListExpr, Literal, ObjectExpr
from bakelift.translator.plan.model import Setting, Source, SourceUse
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from bakelift.translator.diagnostics import Diagnostics
    from bakelift.translator.imagebuilder.customizers import Customizer
    from bakelift.translator.imagebuilder.raising import Raised
    from bakelift.translator.imagebuilder.raising.staged import StagedFiles
    from bakelift.translator.imagebuilder.reader_leaves import LeafTable
    from bakelift.translator.imagebuilder.reader_parameters import Parameters
    from bakelift.translator.languages.json.nodes import Node


class ReadImage(Record):
    """``build``: name of its build group; ``raised``: its steps, and the scripts that these name. ``beside``: the
    managed image that is made of its VHD.
    """

    build: str | None
    source: Source
    use: SourceUse
    raised: Raised
    beside: Object | None = None


#: Publishers whose images are Windows, where no customizer tells.
_WINDOWS = ("microsoftwindows", "microsoftsqlserver", "microsoftvisualstudio")


class ResourceReader:
    """Reads one resource. ``settings`` are filled in the order of the rows.

    A node that a setting says, so that a writer makes the same of it, is *taken*; what is left when all is read is what
    Packer has no word for, and becomes the setting ``image_template``.
    """

    def __init__(
        self,
        resource: Object,
        parameters: Parameters,
        leaves: LeafTable,
        deployment: bool,
        diagnostics: Diagnostics,
        staged: StagedFiles | None = None,
        managed_images: Sequence[Object] = (),
    ) -> None:
        self.staged = staged
        self.managed_images = managed_images
        self.beside: Object | None = None
        self.resource = spelled(resource, leaves, diagnostics)
        check_image(self.resource, diagnostics)
        self.parameters = parameters
        self.leaves = leaves
        self.deployment = deployment
        self.diagnostics = diagnostics
        self.settings: dict[str, Setting] = {}
        self.taken: set[int] = set()

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
        """What a value says; placeholders in it are inputs."""
        return self.parameters.placeholders.fill(self.said(node))

    def said(self, node: Node) -> Expr:
        return self.parameters.expr(node) if self.deployment else value_to_expr(node, expressions=False)

    def line(self, node: Node) -> Expr:
        """A line of a script."""
        return self.parameters.placeholders.fill(self.said(node), known_only=True)

    def take(self, *nodes: Node | None) -> None:
        """The nodes are said by settings."""
        self.taken.update(id(node) for node in nodes if node is not None)

    def put(self, name: str, value: Expr | None, *nodes: Node | None, take: bool = True) -> None:
        """``take`` False: the nodes say more than the setting."""
        if isinstance(value, Call) and value.operation in ("arm.int", "arm.bool"):
            value = value.args[0]  # Packer converts text by itself
            take = False
        if value is not None:
            self.settings[name] = Setting(value, tuple(leaf for node in nodes for leaf in self.leaves.of(node)))
            if take:
                self.take(*nodes)

    # -- parts --------------------------------------------------------------------------------------------------------

    def read(self) -> ReadImage:
        self.beside = read_source(self)
        self.plain_rows()
        self.data_disks()
        self.place()
        outputs = self.node("/properties/distribute")
        read_outputs(self, outputs if isinstance(outputs, Array) else None)
        self.tags()
        self.network()
        customizers = read_customizers(self)
        windows = self.is_windows(customizers)
        self.settings["os_type"] = Setting(Literal("Windows" if windows else "Linux"))
        own = is_own(self)
        raised = self.steps(customizers, windows, own)
        build, name, block = self.names()
        if own:
            ask_for_group(self)
        else:
            self.settings[REST] = rest_of(self)
        source = Source("azure-arm", block, self.settings, span=self.resource.span)
        use = SourceUse("azure-arm", block, None if name == block else name, span=self.resource.span)
        return ReadImage(build, source, use, raised, self.beside)

    def names(self) -> tuple[str | None, str, str]:
        """(build, name in it, source block): as the writer noted them, else the template's name."""
        node = self.resource.get("name")
        expr = self.expr(node) if node is not None else None
        made = getattr(expr, "name", "")
        if self.parameters.own.get(made) == "imageTemplateName":
            facts = self.parameters.notes.get(made, {})
            name = facts.get("source", "azure-arm.image").partition(".")[2]
            return facts.get("build"), name, facts.get("block", name)
        if isinstance(expr, Literal):
            return None, slug(str(expr.value)), slug(str(expr.value))
        output = self.node("/properties/distribute/0/runOutputName")
        said = self.expr(output) if output is not None else None
        found = SUFFIX.sub("", str(said.value)) if isinstance(said, Literal) else ""
        name = slug(found) if found else "image"
        return None, name, name

    def plain_rows(self) -> None:
        """Settings that a property says as it is."""
        for row in rows().values():
            if row.plain and row.to and "*" not in row.to and row.path not in ("template_identity", "subnet_id"):
                node = self.node(row.to)
                if node is None or (row.path == "image_version" and self.is_latest(node)):
                    continue
                expr = self.expr(node)
                if row.path == "os_disk_size_gb" and isinstance(expr, Literal) and not expr.value:
                    continue  # the size of the source's disk, which is what not saying it means
                if expr not in (ObjectExpr(()), ListExpr(())):
                    self.put(row.path, expr, node)

    def is_latest(self, node: Node) -> bool:
        """Packer's default, and what is written when nothing is said."""
        latest = self.expr(node) == Literal("latest")
        if latest:
            self.take(node)
        return latest

    def data_disks(self) -> None:
        node = self.node("/properties/additionalDataDisks")
        expr = self.expr(node) if node is not None else None
        items = [fields(item) for item in expr.items] if isinstance(expr, ListExpr) else []
        if items and all(set(item) == {"sizeGB"} for item in items):
            self.put("disk_additional_size", ListExpr(tuple(item["sizeGB"] for item in items)), node)

    def place(self) -> None:
        node = self.resource.get("location")
        if node is not None:
            if not self.deployment and self.said(node) == Literal("<location>"):
                self.take(node)
            else:
                self.put("location", self.expr(node), node)
        self.take(self.resource.get("type"))
        depends = self.resource.get("dependsOn")
        if isinstance(depends, Array) and not depends.items:
            self.take(depends)
        self.identity()

    def tags(self) -> None:
        """Where no distribution has tags: those of what the build makes, else of the template; policies ask so."""
        for node in (self.node("/properties/managedResourceTags"), self.resource.get("tags")):
            said = self.expr(node) if node is not None else ObjectExpr(())
            if "azure_tags" not in self.settings and said != ObjectExpr(()):
                self.put("azure_tags", said, node, take=False)

    def identity(self) -> None:
        whole = self.resource.get("identity")
        identity = self.node("/identity/userAssignedIdentities")
        if not isinstance(identity, Object) or not identity.members:
            return
        first = identity.members[0]
        key = text_to_expr(first.key, first.key_span, self.parameters.symbols) if self.deployment else None
        expr = Literal(first.key, first.key_span) if key is None else self.parameters.plain(key)
        expr = self.parameters.placeholders.fill(expr)
        simple = len(identity.members) == 1 and isinstance(first.value, Object) and not first.value.members
        type = self.node("/identity/type")
        simple = simple and isinstance(type, Scalar) and type.value == "UserAssigned"
        if self.parameters.made_for(expr) == "identityId" or (first.key == "<identityId>" and not self.deployment):
            self.take(whole)
        else:
            self.put("template_identity", expr, identity, take=False)
            if simple:
                self.take(whole)

    def network(self) -> None:
        names = {"name": "name", "subnetName": "subnet_name", "resourceGroupName": "resource_group_name"}
        for old, name in names.items():  # as the preview of 2019 said it
            node = self.node(f"/properties/vmProfile/vnetConfig/{old}")
            if node is not None:
                self.put(f"virtual_network_{name}", self.expr(node), node)
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
        same = invertible(self, found, expr)
        for name, value in parts.items():
            if not self.parameters.made_for(value):
                self.put(name, value, node, take=same)
            else:
                self.take(node)

    # -- steps --------------------------------------------------------------------------------------------------------

    def is_windows(self, customizers: list[Customizer]) -> bool:
        from bakelift.translator.imagebuilder.table_customizers import BY_RECORD

        if self.beside is not None:
            from bakelift.translator.imagebuilder.vhd import os_type

            return os_type(self.beside) == "Windows"
        kinds = [BY_RECORD[type(c)].windows for c in customizers]
        if True in kinds or False in kinds:
            return True in kinds
        publisher = self.settings.get("image_publisher")
        text = publisher.value.value if publisher is not None and isinstance(publisher.value, Literal) else ""
        return str(text).lower().startswith(_WINDOWS)

    def steps(self, customizers: list[Customizer], windows: bool, own: bool) -> Raised:
        from bakelift.translator.imagebuilder.raising import RaisingOptions, raise_steps

        options = RaisingOptions(windows=windows, staged=self.staged, all_names=not own, places=self.parameters.files)
        return raise_steps(customizers, self.diagnostics, options)
