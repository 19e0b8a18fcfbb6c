"""Parses a Go template: the grammar, and the checks that Go makes before it runs one."""

from __future__ import annotations

from bakelift.translator.languages.go_template.functions import is_text
from bakelift.translator.languages.go_template.lexer import Source, Token, tokens
from bakelift.translator.languages.go_template.nodes import (
    Action,
    Chain,
    Command,
    Constant,
    Control,
    Field,
    Function,
    Node,
    Pipeline,
    Text,
    Variable,
)
from bakelift.translator.plan.expressions import Expr, Literal, Template, template

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from bakelift.translator.diagnostics import TemplateError

#: Nesting of parentheses and control structures beyond which a template is refused.
MAX_DEPTH = 100

_WITH_BODY = ("if", "with", "range", "define", "block")
_KEYWORDS = frozenset((*_WITH_BODY, "else", "end", "template", "break", "continue"))
_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "nil": None}


def parse_tree(source: Source, check_function: Callable[[Function], None]) -> tuple[Node, ...]:
    """The nodes of a template. ``check_function`` raises for a name that is no function."""
    return _Parser(source, check_function).template()


class _Parser:
    def __init__(self, source: Source, check_function: Callable[[Function], None]) -> None:
        self.source = source
        self.check_function = check_function
        self.tokens = tokens(source)
        self.at = 0
        self.depth = 0
        self.variables = ["$"]
        self.loops = 0

    # Reading tokens

    def peek(self) -> Token:
        return self.tokens[self.at]

    def next(self) -> Token:
        token = self.tokens[self.at]
        self.at += 1
        return token

    def skip_space(self) -> Token:
        """The next token that is not white space, not consumed."""
        while self.tokens[self.at].kind == "space":
            self.at += 1
        return self.tokens[self.at]

    def unexpected(self, token: Token, where: str) -> TemplateError:
        word = "<" + token.text + ">" if token.text in _KEYWORDS else f'"{token.text}"'
        return self.source.wrong(f"unexpected {word} in {where}", token.start, max(token.end, token.start + 1))

    # Lists of nodes

    def template(self) -> tuple[Node, ...]:
        nodes, stop = self.nodes()
        if stop is not None:
            raise self.source.wrong(f"unexpected {{{{{stop.text}}}}}", stop.start, stop.end)
        return nodes

    def nodes(self) -> tuple[tuple[Node, ...], Token | None]:
        """Nodes up to the end of the text, or to ``{{else`` or ``{{end``, whose keyword is returned, consumed."""
        found: list[Node] = []
        while True:
            token = self.next()
            if token.kind == "end":
                return tuple(found), None
            if token.kind == "text":
                found.append(Text(token.start, token.end, Literal(token.text)))
            elif token.kind == "hole":
                found.append(Text(token.start, token.end, self.source.holes[token.start]))
            else:
                word = self.skip_space()
                if word.kind == "word" and word.text in ("else", "end"):
                    self.next()
                    return tuple(found), word
                found.append(self.action(token, word))

    def action(self, left: Token, word: Token) -> Node:
        if word.kind == "word" and word.text in _KEYWORDS:
            self.next()
            return self.control(left, word)
        pipeline = self.pipeline("command")
        right = self.closing()
        return Action(left.start, right.end, pipeline)

    def closing(self) -> Token:
        token = self.skip_space()
        if token.kind != "right":
            raise self.unexpected(token, "command")
        return self.next()

    # Control structures

    def control(self, left: Token, word: Token) -> Control:
        keyword = word.text
        if keyword in ("break", "continue"):
            if not self.loops:
                raise self.source.wrong(f"{{{{{keyword}}}}} outside {{{{range}}}}", word.start, word.end)
            return Control(left.start, self.closing().end, keyword, None)
        if keyword in ("template", "define", "block"):
            self.template_name(keyword)
        pipeline = None
        if keyword != "define" and not (keyword == "template" and self.skip_space().kind == "right"):
            kept = len(self.variables)
            pipeline = self.pipeline(keyword)
        else:
            kept = len(self.variables)
        right = self.closing()
        if keyword == "template":
            return Control(left.start, right.end, keyword, pipeline)
        body, otherwise, end = self.body(keyword, word)
        del self.variables[kept:]
        return Control(left.start, end, keyword, pipeline, body, otherwise)

    def template_name(self, keyword: str) -> None:
        name = self.skip_space()
        if name.kind not in ("string", "raw"):
            raise self.unexpected(name, f"{keyword} clause")
        self.next()

    def body(self, keyword: str, word: Token) -> tuple[tuple[Node, ...], tuple[Node, ...], int]:
        """(body, else branch, offset behind ``{{end}}``)."""
        self.enter(word)
        self.loops += keyword == "range"
        body, stop = self.nodes()
        otherwise: tuple[Node, ...] = ()
        if stop is not None and stop.text == "else":
            otherwise, stop = self.otherwise(keyword, stop)
        self.loops -= keyword == "range"
        self.depth -= 1
        if stop is None:
            text = self.source.text
            raise self.source.wrong(
                "unexpected EOF", word.start, word.end, f"This {{{{{keyword}}}}} has no {{{{end}}}}." if text else ""
            )
        if stop.text == "else":
            raise self.unexpected(stop, "{{end}}")
        return body, otherwise, self.closing().end

    def otherwise(self, keyword: str, word: Token) -> tuple[tuple[Node, ...], Token | None]:
        """The nodes of an else branch, and the keyword that ends it. ``{{else if}}`` has no end of its own."""
        if keyword in ("define", "block"):
            raise self.unexpected(word, f"{keyword} clause")
        after = self.skip_space()
        if after.kind == "word" and after.text == keyword and keyword in ("if", "with"):
            self.next()
            kept = len(self.variables)
            pipeline = self.pipeline(keyword)
            self.closing()
            self.enter(word)
            body, stop = self.nodes()
            rest: tuple[Node, ...] = ()
            if stop is not None and stop.text == "else":
                rest, stop = self.otherwise(keyword, stop)
            self.depth -= 1
            del self.variables[kept:]
            end = stop.end if stop else len(self.source.text)
            return (Control(word.start, end, keyword, pipeline, body, rest),), stop
        self.closing()
        return self.nodes()

    def enter(self, token: Token) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.source.wrong("the template nests too deeply", token.start, token.end, code="template/too-deep")

    # Pipelines

    def pipeline(self, where: str) -> Pipeline:
        start = self.skip_space().start
        declares, assigns = self.declarations(where)
        commands: list[Command] = []
        while True:
            token = self.skip_space()
            if token.kind == "right" or (token.kind == "symbol" and token.text == ")"):
                if not commands:
                    raise self.source.wrong(f"missing value for {where}", token.start, token.end)
                return Pipeline(start, commands[-1].end, tuple(commands), declares, assigns)
            commands.append(self.command())
            first = commands[-1].words[0]
            if isinstance(first, Constant) and isinstance(first.value, Literal) and first.value.value is None:
                raise self.source.wrong("nil is not a command", first.start, first.end)
            if len(commands) > 1 and (isinstance(first, Constant) or (isinstance(first, Field) and not first.names)):
                message = f"non executable command in pipeline stage {len(commands)}"
                raise self.source.wrong(message, first.start, first.end)

    def declarations(self, where: str) -> tuple[tuple[str, ...], bool]:
        """Variables before ``:=`` or ``=``; ``range`` may declare two."""
        mark = self.at
        names: list[Token] = []
        while self.skip_space().kind == "variable":
            names.append(self.next())
            token = self.skip_space()
            if token.text in (":=", "="):
                self.next()
                return self.declared(names, token.text == "="), token.text == "="
            if not (where == "range" and token.text == ","):
                break
            self.next()
        self.at = mark
        return (), False

    def declared(self, names: list[Token], assigns: bool) -> tuple[str, ...]:
        for name in names:
            if assigns:
                self.known(name)
            else:
                self.variables.append(name.text)
        return tuple(name.text for name in names)

    def command(self) -> Command:
        words: list[Node] = []
        while True:
            token = self.skip_space()
            word = self.operand()
            if word is not None:
                words.append(word)
            after = self.peek()
            if after.kind == "space":
                self.next()
                continue
            if after.text == "|" and after.kind == "symbol":
                self.next()
                follows = self.skip_space()
                if follows.kind == "right" or follows.text == ")":
                    raise self.source.wrong("missing value for command", after.start, after.end)
            elif not (after.kind == "right" or (after.kind == "symbol" and after.text == ")")):
                raise self.unexpected(after, "operand")
            if not words:
                raise self.source.wrong("empty command", token.start, token.end)
            return Command(words[0].start, words[-1].end, tuple(words))

    def operand(self) -> Node | None:
        node = self.term()
        if node is None or self.peek().kind != "field":
            return node
        names: list[str] = []
        end = node.end
        while self.peek().kind == "field":
            token = self.next()
            names.append(token.text[1:])
            end = token.end
        chained = tuple(names)
        if isinstance(node, Field) and node.names:
            return Field(node.start, end, node.names + chained)
        if isinstance(node, Variable):
            return Variable(node.start, end, node.name, node.names + chained)
        if isinstance(node, (Constant, Field)):
            text = self.source.text[node.start : node.end]
            raise self.source.wrong(f"unexpected . after term {text!r}", node.end, end)
        return Chain(node.start, end, node, chained)

    def term(self) -> Node | None:
        token = self.peek()
        start, end, text = token.start, token.end, token.text
        if token.kind == "symbol" and text not in (".", "("):
            return None
        if token.kind == "right":
            return None
        self.next()
        if token.kind == "symbol":
            return Field(start, end, ()) if text == "." else self.parenthesised(token)
        if token.kind == "field":
            return Field(start, end, (text[1:],))
        if token.kind == "variable":
            self.known(token)
            return Variable(start, end, text, ())
        if token.kind == "word":
            return self.word(token)
        return Constant(start, end, self.constant(token))

    def word(self, token: Token) -> Node:
        if token.text in _CONSTANTS:
            return Constant(token.start, token.end, Literal(_CONSTANTS[token.text]))
        if token.text in _KEYWORDS:
            raise self.unexpected(token, "command")
        function = Function(token.start, token.end, token.text)
        self.check_function(function)
        return function

    def parenthesised(self, left: Token) -> Node:
        self.enter(left)
        pipeline = self.pipeline("parenthesized pipeline")
        right = self.skip_space()
        if right.text != ")":
            raise self.source.wrong("unclosed left paren", left.start, left.end)
        self.next()
        self.depth -= 1
        return Pipeline(left.start, right.end, pipeline.commands, pipeline.declares, pipeline.assigns)

    def known(self, token: Token) -> None:
        if token.text not in self.variables:
            raise self.source.wrong(f'undefined variable "{token.text}"', token.start, token.end)

    # Constants

    def constant(self, token: Token) -> Expr:
        from bakelift.translator.languages.go_template import constants

        text = token.text
        try:
            if token.kind == "number":
                return Literal(constants.number(text))
            if token.kind == "char":
                value = constants.unescape(text[1:-1], "'")
                if len(value) != 1:
                    raise ValueError(text)
                return Literal(ord(value))
            return self.string(token)
        except ValueError:
            if token.kind == "number":
                raise self.source.wrong(f'bad number syntax: "{text}"', token.start, token.end) from None
            what = "character constant" if token.kind == "char" else "string"
            raise self.source.wrong(f"malformed {what}: {text}", token.start, token.end) from None

    def string(self, token: Token) -> Expr:
        """A quoted string; interpolations of the outer language in it become parts of a Template."""
        from bakelift.translator.languages.go_template import constants

        read = constants.unescape if token.kind == "string" else str
        start, end = token.start + 1, token.end - 1
        parts: list[Expr] = []
        for at in sorted(hole for hole in self.source.holes if start <= hole < end):
            parts += [Literal(read(self.source.text[start:at])), self.source.holes[at]]
            start = at + 1
        rest = read(self.source.text[start:end])
        if not parts:
            return Literal(rest.replace("\r", "") if token.kind == "raw" else rest)
        whole = template([*parts, Literal(rest)])
        alone = whole.parts[0] if isinstance(whole, Template) and len(whole.parts) == 1 else whole
        return alone if is_text(alone) else whole
