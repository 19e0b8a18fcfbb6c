"""Canonical layout: what ``packer fmt`` and ``terraform fmt`` write, byte for byte.

Facts: hashicorp/hcl's hclwrite/format.go. Only blanks between tokens change: each line's indentation by its brackets,
blanks between tokens by a few rules, then ``=`` and comments at line ends align over consecutive lines that have them.
"""

from __future__ import annotations

from bakelift.translator.diagnostics import SourceFile
from bakelift.translator.languages.hcl.lexer import (
    CLOSE_HEREDOC,
    CLOSE_QUOTE,
    COMMENT,
    DIRECTIVE,
    END,
    IDENT,
    INTERPOLATION,
    NEWLINE,
    NUMBER,
    OPEN_HEREDOC,
    OPEN_QUOTE,
    SEQUENCE_END,
    TEXT,
    tokenize,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.languages.hcl.lexer import Tokens

_BRACKETS = {"{": 1, "[": 1, "(": 1, INTERPOLATION: 1, DIRECTIVE: 1, "}": -1, "]": -1, ")": -1, SEQUENCE_END: -1}
#: Behind one of these a minus is a sign.
_BEFORE_SIGN = frozenset("( { [ = : , ? + * / % - == != > >= < <= && || !".split())  # noqa: SIM905
_NOTHING_AFTER = frozenset({TEXT, OPEN_QUOTE, OPEN_HEREDOC})
_NOTHING_BEFORE = frozenset({TEXT, CLOSE_QUOTE, CLOSE_HEREDOC})


def format_text(text: str, blank_after_not: bool = False) -> str:
    """The canonical layout of a file's text, which must be valid HCL (else its tokens are still kept).

    ``blank_after_not``: ``! x``, as Packer 1.6 wrote it; later ones write ``!x``.
    """
    return _Formatter(SourceFile("", text), blank_after_not).run()


class _Line:
    """Token numbers of a line: ``[start, assign)`` leads, ``[assign, comment)`` assigns, ``[comment, end)``."""

    __slots__ = ("assign", "comment", "end", "start")

    def __init__(self, start: int, assign: int, comment: int, end: int) -> None:
        self.start = start
        self.assign = assign
        self.comment = comment
        self.end = end


class _Formatter:
    def __init__(self, file: SourceFile, blank_after_not: bool) -> None:
        self.text = file.text
        self.blank_after_not = blank_after_not
        self.tokens: Tokens = tokenize(file, keep_comments=True)
        self.kinds = self.tokens.kinds
        self.blanks = [0] * len(self.kinds)
        if len(self.kinds) > 1:  # blanks behind the last line end stay
            self.blanks[-1] = self.tokens.starts[-1] - self.tokens.ends[-2]
        self.lines = self.split()

    def run(self) -> str:
        self.indent()
        for line in self.lines:
            self.space(line.start, line.assign)
            self.space(line.assign, line.comment)
        self.align([line.assign if line.assign < line.comment else None for line in self.lines])
        self.align([line.comment if line.comment < line.end else None for line in self.lines])
        text = self.text
        pieces: list[str] = []
        for blanks, start, end in zip(self.blanks, self.tokens.starts, self.tokens.ends, strict=True):
            if blanks:
                pieces.append(" " * blanks)
            pieces.append(text[start:end])
        return "".join(pieces)

    def source(self, token: int) -> str:
        return self.text[self.tokens.starts[token] : self.tokens.ends[token]]

    # Lines

    def split(self) -> list[_Line]:
        lines: list[_Line] = []
        start = 0
        text, ends = self.text, self.tokens.ends
        for token, kind in enumerate(self.kinds):
            if kind == NEWLINE or (kind == COMMENT and text[ends[token] - 1] == "\n"):
                lines.append(self.line(start, token + 1))
                start = token + 1
            elif kind == END and start < token:
                lines.append(self.line(start, token))
        return lines

    def line(self, start: int, end: int) -> _Line:
        """A trailing comment and an assignment whose brackets match are cells of their own."""
        comment = end - 1 if end - start > 1 and self.kinds[end - 1] == COMMENT else end
        try:
            equals = self.kinds.index("=", start + 1, comment)
        except ValueError:
            return _Line(start, comment, comment, end)
        assign = equals if self.net(equals, comment) == 0 else comment
        return _Line(start, assign, comment, end)

    def net(self, start: int, end: int) -> int:
        return sum(_BRACKETS.get(kind, 0) for kind in self.kinds[start:end])

    # Passes

    def indent(self) -> None:
        """A line that opens more brackets than it closes indents what follows by one level."""
        opened: list[int] = []
        for line in self.lines:
            if self.kinds[line.start] == NEWLINE:
                continue
            lead_end = line.assign
            if OPEN_HEREDOC in self.kinds[line.start : lead_end]:
                lead_end = self.kinds.index(OPEN_HEREDOC, line.start, lead_end)
            net = self.net(line.start, lead_end) + self.net(line.assign, line.comment)
            closed = -net
            while closed > 0 and opened:
                if closed < opened[-1]:
                    opened[-1] -= closed
                    break
                closed -= opened.pop()
            self.blanks[line.start] = 2 * len(opened)
            if net > 0:
                opened.append(net)

    def space(self, start: int, end: int) -> None:
        """Blanks between the tokens of one cell."""
        kinds, blanks = self.kinds, self.blanks
        before = ""
        for token in range(start, end - 1):
            kind, after = kinds[token], kinds[token + 1]
            blanks[token + 1] = 1 if self.spaced(before, token, kind, after) else 0
            before = kind

    def spaced(self, before: str, token: int, kind: str, after: str) -> bool:
        """Whether a blank stands between a token and the next, by the first rule that applies."""
        if after == NEWLINE:
            return False
        if kind == IDENT and after in ("(", "::"):
            return False
        if kind == "::" and after == IDENT:
            return False
        if kind == "." or after in (".", ",", "..."):
            return False
        if kind == ",":
            return True
        if kind in _NOTHING_AFTER or after in _NOTHING_BEFORE:
            return False
        if kind == IDENT and before == IDENT and self.source(token) == "in":
            return True
        change = _BRACKETS.get(kind, 0)
        if after == "[" and (kind in (IDENT, NUMBER) or change < 0):
            return False
        if kind == "!" and not self.blank_after_not:
            return False
        if kind == "-":
            return before not in _BEFORE_SIGN and before != ""
        if kind == "{" or after == "}":
            return not (kind == "{" and after == "}")
        if kind in (INTERPOLATION, DIRECTIVE) and after == "{":
            return True
        if kind == "}" and after == SEQUENCE_END:
            return True
        if kind == SEQUENCE_END and after in (INTERPOLATION, DIRECTIVE):
            return False
        return change <= 0 and _BRACKETS.get(after, 0) >= 0

    def align(self, cells: list[int | None]) -> None:
        """Cells of consecutive lines begin in one column; ``cells`` has the first token of each line's, or None."""
        at = 0
        while at < len(cells):
            if cells[at] is None:
                at += 1
                continue
            end = at
            while end < len(cells) and cells[end] is not None:
                end += 1
            chain: list[tuple[int, int]] = []
            for line, cell in zip(self.lines[at:end], cells[at:end], strict=True):
                assert cell is not None
                chain.append((self.width(line.start, cell), cell))
            widest = max(width for width, _ in chain)
            for width, cell in chain:
                self.blanks[cell] = widest - width + 1
            at = end

    def width(self, start: int, end: int) -> int:
        """Columns from a line's first token, with its indentation, up to another."""
        text = self.text
        width = 0
        for token in range(start, end):
            source = text[self.tokens.starts[token] : self.tokens.ends[token]]
            width += self.blanks[token] + (len(source) if source.isascii() else _clusters(source))
        return width


def _clusters(text: str) -> int:
    from bakelift.translator.plan.operations.graphemes import count

    return count(text)
