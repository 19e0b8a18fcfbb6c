"""Names of customizers: the step's own, else its script's, else its first comment's, else its number and type."""

from __future__ import annotations

from bakelift.translator.imagebuilder.customizers import (
    Customizer,
    File,
    PowerShell,
    Shell,
    WindowsRestart,
    WindowsUpdate,
)
from bakelift.translator.plan.expressions import Literal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from bakelift.translator.imagebuilder.lowering.context import Lowered

#: What a customizer without a better name is called.
_WORDS: dict[type[Customizer], str] = {
    Shell: "shell",
    PowerShell: "powershell",
    File: "file",
    WindowsRestart: "windows-restart",
    WindowsUpdate: "windows-update",
}


def named(found: Sequence[tuple[int, Lowered]]) -> list[Customizer]:
    """The customizers with names that are unique in the image; ``found`` has the step's number with each."""
    used: set[str] = set()
    named: list[Customizer] = []
    for number, lowered in found:
        customizer = lowered.customizer
        base = lowered.own_name or lowered.found_name or f"{number:02d}-{_WORDS[type(customizer)]}"
        name, again = base, 2
        while name.lower() in used:
            name = f"{base}-{again}"
            again += 1
        used.add(name.lower())
        named.append(customizer.but(name=Literal(name)))
    return named
