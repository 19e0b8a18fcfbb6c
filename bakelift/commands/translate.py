"""``bakelift translate``: a template in another format, with an account of every setting."""

from __future__ import annotations

import sys

from bakelift import terminal
from bakelift.arguments import SEED, VARIABLES, Command, Option, Usage
from bakelift.sessions import open_template

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from bakelift.arguments import Parsed
    from bakelift.sessions import Session
    from bakelift.translation import Result
    from bakelift.translator.diagnostics import Diagnostic

FORMATS = ("arm", "bicep", "resource", "hcl", "json")

COMMAND = Command(
    "translate",
    "Translate a template: Packer to Image Builder (arm, bicep, resource), Image Builder to Packer (hcl, json).",
    "TEMPLATE",
    (
        Option("to", "the format; without it, what -out says, or the other world's", "FORMAT", choices=FORMATS),
        Option("out", "write here instead of stdout; a name that ends in / is a folder", "FILE|DIR/"),
        Option("report", "write the account of every setting (.md, .html or .json)", "FILE"),
        *VARIABLES,
        Option("api-version", "of the Image Builder template", "VERSION"),
        Option("identity", "resource id of the identity that Image Builder works with", "ID"),
        Option("scripts", "where scripts go: inline, git (the commit's addresses) or a base URL [inline]", "WHERE"),
        Option("secrets", "the build VM fetches sensitive environment values from this vault", "keyvault:NAME"),
        Option("allow-secrets-inline", "sensitive environment values may stand readable in the image template"),
        Option("fetch", "fetch what the template names by address, and put it beside the Packer template"),
        Option("resolve", "leave nothing symbolic that has a value"),
        SEED,
        Option("allow-env", "let env() and PKR_VAR_ variables be read from the environment"),
        Option("missing-files", "error, or placeholder: a step that fails stands in", "HOW", default="error"),
        Option("fail-on", "status 3 from this class on", "CLASS", default="unsupported"),
        Option("partial", "write although a source or the only destination is unsupported; it cannot be deployed"),
        Option("check", "write nothing; status 3 when what stands at -out is stale"),
        Option("lock", "write hashes of inputs, scripts and outputs, and frozen values; with -check, compare", "FILE"),
        Option("parallel-run", "both pipelines run for a while: other names and versions, never the latest, a tag"),
        Option("trigger", "the service builds the image anew when its source has a new version"),
        Option("force", "overwrite an output that was edited"),
    ),
    "bakelift translate web.pkr.hcl -out image/web.json -report image/web.md",
)

#: -fail-on: the classes that make the status 3.
FAIL_ON = {
    "none": (),
    "unsupported": ("unsupported",),
    "dropped": ("unsupported", "dropped"),
    "approximated": ("unsupported", "dropped", "approximated"),
}


def run(parsed: Parsed) -> int:
    """0: done; 1: nothing could be written; 3: written, and something is unsupported (or stale, with -check)."""
    fail_on = parsed.text("fail-on") or "unsupported"
    if fail_on not in FAIL_ON:
        raise Usage(f"-fail-on takes one of {', '.join(FAIL_ON)}, not {fail_on}")
    if parsed.text("missing-files") not in ("error", "placeholder"):
        raise Usage("-missing-files takes error or placeholder")
    report_path = parsed.text("report")
    if report_path is not None:
        from bakelift.reports import format_of

        if format_of(report_path) is None:
            raise Usage(f"-report: {report_path} should end in .md, .html or .json")
    from bakelift.translation import translated

    session = _opened(parsed)
    result = translated(session, parsed)
    accepted = _accepted(session, result)
    terminal.show(_to_be_told(result, accepted))
    if result.files is None:
        sys.stderr.write("Nothing was written.\n")
        return 1
    if parsed.flag("check"):
        return _check(parsed, result)
    _write(parsed, result)
    waived = f" ({len(accepted)} waived)" if accepted else ""
    sys.stderr.write(f"{result.report.summary_line()}{waived}\n")
    left = [item.kind for number, item in enumerate(result.report.items) if number not in accepted]
    return 3 if any(kind in FAIL_ON[fail_on] for kind in left) else 0


def _to_be_told(result: Result, accepted: set[int]) -> list[Diagnostic]:
    """What is to be told, without warnings of what has been accepted everywhere."""
    items = result.report.items
    left = {item.code for number, item in enumerate(items) if number not in accepted}
    silent = {items[number].code for number in accepted} - left
    return [told for told in result.diagnostics if told.severity != "warning" or told.code not in silent]


def _accepted(session: Session, result: Result) -> set[int]:
    """The numbers of the report's entries that waivers accept."""
    files = {id(item.span.file): item.span.file for item in result.report.items if item.span is not None}
    shared = session.configuration
    if not (shared is not None and shared.waivers) and not any("bakelift:accept" in f.text for f in files.values()):
        return set()
    from datetime import date

    from bakelift.waivers import waived

    return waived(result.report, shared, date.today().isoformat(), result.diagnostics)


def _opened(parsed: Parsed) -> Session:
    """The template. A translation knows no environment and no time, unless it is told to."""
    environment: Mapping[str, str] | None = None
    clock = None
    if parsed.flag("allow-env"):
        import os

        environment = os.environ
    if parsed.text("seed") is not None:
        from bakelift.sessions import clock_of

        clock = clock_of(parsed)
    return open_template(parsed, environment, clock=clock, carried=_carried(parsed.text("to")))


def _carried(to: str | None) -> frozenset[str]:
    """Errors that do not keep a template from being translated."""
    if to not in ("hcl", "json"):
        return frozenset()
    from bakelift.translator.packer.refused import CARRIED

    return CARRIED


def _write(parsed: Parsed, result: Result) -> None:
    from bakelift.output import read_existing, refuse_edited, refuse_other, write_bytes, write_file

    assert result.files is not None
    if parsed.text("out") is None:
        sys.stdout.write(result.files[0][1])
    else:
        for path, text in result.files:
            refuse_edited(path, text, parsed.flag("force"))
        for file in result.beside:
            refuse_other(file.path, file.data, parsed.flag("force"))
        for file in result.beside:
            write_bytes(file.path, file.data, file.mode)
        for path, text in result.files:
            write_file(path, text)
        if result.manifest is not None:
            write_file(*result.manifest)
        if result.lock is not None:
            write_file(*result.lock)
        for path, text in result.parameters:
            if parsed.flag("force") or read_existing(path) in (None, text):
                write_file(path, text)
            else:
                sys.stderr.write(f"{path} is kept as it stands; -force overwrites it\n")
    for report_path in (result.account, parsed.text("report")):
        if report_path is not None:
            from bakelift.reports import format_of

            renderer = format_of(report_path)
            assert renderer is not None
            write_file(report_path, renderer(result.report))


def _check(parsed: Parsed, result: Result) -> int:
    from bakelift.output import read_existing, same_file

    if parsed.text("out") is None:
        raise Usage("-check compares with what stands at -out; say where")
    assert result.files is not None
    # The parameters file is not compared: it belongs to whoever deploys.
    compared = result.files + ([result.manifest] if result.manifest is not None else [])
    stale = [path for path, text in compared if read_existing(path) != text]
    stale += [file.path for file in result.beside if not same_file(file.path, file.data)]
    for path in stale:
        sys.stderr.write(f"{path} is stale\n")
    if result.lock is not None:
        from bakelift.locking import changes

        path, text = result.lock
        found = changes(read_existing(path), text)
        stale += [path] if found else []
        sys.stderr.write("".join(f"{path}: {change}\n" for change in found))
    return 3 if stale else 0
