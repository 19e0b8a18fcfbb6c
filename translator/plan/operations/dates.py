"""Time: RFC 3339 text in and out, ``formatdate``'s letters, Go's layouts, strftime."""

from __future__ import annotations

import re
from datetime import UTC

from bakelift.translator.plan.operations.failure import ArgumentError, NotKnownError, OperationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from bakelift.translator.plan.scope import Scope

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def parse(text: str) -> datetime:
    """An RFC 3339 time. Raises OperationError in HCL's words."""
    from datetime import datetime, timedelta, timezone

    found: dict[str, str] = {}
    at = 0
    for what, pattern in _ELEMENTS:
        match = pattern.match(text, at)
        if match is None:
            raise OperationError(f"not a valid RFC3339 timestamp: {_complaint(what, text[at:])}")
        found[what] = match.group()
        at = match.end()
    if at < len(text):
        raise OperationError(f'not a valid RFC3339 timestamp: extra text: "{text[at:]}"')
    month, day = int(found["month"]), int(found["day of month"])
    hour, minute, second = int(found["hour"]), int(found["minute"]), int(found["second"])
    for what, value, most in (("hour", hour, 23), ("minute", minute, 59), ("second", second, 59)):
        if value > most:
            raise OperationError(f"not a valid RFC3339 timestamp: {what} must be between 0 and {most} inclusive")
    if not 1 <= month <= 12:
        raise OperationError("not a valid RFC3339 timestamp: month out of range")
    offset = found["UTC offset"]
    zone = UTC
    if offset != "Z":
        size = timedelta(hours=int(offset[1:3]), minutes=int(offset[4:6]))
        if size >= timedelta(hours=24):
            raise OperationError("not a valid RFC3339 timestamp: time zone offset out of range")
        zone = timezone(-size if offset[0] == "-" else size)
    fraction = found["fraction"][1:7].ljust(6, "0") if found["fraction"] else "0"
    try:
        return datetime(int(found["year"]), month, day, hour, minute, second, int(fraction), zone)
    except ValueError:
        raise OperationError("not a valid RFC3339 timestamp: day out of range") from None


_ELEMENTS = [
    (what, re.compile(pattern, re.ASCII))
    for what, pattern in (
        ("year", r"\d{4}"),
        ("-", "-"),
        ("month", r"\d\d"),
        ("- ", "-"),
        ("day of month", r"\d\d"),
        ("T", "T"),
        ("hour", r"\d\d"),
        (":", ":"),
        ("minute", r"\d\d"),
        (": ", ":"),
        ("second", r"\d\d"),
        ("fraction", r"(?:\.\d+)?"),
        ("UTC offset", r"Z|[-+]\d\d:\d\d"),
    )
]


def _complaint(what: str, rest: str) -> str:
    mark = what.strip()
    if mark == "T":
        return "missing required time introducer 'T'"
    if mark in {"-", ":"}:
        return f'found "{rest}" where "{mark}" is expected' if rest else f'end of string where "{mark}" is expected'
    if not rest:
        return f"end of string before {what}"
    if what in {"hour", "minute"} and rest[:1].isdigit():
        return f"{what} must have exactly two digits"
    return f'cannot use "{rest}" as {what}'


def rfc3339(moment: datetime) -> str:
    return f"{moment.year:04d}-" + moment.strftime("%m-%dT%H:%M:%S") + zone(moment, "Z07:00")


def zone(moment: datetime, layout: str) -> str:
    """The offset in one of Go's layouts (``Z07:00``, ``-0700`` …); a leading Z means ``Z`` for UTC."""
    offset = moment.utcoffset()
    seconds = int(offset.total_seconds()) if offset else 0
    if layout.startswith("Z") and seconds == 0:
        return "Z"
    size = abs(seconds)
    colon = ":" if ":" in layout else ""
    text = f"{'-' if seconds < 0 else '+'}{size // 3600:02d}"
    if len(layout) > 3:
        text += f"{colon}{size // 60 % 60:02d}"
    if layout.count("0") > 3:
        text += f"{colon}{size % 60:02d}"
    return text


_VERBS = re.compile(r"''|'(?:[^']|'')*'?|([A-Za-z])\1*|[^A-Za-z']+", re.ASCII)


def format_date(format: str, time: str) -> str:
    """The letters of ``formatdate``; text between quotes, and all that is no letter, stands for itself."""
    try:
        moment = parse(time)
    except OperationError as error:
        raise ArgumentError(1, str(error)) from None
    parts: list[str] = []
    for found in _VERBS.finditer(format):
        token = found.group()
        if token == "''":
            parts.append("'")
        elif token.startswith("'"):
            if len(token) < 2 or not token.endswith("'"):
                raise ArgumentError(0, "unterminated literal '")
            parts.append(token[1:-1].replace("''", "'"))
        elif found.group(1):
            parts.append(_verb(token, moment))
        else:
            parts.append(token)
    return "".join(parts)


def _verb(token: str, moment: datetime) -> str:
    letter, size = token[0], len(token)
    if letter not in _LETTERS:
        raise ArgumentError(0, f'invalid date format verb "{token}"')
    sizes, hint = _LETTERS[letter]
    if size not in sizes:
        hint = hint.replace("?", letter * 2)
        raise ArgumentError(0, f'invalid date format verb "{token}": {hint}')
    if letter == "Y":
        return f"{moment.year % 100:02d}" if size == 2 else f"{moment.year:04d}"
    if letter == "M" and size > 2:
        return MONTHS[moment.month - 1][: 3 if size == 3 else None]
    if letter == "E":
        return DAYS[moment.weekday()][: 3 if size == 3 else None]
    if letter in "Aa":
        marker = "PM" if moment.hour >= 12 else "AM"
        return marker if letter == "A" else marker.lower()
    if letter == "Z":
        if size == 3:
            return "UTC" if zone(moment, "Z0700") == "Z" else zone(moment, "-0700")
        return zone(moment, {1: "Z07:00", 4: "-0700", 5: "-07:00"}[size])
    number = {
        "M": moment.month,
        "D": moment.day,
        "h": moment.hour,
        "H": moment.hour % 12 or 12,
        "m": moment.minute,
        "s": moment.second,
    }[letter]
    return f"{number:02d}" if size == 2 else str(number)


_LETTERS: dict[str, tuple[tuple[int, ...], str]] = {
    "Y": ((2, 4), 'year must either be "YY" or "YYYY"'),
    "M": ((1, 2, 3, 4), 'month must be "M", "MM", "MMM", or "MMMM"'),
    "D": ((1, 2), 'day of month must either be "D" or "DD"'),
    "E": ((3, 4), 'day of week must either be "EEE" or "EEEE"'),
    "h": ((1, 2), '24-hour must either be "h" or "hh"'),
    "H": ((1, 2), '12-hour must either be "H" or "HH"'),
    "A": ((2,), 'must be "?"'),
    "a": ((2,), 'must be "?"'),
    "m": ((1, 2), 'minute must either be "m" or "mm"'),
    "s": ((1, 2), 'second must either be "s" or "ss"'),
    "Z": ((1, 3, 4, 5), "timezone must be Z, ZZZZ, or ZZZZZ"),
}


def add_duration(timestamp: str, duration: str) -> str:
    from datetime import timedelta

    moment = parse(timestamp)
    try:
        return rfc3339(moment + timedelta(microseconds=nanoseconds(duration) // 1000))
    except OverflowError:
        raise OperationError("the result is no time that can be written") from None


_UNITS = {
    "ns": 1,
    **dict.fromkeys(("us", "\u00b5s", "\u03bcs"), 10**3),
    "ms": 10**6,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3600 * 10**9,
}
_PIECE = re.compile(r"(\d*)(\.\d*)?([^\d.]*)", re.ASCII)


def nanoseconds(duration: str) -> int:
    """A duration of Go: ``1h30m``, ``-1.5s``, ``0``. Raises OperationError."""
    body = duration[1:] if duration[:1] in {"-", "+"} else duration
    if body == "0":
        return 0
    if not body:
        raise OperationError(f'time: invalid duration "{duration}"')
    total = at = 0
    while at < len(body):
        found = _PIECE.match(body, at)
        assert found is not None
        whole, fraction, unit = found.group(1), (found.group(2) or ".")[1:], found.group(3)
        if not whole and not fraction:
            raise OperationError(f'time: invalid duration "{duration}"')
        if not unit:
            raise OperationError(f'time: missing unit in duration "{duration}"')
        if unit not in _UNITS:
            raise OperationError(f'time: unknown unit "{unit}" in duration "{duration}"')
        total += int(whole or "0") * _UNITS[unit]
        total += int(fraction or "0") * _UNITS[unit] // 10 ** len(fraction)
        at = found.end()
    return -total if duration.startswith("-") else total


def _now(scope: Scope) -> datetime:
    if scope.clock is None:
        raise NotKnownError
    from datetime import datetime

    return datetime.fromtimestamp(scope.clock.now, UTC)


def now_rfc3339(scope: Scope) -> str:
    return rfc3339(_now(scope))


def now_unix(scope: Scope) -> str:
    """Packer's ``{{timestamp}}``: whole seconds since 1970, as text."""
    _now(scope)
    assert scope.clock is not None
    return str(int(scope.clock.now))


def start_in_go_layout(scope: Scope, *format: str) -> str:
    """``isotime``: the start of the run, in Go's layout; RFC 3339 without one."""
    from bakelift.translator.plan.operations.go_layout import in_layout

    if len(format) > 1:
        raise OperationError(f"too many values, 1 needed: {list(format)}")
    moment = _now(scope)
    return in_layout(moment, format[0]) if format else rfc3339(moment)


def start_in_strftime(scope: Scope, *format: str) -> str:
    """``strftime``: the start of the run; what the library does not know stands as written."""
    from bakelift.translator.plan.operations.go_layout import in_layout

    if len(format) > 1:
        raise OperationError(f"too many values, 1 needed: {list(format)}")
    moment = _now(scope)
    if not format:
        return rfc3339(moment)
    return re.sub(
        r"%(.)",
        lambda m: "%" if m[1] == "%" else in_layout(moment, _STRFTIME[m[1]]) if m[1] in _STRFTIME else m[0],
        format[0],
        flags=re.DOTALL,
    )


#: The conversions of github.com/jehiah/go-strftime, as layouts of Go.
_STRFTIME = {
    "a": "Mon",
    "A": "Monday",
    "b": "Jan",
    "B": "January",
    "d": "02",
    "H": "15",
    "I": "03",
    "L": ".000",
    "m": "01",
    "M": "04",
    "p": "PM",
    "S": "05",
    "y": "06",
    "Y": "2006",
    "z": "-0700",
    "Z": "MST",
}


def parse_rfc3339(timestamp: str) -> dict[str, object]:
    """The parts of a time, with its Unix seconds; a space may stand for the T."""
    text = timestamp[:10] + "T" + timestamp[11:] if timestamp[10:11] == " " else timestamp
    try:
        moment = parse(text)
    except OperationError:
        raise ArgumentError(0, f'"{timestamp}" is not a valid RFC3339 timestamp') from None
    from math import floor

    return {**_parts(moment), "unix": floor(moment.timestamp())}


def parse_unix(unix_timestamp: int) -> dict[str, object]:
    from datetime import datetime

    if not isinstance(unix_timestamp, int):
        message = "unix_timestamp must be a whole number of seconds representable as a 64-bit integer"
        raise ArgumentError(0, f"{message}: value must be a whole number")
    try:
        moment = datetime.fromtimestamp(unix_timestamp, UTC)
    except (OverflowError, ValueError, OSError):
        raise ArgumentError(0, "the year must be between 1 and 9999") from None
    return {**_parts(moment), "rfc3339": rfc3339(moment)}


def _parts(moment: datetime) -> dict[str, object]:
    iso = moment.isocalendar()
    return {
        "year": moment.year,
        "year_day": moment.timetuple().tm_yday,
        "day": moment.day,
        "month": moment.month,
        "month_name": MONTHS[moment.month - 1],
        "weekday": iso[2] % 7,
        "weekday_name": DAYS[moment.weekday()],
        "hour": moment.hour,
        "minute": moment.minute,
        "second": moment.second,
        "iso_year": iso[0],
        "iso_week": iso[1],
    }
