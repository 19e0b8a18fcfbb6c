"""Comments of a file, given to the attributes and blocks that they stand at."""

from __future__ import annotations

from bakelift.translator.diagnostics import Span
from bakelift.translator.languages.hcl.nodes import Comment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.diagnostics import SourceFile


class CommentReader:
    """Hands out each comment once, in order, as the parser passes it. ``all``: every comment of the file."""

    def __init__(self, file: SourceFile, ranges: list[tuple[int, int]]) -> None:
        self.file = file
        self.all = tuple(_comment(file, start, end) for start, end in ranges)
        self._next = 0

    def before(self, offset: int) -> tuple[Comment, ...]:
        """Comments not handed out yet that begin before an offset."""
        first = at = self._next
        while at < len(self.all) and self.all[at].span.start < offset:
            at += 1
        self._next = at
        return self.all[first:at]

    def around(self, end: int) -> tuple[tuple[Comment, ...], tuple[Comment, ...]]:
        """For an item that ends at an offset: comments inside it, and those behind it on the line."""
        if self._next == len(self.all):
            return (), ()
        inside = self.before(end)
        first = at = self._next
        text = self.file.text
        while at < len(self.all) and "\n" not in text[end : self.all[at].span.start]:
            end = self.all[at].span.end
            at += 1
        self._next = at
        return inside, self.all[first:at]


def _comment(file: SourceFile, start: int, end: int) -> Comment:
    text = file.text
    own_line = not text[text.rfind("\n", 0, start) + 1 : start].strip()
    return Comment(_content(text[start:end]), own_line, Span(file, start, end))


def _content(raw: str) -> str:
    if raw.startswith("#"):
        return raw.lstrip("#").strip()
    if raw.startswith("//"):
        return raw.lstrip("/").strip()
    lines = [line.strip().removeprefix("*").strip() for line in raw[2:-2].strip().splitlines()]
    return "\n".join(lines)
