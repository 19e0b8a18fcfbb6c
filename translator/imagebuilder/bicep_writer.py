"""A deployment as Bicep: the same parameters, variables and resources that ARM JSON says, with the comments kept."""

from __future__ import annotations

from bakelift.translator.imagebuilder.bicep_around import LIMITS, Around, Declared
from bakelift.translator.imagebuilder.rest import fields
from bakelift.translator.languages.arm.printer import Unprintable, term_of
from bakelift.translator.languages.bicep.nodes import (
    Array,
    Call,
    Entry,
    File,
    If,
    Item,
    Name,
    Number,
    Object,
    Parameter,
    Resource,
    Text,
    TypeOf,
    Variable,
    Word,
)
from bakelift.translator.languages.bicep.printer import print_bicep
from bakelift.translator.languages.bicep.spelling import spelled
from bakelift.translator.plan.expressions import Expr, ListExpr, Literal, ObjectExpr

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from bakelift.translator.diagnostics import Diagnostics
    from bakelift.translator.imagebuilder.deployment import Deployment, Draft
    from bakelift.translator.languages.bicep.nodes import Node, Statement

#: ARM's types as Bicep says them; a secure one is said by a decorator.
_TYPES = {"securestring": "string", "secureobject": "object"}

#: Bicep's whole numbers have 64 bits.
_LARGEST = 2**63


def bicep_text(
    deployment: Deployment,
    comments: Mapping[str, tuple[str, ...]] | None = None,
    head: tuple[str, ...] = (),
    diagnostics: Diagnostics | None = None,
) -> str:
    """The text of a deployment. ``comments``: by the JSON pointers of what they belong to; ``head``: of the file.

    What ARM cannot say is left out: printing the same deployment as ARM tells of it. ``diagnostics`` gets what ARM says
    and Bicep does not.
    """
    writer = _Writer(deployment, comments or {})
    text = print_bicep(writer.file(head))
    if writer.around.left and diagnostics is not None:
        diagnostics.warning(
            "bicep/left-out",
            f"Bicep has no words for {', '.join(writer.around.left)}",
            "The rest is written. -to arm keeps what the template said.",
        )
    return text


class _Writer:
    def __init__(self, deployment: Deployment, comments: Mapping[str, tuple[str, ...]]) -> None:
        self.deployment = deployment
        self.comments = comments
        self.taken = {
            *deployment.parameters,
            *deployment.variables,
            *(resource.symbol for resource in deployment.resources),
        }
        self.original = {name: key for key, name in deployment.symbols.parameters.items()}
        images = [
            Declared(symbol, str(draft["type"]), draft["name"] if isinstance(draft["name"], Expr) else None)
            for symbol, draft in ((resource.symbol, resource.draft) for resource in deployment.resources)
        ]
        self.around = Around(deployment.around, lambda expr: self.expression(expr, ""), self.taken, images)

    def file(self, head: tuple[str, ...]) -> File:
        deployment = self.deployment
        found = self.around.metadata()
        found += [self.parameter(name, facts) for name, facts in deployment.parameters.items()]
        for name, value in deployment.variables.items():
            pointer = f"/variables/{name}"
            node = self.value(value, pointer)
            if node is not None:
                found.append(Variable(name, node, comments=self.comments.get(pointer, ())))
        images = [
            self.resource(resource.symbol, resource.draft, f"/resources/{index}")
            for index, resource in enumerate(deployment.resources)
        ]
        found += self.around.resources(images)
        found += self.around.outputs()
        return File(tuple(found), before=head)

    # -- statements ---------------------------------------------------------------------------------------------------

    def parameter(self, name: str, facts: Mapping[str, Draft]) -> Statement:
        pointer = f"/parameters/{name}"
        decorators: list[Call] = []
        details = self.around.details(self.original.get(name, name))
        metadata = {**facts.get("metadata", {}), **fields(details.get("metadata"))}
        description = metadata.pop("description", None)
        if description is not None:
            decorators.append(self.decorator("description", _text(description)))
        if metadata:
            decorators.append(self.decorator("metadata", self.object(metadata, "")))
        kind = str(facts["type"])
        if kind.lower() in _TYPES:
            decorators.append(self.decorator("secure"))
        allowed = self.value(facts.get("allowedValues"), pointer)
        if allowed is not None:
            decorators.append(self.decorator("allowed", allowed))
        decorators += [
            self.decorator(limit, self.expression(details[limit], "")) for limit in LIMITS if limit in details
        ]
        type: Node = Name(_TYPES.get(kind.lower(), kind))
        return Parameter(
            name,
            TypeOf(type, "?") if details.get("nullable") == Literal(True) else type,
            self.value(facts.get("defaultValue"), pointer),
            tuple(decorators),
            comments=self.comments.get(pointer, ()),
        )

    def decorator(self, function: str, *args: Node) -> Call:
        """A function of ``sys``, which has to be said where a symbol is called like it."""
        return Call(function, args, Name("sys") if function in self.taken else None)

    def resource(self, name: str, draft: Mapping[str, Draft], pointer: str) -> Statement:
        rest = {key: value for key, value in draft.items() if key not in ("type", "apiVersion", "condition")}
        depends = rest.pop("dependsOn", None)
        whole = self.object(rest, pointer)
        if depends is not None:
            known = self.around.depends(name, depends)
            whole = whole if known is None else whole.but(entries=(*whole.entries, Entry(_text("dependsOn"), known)))
        body: Node = whole
        if draft.get("condition") is not None:
            condition = self.value(draft["condition"], pointer)
            body = whole if condition is None else If(condition, whole)
        type = Text((f"{draft['type']}@{draft['apiVersion']}",))
        return Resource(name, type, body, comments=self.comments.get(pointer, ()))

    # -- values -------------------------------------------------------------------------------------------------------

    def value(self, draft: Draft, pointer: str) -> Node | None:
        """A draft's value; None where there is nothing to say, or no words for it."""
        if isinstance(draft, Expr):
            try:
                return self.expression(draft, pointer)
            except Unprintable:
                return None
        if isinstance(draft, dict):
            return self.object(draft, pointer)
        if isinstance(draft, list):
            parts = [(self.value(item, f"{pointer}/{i}"), f"{pointer}/{i}") for i, item in enumerate(draft)]
            return Array(tuple(self.item(node, place) for node, place in parts if node is not None))
        return None if draft is None else _plain(draft)

    def object(self, draft: Mapping[str, Draft], pointer: str) -> Object:
        entries: list[Node] = []
        for key, value in draft.items():
            place = f"{pointer}/{key}"
            node = self.value(value, place)
            if node is not None:
                entries.append(Entry(_text(key), node, comments=self.comments.get(place, ())))
        return Object(tuple(entries))

    def item(self, node: Node, pointer: str) -> Item:
        return Item(node, comments=self.comments.get(pointer, ()))

    def expression(self, expr: Expr, pointer: str) -> Node:
        """Lists and objects as such, at their leaves what ARM's functions say."""
        if isinstance(expr, Literal):
            return _literal(expr)
        if isinstance(expr, ListExpr):
            parts = [self.expression(item, f"{pointer}/{i}") for i, item in enumerate(expr.items)]
            return Array(tuple(self.item(node, f"{pointer}/{i}") for i, node in enumerate(parts)))
        if isinstance(expr, ObjectExpr):
            return Object(tuple(self.entry(key, value, pointer) for key, value in expr.entries))
        return spelled(term_of(expr, self.deployment.symbols), self.taken)

    def entry(self, key: Expr, value: Expr, pointer: str) -> Entry:
        place = f"{pointer}/{key.value}" if isinstance(key, Literal) else pointer
        said = self.expression(key, place)
        node = self.expression(value, place)
        comments = self.comments.get(place, ()) if place != pointer else ()
        return Entry(said if isinstance(said, Text) else Text((said,)), node, comments=comments)


def _text(text: str) -> Text:
    return Text((text,) if text else ())


def _literal(expr: Literal) -> Node:
    value = expr.value
    if isinstance(value, str):
        return _text(value)
    if value is None or isinstance(value, bool):
        return Word(value)
    if isinstance(value, int) and -_LARGEST < value < _LARGEST:
        return Number(value)
    return Call("json", (_text(f"{value:f}" if not isinstance(value, int) else str(value)),))


def _plain(data: Any) -> Node:
    """Plain JSON, such as metadata."""
    if isinstance(data, dict):
        return Object(tuple(Entry(_text(str(key)), _plain(value)) for key, value in data.items()))
    if isinstance(data, list):
        return Array(tuple(Item(_plain(item)) for item in data))
    if data is None or isinstance(data, bool):
        return Word(data)
    return Number(data) if isinstance(data, int) else _text(str(data))
