"""What stands behind a term and goes into its value: attributes, indexes, splats."""

from __future__ import annotations

from bakelift.translator.diagnostics import Span
from bakelift.translator.languages.hcl.lexer import IDENT, NEWLINE, NUMBER
from bakelift.translator.languages.hcl.templates import TemplateParser
from bakelift.translator.plan.expressions import Index, Ref, Splat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.plan.expressions import Expr

#: Tokens that go on behind a term.
STEPS = frozenset({".", "["})
_new = object.__new__


class TraversalParser(TemplateParser):
    """The steps behind a term; terms, and what stands in the brackets of an index, are :class:`ExpressionParser`'s."""

    def steps(self, target: Expr, start: int) -> Expr:
        """``.name``, ``.0``, ``[key]``, ``.*`` and ``[*]`` behind a term."""
        kinds = self.kinds
        count = 0
        while True:
            kind = kinds[self.i]
            if kind == ".":
                self.advance()
                if kinds[self.i] == "*":
                    self.advance()
                    target = Splat(target, self.attribute_steps(start), False, self.span(start))
                else:
                    target = self.attribute_step(target, start)
            elif kind == "[":
                after = self.i + 1
                while self.loose and kinds[after] == NEWLINE:
                    after += 1
                if kinds[after] == "*":
                    return self.full_splat(target, start)
                target = self.index(target, start)
            else:
                return target
            count += 1
            if count > self.LONGEST_CHAIN:
                raise self.too_deep(start, self.previous_end())

    def attribute_step(self, target: Expr, start: int) -> Expr:
        """Behind the dot: a name, or a whole number (an index, from HCL's ancestor)."""
        i = self.i
        at, end = self.starts[i], self.ends[i]
        kind = self.kinds[i]
        if kind == IDENT:
            key = self.literal(self.text[at:end], at, end)
        elif kind == NUMBER:
            text = self.text[at:end]
            if "." in text:
                first, _, second = text.partition(".")
                detail = f"Two indexes in a row are written with brackets: [{first}][{second}]."
                raise self.problem("hcl/legacy-index", "Invalid legacy index syntax", detail)
            from bakelift.translator.languages.hcl.numbers import number

            key = self.literal(number(text, at), at, end)
        else:
            detail = "Behind a dot stands the name of an attribute."
            raise self.problem("hcl/attribute-name", "Invalid attribute name", detail)
        self.advance()
        node: Index = _new(Index)
        node.target = target
        node.key = key
        node.span = Span(self.file, start, end)
        return node

    def attribute_steps(self, start: int) -> Expr:
        """Behind ``.*``: only attributes are applied to each element."""
        each: Expr = Ref("bound", "*", self.span(start))
        count = 0
        while self.kinds[self.i] == ".":
            self.advance()
            if self.kinds[self.i] == "*":
                detail = "Behind .* only attributes follow; [*] can be nested."
                raise self.problem("hcl/nested-splat", "Nested splat expression not allowed", detail)
            each = self.attribute_step(each, start)
            count += 1
            if count > self.LONGEST_CHAIN:
                raise self.too_deep(start, self.previous_end())
        return each

    def full_splat(self, target: Expr, start: int) -> Expr:
        """``[*]``: all steps behind it are applied to each element."""
        self.deeper(start, self.ends[self.i])
        self.advance()
        self.advance()
        if self.kinds[self.i] != "]":
            detail = 'The star is followed at once by "]".'
            raise self.problem("hcl/unclosed-index", "Missing close bracket on splat index", detail)
        self.advance()
        each = self.steps(Ref("bound", "*", self.span(start)), start)
        self.depth -= 1
        return Splat(target, each, True, self.span(start))

    def index(self, target: Expr, start: int) -> Expr:
        before = self.enter()
        key = self.expression()
        if self.kinds[self.i] != "]":
            detail = 'An index ends with "]".'
            raise self.problem("hcl/unclosed-index", "Missing close bracket on index", detail)
        self.leave(before)
        return Index(target, key, self.span(start))
