"""``bakelift validate``: all checks of a template, without a network or plugins."""

from __future__ import annotations

import sys

from bakelift.arguments import VARIABLES, Command, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.arguments import Parsed

#: -fail-on: what makes a template invalid, each with what is worse.
_FAILING = {"error": ("error",), "warning": ("error", "warning"), "note": ("error", "warning", "note"), "none": ()}

COMMAND = Command(
    "validate",
    "Check a template: its syntax, its expressions, and what Packer's components or Image Builder would refuse.",
    "TEMPLATE",
    (
        *VARIABLES,
        Option("syntax-only", "check only the syntax, not the configuration"),
        Option("format", "how to say it", "FORMAT", default="text", choices=("text", "json", "github", "sarif")),
        Option("fail-on", "what ends in status 1", "SEVERITY", default="error", choices=tuple(_FAILING)),
        Option("warn-undeclared-var", "warn of values for undeclared variables", default=True),
    ),
    "bakelift validate -var-file prod.pkrvars.hcl -format github images/",
)


def run(parsed: Parsed) -> int:
    """0: valid; 1: not. As text, diagnostics go to stderr; in other formats, all goes to stdout."""
    from bakelift import terminal
    from bakelift.formats import FORMATS
    from bakelift.validation import validate

    syntax_only = parsed.flag("syntax-only")
    found = validate(parsed, syntax_only)
    if not parsed.flag("warn-undeclared-var"):
        found = [d for d in found if d.code != "packer/undeclared-variable"]
    failed = any(d.severity in _FAILING[parsed.text("fail-on") or "error"] for d in found)
    format = parsed.text("format") or "text"
    if format != "text":
        sys.stdout.write(FORMATS[format](found))
        return 1 if failed else 0
    terminal.show(found)
    if failed:
        return 1
    print("Syntax-only check passed. Everything looks okay." if syntax_only else "The configuration is valid.")
    return 0
