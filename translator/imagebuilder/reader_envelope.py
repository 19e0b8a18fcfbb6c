"""What stands around the image templates of a deployment: outputs, other resources, details of parameters.

Packer has no word for it. It is kept in its own shape, as the attribute ``deployment`` of the Plan's opaque body: an
object as the deployment says it, without what the rest of the Plan says. In ``resources``, ``null`` stands in the place
of each image template.
"""

from __future__ import annotations

from bakelift.translator.imagebuilder.parameters import ORIGINAL_NAME
from bakelift.translator.imagebuilder.rest import DEPLOYMENT
from bakelift.translator.languages.json.nodes import Array, Object, Scalar
from bakelift.translator.plan.expressions import NULL, Expr, ListExpr, Literal, ObjectExpr
from bakelift.translator.plan.model import Attribute, Body, Setting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from bakelift.translator.imagebuilder.reader_leaves import LeafTable
    from bakelift.translator.imagebuilder.reader_parameters import Parameters
    from bakelift.translator.languages.json.nodes import Node
    from bakelift.translator.plan.model import Leaf

#: What the Plan says itself, or every deployment template has.
_SAID = frozenset({"$schema", "parameters", "variables", "resources"})
_SAID_OF_PARAMETER = frozenset({"type", "defaultValue", "allowedValues"})
#: Of a parameter's metadata: what the Plan says, or what the writer notes for its reader.
_SAID_OF_METADATA = frozenset(
    {"description", "environmentVariable", "type", "frozen", "declaredDefault", "declaredAllowed", ORIGINAL_NAME}
)


class Envelope:
    """Collects what is left of a deployment template. ``images``: the nodes that are image templates; ``said``: other
    resources that settings say.
    """

    def __init__(
        self,
        root: Object,
        images: list[Node],
        said: Sequence[Node | None],
        parameters: Parameters,
        leaves: LeafTable,
    ) -> None:
        self.root = root
        self.images = {id(node) for node in images}
        self.said = {id(node) for node in said if node is not None}
        self.parameters = parameters
        self.table = leaves
        self.leaves: list[Leaf] = []

    def body(self) -> Body:
        entries: list[tuple[Expr, Expr]] = []
        for member in self.root:
            if member.key not in _SAID:
                left = self.metadata(member.value) if member.key == "metadata" else self.own(member.key, member.value)
                entries += [] if left is None else [(Literal(member.key), left)]
        details = self.details()
        if details is not None:
            entries.append((Literal("parameters"), details))
        others = self.resources(self.root.get("resources"))
        if others is not None:
            entries.append((Literal("resources"), others))
        if not entries:
            return Body()
        whole = Setting(ObjectExpr(tuple(entries), self.root.span), tuple(self.leaves))
        return Body((Attribute(DEPLOYMENT, whole),))

    def own(self, key: str, node: Node) -> Expr | None:
        if key == "contentVersion" and isinstance(node, Scalar) and node.value == "1.0.0.0":
            return None
        return None if isinstance(node, (Object, Array)) and not list(node) else self.kept(node)

    def kept(self, node: Node) -> Expr:
        self.leaves += self.table.of(node)
        return self.parameters.placeholders.fill(self.parameters.expr(node))

    def metadata(self, node: Node) -> Expr | None:
        """Without who generated the file, and the hash of what it was then."""
        if not isinstance(node, Object):
            return self.kept(node)
        left = [m for m in node if m.key != "_generator"]
        self.table.answers += [leaf for m in node if m.key == "_generator" for leaf in self.table.of(m.value)]
        return ObjectExpr(tuple((Literal(m.key), self.kept(m.value)) for m in left)) if left else None

    def details(self) -> Expr | None:
        """Of parameters: limits, and metadata that is no description."""
        found: list[tuple[Expr, Expr]] = []
        parameters = self.root.get("parameters")
        names = {item.name for item in self.parameters.inputs}
        for member in parameters if isinstance(parameters, Object) else ():
            if member.key not in names or not isinstance(member.value, Object):
                continue
            left: list[tuple[Expr, Expr]] = []
            for part in member.value:
                if part.key == "metadata" and isinstance(part.value, Object):
                    more = [m for m in part.value if m.key not in _SAID_OF_METADATA]
                    entries = tuple((Literal(m.key), self.kept(m.value)) for m in more)
                    left += [(Literal("metadata"), ObjectExpr(entries))] if entries else []
                elif part.key not in _SAID_OF_PARAMETER:
                    left.append((Literal(part.key), self.kept(part.value)))
            if left:
                found.append((Literal(member.key), ObjectExpr(tuple(left))))
        return ObjectExpr(tuple(found)) if found else None

    def resources(self, node: Node | None) -> Expr | None:
        if isinstance(node, Array):
            left = [item for item in node if id(item) not in self.said]
            items = tuple(NULL if id(item) in self.images else self.kept(item) for item in left)
            return ListExpr(items) if any(item != NULL for item in items) else None
        if isinstance(node, Object):  # by symbolic names (languageVersion 2.0)
            return ObjectExpr(
                tuple(
                    (Literal(m.key), NULL if id(m.value) in self.images else self.kept(m.value))
                    for m in node
                    if id(m.value) not in self.said
                )
            )
        return None
