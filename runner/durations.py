"""Lengths of time as Packer reads and prints them: Go's notation, and the sentence of the finish lines.

All are seconds, as float; what is printed is computed from whole nanoseconds or microseconds.
"""

from __future__ import annotations

import re

_GO_UNITS = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "μs": 1_000,
    "ms": 1_000_000,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3600 * 10**9,
}
_GO_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)")

#: The units of a sentence, in microseconds; a year has 365 days (github.com/hako/durafmt).
_WORDS = (
    ("year", 365 * 86_400 * 10**6),
    ("week", 7 * 86_400 * 10**6),
    ("day", 86_400 * 10**6),
    ("hour", 3_600 * 10**6),
    ("minute", 60 * 10**6),
    ("second", 10**6),
    ("millisecond", 10**3),
    ("microsecond", 1),
)


def parse(text: str) -> float:
    """Seconds of Go's notation: ``300ms``, ``1.5h``, ``2h45m``, ``0``; a bare number is nanoseconds, as in JSON.

    Raises ValueError with Go's words.
    """
    rest = text.strip()
    sign = -1 if rest.startswith("-") else 1
    rest = rest.lstrip("+-")
    if rest.isdigit():
        return sign * int(rest) / 10**9
    total, at = 0.0, 0
    while part := _GO_PART.match(rest, at):
        total += float(part.group(1)) * _GO_UNITS[part.group(2)]
        at = part.end()
    if not rest or at != len(rest):
        raise ValueError(f'time: invalid duration "{text}"')
    return sign * total / 10**9


def go(seconds: float) -> str:
    """As Go prints a duration: ``1.5s``, ``10m0s``, ``300ms``, ``0s``."""
    nanoseconds = round(seconds * 10**9)
    if nanoseconds == 0:
        return "0s"
    sign, nanoseconds = ("-", -nanoseconds) if nanoseconds < 0 else ("", nanoseconds)
    for unit, size in (("ns", 1), ("µs", 10**3), ("ms", 10**6)):
        if nanoseconds < size * 1000:
            return f"{sign}{_decimal(nanoseconds, size)}{unit}"
    minutes, rest = divmod(nanoseconds, 60 * 10**9)
    hours, minutes = divmod(minutes, 60)
    head = f"{hours}h{minutes}m" if hours else f"{minutes}m" if minutes else ""
    return f"{sign}{head}{_decimal(rest, 10**9)}s"


def _decimal(amount: int, unit: int) -> str:
    whole, rest = divmod(amount, unit)
    digits = str(rest).zfill(len(str(unit)) - 1).rstrip("0") if rest else ""
    return f"{whole}.{digits}" if digits else str(whole)


def sentence(seconds: float) -> str:
    """``1 second 143 milliseconds``: the first two units that are not zero."""
    rest = max(0, int(seconds * 10**6))
    parts = []
    for word, size in _WORDS:
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count} {word}" if count == 1 else f"{count} {word}s")
    return " ".join(parts[:2]) or "0 microseconds"
