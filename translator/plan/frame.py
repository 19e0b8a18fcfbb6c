"""Where an expression is evaluated: a scope, and what for expressions have bound."""

from __future__ import annotations

from bakelift.translator.diagnostics import TemplateError, fail
from bakelift.translator.plan.expressions import For, Ref, Splat, transform
from bakelift.translator.plan.values import to_expr

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bakelift.translator.plan.expressions import Expr
    from bakelift.translator.plan.scope import Scope
    from bakelift.translator.plan.values import Value


#: Turns that the loops of one expression may make: more is a template that means harm, or a mistake.
MOST_TURNS = 100_000


class Frame:
    """``value(node)`` evaluates a node here; ``bound`` holds Ref("bound", NAME) of the loops around it."""

    __slots__ = ("_run", "_turns", "bound", "scope")

    def __init__(
        self,
        scope: Scope,
        run: Callable[[Expr, Frame], Value],
        bound: Mapping[str, Value],
        turns: list[int] | None = None,
    ) -> None:
        self.scope = scope
        self._run = run
        self.bound = bound
        self._turns = [0] if turns is None else turns

    def value(self, node: Expr) -> Value:
        return self._run(node, self)

    def folded(self, node: Expr) -> tuple[Expr, frozenset[str]]:
        """What is left of a node, and its marks. One that fails stays as written: it may never be reached."""
        try:
            value = self._run(node, self)
        except TemplateError:
            return self.closed(node), frozenset()
        return to_expr(value), value.all_marks()

    def bind(self, names: Mapping[str, Value]) -> Frame:
        """For one turn of a loop. Raises TemplateError when the loops of an expression have turned too often."""
        self._turns[0] += 1
        if self._turns[0] > MOST_TURNS:
            detail = f"The loops of one expression turn at most {MOST_TURNS:,} times, those inside others included."
            raise fail("hcl/too-large", "Too many turns", detail)
        return Frame(self.scope, self._run, {**self.bound, **names}, self._turns)

    def closed(self, node: Expr) -> Expr:
        """The node with what loops have bound put in, so that it may stand outside of them."""
        return _close(node, self.bound) if self.bound else node


def _close(node: Expr, bound: Mapping[str, Value]) -> Expr:
    def visit(inner: Expr) -> Expr | None:
        if isinstance(inner, Ref):
            return to_expr(bound[inner.name]) if inner.kind == "bound" and inner.name in bound else inner
        if isinstance(inner, For):
            left = {k: v for k, v in bound.items() if k not in {inner.key_name, inner.value_name}}
            return inner.but(
                collection=_close(inner.collection, bound),
                key=None if inner.key is None else _close(inner.key, left),
                value=_close(inner.value, left),
                condition=None if inner.condition is None else _close(inner.condition, left),
            )
        if isinstance(inner, Splat):
            left = {k: v for k, v in bound.items() if k != "*"}
            return inner.but(target=_close(inner.target, bound), each=_close(inner.each, left))
        return None

    return transform(node, visit)
