"""The parser's place in the tokens, and what expressions and templates both need there."""

from __future__ import annotations

import re

from bakelift.translator.diagnostics import Span
from bakelift.translator.languages.hcl import lexer
from bakelift.translator.languages.hcl.errors import Problem
from bakelift.translator.languages.hcl.lexer import END, IDENT, NEWLINE, TEXT
from bakelift.translator.plan.expressions import Literal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.diagnostics import SourceFile
    from bakelift.translator.languages.hcl.errors import Problems
    from bakelift.translator.languages.hcl.lexer import Tokens
    from bakelift.translator.plan.expressions import Expr, Scalar

_ESCAPE = r"\\(u[0-9a-fA-F]{0,4}|U[0-9a-fA-F]{0,8}|[\s\S])|\$\$\{|%%\{"
_new = object.__new__
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


class TokenCursor:
    """Methods stand at the first token of what they read and leave behind its last.

    ``loose``: newlines mean nothing (inside parentheses, brackets and template sequences). ``bound``: names that for
    expressions and directives around the place bind.
    """

    DEEPEST = 220
    LONGEST_CHAIN = 1000

    def __init__(self, file: SourceFile, tokens: Tokens, problems: Problems) -> None:
        self.file = file
        self.text = file.text
        self.kinds = tokens.kinds
        self.starts = tokens.starts
        self.ends = tokens.ends
        self.problems = problems
        self.i = 0
        self.depth = 0
        self.loose = False
        self.bound: frozenset[str] = frozenset()
        self.ascii = file.text.isascii()
        #: Traversals that stand as keys of objects without parentheses.
        self.ambiguous: list[Span] = []

    def expression(self, level: int = 0) -> Expr:
        raise NotImplementedError

    # The cursor

    def advance(self) -> None:
        """Behind the current token, and where newlines mean nothing behind them too."""
        i = self.i + 1
        if self.loose:
            kinds = self.kinds
            while kinds[i] == NEWLINE:
                i += 1
        self.i = i

    def loosen(self, loose: bool) -> None:
        self.loose = loose
        if loose:
            self.i -= 1
            self.advance()

    def enter(self) -> bool:
        """Behind an opening bracket within which newlines mean nothing; returns what to :meth:`leave` with."""
        before = self.loose
        self.loose = True
        self.advance()
        return before

    def leave(self, before: bool) -> None:
        """Behind the closing bracket."""
        self.loose = before
        self.advance()

    def restart(self) -> None:
        """After an error: as at the beginning of an item."""
        self.loose = False
        self.bound = frozenset()

    def deeper(self, start: int, end: int) -> None:
        self.depth += 1
        if self.depth > self.DEEPEST:
            raise self.too_deep(start, end)

    def too_deep(self, start: int, end: int) -> Problem:
        detail = f"Expressions and blocks may be nested {self.DEEPEST} deep, and chained {self.LONGEST_CHAIN} long."
        return Problem("hcl/too-deep", "Nesting too deep", detail, start, end)

    def problem(self, code: str, summary: str, detail: str) -> Problem:
        """An error at the current token."""
        return Problem(code, summary, detail, self.starts[self.i], self.ends[self.i])

    def previous_end(self) -> int:
        """Where the last token that is not a newline ends."""
        i = self.i - 1
        while self.kinds[i] == NEWLINE:
            i -= 1
        return self.ends[i]

    def span(self, start: int) -> Span:
        """From an offset to the end of the last token."""
        return Span(self.file, start, self.previous_end())

    def at_word(self, word: str) -> bool:
        i = self.i
        return self.kinds[i] == IDENT and self.text[self.starts[i] : self.ends[i]] == word

    def normal(self, text: str) -> str:
        """Text as a value has it: in Unicode's normal form C, as cty does."""
        if self.ascii and text.isascii():
            return text
        if text.isascii():
            return text
        from unicodedata import normalize

        return normalize("NFC", text)

    def literal(self, value: Scalar, start: int, end: int) -> Literal:
        """A value that is written out in the text from one offset to another."""
        node: Literal = _new(Literal)
        node.value = value
        node.span = Span(self.file, start, end)
        return node

    # For: shared by expressions and directives

    def for_names(self, code: str, summary: str) -> tuple[str | None, str]:
        """``value in`` or ``key, value in``."""
        names: list[str] = []
        while True:
            if self.kinds[self.i] != IDENT:
                raise self.problem(
                    code, summary, "Here stands the name of a variable: for value in …, for key, value in …."
                )
            names.append(self.text[self.starts[self.i] : self.ends[self.i]])
            self.advance()
            if len(names) == 2 or self.kinds[self.i] != ",":
                break
            self.advance()
        if not self.at_word("in"):
            raise self.problem(code, summary, "Behind the names of the variables stands the word in.")
        self.advance()
        return (names[0] if len(names) == 2 else None), names[-1]

    def bind(self, key_name: str | None, value_name: str) -> frozenset[str]:
        """Binds names; returns what was bound before."""
        before = self.bound
        self.bound = before | ({key_name, value_name} if key_name is not None else {value_name})
        return before

    # Strings

    def plain_string(self) -> str:
        """A quoted string in which no template sequence may stand (a label)."""
        pieces: list[str] = []
        self.i += 1
        while (kind := self.kinds[self.i]) != lexer.CLOSE_QUOTE:
            if kind == TEXT:
                pieces.append(self.unescape(self.starts[self.i], self.ends[self.i]))
            elif kind == END:
                detail = "The closing quote of this string is missing."
                raise self.problem("hcl/unterminated-string", "Unterminated string literal", detail)
            else:
                detail = "A label is plain text; $${ and %%{ stand for the characters."
                raise self.problem("hcl/invalid-string", "Invalid string literal", detail)
            self.i += 1
        self.i += 1
        return "".join(pieces)

    def unescape(self, start: int, end: int) -> str:
        """The meaning of a quoted string's piece; wrong escapes are collected as errors."""
        text = self.text[start:end]
        if "\\" not in text and "{" not in text:
            return text

        def meaning(match: re.Match[str]) -> str:
            selector = match[1]
            if selector is None:
                return match[0][1:]
            simple = _SIMPLE.get(selector)
            if simple is not None:
                return simple
            at = start + match.start()
            length = {"u": 5, "U": 9}.get(selector[0])
            if length is None:
                detail = f'\\{selector} is none of \\n \\r \\t \\" \\\\ \\uXXXX \\UXXXXXXXX.'
            elif len(selector) != length:
                detail = f"\\{selector[0]} is followed by {length - 1} hexadecimal digits."
            else:
                code = int(selector[1:], 16)
                if code < 0x110000 and not 0xD800 <= code < 0xE000:
                    return chr(code)
                detail = f"U+{code:04X} is not a character."
            self.problems.add(Problem("hcl/invalid-escape", "Invalid escape sequence", detail, at, at + len(match[0])))
            return ""

        return re.sub(_ESCAPE, meaning, text)
