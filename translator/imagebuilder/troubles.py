"""What builds are known to fail or hang for, although the service takes the template.

Source: learn.microsoft.com/azure/virtual-machines/linux/image-builder-troubleshoot, image-builder-json, and for
runElevated alone the notes on Azure Virtual Desktop images.
"""

from __future__ import annotations

import re

from bakelift.translator.imagebuilder.emptied import PATTERNS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

#: What lines of a script lead to: by kind of customizer, a pattern, and what happens. Looked for line by line.
_LINES: tuple[tuple[str, re.Pattern[str], str], ...] = (
    (
        "Shell",
        re.compile(PATTERNS["Shell"]),
        "empties /tmp, where the script lies that generalizes the image: the build fails at its end",
    ),
    (
        "Shell",
        re.compile(
            r"\b(?:apt|apt-get|yum|dnf|zypper)\b(?!.*\s(?:-y|-qq|--yes|--assume-?yes|--non-interactive|-n)\b)"
            r"(?:\s+\S+){0,3}?\s+(?:install|upgrade|dist-upgrade|remove)\b"
        ),
        "asks whether to go on, and nobody answers: the build hangs until its time limit",
    ),
    (
        "Shell",
        re.compile(r"(?:^|[;&|]\s*|sudo\s+)(?:reboot|shutdown\s+-r|systemctl\s+reboot|init\s+6)\b"),
        "restarts the machine, which cuts the connection: Image Builder has no restart for Linux",
    ),
    (
        "PowerShell",
        re.compile(r"(?i)(?:^|[;&|{]\s*)(?:Restart-Computer\b|shutdown(?:\.exe)?\s+/r)"),
        "restarts the machine, which cuts the connection: use a WindowsRestart customizer",
    ),
    (
        "PowerShell",
        re.compile(PATTERNS["PowerShell"]),
        "empties C:\\, where the script lies that generalizes the image: the build fails at its end",
    ),
)

#: Sizes too small for Windows Update, which ends there with an unexpected EOF.
_SMALL = frozenset({"", "standard_d1_v2", "standard_a1", "standard_a1_v2", "standard_b1s", "standard_b1ms"})


def troubles(properties: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(JSON pointer, what happens) of what is known to go wrong in an image template's build."""
    steps = properties.get("customize")
    steps = [step for step in steps if isinstance(step, dict)] if isinstance(steps, list) else []
    windows = any(str(step.get("type")) in ("PowerShell", "WindowsRestart", "WindowsUpdate") for step in steps)
    seen: set[str] = set()
    for index, step in enumerate(steps):
        where = f"/properties/customize/{index}"
        yield from _step(step, where)
        name = step.get("name")
        if isinstance(name, str) and name in seen:
            yield where, f"is called {name!r} as another is, which az image builder refuses, and logs do not tell apart"
        seen.add(str(name))
    yield from machine_troubles(properties, steps, windows)


def _step(step: dict[str, Any], where: str) -> Iterator[tuple[str, str]]:
    if step.get("runElevated") is True and step.get("runAsSystem") is not True:
        yield where, "runElevated without runAsSystem stops responding on several Windows images"
    inline = step.get("inline")
    for line in inline if isinstance(inline, list) else ():
        for kind, pattern, problem in _LINES:
            if step.get("type") == kind and isinstance(line, str) and len(line) < 4096 and pattern.search(line):
                yield where, f'"{line.strip()[:60]}" {problem}'


def machine_troubles(
    properties: dict[str, Any], steps: list[dict[str, Any]], windows: bool
) -> Iterator[tuple[str, str]]:
    """As :func:`troubles`, of the build VM and its time."""
    minutes = properties.get("buildTimeoutInMinutes")
    if windows and isinstance(minutes, int) and 6 <= minutes < 60:
        where = "/properties/buildTimeoutInMinutes"
        yield where, f"is {minutes}, and builds of Windows are not over in less than an hour"
    machine = properties.get("vmProfile")
    size = machine.get("vmSize", "") if isinstance(machine, dict) else ""
    if any(step.get("type") == "WindowsUpdate" for step in steps) and str(size).lower() in _SMALL:
        yield "/properties/vmProfile", "is too small for Windows updates: the build ends with an unexpected EOF"
