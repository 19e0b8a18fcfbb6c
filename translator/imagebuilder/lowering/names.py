"""Names of customizers: the step's own, else its script's, else its first comment's, else its place and type."""

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


def named(found: Sequence[Lowered], only_own: bool = False) -> list[Customizer]:
    """The customizers of an image, in order, with names that are unique in it.

    ``only_own``: of an image template's own steps, which have the names that it gave them, and no other.
    """
    if only_own:
        return [
            lowered.customizer.but(name=None if lowered.own_name is None else Literal(lowered.own_name))
            for lowered in found
        ]
    used: set[str] = set()
    named: list[Customizer] = []
    number = 0
    for lowered in found:
        customizer = lowered.customizer
        number += not lowered.aside
        base = lowered.own_name or lowered.found_name or f"{number:02d}-{_WORDS[type(customizer)]}"
        name, again = base, 2
        while name.lower() in used:
            name = f"{base}-{again}"
            again += 1
        used.add(name.lower())
        named.append(customizer.but(name=Literal(name)))
    return named
