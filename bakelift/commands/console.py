"""``bakelift console``: evaluates expressions, one a line on standard input."""

from __future__ import annotations

import sys

from bakelift.arguments import VARIABLES, Command, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.arguments import Parsed
    from bakelift.translator.plan.scope import Scope

COMMAND = Command(
    "console",
    "Evaluate HCL expressions, one a line on standard input, with the variables and locals of a template.",
    "[TEMPLATE]",
    (*VARIABLES, Option("json", 'one JSON value a line, or {"error": …}')),
    "echo 'upper(var.name)' | bakelift console -var name=web web.pkr.hcl",
    minimum=0,
)


def run(parsed: Parsed) -> int:
    """Status 1 when an expression failed, as Packer's console does for its last line."""
    scope = _scope(parsed)
    as_json = parsed.flag("json")
    failed = False
    for line in sys.stdin:
        text = line.strip()
        if text == "exit":
            break
        if text:
            failed = not _answer(text, scope, as_json)
    return 1 if failed else 0


def _scope(parsed: Parsed) -> Scope:
    import os

    from bakelift.sessions import clock, open_template
    from bakelift.translator.plan.scope import Scope

    if not parsed.positionals:
        from bakelift.disk import DiskFiles

        return Scope(files=DiskFiles(".", parsed.texts("root")), clock=clock(), environment=os.environ)
    session = open_template(parsed, environment=os.environ)
    return session.scope()


def _answer(text: str, scope: Scope, as_json: bool) -> bool:
    import json

    from bakelift import terminal
    from bakelift.translator.diagnostics import TemplateError
    from bakelift.translator.languages.hcl.parser import parse_expression
    from bakelift.translator.plan.evaluate import evaluate
    from bakelift.translator.plan.values import value_to_json_text

    try:
        print(value_to_json_text(evaluate(parse_expression(text), scope)), flush=True)
        return True
    except TemplateError as problem:
        if as_json:
            print(json.dumps({"error": problem.diagnostics[0].summary}), flush=True)
        else:
            terminal.show(problem.diagnostics)
        return False
