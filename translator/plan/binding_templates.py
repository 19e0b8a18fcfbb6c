"""Values that are Go templates themselves: a variable or local of HCL may hold ``{{.Vars}} sudo {{.Path}}``.

Packer renders HCL first and the result as a Go template. Where such a value is known, its text is read here, so that
what is folded or bound never has an unread ``{{``.
"""

from __future__ import annotations

from bakelift.translator.plan.expressions import Expr, Literal, Ref, transform
from bakelift.translator.plan.inlining import check_size
from bakelift.translator.plan.values import to_expr

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bakelift.translator.plan.expressions import RefKind
    from bakelift.translator.plan.model import Plan
    from bakelift.translator.plan.values import Value


class Braced:
    """The inputs and named values of a Plan whose text holds Go template actions."""

    def __init__(self, plan: Plan, inputs: Mapping[str, Value], frozen: Callable[[str, str], None]) -> None:
        self.frozen = frozen
        self.values: dict[tuple[RefKind, str], Expr] = {}
        if plan.origin is None or plan.origin.format != "hcl":
            return
        for name, value in inputs.items():
            if value.wholly_known() and _has_braces(expr := to_expr(value)):
                self.values["input", name] = expr
        named: dict[tuple[RefKind, str], Expr] = {("named", item.name): item.value for item in plan.named}
        named |= {("data", f"{d.type}.{d.name}"): d.value for d in plan.data if d.value is not None}
        grew = True
        while grew:
            grew = False
            for key, expr in named.items():
                if key not in self.values and (_has_braces(expr) or self._mentions(expr)):
                    self.values[key] = expr
                    grew = True

    def read(self, expr: Expr) -> Expr:
        """The expression with every mention of such a value replaced by what its text means.

        Each input that is replaced is frozen: a template cannot be a parameter. Raises TemplateError for a text that is
        no Go template.
        """
        if not self.values or not self._mentions(expr):
            return expr
        check_size(expr, self.values, _symbol)
        return self._read(expr, ())

    def _mentions(self, expr: Expr) -> bool:
        return any(isinstance(node, Ref) and (node.kind, node.name) in self.values for node in expr.walk())

    def _read(self, expr: Expr, inside: tuple[tuple[RefKind, str], ...]) -> Expr:
        from bakelift.translator.languages.go_template.functions import HCL_FIELDS
        from bakelift.translator.languages.go_template.reading import COMMAND_HOLES, parse_expression

        def visit(node: Expr) -> Expr | None:
            if not isinstance(node, Ref):
                return None
            key = (node.kind, node.name)
            if key not in self.values or key in inside:
                return None
            if node.kind == "input":
                self.frozen(node.name, "its value is a Go template")
            text = parse_expression(self.values[key], HCL_FIELDS, holes=COMMAND_HOLES)
            return self._read(text, (*inside, key))

        return transform(expr, visit)


def _symbol(node: Expr) -> tuple[RefKind, str] | None:
    return (node.kind, node.name) if isinstance(node, Ref) else None


def _has_braces(expr: Expr) -> bool:
    return any(isinstance(node, Literal) and isinstance(node.value, str) and "{{" in node.value for node in expr.walk())
