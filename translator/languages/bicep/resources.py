"""What the symbols of a Bicep file stand for: parameters and variables, and resources by ARM's ids of them."""

from __future__ import annotations

from bakelift.translator.diagnostics import fail
from bakelift.translator.languages.bicep.nodes import (
    Call,
    Entry,
    For,
    Function,
    If,
    Module,
    Name,
    Nested,
    Object,
    Parameter,
    Resource,
    Text,
    Variable,
)
from bakelift.translator.plan.expressions import Call as Operation
from bakelift.translator.plan.expressions import Index, Literal, Ref, Template, template

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from bakelift.translator.diagnostics import Span
    from bakelift.translator.languages.bicep.meaning import Meaning
    from bakelift.translator.languages.bicep.nodes import File, Node
    from bakelift.translator.plan.expressions import Expr

    Load = Callable[[Call, list[Expr]], Expr | None]

_DEPLOYMENTS = "Microsoft.Resources/deployments"
_DEPLOYMENT_VERSION = "2022-09-01"
_GROUPS = "microsoft.resources/resourcegroups"

#: A resource in a resource in a resource: deeper than any type has segments.
_DEEPEST = 16


class Declared:
    """A declared resource. ``type``: whole, with the types of its parents; ``body`` None: there is none to read."""

    __slots__ = ("body", "node", "parent", "type", "version")

    def __init__(self, node: Resource | Module, type: str, version: str, parent: Declared | None) -> None:
        self.node = node
        self.type = type
        self.version = version
        self.parent = parent
        self.body = body_of(node.body)

    def get(self, name: str) -> Node | None:
        return property_of(self.body, name)


def body_of(node: Node) -> Object | None:
    """The object of a resource, without its condition or loop."""
    for _ in range(3):
        if isinstance(node, (If, For)):
            node = node.body
    return node if isinstance(node, Object) else None


def property_of(body: Object | None, name: str) -> Node | None:
    for entry in body.entries if body is not None else ():
        if isinstance(entry, Entry) and isinstance(entry.key, Text) and entry.key.plain == name:
            return entry.value
    return None


class FileNames:
    """The symbols of one file. ``load``: what a function that reads a file gives (None: it is another function)."""

    def __init__(self, file: File, load: Load) -> None:
        self.parameters: dict[str, Parameter] = {}
        self.variables: dict[str, Variable] = {}
        self.functions: dict[str, Function] = {}
        self.resources: dict[str, Declared] = {}
        self.modules: dict[str, Declared] = {}
        self.children: dict[int, dict[str, Declared]] = {}
        self.load = load
        self._inside: list[Declared] = []
        for node in file.statements:
            if isinstance(node, Parameter):
                self.parameters[node.name] = node
            elif isinstance(node, Variable):
                self.variables[node.name] = node
            elif isinstance(node, Function):
                self.functions[node.name] = node
            elif isinstance(node, Resource):
                self._declare(node, None)
            elif isinstance(node, Module):
                self.modules[node.name] = Declared(node, _DEPLOYMENTS, _DEPLOYMENT_VERSION, None)

    def _declare(self, node: Resource, parent: Declared | None) -> None:
        words, _, version = (node.type.plain or "").partition("@")
        if parent is not None:
            words, version = f"{parent.type}/{words}", version or parent.version
        found = Declared(node, words, version, parent)
        if parent is None:
            self.resources[node.name] = found
        else:
            self.children.setdefault(id(parent.node), {})[node.name] = found
        for entry in found.body.entries if found.body is not None else ():
            if isinstance(entry, Resource):
                self._declare(entry, found)

    # -- what Meaning asks --------------------------------------------------------------------------------------------

    def symbol(self, name: str, span: Span | None, meaning: Meaning) -> Expr | None:
        if name in self.parameters:
            return Ref("input", name, span)
        if name in self.variables:
            return Ref("named", name, span)
        found = self.resources.get(name) or self.modules.get(name)
        return self.id_of(found, meaning, span) if found is not None else None

    def of_resource(self, target: Node, property: str, meaning: Meaning) -> Expr | None:
        found = self.find(target, meaning)
        if found is None:
            return None
        if isinstance(found.node, Module) and property == "outputs":
            return Index(self._asked(found, meaning, False), Literal("outputs"), target.span)
        if property == "id":
            return self.id_of(found, meaning, target.span)
        if property == "type":
            return Literal(found.type, target.span)
        if property == "apiVersion":
            return Literal(found.version, target.span)
        said = found.get(property)
        if said is not None and (property == "name" or (property == "location" and not _existing(found))):
            return self._safely(found, said, meaning)
        return Index(self._asked(found, meaning, property != "properties"), Literal(property), target.span)

    def method(self, call: Call, meaning: Meaning) -> Expr | None:
        found = self.find(call.target, meaning) if call.target is not None else None
        if found is None:
            return None
        args = [self.id_of(found, meaning, call.span), Literal(found.version)]
        return Operation(f"arm.{call.function}", (*args, *(meaning.expr(arg) for arg in call.args)), span=call.span)

    def loaded(self, call: Call, args: list[Expr], meaning: Meaning) -> Expr | None:
        return self.load(call, args)

    def names_of(self, found: Declared, meaning: Meaning) -> list[Expr]:
        """The names of a resource and of those that it is in, outermost first."""
        return self._names(found, meaning, 0)

    # -- resources ----------------------------------------------------------------------------------------------------

    def find(self, target: Node, meaning: Meaning) -> Declared | None:
        """The resource or module that an expression names; one of a loop by its element too."""
        if isinstance(target, Name):
            if target.name in meaning.bound:
                return None
            return self.resources.get(target.name) or self.modules.get(target.name)
        if isinstance(target, Nested):
            parent = self.find(target.target, meaning)
            return self.children.get(id(parent.node), {}).get(target.name) if parent is not None else None
        return None

    def id_of(self, found: Declared, meaning: Meaning, span: Span | None) -> Expr:
        """``resourceId`` and its like, by the scope that the declaration says."""
        names = self._names(found, meaning, 0)
        at = found
        while at.parent is not None:
            at = at.parent
        scope = at.get("scope")
        words: list[Expr] = [Literal(found.type), *names]
        function = "resourceId"
        before: list[Expr] = []
        if scope is not None:
            function, before = self._scoped(scope, meaning)
        elif found.type.lower() == _GROUPS:
            function = "subscriptionResourceId"
        return Operation(f"arm.{function}", (*before, *words), span=span)

    def _scoped(self, scope: Node, meaning: Meaning) -> tuple[str, list[Expr]]:
        if isinstance(scope, Call) and scope.function in ("resourceGroup", "subscription", "tenant", "managementGroup"):
            args = [meaning.expr(arg) for arg in scope.args]
            if scope.function == "resourceGroup":
                return "resourceId", args
            if scope.function == "subscription":
                return "subscriptionResourceId", args
            return ("tenantResourceId" if scope.function == "tenant" else "managementGroupResourceId"), args
        owner = self.find(scope, meaning)
        if owner is not None and owner.type.lower() == _GROUPS:
            return "resourceId", [self._names(owner, meaning, 0)[-1]]
        if owner is not None:
            return "extensionResourceId", [self.id_of(owner, meaning, scope.span)]
        raise fail("bicep/scope", "This scope of a resource is not known", span=scope.span)

    def _names(self, found: Declared, meaning: Meaning, depth: int) -> list[Expr]:
        """One name for each segment of the type."""
        node = found.node
        if depth > _DEEPEST:
            raise fail("bicep/circle", f"{node.name} is its own parent", span=node.span)
        said = found.get("name")
        if said is None:
            raise fail("bicep/no-name", f"The resource {node.name} has no name", span=node.span)
        name = self._safely(found, said, meaning)
        above = found.parent
        declared = found.get("parent")
        if above is None and declared is not None:
            above = self.find(declared, meaning)
            if above is None:
                raise fail("bicep/unknown-name", "The parent of a resource is not declared", span=declared.span)
        if above is not None:
            return [*self._names(above, meaning, depth + 1), name]
        count = found.type.count("/")
        return [name] if count <= 1 else _split(name, count)

    def _safely(self, found: Declared, said: Node, meaning: Meaning) -> Expr:
        """A property of a resource, which may name others, but not itself."""
        if found in self._inside:
            raise fail("bicep/circle", f"{found.node.name} is made of itself", span=said.span)
        self._inside.append(found)
        try:
            return meaning.expr(said)
        finally:
            self._inside.pop()

    def _asked(self, found: Declared, meaning: Meaning, full: bool) -> Expr:
        """What only Azure knows, while the deployment runs."""
        more = (Literal("full"),) if full else ()
        return Operation("arm.reference", (self.id_of(found, meaning, None), Literal(found.version), *more))


def _existing(found: Declared) -> bool:
    return isinstance(found.node, Resource) and found.node.existing


def _split(name: Expr, count: int) -> list[Expr]:
    """The parts of a name with slashes; where they cannot be told, by ``split`` at the deployment."""
    parts = name.parts if isinstance(name, Template) else (name,)
    segments: list[list[Expr]] = [[]]
    for part in parts:
        if isinstance(part, Literal) and isinstance(part.value, str):
            first, *rest = part.value.split("/")
            segments[-1] += [Literal(first)] if first else []
            segments += [[Literal(word)] if word else [] for word in rest]
        else:
            segments[-1].append(part)
    if len(segments) == count:
        return [segment[0] if len(segment) == 1 else template(list(segment)) for segment in segments]
    whole = Operation("split", (Literal("/"), name))
    return [Index(whole, Literal(index)) for index in range(count)]
