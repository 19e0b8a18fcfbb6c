"""From the expression tree to Go template text."""

from __future__ import annotations

from bakelift.translator.languages.go_template.constants import escaped, quoted
from bakelift.translator.languages.go_template.functions import BY_OPERATION, BY_REF
from bakelift.translator.languages.go_template.generated import GENERATED
from bakelift.translator.languages.go_template.meaning import TRUTH
from bakelift.translator.plan.expressions import (
    Call,
    Conditional,
    Expr,
    Index,
    Literal,
    Opaque,
    Ref,
    Template,
)


class Unprintable(Exception):
    """Go templates cannot say an expression. ``expr``: the part that they cannot."""

    def __init__(self, expr: Expr) -> None:
        super().__init__(f"no Go template says {expr!r}")
        self.expr = expr


def print_template(expr: Expr, *, again: bool = False, command: bool = False) -> str:
    """The text of a Go template that means ``expr``, which is text or gives text.

    ``again``: Packer renders the text until nothing changes, so no escaping keeps literal ``{{`` and such text is
    Unprintable. ``command``: it is an execute command, where generated data is ``{{.X}}``. Raises :class:`Unprintable`.
    """
    pieces = print_parts(expr, again=again, command=command)
    for piece in pieces:
        if isinstance(piece, Expr):
            raise Unprintable(piece)
    return "".join(piece for piece in pieces if isinstance(piece, str))


def printable(expr: Expr, *, again: bool = False) -> bool:
    """Whether :func:`print_template` can print it."""
    try:
        print_template(expr, again=again)
    except Unprintable:
        return False
    return True


def print_parts(expr: Expr, *, again: bool = False, command: bool = False) -> list[str | Expr]:
    """The text with what Go templates cannot say left as expressions, for an outer language (HCL) to interpolate.

    Such an expression, never a Literal, stands between pieces of text, or between the quotes of a string inside an
    action. Raises Unprintable where neither is possible.
    """
    printer = _Printer(again, command)
    printer.template(expr)
    return printer.finished()


def escape_text(text: str) -> str:
    """Literal text such that Packer's rendering gives it back: ``{{`` becomes ``{{`{{`}}``."""
    return text.replace("{{", "{{`{{`}}")


class _Printer:
    def __init__(self, again: bool, command: bool) -> None:
        self.again = again
        self.command = command
        self.pieces: list[str | Expr] = []
        self.literal = ""

    # Text

    def template(self, expr: Expr) -> None:
        for part in expr.parts if isinstance(expr, Template) else (expr,):
            self.part(part)

    def part(self, part: Expr) -> None:
        if isinstance(part, Literal) and isinstance(part.value, str):
            self.literal += part.value
            return
        if isinstance(part, Template):
            self.template(part)
            return
        if isinstance(part, Opaque) and part.language == "go":
            self.flush(part.text)
            return
        try:
            if isinstance(part, Conditional):
                self.conditional(part)
                return
            inside = self.operand(part, outermost=True)
            if isinstance(part, Literal) and part.value is None:
                raise Unprintable(part)
        except Unprintable:
            self.flush(part)
            return
        self.flush("{{", *inside, "}}")

    def conditional(self, node: Conditional) -> None:
        """``{{if}}…{{else}}…{{end}}``; the condition is the argument of the truth test."""
        condition = node.condition
        if not (isinstance(condition, Call) and condition.operation == TRUTH):
            raise Unprintable(node)
        self.flush("{{if ", *self.operand(condition.args[0], outermost=True), "}}")
        self.template(node.then)
        if not (isinstance(node.otherwise, Literal) and node.otherwise.value == ""):
            self.flush("{{else}}")
            self.template(node.otherwise)
        self.flush("{{end}}")

    def flush(self, *pieces: str | Expr) -> None:
        """Writes the literal text gathered so far, then pieces that start an action or an interpolation."""
        if self.again and "{{" in self.literal:
            raise Unprintable(Literal(self.literal))
        text = escape_text(self.literal)
        if (
            text.endswith("{") and pieces and isinstance(pieces[0], str)
        ):  # {{{user `x`}} would begin the action one brace early
            brace = "{{`{`}}"
            text = text[:-1] + (escape_text(brace) if self.again else brace)
        self.literal = ""
        self.pieces += [piece for piece in (text, *pieces) if piece != ""]

    def finished(self) -> list[str | Expr]:
        self.flush()
        joined: list[str | Expr] = []
        for piece in self.pieces:
            if isinstance(piece, str) and joined and isinstance(joined[-1], str):
                joined[-1] += piece
            else:
                joined.append(piece)
        return joined

    # Actions

    def operand(self, node: Expr, outermost: bool = False) -> list[str | Expr]:
        """A value inside an action; a call that is an argument stands in parentheses."""
        if isinstance(node, Literal):
            return [self.constant(node)]
        if isinstance(node, Ref):
            return self.symbol(node, outermost)
        if isinstance(node, Index):
            return self.index(node)
        if isinstance(node, Call):
            return self.call(node, outermost)
        if isinstance(node, Template):
            return self.string(node)
        raise Unprintable(node)

    def constant(self, node: Literal) -> str:
        value = node.value
        if isinstance(value, str):
            if self.again and "{{" in value:
                raise Unprintable(node)
            return quoted(value)
        if value is None:
            return "nil"
        if isinstance(value, bool):
            return "true" if value else "false"
        return str(value)

    def string(self, node: Template) -> list[str | Expr]:
        """A string with the outer language's interpolations in it; parts that Go can say are joined by ``print``."""
        words: list[list[str | Expr]] = []
        quoted_now: list[str | Expr] = []
        for part in node.parts:
            try:
                inside = None if isinstance(part, Literal) and isinstance(part.value, str) else self.operand(part)
            except Unprintable:
                quoted_now.append(part)
                continue
            if inside is None:
                assert isinstance(part, Literal)
                self.constant(part)
                quoted_now.append(str(part.value))
                continue
            if quoted_now:
                words.append(_raw(quoted_now))
                quoted_now = []
            words.append(inside)
        if quoted_now:
            words.append(_raw(quoted_now))
        if len(words) == 1 and words[0][0] in ('"', "`"):
            return words[0]
        return ["(print", *(piece for word in words for piece in (" ", *word)), ")"]

    def symbol(self, node: Ref, outermost: bool) -> list[str | Expr]:
        kind, name = node.kind, node.name
        if kind == "command" or (kind == "build" and (self.command or name not in GENERATED)):
            if not name.isidentifier():
                raise Unprintable(node)
            return [f".{name}"]
        fixed = BY_REF.get((kind, name))
        if fixed is not None:
            return [fixed.name]
        named = BY_REF.get((kind, None))
        if named is None:
            raise Unprintable(node)
        text = f"{named.name} {quoted(name)}"
        return [text if outermost else f"({text})"]

    def index(self, node: Index) -> list[str | Expr]:
        key = node.key
        if not (isinstance(key, Literal) and isinstance(key.value, str) and key.value.isidentifier()):
            raise Unprintable(node)
        target = self.operand(node.target)
        if isinstance(node.target, Literal):
            target = ["(", *target, ")"]
        return [*target, f".{key.value}"]

    def call(self, node: Call, outermost: bool) -> list[str | Expr]:
        row = BY_OPERATION.get(node.operation)
        name = row.name if row else node.operation.removeprefix("unknown:")
        if node.expand or (row is None and name == node.operation):
            raise Unprintable(node)
        if row is not None and not row.takes(len(node.args)):
            raise Unprintable(node)
        pieces: list[str | Expr] = [name]
        for arg in node.args:
            pieces += [" ", *self.operand(arg)]
        if outermost or not node.args:
            return pieces
        return ["(", *pieces, ")"]


def _raw(pieces: list[str | Expr]) -> list[str | Expr]:
    """Text and interpolations as a Go string, in backquotes where its text can stand there."""
    text = "".join(piece for piece in pieces if isinstance(piece, str))
    if "`" not in text and (text.isprintable() or not text):
        return ["`", *pieces, "`"]
    return ['"', *(escaped(piece) if isinstance(piece, str) else piece for piece in pieces), '"']
