"""Reads Bicep files: statements, with their decorators and comments. An error in one does not hide those in others."""

from __future__ import annotations

from bakelift.translator.diagnostics import TemplateError, fail
from bakelift.translator.languages.bicep.expression_parser import ExpressionParser
from bakelift.translator.languages.bicep.nodes import (
    Access,
    Array,
    Call,
    Entry,
    File,
    Function,
    Generic,
    Import,
    Item,
    Metadata,
    Module,
    Name,
    Number,
    Object,
    Output,
    Parameter,
    Resource,
    Scope,
    Statement,
    Text,
    Type,
    TypeOf,
    Union,
    Using,
    Variable,
    Word,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from bakelift.translator.diagnostics import Diagnostic, SourceFile
    from bakelift.translator.languages.bicep.nodes import Node

#: Reading goes on behind an error, to tell of several; of more than this, the rest follows from the first.
_MOST = 20
_DIGITS = 19


def parse_bicep(file: SourceFile) -> File:
    """The statements of a file. Raises TemplateError with every error found (``bicep/…``)."""
    return _Parser(file).file_()


class _Parser(ExpressionParser):
    def file_(self) -> File:
        found: list[Statement] = []
        errors: list[Diagnostic] = []
        self.newlines()
        before = self.heading()
        while self.token.kind != "eof":
            comments = self.comments_before(self.token.start)
            try:
                statement = self.statement()
                if self.token.kind != "newline":
                    raise self.wrong("a new line")
                found.append(statement.but(comments=(*comments, *self.comments_behind())))
            except TemplateError as problem:
                errors += problem.diagnostics
                if len(errors) >= _MOST:
                    break
                self.recover()
            self.newlines()
        if errors:
            raise TemplateError(*errors)
        return File(tuple(found), None, self.comments_before(len(self.file.text) + 1), before)

    def heading(self) -> tuple[str, ...]:
        """Comments at the top of the file that an empty line divides from its first statement."""
        ends = [comment.end for comment in self.comments if comment.start < self.token.start]
        if not ends or self.token.kind == "eof":
            return ()
        between = [*zip(ends, [comment.start for comment in self.comments[1 : len(ends)]], strict=False)]
        gaps = [end for end, start in [*between, (ends[-1], self.token.start)] if self._apart(end, start)]
        return self.comments_before(gaps[-1]) if gaps else ()

    def _apart(self, end: int, start: int) -> bool:
        return self.file.text.count("\n", end, start) > 1

    def recover(self) -> None:
        """To the next line that begins a statement."""
        self.depth = 0
        while self.token.kind != "eof":
            if self.advance().kind == "newline":
                token, text = self.token, self.file.text
                first = token.start == 0 or text[token.start - 1] in "\r\n"
                if first and (token.value == "@" or token.value in _STATEMENTS):
                    return

    # -- statements ---------------------------------------------------------------------------------------------------

    def decorators(self) -> tuple[Call, ...]:
        found: list[Call] = []
        while self.is_mark("@"):
            start = self.advance().start
            node = self.expression()
            if not isinstance(node, Call):
                raise fail("bicep/decorator", "A decorator is the call of a function", span=self.span(start))
            found.append(node)
            self.newlines()
        return tuple(found)

    def statement(self) -> Statement:
        start = self.token.start
        decorators = self.decorators()
        token = self.token
        read = _STATEMENTS.get(token.value) if token.kind == "name" else None
        if read is None:
            raise self.wrong("a declaration", "Such as param, var, resource, module or output.")
        self.advance()
        statement = read(self, decorators)
        self.not_too_high(statement)
        return statement.but(span=self.span(start))

    def nested(self) -> Node:
        decorators = self.decorators()
        if not self.is_word("resource"):
            raise self.wrong("'resource'")
        start = self.advance().start
        return self.resource(decorators).but(span=self.span(start))

    def scope(self, decorators: tuple[Call, ...]) -> Statement:
        self.take("=")
        return Scope(self.expression(), decorators)

    def metadata(self, decorators: tuple[Call, ...]) -> Statement:
        name = self.name("a name").value
        self.take("=")
        return Metadata(name, self.expression(), decorators)

    def parameter(self, decorators: tuple[Call, ...]) -> Statement:
        name = self.name("the name of a parameter").value
        type = None if self.is_mark("=") else self.type()
        default = None
        if self.is_mark("="):
            self.advance()
            default = self.expression()
        return Parameter(name, type, default, decorators)

    def variable(self, decorators: tuple[Call, ...]) -> Statement:
        name = self.name("the name of a variable").value
        type = None if self.is_mark("=") else self.type()
        self.take("=")
        return Variable(name, self.expression(), type, decorators)

    def resource(self, decorators: tuple[Call, ...]) -> Statement:
        start = self.tokens[self.index - 1].start
        name = self.name("the symbolic name of a resource").value
        type = self.string("the type of a resource")
        existing = self.is_word("existing") and bool(self.advance())
        header = self.span(start)
        self.take("=")
        self.newlines()
        return Resource(name, type, self.body(), existing, decorators, header)

    def module(self, decorators: tuple[Call, ...]) -> Statement:
        name = self.name("the symbolic name of a module").value
        path = self.string("the path of a module")
        self.take("=")
        self.newlines()
        return Module(name, path, self.body(), decorators)

    def body(self) -> Node:
        if self.is_word("if"):
            return self.deeper(self.condition)
        if not self.is_mark("{", "["):
            raise self.wrong("'{', '[for' or 'if'")
        return self.expression()

    def string(self, wanted: str) -> Text:
        if self.token.kind not in ("text", "start"):
            raise self.wrong(wanted)
        return self.text()

    def output(self, decorators: tuple[Call, ...]) -> Statement:
        name = self.name("the name of an output").value
        type = self.type()
        self.take("=")
        return Output(name, type, self.expression(), decorators)

    def type_declaration(self, decorators: tuple[Call, ...]) -> Statement:
        name = self.name("the name of a type").value
        self.take("=")
        return Type(name, self.type(), decorators)

    def function(self, decorators: tuple[Call, ...]) -> Statement:
        name = self.name("the name of a function").value
        parameters = self.bracketed("(", ")", self.declared)
        type = self.type()
        self.take("=>")
        self.newlines()
        return Function(name, parameters, type, self.expression(), decorators)

    def declared(self) -> Entry:
        """A parameter of a function."""
        start = self.token.start
        key = Text((self.name("the name of a parameter").value,))
        return Entry(key, self.type(), (), self.span(start))

    def using(self, decorators: tuple[Call, ...]) -> Statement:
        keyword = self.tokens[self.index - 1].value
        return Using(keyword, self.expression(), decorators)

    def other(self, decorators: tuple[Call, ...]) -> Statement:
        """A statement that is kept as text: up to the end of its line, brackets closed."""
        keyword = self.tokens[self.index - 1].value
        start, open_ = self.token.start, 0
        while self.token.kind != "eof" and (open_ > 0 or self.token.kind != "newline"):
            token = self.advance()
            if token.kind == "mark":
                open_ += (token.value in "({[") - (token.value in ")}]")
        return Import(keyword, self.file.text[start : self.span(start).end], decorators)

    # -- types --------------------------------------------------------------------------------------------------------

    def type(self) -> Node:
        return self.deeper(self._union)

    def _union(self) -> Node:
        start = self.token.start
        if self.continues("|"):
            self.advance()
        types = [self._suffixed()]
        while self.continues("|"):
            self.advance()
            self.newlines()
            types.append(self._suffixed())
        return types[0] if len(types) == 1 else Union(tuple(types), self.span(start))

    def _suffixed(self) -> Node:
        start = self.token.start
        node = self._simple()
        for _ in range(_MOST):
            if self.is_mark("[") and self.after().value == "]":
                self.advance()
                self.advance()
                node = TypeOf(node, "[]", self.span(start))
            elif self.is_mark("?"):
                self.advance()
                node = TypeOf(node, "?", self.span(start))
            elif self.is_mark("!"):
                self.advance()
            elif self.is_mark("."):
                self.advance()
                name = self.name("the name of a type").value
                node = Access(node, Text((name,)), span=self.span(start))
            elif self.is_mark("["):
                self.advance()
                if self.is_mark("*"):
                    self.advance()
                    node = TypeOf(node, "[*]", self.span(start))
                else:
                    node = Access(node, self.expression(), span=self.span(start))
                self.take("]")
            else:
                return node
        raise self.too_deep(self.span(start))

    def _simple(self) -> Node:
        token = self.token
        if token.kind == "name":
            self.advance()
            if token.value in ("true", "false", "null"):
                return Word({"true": True, "false": False}.get(token.value), self.span(token.start))
            if self.is_mark("<"):
                return self._generic(token.value, token.start)
            return Name(token.value, self.span(token.start))
        if token.kind in ("text", "start"):
            return self.text()
        if token.kind == "number" or self.is_mark("-"):
            negative = self.is_mark("-") and bool(self.advance())
            digits = self.token
            if digits.kind != "number" or len(digits.value) > _DIGITS:
                raise self.wrong("a number")
            self.advance()
            return Number(-int(digits.value) if negative else int(digits.value), self.span(token.start))
        if self.is_mark("("):
            self.advance()
            self.newlines()
            node = self.type()
            self.newlines()
            self.take(")")
            return node
        if self.is_mark("{"):
            return self._object_type()
        if self.is_mark("["):
            return self._tuple_type()
        raise self.wrong("a type")

    def _generic(self, name: str, start: int) -> Node:
        return Generic(name, self.bracketed("<", ">", self.type), self.span(start))

    def _object_type(self) -> Node:
        start = self.advance().start
        entries, after = self.elements("}", self._property_type)
        return Object(entries, self.span(start), after)

    def _property_type(self) -> Node:
        start = self.token.start
        decorators = self.decorators()
        key: Node | None = None
        if self.is_mark("*"):
            self.advance()
        elif self.token.kind in ("text", "start"):
            key = self.text()
        else:
            name = self.name("the name of a property")
            key = Text((name.value,), self.span(name.start))
        self.take(":")
        self.newlines()
        return Entry(key, self.type(), decorators, self.span(start))

    def _tuple_type(self) -> Node:
        start = self.advance().start
        items, after = self.elements("]", self._item_type)
        return Array(items, self.span(start), after)

    def _item_type(self) -> Node:
        start = self.token.start
        decorators = self.decorators()
        return Item(self.type(), decorators, self.span(start))


_STATEMENTS: dict[str, Callable[[_Parser, tuple[Call, ...]], Statement]] = {
    "targetScope": _Parser.scope,
    "metadata": _Parser.metadata,
    "param": _Parser.parameter,
    "var": _Parser.variable,
    "resource": _Parser.resource,
    "module": _Parser.module,
    "output": _Parser.output,
    "type": _Parser.type_declaration,
    "func": _Parser.function,
    "using": _Parser.using,
    "extends": _Parser.using,
    **dict.fromkeys(("import", "extension", "provider", "test", "assert"), _Parser.other),
}
