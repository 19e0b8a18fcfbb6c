"""The service's ``customization.log``: Packer's own log behind a prefix, as lines that can be shown.

Two ages of prefixes are met (the service's troubleshooting page): ``[id] PACKER OUT text`` and ``[id] PACKER ERR text``
until 2023, then ``[id] PACKER 2025/03/18 20:42:48 ui: text`` for what Packer shows (``ui error:`` for its errors and
what scripts write to stderr), and without ``ui`` for the rest. In the older one, what ``ERR`` has of ``ui`` stands in
``OUT`` as well.
"""

from __future__ import annotations

import codecs
import re

from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal

    Kind = Literal["say", "message", "error", "begin", "end", "failed", "debug"]

_PREFIX = re.compile(r"(?:\[[^\]]{0,80}\] )?PACKER (.*)", re.DOTALL)
_STAMP = re.compile(r"(\d{4}/\d\d/\d\d \d\d:\d\d:\d\d) (.*)", re.DOTALL)
_UI = re.compile(r"(==>|   ) azure-arm: ?(.*)", re.DOTALL)
#: Most lines of a log are these, so they are looked for first: what Packer shows.
_SHOWN = re.compile(
    r"(?:\[[^\]]{0,80}\] )?PACKER (?:OUT |\d{4}/\d\d/\d\d \d\d:\d\d:\d\d ui: )(==>|   ) azure-arm: ?(.*)", re.DOTALL
)
_TELEMETRY = re.compile(r"\(telemetry\) (Starting provisioner|ending|found error:) ([\w-]+)")
_KINDS: dict[str, Kind] = {"Starting provisioner": "begin", "ending": "end", "found error:": "failed"}
#: A line longer than this is shown in pieces: no line of a log may hold the memory.
LONGEST = 64 * 1024


class LogLine(Record):
    """``say``: a headline of Packer's; ``message``: output of a script; ``error``: an error, or a script's stderr;
    ``begin`` and ``end`` of a provisioner, whose type is the text; ``failed``: what ended just now has failed;
    ``debug``: what Packer does not show. ``at``: the time of ``begin`` and ``end``, in seconds since 1970; 0: it is
    not said.
    """

    kind: Kind
    text: str
    at: float = 0.0


def read_line(line: str) -> LogLine:
    """What a line of the log is."""
    plain = _SHOWN.match(line)
    if plain is not None:
        return LogLine("say" if plain.group(1) == "==>" else "message", plain.group(2))
    prefixed = _PREFIX.match(line)
    if prefixed is None:
        return _of_ui("message", line)
    rest, stamp, kind = prefixed.group(1), "", "message"
    of, _, text = rest.partition(" ")
    if of in ("OUT", "ERR"):
        rest, kind = text, "message" if of == "OUT" else "debug"
    stamped = _STAMP.match(rest)
    if stamped is not None:
        stamp, rest = stamped.groups()
        shown, colon, text = rest.partition(": ")
        if colon and shown in ("ui", "ui error"):
            repeated = of == "ERR"
            return LogLine("debug", text) if repeated else _of_ui("message" if shown == "ui" else "error", text)
        kind = "debug"
    telemetry = _TELEMETRY.search(rest)
    if telemetry is not None:
        return LogLine(_KINDS[telemetry.group(1)], telemetry.group(2), _seconds(stamp))
    return _of_ui(kind, rest)  # type: ignore[arg-type]


def _of_ui(kind: Kind, text: str) -> LogLine:
    """Of a text with Packer's prefix, which says what it is unless it is an error; ``kind`` otherwise."""
    ui = _UI.match(text)
    if ui is None:
        return LogLine(kind if text.strip() else "debug", text)
    return LogLine("error" if kind == "error" else "say" if ui.group(1) == "==>" else "message", ui.group(2))


def _seconds(stamp: str) -> float:
    """Of a time as Go's log writes it: the service's clock is at UTC. 0: there is none."""
    import calendar
    import time

    try:
        return float(calendar.timegm(time.strptime(stamp, "%Y/%m/%d %H:%M:%S")))
    except ValueError:
        return 0.0


class LineReader:
    """Whole lines from pieces of bytes, whatever characters and lines the pieces cut."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""

    def feed(self, data: bytes, final: bool = False) -> Iterator[str]:
        text = self._rest + self._decoder.decode(data, final)
        lines = text.split("\n")
        self._rest = lines.pop()
        for line in lines:
            yield line.rstrip("\r")
        while len(self._rest) > LONGEST:
            yield self._rest[:LONGEST]
            self._rest = self._rest[LONGEST:]
        if final and self._rest:
            yield self._rest.rstrip("\r")
            self._rest = ""
