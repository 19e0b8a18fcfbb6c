"""Texts in the fields of components: what Go templates say in them, and what HCL says."""

from __future__ import annotations

from bakelift.translator.diagnostics import fail
from bakelift.translator.languages.go_template.generated import GENERATED
from bakelift.translator.languages.hcl.functions import BINARY, NAMES, UNARY
from bakelift.translator.plan.expressions import (
    Call,
    Conditional,
    Expr,
    JoinedFor,
    Literal,
    Opaque,
    Ref,
    Template,
    template,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.diagnostics import TemplateError

_OPERATORS = frozenset(operation for _, operation in BINARY.values()) | frozenset(UNARY.values())


def cannot_say(expr: Expr, what: str = "") -> TemplateError:
    """The error for what HCL has no words for."""
    summary = f"HCL cannot express {what or _named(expr)}"
    return fail("hcl/cannot-say", summary, "Packer's HCL has no counterpart.", expr.span)


def _named(node: Expr) -> str:
    if isinstance(node, Call):
        return f"the operation {node.operation}"
    if isinstance(node, Ref):
        return f"the {node.kind} symbol {node.name}"
    if isinstance(node, Literal) and isinstance(node.value, str) and "{{" in node.value:
        return "literal {{ in an option that Packer renders until nothing is left to render"
    return f"this {type(node).__name__}"


def is_text(node: Expr) -> bool:
    return isinstance(node, Template) or (isinstance(node, Literal) and isinstance(node.value, str))


class GoTexts:
    """``command``: generated data is ``{{.X}}``. ``again``: Packer renders the text twice."""

    def __init__(self, command: bool, again: bool) -> None:
        self.command = command
        self.again = again

    def needs_go(self, node: Expr) -> bool:
        return any(self.only_go(n) for n in node.walk())

    def only_go(self, node: Expr) -> bool:
        if isinstance(node, Call):
            operation = node.operation
            known = operation in NAMES and not operation.startswith("go.")
            return not (known or operation in _OPERATORS)
        if isinstance(node, Ref):
            if node.kind == "build":
                return self.command or node.name not in GENERATED
            return node.kind == "command"
        return isinstance(node, Opaque) and node.language == "go"

    def with_go(self, node: Expr) -> Expr:
        """The text with Go's actions as literal text, and literal braces escaped from Packer's second pass."""
        from bakelift.translator.languages.go_template.printer import Unprintable, print_parts

        kept: dict[int, Expr] = {}
        parts = node.parts if isinstance(node, Template) else (node,)
        prepared = Template(tuple(self.for_go(part, kept, operand=False) for part in parts))
        try:
            pieces = print_parts(prepared, again=self.again, command=self.command)
        except Unprintable as error:
            raise cannot_say(error.expr) from None
        return template([Literal(p) if isinstance(p, str) else kept.get(id(p), p) for p in pieces])

    def for_go(self, node: Expr, kept: dict[int, Expr], operand: bool = True) -> Expr:
        """What Go shall print. What HCL computes is put into ``kept``, and a placeholder for it, which Go cannot print
        and gives back, into the tree; as an operand of an action it stands in a string.
        """
        if isinstance(node, Literal):
            return node
        if isinstance(node, Template):
            return Template(tuple(self.for_go(part, kept, operand=False) for part in node.parts))
        if isinstance(node, Conditional) and not self.needs_go(node.condition):
            node = node.but(then=self.branch(node.then), otherwise=self.branch(node.otherwise))
        elif isinstance(node, JoinedFor) and not self.needs_go(node.loop.collection):
            node = node.but(loop=node.loop.but(value=self.branch(node.loop.value)))
        elif self.needs_go(node):
            if isinstance(node, Call):
                return node.but(args=tuple(self.for_go(arg, kept) for arg in node.args))
            if isinstance(node, Conditional):
                return node.but(
                    condition=self.for_go(node.condition, kept),
                    then=self.for_go(node.then, kept, operand=False),
                    otherwise=self.for_go(node.otherwise, kept, operand=False),
                )
            return node
        placeholder = Opaque("hcl", "")
        kept[id(placeholder)] = node
        return Template((placeholder,)) if operand else placeholder

    def branch(self, node: Expr) -> Expr:
        """A branch of an HCL conditional inside a text."""
        return self.with_go(node) if is_text(node) or self.needs_go(node) else node
