"""How long each step of a build took: kept while it runs, shown as a table at the end when somebody asked."""

from __future__ import annotations

from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Literal

    #: ``cached``: what an earlier run left was taken; ``skipped``: nobody asked for it.
    Outcome = Literal["ok", "failed", "cached", "skipped", "cancelled"]


class StepLabel(Record):
    """How the log names a step beside its own lines. ``number``: from 1; 0 for what is no step of the template."""

    number: int
    type: str
    what: str = ""

    def __str__(self) -> str:
        words = [str(self.number) if self.number else "", self.type, self.what]
        return " ".join(word for word in words if word)


class StepTime(Record):
    """One step that is over. ``seconds``: of all its tries."""

    label: StepLabel
    seconds: float
    outcome: Outcome = "ok"


def table(builds: Sequence[tuple[str, Sequence[StepTime]]]) -> list[str]:
    """The lines of the table: a row per step, and a sum per build.

    ``--> null.web: 1 shell scripts/setup.sh    1.204 s``
    """
    rows: list[tuple[str, str, str, str]] = []
    for name, times in builds:
        for time in times:
            outcome = "" if time.outcome == "ok" else time.outcome
            rows.append((name, str(time.label), f"{time.seconds:.3f} s", outcome))
        rows.append((name, "all steps", f"{sum(time.seconds for time in times):.3f} s", ""))
    widest = max((len(f"{name}: {label}") for name, label, _, _ in rows), default=0)
    longest = max((len(seconds) for _, _, seconds, _ in rows), default=0)
    return [
        f"--> {f'{name}: {label}':{widest}}  {seconds:>{longest}}  {outcome}".rstrip()
        for name, label, seconds, outcome in rows
    ]
