"""The expression tree that HCL, ARM and Packer's Go templates are syntaxes of.

A leaf of a :class:`~bakelift.translator.plan.model.Plan` is one of these nodes. A :class:`Call` names an *operation*: a
meaning, not a spelling. Each language has a table whose rows name the operation of each of its functions
(``languages/*/functions.py``); two functions with the same name and another meaning are two operations.
"""

from __future__ import annotations

from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from decimal import Decimal
    from typing import Literal as OneOf

    from bakelift.translator.diagnostics import Span

    Scalar = str | bool | int | Decimal | None
    RefKind = OneOf[
        "input",  # a variable or parameter of the template
        "named",  # a local, or an ARM variable
        "data",  # an attribute of a data source: name is "TYPE.NAME"
        "source",  # of the running source: "name", "type"
        "group",  # of the build block: "name"
        "build",  # generated data: "ID", "Host", "User", "Password", … (Packer's build.* and {{.X}}, build phase)
        "command",  # holes of an execute command: "Vars", "Path", "EnvVarFile", "Script", "Command"
        "path",  # "root" (the template's folder as given), "cwd"
        "packer",  # "version"
        "bound",  # bound by a for expression, a lambda or a dynamic block's iterator
        "vault",  # a secret of a Key Vault, which the build VM fetches
        "name",  # not resolved: the root of a traversal that no scope knows
    ]


class Expr(Record):
    """Base of all nodes. Each node type ends with ``span`` (None when it was made, not read)."""

    if TYPE_CHECKING:

        @property
        def span(self) -> Span | None: ...

    def children(self) -> tuple[Expr, ...]:
        """The direct sub-expressions, in order of their text."""
        found: list[Expr] = []
        for field in self._compared:
            value = getattr(self, field)
            if isinstance(value, Expr):
                found.append(value)
            elif isinstance(value, tuple):
                for item in value:
                    if isinstance(item, Expr):
                        found.append(item)
                    elif isinstance(item, tuple):
                        found += (part for part in item if isinstance(part, Expr))
        return tuple(found)

    def walk(self) -> Iterator[Expr]:
        """This node and all below it, depth first, without recursion."""
        stack: list[Expr] = [self]
        while stack:
            node = stack.pop()
            yield node
            if type(node) not in _LEAVES:
                stack += node.children()[::-1]


class Literal(Expr):
    """A known scalar. Numbers are ``int`` where whole, else ``decimal.Decimal``; ``None`` is null."""

    value: Scalar
    span: Span | None = None

    def children(self) -> tuple[Expr, ...]:
        return ()

    def __eq__(self, other: object) -> bool:
        # 1 == True in Python; a literal 1 is not a literal true.
        return (
            isinstance(other, Literal)
            and isinstance(self.value, bool) == isinstance(other.value, bool)
            and self.value == other.value
        )

    def __hash__(self) -> int:
        return hash((Literal, isinstance(self.value, bool), self.value))


class ListExpr(Expr):
    """``[a, b]``: a tuple constructor."""

    items: tuple[Expr, ...]
    span: Span | None = None

    def children(self) -> tuple[Expr, ...]:
        return self.items


class ObjectExpr(Expr):
    """``{k = v}``: an object constructor. A bare identifier as key is a string literal, ``(expr)`` an expression."""

    entries: tuple[tuple[Expr, Expr], ...]
    span: Span | None = None


class Template(Expr):
    """Text with interpolations: each part is converted to a string (as HCL does) and joined.

    In normal form adjacent literals are merged and nested templates flattened. A template of one interpolation alone
    does not exist: in HCL ``"${x}"`` is ``x`` itself.
    """

    parts: tuple[Expr, ...]
    span: Span | None = None

    def children(self) -> tuple[Expr, ...]:
        return self.parts


class Ref(Expr):
    """A symbol. ``kind`` says which scope binds it, and thereby its phase."""

    kind: RefKind
    name: str
    span: Span | None = None

    def children(self) -> tuple[Expr, ...]:
        return ()


def value_name(node: Expr) -> str | None:
    """The key, among the values of a Plan, of what a symbol names: ``NAME``, ``data.TYPE.NAME``; None for others."""
    if isinstance(node, Ref):
        if node.kind == "named":
            return node.name
        if node.kind == "data":
            return f"data.{node.name}"
    return None


class Index(Expr):
    """``target[key]``, and ``target.key`` with a string literal as key."""

    target: Expr
    key: Expr
    span: Span | None = None

    def children(self) -> tuple[Expr, ...]:
        return self.target, self.key


class Splat(Expr):
    """``target[*].…`` (full) or ``target.*.…``: ``each`` is applied to every element, which is Ref("bound", "*")."""

    target: Expr
    each: Expr
    full: bool = True
    span: Span | None = None


class Call(Expr):
    """An operation on arguments. ``expand``: the last argument is a list that is spread (``f(l...)``).

    Operators are operations too: ``add subtract multiply divide modulo negate not and or equal not_equal less
    less_equal greater greater_equal``. An unknown function of a language is ``"unknown:NAME"``.
    """

    operation: str
    args: tuple[Expr, ...]
    expand: bool = False
    span: Span | None = None

    def children(self) -> tuple[Expr, ...]:
        return self.args


class Conditional(Expr):
    """``condition ? then : otherwise``; only the taken branch is evaluated."""

    condition: Expr
    then: Expr
    otherwise: Expr
    span: Span | None = None


class For(Expr):
    """A for expression. With ``key`` it makes an object, else a tuple; ``group`` collects a key's values (``...``).

    ``key_name`` and ``value_name`` are bound as Ref("bound", NAME) in key, value and condition.
    """

    key_name: str | None
    value_name: str
    collection: Expr
    key: Expr | None
    value: Expr
    condition: Expr | None
    group: bool = False
    span: Span | None = None


class JoinedFor(Expr):
    """The template directive ``%{ for … }…%{ endfor }``: the values of ``loop`` as strings, joined with nothing."""

    loop: For
    span: Span | None = None


class Opaque(Expr):
    """Text of a language that has no meaning in the tree; only that language can print it."""

    language: str
    text: str
    span: Span | None = None


NULL = Literal(None)
TRUE = Literal(True)
FALSE = Literal(False)
EMPTY = Literal("")


#: Expressions without parts.
_LEAVES = frozenset((Literal, Ref))


def transform(node: Expr, visit: Callable[[Expr], Expr | None]) -> Expr:
    """Rebuilds a tree: ``visit`` returns the replacement of a node (which is not visited again), or None to go deeper.

    Nodes whose children did not change are kept, so spans survive.
    """
    replacement = visit(node)
    if replacement is not None:
        return replacement
    if type(node) not in _LEAVES:
        changes: dict[str, object] = {}
        for field in node._compared:
            value = getattr(node, field)
            if isinstance(value, Expr):
                new: object = transform(value, visit)
            elif isinstance(value, tuple):
                new = _transformed(value, visit)
            else:
                continue
            if new is not value:
                changes[field] = new
        if changes:
            return node.but(**changes)
    return node


def _transformed(items: tuple[object, ...], visit: Callable[[Expr], Expr | None]) -> tuple[object, ...]:
    new: list[object] = []
    changed = False
    for item in items:
        made: object = item
        if isinstance(item, Expr):
            made = transform(item, visit)
        elif isinstance(item, tuple):
            made = _transformed(item, visit)
        changed = changed or made is not item
        new.append(made)
    return tuple(new) if changed else items


def template(parts: list[Expr], span: Span | None = None) -> Expr:
    """A template in normal form: nested templates flattened, adjacent literals merged, empty text dropped.

    A single part that is known to be text is returned as it is; a single other part keeps its Template, because the
    conversion to a string is part of its meaning.
    """
    flat: list[Expr] = []
    for part in parts:
        for piece in part.parts if isinstance(part, Template) else (part,):
            if isinstance(piece, Literal) and isinstance(piece.value, str):
                if not piece.value:
                    continue
                if flat and isinstance(flat[-1], Literal) and isinstance(flat[-1].value, str):
                    flat[-1] = Literal(flat[-1].value + piece.value, flat[-1].span)
                    continue
            flat.append(piece)
    if not flat:
        return Literal("", span)
    if len(flat) == 1 and isinstance(flat[0], Literal) and isinstance(flat[0].value, str):
        return Literal(flat[0].value, span)
    return Template(tuple(flat), span)
