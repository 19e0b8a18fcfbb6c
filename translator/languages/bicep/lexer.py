"""Bicep's tokens, with the holes of strings; comments and directives are kept aside.

A string with holes is several tokens: ``'a${`` (start), ``}b${`` (middle), ``}c'`` (end); one without is ``text``.
A token's ``value`` is the text without escapes.
"""

from __future__ import annotations

import re

from bakelift.translator.diagnostics import Span, fail

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.diagnostics import SourceFile, TemplateError


class Token:
    """``kind``: name, number, text, start, middle, end, mark, newline or eof."""

    __slots__ = ("end", "kind", "start", "value")

    def __init__(self, kind: str, value: str, start: int, end: int) -> None:
        self.kind = kind
        self.value = value
        self.start = start
        self.end = end


class Comment:
    """``text``: without its marks. ``start``, ``end``: where it stands."""

    __slots__ = ("end", "start", "text")

    def __init__(self, text: str, start: int, end: int) -> None:
        self.text = text
        self.start = start
        self.end = end


_BLANK = re.compile(r"[ \t]+")
_TOKEN = re.compile(
    r"(?P<newline>\r\n?|\n)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<number>[0-9]+)"
    r"|(?P<mark>\.\.\.|\.\?|::|=>|==|=~|!=|!~|<=|>=|&&|\|\||\?\?|[@{}()\[\],.:;=<>+\-*/%!?|^])"
)
_VERBATIM = re.compile(r"(\$*)'''")
_PIECE = re.compile(r"[^'\\$\r\n]+")
_CODE_POINT = re.compile(r"\{([0-9A-Fa-f]{1,6})\}")
_ESCAPES = {"\\": "\\", "'": "'", "n": "\n", "r": "\r", "t": "\t", "$": "$"}


class Lexer:
    """Scans a whole file. Raises TemplateError (``bicep/syntax``) at what is no token."""

    def __init__(self, file: SourceFile) -> None:
        self.file = file
        self.text = file.text
        self.at = 1 if file.text.startswith("\ufeff") else 0
        self.tokens: list[Token] = []
        self.comments: list[Comment] = []
        #: Of each open hole: the brackets open in it, and how many ``$`` its string wants (0: single quotes).
        self.holes: list[list[int]] = []
        self._quotes = -1

    def error(self, start: int, end: int, summary: str, detail: str = "") -> TemplateError:
        return fail("bicep/syntax", summary, detail, Span(self.file, start, min(max(end, start + 1), len(self.text))))

    def scan(self) -> list[Token]:
        text, size = self.text, len(self.text)
        while True:
            blank = _BLANK.match(text, self.at)
            if blank is not None:
                self.at = blank.end()
            if self.at >= size:
                break
            if text[self.at] in "/#" and self.comment():
                continue
            self.token()
        if self.holes:
            raise self.error(size, size, "A hole of a string is not closed", "Expressions in text end with }.")
        self.add("newline", "", size, size)
        self.add("eof", "", size, size)
        return self.tokens

    def add(self, kind: str, value: str, start: int, end: int) -> None:
        self.tokens.append(Token(kind, value, start, end))

    def comment(self) -> bool:
        text, start = self.text, self.at
        two = text[start : start + 2]
        if two == "/*":
            end = text.find("*/", start + 2)
            if end < 0:
                raise self.error(start, start + 2, "A comment is not closed", "It begins with /* and ends with */.")
            self.at = end + 2
            lines = [line.strip().removeprefix("*").strip() for line in text[start + 2 : end].strip().splitlines()]
            self.comments.append(Comment("\n".join(lines), start, self.at))
            return True
        if two != "//" and text[start] != "#":
            return False
        end = start
        while end < len(text) and text[end] not in "\r\n":
            end = _LINE.match(text, end).end()  # type: ignore[union-attr]
        self.at = end
        words = text[start:end] if two != "//" else text[start:end].lstrip("/")
        self.comments.append(Comment(words.strip(), start, end))
        return True

    def token(self) -> None:
        text, start = self.text, self.at
        if text[start] in "'$":
            verbatim = _VERBATIM.match(text, start)
            if verbatim is not None:
                self.at = verbatim.end()
                self.verbatim(start, len(verbatim.group(1)), first=True)
                return
            if text[start] == "'":
                self.at = start + 1
                self.piece(start, first=True)
                return
        found = _TOKEN.match(text, start)
        if found is None:
            raise self.error(start, start + 1, *_strange(text[start]))
        kind, value, self.at = str(found.lastgroup), found.group(), found.end()
        if self.holes and kind == "mark":
            hole = self.holes[-1]
            if value == "{":
                hole[0] += 1
            elif value == "}":
                if hole[0] == 0:
                    self.holes.pop()
                    if hole[1]:
                        self.verbatim(start, hole[1], first=False)
                    else:
                        self.piece(start, first=False)
                    return
                hole[0] -= 1
        self.add(kind, value, start, self.at)

    def piece(self, start: int, first: bool) -> None:
        """Text in single quotes, up to its end or its next hole."""
        text, parts = self.text, []
        while True:
            plain = _PIECE.match(text, self.at)
            if plain is not None:
                parts.append(plain.group())
                self.at = plain.end()
            here = text[self.at : self.at + 1]
            if here == "'":
                self.at += 1
                self.add("text" if first else "end", "".join(parts), start, self.at)
                return
            if here == "$":
                if text.startswith("${", self.at):
                    self.at += 2
                    self.add("start" if first else "middle", "".join(parts), start, self.at)
                    self.holes.append([0, 0])
                    return
                parts.append("$")
                self.at += 1
            elif here == "\\":
                parts.append(self.escape())
            else:
                detail = "Text in single quotes ends on its line; text of several lines stands between '''."
                raise self.error(start, self.at, "A string is not closed", detail)

    def escape(self) -> str:
        start, letter = self.at, self.text[self.at + 1 : self.at + 2]
        if letter in _ESCAPES and letter:
            self.at += 2
            return _ESCAPES[letter]
        if letter == "u":
            found = _CODE_POINT.match(self.text, start + 2)
            if found is not None and (code := int(found.group(1), 16)) <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF:
                self.at = found.end()
                return chr(code)
        detail = r"Bicep knows \\ \' \n \r \t \$ and \u{…}."
        raise self.error(
            start, start + 2, f"A string has an escape that there is not: {self.text[start : start + 2]!r}", detail
        )

    def verbatim(self, start: int, dollars: int, first: bool) -> None:
        """Text between three quotes: nothing is escaped; ``dollars`` say what begins a hole."""
        text = self.text
        if first:
            for newline in ("\r\n", "\n"):
                if text.startswith(newline, self.at):
                    self.at += len(newline)
                    break
        begin = self.at
        mark = "$" * dollars + "{"
        if self._quotes < begin:  # looked for once, however many holes come before
            self._quotes = text.find("'''", begin)
        end = self._quotes
        hole = text.find(mark, begin, end) if dollars else -1
        if end < 0:
            raise self.error(start, start + 3, "A string is not closed", "It begins with ''' and ends with '''.")
        if hole >= 0:
            self.at = hole + len(mark)
            self.add("start" if first else "middle", text[begin:hole], start, self.at)
            self.holes.append([0, dollars])
            return
        stop = end + 3
        while text.startswith("'", stop):
            stop += 1
        self.at = stop
        self.add("text" if first else "end", text[begin : stop - 3], start, stop)


_LINE = re.compile(r"[^\r\n]*")


def _strange(character: str) -> tuple[str, str]:
    if character == '"':
        return "Bicep has no double quotes", "Strings stand in single quotes."
    return f"The file has a character that is no part of Bicep: {character!r}", ""
