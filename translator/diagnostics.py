"""Where things stand in the input, and what is to be said about them.

Offsets are counted in characters of the decoded text; lines and columns start at 1 and are computed only when shown.
The shape of a diagnostic follows HCL's (severity, summary, detail, subject), with a stable code of ours.
"""

from __future__ import annotations

from bisect import bisect_right

from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from typing import Literal

    Severity = Literal["error", "warning", "note"]


class SourceFile:
    """A text that was read: its display path and a line table made on demand."""

    __slots__ = ("_starts", "path", "text")

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self._starts: list[int] | None = None

    def position(self, offset: int) -> tuple[int, int]:
        """(line, column) of an offset, both from 1."""
        if self._starts is None:
            starts = [0]
            at = self.text.find("\n")
            while at >= 0:
                starts.append(at + 1)
                at = self.text.find("\n", at + 1)
            self._starts = starts
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of a line (from 1), without its end."""
        self.position(0)
        assert self._starts is not None
        start = self._starts[number - 1]
        end = self.text.find("\n", start)
        return self.text[start : end if end >= 0 else len(self.text)].rstrip("\r")

    def __repr__(self) -> str:
        return f"SourceFile({self.path!r})"


class Span:
    """A range of a source file: ``[start, end)`` in characters."""

    __slots__ = ("end", "file", "start")

    def __init__(self, file: SourceFile, start: int, end: int) -> None:
        self.file = file
        self.start = start
        self.end = end

    @property
    def line(self) -> int:
        return self.file.position(self.start)[0]

    @property
    def column(self) -> int:
        return self.file.position(self.start)[1]

    @property
    def text(self) -> str:
        return self.file.text[self.start : self.end]

    def to(self, other: Span) -> Span:
        """From the start of this one to the end of the other."""
        return Span(self.file, self.start, max(self.end, other.end))

    def as_json(self) -> dict[str, object]:
        line, column = self.file.position(self.start)
        end_line, end_column = self.file.position(self.end)
        return {
            "file": self.file.path,
            "line": line,
            "column": column,
            "end_line": end_line,
            "end_column": end_column,
        }

    def __str__(self) -> str:
        line, column = self.file.position(self.start)
        return f"{self.file.path}:{line}:{column}"

    def __repr__(self) -> str:
        return f"<{self}>"


class Diagnostic(Record):
    """One thing to tell. ``code`` is stable (``area/what``); ``detail`` says what it means and the way out."""

    severity: Severity
    code: str
    summary: str
    detail: str = ""
    span: Span | None = None

    def as_json(self) -> dict[str, object]:
        return {
            "severity": self.severity,
            "code": self.code,
            "summary": self.summary,
            "detail": self.detail,
            "span": self.span.as_json() if self.span else None,
        }

    def __str__(self) -> str:
        where = f"{self.span}: " if self.span else ""
        return f"{where}{self.severity}: {self.summary} [{self.code}]" + (f"\n  {self.detail}" if self.detail else "")


class Diagnostics:
    """Collects diagnostics in the order in which they are found; an identical one is kept once."""

    def __init__(self) -> None:
        self._items: list[Diagnostic] = []
        self._seen: set[tuple[str, str, str, int]] = set()

    def add(self, diagnostic: Diagnostic) -> None:
        span = diagnostic.span
        key = (diagnostic.code, diagnostic.summary, span.file.path if span else "", span.start if span else -1)
        if key not in self._seen:
            self._seen.add(key)
            self._items.append(diagnostic)

    def error(self, code: str, summary: str, detail: str = "", span: Span | None = None) -> None:
        self.add(Diagnostic("error", code, summary, detail, span))

    def warning(self, code: str, summary: str, detail: str = "", span: Span | None = None) -> None:
        self.add(Diagnostic("warning", code, summary, detail, span))

    def note(self, code: str, summary: str, detail: str = "", span: Span | None = None) -> None:
        self.add(Diagnostic("note", code, summary, detail, span))

    def extend(self, diagnostics: Iterable[Diagnostic]) -> None:
        for diagnostic in diagnostics:
            self.add(diagnostic)

    def soften(self, place: Span) -> None:
        """Makes warnings of the errors inside a place: what stands there is never used."""
        for at, item in enumerate(self._items):
            span = item.span
            if span is not None and span.file is place.file and place.start <= span.start < place.end:
                self._items[at] = item.but(severity="warning") if item.severity == "error" else item

    @property
    def failed(self) -> bool:
        return any(d.severity == "error" for d in self._items)

    @property
    def errors(self) -> int:
        """How many there are."""
        return sum(d.severity == "error" for d in self._items)

    def replace(self, items: Iterable[Diagnostic]) -> None:
        """Other items instead of those that were collected."""
        self._items = list(items)

    def stop_if_failed(self, but: Collection[str] = ()) -> None:
        """Raises :class:`TemplateError` when an error has been collected, other than of the codes ``but``."""
        if any(d.severity == "error" and d.code not in but for d in self._items):
            raise TemplateError(*self._items)

    def __iter__(self) -> Iterator[Diagnostic]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)


class TemplateError(Exception):
    """The input cannot be used; carries the diagnostics, at least one of which is an error.

    ``missing``: names of inputs whose values would help.
    """

    def __init__(self, *diagnostics: Diagnostic, missing: tuple[str, ...] = ()) -> None:
        super().__init__("; ".join(str(d) for d in diagnostics))
        self.diagnostics = diagnostics
        self.missing = missing


def fail(
    code: str, summary: str, detail: str = "", span: Span | None = None, missing: tuple[str, ...] = ()
) -> TemplateError:
    """A :class:`TemplateError` with one error, to be raised by the caller."""
    return TemplateError(Diagnostic("error", code, summary, detail, span), missing=missing)
