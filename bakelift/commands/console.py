"""``bakelift console``: evaluates expressions, one a line on standard input."""

from __future__ import annotations

import os
import sys

from bakelift.arguments import VARIABLES, Command, Option
from bakelift.translator.diagnostics import Diagnostics, SourceFile, TemplateError

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
    (*VARIABLES, Option("json", 'one JSON value a line, or {"error": "…"}')),
    "echo 'upper(var.name)' | bakelift console -var name=web web.pkr.hcl",
    minimum=0,
)


def run(parsed: Parsed) -> int:
    """Always 0 when the template can be read, as Packer's console has it: errors are answers."""
    plan, scope = _opened(parsed)
    as_json = parsed.flag("json")
    for line in sys.stdin:
        text = line.strip()
        if text == "exit":
            break
        if text == "variables" and not as_json:
            sys.stdout.write(_variables(plan, scope))
        elif text:
            print(_answer(text, plan, scope, as_json), flush=True)
    return 0


def _opened(parsed: Parsed) -> tuple[Plan, Scope]:
    from bakelift.sessions import clock, open_template
    from bakelift.translator.plan.model import Plan
    from bakelift.translator.plan.scope import Scope

    if parsed.positionals:
        session = open_template(parsed, environment=os.environ)
        return session.plan, session.scope()
    from bakelift.disk import DiskFiles

    return Plan(), Scope(files=DiskFiles(".", parsed.texts("root")), clock=clock(), environment=os.environ)


def _answer(text: str, plan: Plan, scope: Scope, as_json: bool) -> str:
    import json

    from bakelift import terminal
    from bakelift.translator.plan.evaluate import evaluate
    from bakelift.translator.plan.json_text import value_to_json_text

    try:
        value = evaluate(_expression(text, plan), scope)
        if not value.wholly_known():
            raise _unknown()
    except TemplateError as problem:
        first = next(d for d in problem.diagnostics if d.severity == "error")
        if as_json:
            return json.dumps({"error": ": ".join(part for part in (first.summary, first.detail) if part)})
        return "".join(terminal.render(d) for d in problem.diagnostics)
    return value_to_json_text(value) if as_json else shown(value)


def _unknown() -> TemplateError:
    from bakelift.translator.diagnostics import fail

    return fail("console/unknown", "the value is not known", "It depends on what only a build knows.")


def _expression(text: str, plan: Plan) -> Expr:
    from bakelift.translator.packer.hcl_reader_names import Names

    file = SourceFile("<console-input>", text)
    if "{{" in text:
        from bakelift.translator.languages.go_template.functions import VARIABLES as FUNCTIONS
        from bakelift.translator.languages.go_template.reading import parse_template

        return parse_template([text], FUNCTIONS)
    from bakelift.translator.languages.hcl.parser import parse_expression

    found = Diagnostics()
    names = Names(found)
    names.inputs = {item.name for item in plan.inputs}
    names.named = {item.name for item in plan.named}
    names.data = {f"{item.type}.{item.name}" for item in plan.data}
    expr = names.resolve(parse_expression(file))
    found.stop_if_failed()
    return expr


def _variables(plan: Plan, scope: Scope) -> str:
    """The answer to ``variables``."""
    import json

    from bakelift.translator.plan.evaluate import evaluate
    from bakelift.translator.plan.expressions import Ref

    secrets = {i.name for i in plan.inputs if i.sensitive} | {n.name for n in plan.named if n.sensitive}
    lines = []
    for title, kind, word, names in (
        ("input-variables", "input", "var", sorted(i.name for i in plan.inputs)),
        ("local-variables", "named", "local", sorted(i.name for i in plan.named)),
    ):
        lines.append(f"> {title}:\n")
        for name in names:
            value = evaluate(Ref(kind, name), scope)  # type: ignore[arg-type]
            secret = value.sensitive or name in secrets
            text = "<sensitive>" if secret else shown(value) if value.wholly_known() else "<unknown>"
            lines.append(f"{word}.{name}: {json.dumps(text)}")
        lines.append("")
    return "\n".join(lines) + "\n"


def shown(value: Value, indent: str = "") -> str:
    """A value as Packer's console shows it: text bare at the top, quoted inside."""
    raw = value.raw
    if isinstance(raw, str):
        from bakelift.translator.plan.json_text import json_string

        return json_string(raw, escape=False) if indent else raw
    inner = indent + "  "
    if isinstance(raw, tuple):
        if not raw:
            return "[]"
        return "[\n" + "".join(f"{inner}{shown(item, inner)},\n" for item in raw) + f"{indent}]"
    if isinstance(raw, dict):
        if not raw:
            return "{}"
        return "{\n" + "".join(f'{inner}"{key}" = {shown(item, inner)}\n' for key, item in raw.items()) + f"{indent}}}"
    from bakelift.translator.plan.json_text import value_to_json_text

    return value_to_json_text(value)
