"""Waivers: entries of a report that somebody has accepted, in ``bakelift.toml`` or beside the setting.

A comment ``# bakelift:accept CODE reason`` stands at the end of the setting's line, or on a line of its own above it,
or above a block, for all in it. A waived entry stays in the report, and does not count for the exit status.
"""

from __future__ import annotations

import os
import re
from fnmatch import fnmatchcase

from bakelift.configuration import Waiver
from bakelift.translator.diagnostics import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from bakelift.configuration import Configuration
    from bakelift.translator.diagnostics import Diagnostics, SourceFile
    from bakelift.translator.report import Item, Report

_COMMENT = re.compile(r"(?:#|//)[^\S\n]*bakelift:accept[^\S\n]+(\S+)[^\S\n]*([^\n]*)")
#: Classes that a waiver can be for: the others count for nothing anyway.
_WAIVABLE = ("unsupported", "approximated", "dropped")


class _Comment:
    """A waiver beside what it is for: ``lines``, the first and the last."""

    def __init__(self, waiver: Waiver, file: SourceFile, lines: tuple[int, int]) -> None:
        self.waiver = waiver
        self.file = file
        self.lines = lines


def waived(report: Report, configuration: Configuration | None, day: str, diagnostics: Diagnostics) -> set[int]:
    """The numbers of the report's entries that are accepted. ``day``: today, as ISO writes it.

    Waivers that have expired, accept nothing, or say no reason are warned of.
    """
    comments = [comment for file in _files(report.items) for comment in _comments(file, diagnostics)]
    shared = [] if configuration is None else [w for w in configuration.waivers if not _expired(w, day, diagnostics)]
    used: set[int] = set()
    found: set[int] = set()
    for number, item in enumerate(report.items):
        if item.kind not in _WAIVABLE:
            continue
        for waiver in shared:
            if _accepts(waiver, item, configuration):
                used.add(id(waiver))
                found.add(number)
        for comment in comments:
            if comment.waiver.code == item.code and _at(comment, item):
                used.add(id(comment.waiver))
                found.add(number)
    for waiver in (*shared, *(comment.waiver for comment in comments)):
        if id(waiver) not in used and _concerns(waiver, report, configuration):
            said = "Remove it: what it accepted is no longer there."
            diagnostics.warning("waiver/unused", f"The waiver of {waiver.code} accepts nothing", said, waiver.span)
    return found


def _expired(waiver: Waiver, day: str, diagnostics: Diagnostics) -> bool:
    if waiver.until is None or day < waiver.until:
        return False
    diagnostics.warning(
        "waiver/expired",
        f"The waiver of {waiver.code} ended on {waiver.until}",
        f"It was accepted because: {waiver.reason}. Decide anew, or remove it.",
        waiver.span,
    )
    return True


def _concerns(waiver: Waiver, report: Report, configuration: Configuration | None) -> bool:
    """Whether a waiver is for this template at all: one of the shared file may be for others."""
    if configuration is None or waiver not in configuration.waivers:
        return True
    return waiver.file is not None and _in_file(waiver, report.input.get("path", ""), configuration)


def _accepts(waiver: Waiver, item: Item, configuration: Configuration | None) -> bool:
    if waiver.code != item.code or (waiver.path is not None and not fnmatchcase(item.path, waiver.path)):
        return False
    path = item.span.file.path if item.span is not None else ""
    return waiver.file is None or _in_file(waiver, path, configuration)


def _in_file(waiver: Waiver, path: str, configuration: Configuration | None) -> bool:
    assert configuration is not None
    below = os.path.relpath(os.path.realpath(path), configuration.folder).replace(os.sep, "/")
    return fnmatchcase(below, waiver.file or "*")


def _files(items: Iterable[Item]) -> list[SourceFile]:
    return list({id(item.span.file): item.span.file for item in items if item.span is not None}.values())


def _comments(file: SourceFile, diagnostics: Diagnostics) -> list[_Comment]:
    found = []
    for match in _COMMENT.finditer(file.text) if "bakelift:accept" in file.text else ():
        line, column = file.position(match.start())
        own = not file.line(line)[: column - 1].strip()
        span = Span(file, match.start(), match.end())
        reason = match[2].strip()
        if not reason:
            said = "Write why: # bakelift:accept CODE reason."
            diagnostics.warning("waiver/no-reason", f"The waiver of {match[1]} says no reason", said, span)
            continue
        lines = (line, _end(file, line + 1) if own else line)
        found.append(_Comment(Waiver(match[1], reason, span=span), file, lines))
    return found


def _end(file: SourceFile, line: int) -> int:
    """The last line of what begins on a line: of a block, its closing brace, in the same column as its first word."""
    text = file.line(line)
    if not text.rstrip().endswith("{"):
        return line
    indent = text[: len(text) - len(text.lstrip())]
    last = file.text.count("\n") + 1
    return next((n for n in range(line + 1, last + 1) if file.line(n).startswith(f"{indent}}}")), line)


def _at(comment: _Comment, item: Item) -> bool:
    span = item.span
    if span is None or span.file is not comment.file:
        return False
    end = span.file.position(max(span.start, span.end - 1))[0]
    first, last = comment.lines
    return span.line <= last and first <= end
