"""environment_vars and env: the variables that a step sets, whose values may stay parameters."""

from __future__ import annotations

from bakelift.translator.imagebuilder.lowering.context import CannotLower, scalar_text
from bakelift.translator.imagebuilder.lowering.shell_shape import Variable
from bakelift.translator.plan.expressions import Literal, Template, template
from bakelift.translator.plan.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.imagebuilder.lowering.context import StepReader
    from bakelift.translator.plan.expressions import Expr


def read_environment(reader: StepReader) -> tuple[tuple[Variable, ...], dict[str, object]]:
    """The variables, the last of a name winning and ``env`` over ``environment_vars``; and the names in their order."""
    found: dict[str, Variable] = {}
    facts: dict[str, object] = {}
    names = []
    for item in reader.items("environment_vars"):
        variable = _variable(item, reader)
        names.append(variable.name)
        found[variable.name] = variable
    if names:
        facts["environment_vars"] = names
    entries = reader.entries("env")
    for name, value in entries:
        found[name] = Variable(name, _known(template([value]), reader, "env"))
    if entries:
        facts["env"] = [name for name, _ in entries]
    return tuple(found.values()), facts


def _variable(item: Expr, reader: StepReader) -> Variable:
    reader.refuse_secrets(item, "environment_vars", parameter=True)
    reader.refuse_build_data(item, "environment_vars")
    folded = reader.context.binder.fold(item)
    parts = folded.parts if isinstance(folded, Template) else (folded,)
    first = parts[0]
    if not (isinstance(first, Literal) and isinstance(first.value, str) and "=" in first.value):
        text = reader.text_of(item, "environment_vars")
        parts = (Literal(text),)
        first = parts[0]
    assert isinstance(first, Literal)
    name, equals, value = str(first.value).partition("=")
    if not equals or not name:
        raise CannotLower(
            "packer/bad-environment-variable",
            f"environment variable not in format 'key=value': {first.value}",
            "Write it as NAME=value.",
            item.span or reader.span("environment_vars"),
        )
    rest = template([Literal(value), *parts[1:]])
    return Variable(name, str(rest.value) if isinstance(rest, Literal) else rest)


def _known(value: Expr, reader: StepReader, option: str) -> str | Expr:
    reader.refuse_secrets(value, option, parameter=True)
    reader.refuse_build_data(value, option)
    folded = reader.context.binder.fold(value)
    inner = folded.parts[0] if isinstance(folded, Template) and len(folded.parts) == 1 else folded
    if isinstance(inner, Literal):
        from bakelift.translator.plan.types import DYNAMIC

        return scalar_text(Value(DYNAMIC, inner.value)) or ""
    return folded
