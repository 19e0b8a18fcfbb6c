"""Times in ARM templates: ISO 8601 in, .NET formats out."""

from __future__ import annotations

import re
from datetime import UTC

from bakelift.translator.plan.operations.dates import DAYS, MONTHS, zone
from bakelift.translator.plan.operations.failure import ArgumentError, NotKnownError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from bakelift.translator.plan.scope import Scope

_DEFAULT = "yyyy-MM-ddTHH:mm:ssZ"
_DURATION = re.compile(
    r"(-?)P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d+))?S)?)?", re.ASCII
)
_MOMENT = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)(?:[T ](\d\d):?(\d\d):?(\d\d)(?:\.(\d+))?\s*(Z|[-+]\d\d:?\d\d)?)?", re.ASCII
)


def add(base: str, duration: str, format: str = _DEFAULT) -> str:
    try:
        return in_format(_moment(base) + _duration(duration), format)
    except OverflowError:
        raise ArgumentError(1, "the result is out of range") from None


def now(scope: Scope, format: str = "yyyyMMddTHHmmssZ") -> str:
    if scope.clock is None:
        raise NotKnownError
    from datetime import datetime

    return in_format(datetime.fromtimestamp(scope.clock.now, UTC), format)


def from_epoch(seconds: int) -> str:
    from datetime import datetime

    try:
        return in_format(datetime.fromtimestamp(int(seconds), UTC), _DEFAULT)
    except (OverflowError, ValueError, OSError):
        raise ArgumentError(0, "the time is out of range") from None


def to_epoch(time: str) -> int:
    return int(_moment(time).timestamp() // 1)


def _moment(text: str) -> datetime:
    from datetime import datetime, timedelta

    found = _MOMENT.fullmatch(text.strip())
    if found is None:
        raise ArgumentError(0, f"{text} is no time in ISO 8601")
    *parts, fraction, offset = found.groups()
    micro = int((fraction or "")[:6].ljust(6, "0"))
    shift = timedelta()
    if offset and offset != "Z":
        digits = offset[1:].replace(":", "")
        shift = timedelta(hours=int(digits[:2]), minutes=int(digits[2:])) * (-1 if offset[0] == "-" else 1)
    try:
        year, month, day, hour, minute, second = (int(part or 0) for part in parts)
        moment = datetime(year, month, day, hour, minute, second, micro, UTC)
        return moment - shift
    except (ValueError, OverflowError):
        raise ArgumentError(0, f"{text} is no time in ISO 8601") from None


def _duration(text: str) -> timedelta:
    """A month counts as 30 days and a year as 365, as in .NET."""
    from datetime import timedelta

    found = _DURATION.fullmatch(text.strip())
    if found is None or text.strip("-PT") == "":
        raise ArgumentError(1, f"{text} is no duration in ISO 8601")
    sign, *numbers, fraction = found.groups()
    years, months, weeks, days, hours, minutes, seconds = (int(n or 0) for n in numbers)
    micro = int((fraction or "")[:6].ljust(6, "0"))
    try:
        size = timedelta(years * 365 + months * 30 + weeks * 7 + days, seconds, micro, 0, minutes, hours)
    except OverflowError:
        raise ArgumentError(1, "the duration is out of range") from None
    return -size if sign else size


#: Formats of one letter, written out (invariant culture).
_STANDARD = {
    "d": "MM/dd/yyyy",
    "D": "dddd, dd MMMM yyyy",
    "f": "dddd, dd MMMM yyyy HH:mm",
    "F": "dddd, dd MMMM yyyy HH:mm:ss",
    "g": "MM/dd/yyyy HH:mm",
    "G": "MM/dd/yyyy HH:mm:ss",
    **dict.fromkeys("Mm", "MMMM dd"),
    **dict.fromkeys("Oo", "yyyy-MM-ddTHH:mm:ss.fffffffK"),
    **dict.fromkeys("Rr", "ddd, dd MMM yyyy HH:mm:ss 'GMT'"),
    "s": "yyyy-MM-ddTHH:mm:ss",
    "t": "HH:mm",
    "T": "HH:mm:ss",
    "u": "yyyy-MM-dd HH:mm:ss'Z'",
    "U": "dddd, dd MMMM yyyy HH:mm:ss",
    **dict.fromkeys("Yy", "yyyy MMMM"),
}
_TOKEN = re.compile(r"'([^']*)'|\"([^\"]*)\"|\\(.)|%?([yMdHhmstfFzK])\4*|(.)", re.DOTALL)


def in_format(moment: datetime, format: str) -> str:
    """The time in a .NET format; letters that mean nothing stand for themselves."""
    if len(format) == 1:
        if format not in _STANDARD:
            raise ArgumentError(0, f"{format} is no format of a time")
        format = _STANDARD[format]
    parts: list[str] = []
    for found in _TOKEN.finditer(format):
        literal = next((g for g in (found[1], found[2], found[3], found[5]) if g is not None), None)
        parts.append(literal if literal is not None else _part(moment, found[4], len(found[0].lstrip("%"))))
    return "".join(parts)


def _part(moment: datetime, letter: str, size: int) -> str:
    if letter == "y":
        return str(moment.year % 100).rjust(size, "0") if size < 3 else f"{moment.year:0{size}d}"
    if letter == "M" and size > 2:
        return MONTHS[moment.month - 1][: 3 if size == 3 else None]
    if letter == "d" and size > 2:
        return DAYS[moment.weekday()][: 3 if size == 3 else None]
    if letter == "t":
        return ("PM" if moment.hour >= 12 else "AM")[: 1 if size == 1 else None]
    if letter in "fF":
        digits = f"{moment.microsecond:06d}0"[:size]
        return digits if letter == "f" else digits.rstrip("0")
    if letter == "K":
        return "Z" * size
    if letter == "z":
        return zone(moment, "-07:00" if size > 2 else "-07")
    number = {
        "M": moment.month,
        "d": moment.day,
        "H": moment.hour,
        "h": moment.hour % 12 or 12,
        "m": moment.minute,
        "s": moment.second,
    }[letter]
    return str(number) if size == 1 else f"{number:02d}"
