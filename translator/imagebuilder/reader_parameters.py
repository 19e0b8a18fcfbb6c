"""Parameters and variables of a deployment template, as inputs and named values of a Plan."""

from __future__ import annotations

from bakelift.translator.diagnostics import fail
from bakelift.translator.imagebuilder.parameters import (
    DESCRIPTIONS,
    ORIGINAL_NAME,
    UNIQUE_ID_DEFAULT,
    build_time_default,
)
from bakelift.translator.imagebuilder.placeholders import Placeholders
from bakelift.translator.languages.arm import Symbols, kind_of, value_to_expr
from bakelift.translator.languages.json.nodes import Object, Scalar
from bakelift.translator.plan.expressions import Call, Expr, Literal, Ref, Template, transform
from bakelift.translator.plan.model import Input, NamedValue
from bakelift.translator.plan.types import BOOL, DYNAMIC, NUMBER, STRING, ListType, MapType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.imagebuilder.reader_leaves import LeafTable
    from bakelift.translator.languages.json.nodes import Member, Node
    from bakelift.translator.plan.types import Type

_TYPES: dict[str, Type] = {
    "string": STRING,
    "securestring": STRING,
    "int": NUMBER,
    "bool": BOOL,
    "array": ListType(DYNAMIC),
    "object": MapType(DYNAMIC),
    "secureobject": MapType(DYNAMIC),
}

#: Own parameters of the writer, by their words: what they stand for in a Plan.
_OWN_WORDS = {words: key for key, words in DESCRIPTIONS.items()}
_DEFAULTS = {"buildTime": build_time_default(), "uniqueId": UNIQUE_ID_DEFAULT}


class Parameters:
    """What a template's parameters and variables are. ``own``: parameters that the writer made: name → what for.

    ``notes``: metadata of own parameters, by name.
    """

    def __init__(self, template: Object, leaves: LeafTable) -> None:
        self.leaves = leaves
        self.own: dict[str, str] = {}
        self.notes: dict[str, dict[str, str]] = {}
        self.inputs: list[Input] = []
        self.named: list[NamedValue] = []
        self.symbols = Symbols()
        self.spelling: dict[tuple[str, str], str] = {}
        #: References to what the template does not declare.
        self.unknown: list[Ref] = []
        parameters = template.get("parameters")
        for member in parameters if isinstance(parameters, Object) else ():
            self.spelling["input", member.key.lower()] = member.key  # a default may name any of them
            self._own_parameter(member)
        for member in parameters if isinstance(parameters, Object) else ():
            if member.key not in self.own:
                self._parameter(member)
        variables = template.get("variables")
        for member in variables if isinstance(variables, Object) else ():
            self.spelling["named", member.key.lower()] = member.key
        for member in variables if isinstance(variables, Object) else ():
            value = self.expr(member.value)
            self.symbols.types["named", member.key] = kind_of(value, self.symbols)
            self.named.append(NamedValue(member.key, value, span=member.span, leaves=leaves.of(member.value)))

        taken = [item.name for item in self.inputs] + list(self.own)
        self.placeholders = Placeholders(taken)
        #: Scripts of the images that were read, by path: those of one must not take the place of another's.
        self.files: dict[str, bytes] = {}

    def expr(self, node: Node) -> Expr:
        """What a value of the template says, in the Plan's words."""
        return self.plain(value_to_expr(node, self.symbols))

    def plain(self, expr: Expr) -> Expr:
        """References spelled as they were declared; what the writer made for the clock is the clock again."""

        def visit(node: Expr) -> Expr | None:
            text = node.parts[0] if isinstance(node, Template) and len(node.parts) == 1 else node
            if isinstance(text, Call) and text.operation == "arm.dateTimeToEpoch" and self._is_clock(text.args):
                return Call("go.timestamp", (), span=node.span)
            if isinstance(node, Template) and len(node.parts) == 1 and kind_of(node.parts[0], self.symbols) == STRING:
                return self.plain(node.parts[0])
            if not isinstance(node, Ref) or node.kind not in ("input", "named"):
                return None
            name = self.spelling.get((node.kind, node.name.lower()), node.name)
            known = (node.kind, node.name.lower()) in self.spelling or name in self.own
            if not known and node.kind in ("input", "named"):
                self.unknown.append(node)
            made = self.own.get(name) if node.kind == "input" else None
            if made == "buildTime":
                return Call("timestamp", (), span=node.span)
            if made == "uniqueId":
                return Call("uuidv4", (), span=node.span)
            return node if name == node.name else Ref(node.kind, name, node.span)

        return transform(expr, visit)

    def for_packer(self, name: str, words: str) -> Ref:
        """A new required input for what Packer has to be told and Image Builder does not."""
        taken = {item.name.lower() for item in self.inputs} | {own.lower() for own in self.own}
        found, number = name, 2
        while found.lower() in taken:
            found, number = f"{name}_{number}", number + 1
        self.inputs.append(Input(found, STRING, None, words))
        return Ref("input", found)

    def _is_clock(self, args: tuple[Expr, ...]) -> bool:
        return len(args) == 1 and self.made_for(args[0]) == "buildTime"

    def made_for(self, expr: Expr | None) -> str:
        """What the writer made a parameter for, when the expression is just that parameter; else ""."""
        return self.own.get(expr.name, "") if isinstance(expr, Ref) and expr.kind == "input" else ""

    def _own_parameter(self, member: Member) -> None:
        """Notes a parameter that the writer makes itself, as long as it still is what the writer makes."""
        if not isinstance(member.value, Object):
            return
        facts = _facts(member.value)
        words = facts.get("description")
        key = _OWN_WORDS.get(words) if isinstance(words, str) else None
        if key is not None and self._as_written(key, member.value):
            self.own[member.key] = key
            self.notes[member.key] = {name: str(value) for name, value in facts.items()}
            self.symbols.types["input", member.key] = STRING

    def _parameter(self, member: Member) -> None:
        body = member.value
        if not isinstance(body, Object):
            raise fail("arm/parameter", f"parameter {member.key} is no object", span=member.span)
        kind = _text(body.get("type")) or ""
        type = _TYPES.get(kind.lower())
        if type is None:
            raise fail("arm/parameter-type", f"parameter {member.key} has no type that ARM knows", span=member.span)
        facts = _facts(body)
        name = str(facts.get(ORIGINAL_NAME, member.key))
        self.spelling["input", member.key.lower()] = name
        self._input(name, member, body, type, facts)

    def _as_written(self, key: str, body: Object) -> bool:
        """Whether a parameter still is what the writer makes. The region is an input like any other."""
        default = body.get("defaultValue")
        if key in _DEFAULTS:
            return default is not None and value_to_expr(default) == _DEFAULTS[key]
        return key != "location"

    def _input(self, name: str, member: Member, body: Object, type: Type, facts: dict[str, object]) -> None:
        declared = facts.get("type")
        if isinstance(declared, str):
            type = _declared(declared) or type
        self.symbols.types["input", member.key] = self.symbols.types["input", name] = type
        default, allowed = body.get("defaultValue"), body.get("allowedValues")
        pinned = self.expr(default) if "frozen" in facts and default is not None else None
        if pinned is not None:
            metadata = body.get("metadata")
            default, allowed = metadata.get("declaredDefault") if isinstance(metadata, Object) else None, None
        elif default is None and isinstance(metadata := body.get("metadata"), Object):
            default = metadata.get("declaredDefault")
        value = self.expr(default) if default is not None else None
        variable = facts.get("environmentVariable")
        if value is None and isinstance(variable, str):
            value = Call("env", (Literal(variable),), span=member.span)
        words = facts.get("description")
        self.inputs.append(
            Input(
                name=name,
                type=type,
                default=value,
                description=words if isinstance(words, str) else None,
                sensitive=(_text(body.get("type")) or "").lower().startswith("secure"),
                allowed=self.expr(allowed) if allowed is not None else _declared_allowed(facts),
                pinned=pinned,
                span=member.span,
                leaves=self.leaves.of(body),
            )
        )


def _facts(body: Object) -> dict[str, object]:
    metadata = body.get("metadata")
    members = metadata if isinstance(metadata, Object) else ()
    return {m.key: m.value.value for m in members if isinstance(m.value, Scalar)}


def _text(node: Node | None) -> str | None:
    return node.value if isinstance(node, Scalar) and isinstance(node.value, str) else None


def _declared_allowed(facts: dict[str, object]) -> Expr | None:
    """The allowed values that a frozen parameter was declared with."""
    import json

    from bakelift.translator.plan.values import from_python, to_expr

    text = facts.get("declaredAllowed")
    try:
        return to_expr(from_python(json.loads(text))) if isinstance(text, str) else None
    except ValueError:
        return None


def _declared(text: str) -> Type | None:
    """A type constraint that the writer kept in the metadata."""
    from bakelift.translator.diagnostics import TemplateError
    from bakelift.translator.languages.hcl.parser import parse_expression
    from bakelift.translator.plan.types import type_from_expr

    try:
        return type_from_expr(parse_expression(text))
    except TemplateError:
        return None
