"""What Bicep's expressions mean: the tree that ARM's functions are read into, operators and symbols said with them."""

from __future__ import annotations

from bakelift.translator.diagnostics import fail
from bakelift.translator.languages.arm.functions import FUNCTIONS
from bakelift.translator.languages.arm.kinds import PLAIN, kind_of
from bakelift.translator.languages.arm.reading import call
from bakelift.translator.languages.bicep.nodes import (
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
from bakelift.translator.plan.expressions import Call as Operation
from bakelift.translator.plan.expressions import Index, ListExpr, Literal, ObjectExpr, Ref, transform
from bakelift.translator.plan.types import STRING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, Protocol

    from bakelift.translator.diagnostics import Span, TemplateError
    from bakelift.translator.languages.arm.kinds import Symbols
    from bakelift.translator.languages.bicep.nodes import Function, Node
    from bakelift.translator.plan.expressions import Expr

    class Names(Protocol):
        """What the names of one file stand for."""

        @property
        def functions(self) -> Mapping[str, Function]:
            """The functions of the file, by name."""

        def symbol(self, name: str, span: Span | None, meaning: Meaning) -> Expr | None:
            """A parameter or variable (a Ref), or a resource by its id; None: there is no such symbol."""

        def of_resource(self, target: Node, property: str, meaning: Meaning) -> Expr | None:
            """A property of a resource or module; None when ``target`` names none."""

        def method(self, call: Call, meaning: Meaning) -> Expr | None:
            """A function of a resource; None when the call's target names none."""

        def loaded(self, call: Call, args: list[Expr], meaning: Meaning) -> Expr | None:
            """What a function that reads a file gives; None when it is none."""


_OPERATORS = {
    "==": "equals",
    "<": "less",
    "<=": "lessOrEquals",
    ">": "greater",
    ">=": "greaterOrEquals",
    "&&": "and",
    "||": "or",
    "+": "add",
    "-": "sub",
    "*": "mul",
    "/": "div",
    "%": "mod",
    "??": "coalesce",
}
_NAMESPACES = {"az", "sys"}

#: A user's function may call others, but not itself; deeper than any chain of them.
_DEEPEST_CALL = 20


class Meaning:
    """Reads expressions with the names of a file and the types of a template. Errors are TemplateErrors (``bicep/…``).

    ``bound``: what the variables of loops stand for, by name.
    """

    def __init__(
        self, names: Names, symbols: Symbols = PLAIN, bound: Mapping[str, Expr] | None = None, calls: int = 0
    ) -> None:
        self.names = names
        self.symbols = symbols
        self.bound = dict(bound or {})
        self.calls = calls

    def within(self, bound: Mapping[str, Expr]) -> Meaning:
        return Meaning(self.names, self.symbols, {**self.bound, **bound}, self.calls)

    def expr(self, node: Node) -> Expr:
        read = _READERS.get(type(node))
        if read is None:
            raise fail("bicep/expression", "This stands where no value can stand", span=node.span)
        return read(self, node)

    def function(self, name: str, node: Node, *args: Expr) -> Expr:
        return call(name, list(args), node.span, self.symbols)

    # -- literals -----------------------------------------------------------------------------------------------------

    def word(self, node: Word | Number) -> Expr:
        return Literal(node.value, node.span)

    def text(self, node: Text) -> Expr:
        plain = node.plain
        if plain is not None:
            return Literal(plain, node.span)
        holes = [self.expr(part) for part in node.parts if not isinstance(part, str)]
        if len(node.parts) == 1 and kind_of(holes[0], self.symbols) == STRING:
            return holes[0]
        shape, number = "", 0
        for part in node.parts:
            if isinstance(part, str):
                shape += part.replace("{", "{{").replace("}", "}}")
            else:
                shape += f"{{{number}}}"
                number += 1
        return self.function("format", node, Literal(shape), *holes)

    def key(self, node: Node) -> Expr:
        """The key of an entry, which is text whatever its hole gives."""
        if isinstance(node, Text) and len(node.parts) == 1 and not isinstance(node.parts[0], str):
            return self.expr(node.parts[0])
        return self.expr(node)

    def array(self, node: Array) -> Expr:
        if not any(isinstance(item, Spread) for item in node.items):
            return ListExpr(tuple(self.expr(item.value) for item in node.items if isinstance(item, Item)), node.span)
        parts: list[Expr] = []
        for item in node.items:
            if isinstance(item, Spread):
                parts.append(self.expr(item.value))
            elif isinstance(item, Item):
                last = parts[-1] if parts else None
                if isinstance(last, ListExpr):
                    parts[-1] = last.but(items=(*last.items, self.expr(item.value)))
                else:
                    parts.append(ListExpr((self.expr(item.value),)))
        return Operation("concat", tuple(parts), span=node.span)

    def object(self, node: Object) -> Expr:
        parts: list[Expr] = []
        entries: list[tuple[Expr, Expr]] = []
        for entry in node.entries:
            if isinstance(entry, Spread):
                parts += [ObjectExpr(tuple(entries)), self.expr(entry.value)]
                entries = []
            elif isinstance(entry, Entry) and entry.key is not None:
                entries.append((self.key(entry.key), self.expr(entry.value)))
            else:
                raise fail("bicep/expression", "A resource stands where a property was expected", span=entry.span)
        if not parts:
            return ObjectExpr(tuple(entries), node.span)
        whole = [part for part in (*parts, ObjectExpr(tuple(entries))) if part != ObjectExpr(())]
        return self.function("shallowMerge", node, ListExpr(tuple(whole)))

    # -- operators ----------------------------------------------------------------------------------------------------

    def unary(self, node: Unary) -> Expr:
        operand = self.expr(node.operand)
        if node.operator == "!":
            return self.function("not", node, operand)
        return self.function("sub", node, Literal(0), operand)

    def binary(self, node: Binary) -> Expr:
        left, right = self.expr(node.left), self.expr(node.right)
        if node.operator in ("=~", "!~"):
            left, right = self.function("toLower", node, left), self.function("toLower", node, right)
        if node.operator in ("==", "=~"):
            return self.function("equals", node, left, right)
        if node.operator in ("!=", "!~"):
            return self.function("not", node, self.function("equals", node, left, right))
        return self.function(_OPERATORS[node.operator], node, left, right)

    def ternary(self, node: Ternary) -> Expr:
        return self.function("if", node, self.expr(node.condition), self.expr(node.then), self.expr(node.otherwise))

    def non_null(self, node: NonNull) -> Expr:
        return self.expr(node.target)

    # -- symbols ------------------------------------------------------------------------------------------------------

    def name(self, node: Name) -> Expr:
        if node.name in self.bound:
            return self.bound[node.name]
        found = self.names.symbol(node.name, node.span, self)
        if found is None:
            raise unknown(node.name, node.span)
        return found

    def nested(self, node: Nested) -> Expr:
        found = self.names.of_resource(node, "id", self)
        if found is None:
            raise unknown(node.name, node.span)
        return found

    def access(self, node: Access) -> Expr:
        name = node.key.plain if isinstance(node.key, Text) else None
        if name is not None and isinstance(node.target, (Name, Nested, Access)):
            found = self.names.of_resource(node.target, name, self)
            if found is not None:
                return found
        target, key = self.expr(node.target), self.expr(node.key)
        if node.from_end:
            return self.function("tryIndexFromEnd" if node.safe else "indexFromEnd", node, target, key)
        if node.safe:
            return self.function("tryGet", node, target, key)
        if isinstance(node.target, (Access, NonNull)) and isinstance(target, Operation) and _is_safe(target):
            return target.but(args=(*target.args, key), span=node.span)
        return Index(target, key, node.span)

    # -- calls --------------------------------------------------------------------------------------------------------

    def call(self, node: Call) -> Expr:
        target = node.target
        if target is not None and not (isinstance(target, Name) and target.name in _NAMESPACES):
            found = self.names.method(node, self)
            if found is None:
                raise fail("bicep/unknown-function", f"There is no function {node.function} here", span=node.span)
            return found
        own = self.names.functions.get(node.function) if target is None else None
        args = [self.expr(arg) for arg in node.args]
        if own is not None:
            return self.user_function(own, node, args)
        if node.function == "any" and len(args) == 1:
            return args[0]
        if node.function == "nameof" and len(node.args) == 1:
            return Literal(_last_name(node.args[0]), node.span)
        if node.function == "readEnvironmentVariable" and args:
            return Operation("env", tuple(args[:1]), span=node.span)
        found = self.names.loaded(node, args, self)
        if found is not None:
            return found
        row = FUNCTIONS.get(node.function.lower())
        if row is None or (row.name != node.function and not row.name.startswith("list")):
            detail = f"It is called {row.name}." if row is not None else "Bicep's own functions are ARM's."
            raise fail("bicep/unknown-function", f"There is no function {node.function}", detail, node.span)
        return self.function(row.name, node, *args)

    def user_function(self, own: Function, node: Call, args: list[Expr]) -> Expr:
        """A function of the file is put in place: it sees its parameters and nothing else."""
        if len(args) != len(own.parameters):
            wanted = len(own.parameters)
            raise fail("bicep/arguments", f"{own.name} takes {wanted} arguments, and has {len(args)}", span=node.span)
        if self.calls >= _DEEPEST_CALL:
            raise fail("bicep/too-deep", f"{own.name} calls itself, or too many others", span=node.span)
        names = [entry.key.plain or "" for entry in own.parameters if isinstance(entry.key, Text)]
        inner = Meaning(self.names, self.symbols, dict(zip(names, args, strict=True)), self.calls + 1)
        return inner.expr(own.body)

    def lambda_(self, node: Lambda) -> Expr:
        inner = self.within({name: Ref("bound", name) for name in node.parameters})
        names = tuple(Literal(name) for name in node.parameters)
        return Operation("arm.lambda", (*names, inner.expr(node.body)), span=node.span)

    def loop(self, node: For) -> Expr:
        """``map`` with a lambda, which ARM has for the loops of a value."""
        if isinstance(node.body, If):
            raise fail("bicep/expression", "Only a resource can be conditional", span=node.body.span)
        names = [node.item] if node.index is None else [node.item, node.index]
        body = Lambda(tuple(names), node.body, node.span)
        return self.function("map", node, self.expr(node.collection), self.lambda_(body))


def _is_safe(target: Operation) -> bool:
    return target.operation == "arm.tryGet"


def unknown(name: str, span: Span | None) -> TemplateError:
    detail = "It is no parameter, variable, resource or module of the file, and no variable of a loop."
    return fail("bicep/unknown-name", f"The name {name!r} is not declared", detail, span)


def _last_name(node: Node) -> str:
    if isinstance(node, Access) and isinstance(node.key, Text):
        return node.key.plain or ""
    return node.name if isinstance(node, (Name, Nested)) else ""


def put_in_place(expr: Expr, values: Mapping[str, Expr]) -> Expr:
    """An expression with its variables replaced by what they are."""

    def visit(node: Expr) -> Expr | None:
        return values.get(node.name) if isinstance(node, Ref) and node.kind == "named" else None

    return transform(expr, visit)


_READERS: dict[type[Node], Callable[[Meaning, Any], Expr]] = {
    Word: Meaning.word,
    Number: Meaning.word,
    Text: Meaning.text,
    Array: Meaning.array,
    Object: Meaning.object,
    Unary: Meaning.unary,
    Binary: Meaning.binary,
    Ternary: Meaning.ternary,
    NonNull: Meaning.non_null,
    Name: Meaning.name,
    Nested: Meaning.nested,
    Access: Meaning.access,
    Call: Meaning.call,
    Lambda: Meaning.lambda_,
    For: Meaning.loop,
}
