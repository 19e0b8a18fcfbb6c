"""Steps made by hand, and their lowering."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from bakelift.translator.diagnostics import Diagnostics
from bakelift.translator.files import DictFiles
from bakelift.translator.imagebuilder.customizers import Customizer
from bakelift.translator.imagebuilder.lowering import LoweringOptions, lower_all
from bakelift.translator.imagebuilder.lowering.context import Context
from bakelift.translator.plan.binding import Bindings, StructureBinder
from bakelift.translator.plan.expressions import Expr, ListExpr, Literal, ObjectExpr, Template
from bakelift.translator.plan.model import Input, Leaf, Origin, Plan, Setting, Step
from bakelift.translator.plan.secrets import sensitive_symbols
from bakelift.translator.plan.values import from_python
from bakelift.translator.report import Accounting, Item


def expression(data: object) -> Expr:
    """Plain data as an expression; expressions inside stay."""
    if isinstance(data, Expr):
        return data
    if isinstance(data, (list, tuple)):
        return ListExpr(tuple(expression(item) for item in data))
    if isinstance(data, dict):
        return ObjectExpr(tuple((Literal(k), expression(v)) for k, v in data.items()))
    return Literal(data)  # type: ignore[arg-type]


def make_step(type: str, name: str | None = None, **settings: object) -> Step:
    values = {k: Setting(expression(v), (Leaf(f"step.{k}", None),)) for k, v in settings.items()}
    return Step(type, values, name)


class World:
    """One lowering: what came out, and what was said."""

    def __init__(
        self,
        files: Mapping[str, bytes] | None = None,
        inputs: Mapping[str, object] | None = None,
        symbolic: tuple[str, ...] = (),
        sensitive: tuple[str, ...] = (),
        windows: bool = False,
        identities: Expr | None = None,
        **options: object,
    ) -> None:
        names = [*(inputs or {}), *symbolic, *(s for s in sensitive if s not in (inputs or {}))]
        self.plan = Plan(
            tuple(Input(name, sensitive=name in sensitive) for name in names),
            origin=Origin("hcl", "t.pkr.hcl", ".", []),
        )
        bindings = Bindings({k: from_python(v) for k, v in (inputs or {}).items()}, dict.fromkeys(inputs or {}, "-var"))
        self.binder = StructureBinder(self.plan, bindings)
        self.accounting = Accounting()
        self.diagnostics = Diagnostics()
        self.context = Context(
            self.binder,
            DictFiles(files or {}),
            self.accounting,
            self.diagnostics,
            LoweringOptions(sensitive=sensitive_symbols(self.plan), plan=self.plan, **options),
            "image",
            "azure-arm",
            windows,
            identities=identities,
        )

    def lower(self, *steps: Step) -> list[Customizer]:
        self.steps = steps
        return lower_all(steps, self.context)

    def said(self, option: str, step: int = 0) -> Item:
        (leaf,) = self.steps[step].settings[option].leaves
        found = self.accounting.said(leaf)
        assert found is not None, f"nothing was said of {option}"
        return found


@pytest.fixture
def world() -> type[World]:
    return World


@pytest.fixture
def step() -> Callable[..., Step]:
    return make_step


def plain_text(customizer: Customizer) -> str:
    """The inline text of a customizer without symbolic values."""
    lines = []
    for line in customizer.inline or ():
        assert isinstance(line, Literal), line
        lines.append(str(line.value))
    return "\n".join(lines)


@pytest.fixture
def text() -> Callable[[Customizer], str]:
    return plain_text


@pytest.fixture
def template() -> Callable[..., Template]:
    return lambda *parts: Template(tuple(expression(p) for p in parts))
