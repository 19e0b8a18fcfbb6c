"""Quoted and heredoc templates: escapes, trim markers, indentation, directives.

The order of operations is that of hclsyntax/parser_template.go: escapes are decoded for each piece of text, then ``~``
trims the piece beside it (in a heredoc pieces end with their line), then ``<<-`` takes away the common indentation, and
only then pieces are joined.
"""

from __future__ import annotations

import re

from bakelift.translator.diagnostics import Span
from bakelift.translator.languages.hcl import lexer
from bakelift.translator.languages.hcl.errors import Problem
from bakelift.translator.languages.hcl.lexer import END, IDENT, NEWLINE, SEQUENCE_END, SPACES, TEXT
from bakelift.translator.plan.expressions import Conditional, For, JoinedFor, Literal, template

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.diagnostics import SourceFile
    from bakelift.translator.languages.hcl.errors import Problems
    from bakelift.translator.languages.hcl.lexer import Tokens
    from bakelift.translator.plan.expressions import Expr

_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{0,4}|U[0-9a-fA-F]{0,8}|[\s\S])|\$\$\{|%%\{")
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


class _Text:
    """A piece of literal text; trimming and flushing change it."""

    __slots__ = ("end", "start", "value")

    def __init__(self, value: str, start: int, end: int) -> None:
        self.value = value
        self.start = start
        self.end = end


class _Directive:
    """``%{ … }``. ``word``: if, else, endif, for, endfor."""

    __slots__ = ("bound", "end", "expr", "names", "start", "word")

    def __init__(self, word: str, start: int) -> None:
        self.word = word
        self.start = start
        self.end = start
        self.expr: Expr | None = None
        self.names: tuple[str | None, str] = (None, "")
        self.bound: frozenset[str] = frozenset()


class TemplateParser:
    """The token cursor, and templates. Everything else that is an expression is :class:`ExpressionParser`'s."""

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

        return _ESCAPE.sub(meaning, text)

    # Templates

    def quoted_template(self) -> Expr:
        first = self.i
        if self.kinds[first + 1] == TEXT and self.kinds[first + 2] == lexer.CLOSE_QUOTE:
            self.i += 2
            text = self.unescape(self.starts[first + 1], self.ends[first + 1])
            self.advance()
            return Literal(self.normal(text), Span(self.file, self.starts[first], self.ends[first + 2]))
        parts = self.parts(lexer.CLOSE_QUOTE, heredoc=False)
        return self.assemble(parts, Span(self.file, self.starts[first], self.previous_end()))

    def heredoc_template(self) -> Expr:
        first = self.i
        flush = self.text.startswith("<<-", self.starts[first])
        parts = self.parts(lexer.CLOSE_HEREDOC, heredoc=True)
        if flush:
            _flush(parts)
        return self.assemble(parts, Span(self.file, self.starts[first], self.previous_end()))

    def parts(self, closer: str, heredoc: bool) -> list[_Text | _Directive | Expr]:
        """The pieces of a template, trimmed; leaves behind its end."""
        parts: list[_Text | _Directive | Expr] = []
        opened = self.bound
        scopes: list[frozenset[str]] = []
        trim_next = False
        self.i += 1
        while (kind := self.kinds[self.i]) != closer:
            start, end = self.starts[self.i], self.ends[self.i]
            if kind == TEXT:
                self.i += 1
                pieces = self.pieces(start, end, heredoc)
                if trim_next:
                    pieces[0].value = pieces[0].value.lstrip(SPACES)
                parts += pieces
                trim_next = False
                continue
            if kind not in (lexer.INTERPOLATION, lexer.DIRECTIVE):
                detail = "The end of this string or heredoc is missing."
                raise self.problem("hcl/unterminated-template", "Unterminated template string", detail)
            if end - start == 3 and parts and isinstance(before := parts[-1], _Text):
                before.value = before.value.rstrip(SPACES)
            loose = self.enter()
            if kind == lexer.INTERPOLATION:
                parts.append(self.expression())
                self.end_of_interpolation(start, closer)
            else:
                parts.append(self.directive(start, scopes))
            trim_next = self.ends[self.i] - self.starts[self.i] == 2
            self.leave(loose)
            self.loose = loose
        self.bound = opened
        self.advance()
        return parts

    def pieces(self, start: int, end: int, heredoc: bool) -> list[_Text]:
        """Literal text, decoded; of a heredoc line by line."""
        if not heredoc:
            return [_Text(self.unescape(start, end), start, end)]
        text = self.text[start:end]
        escaped = "$${" in text or "%%{" in text
        pieces: list[_Text] = []
        for line in text.split("\n"):
            stop = min(start + len(line) + 1, end)
            value = self.text[start:stop]
            if value:
                pieces.append(_Text(_unescape_heredoc(value) if escaped else value, start, stop))
            start = stop
        return pieces

    def end_of_interpolation(self, start: int, closer: str) -> None:
        kind = self.kinds[self.i]
        if kind == SEQUENCE_END:
            return
        if kind == END or (closer == lexer.CLOSE_QUOTE and kind in (closer, lexer.OPEN_QUOTE, lexer.STRING)):
            detail = "The closing brace of this interpolation is missing."
            raise Problem(
                "hcl/unclosed-interpolation", "Unclosed template interpolation sequence", detail, start, start + 2
            )
        detail = "The expression is complete before this. If ${ belongs to another language, write $${ for it."
        raise self.problem("hcl/extra-characters", "Extra characters after interpolation expression", detail)

    def directive(self, start: int, scopes: list[frozenset[str]]) -> _Directive:
        """Behind ``%{``; stops at the end of the sequence."""
        if self.kinds[self.i] != IDENT:
            detail = (
                "Behind %{ stands if, else, endif, for or endfor. If %{ belongs to another language, write %%{ for it."
            )
            raise self.problem("hcl/invalid-directive", "Invalid template directive", detail)
        word = self.text[self.starts[self.i] : self.ends[self.i]]
        found = _Directive(word, start)
        if word not in ("if", "else", "endif", "for", "endfor"):
            detail = f"{word} is none of if, else, endif, for, endfor. For a literal %{{ write %%{{."
            raise self.problem("hcl/invalid-directive", "Invalid template control keyword", detail)
        self.advance()
        if word == "if":
            found.expr = self.expression()
        elif word == "for":
            found.names = self.for_names("hcl/invalid-for", "Invalid 'for' directive")
            found.expr = self.expression()
            scopes.append(self.bind(*found.names))
        elif word == "endfor" and scopes:
            self.bound = scopes.pop()
        if self.kinds[self.i] != SEQUENCE_END:
            detail = "The directive is complete before this."
            raise self.problem("hcl/extra-characters", f"Extra characters in {word} marker", detail)
        found.end = self.ends[self.i]
        return found

    def assemble(self, parts: list[_Text | _Directive | Expr], span: Span) -> Expr:
        """The tree of a template; of one interpolation alone it is that expression."""
        if len(parts) == 1 and not isinstance(parts[0], (_Text, _Directive)):
            return parts[0]
        exprs, at = self.sequence(parts, 0, None)
        assert at == len(parts)
        whole = template(exprs, span)
        if not self.ascii or (isinstance(whole, Literal) and not str(whole.value).isascii()):
            return _normalized(whole, self)
        return whole

    def sequence(
        self, parts: list[_Text | _Directive | Expr], at: int, opener: _Directive | None
    ) -> tuple[list[Expr], int]:
        """Parts up to the directive that ends or divides ``opener``'s text, and where that stands."""
        start = opener.start if opener else self.starts[self.i]
        self.deeper(start, start + 2)
        exprs: list[Expr] = []
        while at < len(parts):
            part = parts[at]
            if isinstance(part, _Text):
                exprs.append(Literal(part.value, Span(self.file, part.start, part.end)))
            elif not isinstance(part, _Directive):
                exprs.append(part)
            elif part.word == "if":
                node, at = self.if_directive(parts, at, part)
                exprs.append(node)
            elif part.word == "for":
                node, at = self.for_directive(parts, at, part)
                exprs.append(node)
            elif opener is None:
                raise _unexpected(part, "The directives of this template do not match.")
            else:
                self.depth -= 1
                return exprs, at
            at += 1
        if opener is not None:
            detail = f"The {opener.word} directive is not ended by end{opener.word}."
            raise Problem("hcl/unclosed-directive", "Unexpected end of template", detail, opener.start, opener.end)
        self.depth -= 1
        return exprs, at

    def if_directive(self, parts: list[_Text | _Directive | Expr], at: int, opener: _Directive) -> tuple[Expr, int]:
        then, at = self.sequence(parts, at + 1, opener)
        end = parts[at]
        otherwise: list[Expr] = []
        assert isinstance(end, _Directive)
        if end.word == "else":
            otherwise, at = self.sequence(parts, at + 1, opener)
            end = parts[at]
            assert isinstance(end, _Directive)
        if end.word != "endif":
            raise _unexpected(end, "An endif is expected here.")
        assert opener.expr is not None
        span = Span(self.file, opener.start, end.end)
        return Conditional(opener.expr, template(then), template(otherwise), span), at

    def for_directive(self, parts: list[_Text | _Directive | Expr], at: int, opener: _Directive) -> tuple[Expr, int]:
        content, at = self.sequence(parts, at + 1, opener)
        end = parts[at]
        assert isinstance(end, _Directive)
        if end.word != "endfor":
            raise _unexpected(end, "An endfor is expected here.")
        assert opener.expr is not None
        span = Span(self.file, opener.start, end.end)
        loop = For(*opener.names, opener.expr, None, template(content), None, False, span)
        return JoinedFor(loop, span), at


def _unexpected(directive: _Directive, detail: str) -> Problem:
    summary = f"Unexpected {directive.word} directive"
    return Problem("hcl/unexpected-directive", summary, detail, directive.start, directive.end)


def _unescape_heredoc(text: str) -> str:
    return text.replace("$${", "${").replace("%%{", "%{")


def _normalized(expr: Expr, parser: TemplateParser) -> Expr:
    from bakelift.translator.plan.expressions import transform

    def visit(node: Expr) -> Expr | None:
        if isinstance(node, Literal) and isinstance(node.value, str) and not node.value.isascii():
            return Literal(parser.normal(node.value), node.span)
        return None

    return transform(expr, visit)


def _flush(parts: list[_Text | _Directive | Expr]) -> None:
    """Takes the indentation that all lines share away from each.

    A line that is blank up to its end does not count. Characters are grapheme clusters, as far as they can be blank.
    """
    fewest: int | None = None
    adjust: list[_Text] = []
    newline = True
    for part in parts:
        if newline:
            newline = False
            count = 0
            if isinstance(part, _Text):
                rest = part.value.lstrip(SPACES)
                if not rest and part.value.endswith("\n"):
                    newline = True
                    continue
                count = _clusters(part.value[: len(part.value) - len(rest)])
                adjust.append(part)
            fewest = count if fewest is None else min(fewest, count)
        if isinstance(part, _Text) and part.value.endswith("\n"):
            newline = True
    if fewest:
        for piece in adjust:
            piece.value = _without(piece.value, fewest)


def _clusters(blanks: str) -> int:
    return len(blanks) - blanks.count("\r\n")


def _without(text: str, clusters: int) -> str:
    """Text without its first grapheme clusters, which are blanks (with marks that combine with the last of them)."""
    at = 0
    for _ in range(clusters):
        at += 2 if text.startswith("\r\n", at) else 1
    if not text.isascii() and at < len(text):
        from unicodedata import combining

        while at < len(text) and combining(text[at]):
            at += 1
    return text[at:]
