"""Type constraints: what constructors such as ``list(string)`` say, and the constraint that says a type."""

from __future__ import annotations

from bakelift.translator.diagnostics import fail
from bakelift.translator.plan.expressions import Call, Expr, ListExpr, Literal, ObjectExpr, Ref
from bakelift.translator.plan.types import ListType, MapType, ObjectType, Primitive, SetType, TupleType, type_from_expr

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.plan.types import Type

_COLLECTIONS = {"list": ListType, "set": SetType, "map": MapType}


def constructed(expr: Expr) -> Type:
    """The type that a constraint says that is not a word alone. Raises TemplateError."""
    if isinstance(expr, Ref):
        if expr.name in _COLLECTIONS or expr.name in {"object", "tuple"}:
            detail = f"The {expr.name} type constructor requires one argument: {_ARGUMENTS[expr.name]}."
            raise fail("hcl/type", "Invalid type specification", detail, expr.span)
        raise fail(
            "hcl/type",
            "Invalid type specification",
            f'The keyword "{expr.name}" is not a valid type specification.',
            expr.span,
        )
    if not isinstance(expr, Call):
        detail = (
            "A type specification is either a primitive type keyword (bool, number, string) or a complex type "
            "constructor call, like list(string)."
        )
        raise fail("hcl/type", "Invalid type specification", detail, expr.span)
    return _constructed(expr)


_ARGUMENTS = {
    "list": "the element type",
    "set": "the element type",
    "map": "the element type",
    "object": "a map of attribute names to types",
    "tuple": "a list of element types",
}


def _constructed(expr: Call) -> Type:
    name = expr.operation.removeprefix("unknown:")
    if name == "optional":
        detail = 'Keyword "optional" is valid only as a modifier for object type attributes.'
        raise fail("hcl/type", "Invalid type specification", detail, expr.span)
    if name not in _ARGUMENTS:
        detail = f'Keyword "{name}" is not a valid type constructor.'
        raise fail("hcl/type", "Invalid type specification", detail, expr.span)
    if len(expr.args) != 1 or expr.expand:
        detail = f"The {name} type constructor requires one argument: {_ARGUMENTS[name]}."
        raise fail("hcl/type", "Invalid type specification", detail, expr.span)
    argument = expr.args[0]
    if name in _COLLECTIONS:
        return _COLLECTIONS[name](type_from_expr(argument))
    if name == "tuple":
        if not isinstance(argument, ListExpr):
            detail = "Tuple type constructor requires a list of element types."
            raise fail("hcl/type", "Invalid type specification", detail, argument.span)
        return TupleType(tuple(type_from_expr(item) for item in argument.items))
    if not isinstance(argument, ObjectExpr):
        detail = "Object type constructor requires a map whose keys are attribute names and whose values are types."
        raise fail("hcl/type", "Invalid type specification", detail, argument.span)
    return _object(argument)


def _object(argument: ObjectExpr) -> ObjectType:
    attributes: dict[str, Type] = {}
    optional: set[str] = set()
    defaults: dict[str, object] = {}
    for key, value in argument.entries:
        if not isinstance(key, Literal) or not isinstance(key.value, str):
            detail = "Object constructor map keys must be attribute names."
            raise fail("hcl/type", "Invalid type specification", detail, key.span)
        if key.value in attributes:
            detail = "Object constructor map keys must be unique."
            raise fail("hcl/type", "Invalid type specification", detail, key.span)
        if isinstance(value, Call) and value.operation.removeprefix("unknown:") == "optional":
            if len(value.args) not in {1, 2}:
                detail = "Optional attribute modifier expects the attribute type, and may be given a default value."
                raise fail("hcl/type", "Invalid type specification", detail, value.span)
            optional.add(key.value)
            attributes[key.value] = type_from_expr(value.args[0])
            if len(value.args) == 2:
                defaults[key.value] = _default(value.args[1], attributes[key.value])
        else:
            attributes[key.value] = type_from_expr(value)
    return ObjectType({k: attributes[k] for k in sorted(attributes)}, frozenset(optional), defaults)


def _default(expr: Expr, type: Type) -> object:
    # Evaluation stands above types; only a default value needs it here.
    from bakelift.translator.plan.convert import convert
    from bakelift.translator.plan.evaluate import evaluate
    from bakelift.translator.plan.scope import Scope
    from bakelift.translator.plan.types import ConversionError

    for node in expr.walk():
        if isinstance(node, Call) and node.span is not None and "(" in node.span.text:
            raise fail("hcl/type", "Function calls not allowed", "Functions may not be called here.", node.span)
    value = evaluate(expr, Scope())
    if not value.wholly_known():
        detail = "The default value of an optional attribute must be constant."
        raise fail("hcl/type", "Invalid default value for optional attribute", detail, expr.span)
    try:
        return convert(value, type)
    except ConversionError as error:
        detail = f"This default value is not compatible with the attribute's type constraint: {error}."
        raise fail("hcl/type", "Invalid default value for optional attribute", detail, expr.span) from None


def type_to_expr(type: Type) -> Expr:
    """The type constraint of a type, as the HCL parser would read it."""
    if isinstance(type, Primitive):
        return Ref("name", type.word)
    if isinstance(type, (ListType, SetType, MapType)):
        word = next(w for w, kind in _COLLECTIONS.items() if isinstance(type, kind))
        return Call(f"unknown:{word}", (type_to_expr(type.element),))
    if isinstance(type, TupleType):
        return Call("unknown:tuple", (ListExpr(tuple(type_to_expr(t) for t in type.elements)),))
    if isinstance(type, ObjectType):
        entries = tuple((Literal(k), _attribute(type, k)) for k in type.attributes)
        return Call("unknown:object", (ObjectExpr(entries),))
    return Ref("name", "any")


def _attribute(type: ObjectType, name: str) -> Expr:
    of = type_to_expr(type.attributes[name])
    if name not in type.optional:
        return of
    if name not in type.defaults:
        return Call("unknown:optional", (of,))
    from bakelift.translator.plan.values import to_expr

    return Call("unknown:optional", (of, to_expr(type.defaults[name])))  # type: ignore[arg-type]


def type_to_text(type: Type) -> str:
    """The type constraint of a type in HCL, on one line: ``object({ a = string, b = optional(number, 3) })``."""
    if isinstance(type, Primitive):
        return type.word
    if isinstance(type, (ListType, SetType, MapType)):
        word = next(w for w, kind in _COLLECTIONS.items() if isinstance(type, kind))
        return f"{word}({type_to_text(type.element)})"
    if isinstance(type, TupleType):
        return f"tuple([{', '.join(type_to_text(t) for t in type.elements)}])"
    if isinstance(type, ObjectType):
        if not type.attributes:
            return "object({})"
        return "object({ " + ", ".join(f"{_key(k)} = {_attribute_text(type, k)}" for k in type.attributes) + " })"
    return "any"


def _key(name: str) -> str:
    import json

    return name if name.replace("-", "_").isidentifier() and not name.startswith("-") else json.dumps(name)


def _attribute_text(type: ObjectType, name: str) -> str:
    of = type_to_text(type.attributes[name])
    if name not in type.optional:
        return of
    if name not in type.defaults:
        return f"optional({of})"
    from bakelift.translator.plan.json_text import value_to_json_text

    # JSON of a constant is HCL too, but for the introducers of templates.
    default = value_to_json_text(type.defaults[name]).replace("${", "$${").replace("%{", "%%{")  # type: ignore[arg-type]
    return f"optional({of}, {default})"
