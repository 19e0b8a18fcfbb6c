"""Writes expressions in ARM's template language, where it can say them with the same meaning."""

from __future__ import annotations

from bakelift.translator.languages.arm.functions import BY_OPERATION, LARGEST_INT, LONGEST, SMALLEST_INT
from bakelift.translator.languages.arm.kinds import PLAIN, is_list, kind_of
from bakelift.translator.languages.arm.terms import Apply, Property, Text, Verbatim, Whole, apply, arm_text
from bakelift.translator.plan.expressions import (
    EMPTY,
    Call,
    Conditional,
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
)
from bakelift.translator.plan.types import BOOL, NUMBER, STRING, Dynamic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.languages.arm.kinds import Symbols
    from bakelift.translator.languages.arm.terms import Term
    from bakelift.translator.plan.expressions import Expr


class Unprintable(Exception):
    """ARM cannot say an expression; the message says why, and ``node`` where."""

    def __init__(self, reason: str, node: Expr) -> None:
        super().__init__(reason)
        self.reason = reason
        self.node = node


def print_arm(expr: Expr, symbols: Symbols = PLAIN) -> str:
    """The expression's text, without the outer brackets. Raises :class:`Unprintable`."""
    text = arm_text(Printer(symbols).term(expr))
    if len(text) + 2 > LONGEST:
        raise Unprintable(f"an expression of ARM may have {LONGEST} characters, and this one has {len(text) + 2}", expr)
    return text


def term_of(expr: Expr, symbols: Symbols = PLAIN) -> Term:
    """The expression in ARM's terms, for another spelling of them. Raises :class:`Unprintable`."""
    return Printer(symbols).term(expr)


def printable(expr: Expr, symbols: Symbols = PLAIN) -> str | None:
    """Why ARM cannot say an expression; None when it can."""
    try:
        print_arm(expr, symbols)
    except Unprintable as problem:
        return problem.reason
    return None


_PHASES = {
    "build": "is known only while the image is built",
    "command": "belongs to an execute command",
    "source": "belongs to Packer's run",
    "group": "belongs to Packer's run",
    "path": "is a place on the machine that translates",
    "packer": "belongs to Packer's run",
    "data": "is asked for by a data source",
    "name": "is not known",
}

#: How HCL spells what a name belongs to.
_SPELLED = {"build": "build", "source": "source", "group": "build", "path": "path", "packer": "packer", "data": "data"}


class Printer:
    """Says expressions in ARM's terms, with the names and types of one template."""

    def __init__(self, symbols: Symbols) -> None:
        self.symbols = symbols

    def term(self, expr: Expr) -> Term:
        if isinstance(expr, Literal):
            return self.literal(expr)
        if isinstance(expr, Ref):
            return self.ref(expr)
        if isinstance(expr, Template):
            return self.template(expr)
        if isinstance(expr, Index):
            return self.index(expr)
        if isinstance(expr, Call):
            return self.call(expr)
        if isinstance(expr, Conditional):
            return apply("if", self.condition(expr.condition), self.term(expr.then), self.term(expr.otherwise))
        if isinstance(expr, ListExpr):
            return self.named("createArray", *expr.items)
        if isinstance(expr, ObjectExpr):
            return self.named("createObject", *(part for entry in expr.entries for part in entry))
        if isinstance(expr, (For, Splat, JoinedFor)):
            from bakelift.translator.languages.arm.loops import print_loop

            return print_loop(self, expr)
        if isinstance(expr, Opaque) and expr.language == "arm":
            return Verbatim(expr.text)
        raise Unprintable("ARM has no words for it", expr)

    def named(self, function: str, *args: Expr) -> Apply:
        return Apply(function, tuple([self.term(arg) for arg in args]))

    def literal(self, expr: Literal) -> Term:
        value = expr.value
        if value is None:
            return apply("null")
        if isinstance(value, bool):
            return apply("true" if value else "false")
        if isinstance(value, str):
            return Text(value)
        if not isinstance(value, int):
            if value.is_infinite():
                raise Unprintable("the number is infinite", expr)
            return apply("json", f"{value:f}")
        if not SMALLEST_INT <= value <= LARGEST_INT:
            return apply("json", str(value))
        return Whole(value)

    def ref(self, expr: Ref) -> Term:
        if expr.kind == "input":
            return apply("parameters", self.symbols.parameters.get(expr.name, expr.name))
        if expr.kind == "named":
            return apply("variables", self.symbols.variables.get(expr.name, expr.name))
        if expr.kind == "bound":
            return apply("lambdaVariables", expr.name)
        said = f"{_SPELLED[expr.kind]}.{expr.name}" if expr.kind in _SPELLED else expr.name
        raise Unprintable(f"{said} {_PHASES.get(expr.kind, 'has no counterpart in ARM')}", expr)

    def index(self, expr: Index) -> Term:
        target = self.term(expr.target)
        if isinstance(target, (Text, Whole)):
            raise Unprintable("only the result of a function has properties in ARM", expr)
        return Property(target, self.term(expr.key))

    def template(self, expr: Template) -> Term:
        """``format`` as Bicep writes it; ``concat`` where the text has braces, which a format would have to double."""
        parts = expr.parts
        if len(parts) == 1:
            return self.part(parts[0], alone=True)
        words = [p.value for p in parts if isinstance(p, Literal) and isinstance(p.value, str)]
        if any("{" in word or "}" in word for word in words):
            return Apply("concat", tuple([self.part(part, alone=True) for part in parts]))
        shape = ""
        holes: list[Term] = []
        for part in parts:
            if isinstance(part, Literal) and isinstance(part.value, str):
                shape += part.value
            else:
                shape += f"{{{len(holes)}}}"
                holes.append(self.part(part, alone=False))
        return Apply("format", (Text(shape), *holes))

    def part(self, part: Expr, alone: bool) -> Term:
        """A part of text. ARM prints a bool as ``True``; ``alone``: outside ``format``, where numbers are converted."""
        kind = kind_of(part, self.symbols)
        if kind == BOOL:
            return apply("toLower", self.named("string", part))
        if kind == STRING:
            return self.term(part)
        if isinstance(kind, Dynamic) and isinstance(part, Literal):
            raise Unprintable("null cannot stand in text", part)
        if is_list(kind) or (not isinstance(kind, Dynamic) and kind != NUMBER):
            raise Unprintable("a collection cannot stand in text", part)
        return self.named("string", part) if alone else self.term(part)

    def condition(self, expr: Expr) -> Term:
        term = self.term(expr)
        return apply("bool", term) if kind_of(expr, self.symbols) == STRING else term

    def number(self, expr: Expr) -> Term:
        term = self.term(expr)
        return apply("int", term) if kind_of(expr, self.symbols) == STRING else term

    def call(self, expr: Call) -> Term:
        if expr.expand:
            raise Unprintable("ARM cannot spread a list into arguments", expr)
        if expr.operation == "replace" and expr.args[1] != EMPTY:
            # Values are quoted at deployment with it, so it comes without the module of all others.
            return self.named("replace", *expr.args)
        if not expr.operation.startswith("arm."):
            from bakelift.translator.languages.arm.printing import PRINTERS

            special = PRINTERS.get(expr.operation)
            if special is not None:
                return special(self, expr)
        row = BY_OPERATION.get(expr.operation)
        if row is None:
            if expr.operation.startswith("unknown:") and "." in expr.operation:
                return self.named(expr.operation.removeprefix("unknown:"), *expr.args)
            raise Unprintable(f"ARM has no function for {expr.operation.removeprefix('unknown:')}", expr)
        if row.order and len(row.order) != len(expr.args):
            raise Unprintable(f"{expr.operation} has {len(expr.args)} arguments", expr)
        args = [expr.args[i] for i in row.order] if row.order else list(expr.args)
        return self.named(row.name, *args)
