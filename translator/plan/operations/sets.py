"""Sets, and products of sets or lists."""

from __future__ import annotations

from math import prod

from bakelift.translator.plan.operations.control import equals
from bakelift.translator.plan.operations.elements import converted
from bakelift.translator.plan.operations.failure import ArgumentError, OperationError
from bakelift.translator.plan.types import DYNAMIC, ListType, SetType
from bakelift.translator.plan.unify import unify
from bakelift.translator.plan.values import Value, is_sequence, set_of, tuple_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.plan.types import Type

#: Of a product: each element is a list itself.
MOST_ROWS = 50_000


def set_union(*sets: Value) -> Value:
    element, rows = _sets(sets)
    return set_of(element, (item for row in rows for item in row))


def set_intersection(*sets: Value) -> Value:
    element, rows = _sets(sets)
    kept = [v for v in rows[0] if all(any(equals(v, other) for other in row) for row in rows[1:])]
    return set_of(element, kept)


def _sets(sets: tuple[Value, ...]) -> tuple[Type, list[tuple[Value, ...]]]:
    """The common element type, and the elements of each set converted to it."""
    kinds = [v.type.element for v in sets if isinstance(v.type, SetType) and v.elements()]
    element = unify(kinds) if kinds else DYNAMIC
    if element is None:
        raise OperationError("given sets must all have compatible element types")
    return element, [tuple(converted(item, element) for item in v.elements()) for v in sets]


def set_product(*sets: Value) -> Value:
    if len(sets) < 2:
        raise OperationError("at least two arguments are required")
    for position, value in enumerate(sets):
        if not is_sequence(value.type):
            raise ArgumentError(position, "a set or a list is required")
    rows: list[tuple[Value, ...]] = [()]
    total = prod(len(value.elements()) for value in sets)
    if total > MOST_ROWS:
        raise OperationError(f"the product would have {total:,} elements; {MOST_ROWS:,} are the most")
    for value in sets:
        common = unify([v.type for v in value.elements()]) if value.elements() else DYNAMIC
        if common is None:
            raise OperationError("all set elements must have compatible types")
        rows = [(*row, converted(item, common)) for row in rows for item in value.elements()]
    tuples = [tuple_of(row) for row in rows]
    if all(isinstance(v.type, SetType) for v in sets):
        return set_of(tuples[0].type if tuples else DYNAMIC, tuples)
    return Value(ListType(tuples[0].type if tuples else DYNAMIC), tuple(tuples))
