"""Values of variables: which of default, environment, files and command line wins, and what fits.

HCL templates (Packer 1.16's hcl2template/types.variables.go): default, ``PKR_VAR_name``, ``*.auto.pkrvars.hcl``,
``*.auto.pkrvars.json``, ``-var-file`` in the order given, ``-var``. Legacy JSON templates: default, ``-var-file``,
``-var``; nothing of the environment. Diagnostics: ``packer/bad-var``, ``packer/undefined-variable``,
``packer/variable-type``, ``packer/variable-value``, ``packer/validation-failed``, ``packer/unset-variable``,
``packer/var-file``; warning ``packer/undeclared-variable``.
"""

from __future__ import annotations

from bakelift.translator.diagnostics import Diagnostics, SourceFile, Span, TemplateError
from bakelift.translator.plan.binding import Bindings, default_environment
from bakelift.translator.plan.convert import convert
from bakelift.translator.plan.evaluate import evaluate
from bakelift.translator.plan.scope import Scope
from bakelift.translator.plan.suggest import did_you_mean
from bakelift.translator.plan.types import BOOL, DYNAMIC, NUMBER, STRING, ConversionError, Type
from bakelift.translator.plan.values import SENSITIVE, Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bakelift.translator.plan.expressions import Expr
    from bakelift.translator.plan.model import Input, Plan
    from bakelift.translator.plan.scope import Clock

_PREFIX = "PKR_VAR_"


class _Candidate:
    """A value that one place gives to a variable. ``check``: the word that a failed validation uses for the place."""

    __slots__ = ("came_from", "check", "span", "value")

    def __init__(self, value: Value, came_from: str, check: str, span: Span | None) -> None:
        self.value = value
        self.came_from = came_from
        self.check = check
        self.span = span


def bind_inputs(
    plan: Plan,
    var_args: Sequence[str] = (),
    var_files: Sequence[SourceFile] = (),
    auto_files: Sequence[SourceFile] = (),
    environment: Mapping[str, str] | None = None,
    diagnostics: Diagnostics | None = None,
    require: bool = False,
    clock: Clock | None = None,
) -> Bindings:
    """The value of every variable that has one, converted to its type, and where it came from.

    ``var_args``: ``name=value`` texts in order. ``environment`` None: a translation; ``env()`` in a default is not
    evaluated, so that such a variable has no value (``Bindings.environment`` has the name it reads), and ``PKR_VAR_``
    is not looked at. ``require``: a variable without a value is an error, as ``packer build`` has it.
    ``clock``: for legacy templates, whose values may ask for the time; without it such a variable has no value.
    ``diagnostics`` gets warnings. Raises TemplateError with every error.
    """
    legacy = plan.origin is not None and plan.origin.format == "json"
    if legacy:
        from bakelift.translator.packer.variables_legacy import bind_legacy

        return bind_legacy(plan, var_args, var_files, environment, diagnostics, require, clock)
    binder = _Binder(plan, environment)
    binder.defaults()
    if environment is not None:
        binder.from_environment(environment)
    for file in (*sorted(auto_files, key=_auto_order), *var_files):
        binder.from_file(file)
    for text in var_args:
        binder.from_argument(text)
    bindings = binder.finish(require)
    if diagnostics is not None:
        diagnostics.extend(binder.diagnostics)
    binder.diagnostics.stop_if_failed()
    return bindings


def _auto_order(file: SourceFile) -> tuple[bool, str]:
    return file.path.endswith(".json"), file.path


class _Binder:
    def __init__(self, plan: Plan, environment: Mapping[str, str] | None) -> None:
        self.plan = plan
        self.environment = environment
        self.diagnostics = Diagnostics()
        self.of_deployment = plan.origin is not None and plan.origin.format in ("arm", "bicep", "resource")
        self.inputs = {item.name: item for item in plan.inputs}
        self.types = {item.name: declared_type(item) for item in plan.inputs}
        self.found: dict[str, _Candidate] = {}
        self.reads: dict[str, str] = {}

    def error(self, code: str, summary: str, detail: str, span: Span | None = None) -> None:
        self.diagnostics.error(code, summary, detail, span)

    # Places, from the weakest

    def defaults(self) -> None:
        for item in self.plan.inputs:
            name = default_environment(item)
            if name is not None:
                self.reads[item.name] = name
            if item.default is None:
                continue
            scope = Scope(environment=self.environment)
            try:
                value = evaluate(item.default, scope)
            except TemplateError as error:
                self.diagnostics.extend(error.diagnostics)
                continue
            if not value.wholly_known():
                continue
            summary = "Invalid default value for variable"
            wrong = "This default value is not compatible with the variable's type constraint: {}."
            self.take(item.name, value, "default", "default", item.default.span or item.span, summary, wrong)

    def from_environment(self, environment: Mapping[str, str]) -> None:
        for key in sorted(environment):
            name = key.removeprefix(_PREFIX)
            if key.startswith(_PREFIX) and name in self.inputs:
                self.text(name, environment[key], key, "env", f"<value for var.{name} from env>")

    def from_file(self, file: SourceFile) -> None:
        try:
            assigned = _assignments(file)
        except TemplateError as error:
            self.diagnostics.extend(error.diagnostics)
            return
        for said, expr, span in assigned:
            name = self.spelling(said)
            if name not in self.inputs:
                if not self.of_deployment:  # a deployment has parameters that are no inputs
                    self.undeclared(name, file, span)
                continue
            try:
                value = evaluate(_constant(expr), Scope())
            except TemplateError as error:
                self.diagnostics.extend(error.diagnostics)
                continue
            summary = "Invalid value for variable"
            wrong = f"The value for {name} is not compatible with the variable's type constraint: {{}}."
            self.take(name, value, file.path, "varfile", span, summary, wrong)

    def spelling(self, name: str) -> str:
        """A variable's name as it was declared: ARM does not mind the case."""
        if name in self.inputs or not self.of_deployment:
            return name
        return next((known for known in self.inputs if known.lower() == name.lower()), name)

    def undeclared(self, name: str, file: SourceFile, span: Span | None) -> None:
        detail = f'A "{name}" variable was set but was not declared as an input variable.' + did_you_mean(
            name, self.inputs
        )
        self.diagnostics.warning("packer/undeclared-variable", "Undefined variable", detail, span)

    def from_argument(self, text: str) -> None:
        name, equals, value = text.partition("=")
        if not equals:
            detail = f"No '=' value in arg: {text}. Write -var 'name=value'."
            self.error("packer/bad-var", f"-var {text} has no value", detail)
        elif name in self.inputs:
            self.text(name, value, "-var", "cmd", f"<value for var.{name} from arguments>")
        else:
            detail = f'A "{name}" variable was passed in the command line but was not found in known variables.'
            detail += did_you_mean(name, self.inputs)
            self.error("packer/undefined-variable", "Undefined -var variable", detail)

    # Values

    def text(self, name: str, text: str, came_from: str, check: str, place: str) -> None:
        """A value given as text: itself for a string or number, else an HCL expression."""
        kind = self.types[name]
        file = SourceFile(place, text)
        span = Span(file, 0, len(text))
        if kind in (STRING, NUMBER) or (kind == DYNAMIC and self.inputs[name].default is None):
            value = Value(STRING, text)
        else:
            from bakelift.translator.languages.hcl.parser import parse_expression

            try:
                value = evaluate(_constant(parse_expression(file)), Scope())
            except TemplateError as error:
                if self.inputs[name].sensitive:
                    summary = f"The value of {name} is not an expression"
                    detail = "It is sensitive, so neither it nor the reason is shown."
                    self.error("packer/variable-value", summary, detail, self.shown(name, span))
                else:
                    self.diagnostics.extend(error.diagnostics)
                return
        if check == "cmd":
            summary = "Invalid argument value for -var variable"
            wrong = f"The received arg value for {name} is not compatible with the variable's type constraint: {{}}."
        else:
            summary = "Invalid value for variable"
            wrong = f"The value for {name} is not compatible with the variable's type constraint: {{}}."
        self.take(name, value, came_from, check, span, summary, wrong)

    def take(
        self, name: str, value: Value, came_from: str, check: str, span: Span | None, summary: str, wrong: str
    ) -> None:
        try:
            value = convert(value, self.types[name])
        except ConversionError as error:
            self.error("packer/variable-type", summary, wrong.format(error), self.shown(name, span))
            return
        if value.null and check != "default":
            return  # as if it were not there: the next weaker place counts
        if self.inputs[name].sensitive:
            value = value.marked(frozenset({SENSITIVE}))
        self.found[name] = _Candidate(value, came_from, check, self.shown(name, span))

    def shown(self, name: str, span: Span | None) -> Span | None:
        """The place of a value, with the value blotted out there when it is sensitive."""
        if span is None or not self.inputs[name].sensitive:
            return span
        text = span.file.text
        blot = "".join("\n" if character == "\n" else "*" for character in span.text)
        return Span(SourceFile(span.file.path, text[: span.start] + blot + text[span.end :]), span.start, span.end)

    def finish(self, require: bool) -> Bindings:
        for item in self.plan.inputs:
            candidate = self.found.get(item.name)
            if candidate is not None:
                self.validate(item, candidate)
        if require:
            self.require()
        return Bindings(
            values={name: self.found[name].value for name in self.inputs if name in self.found},
            came_from={name: self.found[name].came_from for name in self.inputs if name in self.found},
            environment=self.reads,
        )

    def require(self) -> None:
        """Tells of every variable without a value."""
        for item in self.plan.inputs:
            if item.name in self.found:
                continue
            detail = (
                "A used variable must be set or have a default value; see "
                "https://packer.io/docs/templates/hcl_templates/syntax for details."
            )
            self.error("packer/unset-variable", f'Unset variable "{item.name}"', detail, item.span)

    def validate(self, item: Input, candidate: _Candidate) -> None:
        """The rules of a variable, on the value that won."""
        scope = Scope(inputs={item.name: candidate.value})
        for rule in item.validations:
            try:
                holds = evaluate(rule.condition.value, scope)
                message = evaluate(rule.error_message.value, scope)
            except TemplateError as error:
                self.diagnostics.extend(error.diagnostics)
                continue
            where = rule.condition.leaves[0].span if rule.condition.leaves else None
            try:
                holds = convert(holds, BOOL)
            except ConversionError as error:
                detail = f"Invalid validation condition result value: {error}."
                self.error("packer/validation", "Invalid variable validation result", detail, where)
                continue
            if holds.null:
                detail = "Validation condition expression must return either true or false, not null."
                self.error("packer/validation", "Invalid variable validation result", detail, where)
            elif holds.known and holds.raw is not True:
                text = str(message.raw) if message.known and not message.sensitive else "The value is not allowed."
                detail = f"{text}\n\nThis was checked by the validation rule at {where}."
                summary = f"Invalid value for {candidate.check} variable"
                self.error("packer/validation-failed", summary, detail, candidate.span)


def declared_type(item: Input) -> Type:
    """The type of a variable: as declared, else its default's, else any."""
    if item.type is not None:
        return item.type
    if item.default is None or default_environment(item) is not None:
        return STRING if item.default is not None else DYNAMIC
    try:
        value = evaluate(item.default, Scope())
    except TemplateError:
        return DYNAMIC  # told where the default is bound
    return DYNAMIC if value.null else value.type


def _constant(expr: Expr) -> Expr:
    """The expression, when it has neither names nor functions. Raises TemplateError in HCL's words."""
    from bakelift.translator.diagnostics import fail
    from bakelift.translator.plan.expressions import Call, Ref

    for node in expr.walk():
        if isinstance(node, Ref) and node.kind == "name":
            raise fail("packer/variable-value", "Variables not allowed", "Variables may not be used here.", node.span)
        if isinstance(node, Call) and node.span is not None and "(" in node.span.text and _named(node.operation):
            detail = "Functions may not be called here."
            raise fail("packer/variable-value", "Function calls not allowed", detail, node.span)
    return expr


def _named(operation: str) -> bool:
    from bakelift.translator.languages.hcl.functions import NAMES

    return operation in NAMES or operation.startswith("unknown:")


def _assignments(file: SourceFile) -> list[tuple[str, Expr, Span]]:
    """(name, value, place) of each assignment in a variable file."""
    from bakelift.translator.packer import variable_files

    if file.path.endswith(".json"):
        return variable_files.json_assignments(file, legacy=False)
    if file.path.endswith(".bicepparam"):
        from bakelift.translator.languages.bicep.parameters import given_values

        return given_values(file)
    return variable_files.hcl_assignments(file)
