"""The expression tree to HCL's native syntax.

``parse_expression(print_expr(expr)) == expr`` for every tree in normal form that HCL can say. The text is ASCII; the
formatter (:mod:`.format`) still has to indent it.
"""

from __future__ import annotations

from bakelift.translator.languages.hcl.functions import BINARY, NAMES, UNARY
from bakelift.translator.languages.hcl.go_texts import GoTexts, cannot_say, is_text
from bakelift.translator.languages.hcl.strings import escape, heredoc, is_identifier, quote
from bakelift.translator.plan.expressions import (
    Call,
    Conditional,
    Expr,
    For,
    Index,
    JoinedFor,
    ListExpr,
    Literal,
    ObjectExpr,
    Opaque,
    Ref,
    Splat,
    Template,
    transform,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.plan.expressions import Scalar

    Piece = str | tuple[str, str]  # literal text, or a sequence: its kind ($ or %) and source

_OPERATORS = {operation: (symbol, level) for symbol, (level, operation) in BINARY.items()}
_SIGNS = {operation: symbol for symbol, operation in UNARY.items()}
_CONDITIONAL, _UNARY, _TERM = 0, 7, 8
_WIDTH = 100
#: Functions whose arguments are values themselves, which Packer renders when the field is rendered.
_PASS_THROUGH = frozenset({"concat", "coalesce", "coalescelist", "compact", "distinct", "flatten", "merge", "try"})
#: The root of each kind of symbol; the symbol's name follows as an attribute.
_ROOTS = {"input": "var", "named": "local", "source": "source", "build": "build", "group": "build"}
_ROOTS |= {"path": "path", "packer": "packer"}


def print_expr(
    expr: Expr,
    *,
    plugin_field: bool = False,
    command: bool = False,
    again: bool = False,
    lines: bool = False,
    indent: int = 0,
) -> str:
    """HCL of an expression; several lines where that reads better.

    ``plugin_field``: the value is an option of a source, provisioner or post-processor, which Packer renders as a Go
    template after HCL: what only Go templates can say is written so, and literal ``{{`` is escaped. ``command``: the
    field stands where HCL has no ``build`` symbols (an execute command, a source): generated data is ``{{.X}}``.
    ``again``: Packer renders it twice. ``lines``: a list of several items has a line for each, as commands have in a
    script. ``indent``: nesting of the line, for heredocs.

    Raises :class:`TemplateError` (``hcl/cannot-say``) for what HCL has no words for.
    """
    return _Printer(plugin_field, command, again, lines).value(expr, indent, wide=True)


def can_print(expr: Expr, *, plugin_field: bool = False) -> bool:
    """Whether :func:`print_expr` has words for it."""
    from bakelift.translator.diagnostics import TemplateError

    try:
        print_expr(expr, plugin_field=plugin_field)
    except TemplateError:
        return False
    return True


class _Printer(GoTexts):
    """``value`` prints what becomes the option's value; ``expr`` what only takes part in computing it."""

    def __init__(self, plugin_field: bool, command: bool, again: bool, lines: bool = False) -> None:
        super().__init__(command, again)
        self.plugin_field = plugin_field
        self.lines = lines

    # Values

    def value(self, node: Expr, indent: int, wide: bool = False) -> str:
        """``wide``: may have several lines."""
        if isinstance(node, ListExpr):
            return self.list_value(node, indent, wide)
        if isinstance(node, ObjectExpr):
            return self.object_value(node, indent, wide)
        if not self.plugin_field:
            if wide and isinstance(node, (Literal, Template)):
                return self.text(node, indent)
            return self.expr(node)
        if isinstance(node, Conditional) and not self.needs_go(node.condition):
            return self.conditional(node, values=True)
        if isinstance(node, For) and not self.needs_go(node.collection):
            return self.loop(node, values=True)
        if isinstance(node, Call) and node.operation in _PASS_THROUGH:
            args = ", ".join(self.value(arg, indent) for arg in node.args)
            return f"{NAMES[node.operation]}({args}{'...' if node.expand else ''})"
        if isinstance(node, (Literal, Template)) or self.needs_go(node):
            return self.text(node, indent if wide else None)
        return self.expr(node)

    def list_value(self, node: ListExpr, indent: int, wide: bool) -> str:
        items = [self.value(item, indent + 1, wide=False) for item in node.items]
        line = f"[{', '.join(items)}]"
        if not wide:
            return line
        wider = [self.value(item, indent + 1, wide=True) for item in node.items]
        documents = any(item.startswith("<<") for item in wider)
        structured = len(items) > 1 and (self.lines or any(isinstance(i, (ObjectExpr, ListExpr)) for i in node.items))
        if not (structured or documents or len(line) + 2 * indent > _WIDTH):
            return line
        if documents and len(items) == 1:
            return f"[\n{wider[0]}\n]"
        # The line that ends a heredoc has nothing else on it.
        return "[\n" + "".join(f"{item}\n,\n" if item.startswith("<<") else f"{item},\n" for item in wider) + "]"

    def object_value(self, node: ObjectExpr, indent: int, wide: bool) -> str:
        if not node.entries:
            return "{}"
        keys = [self.key(key) for key, _ in node.entries]
        if wide:
            values = [self.value(value, indent + 1, wide=True) for _, value in node.entries]
            return "{\n" + "".join(f"{k} = {v}\n" for k, v in zip(keys, values, strict=True)) + "}"
        values = [self.value(value, indent + 1) for _, value in node.entries]
        return "{ " + ", ".join(f"{k} = {v}" for k, v in zip(keys, values, strict=True)) + " }"

    def key(self, key: Expr) -> str:
        if isinstance(key, Literal):
            if isinstance(key.value, str):
                return key.value if is_identifier(key.value) and key.value != "for" else quote(key.value)
            if isinstance(key.value, int) and not isinstance(key.value, bool) and key.value >= 0:
                return str(key.value)
        if isinstance(key, Template):
            return self.template(key)
        return f"({self.expr(key)})"

    def text(self, node: Expr, indent: int | None) -> str:
        """A value that is text as far as this field is concerned; ``indent`` None: on one line."""
        if isinstance(node, Literal) and not isinstance(node.value, str):
            return _scalar(node.value)
        pieces = self.pieces(self.with_go(node) if self.plugin_field else node)
        if len(pieces) == 1 and not isinstance(pieces[0], str) and pieces[0][0] == "$":
            if not isinstance(node, Template):
                return pieces[0][1][2:-1]
            pieces.append(("$", '${""}'))
        if indent is not None and pieces:
            document = heredoc(pieces, "  " * (indent + 1))
            if document is not None:
                return document
        return _quoted(pieces)

    # Templates

    def template(self, node: Template) -> str:
        pieces = self.pieces(node)
        if len(pieces) == 1 and not isinstance(pieces[0], str) and pieces[0][0] == "$":
            pieces.append(("$", '${""}'))
        return _quoted(pieces)

    def pieces(self, node: Expr) -> list[Piece]:
        """Literal text and sequences of a template's inside; adjacent texts are one."""
        pieces: list[Piece] = []
        for part in node.parts if isinstance(node, Template) else (node,):
            if isinstance(part, Literal) and isinstance(part.value, str):
                new: list[Piece] = [part.value] if part.value else []
            elif isinstance(part, Conditional) and is_text(part.then) and is_text(part.otherwise):
                new = [("%", f"%{{ if {self.expr(part.condition)} }}"), *self.pieces(part.then)]
                if part.otherwise != Literal(""):
                    new += [("%", "%{ else }"), *self.pieces(part.otherwise)]
                new.append(("%", "%{ endif }"))
            elif isinstance(part, JoinedFor):
                new = self.joined(part)
            else:
                new = [self.sequence(part)]
            for piece in new:
                if isinstance(piece, str) and pieces and isinstance(before := pieces[-1], str):
                    pieces[-1] = before + piece
                else:
                    pieces.append(piece)
        return pieces

    def joined(self, node: JoinedFor) -> list[Piece]:
        loop = node.loop
        if loop.condition is not None or loop.key is not None:
            return [("$", f'${{join("", {self.loop(loop)})}}')]
        names = f"{loop.key_name}, {loop.value_name}" if loop.key_name is not None else loop.value_name
        opener = f"%{{ for {names} in {self.expr(loop.collection)} }}"
        return [("%", opener), *self.pieces(loop.value), ("%", "%{ endfor }")]

    def sequence(self, node: Expr) -> tuple[str, str]:
        if isinstance(node, Template):
            return "$", f"${{{self.template(node)}}}"
        source = self.expr(node)
        if source.startswith("{"):
            source = f" {source} "
        return "$", f"${{{source}}}"

    # Expressions

    def expr(self, node: Expr, level: int = 0) -> str:
        """On one line; in parentheses where it binds looser than ``level``."""
        if isinstance(node, Call):
            return self.call(node, level)
        if isinstance(node, Literal):
            return _scalar(node.value, level)
        if isinstance(node, Ref):
            return self.symbol(node)
        if isinstance(node, Index):
            return self.index(node)
        if isinstance(node, Template):
            return self.template(node)
        if isinstance(node, Conditional):
            source = self.conditional(node)
            return f"({source})" if level > _CONDITIONAL else source
        if isinstance(node, ListExpr):
            return f"[{', '.join(self.expr(item) for item in node.items)}]"
        if isinstance(node, ObjectExpr):
            entries = ", ".join(f"{self.key(k)} = {self.expr(v)}" for k, v in node.entries)
            return f"{{ {entries} }}" if entries else "{}"
        if isinstance(node, For):
            return self.loop(node)
        if isinstance(node, Splat):
            return self.splat(node)
        if isinstance(node, JoinedFor):
            return _quoted(self.joined(node))
        if isinstance(node, Opaque) and node.language == "hcl":
            return node.text
        raise cannot_say(node)

    def conditional(self, node: Conditional, values: bool = False) -> str:
        condition = self.expr(node.condition, _CONDITIONAL + 1)
        if values:
            return f"{condition} ? {self.value(node.then, 0)} : {self.value(node.otherwise, 0)}"
        return f"{condition} ? {self.expr(node.then)} : {self.expr(node.otherwise)}"

    def call(self, node: Call, level: int) -> str:
        operation = node.operation
        if operation in _OPERATORS and len(node.args) == 2 and not node.expand:
            own = _OPERATORS[operation][1]
            source = self.operators(node, own)
        elif operation in _SIGNS and len(node.args) == 1 and not node.expand:
            own = _UNARY
            source = _SIGNS[operation] + self.expr(node.args[0], _UNARY)
        else:
            name = NAMES.get(operation) or operation.removeprefix("unknown:")
            if name == operation and operation not in NAMES:
                raise cannot_say(node, f"the operation {operation}")
            args = ", ".join(self.expr(arg) for arg in node.args)
            return f"{name}({args}{'...' if node.expand else ''})"
        return f"({source})" if level > own else source

    def operators(self, node: Call, own: int) -> str:
        """Operators associate to the left; a long chain is walked without recursion."""
        pieces: list[str] = []
        left: Expr = node
        while isinstance(left, Call) and left.operation in _OPERATORS and _OPERATORS[left.operation][1] == own:
            symbol = _OPERATORS[left.operation][0]
            pieces += [self.expr(left.args[1], own + 1), f" {symbol} "]
            left = left.args[0]
        pieces.append(self.expr(left, own))
        return "".join(reversed(pieces))

    def symbol(self, node: Ref) -> str:
        kind, name = node.kind, node.name
        if kind in ("bound", "name"):
            return name
        if kind == "data":
            return f"data.{name}"
        if kind == "path" and name == "template_dir":
            return "abspath(path.root)"
        root = _ROOTS.get(kind)
        if root is None:
            raise cannot_say(node, f"{kind} symbols outside of plugin fields")
        return f"{root}.{name}" if is_identifier(name) else f"{root}[{quote(name)}]"

    def index(self, node: Index) -> str:
        steps: list[str] = []
        target: Expr = node
        while isinstance(target, Index):
            steps.append(self.step(target.key))
            target = target.target
        return self.target(target, steps[-1]) + "".join(reversed(steps))

    def step(self, key: Expr) -> str:
        if isinstance(key, Literal) and isinstance(key.value, str) and is_identifier(key.value):
            return f".{key.value}"
        return f"[{self.expr(key)}]"

    def target(self, node: Expr, following: str) -> str:
        """A term that a step follows."""
        numeric = isinstance(node, Literal) and not isinstance(node.value, (str, bool, type(None)))
        if numeric or (isinstance(node, Splat) and (node.full or following[0] == ".")):
            return f"({self.expr(node)})"
        return self.expr(node, _TERM)

    def loop(self, node: For, values: bool = False) -> str:
        names = f"{node.key_name}, {node.value_name}" if node.key_name is not None else node.value_name
        source = f"for {names} in {self.expr(node.collection)} : "
        if node.key is not None:
            source += f"{self.expr(node.key)} => "
        source += self.value(node.value, 0) if values else self.expr(node.value)
        if node.group:
            source += "..."
        if node.condition is not None:
            source += f" if {self.expr(node.condition)}"
        return f"[{source}]" if node.key is None else f"{{ {source} }}"

    def splat(self, node: Splat) -> str:
        each = self.each(node.each, node.full)
        if each is None:
            return self.loop(For(None, "item", node.target, None, _renamed(node.each), None))
        marker = "[*]" if node.full else ".*"
        return self.target(node.target, marker) + marker + each

    def each(self, node: Expr, full: bool) -> str | None:
        """The steps behind a splat marker; None when it is more than steps."""
        if isinstance(node, Ref) and node.kind == "bound" and node.name == "*":
            return ""
        if isinstance(node, Index):
            before = self.each(node.target, full) if not isinstance(node.target, Splat) else None
            if before is None:
                return None
            if full:
                return before + self.step(node.key)
            key = node.key.value if isinstance(node.key, Literal) else None
            return f"{before}.{key}"
        if isinstance(node, Splat) and full:
            before = self.each(node.target, full)
            inner = self.each(node.each, node.full)
            return None if before is None or inner is None else f"{before}{'[*]' if node.full else '.*'}{inner}"
        return None


def _quoted(pieces: list[Piece]) -> str:
    done: list[str] = []
    for at, piece in enumerate(pieces):
        if isinstance(piece, str):
            following = pieces[at + 1] if at + 1 < len(pieces) else ""
            done.append(escape(piece, "" if isinstance(following, str) else following[0]))
        else:
            done.append(piece[1])
    return f'"{"".join(done)}"'


def _scalar(value: Scalar, level: int = 0) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quote(value)
    source = str(value) if isinstance(value, int) else format(value, "f")
    return f"({source})" if value < 0 and level > _UNARY else source


def _renamed(node: Expr) -> Expr:
    def visit(inner: Expr) -> Expr | None:
        if isinstance(inner, Splat):
            return inner.but(target=transform(inner.target, visit))
        return Ref("bound", "item") if isinstance(inner, Ref) and (inner.kind, inner.name) == ("bound", "*") else None

    return transform(node, visit)
