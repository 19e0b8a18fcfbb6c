"""What a Bicep file says, as it is spelled: statements, and expressions with their operators.

Two trees are equal when they say the same; spans and comments aside. Source of the grammar:
github.com/Azure/bicep, docs/grammar.md and src/Bicep.Core/Parsing.
"""

from __future__ import annotations

from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from bakelift.translator.diagnostics import Span


class Node(Record):
    """Base of all nodes. ``span`` is None where a node was made, not read."""

    _aside = Record._aside | {"after"}

    if TYPE_CHECKING:

        @property
        def span(self) -> Span | None: ...

    def children(self) -> tuple[Node, ...]:
        """The direct parts, in order of their text."""
        found: list[Node] = []
        for field in self._compared:
            value = getattr(self, field)
            if isinstance(value, Node):
                found.append(value)
            elif isinstance(value, tuple):
                found += (item for item in value if isinstance(item, Node))
        return tuple(found)

    def walk(self) -> Iterator[Node]:
        """This node and all below it, depth first, without recursion."""
        stack: list[Node] = [self]
        while stack:
            node = stack.pop()
            yield node
            stack += node.children()[::-1]


# -- expressions ------------------------------------------------------------------------------------------------------


class Word(Node):
    """``true``, ``false`` or ``null``."""

    value: bool | None
    span: Span | None = None


class Number(Node):
    """A whole number of 64 bits; a minus before it belongs to it."""

    value: int
    span: Span | None = None


class Text(Node):
    """A string. ``parts``: text, and expressions in its holes; text is not escaped, and never empty beside others."""

    parts: tuple[str | Node, ...]
    span: Span | None = None

    @property
    def plain(self) -> str | None:
        """Its text; None where it has holes."""
        if not self.parts:
            return ""
        return self.parts[0] if len(self.parts) == 1 and isinstance(self.parts[0], str) else None


class Name(Node):
    """A symbol: a parameter, variable, resource, module, lambda's variable, or a type."""

    name: str
    span: Span | None = None


class Entry(Node):
    """``key: value`` of an object. ``key`` is a Text also where it was written without quotes.

    In a type the key None is ``*``. ``decorators``: of a property of an object type.
    """

    key: Node | None
    value: Node
    decorators: tuple[Call, ...] = ()
    span: Span | None = None
    comments: tuple[str, ...] = ()


class Item(Node):
    """One element of an array."""

    value: Node
    decorators: tuple[Call, ...] = ()
    span: Span | None = None
    comments: tuple[str, ...] = ()


class Spread(Node):
    """``...value`` in an object or array."""

    value: Node
    span: Span | None = None
    comments: tuple[str, ...] = ()


class Object(Node):
    """``{ … }``: entries, spreads, and in a resource's body nested resources. ``after``: comments behind the last."""

    entries: tuple[Node, ...]
    span: Span | None = None
    after: tuple[str, ...] = ()


class Array(Node):
    """``[ … ]``: items and spreads. ``after``: comments behind the last."""

    items: tuple[Node, ...]
    span: Span | None = None
    after: tuple[str, ...] = ()


class For(Node):
    """``[for item in collection: body]``, or ``[for (item, index) in collection: body]``."""

    item: str
    index: str | None
    collection: Node
    body: Node
    span: Span | None = None


class If(Node):
    """``if (condition) { … }``: a resource or module that may not be there."""

    condition: Node
    body: Node
    span: Span | None = None


class Unary(Node):
    """``!operand`` and ``-operand``."""

    operator: str
    operand: Node
    span: Span | None = None


class Binary(Node):
    """``left operator right``; the operators are in :data:`PRECEDENCE`."""

    operator: str
    left: Node
    right: Node
    span: Span | None = None


class Ternary(Node):
    """``condition ? then : otherwise``."""

    condition: Node
    then: Node
    otherwise: Node
    span: Span | None = None


class Access(Node):
    """``target.key`` and ``target[key]``; ``safe``: ``target.?key``, ``target[?key]``; ``from_end``: ``target[^n]``."""

    target: Node
    key: Node
    safe: bool = False
    from_end: bool = False
    span: Span | None = None


class Nested(Node):
    """``target::name``: a resource inside another."""

    target: Node
    name: str
    span: Span | None = None


class NonNull(Node):
    """``target!``: for the compiler only."""

    target: Node
    span: Span | None = None


class Call(Node):
    """``function(args)``, and ``target.function(args)`` of a namespace or a resource."""

    function: str
    args: tuple[Node, ...]
    target: Node | None = None
    span: Span | None = None


class Lambda(Node):
    """``(parameters) => body``; one parameter stands without brackets."""

    parameters: tuple[str, ...]
    body: Node
    span: Span | None = None


class TypeOf(Node):
    """A type made of another: ``T[]`` (``suffix`` "[]") and ``T?`` (``suffix`` "?")."""

    type: Node
    suffix: str
    span: Span | None = None


class Union(Node):
    """``'a' | 'b'``: any of several types."""

    types: tuple[Node, ...]
    span: Span | None = None


class Generic(Node):
    """``name<arguments>``: ``resourceInput<'…'>``."""

    name: str
    arguments: tuple[Node, ...]
    span: Span | None = None


# -- statements -------------------------------------------------------------------------------------------------------


class Statement(Node):
    """Base. ``decorators`` stand before it, ``comments`` before those or behind it on its line."""

    if TYPE_CHECKING:

        @property
        def decorators(self) -> tuple[Call, ...]: ...

        @property
        def comments(self) -> tuple[str, ...]: ...


class Scope(Statement):
    """``targetScope = value``."""

    value: Node
    decorators: tuple[Call, ...] = ()
    span: Span | None = None
    comments: tuple[str, ...] = ()


class Metadata(Statement):
    """``metadata name = value``."""

    name: str
    value: Node
    decorators: tuple[Call, ...] = ()
    span: Span | None = None
    comments: tuple[str, ...] = ()


class Parameter(Statement):
    """``param name type = default``; in a file of parameters ``param name = value``."""

    name: str
    type: Node | None
    default: Node | None = None
    decorators: tuple[Call, ...] = ()
    span: Span | None = None
    comments: tuple[str, ...] = ()


class Variable(Statement):
    """``var name = value``."""

    name: str
    value: Node
    type: Node | None = None
    decorators: tuple[Call, ...] = ()
    span: Span | None = None
    comments: tuple[str, ...] = ()


class Resource(Statement):
    """``resource name 'type@version' [existing] = body``. ``header``: up to the body, for messages."""

    name: str
    type: Text
    body: Node
    existing: bool = False
    decorators: tuple[Call, ...] = ()
    header: Span | None = None
    span: Span | None = None
    comments: tuple[str, ...] = ()

    _aside = Statement._aside | {"header"}


class Module(Statement):
    """``module name 'path' = body``."""

    name: str
    path: Text
    body: Node
    decorators: tuple[Call, ...] = ()
    span: Span | None = None
    comments: tuple[str, ...] = ()


class Output(Statement):
    """``output name type = value``."""

    name: str
    type: Node
    value: Node
    decorators: tuple[Call, ...] = ()
    span: Span | None = None
    comments: tuple[str, ...] = ()


class Type(Statement):
    """``type name = value``."""

    name: str
    value: Node
    decorators: tuple[Call, ...] = ()
    span: Span | None = None
    comments: tuple[str, ...] = ()


class Function(Statement):
    """``func name(parameters) type => body``. ``parameters``: entries of name and type."""

    name: str
    parameters: tuple[Entry, ...]
    type: Node
    body: Node
    decorators: tuple[Call, ...] = ()
    span: Span | None = None
    comments: tuple[str, ...] = ()


class Using(Statement):
    """``using 'file'`` (or ``none``) and ``extends 'file'``: the file is one of parameters."""

    keyword: str
    path: Node
    decorators: tuple[Call, ...] = ()
    span: Span | None = None
    comments: tuple[str, ...] = ()


class Import(Statement):
    """``import``, ``extension``, ``provider``, ``test``, ``assert``: kept as text, since it is only reported."""

    keyword: str
    text: str
    decorators: tuple[Call, ...] = ()
    span: Span | None = None
    comments: tuple[str, ...] = ()


class File(Node):
    """A whole file. ``after``: comments behind the last statement; ``before``: of the file, apart from the first."""

    statements: tuple[Statement, ...]
    span: Span | None = None
    after: tuple[str, ...] = ()
    before: tuple[str, ...] = ()

    _aside = Node._aside | {"before"}


#: Binary operators by how strongly they bind; all are left-associative.
PRECEDENCE = {
    "??": 30,
    "||": 40,
    "&&": 50,
    **dict.fromkeys(("==", "!=", "=~", "!~"), 70),
    **dict.fromkeys(("<", "<=", ">", ">="), 80),
    **dict.fromkeys(("+", "-"), 90),
    **dict.fromkeys(("*", "/", "%"), 100),
}
