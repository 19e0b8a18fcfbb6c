"""HCL's native syntax to bodies and expressions.

Facts: hashicorp/hcl's own parser (hclsyntax/parser.go, spec.md), whose verdict on a file is the same. Errors do not end
the parse: it goes on behind the attribute or block that has one, and all are raised together.
"""

from __future__ import annotations

from bakelift.translator.diagnostics import SourceFile, Span
from bakelift.translator.languages.hcl import lexer
from bakelift.translator.languages.hcl.comments import CommentReader
from bakelift.translator.languages.hcl.errors import Problem, Problems, report_invalid_tokens
from bakelift.translator.languages.hcl.expression_parser import ExpressionParser
from bakelift.translator.languages.hcl.lexer import END, IDENT, NEWLINE, OPEN_QUOTE, STRING
from bakelift.translator.languages.hcl.nodes import Attribute, Block, Body, File, Label

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.languages.hcl.lexer import Tokens
    from bakelift.translator.plan.expressions import Expr


def parse_file(file: SourceFile) -> File:
    """A whole file. Raises :class:`TemplateError` with every error in it."""
    problems = Problems(file)
    tokens = lexer.tokenize(file)
    report_invalid_tokens(file, tokens, problems)
    parser = _BodyParser(file, tokens, problems)
    body = parser.file_body()
    problems.raise_if_any()
    return File(body, parser.comments.all, file, tuple(parser.ambiguous))


def parse_expression(source: SourceFile | str) -> Expr:
    """One expression alone, newlines ignored (as in parentheses). Raises :class:`TemplateError`."""
    file = SourceFile("<expression>", source) if isinstance(source, str) else source
    problems = Problems(file)
    tokens = lexer.tokenize(file)
    report_invalid_tokens(file, tokens, problems)
    expr: Expr | None = None
    try:
        expr = ExpressionParser(file, tokens, problems).whole()
    except Problem as problem:
        problems.add(problem)
    problems.raise_if_any()
    assert expr is not None
    return expr


_OPENERS = {"{": "}", "[": "]", "(": ")", lexer.INTERPOLATION: lexer.SEQUENCE_END, lexer.DIRECTIVE: lexer.SEQUENCE_END}
_OPENERS |= {OPEN_QUOTE: lexer.CLOSE_QUOTE, lexer.OPEN_HEREDOC: lexer.CLOSE_HEREDOC}
_CLOSERS = frozenset(_OPENERS.values())


class _BodyParser(ExpressionParser):
    def __init__(self, file: SourceFile, tokens: Tokens, problems: Problems) -> None:
        super().__init__(file, tokens, problems)
        self.comments = CommentReader(file, tokens.comments)
        self.unbalanced = False  # brackets do not match somewhere: only lines help to find the next item

    def file_body(self) -> Body:
        return self.body(END, 0, 0, 0)

    def body(self, closer: str, open_start: int, open_end: int, start: int) -> Body:
        """The items up to ``closer``, at which it stops; an END inside a block is an error at the opening brace."""
        kinds = self.kinds
        items: list[Attribute | Block] = []
        names: dict[str, Attribute] = {}
        while not self.problems.too_many:
            kind = kinds[self.i]
            if kind == NEWLINE:
                self.i += 1
                continue
            if kind == closer:
                break
            if kind == END:
                self.problems.add(_unclosed_block(open_start, open_end))
                break
            first = self.i
            try:
                item = self.item()
            except Problem as problem:
                self.problems.add(problem)
                self.recover(first)
                continue
            if isinstance(item, Attribute):
                earlier = names.setdefault(item.name, item)
                if earlier is not item:
                    self.problems.add(_redefined(item, earlier))
                    continue
            items.append(item)
        end = self.ends[self.i]
        left = self.comments.before(self.starts[self.i])
        return Body(tuple(items), Span(self.file, start, end), left)

    def item(self) -> Attribute | Block:
        i = self.i
        if self.kinds[i] != IDENT:
            if self.kinds[i] in (OPEN_QUOTE, STRING):
                raise self.problem(
                    "hcl/quoted-name", "Invalid argument name", "Names of arguments stand without quotes."
                )
            detail = "Here stands an argument (name = value) or a block (type { … })."
            raise self.problem("hcl/item-required", "Argument or block definition required", detail)
        following = self.kinds[i + 1]
        if following == "=":
            return self.attribute(single_line=False)
        if following in (IDENT, STRING, OPEN_QUOTE, "{"):
            return self.block()
        detail = (
            'Here stands an argument (name = value) or a block (type { … }). The sign "=" gives an argument its value.'
        )
        raise self.problem("hcl/item-required", "Argument or block definition required", detail)

    def attribute(self, single_line: bool) -> Attribute:
        first = self.i
        start, name_end = self.starts[first], self.ends[first]
        leading = self.comments.before(start)
        self.i = first + 2
        value = self.i
        expr = self.expression()
        end = self.previous_end()
        if not single_line:
            kind = self.kinds[self.i]
            if kind == NEWLINE:
                self.i += 1
            elif kind != END:
                if kind == ",":
                    detail = "Arguments are separated by newlines, not by commas."
                    raise self.problem("hcl/unexpected-comma", "Unexpected comma after argument", detail)
                detail = "The value of an argument ends with its line."
                raise self.problem("hcl/missing-newline", "Missing newline after argument", detail)
        inner, trailing = self.comments.around(end)
        file = self.file
        return Attribute(
            self.text[start:name_end],
            expr,
            Span(file, start, end),
            Span(file, start, name_end),
            Span(file, self.starts[value], end),
            leading + inner,
            trailing,
        )

    def block(self) -> Block:
        first = self.i
        start, type_end = self.starts[first], self.ends[first]
        leading = self.comments.before(start)
        self.i = first + 1
        labels: list[Label] = []
        while self.kinds[self.i] != "{":
            labels.append(self.label())
        header_end = self.previous_end()
        opener = self.i
        body = self.block_body(opener)
        end = self.ends[self.i]
        if self.kinds[self.i] == "}":
            self.i += 1
        kind = self.kinds[self.i]
        if kind == NEWLINE:
            self.i += 1
        elif kind != END:
            detail = "Behind the closing brace of a block the line ends."
            raise self.problem("hcl/missing-newline", "Missing newline after block definition", detail)
        _, trailing = self.comments.around(end)
        file = self.file
        return Block(
            self.text[start:type_end],
            tuple(labels),
            body,
            Span(file, start, end),
            Span(file, start, type_end),
            Span(file, start, header_end),
            leading,
            trailing,
        )

    def label(self) -> Label:
        i = self.i
        kind, start = self.kinds[i], self.starts[i]
        if kind == IDENT:
            self.i = i + 1
            return Label(self.text[start : self.ends[i]], False, Span(self.file, start, self.ends[i]))
        if kind == STRING:
            self.i = i + 1
            return Label(self.text[start + 1 : self.ends[i] - 1], True, Span(self.file, start, self.ends[i]))
        if kind == OPEN_QUOTE:
            text = self.plain_string()
            return Label(text, True, Span(self.file, start, self.ends[self.i - 1]))
        if kind == "=":
            detail = 'The sign "=" belongs to an argument; a block has none between its type and its brace.'
        elif kind == NEWLINE:
            detail = 'The brace "{" of a block stands on the line of its type.'
        else:
            detail = 'A label in quotes or the brace "{" is expected here.'
        raise self.problem("hcl/invalid-block", "Invalid block definition", detail)

    def block_body(self, opener: int) -> Body:
        """The body behind an opening brace; stops at its closing one."""
        open_start, open_end = self.starts[opener], self.ends[opener]
        self.i = opener + 1
        self.deeper(open_start, open_end)
        if self.kinds[self.i] in (NEWLINE, END, "}"):
            body = self.body("}", open_start, open_end, open_start)
        else:
            body = self.single_attribute_body(open_start, open_end)
        self.depth -= 1
        return body

    def single_attribute_body(self, open_start: int, open_end: int) -> Body:
        """``{ name = value }`` on one line."""
        i = self.i
        summary = "Invalid single-argument block definition"
        if self.kinds[i] != IDENT:
            detail = "Here stands an argument (name = value)."
            raise self.problem("hcl/item-required", "Argument or block definition required", detail)
        if self.kinds[i + 1] in (IDENT, STRING, OPEN_QUOTE, "{"):
            detail = "A block on one line holds one argument. A block inside it stands on a line of its own."
            raise self.problem("hcl/single-line-block", "Argument definition required", detail)
        if self.kinds[i + 1] != "=":
            detail = 'Here stands an argument; the sign "=" gives it its value.'
            raise self.problem("hcl/item-required", "Argument or block definition required", detail)
        item = self.attribute(single_line=True)
        kind = self.kinds[self.i]
        if kind == END:
            raise _unclosed_block(open_start, open_end)
        if kind == ",":
            detail = "A block on one line holds one argument. Write one argument a line, without commas."
            raise self.problem("hcl/single-line-block", summary, detail)
        if kind != "}":
            detail = "A block on one line holds one argument, and its closing brace stands behind it on that line."
            raise self.problem("hcl/single-line-block", summary, detail)
        return Body((item,), Span(self.file, open_start, self.ends[self.i]))

    def recover(self, first: int) -> None:
        """Goes behind the item that begins at token ``first`` and has an error at or before the current token."""
        self.restart()
        kinds = self.kinds
        stop = max(self.i, first)
        if not self.unbalanced:
            at = self._end_of_item(first, stop)
            if at is not None:
                self.i = at
                return
            self.unbalanced = True
        at = stop if stop > first else first + 1
        while kinds[at - 1] != NEWLINE and kinds[at] != END:
            at += 1
        self.i = at

    def _end_of_item(self, first: int, stop: int) -> int | None:
        """Where the next item begins, if brackets match from here to there."""
        kinds = self.kinds
        open_brackets: list[str] = []
        at = first
        while True:
            kind = kinds[at]
            if kind == END:
                return None if open_brackets else at
            if kind == NEWLINE and not open_brackets and at >= stop:
                return at + 1
            if kind in _OPENERS:
                open_brackets.append(_OPENERS[kind])
            elif kind in _CLOSERS:
                if not open_brackets:
                    if kind == "}" and at > first:
                        return at
                elif open_brackets.pop() != kind:
                    return None
            at += 1


def _unclosed_block(start: int, end: int) -> Problem:
    detail = "No closing brace of this block was found; perhaps braces inside it do not match."
    return Problem("hcl/unclosed-block", "Unclosed configuration block", detail, start, end)


def _redefined(item: Attribute, earlier: Attribute) -> Problem:
    line = earlier.name_span.line
    detail = f'"{item.name}" is set in line {line} already; an argument is set once.'
    return Problem("hcl/attribute-redefined", "Attribute redefined", detail, item.name_span.start, item.name_span.end)
