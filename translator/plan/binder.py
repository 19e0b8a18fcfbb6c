"""What lowering and writing ask of whoever binds structure; :mod:`.binding` is the one that does."""

from __future__ import annotations

from typing import Protocol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from bakelift.translator.plan.expressions import Expr
    from bakelift.translator.plan.model import Setting
    from bakelift.translator.plan.values import Value
    from bakelift.translator.report import Frozen


class ValueBinder(Protocol):
    """Evaluates expressions: all that lowering a step asks for."""

    def fold(self, expr: Expr) -> Expr:
        """What is known folded, inputs and deploy-time symbols left symbolic: for leaves that may be parameters."""

    def value(self, expr: Expr, reason: str) -> Value:
        """With inputs bound (-var, var files, defaults): for structure. Each input used is recorded as frozen.

        What stays unknown because an input has no value is collected as missing (:meth:`stop_if_missing`).
        """

    def unset(self, expr: Expr) -> tuple[str, ...]:
        """Inputs without value that keep an expression from being known. Nothing is frozen or missed by asking."""

    def text(self, expr: Expr, reason: str) -> str | None:
        """As :meth:`value`, as text; None when null or not known (then it was collected as missing)."""


class Binder(ValueBinder, Protocol):
    """Evaluates the leaves of one image, and decides its structure."""

    def fold_with(self, expr: Expr, names: Iterable[str], reason: str) -> Expr:
        """As :meth:`fold`, with these inputs bound to their values, and frozen for ``reason``."""

    def present(self, setting: Setting | None, record: bool = True) -> bool:
        """Whether an option is set: "" and null are not. An input without value is taken to be given (and said).

        ``record`` False: nothing is made of the answer, so nothing is frozen or said.
        """

    def certain(self, settings: Iterable[Setting]) -> bool:
        """Whether all these settings are known to be set: nothing was taken to be given."""

    def expectable(self, setting: Setting) -> bool:
        """Whether a setting is empty only because inputs have empty defaults, which nobody has confirmed."""

    def expect(self, setting: Setting, reason: str) -> None:
        """Takes the inputs of such a setting to be given: their empty defaults do not count."""

    def leave_out(self, setting: Setting, reason: str) -> None:
        """Takes the inputs without value of a setting not to be given after all."""

    def demand(self, settings: Iterable[Setting | None], reason: str) -> bool:
        """Inputs without value that were taken to be given in these settings are missing after all.

        For settings that contradict each other; says whether there was one (then there is no contradiction yet).
        """

    @property
    def frozen(self) -> tuple[Frozen, ...]: ...

    @property
    def expected(self) -> frozenset[str]:
        """Inputs whose default does not do, and that were therefore taken to be given."""

    def stop_if_missing(self) -> None:
        """Raises one TemplateError that lists every missing ``-var``."""
