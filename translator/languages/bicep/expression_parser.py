"""Bicep's expressions and types: a Pratt parser over the tokens of a file.

Items of an array and properties of an object are divided by a new line or a comma; inside brackets of a call, new lines
mean nothing. A ternary may go on in a new line before its ``?`` and its ``:``; no other operator may.
"""

from __future__ import annotations

from bakelift.translator.diagnostics import Span, fail
from bakelift.translator.languages.bicep.cursor import TokenCursor
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
    from bakelift.translator.languages.bicep.lexer import Token
    from bakelift.translator.languages.bicep.nodes import Node

#: The height of a tree: deeper than any template is.
_HIGHEST = 160

_WORDS = {"true": True, "false": False, "null": None}


class ExpressionParser(TokenCursor):
    """Reads expressions at ``self.index`` of the tokens. Errors are TemplateErrors (``bicep/…``)."""

    # -- expressions --------------------------------------------------------------------------------------------------

    def not_too_high(self, node: Node) -> None:
        """Refuses a tree that is too high for those who walk it: chains of operators are read without going deeper."""
        level: list[Node] = [node]
        for _ in range(_HIGHEST):
            level = [child for parent in level for child in parent.children()]
            if not level:
                return
        raise self.too_deep(level[0].span)

    def expression(self) -> Node:
        return self.deeper(self._ternary)

    def _ternary(self) -> Node:
        start = self.token.start
        node = self.binary(0)
        if not self.continues("?"):
            return node
        self.take("?")
        then = self.expression()
        self.continues(":")
        self.take(":")
        otherwise = self.expression()
        return Ternary(node, then, otherwise, self.span(start))

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
        start = self.token.start
        parameters = self.arguments()
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
        return self.bracketed("(", ")", self.expression)

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
        items, after = self.elements("]", self.item)
        return Array(items, self.span(start), after)

    def item(self) -> Node:
        start = self.token.start
        if self.is_mark("..."):
            self.advance()
            return Spread(self.expression(), self.span(start))
        return Item(self.expression(), (), self.span(start))

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
        entries, after = self.elements("}", self.entry)
        return Object(entries, self.span(start), after)

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
