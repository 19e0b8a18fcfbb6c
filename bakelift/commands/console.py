"""``bakelift console``: evaluates expressions, one a line on standard input."""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper

from bakelift.arguments import SEED, VARIABLES, Command, Option, Usage
from bakelift.translator.diagnostics import Diagnostics, SourceFile, TemplateError, fail

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.arguments import Parsed
    from bakelift.translator.plan.expressions import Expr
    from bakelift.translator.plan.model import Plan
    from bakelift.translator.plan.scope import Scope
    from bakelift.translator.plan.values import Value

COMMAND = Command(
    "console",
    "Evaluate expressions, one a line on standard input, with the variables and locals of a template: HCL, or Go "
    "templates ({{ … }}).",
    "[TEMPLATE]",
    (
        *VARIABLES,
        Option("json", 'one JSON value a line, or {"error": "…"}'),
        SEED,
        Option("config-type", "without a template: read lines as HCL (hcl2) or Go templates (json) only", "TYPE"),
    ),
    "echo 'upper(var.name)' | bakelift console -var name=web web.pkr.hcl",
    minimum=0,
)

_HELP = """Each line is evaluated, and its value printed.
{mode}
"variables" shows all variables with their values, "exit" (or the end of the input) ends.
"""
_MODES = {
    "hcl2": 'Lines are HCL expressions: upper(var.name), local.tags, [for x in var.list : "${x}-1"].',
    "json": "Lines are texts with Go templates, as in a legacy JSON template: {{timestamp}}, {{user `name` | upper}}.",
    "": "Lines are HCL expressions, or texts with Go templates: upper(var.name), {{timestamp}}.",
}
#: What Go templates may ask for and a console does not have, in Packer's words.
_ABSENT = {
    ("source", "name"): "error calling build_name: build_name not available",
    ("source", "type"): "error calling build_type: build_type not available",
    ("path", "template_dir"): "error calling template_dir: template path not available",
}


class Console:
    """``mode``: ``hcl2``, ``json`` (Go templates), or "": each line says by its braces what it is."""

    def __init__(self, plan: Plan, scope: Scope, mode: str) -> None:
        self.plan = plan
        self.scope = scope
        self.mode = mode

    def go(self, text: str) -> bool:
        """Whether a line is a Go template."""
        if self.mode:
            return self.mode == "json"
        return "{{" in text and not text.startswith('"')

    def command(self, text: str) -> str | None:
        """The answer to what is no expression."""
        from bakelift.printing import variables_text

        if text == "help":
            return _HELP.format(mode=_MODES[self.mode])
        if text == "variables":
            return self.user_variables() if self.mode == "json" else variables_text(self.plan, self.scope)
        return None

    def user_variables(self) -> str:
        """The variables of a legacy template."""
        from bakelift.printing import SENSITIVE, shown

        secrets = {item.name for item in self.plan.inputs if item.sensitive}
        lines = [""]
        for name, value in sorted(self.scope.inputs.items()):
            lines.append(f"{name}: {SENSITIVE if name in secrets or value.sensitive else shown(value)},")
        return "\n".join(lines) + "\n"

    def value(self, text: str) -> Value:
        """Raises TemplateError."""
        from bakelift.translator.plan.evaluate import evaluate
        from bakelift.translator.plan.values import to_expr

        if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
            raise fail("console/encoding", "the line is not UTF-8", "Expressions are UTF-8 text.")
        go = self.go(text)
        expr = _template(text) if go else _expression(text, self.plan)
        value = evaluate(expr, self._with_empty(expr) if go else self.scope)
        if not value.wholly_known():
            raise _unknown(to_expr(value))
        return value

    def _with_empty(self, expr: Expr) -> Scope:
        """In a Go template, a variable that nobody declared or set is empty."""
        from bakelift.translator.plan.expressions import Ref
        from bakelift.translator.plan.types import STRING
        from bakelift.translator.plan.values import Value

        names = {node.name for node in expr.walk() if isinstance(node, Ref) and node.kind == "input"}
        absent = {name: Value(STRING, "") for name in names - set(self.scope.inputs)}
        return self.scope.but(inputs=absent) if absent else self.scope


def run(parsed: Parsed) -> int:
    """Always 0 when the template can be read, as Packer's console has it: errors are answers."""
    console = _opened(parsed)
    as_json = parsed.flag("json")
    if isinstance(sys.stdin, TextIOWrapper):
        sys.stdin.reconfigure(errors="surrogateescape")  # a line that is not UTF-8 gets an answer too
    for line in sys.stdin:
        text = line.strip()
        if text == "exit":
            break
        if text:
            said = None if as_json else console.command(text)
            print(
                said if said is not None else _answer(text, console.plan, console.scope, as_json, console.mode),
                flush=True,
            )
    return 0


def _opened(parsed: Parsed) -> Console:
    from bakelift.runner import VERSIONS
    from bakelift.sessions import clock_of, open_template
    from bakelift.translator.plan.images import legacy
    from bakelift.translator.plan.model import Plan
    from bakelift.translator.plan.scope import Scope
    from bakelift.translator.plan.types import STRING
    from bakelift.translator.plan.values import Value

    mode = parsed.text("config-type") or ""
    if mode not in ("", "hcl2", "json"):
        raise Usage("-config-type takes hcl2 or json")
    clock = clock_of(parsed)
    version = {("packer", "version"): Value(STRING, VERSIONS["current"])}
    if parsed.positionals:
        session = open_template(parsed, environment=os.environ, clock=clock)
        return Console(session.plan, session.scope().but(symbols=version), "json" if legacy(session.plan) else "hcl2")
    from bakelift.disk import DiskFiles

    files = DiskFiles(".", parsed.texts("root"))
    symbols = {**version, ("path", "root"): Value(STRING, "."), ("path", "cwd"): Value(STRING, files.cwd)}
    return Console(Plan(), Scope(symbols=symbols, files=files, clock=clock, environment=os.environ), mode)


def _answer(text: str, plan: Plan, scope: Scope, as_json: bool, mode: str = "") -> str:
    import json

    from bakelift import terminal
    from bakelift.printing import shown
    from bakelift.translator.plan.json_text import value_to_json_text

    try:
        value = Console(plan, scope, mode).value(text)
    except TemplateError as problem:
        first = next(d for d in problem.diagnostics if d.severity == "error")
        if as_json:
            return json.dumps({"error": ": ".join(part for part in (first.summary, first.detail) if part)})
        return "".join(terminal.render(d) for d in problem.diagnostics)
    if not as_json:
        return shown(value)
    try:
        return value_to_json_text(value)
    except ValueError as problem:  # infinity
        return json.dumps({"error": str(problem)})


def _unknown(expr: Expr) -> TemplateError:
    from bakelift.translator.plan.expressions import Ref

    for node in expr.walk():
        if isinstance(node, Ref) and (node.kind, node.name) in _ABSENT:
            return fail("template/not-available", _ABSENT[node.kind, node.name], "Only a build has it.")
        if isinstance(node, Ref) and node.kind == "data":
            detail = f"It depends on data.{node.name}: -allow-network asks data sources of type http."
            return fail("console/unknown", "the value is not known", detail)
    return fail("console/unknown", "the value is not known", "It depends on what only a build knows.")


def _template(text: str) -> Expr:
    from bakelift.translator.languages.go_template.functions import FIELDS
    from bakelift.translator.languages.go_template.reading import parse_template

    return parse_template([text], FIELDS)


def _expression(text: str, plan: Plan) -> Expr:
    from bakelift.translator.languages.hcl.parser import parse_expression
    from bakelift.translator.packer.hcl_reader_names import Names

    found = Diagnostics()
    names = Names(found)
    names.inputs = {item.name for item in plan.inputs}
    names.named = {item.name for item in plan.named}
    names.data = {f"{item.type}.{item.name}" for item in plan.data}
    expr = names.resolve(parse_expression(SourceFile("<console-input>", text)))
    found.stop_if_failed()
    return expr
