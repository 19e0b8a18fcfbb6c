"""``<placeholders>`` of a template, which somebody replaces before it is used: inputs of a Plan.

They are no parameters of a deployment: what is written for Image Builder has the text again, unless there is a value.
"""

from __future__ import annotations

import re

from bakelift.translator.plan.expressions import Call, Expr, Literal, Ref, Template, template, transform
from bakelift.translator.plan.model import Input
from bakelift.translator.plan.types import STRING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from bakelift.translator.diagnostics import Span
    from bakelift.translator.plan.model import Plan

_PLACE = r"<([A-Za-z][A-Za-z0-9_.\- ]*)>"


class Placeholders:
    """The placeholders of one template, as inputs. ``taken``: names that are not free."""

    def __init__(self, taken: Collection[str]) -> None:
        self.inputs: dict[str, Input] = {}
        self._taken = {name.lower() for name in taken}

    def fill(self, expr: Expr, known_only: bool = False) -> Expr:
        """The expression with inputs for the placeholders in its texts. ``known_only``: of a script, where the same
        signs may mean something else: those that stand elsewhere in the template too.
        """

        def visit(node: Expr) -> Expr | None:
            if not isinstance(node, Literal) or not isinstance(node.value, str) or "<" not in node.value:
                return None
            parts: list[Expr] = []
            at = 0
            for found in re.finditer(_PLACE, node.value):
                if known_only and found.group() not in self.inputs:
                    continue
                parts += [Literal(node.value[at : found.start()]), self._ref(found.group(), found[1], node.span)]
                at = found.end()
            if not parts:
                return None
            rest = node.value[at:]
            if len(parts) == 2 and parts[0] == Literal("") and not rest:
                return parts[1]
            return template([*parts, Literal(rest)], node.span)

        return transform(expr, visit)

    def _ref(self, text: str, word: str, span: Span | None) -> Ref:
        item = self.inputs.get(text)
        if item is None:
            base = re.sub(r"\W", "_", word)
            name, number = base, 2
            while name.lower() in self._taken:
                name, number = f"{base}_{number}", number + 1
            self._taken.add(name.lower())
            words = f"Replaces {text} of the Image Builder template."
            item = self.inputs[text] = Input(name, STRING, None, words, placeholder=text, span=span)
        return Ref("input", item.name, span)


def in_text(text: str) -> bool:
    """Whether a text has a placeholder, so that it cannot be checked."""
    return "<" in text and re.search(_PLACE, text) is not None


def put_in(plan: Plan, given: Collection[str]) -> Plan:
    """The Plan with the placeholders' texts in their places, but for inputs that are ``given``."""
    texts = {i.name: i.placeholder for i in plan.inputs if i.placeholder is not None and i.name not in given}
    if not texts:
        return plan
    from bakelift.translator.plan.evaluate import evaluate
    from bakelift.translator.plan.rewriting import rewrite
    from bakelift.translator.plan.scope import Scope
    from bakelift.translator.plan.values import to_expr

    def visit(node: Expr) -> Expr | None:
        if isinstance(node, Ref):
            text = texts.get(node.name) if node.kind == "input" else None
            return None if text is None else Literal(text, node.span)
        if isinstance(node, Template):
            return template([transform(part, visit) for part in node.parts], node.span)
        if isinstance(node, Call):  # quoting, where a text has come to stand in a script
            args = tuple(transform(arg, visit) for arg in node.args)
            if args != node.args and all(isinstance(arg, Literal) for arg in args):
                return to_expr(evaluate(node.but(args=args), Scope()))
            return node.but(args=args)
        return None

    return rewrite(plan.but(inputs=tuple(i for i in plan.inputs if i.name not in texts)), visit)
