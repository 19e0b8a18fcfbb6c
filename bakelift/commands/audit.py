"""``bakelift audit``: what it would cost to bring all templates of a tree to the other world, and where to begin."""

from __future__ import annotations

import sys

from bakelift.arguments import Command, Option, Usage
from bakelift.audits import ENDINGS, FORMATS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.arguments import Parsed
    from bakelift.translator.audit.model import Survey

COMMAND = Command(
    "audit",
    "Survey all templates below some paths: what is automatic, to review, manual, and where to begin.",
    "PATH...",
    (
        Option(
            "format",
            "table, json, csv, markdown or html; without it, what the name of -out says",
            "FORMAT",
            choices=FORMATS,
        ),
        Option("out", "write there instead of to stdout", "FILE"),
        Option(
            "to",
            "what to migrate to: arm or bicep (Image Builder), hcl or json (Packer)",
            "FORMAT",
            default="arm",
            choices=("arm", "bicep", "hcl", "json"),
        ),
        Option("var", "set a variable of the templates that have it; the last one wins", "NAME=VALUE", many=True),
        Option("var-file", "variable values from a file (.pkrvars.hcl, .json, .bicepparam)", "FILE", many=True),
        Option("only", "only the builds whose names match (comma separated, globs)", "NAMES", many=True),
        Option("except", "all but the builds and post-processors whose names match", "NAMES", many=True),
        Option("root", "files may be read below this folder (repeatable)", "DIR", many=True),
        Option("api-version", "of the Image Builder templates", "VERSION"),
    ),
    "bakelift audit images/ -out survey.html",
    maximum=10_000,
)


def run(parsed: Parsed) -> int:
    """0: surveyed; 1: a path cannot be read, or there is no template."""
    from datetime import date

    from bakelift import terminal
    from bakelift.auditing import survey
    from bakelift.audits import rendered
    from bakelift.audits.progress import progress
    from bakelift.translator.diagnostics import Diagnostic

    for text in parsed.texts("var"):
        if "=" not in text:
            raise Usage(f"-var {text} has no value: write -var 'name=value'")
    format = _format(parsed)
    with progress(sys.stderr) as said:
        found, told = survey(parsed, parsed.text("to") or "arm", date.today().isoformat(), said)
    if not found.templates and not any(d.severity == "error" for d in told):
        detail = "bakelift explain audit/no-template says what is looked for."
        told.append(Diagnostic("error", "audit/no-template", "there is no template below these paths", detail))
    _write(parsed, rendered(found, format, None if parsed.text("out") is not None else sys.stdout))
    terminal.show(told)
    sys.stderr.write(f"{_last_line(found)}\n")
    return 1 if any(d.severity == "error" for d in told) else 0


def _format(parsed: Parsed) -> str:
    given, out = parsed.text("format"), parsed.text("out")
    if given is not None or out is None:
        return given or "table"
    return next((name for ending, name in ENDINGS.items() if out.endswith(ending)), "table")


def _write(parsed: Parsed, text: str) -> None:
    out = parsed.text("out")
    if out is None:
        sys.stdout.write(text)
        return
    from bakelift.output import write_file

    write_file(out, text)


def _last_line(found: Survey) -> str:
    """``3 templates: 1 automatic, 2 to review; 41 settings automatic, 2 to review, 0 manual``."""
    from bakelift.translator.audit import totals
    from bakelift.translator.audit.model import VERDICTS

    number = len(found.templates)
    listed = [f"{count} {VERDICTS[name]}" for name, count in totals.verdicts(found).items() if count]
    of = totals.counts(found)
    waived = f" ({of.waived} waived)" if of.waived else ""
    templates = f"{number} template{'s' if number != 1 else ''}" + (f": {', '.join(listed)}" if listed else "")
    return f"{templates}; settings: {of.automatic} automatic, {of.review} to review, {of.manual} manual{waived}"
