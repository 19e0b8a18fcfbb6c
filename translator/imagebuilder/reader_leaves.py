"""The leaves of a JSON document: a key whose value is not a non-empty object and not a list of objects."""

from __future__ import annotations

from bakelift.translator.languages.json.nodes import Array, Object
from bakelift.translator.plan.model import Leaf

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.languages.json.nodes import Node


class LeafTable:
    """Every leaf of a document, in order, and those below any of its values."""

    def __init__(self, root: Node) -> None:
        self.all: list[Leaf] = []
        #: Leaves of what only an answer of the service holds.
        self.answers: list[Leaf] = []
        self._below: dict[int, tuple[Leaf, ...]] = {}
        #: Nodes that were made, kept so that no other gets the identity of one that is gone.
        self._made: list[Node] = []
        self._walk(root, "")

    def of(self, node: Node | None) -> tuple[Leaf, ...]:
        """The leaves that a value is or holds."""
        return self._below.get(id(node), ()) if node is not None else ()

    def same(self, made: Node, original: Node) -> None:
        """A node that was made of another has its leaves."""
        self._made.append(made)
        self._below[id(made)] = self.of(original)

    def answer(self, node: Node) -> None:
        """The node is of no use in a template."""
        self.answers += self.of(node)

    def _walk(self, node: Node, path: str) -> tuple[Leaf, ...]:
        found: tuple[Leaf, ...] = ()
        if isinstance(node, Object) and node.members:
            for member in node:
                found += self._walk(member.value, f"{path}.{member.key}" if path else member.key)
        elif isinstance(node, Array) and node.items and all(isinstance(item, Object) for item in node):
            for index, item in enumerate(node):
                found += self._walk(item, f"{path}[{index}]")
        else:
            leaf = Leaf(path, node.span)
            self.all.append(leaf)
            found = (leaf,)
        self._below[id(node)] = found
        return found
