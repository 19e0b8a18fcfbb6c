"""What is known of a Bicep file without a deployment: expressions of literals and of variables that are constant."""

from __future__ import annotations

from bakelift.translator.languages.bicep.meaning import Meaning, put_in_place
from bakelift.translator.plan.expressions import Ref

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.languages.bicep.resources import FileNames
    from bakelift.translator.plan.expressions import Expr


class Constants:
    """``names``: the symbols of the file."""

    def __init__(self, names: FileNames) -> None:
        self.names = names
        self._variables: dict[str, Expr | None] = {}

    def of(self, expr: Expr) -> Expr | None:
        """The value of an expression that needs nothing but constants of the file; else None."""
        from bakelift.translator.plan.evaluate import evaluate
        from bakelift.translator.plan.scope import Scope
        from bakelift.translator.plan.values import to_expr

        whole = self._whole(expr)
        if whole is None:
            return None
        value = evaluate(whole, Scope())
        return to_expr(value) if value.wholly_known() else None

    def _whole(self, expr: Expr) -> Expr | None:
        """The expression without variables; None where it needs a parameter, or asks Azure."""
        values: dict[str, Expr] = {}
        for node in expr.walk():
            if isinstance(node, Ref) and node.kind == "named":
                found = self._variable(node.name)
                if found is None:
                    return None
                values[node.name] = found
            elif isinstance(node, Ref) and node.kind == "input":
                return None
        return put_in_place(expr, values)

    def _variable(self, name: str) -> Expr | None:
        if name not in self._variables:
            self._variables[name] = None  # while it is being found: a circle has no value
            whole = self._whole(Meaning(self.names).expr(self.names.variables[name].value))
            self._variables[name] = whole
        return self._variables[name]
