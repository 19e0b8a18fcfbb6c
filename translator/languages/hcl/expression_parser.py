"""Expressions of HCL's native syntax: a Pratt parser over the tokens."""

from __future__ import annotations

from bakelift.translator.diagnostics import Span
from bakelift.translator.languages.hcl import lexer
from bakelift.translator.languages.hcl.errors import Problem
from bakelift.translator.languages.hcl.functions import BINARY, OPERATIONS, UNARY
from bakelift.translator.languages.hcl.lexer import END, IDENT, NEWLINE, NUMBER, STRING
from bakelift.translator.languages.hcl.traversals import STEPS, TraversalParser
from bakelift.translator.plan.expressions import (
    Call,
    Conditional,
    For,
    Index,
    ListExpr,
    Literal,
    ObjectExpr,
    Ref,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from bakelift.translator.plan.expressions import Expr, RefKind, Scalar

_WORDS: dict[str, Scalar] = {"true": True, "false": False, "null": None}
_new = object.__new__


class ExpressionParser(TraversalParser):
    """Everything that is a value."""

    def whole(self) -> Expr:
        """One expression that is all of the text."""
        self.loosen(True)
        expr = self.expression()
        if self.kinds[self.i] != END:
            detail = "The expression is complete before this."
            raise self.problem("hcl/extra-characters", "Extra characters after expression", detail)
        return expr

    def expression(self, level: int = 0) -> Expr:
        """An expression whose operators bind tighter than ``level``; at 0 with ``? :``."""
        kinds = self.kinds
        self.deeper(self.starts[self.i], self.ends[self.i])
        arms: list[tuple[Expr, Expr, int]] = []
        while True:
            start = self.starts[self.i]
            parse = _TERMS.get(kinds[self.i])
            left = parse(self) if parse else self.no_term()
            if kinds[self.i] in STEPS:
                left = self.steps(left, start)
            count = 0
            while (row := BINARY.get(kinds[self.i])) and row[0] > level:
                count += 1
                if count > self.LONGEST_CHAIN:
                    raise self.too_deep(self.starts[self.i], self.ends[self.i])
                self.advance()
                right = self.expression(row[0])
                left = Call(row[1], (left, right), False, self.span(start))
            if level or kinds[self.i] != "?":
                break
            self.advance()
            then = self.expression()
            if kinds[self.i] != ":":
                detail = "Behind the value for true follow a colon and the value for false: condition ? a : b."
                raise self.problem("hcl/missing-false-value", "Missing false expression in conditional", detail)
            self.advance()
            arms.append((left, then, start))
            if len(arms) > self.DEEPEST:
                raise self.too_deep(start, self.ends[self.i])
        for condition, then, start in reversed(arms):
            left = Conditional(condition, then, left, self.span(start))
        self.depth -= 1
        return left

    def no_term(self) -> Expr:
        if self.kinds[self.i] == END:
            raise self.problem("hcl/missing-expression", "Missing expression", "The file ends where a value is needed.")
        raise self.problem("hcl/invalid-expression", "Invalid expression", "A value is needed here; this begins none.")

    # Terms

    def number(self) -> Expr:
        from bakelift.translator.languages.hcl.numbers import number

        start, end = self.starts[self.i], self.ends[self.i]
        self.advance()
        return self.literal(number(self.text[start:end], start), start, end)

    def string(self) -> Expr:
        start, end = self.starts[self.i], self.ends[self.i]
        self.advance()
        return self.literal(self.normal(self.text[start + 1 : end - 1]), start, end)

    def name(self) -> Expr:
        i = self.i
        start, end = self.starts[i], self.ends[i]
        name = self.text[start:end]
        self.advance()
        kind = self.kinds[self.i]
        if kind in ("(", "::"):
            return self.call(name, start)
        if name in _WORDS:
            return self.literal(_WORDS[name], start, end)
        node: Ref = _new(Ref)
        ref_kind: RefKind = "bound" if name in self.bound else "name"
        node.kind = ref_kind
        node.name = name
        node.span = Span(self.file, start, end)
        return node

    def parentheses(self) -> Expr:
        before = self.enter()
        expr = self.expression()
        if self.kinds[self.i] != ")":
            detail = "The parenthesis that opened before this is not closed."
            raise self.problem("hcl/unbalanced-parentheses", "Unbalanced parentheses", detail)
        self.leave(before)
        return expr

    def unary(self) -> Expr:
        """Any number of ``-`` and ``!``, then a term with its steps. A negative number is one literal."""
        signs: list[tuple[str, int]] = []
        while (kind := self.kinds[self.i]) in UNARY:
            signs.append((UNARY[kind], self.starts[self.i]))
            self.advance()
        if len(signs) > self.DEEPEST:
            raise self.too_deep(signs[-1][1], signs[-1][1] + 1)
        start = self.starts[self.i]
        parse = _TERMS.get(self.kinds[self.i])
        operand = parse(self) if parse else self.no_term()
        if self.kinds[self.i] in STEPS:
            operand = self.steps(operand, start)
        for operation, at in reversed(signs):
            value = operand.value if isinstance(operand, Literal) else None
            if operation == "negate" and value is not None and not isinstance(value, (str, bool)):
                from bakelift.translator.languages.hcl.numbers import negative

                operand = Literal(negative(value), self.span(at))
                continue
            operand = Call(operation, (operand,), False, self.span(at))
        return operand

    def call(self, name: str, start: int) -> Expr:
        while self.kinds[self.i] == "::":
            self.advance()
            if self.kinds[self.i] != IDENT:
                detail = "Behind :: stands the name of a function."
                raise self.problem("hcl/missing-function-name", "Missing function name", detail)
            name += "::" + self.text[self.starts[self.i] : self.ends[self.i]]
            self.advance()
        if self.kinds[self.i] != "(":
            detail = "Behind the name of a function stand its arguments in parentheses."
            raise self.problem("hcl/missing-parenthesis", "Missing open parenthesis", detail)
        name_end = self.ends[self.i]
        before = self.enter()
        args: list[Expr] = []
        expand = False
        while self.kinds[self.i] != ")":
            args.append(self.expression())
            kind = self.kinds[self.i]
            if kind == ",":
                self.advance()
            elif kind == "...":
                expand = True
                self.advance()
                if self.kinds[self.i] != ")":
                    detail = "Behind ... the call ends with a closing parenthesis."
                    raise self.problem("hcl/missing-parenthesis", "Missing closing parenthesis", detail)
            elif kind == END:
                detail = "The parenthesis of this call is not closed before the file ends."
                raise Problem("hcl/unterminated-call", "Unterminated function call", detail, start, name_end)
            elif kind != ")":
                detail = "The arguments of a call are separated by commas."
                raise self.problem("hcl/missing-separator", "Missing argument separator", detail)
        self.leave(before)
        return Call(OPERATIONS.get(name, f"unknown:{name}"), tuple(args), expand, self.span(start))

    def list_or_for(self) -> Expr:
        start, open_end = self.starts[self.i], self.ends[self.i]
        before = self.enter()
        if self.at_word("for"):
            return self.for_expression("]", start, before)
        items: list[Expr] = []
        while self.kinds[self.i] != "]":
            items.append(self.expression())
            kind = self.kinds[self.i]
            if kind == ",":
                self.advance()
            elif kind == END:
                detail = "The bracket of this list is not closed before the file ends."
                raise Problem(
                    "hcl/unterminated-list", "Unterminated tuple constructor expression", detail, start, open_end
                )
            elif kind != "]":
                detail = "The items of a list are separated by commas."
                raise self.problem("hcl/missing-separator", "Missing item separator", detail)
        self.leave(before)
        return ListExpr(tuple(items), self.span(start))

    def object_or_for(self) -> Expr:
        start, open_end = self.starts[self.i], self.ends[self.i]
        first = self.i + 1
        while self.kinds[first] == NEWLINE:
            first += 1
        if self.kinds[first] == IDENT and self.text[self.starts[first] : self.ends[first]] == "for":
            before = self.enter()
            return self.for_expression("}", start, before)
        before = self.loose
        self.loose = False
        self.i += 1
        entries: list[tuple[Expr, Expr]] = []
        kinds = self.kinds
        while True:
            while kinds[self.i] == NEWLINE:
                self.i += 1
            if kinds[self.i] == "}":
                break
            key = self.key()
            if kinds[self.i] not in ("=", ":"):
                raise self.missing_value(start, open_end)
            self.i += 1
            entries.append((key, self.expression()))
            kind = kinds[self.i]
            if kind in (",", NEWLINE):
                self.i += 1
            elif kind == END:
                raise _unterminated_object(start, open_end)
            elif kind != "}":
                detail = "The attributes of an object are separated by newlines or commas."
                raise self.problem("hcl/missing-separator", "Missing attribute separator", detail)
        self.leave(before)
        return ObjectExpr(tuple(entries), self.span(start))

    def key(self) -> Expr:
        """A key of an object: a bare word is text, also ``true`` and ``null``; in parentheses it is an expression."""
        i = self.i
        if self.kinds[i] == END:
            return self.no_term()
        if self.kinds[i] == IDENT and self.kinds[i + 1] in ("=", ":"):
            start, end = self.starts[i], self.ends[i]
            self.i = i + 1
            return self.literal(self.normal(self.text[start:end]), start, end)
        expr = self.expression()
        if isinstance(expr, Index) and self.kinds[i] == IDENT and expr.span is not None:
            self.ambiguous.append(expr.span)
        return expr

    def missing_value(self, start: int, open_end: int) -> Problem:
        kind = self.kinds[self.i]
        if kind == END:
            return _unterminated_object(start, open_end)
        if kind in (",", NEWLINE):
            detail = 'A key is followed by "=" and its value.'
            return self.problem("hcl/missing-value", "Missing attribute value", detail)
        detail = 'A key is followed by "=" and its value. A key with dots or blanks stands in quotes.'
        return self.problem("hcl/missing-value", "Missing key/value separator", detail)

    # For expressions

    def for_expression(self, closer: str, start: int, before: bool) -> Expr:
        """Behind the opening bracket, at the word ``for``."""
        summary = "Invalid 'for' expression"
        self.advance()
        key_name, value_name = self.for_names("hcl/invalid-for", summary)
        collection = self.expression()
        if self.kinds[self.i] != ":":
            detail = "Behind the collection stands a colon."
            raise self.problem("hcl/invalid-for", summary, detail)
        self.advance()
        bound = self.bind(key_name, value_name)
        key: Expr | None = None
        key_start = self.starts[self.i]
        value = self.expression()
        if self.kinds[self.i] == "=>":
            self.advance()
            key, value = value, self.expression()
        group = self.kinds[self.i] == "..."
        if group:
            self.advance()
        condition: Expr | None = None
        if self.at_word("if"):
            self.advance()
            condition = self.expression()
        self.bound = bound
        if self.kinds[self.i] != closer:
            detail = "The for expression is complete before this."
            raise self.problem("hcl/invalid-for", summary, detail)
        if (key is None) == (closer == "}") or (group and closer == "]"):
            detail = "{for … : key => value} makes an object, [for … : value] a list, and ... stands only in an object."
            raise Problem("hcl/invalid-for", summary, detail, key_start, self.previous_end())
        self.leave(before)
        return For(key_name, value_name, collection, key, value, condition, group, self.span(start))


def _unterminated_object(start: int, end: int) -> Problem:
    detail = "The brace of this object is not closed before the file ends."
    return Problem("hcl/unterminated-object", "Unterminated object constructor expression", detail, start, end)


_TERMS: dict[str, Callable[[ExpressionParser], Expr]] = {
    IDENT: ExpressionParser.name,
    NUMBER: ExpressionParser.number,
    STRING: ExpressionParser.string,
    lexer.OPEN_QUOTE: ExpressionParser.quoted_template,
    lexer.OPEN_HEREDOC: ExpressionParser.heredoc_template,
    "(": ExpressionParser.parentheses,
    "[": ExpressionParser.list_or_for,
    "{": ExpressionParser.object_or_for,
    "-": ExpressionParser.unary,
    "!": ExpressionParser.unary,
}
