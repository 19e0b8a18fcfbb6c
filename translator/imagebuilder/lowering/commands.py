"""Execute commands: text with holes, as a step says it."""

from __future__ import annotations

from bakelift.translator.imagebuilder.lowering.gotext import parse_command
from bakelift.translator.plan.expressions import Literal, Ref, Template, template

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.imagebuilder.lowering.step_reader import StepReader
    from bakelift.translator.plan.expressions import Expr


def read_command(reader: StepReader, option: str, told: tuple[str, ...] = ()) -> Expr | None:
    """A command as text and holes; None where the step has none. ``told``: generated data that may stay in it."""
    expr = reader.rendered(option, without_credentials=True)
    if expr is None:
        return None
    said = reader.step.settings[option].value
    came_by_name = any(isinstance(n, Ref) and n.kind in ("input", "named") for n in said.walk())
    parts: list[Expr] = []
    for part in expr.parts if isinstance(expr, Template) else (expr,):
        if isinstance(part, Literal) and came_by_name:
            # The text of a variable is a template of its own once it is an execute command.
            inner = parse_command(str(part.value))
            parts += inner.parts if isinstance(inner, Template) else [inner]
        elif isinstance(part, Ref) and part.kind == "build" and part.name not in told:
            reader.refuse_build_data(part, option)
        else:
            parts.append(part)
    command = template(parts)
    return command.parts[0] if isinstance(command, Template) and len(command.parts) == 1 else command
