"""Steps that an image template said itself: its own customizers again, expressions in their lines included.

A template may compose lines of a script of its parameters; whoever wrote it has seen to the quoting. Of Packer's steps
only the environment is ever an expression.
"""

from __future__ import annotations

from bakelift.translator.imagebuilder.customizers import PowerShell, Shell
from bakelift.translator.imagebuilder.lowering import download
from bakelift.translator.imagebuilder.lowering import text as t
from bakelift.translator.imagebuilder.lowering.context import Lowered
from bakelift.translator.plan.expressions import EMPTY, TRUE, ListExpr, Literal, Ref
from bakelift.translator.plan.model import Setting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.imagebuilder.lowering.context import Context
    from bakelift.translator.imagebuilder.lowering.step_reader import StepReader
    from bakelift.translator.plan.expressions import Expr
    from bakelift.translator.plan.model import Step

_ELEVATION = {"elevated_user", "elevated_password"}
_SYSTEM = {"elevated_user": Literal("SYSTEM"), "elevated_password": EMPTY}
_USER: dict[str, Expr] = {"elevated_user": Ref("build", "User"), "elevated_password": Ref("build", "Password")}


def inline_again(step: Step, context: Context) -> Step:
    """The step with the lines of its script inline, as they stood in the template."""
    script = step.settings["script"]
    path = context.binder.text(script.value, "script")
    if path is None:
        return step
    lines = context.files.read(path, script.span).decode("utf-8", "replace").removesuffix("\n").split("\n")
    if step.type == "shell" and lines[0] == "#!/bin/sh -e":
        del lines[0]
    items = ListExpr(tuple(Literal(line) for line in lines))
    settings = {("inline" if name == "script" else name): setting for name, setting in step.settings.items()}
    return step.but(settings={**settings, "inline": Setting(items, script.leaves)})


def verbatim(reader: StepReader) -> list[Lowered] | None:
    """The customizer of a step that is nothing but its lines; None for any other, which is lowered."""
    step = reader.step
    names = set(step.settings)
    if "inline" not in names or step.type not in ("shell", "powershell"):
        return None
    lines = tuple(reader.items("inline"))
    marked = bool(lines) and isinstance(lines[0], Literal) and t.read_marker(str(lines[0].value)) is not None
    if not lines or marked or download.recognised(lines, step.type == "powershell") is not None:
        return None
    if any(node.kind in ("build", "command") for line in lines for node in line.walk() if isinstance(node, Ref)):
        return None
    for line in lines:
        reader.refuse_secrets(line, "inline")
    if step.type == "shell":
        if names != {"inline"}:
            return None
        reader.say("inline", "exact", "aib/shell-inline", "the same lines in one script")
        return [Lowered(Shell(inline=lines, leaves=reader.leaves()), step.name)]
    frame = _frame(reader, names)
    if frame is None:
        return None
    for name in names:
        reader.say(name, "exact", "aib/powershell-inline", "the same lines in one script")
    return [Lowered(PowerShell(inline=lines, leaves=reader.leaves(), **frame), step.name)]


def _frame(reader: StepReader, names: set[str]) -> dict[str, Expr] | None:
    """The fields of a PowerShell customizer beside its lines; None where an option is none of them."""
    settings = reader.step.settings
    if not names <= {"inline", "valid_exit_codes", *_ELEVATION}:
        return None
    found: dict[str, Expr] = {}
    said = {name: settings[name].value for name in _ELEVATION & names}
    if said == _SYSTEM:
        found = {"run_elevated": TRUE, "run_as_system": TRUE}
    elif said == _USER:
        found = {"run_elevated": TRUE}
    elif said:
        return None
    if "valid_exit_codes" in names:
        found["valid_exit_codes"] = settings["valid_exit_codes"].value
    return found
