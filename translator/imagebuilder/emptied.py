"""Lines that empty the folder in which Image Builder keeps the script that generalizes the image."""

from __future__ import annotations

#: By kind of customizer. They are compiled where they are wanted: most templates have no such line.
PATTERNS = {
    "Shell": r"\brm\s+-\w{0,8}[rR]\w{0,8}\s+(?:\S+\s+)*/tmp(?:/\*?)?(?:[\s;&|]|$)",
    "PowerShell": r"(?i)Remove-Item\s.*\s?['\"]?c:\\(?:\*|\s|['\"]|$)",
}

#: Longer lines are data.
_LONGEST = 4096


def empties(line: str, windows: bool) -> bool:
    """Whether a line empties it. What is quick to see is looked for first."""
    if len(line) >= _LONGEST or not (_removes_on_windows(line) if windows else _removes(line)):
        return False
    import re

    return re.search(PATTERNS["PowerShell" if windows else "Shell"], line) is not None


def _removes(line: str) -> bool:
    flags = line.partition("rm ")[2].lstrip()
    return "/tmp" in line and flags.startswith("-") and "r" in flags.partition(" ")[0].lower()


def _removes_on_windows(line: str) -> bool:
    return "remove-item" in line.lower()
