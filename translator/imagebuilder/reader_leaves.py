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
        self._below: dict[int, tuple[Leaf, ...]] = {}
        self._walk(root, "")

    def of(self, node: Node | None) -> tuple[Leaf, ...]:
        """The leaves that a value is or holds."""
        return self._below.get(id(node), ()) if node is not None else ()

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
