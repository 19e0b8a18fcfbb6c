"""What operations on lists, maps and sets do with elements: some may be unknown, and a list's share one type."""

from __future__ import annotations

from bakelift.translator.plan.convert import assume
from bakelift.translator.plan.operations.failure import NotKnownError, OperationError
from bakelift.translator.plan.types import DYNAMIC, ConversionError, Dynamic, ListType
from bakelift.translator.plan.unify import unify
from bakelift.translator.plan.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from bakelift.translator.plan.types import Type


def list_of(items: Iterable[Value], element: Type | None = None) -> Value:
    """A list of what all elements can be, where the type is not given; of mixed ones the type stays open."""
    row = tuple(items)
    if element is None or isinstance(element, Dynamic):
        element = unify([v.type for v in row]) or DYNAMIC
    return Value(ListType(element), row)


def require_known(*values: Value) -> None:
    if not all(v.known for v in values):
        raise NotKnownError


def converted(value: Value, type: Type) -> Value:
    """As the type that a collection's elements share; OperationError where it cannot be."""
    try:
        return assume(value, type)
    except ConversionError as error:
        raise OperationError(str(error)) from None
