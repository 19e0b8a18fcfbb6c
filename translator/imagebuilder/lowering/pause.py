"""sleep steps: a customizer that waits."""

from __future__ import annotations

from bakelift.translator.imagebuilder.customizers import PowerShell, Shell
from bakelift.translator.imagebuilder.lowering import text as t
from bakelift.translator.imagebuilder.lowering.context import Lowered
from bakelift.translator.imagebuilder.lowering.gotext import plain_number
from bakelift.translator.plan.expressions import Literal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.imagebuilder.lowering.step_reader import StepReader
    from bakelift.translator.report import Class

#: The fact of the customizer that only waits.
SLEEP = "sleep"

OPTIONS: dict[str, tuple[Class, str, str]] = {
    "duration": ("adapted", "aib/sleep", "a customizer that waits"),
    "pause_before": ("adapted", "aib/pause", "a pause in the customizer's text"),
    "max_retries": ("adapted", "aib/retries", "waiting needs no second try"),
    "timeout": ("dropped", "aib/step-timeout", "Image Builder limits the whole build, not one step"),
}


def lower_sleep(reader: StepReader, _last: bool) -> list[Lowered]:
    """The customizer of a sleep step; nothing where it waits for no time."""
    reader.say_options(OPTIONS)
    facts = {name: reader.text(name) for name in ("duration", "pause_before") if reader.expr(name) is not None}
    waits = [seconds for name in ("pause_before", "duration") if (seconds := reader.duration(name)) and seconds > 0]
    if not waits:
        return []
    command = "Start-Sleep -Seconds {}" if reader.context.windows else "sleep {}"
    made = facts.pop("duration", None)
    lines = [t.marker({SLEEP: made, **facts}), *(command.format(plain_number(seconds)) for seconds in waits)]
    kind = PowerShell if reader.context.windows else Shell
    inline = tuple(Literal(line) for line in lines)
    return [Lowered(kind(inline=inline, leaves=reader.leaves()), reader.step.name, f"sleep {made}")]
