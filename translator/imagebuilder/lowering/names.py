"""Names of customizers: the step's own, else that of its script or file, else its first comment's, else a number.

Numbers count the customizers of one type that have no better name: a step that is put before them changes few others.
"""

from __future__ import annotations

import re

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

#: Names that count the customizers without a better one.
NUMBERED = re.compile(r"[0-9]{2,}-[a-z-]+")


def last_part(path: str) -> str:
    """The last part of a path, of either system."""
    return path.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]


def first_comment(lines: Sequence[str], but: tuple[str, ...] = ()) -> str | None:
    """The words of the first comment, cut where they are many. ``but``: starts of comments that say nothing of it."""
    for line in "\n".join(lines).split("\n"):
        if line.startswith("#") and not line.startswith(but):
            words = line.lstrip("# \t").strip()
            if words:
                return words if len(words) <= 60 else words[:57] + "..."
    return None


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
    counts: dict[str, int] = {}
    for lowered in found:
        customizer = lowered.customizer
        base = lowered.own_name or lowered.found_name
        if base is None:
            word = _WORDS[type(customizer)]
            counts[word] = counts.get(word, 0) + 1
            base = f"{counts[word]:02d}-{word}"
        name, again = base, 2
        while name.lower() in used:
            name = f"{base}-{again}"
            again += 1
        used.add(name.lower())
        named.append(customizer.but(name=Literal(name)))
    return named
