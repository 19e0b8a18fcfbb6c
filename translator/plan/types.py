"""Types of values, as go-cty has them (https://github.com/zclconf/go-cty/blob/main/docs/types.md)."""

from __future__ import annotations

from bakelift.translator.plan.expressions import Ref
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from bakelift.translator.plan.expressions import Expr


class Type(Record):
    """Base of all types."""

    def name(self) -> str:
        """The friendly name, as HCL's messages write it (``list of string``)."""
        raise NotImplementedError

    def constraint_name(self) -> str:
        """The friendly name of a type that is asked for (``any type`` instead of ``dynamic``)."""
        return self.name()


class Primitive(Type):
    """string, number or bool."""

    word: str

    def name(self) -> str:
        return self.word


class Dynamic(Type):
    """Any type: not known yet."""

    def name(self) -> str:
        return "dynamic"

    def constraint_name(self) -> str:
        return "any type"


STRING = Primitive("string")
NUMBER = Primitive("number")
BOOL = Primitive("bool")
DYNAMIC = Dynamic()


class ListType(Type):
    element: Type

    def name(self) -> str:
        return f"list of {self.element.name()}"

    def constraint_name(self) -> str:
        return f"list of {self.element.constraint_name()}"


class SetType(Type):
    element: Type

    def name(self) -> str:
        return f"set of {self.element.name()}"

    def constraint_name(self) -> str:
        return f"set of {self.element.constraint_name()}"


class MapType(Type):
    element: Type

    def name(self) -> str:
        return f"map of {self.element.name()}"

    def constraint_name(self) -> str:
        return f"map of {self.element.constraint_name()}"


class TupleType(Type):
    elements: tuple[Type, ...]

    def name(self) -> str:
        return "tuple"


class ObjectType(Type):
    """``optional``: attributes that may be absent (a conversion sets them to null, or to ``defaults``: Values)."""

    attributes: Mapping[str, Type]
    optional: frozenset[str] = frozenset()
    defaults: Mapping[str, object] = {}

    def name(self) -> str:
        return "object"

    def __hash__(self) -> int:
        return hash(("object", *sorted(self.attributes)))


def has_dynamic(type: Type) -> bool:
    """Whether some part of a type is not known."""
    if isinstance(type, Dynamic):
        return True
    if isinstance(type, (ListType, SetType, MapType)):
        return has_dynamic(type.element)
    if isinstance(type, TupleType):
        return any(has_dynamic(t) for t in type.elements)
    return isinstance(type, ObjectType) and any(has_dynamic(t) for t in type.attributes.values())


def settled(type: Type) -> Type:
    """A target type without its conversion hints: what a value's type may be."""
    if isinstance(type, ObjectType) and type.optional:
        return ObjectType({k: settled(t) for k, t in type.attributes.items()})
    return type


_WORDS: dict[str, Type] = {"string": STRING, "number": NUMBER, "bool": BOOL, "any": DYNAMIC}


def type_from_expr(expr: Expr) -> Type:
    """The type that a type constraint says: ``string``, ``list(string)``, ``object({a = optional(number, 3)})``.

    Takes the tree of the HCL parser: words are Refs, constructors calls. Raises TemplateError (``hcl/type``).
    """
    if isinstance(expr, Ref) and expr.name in _WORDS:
        return _WORDS[expr.name]
    from bakelift.translator.plan.type_constraints import constructed

    return constructed(expr)


class ConversionError(ValueError):
    """A value does not fit a type; the message (``string required``) has no full stop: HCL embeds it in a sentence."""
