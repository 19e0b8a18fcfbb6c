"""The scripts of powershell steps that run in a process of their own, from the text that writes and runs them."""

from __future__ import annotations

import re

from bakelift.translator.imagebuilder.lowering.powershell_process import AFTER, PROCESS, TRY
from bakelift.translator.imagebuilder.lowering.script_text import decoded
from bakelift.translator.imagebuilder.raising.facts import Unreadable, as_list, facts_of, lines_of, read, written

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.imagebuilder.customizers import Customizer
    from bakelift.translator.imagebuilder.raising.facts import Facts


def process_scripts(text: str, facts: Facts) -> list[tuple[str, str, Facts]]:
    """The scripts that a text writes: path, text, what is said of its bytes; none where it writes an inline's."""
    paths = [str(path) for path in as_list(facts.get("scripts"))]
    if isinstance(facts.get("script"), str):
        paths = [str(facts["script"])]
    bodies = written(text) if paths else []
    if len(bodies) != len(paths):
        raise Unreadable
    try:
        return [(path, *decoded(data)) for path, data in zip(paths, bodies, strict=True)]
    except UnicodeDecodeError:
        raise Unreadable from None


def left_behind(customizer: Customizer) -> int:
    """The number that the name of a script which stays on the machine was made from; else 0."""
    if not facts_of(customizer).get(PROCESS):
        return 0
    found = re.search(r"/script-1(\d{4})\.ps1", read(customizer)[0])
    return int(found[1]) if found is not None else 0


def process_lines(text: str, facts: Facts) -> list[str]:
    """The lines of the inline whose script a text writes."""
    bodies = written(text)
    lines = lines_of(bodies[0]) if len(bodies) == 1 else []
    if TRY not in lines or tuple(lines[-len(AFTER) :]) != AFTER:
        raise Unreadable
    start = lines.index(TRY) + (2 if _has_format(facts) else 1)
    return lines[start : -len(AFTER)]


def _has_format(facts: Facts) -> bool:
    """Whether the variables stand in the script itself, in a format of the step's own."""
    return any("=" in str(item) for name in ("environment_vars", "env") for item in as_list(facts.get(name)))
