"""A Bicep file as the document that ARM's JSON would be: what reads templates of one reads those of the other.

Values that Bicep computes are :class:`~bakelift.translator.languages.json.nodes.Computed`; what is known when the file
is read (files that it loads, loops over constants) is put in place.
"""

from __future__ import annotations

from bakelift.translator.diagnostics import TemplateError, fail
from bakelift.translator.imagebuilder.bicep_files import FILE_FUNCTIONS
from bakelift.translator.imagebuilder.bicep_types import member_type
from bakelift.translator.languages.arm.values import escaped
from bakelift.translator.languages.bicep import nodes as bicep
from bakelift.translator.languages.bicep.constants import Constants
from bakelift.translator.languages.bicep.meaning import Meaning
from bakelift.translator.languages.json.nodes import Array, Computed, Member, Object, Scalar
from bakelift.translator.plan.expressions import Call, Expr, Index, ListExpr, Literal, ObjectExpr, template

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from bakelift.translator.diagnostics import Diagnostic, SourceFile
    from bakelift.translator.languages.bicep.resources import Declared, FileNames
    from bakelift.translator.languages.json.nodes import Node

_NESTED = "microsoft.resources/deployments"

#: A loop over more than this is no list of steps or regions.
_LONGEST_LOOP = 1000


class Document:
    """Builds the document of one file. ``names``: its symbols."""

    def __init__(self, file: SourceFile, names: FileNames) -> None:
        self.file = file
        self.names = names
        self.types: dict[str, bicep.Node] = {}
        self.constants = Constants(names)

    def root(self, tree: bicep.File) -> Object:
        """``parameters``, ``variables``, ``resources`` and ``outputs``. Raises TemplateError with all errors."""
        self.types = {node.name: node.value for node in tree.statements if isinstance(node, bicep.Type)}
        parts: dict[str, list[Member]] = {"metadata": [], "parameters": [], "variables": [], "outputs": []}
        resources: list[Node] = []
        problems: list[Diagnostic] = []
        for node in tree.statements:
            try:
                if isinstance(node, bicep.Parameter):
                    parts["parameters"].append(self.member(node.name, node, self.parameter(node)))
                elif isinstance(node, bicep.Variable):
                    parts["variables"].append(self.member(node.name, node, self.value(node.value, self.meaning())))
                elif isinstance(node, bicep.Metadata):
                    parts["metadata"].append(self.member(node.name, node, self.value(node.value, self.meaning())))
                elif isinstance(node, bicep.Output):
                    parts["outputs"].append(self.member(node.name, node, self.output(node)))
                elif isinstance(node, bicep.Resource) and not node.existing:
                    resources += self.resources(self.names.resources[node.name])
            except TemplateError as problem:
                problems += problem.diagnostics
        if problems:
            raise TemplateError(*problems)
        end = len(self.file.text)
        members = [
            Member(name, 0, 0, Object(self.file, 0, end, tuple(found))) for name, found in parts.items() if found
        ]
        members.append(Member("resources", 0, 0, Array(self.file, 0, end, tuple(resources))))
        return Object(self.file, 0, end, tuple(members))

    def meaning(self) -> Meaning:
        return Meaning(self.names)

    # -- nodes --------------------------------------------------------------------------------------------------------

    def place(self, node: bicep.Node | None) -> tuple[SourceFile, int, int]:
        span = node.span if node is not None else None
        return (self.file, span.start, span.end) if span is not None else (self.file, 0, 0)

    def scalar(self, node: bicep.Node | None, value: str | int | bool | None) -> Scalar:
        return Scalar(*self.place(node), value)

    def member(self, key: str, node: bicep.Node | None, value: Node) -> Member:
        _, start, end = self.place(node)
        return Member(key, start, end, value)

    def whole(self, node: bicep.Node | None, members: Iterable[Member]) -> Object:
        return Object(*self.place(node), tuple(members))

    # -- declarations -------------------------------------------------------------------------------------------------

    def parameter(self, node: bicep.Parameter) -> Object:
        facts = {item.function: item.args for item in node.decorators}
        kind, allowed, nullable = member_type(node.type, self.types)
        if "secure" in facts:
            kind = {"string": "secureString", "object": "secureObject"}.get(kind, kind)
        members = [self.member("type", node.type or node, self.scalar(node.type, kind))]
        if node.default is not None:
            members.append(self.member("defaultValue", node.default, self.value(node.default, self.meaning())))
        elif nullable:
            members.append(self.member("nullable", node.type, self.scalar(node.type, True)))
        said = facts.get("allowed", ())
        if said:
            members.append(self.member("allowedValues", said[0], self.value(said[0], self.meaning())))
        elif allowed:
            values = tuple(self.value(item, self.meaning()) for item in allowed)
            members.append(self.member("allowedValues", node.type, Array(*self.place(node.type), values)))
        for name in ("minValue", "maxValue", "minLength", "maxLength"):
            if facts.get(name):
                members.append(self.member(name, facts[name][0], self.value(facts[name][0], self.meaning())))
        metadata = self.metadata(facts.get("description", ()), facts.get("metadata", ()))
        if metadata:
            members.append(self.member("metadata", node, self.whole(node, metadata)))
        return self.whole(node, members)

    def metadata(self, description: tuple[bicep.Node, ...], others: tuple[bicep.Node, ...]) -> list[Member]:
        """Metadata is kept as ARM's JSON has it: text of it is not escaped."""
        found: list[Member] = []
        for item in description[:1]:
            found.append(self.member("description", item, self.fact(item)))
        for other in others[:1]:
            for entry in other.entries if isinstance(other, bicep.Object) else ():
                if isinstance(entry, bicep.Entry) and isinstance(entry.key, bicep.Text):
                    found.append(self.member(entry.key.plain or "", entry, self.fact(entry.value)))
        return found

    def fact(self, node: bicep.Node) -> Node:
        plain = node.plain if isinstance(node, bicep.Text) else None
        return self.value(node, self.meaning()) if plain is None else self.scalar(node, plain)

    def output(self, node: bicep.Output) -> Object:
        kind, _, _ = member_type(node.type, self.types)
        facts = {item.function: item.args for item in node.decorators}
        if "secure" in facts:
            kind = {"string": "secureString", "object": "secureObject"}.get(kind, kind)
        value = self.value(node.value, self.meaning())
        members = [
            self.member("type", node.type, self.scalar(node.type, kind)),
            self.member("value", node.value, value),
        ]
        metadata = self.metadata(facts.get("description", ()), facts.get("metadata", ()))
        if metadata:
            members.append(self.member("metadata", node, self.whole(node, metadata)))
        return self.whole(node, members)

    # -- resources ----------------------------------------------------------------------------------------------------

    def resources(self, declared: Declared) -> list[Node]:
        """A resource, its nested ones behind it; one of a loop over what is known, once for each element."""
        node, body = declared.node, declared.node.body
        if isinstance(body, bicep.For):
            rounds = self.rounds(body, self.meaning())
            if rounds is None and not is_template(declared.type):
                return [self.repeated(declared, body), *self.nested(node)]
            if rounds is None:
                raise fail(
                    "bicep/resource-loop",
                    f"How often {node.name} is there depends on the deployment",
                    "A Plan has its images one by one: loop over a constant list, or declare each image template.",
                    getattr(node, "header", None) or node.span,
                )
            found: list[Node] = [self.resource(declared, body.body, meaning) for meaning in rounds]
        else:
            found = [self.resource(declared, body, self.meaning())]
        return found + self.nested(node)

    def nested(self, node: bicep.Node) -> list[Node]:
        children = self.names.children.get(id(node), {}).values()
        return [resource for child in children for resource in self.resources(child)]

    def repeated(self, declared: Declared, loop: bicep.For) -> Node:
        """A resource that is there as often as the deployment says, with ARM's ``copy``."""
        listed = loop.collection
        count: bicep.Node = bicep.Call("length", (listed,), None, listed.span)
        index = Call("arm.copyIndex", (), span=loop.span)
        bound: dict[str, Expr] = {loop.item: Index(self.meaning().expr(listed), index, loop.span)}
        if isinstance(listed, bicep.Call) and listed.function == "range" and listed.args[:1] == (bicep.Number(0),):
            count, bound[loop.item] = listed.args[-1], index
        if loop.index is not None:
            bound[loop.index] = index
        whole = self.resource(declared, loop.body, self.meaning().within(bound))
        assert isinstance(whole, Object)
        copy = [
            self.member("name", loop, self.scalar(loop, declared.node.name)),
            self.member("count", loop.collection, self.computed(count, self.meaning())),
        ]
        return self.whole(declared.node, [*whole.members, self.member("copy", loop, self.whole(loop, copy))])

    def resource(self, declared: Declared, body: bicep.Node, meaning: Meaning) -> Node:
        node = declared.node
        words = node.type if isinstance(node, bicep.Resource) else node.path
        members = [
            self.member("type", words, self.scalar(words, declared.type)),
            self.member("apiVersion", words, self.scalar(words, declared.version)),
        ]
        if isinstance(body, bicep.If):
            members.append(self.member("condition", body.condition, self.value(body.condition, meaning)))
            body = body.body
        for entry in body.entries if isinstance(body, bicep.Object) else ():
            if isinstance(entry, bicep.Spread):
                members += self.spread(entry, meaning)
            elif isinstance(entry, bicep.Entry) and isinstance(entry.key, bicep.Text):
                name = entry.key.plain or ""
                if name == "name":
                    members.append(self.member(name, entry, self.name(declared, entry.value, meaning)))
                elif name == "properties" and declared.type.lower() == _NESTED:
                    members.append(self.member(name, entry.key, _inner(self.value(entry.value, meaning))))
                elif name != "parent" and not (name == "scope" and isinstance(entry.value, bicep.Call)):
                    members.append(self.entry(entry, meaning))
        return self.whole(node, members)

    def name(self, declared: Declared, node: bicep.Node, meaning: Meaning) -> Node:
        """The name of a resource; of one inside another, with those of its parents before it."""
        if declared.parent is None and declared.get("parent") is None:
            return self.value(node, meaning)
        self.names.names_of(declared, meaning)  # tells of circles and unknown parents
        return Computed(
            *self.place(node),
            lambda symbols: _slashed(self.names.names_of(declared, Meaning(self.names, symbols, meaning.bound))),
        )

    def spread(self, entry: bicep.Spread, meaning: Meaning) -> list[Member]:
        known = self.constants.of(meaning.expr(entry.value))
        if not isinstance(known, ObjectExpr):
            detail = "What a resource consists of has to be known when the file is read: write its properties out."
            raise fail("bicep/spread", "The parts of a resource depend on the deployment", detail, entry.span)
        whole = self.known(entry, known)
        return list(whole.members) if isinstance(whole, Object) else []

    # -- values -------------------------------------------------------------------------------------------------------

    def value(self, node: bicep.Node, meaning: Meaning) -> Node:
        """The JSON value of an expression, with the structure that is known."""
        if isinstance(node, bicep.Text) and node.plain is not None:
            return self.scalar(node, escaped(node.plain))
        if isinstance(node, (bicep.Word, bicep.Number)):
            return self.scalar(node, node.value)
        if isinstance(node, bicep.Object) and all(isinstance(entry, bicep.Entry) for entry in node.entries):
            entries = [entry for entry in node.entries if isinstance(entry, bicep.Entry)]
            return self.whole(node, [self.entry(entry, meaning) for entry in entries])
        if isinstance(node, bicep.Array) and all(isinstance(item, bicep.Item) for item in node.items):
            items = [self.value(item.value, meaning) for item in node.items if isinstance(item, bicep.Item)]
            return Array(*self.place(node), tuple(items))
        if isinstance(node, bicep.For):
            rounds = self.rounds(node, meaning)
            if rounds is not None:
                return Array(*self.place(node), tuple(self.value(node.body, inner) for inner in rounds))
        if any(isinstance(part, bicep.Call) and part.function in FILE_FUNCTIONS for part in node.walk()):
            known = self.constants.of(meaning.expr(node))
            if known is not None:
                return self.known(node, known)
        return self.computed(node, meaning)

    def computed(self, node: bicep.Node, meaning: Meaning) -> Computed:
        meaning.expr(node)  # tells of unknown names where they stand, before anybody asks for the value
        return Computed(
            *self.place(node),
            lambda symbols: Meaning(self.names, symbols, meaning.bound).expr(node),
        )

    def entry(self, entry: bicep.Entry, meaning: Meaning) -> Member:
        assert isinstance(entry.key, bicep.Text)
        value = self.value(entry.value, meaning)
        plain = entry.key.plain
        if plain is None:
            key = meaning.key(entry.key)
            if isinstance(key, Literal):
                return self.member(escaped(str(key.value)), entry.key, value)
            from bakelift.translator.languages.arm.printer import Unprintable, print_arm

            try:
                return self.member(f"[{print_arm(key)}]", entry.key, value)
            except Unprintable as problem:
                raise fail("bicep/expression", "A key cannot be read", problem.reason, entry.key.span) from None
        return self.member(escaped(plain), entry.key, value)

    def known(self, node: bicep.Node, value: Expr) -> Node:
        """A constant as JSON, all of it at the place of its expression."""
        if isinstance(value, ListExpr):
            return Array(*self.place(node), tuple(self.known(node, item) for item in value.items))
        if isinstance(value, ObjectExpr):
            members = []
            for key, item in value.entries:
                assert isinstance(key, Literal)
                members.append(self.member(escaped(str(key.value)), node, self.known(node, item)))
            return self.whole(node, members)
        assert isinstance(value, Literal)
        plain = value.value
        return Scalar(*self.place(node), escaped(plain) if isinstance(plain, str) else plain)

    # -- constants ----------------------------------------------------------------------------------------------------

    def rounds(self, loop: bicep.For, meaning: Meaning) -> list[Meaning] | None:
        """What a loop's variables stand for, round by round; None where only the deployment knows."""
        items = self.constants.of(meaning.expr(loop.collection))
        if not isinstance(items, ListExpr):
            return None
        if len(items.items) > _LONGEST_LOOP:
            raise fail("bicep/resource-loop", f"A loop has more than {_LONGEST_LOOP} rounds", span=loop.span)
        found = []
        for number, item in enumerate(items.items):
            bound = {loop.item: item}
            if loop.index is not None:
                bound[loop.index] = Literal(number)
            found.append(meaning.within(bound))
        return found


def _inner(properties: Node) -> Node:
    """A nested deployment that evaluates its own expressions: to Bicep they are text, to ARM they are not."""
    options = properties.get("expressionEvaluationOptions") if isinstance(properties, Object) else None
    scope = options.get("scope") if isinstance(options, Object) else None
    if not isinstance(scope, Scalar) or str(scope.value).lower() != "inner":
        return properties
    assert isinstance(properties, Object)
    members = [
        Member(m.key, m.key_start, m.key_end, _plain(m.value) if m.key == "template" else m.value) for m in properties
    ]
    return Object(properties.file, properties.start, properties.end, tuple(members))


def _plain(node: Node) -> Node:
    """A value whose texts are not escaped."""
    if isinstance(node, Object):
        members = (Member(_bare(m.key), m.key_start, m.key_end, _plain(m.value)) for m in node)
        return Object(node.file, node.start, node.end, tuple(members))
    if isinstance(node, Array):
        return Array(node.file, node.start, node.end, tuple(_plain(item) for item in node))
    if isinstance(node, Scalar) and isinstance(node.value, str):
        return Scalar(node.file, node.start, node.end, _bare(node.value))
    return node


def _bare(text: str) -> str:
    return text[1:] if text.startswith("[[") and text.endswith("]") else text


def _slashed(names: list[Expr]) -> Expr:
    parts = [part for name in names for part in (Literal("/"), name)]
    return template(parts[1:])


def is_template(type: str) -> bool:
    return type.lower() == "microsoft.virtualmachineimages/imagetemplates"
