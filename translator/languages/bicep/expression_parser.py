"""Bicep's expressions and types: a Pratt parser over the tokens of a file.

Items of an array and properties of an object are divided by a new line or a comma; inside brackets of a call, new lines
mean nothing. A ternary may go on in a new line before its ``?`` and its ``:``; no other operator may.
"""

from __future__ import annotations

from bakelift.translator.diagnostics import Span, fail
from bakelift.translator.languages.bicep.lexer import Lexer
from bakelift.translator.languages.bicep.nodes import (
    PRECEDENCE,
    Access,
    Array,
    Binary,
    Call,
    Entry,
    For,
    If,
    Item,
    Lambda,
    Name,
    Nested,
    NonNull,
    Number,
    Object,
    Spread,
    Ternary,
    Text,
    Unary,
    Word,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from bakelift.translator.diagnostics import SourceFile, TemplateError
    from bakelift.translator.languages.bicep.lexer import Token
    from bakelift.translator.languages.bicep.nodes import Node

#: Brackets inside brackets, and the height of a tree: deeper than any template is.
_DEEPEST = 80
_HIGHEST = 160

_WORDS = {"true": True, "false": False, "null": None}
_NAMES = {"newline": "the end of the line", "eof": "the end of the file", "text": "a string", "start": "a string"}


class ExpressionParser:
    """Reads expressions at ``self.index`` of the tokens. Errors are TemplateErrors (``bicep/…``)."""

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

    # -- expressions --------------------------------------------------------------------------------------------------

    def not_too_high(self, node: Node) -> None:
        """Refuses a tree that is too high for those who walk it: chains of operators are read without going deeper."""
        level: list[Node] = [node]
        for _ in range(_HIGHEST):
            level = [child for parent in level for child in parent.children()]
            if not level:
                return
        raise self.too_deep(level[0].span)

    def too_deep(self, span: Span | None) -> TemplateError:
        return fail("bicep/too-deep", "The expression nests deeper than any template does", span=span)

    def deeper(self, read: Callable[[], Node]) -> Node:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise self.too_deep(Span(self.file, self.token.start, self.token.end))
        node = read()
        self.depth -= 1
        return node

    def expression(self) -> Node:
        return self.deeper(self._ternary)

    def _ternary(self) -> Node:
        start = self.token.start
        node = self.binary(0)
        if not self._continues("?"):
            return node
        self.take("?")
        then = self.expression()
        self._continues(":")
        self.take(":")
        otherwise = self.expression()
        return Ternary(node, then, otherwise, self.span(start))

    def _continues(self, mark: str) -> bool:
        """Whether a mark comes next, maybe on a later line; new lines before it are passed."""
        at = self.index
        while self.tokens[at].kind == "newline":
            at += 1
        token = self.tokens[at]
        if token.kind != "mark" or token.value != mark:
            return False
        self.index = at
        return True

    def binary(self, weakest: int) -> Node:
        start = self.token.start
        node = self.unary()
        while True:
            token = self.token
            strength = PRECEDENCE.get(token.value, 0) if token.kind == "mark" else 0
            if strength <= weakest:
                return node
            self.advance()
            node = Binary(token.value, node, self.binary(strength), self.span(start))

    def unary(self) -> Node:
        start = self.token.start
        signs: list[Token] = []
        while self.is_mark("!", "-", "+"):
            signs.append(self.advance())
        node = self.postfix(self.primary(), start)
        for sign in reversed(signs):
            place = self.span(sign.start)
            if sign.value == "-" and isinstance(node, Number) and node.value >= 0:
                node = Number(-node.value, place)
            elif sign.value != "+":
                node = Unary(sign.value, node, place)
        return node

    def postfix(self, node: Node, start: int) -> Node:
        while True:
            if self.is_mark(".", ".?"):
                safe = self.advance().value == ".?"
                name = self.name("the name of a property")
                if self.is_mark("(") and not safe:
                    node = Call(name.value, self.arguments(), node, self.span(start))
                else:
                    key = Text((name.value,), Span(self.file, name.start, name.end))
                    node = Access(node, key, safe, span=self.span(start))
            elif self.is_mark("["):
                self.advance()
                safe = self.is_mark("?") and bool(self.advance())
                from_end = self.is_mark("^") and bool(self.advance())
                key_node = self.expression()
                self.take("]")
                node = Access(node, key_node, safe, from_end, self.span(start))
            elif self.is_mark("::"):
                self.advance()
                node = Nested(node, self.name("the name of a nested resource").value, self.span(start))
            elif self.is_mark("!"):
                self.advance()
                node = NonNull(node, self.span(start))
            else:
                return node

    def primary(self) -> Node:
        token = self.token
        if token.kind == "name":
            self.advance()
            if token.value in _WORDS:
                return Word(_WORDS[token.value], self.span(token.start))
            if self.is_mark("("):
                return Call(token.value, self.arguments(), None, self.span(token.start))
            if self.is_mark("=>"):
                return self.lambda_body((token.value,), token.start)
            return Name(token.value, self.span(token.start))
        if token.kind == "number":
            self.advance()
            if len(token.value) > 19:
                raise fail("bicep/number", "A number is larger than 64 bits", span=self.span(token.start))
            return Number(int(token.value), self.span(token.start))
        if token.kind in ("text", "start"):
            return self.text()
        if self.is_mark("("):
            return self.brackets()
        if self.is_mark("["):
            return self.array()
        if self.is_mark("{"):
            return self.object()
        raise self.wrong("an expression")

    def brackets(self) -> Node:
        """``(expression)``, or the parameters of a lambda."""
        start = self.advance().start
        parameters: list[Node] = []
        self.newlines()
        while not self.is_mark(")"):
            parameters.append(self.expression())
            self.newlines()
            if not self.is_mark(")"):
                self.take(",")
                self.newlines()
        self.advance()
        if self.is_mark("=>") and all(isinstance(item, Name) for item in parameters):
            return self.lambda_body(tuple(item.name for item in parameters if isinstance(item, Name)), start)
        if len(parameters) != 1:
            raise fail("bicep/syntax", "Brackets hold one expression", span=self.span(start))
        return parameters[0]

    def lambda_body(self, parameters: tuple[str, ...], start: int) -> Node:
        self.take("=>")
        self.newlines()
        return Lambda(parameters, self.expression(), self.span(start))

    def arguments(self) -> tuple[Node, ...]:
        self.take("(")
        found: list[Node] = []
        self.newlines()
        while not self.is_mark(")"):
            found.append(self.expression())
            self.newlines()
            if not self.is_mark(")"):
                self.take(",")
                self.newlines()
        self.advance()
        return tuple(found)

    def text(self) -> Text:
        token = self.advance()
        begin = token.start
        parts: list[str | Node] = [token.value] if token.value else []
        while token.kind in ("start", "middle"):
            self.newlines()
            parts.append(self.expression())
            self.newlines()
            if self.token.kind not in ("middle", "end"):
                raise self.wrong("'}'")
            token = self.advance()
            if token.value:
                parts.append(token.value)
        return Text(tuple(parts), self.span(begin))

    # -- collections --------------------------------------------------------------------------------------------------

    def array(self) -> Node:
        start = self.take("[").start
        self.newlines()
        if self.is_word("for") and (self.after().kind == "name" or self.after().value == "("):
            return self.loop(start)
        items: list[Node] = []
        while not self.is_mark("]"):
            comments = self.comments_before(self.token.start)
            at = self.token.start
            if self.is_mark("..."):
                self.advance()
                items.append(Spread(self.expression(), self.span(at), comments))
            else:
                value = self.expression()
                items.append(Item(value, (), self.span(at), comments))
            items[-1] = items[-1].but(comments=comments + self.separated("]"))
        after = self.comments_before(self.token.start)
        self.advance()
        return Array(tuple(items), self.span(start), after)

    def separated(self, closing: str) -> tuple[str, ...]:
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

    def loop(self, start: int) -> Node:
        self.advance()
        index = None
        if self.is_mark("("):
            self.advance()
            item = self.name("the name of an element").value
            self.take(",")
            index = self.name("the name of an index").value
            self.take(")")
        else:
            item = self.name("the name of an element").value
        if not self.is_word("in"):
            raise self.wrong("'in'")
        self.advance()
        collection = self.expression()
        self.take(":")
        self.newlines()
        body = self.condition() if self.is_word("if") and self.after().value == "(" else self.expression()
        self.newlines()
        self.take("]")
        return For(item, index, collection, body, self.span(start))

    def condition(self) -> Node:
        """``if (condition) { … }``."""
        start = self.advance().start
        self.take("(")
        self.newlines()
        test = self.expression()
        self.newlines()
        self.take(")")
        self.newlines()
        return If(test, self.deeper(self.object), self.span(start))

    def object(self) -> Node:
        start = self.take("{").start
        entries: list[Node] = []
        self.newlines()
        while not self.is_mark("}"):
            comments = self.comments_before(self.token.start)
            entry = self.entry()
            entries.append(entry.but(comments=(*comments, *self.separated("}"))))
        after = self.comments_before(self.token.start)
        self.advance()
        return Object(tuple(entries), self.span(start), after)

    def entry(self) -> Node:
        start = self.token.start
        if self.is_mark("..."):
            self.advance()
            return Spread(self.expression(), self.span(start))
        if self.is_mark("@") or (self.is_word("resource") and self.after().kind == "name"):
            return self.nested()
        key: Node
        if self.token.kind == "name":
            name = self.advance()
            key = Text((name.value,), self.span(name.start))
        elif self.token.kind in ("text", "start"):
            key = self.text()
        else:
            raise self.wrong("the name of a property", "A name that is no identifier stands in quotes.")
        self.take(":")
        self.newlines()
        return Entry(key, self.expression(), (), self.span(start))

    def nested(self) -> Node:
        """A resource in the body of another."""
        raise self.wrong("the name of a property")
