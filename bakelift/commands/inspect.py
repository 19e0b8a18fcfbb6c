"""``bakelift inspect``: what a template holds, as Packer says it, or the Plan as JSON."""

from __future__ import annotations

import os
import sys

from bakelift.arguments import VARIABLES, Command, Option, Usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.arguments import Parsed
    from bakelift.runner.ui import Ui
    from bakelift.sessions import Session

COMMAND = Command(
    "inspect",
    "Show the variables, builds and steps of a template; with -json the whole Plan, and what each image needs.",
    "TEMPLATE",
    (
        *VARIABLES,
        Option("json", "the Plan as JSON, by plan.schema.json"),
        Option("graph", "which image is made from which, of one template or several; with -json for machines"),
        Option("machine-readable", "records for machines"),
    ),
    "bakelift inspect -json web.pkr.hcl",
    maximum=1000,
)


def run(parsed: Parsed) -> int:
    """0; 1 when the template cannot be read."""
    from bakelift import terminal
    from bakelift.sessions import clock, open_template

    if parsed.flag("graph"):
        return _graph(parsed)
    if len(parsed.positionals) > 1:
        raise Usage("inspect takes one template; several go with -graph")
    session = open_template(parsed, environment=os.environ, clock=clock())
    if parsed.flag("json"):
        import json

        from bakelift.plan_json import plan_json

        data = plan_json(session, session.images(parsed))
        if session.configuration is not None:
            data["configuration"] = session.configuration.as_json()
        sys.stdout.write(json.dumps(data, indent=2) + "\n")
        return 0
    terminal.show(session.diagnostics)
    _text(session, _ui(parsed.flag("machine-readable")))
    return 0


def _graph(parsed: Parsed) -> int:
    import json

    from bakelift import chains, terminal
    from bakelift.arguments import Parsed
    from bakelift.sessions import clock, open_template

    found = []
    for path in parsed.positionals:
        session = open_template(Parsed([path], parsed.values), environment=os.environ, clock=clock())
        images = chains.flows(session, parsed)
        terminal.show(session.diagnostics)
        several = len(parsed.positionals) > 1
        found += [one.but(name=f"{path}: {one.name}") if several else one for one in images]
    text = json.dumps(chains.as_json(found), indent=2) + "\n" if parsed.flag("json") else chains.text(found)
    sys.stdout.write(text)
    return 0


def _ui(machine: bool) -> Ui:
    from bakelift.runner.redaction import Redactor
    from bakelift.runner.ui import MachineReadableUi, PlainUi, Writer

    writer = Writer(sys.stdout, Redactor())
    return MachineReadableUi(writer) if machine else PlainUi(writer)


def _text(session: Session, ui: Ui) -> None:
    from bakelift.inspecting import inspect_hcl, inspect_image_builder, inspect_json
    from bakelift.translator.plan.images import legacy

    if not session.loaded.is_packer:
        inspect_image_builder(session, ui)
    elif legacy(session.plan):
        inspect_json(session.plan, ui)
    else:
        inspect_hcl(session, ui)
    if session.configuration is not None:
        lines = "".join(f"\n  {line}" for line in session.configuration.lines())
        ui.say(f"\n> {session.configuration.path}:\n{lines}")
