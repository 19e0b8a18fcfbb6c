"""Types of values, as go-cty has them (https://github.com/zclconf/go-cty/blob/main/docs/types.md)."""

from __future__ import annotations

from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


class Type(Record):
    """Base of all types."""

    def name(self) -> str:
        """The friendly name, as HCL's messages write it (``list of string``)."""
        raise NotImplementedError


class Primitive(Type):
    """string, number or bool."""

    word: str

    def name(self) -> str:
        return self.word


class Dynamic(Type):
    """Any type: not known yet."""

    def name(self) -> str:
        return "dynamic"


STRING = Primitive("string")
NUMBER = Primitive("number")
BOOL = Primitive("bool")
DYNAMIC = Dynamic()


class ListType(Type):
    element: Type

    def name(self) -> str:
        return f"list of {self.element.name()}"


class SetType(Type):
    element: Type

    def name(self) -> str:
        return f"set of {self.element.name()}"


class MapType(Type):
    element: Type

    def name(self) -> str:
        return f"map of {self.element.name()}"


class TupleType(Type):
    elements: tuple[Type, ...]

    def name(self) -> str:
        return "tuple"


class ObjectType(Type):
    """``optional``: attributes that may be absent (a conversion sets them to null, or to ``defaults``)."""

    attributes: Mapping[str, Type]
    optional: frozenset[str] = frozenset()

    def name(self) -> str:
        return "object"

    def __hash__(self) -> int:
        return hash(("object", *sorted(self.attributes)))
