"""Finds the image templates of a file, in nested deployments too, and settles what parts they have."""

from __future__ import annotations

from bakelift.translator.diagnostics import TemplateError, fail
from bakelift.translator.imagebuilder.expanding import Environment, Expander, functions_of, says_expression
from bakelift.translator.imagebuilder.writer_ids import IMAGES, TEMPLATES
from bakelift.translator.languages.arm import value_to_expr
from bakelift.translator.languages.json.nodes import Array, Member, Object, Scalar
from bakelift.translator.plan.expressions import (
    Call,
    Expr,
    ListExpr,
    Literal,
    ObjectExpr,
    Ref,
    Template,
    transform,
)
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bakelift.translator.diagnostics import Diagnostics, Span
    from bakelift.translator.imagebuilder.reader_leaves import LeafTable
    from bakelift.translator.languages.json.nodes import Node
    from bakelift.translator.plan.values import Value

_DEPLOYMENTS = "microsoft.resources/deployments"

#: Properties that decide what parts an image has: those that are lists, and objects.
_LISTS = ("customize", "distribute")
_OBJECTS = ("source", "vmProfile")

_WAY_OUT = (
    "What parts an image has is decided when translating. Give the parameters values, with a parameters file beside "
    "the template (NAME.parameters.json) or with -var-file FILE."
)


class FoundImage(Record):
    """An image template written out, and the node of the file's own resources that it came from."""

    resource: Object
    came_from: Node


class Images:
    """The image templates of one file. ``given``: values of parameters that a parameters file gives."""

    def __init__(
        self, root: Object, deployment: bool, leaves: LeafTable, diagnostics: Diagnostics, given: Mapping[str, Node]
    ) -> None:
        self.root = root
        self.deployment = deployment
        self.diagnostics = diagnostics
        self.given = {name.lower(): node for name, node in given.items()}
        self.expander = Expander(leaves, self.count)
        self.env = Environment(functions=functions_of(root)) if deployment else Environment()
        self.links: list[Span] = []
        self._named: dict[str, Expr] = {}
        self._defaults: dict[str, Expr] = {}

    def template(self) -> Object:
        """The file with its loops and functions written out, but for its resources."""
        if not self.deployment:
            return self.root
        members = [
            Member(m.key, m.key_start, m.key_end, self.expander.node(m.value, self.env))
            if m.key in ("variables", "parameters")
            else m
            for m in self.root
        ]
        whole = Object(self.root.file, self.root.start, self.root.end, tuple(members))
        variables, parameters = whole.get("variables"), whole.get("parameters")
        for member in variables if isinstance(variables, Object) else ():
            self._named[member.key] = value_to_expr(member.value)
        for member in parameters if isinstance(parameters, Object) else ():
            default = member.value.get("defaultValue") if isinstance(member.value, Object) else None
            given = self.given.get(member.key.lower())
            if given is not None:
                self._defaults[member.key] = value_to_expr(given, expressions=False)
            elif default is not None:
                self._defaults[member.key] = value_to_expr(default)
        return whole

    def found(self) -> list[FoundImage]:
        """Raises TemplateError where there is none."""
        if not self.deployment:
            if is_image_template(self.root):
                return [FoundImage(self.root, self.root)]
            raise self.nothing()
        found = []
        listed = self.root.get("resources")
        for top in [self.root] if listed is None else _listed(listed):
            found += [FoundImage(self.settled(image), top) for image in self.images(top, self.env)]
        if not found:
            raise self.nothing()
        for span in self.links:
            self.diagnostics.warning(
                "arm/linked-template",
                "A linked template is not read",
                "Reading follows no address. Translate the linked file by itself if an image template is in it.",
                span,
            )
        return found

    def managed_images(self) -> list[Object]:
        """The managed images that the deployment itself makes."""
        listed = _listed(self.root.get("resources")) if self.deployment else []
        return [node for node in listed if isinstance(node, Object) and _type(node) == IMAGES.lower()]

    def nothing(self) -> Exception:
        detail = f"None of its resources is of type {TEMPLATES}."
        if self.links:
            detail += " It links to another template, which is not followed: translate that file."
        elif isinstance(self.root.get("parameters"), Object) and self.root.get("resources") is None:
            detail = "It is a parameters file: translate the template that it belongs to."
        return fail("arm/no-template", "The file holds no Image Builder template", detail, self.root.span)

    # -- looking ------------------------------------------------------------------------------------------------------

    def images(self, node: Node, env: Environment) -> Iterator[Object]:
        if not isinstance(node, Object):
            return
        if isinstance(node.get("existing"), Scalar):
            return
        rounds = node.get("copy")
        if isinstance(rounds, Object) and (is_image_template(node) or _type(node) == _DEPLOYMENTS):
            yield from self.copies(node, rounds, env)
            return
        if is_image_template(node):
            yield self.expander.object(node, env)
        elif _type(node) == _DEPLOYMENTS:
            yield from self.nested(node, env)

    def copies(self, node: Object, rounds: Object, env: Environment) -> Iterator[Object]:
        """The resources that a loop over a resource makes."""
        count = rounds.get("count")
        name = rounds.get("name")
        said = env.said(value_to_expr(count)) if count is not None else Literal(None)
        number = self.count(said)
        bare = Object(node.file, node.start, node.end, tuple(m for m in node if m.key != "copy"))
        self.expander.same(bare, node)
        if number is None:
            raise self.undecided("the number of image templates", [said], rounds.span)
        self.expander.check(number, rounds)
        for index in range(number):
            yield from self.images(bare, env.counting(str(getattr(name, "value", "")), index))

    def nested(self, node: Object, env: Environment) -> Iterator[Object]:
        properties = node.get("properties")
        inner = properties.get("template") if isinstance(properties, Object) else None
        if not isinstance(properties, Object) or not isinstance(inner, Object):
            if isinstance(properties, Object) and properties.get("templateLink") is not None:
                self.links.append(properties.get("templateLink").span)  # type: ignore[union-attr]
            return
        own = self.inner(properties, inner, env) if _is_inner(properties) else env
        for resource in _listed(inner.get("resources")):
            yield from self.images(resource, own)

    def inner(self, properties: Object, inner: Object, env: Environment) -> Environment:
        """What the names of a nested deployment stand for, in the words of the outermost."""
        given = properties.get("parameters")
        values = {m.key.lower(): m.value for m in given} if isinstance(given, Object) else {}
        symbols: dict[tuple[str, str], Expr] = {}
        own = Environment(symbols, {}, functions_of(inner))
        parameters, variables = inner.get("parameters"), inner.get("variables")
        for member in parameters if isinstance(parameters, Object) else ():
            value = values.get(member.key.lower())
            said = value.get("value") if isinstance(value, Object) else None
            default = member.value.get("defaultValue") if isinstance(member.value, Object) else None
            if said is not None:
                symbols["input", member.key.lower()] = env.said(value_to_expr(said))
            elif default is not None:
                symbols["input", member.key.lower()] = Environment(symbols, {}, own.functions).said(
                    value_to_expr(default)
                )
            else:
                raise fail(
                    "arm/nested-parameter",
                    f"The nested deployment is not given its parameter {member.key}",
                    "It has no default either: Azure would refuse the deployment.",
                    member.span,
                )
        waiting = {m.key.lower(): m.value for m in variables} if isinstance(variables, Object) else {}
        for _ in range(len(waiting) + 1):  # variables may use each other, in any order
            for name, value in waiting.items():
                written = self.expander.node(value, Environment({}, {}, own.functions))
                symbols["named", name] = Environment(symbols, {}, own.functions).said(value_to_expr(written))
            if not any(
                isinstance(n, Ref) and n.kind == "named" and n.name.lower() in waiting
                for name in waiting
                for n in symbols["named", name].walk()
            ):
                break
        return Environment(symbols, env.counters, own.functions)

    # -- settling -----------------------------------------------------------------------------------------------------

    def settled(self, image: Object) -> Object:
        """The image template with its lists and objects as such, where they were expressions."""
        properties = image.get("properties")
        if not isinstance(properties, Object):
            return image
        members: list[Member] = []
        open_ends: list[Expr] = []
        for member in properties:
            value = member.value
            if member.key in (*_LISTS, *_OBJECTS) and says_expression(value):
                found = self.structure(value, member.key in _LISTS)
                open_ends += [value_to_expr(value)] if found is None else []
                value = found or value
            elif member.key in _LISTS and isinstance(value, Array):
                value = self.items(value, open_ends)
            elif member.key == "vmProfile" and isinstance(value, Object):
                value = self.machine(value)
            members.append(Member(member.key, member.key_start, member.key_end, value))
        if open_ends:
            raise self.undecided("which parts the image has", open_ends, properties.span)
        if all(a.value is b.value for a, b in zip(members, properties, strict=True)):
            return image
        made = Object(properties.file, properties.start, properties.end, tuple(members))
        self.expander.same(made, properties)
        whole = [m if m.value is not properties else Member(m.key, m.key_start, m.key_end, made) for m in image]
        result = Object(image.file, image.start, image.end, tuple(whole))
        self.expander.same(result, image)
        return result

    def machine(self, node: Object) -> Node:
        """The machine; a network that a parameter leaves out is none."""
        members: list[Member] = []
        for member in node:
            value = member.value
            if member.key == "vnetConfig" and says_expression(value):
                found = self.structure(value, False)
                if found is None and self.evaluated(value_to_expr(value), bound=True) == Literal(None):
                    continue
                value = found or value
            members.append(Member(member.key, member.key_start, member.key_end, value))
        if all(any(m.value is o.value for o in members) for m in node):
            return node
        return self.expander.same(Object(node.file, node.start, node.end, tuple(members)), node)

    def items(self, node: Array, open_ends: list[Expr]) -> Node:
        """A list, some of whose items may be expressions."""
        items: list[Node] = []
        for item in node:
            if says_expression(item):
                found = self.structure(item, False)
                open_ends += [value_to_expr(item)] if found is None else []
                items.append(found or item)
            else:
                items.append(item)
        if all(a is b for a, b in zip(items, node.items, strict=True)):
            return node
        return self.expander.same(Array(node.file, node.start, node.end, tuple(items)), node)

    def structure(self, node: Node, is_list: bool) -> Node | None:
        """What an expression makes, with parameters left in it where they decide nothing."""
        expr = value_to_expr(node)
        for bound in (False, True):
            made = self.evaluated(expr, bound)
            fits = isinstance(made, ListExpr) and all(isinstance(item, ObjectExpr) for item in made.items)
            if fits if is_list else isinstance(made, ObjectExpr):
                if bound:
                    self.diagnostics.note(
                        "arm/structure-bound",
                        "Parameters decide what parts the image has",
                        "Their values when translating are used: defaults, or what a parameters file says.",
                        node.span,
                    )
                return self.expander.nodes(made, node)
        return None

    def evaluated(self, expr: Expr, bound: bool) -> Expr:
        from bakelift.translator.plan.evaluate import evaluate
        from bakelift.translator.plan.scope import Scope
        from bakelift.translator.plan.values import to_expr

        inputs: dict[str, Value] = {}
        if bound:
            for name, default in self._defaults.items():
                try:
                    value = evaluate(default, Scope(inputs, self._named))
                except TemplateError:
                    continue
                if value.wholly_known():
                    inputs[name] = value
        named = {name: _tidy(value, bound) for name, value in self._named.items()}
        said = _cased(_tidy(expr, bound), self._named, self._defaults)
        try:
            return to_expr(evaluate(said, Scope(inputs, named)))
        except TemplateError:
            return said

    def count(self, expr: Expr) -> int | None:
        """A whole number, with what parameters are when translating."""
        found = self.evaluated(expr, bound=True)
        known = isinstance(found, Literal) and isinstance(found.value, int) and not isinstance(found.value, bool)
        return found.value if known else None  # type: ignore[attr-defined]

    def undecided(self, what: str, exprs: list[Expr], span: Span) -> Exception:
        names: list[str] = []
        waiting = list(exprs)
        while waiting:
            for node in waiting.pop().walk():
                if isinstance(node, Ref) and node.kind == "input" and node.name not in (*self._defaults, *names):
                    names.append(node.name)
                elif isinstance(node, Ref) and node.kind == "named" and node.name in self._named:
                    waiting.append(self._named[node.name])
        shown = ", ".join(names)
        who = f"parameters that have no value here: {shown}" if names else "expressions that only a deployment knows"
        return fail(
            "arm/structure", f"{what[:1].upper()}{what[1:]} depends on {who}"[:300], _WAY_OUT, span, tuple(names)
        )


def _tidy(expr: Expr, given: bool) -> Expr:
    """The expression with what is certain of unknown values: text with a constant in it is not empty, and an object
    makes a list of one. ``given``: what only the deployment can look up is taken to be there, so not empty.
    """

    def visit(node: Expr) -> Expr | None:
        if not isinstance(node, Call) or len(node.args) != 1:
            return None
        inner = node.args[0]
        if node.operation == "arm.array" and isinstance(inner, ObjectExpr):
            return ListExpr((transform(inner, visit),), node.span)
        if node.operation != "arm.empty":
            return None
        parts = inner.parts if isinstance(inner, Template) else ()
        full = any(isinstance(part, Literal) and part.value for part in parts)
        asked = any(isinstance(n, Call) and n.operation in ("arm.reference", "arm.references") for n in inner.walk())
        return Literal(False, node.span) if full or (given and asked) else None

    return transform(expr, visit)


def _cased(expr: Expr, named: Mapping[str, Expr], inputs: Mapping[str, Expr]) -> Expr:
    """References in the case in which they were declared."""
    spelling = {("named", name.lower()): name for name in named} | {("input", name.lower()): name for name in inputs}

    def visit(node: Expr) -> Expr | None:
        if isinstance(node, Ref) and (node.kind, node.name.lower()) in spelling:
            return node.but(name=spelling[node.kind, node.name.lower()])
        return None

    return transform(expr, visit)


def is_image_template(node: Object) -> bool:
    type = _type(node)
    if type:
        return type in (TEMPLATES.lower(), TEMPLATES.lower().partition("/")[0])
    properties = node.get("properties")
    return isinstance(properties, Object) and properties.get("source") is not None


def _type(node: Object) -> str:
    type = node.get("type")
    return type.value.lower() if isinstance(type, Scalar) and isinstance(type.value, str) else ""


def _listed(node: Node | None) -> list[Node]:
    """Resources, in a list or under symbolic names."""
    if isinstance(node, Object):
        return [member.value for member in node]
    return list(node) if isinstance(node, Array) else []


def _is_inner(properties: Object) -> bool:
    options = properties.get("expressionEvaluationOptions")
    scope = options.get("scope") if isinstance(options, Object) else None
    return isinstance(scope, Scalar) and str(scope.value).lower() == "inner"
