"""What the parts of the legacy JSON reader share: diagnostics, the leaves of the template, places in its strings."""

from __future__ import annotations

from bakelift.translator.diagnostics import Span
from bakelift.translator.languages.json.nodes import Array, Node, Object, Scalar
from bakelift.translator.languages.json.parser import inner_offset
from bakelift.translator.plan.model import Leaf

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bakelift.translator.diagnostics import Diagnostics


class Reading:
    """One reading of one template. ``declared``: names of its variables; ``implied``: names that it uses all the same
    in options, and ``required``: in other variables, with the first place.

    A leaf is a key whose value is neither a non-empty object nor a list that holds objects; where a list mixes
    objects with other items, each of these is a leaf too.
    """

    def __init__(self, root: Object, diagnostics: Diagnostics) -> None:
        self.root = root
        self.diagnostics = diagnostics
        self.leaves: list[Leaf] = []
        self.declared: set[str] = set()
        self.implied: dict[str, Span | None] = {}
        self.required: dict[str, Span | None] = {}
        self._leaf_of: dict[int, Leaf] = {}
        self._members(root, "")

    def _members(self, node: Object, prefix: str) -> None:
        for member in node:
            self._value(member.value, prefix + member.key, member.span)

    def _value(self, node: Node, path: str, span: Span) -> None:
        if isinstance(node, Object) and node.members:
            self._members(node, path + ".")
        elif isinstance(node, Array) and holds_objects(node):
            for at, item in enumerate(node):
                if isinstance(item, Object):
                    self._members(item, f"{path}[{at}].")
                else:
                    self._value(item, f"{path}[{at}]", item.span)
        else:
            leaf = Leaf(path, span)
            self.leaves.append(leaf)
            self._leaf_of[id(node)] = leaf

    def leaves_of(self, *nodes: Node | None) -> tuple[Leaf, ...]:
        """The leaves that values hold, in order."""
        found: list[Leaf] = []
        waiting: list[Node | None] = list(reversed(nodes))
        while waiting:
            node = waiting.pop()
            if node is None:
                continue
            leaf = self._leaf_of.get(id(node))
            if leaf is not None:
                found.append(leaf)
            elif isinstance(node, Object):
                waiting.extend(member.value for member in reversed(node.members))
            elif isinstance(node, Array):
                waiting.extend(reversed(node.items))
        return tuple(found)

    def error(self, code: str, summary: str, detail: str, span: Span | None) -> None:
        self.diagnostics.error(code, summary, detail, span)

    def warning(self, code: str, summary: str, detail: str, span: Span | None) -> None:
        self.diagnostics.warning(code, summary, detail, span)


def holds_objects(node: Array) -> bool:
    """Whether a list, or a list in it, holds an object."""
    return any(isinstance(i, Object) or (isinstance(i, Array) and holds_objects(i)) for i in node)


def places(node: Scalar) -> Callable[[int, int], Span]:
    """Where a range of a string's value stands in the file."""

    def place(start: int, end: int) -> Span:
        return Span(node.file, inner_offset(node, start), inner_offset(node, end))

    return place


def text_of(node: Node | None) -> str | None:
    """The value of a string node."""
    return node.value if isinstance(node, Scalar) and isinstance(node.value, str) else None


def go_type(node: Node) -> str:
    """What Go calls the type of a decoded value."""
    names = {"string": "string", "number": "float64", "boolean": "bool", "null": "nil"}
    names |= {"array": "[]interface {}", "object": "map[string]interface {}"}
    return names[node.kind]


def expected(what: str, wanted: str, node: Node) -> str:
    """The decoder's message for a value of the wrong type."""
    if wanted == "slice":
        return f"'{what}': source data must be an array or slice, got {_short(node)}"
    return f"'{what}' expected type '{wanted}', got unconvertible type '{go_type(node)}'"


def _short(node: Node) -> str:
    return {"array": "slice", "object": "map", "number": "float64", "boolean": "bool"}.get(node.kind, node.kind)


def quoted_list(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
