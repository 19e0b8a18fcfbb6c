"""What is told of generalizing, and the script by which a template tells Image Builder how to do it.

Source: image-builder-json, "Override the VM Image Builder commands".
"""

from __future__ import annotations

import re

from bakelift.translator.imagebuilder.emptied import empties
from bakelift.translator.imagebuilder.lowering import text as t
from bakelift.translator.imagebuilder.lowering.emptying import lines_of
from bakelift.translator.plan.expressions import Literal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bakelift.translator.diagnostics import Span
    from bakelift.translator.imagebuilder.lowering.context import Context, Lowered
    from bakelift.translator.imagebuilder.lowering.step_reader import StepReader
    from bakelift.translator.plan.expressions import Expr
    from bakelift.translator.plan.images import Image
    from bakelift.translator.report import Class

#: The scripts with which Image Builder generalizes, where a customizer has written them.
LINUX_SCRIPT = "/tmp/DeprovisioningScript.sh"
WINDOWS_SCRIPT = "c:\\DeprovisioningScript.ps1"

#: The fact of the customizer that writes one of them.
OVERRIDE = "deprovisioning"

#: The facts of a text whose step turned the machine off, and of one whose step was a batch file.
OFF, BATCH = "shutdown", "windows-shell"


def overridden(lines: Sequence[Expr], windows: bool) -> list[str] | None:
    """The lines that such a text was made of; None for any other text."""
    read = t.from_lines(lines)
    if read is None or read[1]:
        return None
    marked, start, *rest = read[0].split("\n") if "\n" in read[0] else ("", "")
    facts = t.read_marker(marked) or {}
    end = 1 if windows else 2
    if facts.get(OVERRIDE) is not True or len(rest) <= end or not start:
        return None
    found = [t.from_powershell(line[3:-1]) for line in rest[:-end]] if windows else rest[:-end]
    if facts.get(OFF) is True:
        found = [_turned_off(line) for line in found]
    waits = facts.get("waits")
    if isinstance(waits, list) and len(waits) == 2 and all(isinstance(count, int) for count in waits):
        found = found[waits[0] : len(found) - waits[1]]
    return found


def _turned_off(line: str) -> str:
    return re.sub(r"(?<=[\s'\"])/quit\b", "/shutdown", line) if "sysprep" in line.lower() else line


def note_emptied(reader: StepReader, lines: Iterable[str]) -> None:
    """Whether the last step itself removes the script with which Image Builder generalizes."""
    if any(empties(line, reader.context.windows) for line in lines):
        reader.context.emptied = True


def say_own(reader: StepReader, names: list[str], code: str, path: str) -> None:
    """Says of options that the script of Image Builder's at ``path`` does what they say."""
    scripted = reader.expr("inline") is None
    kind: Class = "approximated" if scripted else "adapted"
    for name in names:
        if name == "elevated_password":
            continue  # what is said of it everywhere holds here too
        reader.say(name, kind, code, f"in {path}, with which Image Builder generalizes instead of its own commands")


def scripts_option(reader: StepReader) -> str:
    """The option that names the step's scripts."""
    return "script" if "script" in reader.step.settings else "scripts"


def note_generalizing(reader: StepReader, made: Sequence[Lowered]) -> None:
    """Remembers a step that generalizes the machine, or uploads what does."""
    context = reader.context
    destination = reader.step.settings.get("destination")
    if destination is not None and _is_override(destination.value):
        context.generalized = True
        return
    word, command = ("sysprep", _SYSPREP_RUN) if context.windows else ("waagent", _WAAGENT_RUN)
    for line in lines_of(reader, made):
        if word in line.lower() and not line.lstrip().startswith("#") and re.search(command, line):
            context.generalizing.append(reader.step)
            return


_WAAGENT_RUN = r"\bwaagent\b.*-deprovision"
_SYSPREP_RUN = r"(?i)sysprep(?:\.exe)?['\"]?\s.*/generalize"


def _is_override(destination: Expr) -> bool:
    """Whether a step writes the script itself that Image Builder runs in place of its own."""
    path = destination.value if isinstance(destination, Literal) else None
    return isinstance(path, str) and path.lower().replace("\\", "/") in (
        LINUX_SCRIPT.lower(),
        WINDOWS_SCRIPT.lower().replace("\\", "/"),
    )


def _build_span(image: Image) -> Span | None:
    """Where the steps of an image are listed: the same for all images of a build, so that it is told of them once."""
    return image.group.span or (image.source.span if len(image.group.sources) == 1 else None)


def tell_generalizing(context: Context, image: Image | None = None) -> None:
    """Says what Image Builder will do that the template does not, or does already."""
    if context.generalized:
        return
    if not context.generalizing:
        kept = image.settings.get("shared_image_gallery_destination.specialized") if image is not None else None
        if kept is not None and context.binder.fold(kept.value) != Literal(False):
            return  # what becomes of that is told
        context.diagnostics.note(
            "aib/never-generalized",
            "The template does not generalize its machine; Image Builder does",
            "The image has no users and no machine's identity of its own: what runs it gets these from its creation.",
            _build_span(image) if image is not None else None,
        )
        return
    run = [step for step in context.generalizing if step.type != "file"]
    step = run[0] if run else context.generalizing[0]
    texts = (step.settings.get(name) for name in ("inline", "script", "scripts", "source", "content"))
    said = [leaf for setting in texts if setting is not None for leaf in setting.leaves]
    if run:
        summary = "The step generalizes the machine, and Image Builder does that again at the end"
        detail = (
            "What comes after it, and Image Builder itself, needs the machine as it was. Generalize in the last step, "
            "in lines of their own and outside of blocks; they are then left to Image Builder."
        )
        context.accounting.say(said, "approximated", "aib/generalized-twice", summary[0].lower() + summary[1:])
    else:
        summary = "What the step uploads generalizes the machine when it is run, and Image Builder does that at the end"
        detail = (
            "If a step runs it, Image Builder's own generalization fails or finds the machine changed. Put these lines "
            "at the end of the last step; they are then left to Image Builder."
        )
    context.diagnostics.warning("aib/generalized-twice", summary, detail, said[0].span if said else step.span)
