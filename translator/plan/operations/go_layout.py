"""Times in Go's layouts: the reference time ``Mon Jan 2 15:04:05 MST 2006`` written as wanted."""

from __future__ import annotations

import re

from bakelift.translator.plan.operations.dates import DAYS, MONTHS, zone

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

# In the order in which Go looks for them. A month or day name counts unless a lower-case letter follows its short form.
_CHUNK = re.compile(
    r"January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|002|01|02|03|04|05|06|15|2006|__2|_2006|_2|"
    r"Z070000|Z07:00:00|Z0700|Z07:00|Z07|-070000|-07:00:00|-0700|-07:00|-07|PM|pm|[.,](?:0+|9+)(?![0-9])|1|2|3|4|5"
)


def in_layout(moment: datetime, layout: str) -> str:
    """The time in a layout; text that is no part of one stands for itself."""
    return _CHUNK.sub(lambda found: _chunk(moment, found.group()), layout)


def _chunk(moment: datetime, chunk: str) -> str:
    if chunk[0] in "Z-":
        return zone(moment, chunk)
    if chunk[0] in ".,":
        digits = f"{moment.microsecond:06d}000"[: len(chunk) - 1].ljust(len(chunk) - 1, "0")
        if chunk[1] == "9":
            digits = digits.rstrip("0")
            return chunk[0] + digits if digits else ""
        return chunk[0] + digits
    return _WRITERS[chunk](moment)


def _zone_name(moment: datetime) -> str:
    if zone(moment, "Z0700") == "Z":
        return "UTC"
    return zone(moment, "-07" if zone(moment, "-0700").endswith("00") else "-0700")


_WRITERS: dict[str, Callable[[datetime], str]] = {
    "January": lambda t: MONTHS[t.month - 1],
    "Jan": lambda t: MONTHS[t.month - 1][:3],
    "Monday": lambda t: DAYS[t.weekday()],
    "Mon": lambda t: DAYS[t.weekday()][:3],
    "MST": _zone_name,
    "2006": lambda t: f"{t.year:04d}",
    "_2006": lambda t: f"_{t.year:04d}",
    "06": lambda t: f"{t.year % 100:02d}",
    "01": lambda t: f"{t.month:02d}",
    "1": lambda t: str(t.month),
    "02": lambda t: f"{t.day:02d}",
    "_2": lambda t: f"{t.day:2d}",
    "2": lambda t: str(t.day),
    "002": lambda t: f"{t.timetuple().tm_yday:03d}",
    "__2": lambda t: f"{t.timetuple().tm_yday:3d}",
    "15": lambda t: f"{t.hour:02d}",
    "03": lambda t: f"{t.hour % 12 or 12:02d}",
    "3": lambda t: str(t.hour % 12 or 12),
    "04": lambda t: f"{t.minute:02d}",
    "4": lambda t: str(t.minute),
    "05": lambda t: f"{t.second:02d}",
    "5": lambda t: str(t.second),
    "PM": lambda t: "PM" if t.hour >= 12 else "AM",
    "pm": lambda t: "pm" if t.hour >= 12 else "am",
}
