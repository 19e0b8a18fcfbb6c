"""Loops, nested deployments and functions of a deployment template, written out before it is read.

A template says the same thing in many ways: a list may be made by ``copy``, an image template may stand in a nested
deployment with parameters of its own, an expression may call a function that the template defines. All of these are
written out as plain text of the outermost template, so that readers meet resources and expressions only.

Source: learn.microsoft.com/azure/azure-resource-manager/templates (copy-*, linked-templates, user-defined-functions).
"""

from __future__ import annotations

from bakelift.translator.diagnostics import fail
from bakelift.translator.languages.arm import Unprintable, expr_to_value, text_to_expr, value_to_expr
from bakelift.translator.languages.arm.values import is_expression
from bakelift.translator.languages.json.nodes import Array, Computed, Member, Object, Scalar
from bakelift.translator.plan.expressions import (
    Call,
    Expr,
    For,
    Index,
    ListExpr,
    Literal,
    ObjectExpr,
    Ref,
    Template,
    template,
    transform,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bakelift.translator.imagebuilder.reader_leaves import LeafTable
    from bakelift.translator.languages.json.nodes import Node

    #: A whole number that an expression gives, where it is known.
    Count = Callable[[Expr], int | None]

#: A copy makes at most so many (published limit).
MOST_COPIES = 800

#: Functions that call each other, deeper than any template does.
_DEEPEST = 20


class Function:
    """A function that a template defines: names of its parameters in lower case, and its value."""

    def __init__(self, parameters: tuple[str, ...], value: Expr) -> None:
        self.parameters = parameters
        self.value = value


class Environment:
    """What stands for what: parameters and variables of a nested deployment, loop counters, functions."""

    def __init__(
        self,
        symbols: Mapping[tuple[str, str], Expr] | None = None,
        counters: Mapping[str, int] | None = None,
        functions: Mapping[str, Function] | None = None,
    ) -> None:
        self.symbols = dict(symbols or {})
        self.counters = dict(counters or {})
        self.functions = dict(functions or {})

    def __bool__(self) -> bool:
        return bool(self.symbols or self.counters or self.functions)

    def counting(self, name: str, number: int) -> Environment:
        """Within a loop; ``copyIndex()`` without a name is that of the innermost."""
        return Environment(self.symbols, {**self.counters, name.lower(): number, "": number}, self.functions)

    def said(self, expr: Expr, depth: int = 0) -> Expr:
        """The expression with everything put in its place."""

        def visit(node: Expr) -> Expr | None:
            if isinstance(node, Ref):
                return self.symbols.get((node.kind, node.name.lower()))
            if isinstance(node, Template):
                return template([_counted(transform(part, visit)) for part in node.parts], node.span)
            if isinstance(node, Index):
                return looked_up(node.but(target=transform(node.target, visit), key=transform(node.key, visit)))
            if not isinstance(node, Call):
                return None
            if node.operation == "arm.copyIndex":
                return self._counter(node)
            function = self.functions.get(node.operation.removeprefix("unknown:").lower())
            if function is None or not node.operation.startswith("unknown:"):
                return None
            if depth > _DEEPEST:
                raise fail("arm/function", f"{node.operation.removeprefix('unknown:')} calls itself", "", node.span)
            args = tuple(transform(arg, visit) for arg in node.args)
            return self._called(function, args, node, depth)

        return transform(expr, visit)

    def _called(self, function: Function, args: tuple[Expr, ...], node: Call, depth: int) -> Expr:
        if len(args) != len(function.parameters):
            name = node.operation.removeprefix("unknown:")
            summary = f"{name} takes {len(function.parameters)} arguments, and has {len(args)}"
            raise fail("arm/arguments", summary, "", node.span)
        own = {("input", name): arg for name, arg in zip(function.parameters, args, strict=True)}
        return Environment(own, {}, self.functions).said(function.value, depth + 1)

    def _counter(self, node: Call) -> Expr | None:
        """``copyIndex([name], [offset])``."""
        first = node.args[0] if node.args else None
        named = isinstance(first, Literal) and isinstance(first.value, str)
        number = self.counters.get(str(first.value).lower() if named else "")  # type: ignore[union-attr]
        offset = node.args[1 if named else 0] if len(node.args) > (1 if named else 0) else Literal(0)
        if number is None or not isinstance(offset, Literal) or not isinstance(offset.value, int):
            return None
        return Literal(number + offset.value, node.span)


def _counted(part: Expr) -> Expr:
    """A counter's number, as text has it."""
    number = isinstance(part, Literal) and isinstance(part.value, int) and not isinstance(part.value, bool)
    return Literal(str(part.value), part.span) if number else part  # type: ignore[attr-defined]


def looked_up(node: Index) -> Expr:
    """A part of what is written out, where it is there."""
    target, key = node.target, node.key
    if isinstance(target, ObjectExpr) and isinstance(key, Literal) and isinstance(key.value, str):
        found = [v for k, v in target.entries if isinstance(k, Literal) and str(k.value).lower() == key.value.lower()]
        return found[0] if found else node
    if isinstance(target, ListExpr) and isinstance(key, Literal) and isinstance(key.value, int):
        return target.items[key.value] if 0 <= key.value < len(target.items) else node
    return node


def functions_of(root: Object) -> dict[str, Function]:
    """The functions that a template defines, by ``namespace.name`` in lower case."""
    found: dict[str, Function] = {}
    listed = root.get("functions")
    for space in listed if isinstance(listed, Array) else ():
        members = space.get("members") if isinstance(space, Object) else None
        name = space.get("namespace") if isinstance(space, Object) else None
        for member in members if isinstance(members, Object) else ():
            body = member.value
            output = body.get("output") if isinstance(body, Object) else None
            value = output.get("value") if isinstance(output, Object) else None
            if value is None or not isinstance(name, Scalar) or not isinstance(body, Object):
                continue
            listed_parameters = body.get("parameters")
            parameters = tuple(
                str(item.get("name").value).lower()  # type: ignore[union-attr]
                for item in (listed_parameters if isinstance(listed_parameters, Array) else ())
                if isinstance(item, Object) and isinstance(item.get("name"), Scalar)
            )
            found[f"{name.value}.{member.key}".lower()] = Function(parameters, value_to_expr(value))
    return found


def says_expression(node: Node) -> bool:
    """Whether a value is an expression, and no list or object as such."""
    if isinstance(node, Scalar):
        return isinstance(node.value, str) and is_expression(node.value)
    return isinstance(node, Computed)


class Expander:
    """Writes out nodes. ``count``: what gives the number of rounds of a loop."""

    def __init__(self, leaves: LeafTable, count: Count) -> None:
        self.leaves = leaves
        self.count = count

    def node(self, node: Node, env: Environment) -> Node:
        """A value written out; the same node where there is nothing to do."""
        if isinstance(node, Scalar):
            return self.text(node, env) if isinstance(node.value, str) and is_expression(node.value) else node
        if isinstance(node, Computed):
            return self.nodes(env.said(value_to_expr(node)), node) if env else node
        if isinstance(node, Array):
            items = tuple(self.node(item, env) for item in node)
            if all(a is b for a, b in zip(items, node.items, strict=True)):
                return node
            return self.same(Array(node.file, node.start, node.end, items), node)
        assert isinstance(node, Object)
        return self.object(node, env)

    def object(self, node: Object, env: Environment) -> Object:
        members: list[Member] = []
        changed = False
        for member in node:
            if member.key == "copy" and isinstance(member.value, Array):
                members += [self.loop(item, env) for item in member.value if isinstance(item, Object)]
                changed = True
                continue
            value = self.node(member.value, env)
            key = self.key(member, env)
            changed = changed or value is not member.value or key != member.key
            members.append(Member(key, member.key_start, member.key_end, value))
        if not changed:
            return node
        made = Object(node.file, node.start, node.end, tuple(members))
        self.same(made, node)
        return made

    def key(self, member: Member, env: Environment) -> str:
        if not env or not is_expression(member.key):
            return member.key
        said = env.said(text_to_expr(member.key, member.key_span))
        value = expr_to_value(said)
        return value if isinstance(value, str) else member.key

    def text(self, node: Scalar, env: Environment) -> Node:
        if not env:
            return node
        before = text_to_expr(str(node.value), node.span)
        after = env.said(before)
        return node if after is before else self.nodes(after, node)

    def nodes(self, expr: Expr, like: Node) -> Node:
        """An expression as the value that says it: lists and objects as such, expressions at their leaves."""
        made: Node
        if isinstance(expr, ListExpr):
            made = Array(like.file, like.start, like.end, tuple(self.nodes(item, like) for item in expr.items))
        elif isinstance(expr, ObjectExpr) and all(isinstance(key, Literal) for key, _ in expr.entries):
            made = Object(
                like.file,
                like.start,
                like.end,
                tuple(
                    Member(str(key.value), like.start, like.end, self.nodes(value, like))  # type: ignore[attr-defined]
                    for key, value in expr.entries
                ),
            )
        else:
            try:
                value = expr_to_value(expr)
            except Unprintable as problem:
                raise fail(
                    "arm/expression", "The expression cannot be written out", problem.reason, like.span
                ) from None
            made = Scalar(like.file, like.start, like.end, value)  # type: ignore[arg-type]
        return self.same(made, like)

    def same(self, made: Node, original: Node) -> Node:
        self.leaves.same(made, original)
        return made

    def loop(self, item: Object, env: Environment) -> Member:
        """A property, or variable, that ``copy`` makes: a list of so many values, else an expression that loops."""
        name, count, value = item.get("name"), item.get("count"), item.get("input")
        if not isinstance(name, Scalar) or count is None or value is None:
            raise fail("arm/copy", "A copy needs a name, a count and an input", "", item.span)
        said = env.said(value_to_expr(count))
        rounds = self.count(said)
        if rounds is not None:
            self.check(rounds, count)
            items = tuple(self.node(value, env.counting(str(name.value), number)) for number in range(rounds))
            made: Node = self.same(Array(item.file, item.start, item.end, items), item)
        else:
            made = self.nodes(_looping(env.said(value_to_expr(value)), said, str(name.value)), item)
        return Member(str(name.value), name.start, name.end, made)

    def check(self, rounds: int, at: Node) -> None:
        if not 0 <= rounds <= MOST_COPIES:
            raise fail("arm/copy", f"A copy of {rounds} is not possible", f"ARM makes 0 to {MOST_COPIES}.", at.span)


def _looping(value: Expr, count: Expr, name: str) -> Expr:
    """``map(range(0, count), lambda('i', value))``, where the number of rounds is known at deployment only."""

    def visit(node: Expr) -> Expr | None:
        if not isinstance(node, Call) or node.operation != "arm.copyIndex":
            return None
        first = node.args[0] if node.args else None
        named = isinstance(first, Literal) and isinstance(first.value, str)
        if named and str(first.value).lower() != name.lower():  # type: ignore[union-attr]
            return None
        offset = node.args[1 if named else 0] if len(node.args) > (1 if named else 0) else None
        counter = Ref("bound", "i")
        return counter if offset is None else Call("add", (counter, offset))

    return For(None, "i", Call("arm.range", (Literal(0), count)), None, transform(value, visit), None)
