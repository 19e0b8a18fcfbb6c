"""What a file of HCL's native syntax consists of: bodies with attributes and blocks, and the comments between them.

Expressions are the shared tree (:mod:`bakelift.translator.plan.expressions`); everything that has a text has its span.
"""

from __future__ import annotations

from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from bakelift.translator.diagnostics import SourceFile, Span
    from bakelift.translator.plan.expressions import Expr


class Comment(Record):
    """A comment. ``text`` is without its marker (``#``, ``//``, ``/* */``) and the blanks around it.

    ``own_line``: nothing but blanks stands before it on its line.
    """

    text: str
    own_line: bool
    span: Span


class Attribute(Record):
    """``name = value``. ``comments`` stand on the lines before it, ``trailing`` on its own line behind it.

    ``value_span`` covers the whole text of the value, also quotes and parentheses that leave no node.
    """

    name: str
    expr: Expr
    span: Span
    name_span: Span
    value_span: Span
    comments: tuple[Comment, ...] = ()
    trailing: tuple[Comment, ...] = ()

    _aside = Record._aside | {"name_span", "value_span", "trailing"}


class Label(Record):
    """A label of a block: its text, and whether it was written in quotes."""

    text: str
    quoted: bool
    span: Span


class Block(Record):
    """``type "label" { … }``. ``span`` is all of it; ``header_span`` the type and the labels."""

    type: str
    labels: tuple[Label, ...]
    body: Body
    span: Span
    type_span: Span
    header_span: Span
    comments: tuple[Comment, ...] = ()
    trailing: tuple[Comment, ...] = ()

    _aside = Record._aside | {"type_span", "header_span", "trailing"}

    @property
    def label_texts(self) -> tuple[str, ...]:
        return tuple(label.text for label in self.labels)


class Body(Record):
    """Attributes and blocks in the order of the text. ``comments`` are those behind the last of them.

    ``span`` goes from brace to brace, both included; for a file it is the whole text.
    """

    items: tuple[Attribute | Block, ...]
    span: Span
    comments: tuple[Comment, ...] = ()

    @property
    def attributes(self) -> dict[str, Attribute]:
        """The attributes by name; a name stands only once in a body."""
        return {item.name: item for item in self.items if isinstance(item, Attribute)}

    @property
    def blocks(self) -> tuple[Block, ...]:
        return tuple(item for item in self.items if isinstance(item, Block))

    def attribute(self, name: str) -> Attribute | None:
        return next((item for item in self.items if isinstance(item, Attribute) and item.name == name), None)

    def blocks_of(self, type: str) -> Iterator[Block]:
        return (item for item in self.items if isinstance(item, Block) and item.type == type)


class File(Record):
    """A whole file. ``comments`` lists every comment in order, attached ones too.

    ``ambiguous_keys``: places of references that stand as keys of objects, which HCL parses and refuses to evaluate.
    """

    body: Body
    comments: tuple[Comment, ...]
    source: SourceFile
    ambiguous_keys: tuple[Span, ...] = ()

    _aside = Record._aside | {"source", "ambiguous_keys"}
