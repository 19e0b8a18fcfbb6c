"""Structure binding: what cannot depend on a deployment's parameters is decided when translating."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from bakelift.translator.plan.expressions import Expr
    from bakelift.translator.plan.model import Setting
    from bakelift.translator.plan.values import Value
    from bakelift.translator.report import Frozen

    class Binder(Protocol):
        """Evaluates the leaves of one image."""

        def fold(self, expr: Expr) -> Expr:
            """What is known folded, inputs and deploy-time symbols left symbolic: for leaves that may be parameters."""

        def value(self, expr: Expr, reason: str) -> Value:
            """With inputs bound (-var, var files, defaults): for structure. Each input used is recorded as frozen.

            What stays unknown because an input has no value is collected as missing (:meth:`stop_if_missing`).
            """

        def text(self, expr: Expr, reason: str) -> str | None:
            """As :meth:`value`, as text; None when null or not known (then it was collected as missing)."""

        def present(self, setting: Setting | None) -> bool:
            """Whether an option is set: "" and null are not. An input without value is taken to be given (and said)."""

        @property
        def frozen(self) -> tuple[Frozen, ...]: ...

        def stop_if_missing(self) -> None:
            """Raises one TemplateError that lists every missing ``-var``."""
