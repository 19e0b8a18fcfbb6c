"""The parser's place in the tokens of a Bicep file: its comments, rows of what brackets hold, how deep it is."""

from __future__ import annotations

from bakelift.translator.diagnostics import Span, fail
from bakelift.translator.languages.bicep.lexer import Lexer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from bakelift.translator.diagnostics import SourceFile, TemplateError
    from bakelift.translator.languages.bicep.lexer import Token
    from bakelift.translator.languages.bicep.nodes import Node

    Read = TypeVar("Read")

#: Brackets inside brackets: deeper than any template is.
_DEEPEST = 80

_NAMES = {"newline": "the end of the line", "eof": "the end of the file", "text": "a string", "start": "a string"}


class TokenCursor:
    """At ``self.index`` of the tokens. Errors are TemplateErrors (``bicep/…``)."""

    def __init__(self, file: SourceFile) -> None:
        self.file = file
        lexer = Lexer(file)
        self.tokens = lexer.scan()
        self.comments = lexer.comments
        self.index = 0
        self.depth = 0
        self._comment = 0

    # -- tokens -------------------------------------------------------------------------------------------------------

    @property
    def token(self) -> Token:
        return self.tokens[self.index]

    def is_mark(self, *marks: str) -> bool:
        token = self.tokens[self.index]
        return token.kind == "mark" and token.value in marks

    def is_word(self, word: str) -> bool:
        token = self.tokens[self.index]
        return token.kind == "name" and token.value == word

    def after(self) -> Token:
        """The token behind the present one."""
        return self.tokens[min(self.index + 1, len(self.tokens) - 1)]

    def advance(self) -> Token:
        token = self.tokens[self.index]
        if token.kind != "eof":
            self.index += 1
        return token

    def wrong(self, wanted: str, detail: str = "") -> TemplateError:
        token = self.token
        found = _NAMES.get(token.kind) or repr(self.file.text[token.start : token.end])
        summary = f"{found[:1].upper()}{found[1:]} stands where {wanted} was expected"
        end = min(max(token.end, token.start + 1), len(self.file.text))
        return fail("bicep/syntax", summary, detail, Span(self.file, token.start, end))

    def take(self, mark: str) -> Token:
        if not self.is_mark(mark):
            raise self.wrong(repr(mark))
        return self.advance()

    def name(self, wanted: str) -> Token:
        if self.token.kind != "name":
            raise self.wrong(wanted)
        return self.advance()

    def newlines(self) -> None:
        while self.token.kind == "newline":
            self.index += 1

    def continues(self, mark: str) -> bool:
        """Whether a mark comes next, maybe on a later line; new lines before it are passed."""
        at = self.index
        while self.tokens[at].kind == "newline":
            at += 1
        token = self.tokens[at]
        if token.kind != "mark" or token.value != mark:
            return False
        self.index = at
        return True

    def span(self, start: int) -> Span:
        """From an offset to the end of the last token that was read."""
        return Span(self.file, start, max(start, self.tokens[self.index - 1].end if self.index else start))

    # -- comments -----------------------------------------------------------------------------------------------------

    def comments_before(self, offset: int) -> tuple[str, ...]:
        """Comments not handed out yet that begin before an offset."""
        first = self._comment
        while self._comment < len(self.comments) and self.comments[self._comment].start < offset:
            self._comment += 1
        return tuple(comment.text for comment in self.comments[first : self._comment])

    def comments_behind(self) -> tuple[str, ...]:
        """Comments inside and behind what was read last, up to the end of its line."""
        at = self.tokens[self.index].start
        return self.comments_before(at if self.token.kind == "newline" else self.tokens[self.index - 1].end)

    # -- rows ---------------------------------------------------------------------------------------------------------

    def bracketed(self, opening: str, closing: str, read: Callable[[], Read]) -> tuple[Read, ...]:
        """What stands between two brackets, divided by commas; new lines mean nothing there."""
        self.take(opening)
        found: list[Read] = []
        self.newlines()
        while not self.is_mark(closing):
            found.append(read())
            self.newlines()
            if not self.is_mark(closing):
                self.take(",")
                self.newlines()
        self.advance()
        return tuple(found)

    def elements(self, closing: str, read: Callable[[], Node]) -> tuple[tuple[Node, ...], tuple[str, ...]]:
        """Behind an opening bracket: what a new line or a comma divides, and the comments behind the last of them.

        An element has the comments before it, and those behind it on its line.
        """
        found: list[Node] = []
        self.newlines()
        while not self.is_mark(closing):
            comments = self.comments_before(self.token.start)
            element = read()
            found.append(element.but(comments=(*comments, *self._separated(closing))))
        after = self.comments_before(self.token.start)
        self.advance()
        return tuple(found), after

    def _separated(self, closing: str) -> tuple[str, ...]:
        """Passes what divides two elements; gives the comments behind the one that was read."""
        if self.is_mark(","):
            self.advance()
            comments = self.comments_behind()
        elif self.token.kind == "newline" or self.is_mark(closing):
            comments = self.comments_behind()
        else:
            raise self.wrong(f"a new line, a comma or {closing!r}")
        self.newlines()
        return comments

    # -- depth --------------------------------------------------------------------------------------------------------

    def too_deep(self, span: Span | None) -> TemplateError:
        return fail("bicep/too-deep", "The expression nests deeper than any template does", span=span)

    def deeper(self, read: Callable[[], Node]) -> Node:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise self.too_deep(Span(self.file, self.token.start, self.token.end))
        node = read()
        self.depth -= 1
        return node
