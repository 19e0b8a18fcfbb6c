"""Reads ARM template expressions: the text between ``[`` and ``]`` of a JSON string.

Grammar (functions and properties only, no operators; ``''`` is a quote inside a string)::

    expr    := primary ( '.' name | '[' expr ']' )*
    primary := [namespace '.'] name '(' [expr (',' expr)*] ')' | string | integer
"""

from __future__ import annotations

import re

from bakelift.translator.diagnostics import Span, fail
from bakelift.translator.languages.arm.kinds import PLAIN
from bakelift.translator.languages.arm.reading import call
from bakelift.translator.plan.expressions import Index, Literal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from bakelift.translator.diagnostics import TemplateError
    from bakelift.translator.languages.arm.kinds import Symbols
    from bakelift.translator.plan.expressions import Expr

_TOKEN = re.compile(
    r"[ \t\r\n]*(?:(?P<string>'(?:[^']|'')*')|(?P<number>-?[0-9]+(?:\.[0-9]+)?)|(?P<name>[A-Za-z_$][A-Za-z0-9_$]*)"
    r"|(?P<mark>[()\[\],.])|(?P<end>\Z))"
)

#: Calls inside calls, deeper than any template is; keeps hostile text from exhausting the stack.
_DEEPEST = 200


def parse_arm(
    text: str, span: Span | None = None, symbols: Symbols = PLAIN, place: Callable[[int, int], Span] | None = None
) -> Expr:
    """The expression that ``text`` (without the outer brackets) says.

    ``span``: of the JSON string, for diagnostics and nodes; ``place`` gives the span of a range of ``text`` where the
    caller knows it better. ``symbols``: types of parameters and variables, which decide what ``concat`` or ``contains``
    mean. Raises TemplateError (``arm/syntax``, ``arm/arguments``, ``arm/too-deep``).
    """
    return _Parser(text, span, symbols, place).whole()


class _Parser:
    def __init__(
        self, text: str, span: Span | None, symbols: Symbols, place: Callable[[int, int], Span] | None
    ) -> None:
        self.text = text
        self.span = span
        self.symbols = symbols
        self.place = place
        self.at = 0
        self.depth = 0
        self.kind = ""
        self.token = ""
        self.start = 0
        self.advance()

    def where(self, start: int, end: int) -> Span | None:
        return self.place(start, end) if self.place is not None else self.span

    def error(self, summary: str, detail: str = "") -> TemplateError:
        return fail("arm/syntax", summary, detail, self.where(self.start, max(self.at, self.start + 1)))

    def advance(self) -> None:
        match = _TOKEN.match(self.text, self.at)
        if match is None:
            rest = self.text[self.at :].lstrip()
            self.start = len(self.text) - len(rest)
            self.at = self.start + 1
            if rest.startswith("'"):
                raise self.error("A string of the expression is not closed", "Strings end with ', and '' is one quote.")
            raise self.error(f"The expression has a character that is no part of it: {rest[:1]!r}")
        self.kind = match.lastgroup or "end"
        self.token = match.group(self.kind)
        self.start = match.start(self.kind)
        self.at = match.end()

    def take(self, mark: str) -> None:
        if self.kind != "mark" or self.token != mark:
            found = repr(self.token) if self.token else "its end"
            raise self.error(f"The expression has {found} where {mark!r} was expected")
        self.advance()

    def is_mark(self, mark: str) -> bool:
        return self.kind == "mark" and self.token == mark

    def whole(self) -> Expr:
        expr = self.expression()
        if self.kind != "end":
            raise self.error(f"The expression goes on after its end, with {self.token!r}")
        return expr

    def expression(self) -> Expr:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise fail("arm/too-deep", f"The expression nests deeper than {_DEEPEST} calls", span=self.span)
        start = self.start
        expr = self.primary()
        while True:
            if self.is_mark("."):
                self.advance()
                if self.kind != "name":
                    raise self.error("A property's name is missing after '.'")
                expr = Index(expr, Literal(self.token), self.where(start, self.at))
                self.advance()
            elif self.is_mark("["):
                self.advance()
                key = self.expression()
                end = self.at
                self.take("]")
                expr = Index(expr, key, self.where(start, end))
            else:
                self.depth -= 1
                return expr

    def primary(self) -> Expr:
        start, token, kind = self.start, self.token, self.kind
        if kind == "string":
            where = self.where(start, self.at)
            self.advance()
            return Literal(token[1:-1].replace("''", "'"), where)
        if kind == "number":
            if "." in token:
                raise self.error("An expression cannot hold a fraction", "Write json('0.5').")
            where = self.where(start, self.at)
            self.advance()
            return Literal(int(token), where)
        if kind != "name":
            found = repr(token) if token else "its end"
            raise self.error(f"The expression has {found} where a function was expected")
        name = token
        self.advance()
        if self.is_mark("."):
            self.advance()
            if self.kind != "name":
                raise self.error("The name of a function is missing after its namespace")
            name = f"{name}.{self.token}"
            self.advance()
        if not self.is_mark("("):
            raise self.error(f"{name!r} is not called", "Every name in an expression is a function: write NAME(...).")
        self.advance()
        args: list[Expr] = []
        while not self.is_mark(")"):
            if args:
                self.take(",")
            args.append(self.expression())
        end = self.at
        self.advance()
        return call(name, args, self.where(start, end), self.symbols)
