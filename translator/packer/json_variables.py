"""User variables of legacy JSON templates: their defaults, and values from -var and variable files.

All are templates themselves (of the environment, other variables, the clock), with one exception: text of the form
``{{ .Name }}`` in them is left alone, so that a variable can carry it into an option that is rendered later.
"""

from __future__ import annotations

import re

from bakelift.translator.diagnostics import Diagnostic, TemplateError, fail
from bakelift.translator.languages.go_template.functions import VARIABLES
from bakelift.translator.languages.go_template.reading import parse_template
from bakelift.translator.packer.json_reader_state import expected, places
from bakelift.translator.plan.expressions import Expr, Literal, Ref
from bakelift.translator.plan.model import Input
from bakelift.translator.plan.types import STRING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from bakelift.translator.diagnostics import Span
    from bakelift.translator.languages.go_template.reading import Place
    from bakelift.translator.languages.json.nodes import Member
    from bakelift.translator.packer.json_reader_state import Reading
    from bakelift.translator.plan.model import Plan

_LEFT_ALONE = re.compile(r"\{\{\s?\.(?:[^\n]*?)\s?\}\}")


def json_inputs(plan: Plan, values: Mapping[str, str]) -> dict[str, Expr]:
    """Values given to the variables of a legacy template, as the expressions that they are. Undeclared names are kept.

    Raises TemplateError with all that is wrong: ``template/…``, ``json/undefined-variable``.
    """
    names = {item.name for item in plan.inputs} | set(values)
    found: dict[str, Expr] = {}
    problems: list[Diagnostic] = []
    for name, text in values.items():
        try:
            expr = variable_value(text)
            for ref in undeclared(expr, names):
                raise fail(
                    "json/undefined-variable",
                    f'Failed to interpolate "{name}": variable not set: {ref.name}',
                    "Packer treats all variables that the value of another variable uses as required: declare it in "
                    '"variables", or give it too.',
                )
        except TemplateError as error:
            problems += error.diagnostics
        else:
            found[name] = expr
    if problems:
        raise TemplateError(*problems)
    return found


def variable_value(text: str, span: Span | None = None, place: Place | None = None) -> Expr:
    """The expression of a variable's text. Raises TemplateError, also for what only a builder has."""
    if "{{" not in text:
        return Literal(text, span)
    expr = _variable_value(text, span, place)
    for node in expr.walk():
        if isinstance(node, Ref) and node.kind == "source":
            name = "build_name" if node.name == "name" else "build_type"
            summary = f"error calling {name}: {name} not available"
            raise fail("template/not-available", summary, "A variable belongs to no builder.", node.span or span)
    return expr


def _variable_value(text: str, span: Span | None, place: Place | None) -> Expr:
    parts: list[str | Expr] = []
    masked: list[tuple[int, int]] = []  # (offset in the joined parts, characters that stand there for one)
    at = joined = 0
    for match in _LEFT_ALONE.finditer(text):
        parts += [text[at : match.start()], _Kept(match.group())]
        joined += match.start() - at
        masked.append((joined, match.end() - match.start() - 1))
        joined += 1
        at = match.end()
    if not parts:
        return parse_template(text, VARIABLES, span=span, place=place)
    parts.append(text[at:])

    def shifted(start: int, end: int) -> Span | None:
        if place is None:
            return span
        return place(_unmasked(start, masked), _unmasked(end, masked))

    return _restored(parse_template(parts, VARIABLES, span=span, place=shifted))


class _Kept(Expr):
    """Text that the rendering of variables does not look into."""

    text: str
    span: Span | None = None


def _unmasked(offset: int, masked: list[tuple[int, int]]) -> int:
    return offset + sum(extra for at, extra in masked if at < offset)


def _restored(expr: Expr) -> Expr:
    from bakelift.translator.plan.expressions import Template, template, transform

    def visit(node: Expr) -> Expr | None:
        if isinstance(node, _Kept):
            return Literal(node.text)
        if isinstance(node, Template):
            return template([_restored(part) for part in node.parts], node.span)
        return None

    return transform(expr, visit)


def read_inputs(reading: Reading) -> list[Input]:
    """The inputs that ``variables`` declares, in order; ``sensitive-variables`` marks some."""
    declared = reading.root.get("variables")
    sensitive = _sensitive(reading)
    if declared is None:
        return []
    from bakelift.translator.languages.json.nodes import Object

    if not isinstance(declared, Object):
        if declared.kind != "null":
            reading.error("json/wrong-type", f"'variables' expected a map, got '{declared.kind}'", "", declared.span)
        return []
    reading.declared = {member.key for member in declared}
    inputs = []
    for member in declared:
        default = _default(reading, member)
        inputs.append(
            Input(
                member.key,
                STRING,
                default,
                sensitive=member.key in sensitive,
                span=member.span,
                leaves=reading.leaves_of(member.value),
            )
        )
    return inputs


def _default(reading: Reading, member: Member) -> Expr | None:
    from bakelift.translator.languages.json.nodes import Scalar

    node = member.value
    if isinstance(node, Scalar) and node.value is None:
        return None
    if not (isinstance(node, Scalar) and isinstance(node.value, str)):
        detail = "A variable is a text, or null when it has to be given: put the value into double quotes."
        summary = f"variable {member.key}: {expected('', 'string', node)}"
        reading.error("json/variable-type", summary, detail, node.span)
        return Literal("", node.span)
    try:
        expr = variable_value(node.value, node.span, places(node))
        for ref in undeclared(expr, reading.declared):
            reading.required.setdefault(ref.name, ref.span or node.span)
    except TemplateError as error:
        reading.diagnostics.extend(error.diagnostics)
        return Literal(node.value, node.span)
    return expr


def undeclared(expr: Expr, known: Collection[str]) -> list[Ref]:
    """The variables in an expression that have none of these names."""
    return [n for n in expr.walk() if isinstance(n, Ref) and n.kind == "input" and n.name not in known]


def _sensitive(reading: Reading) -> set[str]:
    from bakelift.translator.languages.json.nodes import Array, Object
    from bakelift.translator.packer.json_reader_state import text_of

    node = reading.root.get("sensitive-variables")
    if node is None or node.kind == "null":
        return set()
    if not isinstance(node, Array):
        reading.error("json/wrong-type", expected("sensitive-variables", "slice", node), "", node.span)
        return set()
    variables = reading.root.get("variables")
    declared = {m.key for m in variables} if isinstance(variables, Object) else set()
    names = set()
    for item in node:
        name = text_of(item)
        if name is None:
            reading.error("json/wrong-type", expected("sensitive-variables", "string", item), "", item.span)
        elif name not in declared:
            detail = "Packer ignores a name that no variable has."
            reading.warning("json/unknown-sensitive", f"no variable is called {name}", detail, item.span)
        else:
            names.add(name)
    return names
