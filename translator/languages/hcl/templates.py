"""Quoted and heredoc templates: escapes, trim markers, indentation, directives.

The order of operations is that of hclsyntax/parser_template.go: escapes are decoded for each piece of text, then ``~``
trims the piece beside it (in a heredoc pieces end with their line), then ``<<-`` takes away the common indentation, and
only then pieces are joined.
"""

from __future__ import annotations

from bakelift.translator.diagnostics import Span
from bakelift.translator.languages.hcl import lexer
from bakelift.translator.languages.hcl.cursor import TokenCursor
from bakelift.translator.languages.hcl.errors import Problem
from bakelift.translator.languages.hcl.lexer import END, IDENT, SEQUENCE_END, SPACES, TEXT
from bakelift.translator.plan.expressions import Conditional, For, JoinedFor, Literal, template

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.plan.expressions import Expr


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


class TemplateParser(TokenCursor):
    """Templates; everything else that is an expression is :class:`ExpressionParser`'s."""

    def quoted_template(self) -> Expr:
        first = self.i
        if self.kinds[first + 1] == TEXT and self.kinds[first + 2] == lexer.CLOSE_QUOTE:
            self.i += 2
            text = self.unescape(self.starts[first + 1], self.ends[first + 1])
            self.advance()
            return self.literal(self.normal(text), self.starts[first], self.ends[first + 2])
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
                exprs.append(self.literal(part.value, part.start, part.end))
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
