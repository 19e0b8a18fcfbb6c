"""Variables of legacy JSON templates: every value is a text and a Go template, and may use other variables.

Packer: packer/core.go. Weakest to strongest: default, ``-var-file`` in order, ``-var``; a name that the template does
not declare may be given too. Diagnostics: ``packer/bad-var``, ``packer/undefined-variable``,
``packer/variable-circle``, ``packer/unset-variable``, ``packer/var-file``.
"""

from __future__ import annotations

from bakelift.translator.diagnostics import Diagnostics, TemplateError, fail
from bakelift.translator.plan.binding import Bindings, default_environment
from bakelift.translator.plan.convert import convert
from bakelift.translator.plan.evaluate import evaluate
from bakelift.translator.plan.expressions import Expr, Literal, Ref
from bakelift.translator.plan.model import Input
from bakelift.translator.plan.scope import Scope
from bakelift.translator.plan.types import STRING, ConversionError
from bakelift.translator.plan.values import SENSITIVE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bakelift.translator.diagnostics import SourceFile, Span
    from bakelift.translator.plan.model import Plan
    from bakelift.translator.plan.scope import Clock
    from bakelift.translator.plan.types import Type
    from bakelift.translator.plan.values import Value


def bind_legacy(
    plan: Plan,
    var_args: Sequence[str],
    var_files: Sequence[SourceFile],
    environment: Mapping[str, str] | None,
    diagnostics: Diagnostics | None,
    require: bool,
    clock: Clock | None = None,
) -> Bindings:
    """As :func:`.variables.bind_inputs`. A value that depends on what is not known (the environment, the clock, in a
    translation) is left out.
    """
    told = Diagnostics()
    given: dict[str, tuple[Expr, str]] = {
        item.name: (item.default, "default")
        for item in plan.inputs
        if item.default is not None and item.default != Literal(None)
    }
    for file in var_files:
        try:
            for name, text, span in _file(file):
                given[name] = (_template(text, span), file.path)
        except TemplateError as error:
            told.extend(error.diagnostics)
    for argument in var_args:
        name, equals, text = argument.partition("=")
        if not equals:
            detail = f"No '=' value in arg: {argument}. Write -var 'name=value'."
            told.error("packer/bad-var", f"-var {argument} has no value", detail)
            continue
        try:
            given[name] = (_template(text, None), "-var")
        except TemplateError as error:
            told.extend(error.diagnostics)
    values = _resolved(plan, given, Scope(environment=environment, clock=clock), told)
    if require:
        for item in plan.inputs:
            if item.name not in given:
                told.error("packer/unset-variable", f"required variable not set: {item.name}", "", item.span)
    if diagnostics is not None:
        diagnostics.extend(told)
    told.stop_if_failed()
    reads = {name: default_environment(Input(name, default=expr)) for name, (expr, _) in given.items()}
    return Bindings(
        values=values,
        came_from={name: given[name][1] for name in values},
        environment={name: read for name, read in reads.items() if read is not None},
    )


def _resolved(plan: Plan, given: Mapping[str, tuple[Expr, str]], scope: Scope, told: Diagnostics) -> dict[str, Value]:
    """Values in any order of definition: those that use others come when the others have come."""
    secret = {item.name for item in plan.inputs if item.sensitive}
    declared = {item.name for item in plan.inputs} | set(given)
    types = {item.name: item.type for item in plan.inputs}
    values: dict[str, Value] = {}
    waiting = dict(given)
    while waiting:
        ready = [name for name, (expr, _) in waiting.items() if not (_uses(expr) & waiting.keys() - {name})]
        ready = [name for name in ready if name not in _uses(waiting[name][0])]
        if not ready:
            names = ", ".join(sorted(waiting))
            detail = f"These variables need each other: {names}."
            told.error("packer/variable-circle", "variables are defined in a circle", detail)
            break
        for name in ready:
            expr, _ = waiting.pop(name)
            for other in sorted(_uses(expr) - declared):
                detail = (
                    f"{name} uses {{{{user `{other}`}}}}. Please make sure that the variable you're referencing has "
                    "been defined."
                )
                told.error("packer/undefined-variable", f"variable not set: {other}", detail, expr.span)
            try:
                scope.inputs = values
                value = evaluate(expr, scope)
            except TemplateError as error:
                told.extend(error.diagnostics)
                continue
            if value.wholly_known() and not value.null:
                typed = _typed(value, types.get(name), expr.span, name, told)
                if typed is not None:
                    values[name] = typed.marked(frozenset({SENSITIVE})) if name in secret else typed
    return {name: values[name] for name in given if name in values}


def _typed(value: Value, type: Type | None, span: Span | None, name: str, told: Diagnostics) -> Value | None:
    """A variable of legacy JSON is text, but for one whose type was kept when it was translated."""
    try:
        return convert(value, type or STRING)
    except ConversionError as error:
        told.error("packer/variable-type", f"variable {name}: the value is not of its type", f"{error}.", span)
        return None


def _uses(expr: Expr) -> set[str]:
    return {node.name for node in expr.walk() if isinstance(node, Ref) and node.kind == "input"}


def _template(text: str, span: Span | None) -> Expr:
    from bakelift.translator.packer.json_variables import variable_value

    return variable_value(text, span)


def _file(file: SourceFile) -> list[tuple[str, str, Span]]:
    """The texts of a JSON variable file."""
    from bakelift.translator.packer.variable_files import json_assignments

    found = []
    for name, expr, span in json_assignments(file, legacy=True):
        if not isinstance(expr, Literal) or not isinstance(expr.value, str):
            raise fail("packer/var-file", f"variable {name}: a string is needed", "Put the value in quotes.", span)
        found.append((name, expr.value, span))
    return found
