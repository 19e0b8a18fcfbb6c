"""What a terminal shows below the log while something lasts: how far a download is, which step has been silent.

It is one line, taken away before each line of the log, so it is never part of it.
"""

from __future__ import annotations

import shutil
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import IO

#: Seconds that a step is silent before the line tells of it, and between two looks.
SILENT = 5.0
TICK = 1.0

#: Seconds between two drawings of a progress.
_REDRAW = 0.1
_ERASE = "\r\x1b[K"
_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


def on_terminal(stream: IO[str], environment: dict[str, str] | None = None) -> bool:
    """Whether somebody looks: a terminal that moves its cursor, outside of CI."""
    import os

    world = os.environ if environment is None else environment
    return stream.isatty() and world.get("TERM", "dumb") != "dumb" and not world.get("CI")


class Live:
    """The line. What is in it is kept by name: of the thing that moves, or of the build."""

    def __init__(self) -> None:
        self._progress: dict[str, str] = {}
        self._waiting: tuple[str, ...] = ()
        self._drawn = False
        self._at = 0.0

    def progress(self, what: str, done: int, total: int | None) -> bool:
        """Notes how far something is; whether it is time to draw."""
        if total is not None and done >= total:
            self._progress.pop(what, None)
            return True
        part = f"{what} {size(done)}"
        if total:
            part += f" of {size(total)} ({done * 100 // total} %)"
        self._progress[what] = part
        now = time.monotonic()
        if now - self._at < _REDRAW:
            return False
        self._at = now
        return True

    def waiting(self, texts: Iterable[str]) -> None:
        """What goes on without a word."""
        self._waiting = tuple(texts)

    def around(self, text: str) -> str:
        """What to write so that ``text`` is added to the log, and the line stands below it."""
        line = " · ".join((*self._progress.values(), *self._waiting))
        erase = _ERASE if self._drawn else ""
        # A question is no whole line: its answer is typed behind it.
        self._drawn = bool(line) and (not text or text.endswith("\n"))
        if not self._drawn:
            return erase + text
        width = max(20, shutil.get_terminal_size().columns - 1)
        shown = line if len(line) <= width else line[: width - 1] + "…"
        return f"{erase}{text}\x1b[2m{shown}\x1b[0m"


def size(amount: int) -> str:
    """``734 MiB``: three digits or less, as far as units go."""
    number = float(amount)
    for unit in _UNITS:
        if number < 1000 or unit == _UNITS[-1]:
            break
        number /= 1024
    return f"{number:.0f} {unit}" if number >= 10 or unit == "B" else f"{number:.1f} {unit}"


def clock(seconds: float) -> str:
    """``1:05``."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02}"
