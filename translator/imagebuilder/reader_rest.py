"""What an image template says beside the settings: kept in its own shape, so that nothing is lost on a way through.

The setting ``image_template`` is an object as Image Builder says it, without what other settings say. ``null`` stands
for a property that a writer would make of the settings, and that the template does not have. In ``distribute`` there
is an entry for each distribution, with its type at least. A template that is just what bakelift writes has no such
setting: what is written for a Plan of Packer's reads as that Plan.
"""

from __future__ import annotations

from bakelift.translator.imagebuilder.reader_outputs import SUFFIX
from bakelift.translator.imagebuilder.rest import REST
from bakelift.translator.imagebuilder.versions import API_VERSIONS, MANAGED_RESOURCE_TAGS, OLDEST_WRITTEN, has
from bakelift.translator.languages.arm import text_to_expr
from bakelift.translator.languages.json.nodes import Array, Object, Scalar
from bakelift.translator.plan.expressions import NULL, Expr, ListExpr, Literal, ObjectExpr
from bakelift.translator.plan.model import Setting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.imagebuilder.reader_resource import ResourceReader
    from bakelift.translator.languages.json.nodes import Node
    from bakelift.translator.plan.model import Leaf

__all__ = ["REST", "is_own", "rest_of"]

#: What the writer makes of other settings, so that it need not be the same.
_MADE = frozenset({"name", "apiVersion", "tags"})
_MADE_PROPERTIES = frozenset({"managedResourceTags", "distribute"})
_MADE_OUTPUT = frozenset(
    {"type", "runOutputName", "artifactTags", "location", "targetRegions", "replicationRegions", "storageAccountType"}
)


def is_own(reader: ResourceReader) -> bool:
    """Whether the template is just what the writer makes of its settings."""
    rest = _Rest(reader)
    resource, properties = reader.resource, reader.node("/properties")
    outputs = _objects(reader.node("/properties/distribute"))
    named = [_text(output.get("runOutputName")) for output in outputs]
    if not isinstance(properties, Object) or not all(name and SUFFIX.search(name) for name in named):
        return False
    name, version = resource.get("name"), _text(resource.get("apiVersion"))
    if reader.deployment:
        if name is None or reader.parameters.made_for(reader.expr(name)) != "imageTemplateName":
            return False
    elif name is not None or version is not None:
        return False
    if version is not None and not (version in API_VERSIONS and has(version, OLDEST_WRITTEN)):
        return False
    for node, made in ((resource, _MADE), (properties, _MADE_PROPERTIES), *((o, _MADE_OUTPUT) for o in outputs)):
        for member in node:
            if member.key not in made and member.value is not properties and rest.of(member.value) is not None:
                return False
    kinds = [_text(output.get("type")) for output in outputs]
    return len(set(kinds)) == len(kinds) and _tags_alike(reader, outputs, version)


def _tags_alike(reader: ResourceReader, outputs: list[Object], version: str | None) -> bool:
    """Whether all that is made has the same tags, as Packer sees to."""
    wanted = [reader.resource.get("tags"), *(output.get("artifactTags") for output in outputs)]
    managed = reader.node("/properties/managedResourceTags")
    if managed is not None or version is None or has(version, MANAGED_RESOURCE_TAGS):
        wanted.append(managed)
    said = [None if node is None else reader.expr(node) for node in wanted]
    return all(expr == said[0] for expr in said)


def rest_of(reader: ResourceReader) -> Setting:
    """What the settings do not say of a template that somebody else wrote."""
    rest = _Rest(reader)
    entries = rest.entries(reader.resource)
    return Setting(ObjectExpr(entries, reader.resource.span), tuple(rest.leaves))


class _Rest:
    def __init__(self, reader: ResourceReader) -> None:
        self.reader = reader
        self.leaves: list[Leaf] = []
        self.outputs = reader.node("/properties/distribute")

    def of(self, node: Node) -> Expr | None:
        """What is left of a value; None when nothing is."""
        if id(node) in self.reader.taken:
            return None
        if node is self.outputs and isinstance(node, Array):
            return self._distributions(node)
        if isinstance(node, Object) and node.members and self._any_taken(node):
            found = self.entries(node)
            return ObjectExpr(found, node.span) if found else None
        said = self.reader.expr(node)
        if self.reader.parameters.made_for(said):
            return None  # a parameter of the writer's own, which it makes again
        self.leaves += self.reader.leaves.of(node)
        return said

    def entries(self, node: Object) -> tuple[tuple[Expr, Expr], ...]:
        found: list[tuple[Expr, Expr]] = []
        for member in node:
            left = self.of(member.value)
            if left is not None:
                found.append((self._key(member.key), left))
        return tuple(found)

    def _key(self, key: str) -> Expr:
        reader = self.reader
        said: Expr = Literal(key)
        if reader.deployment:
            said = reader.parameters.plain(text_to_expr(key, None, reader.parameters.symbols))
        return reader.parameters.placeholders.fill(said)

    def _any_taken(self, node: Node) -> bool:
        """Whether a setting says a part of a value."""
        waiting = [node]
        while waiting:
            here = waiting.pop()
            if id(here) in self.reader.taken or here is self.outputs:
                return True
            if isinstance(here, Object):
                waiting += [member.value for member in here]
            elif isinstance(here, Array):
                waiting += here.items
        return False

    def _distributions(self, node: Array) -> Expr:
        items: list[Expr] = []
        for output in node:
            if not isinstance(output, Object):
                self.leaves += self.reader.leaves.of(output)
                items.append(self.reader.expr(output))
                continue
            entries = self.entries(output)
            if "azure_tags" in self.reader.settings and output.get("artifactTags") is None:
                entries = (*entries, (Literal("artifactTags"), NULL))
            items.append(ObjectExpr(entries, output.span))
        return ListExpr(tuple(items), node.span)


def _objects(node: Node | None) -> list[Object]:
    return [item for item in node if isinstance(item, Object)] if isinstance(node, Array) else []


def _text(node: Node | None) -> str | None:
    return node.value if isinstance(node, Scalar) and isinstance(node.value, str) else None
