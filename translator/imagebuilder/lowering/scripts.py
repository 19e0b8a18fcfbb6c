"""The files that a step names: their bytes, and what stands in for a step whose file is missing."""

from __future__ import annotations

from bakelift.translator.diagnostics import fail
from bakelift.translator.imagebuilder.lowering.names import first_comment
from bakelift.translator.imagebuilder.lowering.shell_spec import Script
from bakelift.translator.imagebuilder.lowering.text import powershell_single, single
from bakelift.translator.plan.expressions import Literal, Ref, Template

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.diagnostics import Span
    from bakelift.translator.files import Found
    from bakelift.translator.imagebuilder.lowering.context import Lowered
    from bakelift.translator.imagebuilder.lowering.step_reader import StepReader
    from bakelift.translator.plan.expressions import Expr

#: Options that name local files, in the order in which Packer reads them.
_NAMING = {"file": ("sources", "source")}
_NAMING_DEFAULT = ("scripts", "script")


def script_paths(reader: StepReader) -> list[tuple[str, str, Span | None]]:
    """(path, path as written, span) of each local file that the step names."""
    found = []
    for option in _NAMING.get(reader.step.type, _NAMING_DEFAULT):
        for item in reader.items(option):
            path = reader.text_of(item, option)
            if path:
                found.append((path, as_written(reader, item, option, path), item.span or reader.span(option)))
    return found


def as_written(reader: StepReader, item: Expr, option: str, path: str) -> str:
    """A path for the marker line: ``${path.root}`` and the like stay, so that no folder of this machine is written."""
    parts = item.parts if isinstance(item, Template) else (item,)
    if any(isinstance(part, Ref) and part.kind == "path" for part in parts):
        return "".join(
            f"${{path.{part.name}}}"
            if isinstance(part, Ref) and part.kind == "path"
            else reader.text_of(part, option).replace("${", "$${")
            for part in parts
        )
    cwd = reader.context.files.cwd.rstrip("/") + "/"
    text = path.replace("${", "$${")
    return "${path.cwd}/" + text[len(cwd) :] if text.startswith(cwd) and cwd != "/" else text


def find(reader: StepReader, path: str, span: Span | None) -> Found | None:
    """Where a file is; a place other than the one that Packer would take is said."""
    found = reader.context.files.find(path, span)
    if found is not None and found.note:
        reader.context.diagnostics.note("files/found-elsewhere", found.note, span=span)
    return found


def read_scripts(reader: StepReader) -> tuple[Script, ...]:
    """The scripts of a step, in order. Raises TemplateError where there is none, or where a file is missing."""
    paths = script_paths(reader)
    if not paths:
        raise fail(
            "packer/no-script",
            "Either a script file or inline script must be specified.",
            span=reader.step.span,
        )
    found = []
    for path, written, span in paths:
        place = find(reader, path, span)
        if place is None:
            raise fail("files/missing", f"no such file: {path}", _ADVICE, span)
        found.append(Script(reader.context.files.read(path, span), written, place.path))
    reader.scripts = tuple(found)
    return reader.scripts


_ADVICE = "Paths are tried from the working directory, then the template's folder, then the roots (-root)."


def missing(reader: StepReader) -> tuple[Expr, ...] | None:
    """With ``missing_files="placeholder"``: the lines that fail with a message, when a file of the step is missing."""
    if reader.context.options.missing_files != "placeholder":
        return None
    paths = script_paths(reader)
    absent = [written for path, written, span in paths if reader.context.files.find(path, span) is None]
    if not absent:
        return None
    names = ", ".join(absent)
    _tell_placeholder(reader, f"{names} not found: the step only fails, and says so", "the file is there")
    for name in reader.step.settings:
        reader.say(name, "unsupported", "files/missing", f"no such file: {names}")
    return _failing(reader, f"not found when this template was written: {names}")


def unbound(reader: StepReader, names: tuple[str, ...]) -> list[Lowered]:
    """The step that fails in place of one whose text or files depend on inputs without a value."""
    from bakelift.translator.imagebuilder.customizers import PowerShell, Shell
    from bakelift.translator.imagebuilder.lowering.context import Lowered

    given = " ".join(f"-var {name}=VALUE" for name in names)
    summary = f"{', '.join(names)} {'has' if len(names) == 1 else 'have'} no value: the step only fails, and says so"
    _tell_placeholder(reader, summary, f"{given} is given")
    reader.give_up("unsupported", "files/placeholder", f"the step depends on {', '.join(names)}, which has no value")
    kind = PowerShell if reader.context.windows else Shell
    inline = _failing(reader, f"to be translated again with {given}")
    return [Lowered(kind(inline=inline, leaves=reader.leaves()), reader.step.name)]


def _tell_placeholder(reader: StepReader, summary: str, wanted: str) -> None:
    detail = f"The image cannot be built until {wanted} and the template is translated again."
    reader.context.diagnostics.warning("files/placeholder", summary, detail, reader.step.span)


def _failing(reader: StepReader, message: str) -> tuple[Expr, ...]:
    whole = f"bakelift: {message}"
    if reader.context.windows:
        return (Literal(f"[Console]::Error.WriteLine({powershell_single(whole)})"), Literal("exit 1"))
    return (Literal(f"echo {single(whole)} >&2"), Literal("exit 1"))


def found_name(items: list[str], script: Script | None) -> str | None:
    """A name for a customizer: its script's, or the first comment of its lines."""
    return (script.name if script is not None else None) or first_comment(items)
