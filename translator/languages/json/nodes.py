"""What JSON text says, with places. Nodes are made in bulk, so they are plain slotted classes; compare their data."""

from __future__ import annotations

from bakelift.translator.diagnostics import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from decimal import Decimal

    from bakelift.translator.diagnostics import SourceFile
    from bakelift.translator.languages.arm.kinds import Symbols
    from bakelift.translator.plan.expressions import Expr


class Node:
    """Base of Object, Array and Scalar: ``[start, end)`` of the value in its file."""

    __slots__ = ("end", "file", "start")

    #: What messages call it.
    kind = "value"

    def __init__(self, file: SourceFile, start: int, end: int) -> None:
        self.file = file
        self.start = start
        self.end = end

    @property
    def span(self) -> Span:
        return Span(self.file, self.start, self.end)

    def data(self) -> object:
        """Plain data: dict, list, str, int, Decimal, bool, None."""
        raise NotImplementedError


class Member:
    """``"key": value`` of an object."""

    __slots__ = ("key", "key_end", "key_start", "value")

    def __init__(self, key: str, key_start: int, key_end: int, value: Node) -> None:
        self.key = key
        self.key_start = key_start
        self.key_end = key_end
        self.value = value

    @property
    def key_span(self) -> Span:
        """Of the quoted key."""
        return Span(self.value.file, self.key_start, self.key_end)

    @property
    def span(self) -> Span:
        """From the key to the end of the value."""
        return Span(self.value.file, self.key_start, self.value.end)


class Object(Node):
    """``{…}``: its members in the order of the text."""

    __slots__ = ("members",)
    kind = "object"

    def __init__(self, file: SourceFile, start: int, end: int, members: tuple[Member, ...]) -> None:
        super().__init__(file, start, end)
        self.members = members

    def member(self, key: str) -> Member | None:
        return next((m for m in self.members if m.key == key), None)

    def get(self, key: str) -> Node | None:
        member = self.member(key)
        return member.value if member else None

    def __iter__(self) -> Iterator[Member]:
        return iter(self.members)

    def data(self) -> dict[str, object]:
        return {m.key: m.value.data() for m in self.members}


class Array(Node):
    """``[…]``."""

    __slots__ = ("items",)
    kind = "array"

    def __init__(self, file: SourceFile, start: int, end: int, items: tuple[Node, ...]) -> None:
        super().__init__(file, start, end)
        self.items = items

    def __iter__(self) -> Iterator[Node]:
        return iter(self.items)

    def data(self) -> list[object]:
        return [item.data() for item in self.items]


class Scalar(Node):
    """A string, number (``int`` where whole, else ``Decimal``), true, false or null."""

    __slots__ = ("value",)

    def __init__(self, file: SourceFile, start: int, end: int, value: str | int | Decimal | bool | None) -> None:
        super().__init__(file, start, end)
        self.value = value

    @property
    def kind(self) -> str:  # type: ignore[override]
        if self.value is None:
            return "null"
        if isinstance(self.value, bool):
            return "boolean"
        return "string" if isinstance(self.value, str) else "number"

    def data(self) -> str | int | Decimal | bool | None:
        return self.value


class Computed(Node):
    """A value of a document that another syntax says as an expression.

    ``expr``: what it says, given the types of the template's names; it may raise TemplateError.
    """

    __slots__ = ("expr",)
    kind = "expression"

    def __init__(self, file: SourceFile, start: int, end: int, expr: Callable[[Symbols], Expr]) -> None:
        super().__init__(file, start, end)
        self.expr = expr

    @staticmethod
    def of(value: Expr, span: Span) -> Computed:
        """What is an expression already."""
        return Computed(span.file, span.start, span.end, lambda _symbols: value)

    def data(self) -> str:
        """As it is written, in the brackets of an expression of ARM's."""
        return f"[{self.span.text}]"
