"""From a session to the files of a translation and its report, whichever way it goes."""

from __future__ import annotations

import os

from bakelift import team
from bakelift.arguments import Usage
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.arguments import Parsed
    from bakelift.packer_output import OutputFile
    from bakelift.sessions import Session
    from bakelift.staging import ByGit, ByUrl
    from bakelift.translator.diagnostics import Diagnostics
    from bakelift.translator.imagebuilder.output import Output
    from bakelift.translator.plan.remarks import Remark
    from bakelift.translator.report import Report


class Result(Record):
    """``files``: (path, text) each, the template first; None: nothing can be written (the diagnostics say why).

    ``parameters``: parameters files, which belong to whoever deploys once they are edited. ``beside``: scripts that the
    template names, with their paths as they are to be written. ``account``: path of the report that a folder gets.
    ``manifest``: path and text of the list of staged files; ``lock``: those of what was made of what.
    """

    files: list[tuple[str, str]] | None
    report: Report
    diagnostics: Diagnostics
    parameters: tuple[tuple[str, str], ...] = ()
    beside: tuple[OutputFile, ...] = ()
    account: str | None = None
    manifest: tuple[str, str] | None = None
    lock: tuple[str, str] | None = None


def translated(session: Session, parsed: Parsed) -> Result:
    """Translates as the command line says. Raises TemplateError."""
    to = parsed.text("to") or _format_of(parsed.text("out") or "") or ("arm" if session.loaded.is_packer else "hcl")
    if to in ("hcl", "json"):
        return _to_packer(session, parsed, to)
    return _to_image_builder(session, parsed, to)


def _format_of(path: str) -> str | None:
    """The format that the name of an output tells."""
    if path.endswith(".bicep"):
        return "bicep"
    return "hcl" if path.endswith(".pkr.hcl") else None


def _to_image_builder(session: Session, parsed: Parsed, shape: str) -> Result:
    from bakelift.translator.imagebuilder.lowering.context import SECRET
    from bakelift.translator.imagebuilder.rest import said_version
    from bakelift.translator.imagebuilder.translate import TranslateOptions, translate
    from bakelift.translator.imagebuilder.versions import DEFAULT

    staging = team.staging(session, parsed)
    files = session.loaded.files
    recorder = None
    if parsed.text("lock") is not None:
        from bakelift.locking import Recorder

        files = recorder = Recorder(files)
    options = TranslateOptions(
        shape=shape,
        api_version=team.said(session, parsed, "api-version") or said_version(session.plan) or DEFAULT,
        identity=team.said(session, parsed, "identity"),
        resolve=parsed.flag("resolve"),
        partial=parsed.flag("partial"),
        only=tuple(parsed.texts("only")),
        excepted=tuple(parsed.texts("except")),
        missing_files=parsed.text("missing-files") or "error",
        staging=staging,
        allow_secrets=parsed.flag("allow-secrets-inline"),
        vault=team.vault(session, parsed),
        template_name=team.template_name(session, parsed),
        arrangement=team.arrangement(session, parsed),
        parallel=parsed.flag("parallel-run"),
        trigger=_trigger(parsed, shape),
        clock=session.clock,
    )
    made = translate(session.plan, session.bindings, files, options, session.diagnostics)
    failed = not options.partial and any(d.severity == "error" and d.code != SECRET for d in made.diagnostics)
    if failed or any(output.template is None for output in made.outputs):
        return Result(None, made.report, made.diagnostics)
    out = parsed.text("out")
    if len(made.outputs) > 1 and (out is None or not _folder(out)):
        names = ", ".join(output.name for output in made.outputs)
        raise Usage(f"{len(made.outputs)} images are {len(made.outputs)} resources ({names}): -out DIR/, or -only one")
    report = made.report.but(output={"format": shape, "path": out or "-"}, comments=_comments(session, parsed, out))
    written = [_template(output, out, shape) for output in made.outputs]
    beside = [
        (f"{path.removesuffix(output.suffix)}.parameters.json", output.parameters_text())
        for output, (path, _) in zip(made.outputs, written, strict=True)
    ]
    parameters = tuple((path, text) for path, text in beside if text is not None and out is not None)
    result = Result(written, report, made.diagnostics, parameters, account=_account(out))
    if staging is not None and out is not None:
        result = _with_staged(result, staging, out)
    lock = parsed.text("lock")
    if lock is not None and recorder is not None:
        from bakelift.locking import lock_text

        text = lock_text(lock, session.plan, recorder, result, _deciding(session, parsed))
        result = result.but(lock=(lock, text))
    return result


def _trigger(parsed: Parsed, shape: str) -> bool:
    if parsed.flag("trigger") and shape == "resource":
        raise Usage("-trigger goes with -to arm and -to bicep: a trigger is a resource beside the image template")
    return parsed.flag("trigger")


def _with_staged(result: Result, staging: ByUrl | ByGit, out: str) -> Result:
    """With the manifest, and the files that it lists: in a folder's own, or beside the template under its name."""
    whole = _folder(out)
    folder = out if whole else os.path.dirname(out)
    stem = "" if whole else os.path.splitext(os.path.basename(out))[0] + "."
    path = os.path.join(folder, f"{stem}staging.json")
    manifest, files = staging.outcome(path, f"{stem}files")
    if not manifest.files:
        return result
    beside = tuple(file.but(path=os.path.join(folder, file.path)) for file in files)
    return result.but(beside=beside, manifest=(path, manifest.text()))


def _template(output: Output, out: str | None, shape: str) -> tuple[str, str]:
    """Where the template goes, and its text."""
    from bakelift.output import stamp, stamp_text
    from bakelift.translator.imagebuilder.output import json_text

    template = output.template
    assert template is not None
    path = os.path.join(out, f"{output.name}{output.suffix}") if out is not None and _folder(out) else out or "-"
    if output.bicep is not None:
        return path, stamp_text(output.bicep, "//") if out is not None else output.bicep
    return path, json_text(stamp(template) if shape == "arm" else template)


def _deciding(session: Session, parsed: Parsed) -> list[str]:
    """Files beside the template that decide what is written: of variables, and the team's configuration."""
    shared = session.configuration
    found = [] if shared is None else [shared.path, *shared.var_files]
    return [*found, *parsed.texts("var-file"), *(file.path for file in session.loaded.auto_files)]


def _comments(session: Session, parsed: Parsed, out: str | None) -> tuple[Remark, ...]:
    """The template's comments, where a report is written: JSON keeps none."""
    if parsed.text("report") is None and _account(out) is None:
        return ()
    from bakelift.translator.plan.remarks import remarks

    return remarks(session.plan)


def _account(out: str | None) -> str | None:
    return os.path.join(out, "report.md") if out is not None and _folder(out) else None


def _to_packer(session: Session, parsed: Parsed, format: str) -> Result:
    from bakelift.output import stamp_legacy, stamp_text
    from bakelift.packer_output import write_packer

    if parsed.flag("fetch"):
        from bakelift.fetching import fetch

        fetch(session)
        session.diagnostics.stop_if_failed()
    out = parsed.text("out")
    if out is None:
        folder, path = "", "-"
    elif _folder(out):
        folder, path = out, os.path.join(out, "template.pkr.hcl" if format == "hcl" else "template.json")
    else:
        folder, path = os.path.dirname(out), out
    made = write_packer(
        session.plan,
        format,
        path,
        session.loaded.scripts,
        session.diagnostics,
        alone=out is None,
        bindings=session.bindings,
        files=session.loaded.files,
    )
    text = made.text
    if out is not None:
        text = stamp_legacy(text) if format == "json" else stamp_text(text, "#")
    files = [(path, text)]
    beside = tuple(file.but(path=os.path.join(folder, file.path)) for file in made.beside)
    return Result(files, made.report, session.diagnostics, beside=beside, account=_account(out))


def _folder(path: str) -> bool:
    return path.endswith(("/", os.sep)) or os.path.isdir(path)
