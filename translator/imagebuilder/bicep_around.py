"""What stood around the image templates of a deployment, in Bicep: other resources, outputs, limits of parameters."""

from __future__ import annotations

import re

from bakelift.translator.imagebuilder.reader_ids import read_id
from bakelift.translator.imagebuilder.rest import fields
from bakelift.translator.languages.arm import expr_to_value
from bakelift.translator.languages.arm.printer import Unprintable
from bakelift.translator.languages.bicep.nodes import (
    Array,
    Call,
    Entry,
    For,
    If,
    Item,
    Metadata,
    Name,
    Number,
    Object,
    Output,
    Resource,
    Text,
)
from bakelift.translator.plan.expressions import Call as Operation
from bakelift.translator.plan.expressions import Expr, ListExpr, Literal, ObjectExpr, Ref, transform
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from bakelift.translator.languages.bicep.nodes import Node, Statement

    Say = Callable[[Expr], Node]

LIMITS = ("minValue", "maxValue", "minLength", "maxLength")

_NESTED = "microsoft.resources/deployments"

#: Of a deployment, what Bicep says by itself.
_SAID = frozenset({"contentVersion", "languageVersion", "parameters", "resources", "outputs", "metadata", "apiProfile"})


class Declared(Record):
    """A resource as others may name it."""

    symbol: str
    type: str
    name: Expr | None


class Around:
    """Writes it. ``say``: a value in Bicep; ``taken``: the names of the file; ``left``: what has no words in Bicep."""

    def __init__(self, around: Mapping[str, Expr], say: Say, taken: set[str], images: list[Declared]) -> None:
        self.around = around
        self.say = say
        self.taken = {name.lower() for name in taken}
        self.declared = list(images)
        self.left = [key for key in around if key not in _SAID]
        #: In their order; None: an image template.
        self.others = [None if item == Literal(None) else self.declare(item, name) for item, name in self.listed()]

    # -- resources ----------------------------------------------------------------------------------------------------

    def listed(self) -> list[tuple[Expr, str | None]]:
        """The resources with their symbolic names; ``null`` stands in the place of each image template."""
        others = self.around.get("resources")
        if isinstance(others, ListExpr):
            return [(item, None) for item in others.items]
        entries = others.entries if isinstance(others, ObjectExpr) else ()
        return [(value, str(key.value) if isinstance(key, Literal) else None) for key, value in entries]

    def resources(self, images: list[Statement]) -> list[Statement]:
        """All resources, in their order."""
        left = list(images)
        found: list[Statement] = []
        for entry in self.others:
            if entry is not None:
                found += self.resource(*entry)
            elif left:
                found.append(left.pop(0))
        return found + left

    def declare(self, item: Expr, name: str | None) -> tuple[Declared, Mapping[str, Expr]]:
        said = fields(item)
        type = said.get("type")
        words = str(type.value) if isinstance(type, Literal) else ""
        declared = Declared(self.symbol(name or words.rpartition("/")[2]), words, said.get("name"))
        self.declared.append(declared)
        return declared, said

    def symbol(self, wanted: str) -> str:
        base = re.sub(r"\W", "_", wanted, flags=re.ASCII) or "resource"
        base = f"_{base}" if base[:1].isdigit() else base
        name, number = base, 2
        while name.lower() in self.taken:
            name, number = f"{base}{number}", number + 1
        self.taken.add(name.lower())
        return name

    def resource(self, declared: Declared, said: Mapping[str, Expr]) -> list[Statement]:
        version = said.get("apiVersion")
        if not declared.type or not isinstance(version, Literal):
            self.left.append(declared.symbol)
            return []
        try:
            said = _apart(declared, said)
        except Unprintable:
            self.left.append(declared.symbol)
            return []
        index = "i" if "i" not in self.taken else self.symbol("i")
        entries: list[Node] = []
        for key, value in said.items():
            if key not in ("type", "apiVersion", "condition", "copy"):
                node = self.place(declared, key, _indexed(value, index))
                entries += [] if node is None else [Entry(Text((key,)), node)]
        try:
            body: Node = Object(tuple(entries))
            if "condition" in said:
                body = If(self.say(_indexed(said["condition"], index)), body)
            if "copy" in said:
                count = self.say(fields(said["copy"]).get("count", Literal(0)))
                body = For(index, None, Call("range", (Number(0), count)), body)
        except Unprintable:
            self.left.append(declared.symbol)
            return []
        return [Resource(declared.symbol, Text((f"{declared.type}@{version.value}",)), body)]

    def place(self, declared: Declared, key: str, value: Expr) -> Node | None:
        """The value of a property. What it depends on, and what it belongs to, are symbols in Bicep."""
        if key == "dependsOn" and isinstance(value, ListExpr):
            return self.depends(declared.symbol, value.items)
        if key == "scope":
            symbol = self.named(value)
            if symbol is None:
                self.left.append(f"{declared.symbol}.scope")
            return None if symbol is None else Name(symbol)
        try:
            return self.say(value)
        except Unprintable:
            self.left.append(f"{declared.symbol}.{key}")
            return None

    def depends(self, symbol: str, ids: Iterable[Expr]) -> Array | None:
        """What a resource waits for, where that is declared too."""
        symbols = [self.named(item) for item in ids]
        if None in symbols:
            self.left.append(f"{symbol}.dependsOn")
        known = [Item(Name(item)) for item in symbols if item is not None]
        return Array(tuple(known)) if known else None

    def named(self, id: Expr) -> str | None:
        """The declared resource of which an expression is the id, or the symbolic name."""
        found = read_id(id)
        for item in self.declared:
            if isinstance(id, Literal) and id.value == item.symbol:
                return item.symbol
            if found is not None and found.type.lower() == item.type.lower() and found.names[-1:] == (item.name,):
                return item.symbol
        return None

    # -- the rest -----------------------------------------------------------------------------------------------------

    def outputs(self) -> list[Statement]:
        found: list[Statement] = []
        for name, value in fields(self.around.get("outputs")).items():
            said = fields(value)
            type = said.get("type")
            words = str(type.value) if isinstance(type, Literal) else "string"
            secure = words.lower().startswith("secure")
            kind = words.lower().removeprefix("secure")
            try:
                node = self.say(said["value"])
            except (Unprintable, KeyError):
                self.left.append(f"outputs.{name}")
                continue
            decorators: list[Call] = []
            description = fields(said.get("metadata")).get("description")
            if isinstance(description, Literal) and isinstance(description.value, str) and description.value:
                target = Name("sys") if "description" in self.taken else None
                decorators.append(Call("description", (Text((description.value,)),), target))
            decorators += [Call("secure", ())] if secure else []
            found.append(Output(self.output_name(name), Name(kind), node, tuple(decorators)))
        return found

    def output_name(self, name: str) -> str:
        return re.sub(r"\W", "_", name, flags=re.ASCII)

    def metadata(self) -> list[Statement]:
        return [Metadata(name, self.say(value)) for name, value in fields(self.around.get("metadata")).items()]

    def details(self, name: str) -> Mapping[str, Expr]:
        """Of a parameter, by its name in the template that was read."""
        return fields(fields(self.around.get("parameters")).get(name))


def _apart(declared: Declared, said: Mapping[str, Expr]) -> Mapping[str, Expr]:
    """A nested deployment that evaluates its own expressions: for Bicep they are text, which it escapes by itself."""
    properties = fields(said.get("properties"))
    scope = fields(properties.get("expressionEvaluationOptions")).get("scope")
    inner = isinstance(scope, Literal) and str(scope.value).lower() == "inner"
    if declared.type.lower() != _NESTED or not inner or "template" not in properties:
        return said
    parts = {**properties, "template": _as_text(properties["template"])}
    return {**said, "properties": ObjectExpr(tuple((Literal(key), value) for key, value in parts.items()))}


def _as_text(expr: Expr) -> Expr:
    if isinstance(expr, ObjectExpr):
        return ObjectExpr(tuple((_as_text(key), _as_text(value)) for key, value in expr.entries), expr.span)
    if isinstance(expr, ListExpr):
        return ListExpr(tuple(_as_text(item) for item in expr.items), expr.span)
    value = expr_to_value(expr)
    return Literal(value, expr.span) if isinstance(value, str) else expr


def _indexed(value: Expr, name: str) -> Expr:
    """``copyIndex()`` as the variable of a loop."""

    def visit(node: Expr) -> Expr | None:
        asked = isinstance(node, Operation) and node.operation == "arm.copyIndex"
        return Ref("bound", name, node.span) if asked and len(node.children()) == 0 else None

    return transform(value, visit)
