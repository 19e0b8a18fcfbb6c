"""The service's ``customization.log``: Packer's own log behind a prefix, as lines that can be shown.

Two ages of prefixes are met (the service's troubleshooting page): ``[id] PACKER OUT text`` and ``[id] PACKER ERR text``
until 2023, then ``[id] PACKER 2025/03/18 20:42:48 ui: text`` for what Packer shows, and without ``ui:`` for the rest.
"""

from __future__ import annotations

import codecs
import re

from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal

    Kind = Literal["say", "message", "begin", "end", "debug"]

_PREFIX = re.compile(r"(?:\[[^\]]{0,80}\] )?PACKER (.*)", re.DOTALL)
_STAMP = re.compile(r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d (.*)", re.DOTALL)
_UI = re.compile(r"(==>|   ) azure-arm: ?(.*)", re.DOTALL)
#: Most lines of a log are these, so they are looked for first: what Packer shows.
_SHOWN = re.compile(
    r"(?:\[[^\]]{0,80}\] )?PACKER (?:OUT |\d{4}/\d\d/\d\d \d\d:\d\d:\d\d ui: )(==>|   ) azure-arm: ?(.*)", re.DOTALL
)
_TELEMETRY = re.compile(r"\(telemetry\) (Starting provisioner|ending) ([\w-]+)")
#: A line longer than this is shown in pieces: no line of a log may hold the memory.
LONGEST = 64 * 1024


class LogLine(Record):
    """``say``: a headline of Packer's; ``message``: output of a script; ``begin`` and ``end`` of a provisioner, whose
    type is the text; ``debug``: what Packer does not show.
    """

    kind: Kind
    text: str


def read_line(line: str) -> LogLine:
    """What a line of the log is."""
    plain = _SHOWN.match(line)
    if plain is not None:
        return LogLine("say" if plain.group(1) == "==>" else "message", plain.group(2))
    prefixed = _PREFIX.match(line)
    if prefixed is None:
        return LogLine("message", line)
    rest = prefixed.group(1)
    shown = True
    if rest.startswith("OUT "):
        rest = rest[4:]
    elif rest.startswith("ERR "):
        rest, shown = rest[4:], False
    stamped = _STAMP.match(rest)
    if stamped is not None:
        rest = stamped.group(1)
        shown = rest.startswith("ui: ")
        rest = rest.removeprefix("ui: ")
    telemetry = _TELEMETRY.search(rest)
    if telemetry is not None:
        return LogLine("begin" if telemetry.group(1).startswith("Starting") else "end", telemetry.group(2))
    ui = _UI.match(rest)
    if ui is not None:
        return LogLine("say" if ui.group(1) == "==>" else "message", ui.group(2))
    return LogLine("message" if shown and rest.strip() else "debug", rest)


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
