"""Lists and tuples, and what is asked of any collection. Elements may be unknown: what needs to look at them gives up
with NotKnownError.
"""

from __future__ import annotations

from bakelift.translator.plan.convert import assume
from bakelift.translator.plan.operations.control import equals
from bakelift.translator.plan.operations.elements import converted, list_of, require_known
from bakelift.translator.plan.operations.failure import ArgumentError, NotKnownError, OperationError
from bakelift.translator.plan.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    ConversionError,
    Dynamic,
    ListType,
    MapType,
    ObjectType,
    SetType,
    TupleType,
)
from bakelift.translator.plan.unify import unify
from bakelift.translator.plan.values import Value, is_sequence, tuple_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def _like(source: Value, items: Iterable[Value]) -> Value:
    """A list of a list's or set's elements, a tuple of a tuple's."""
    if isinstance(source.type, (ListType, SetType)):
        return list_of(items, source.type.element)
    return tuple_of(items)


def length(value: Value) -> Value:
    raw = value.raw
    if isinstance(raw, str):
        from bakelift.translator.plan.operations.graphemes import count

        return Value(NUMBER, count(raw))
    if isinstance(raw, (tuple, dict)):
        return Value(NUMBER, len(raw))
    raise ArgumentError(0, "the argument must be a string, a collection, or a structural type")


def all_true(items: list[bool | None]) -> bool:
    return all(items)


def any_true(items: list[bool | None]) -> bool:
    return any(items)


def chunk_list(sequence: Value, size: Value) -> Value:
    step = size.raw
    if not isinstance(step, int):
        raise ArgumentError(1, "invalid size: value must be a whole number")
    if step < 0:
        raise ArgumentError(1, "the size argument must be positive")
    items = sequence.elements()
    inner = sequence.type
    if not items:
        return Value(ListType(inner), ())
    rows = [items] if step == 0 else [items[at : at + step] for at in range(0, len(items), step)]
    return Value(ListType(inner), tuple(Value(inner, row) for row in rows))


def coalesce(*vals: Value) -> Value:
    """The first that is neither null nor "" (Packer's own; go-cty's takes "")."""
    if not vals:
        raise OperationError("at least one argument is required")
    common = unify([v.type for v in vals if not (v.null and isinstance(v.type, Dynamic))] or [DYNAMIC])
    if common is None:
        raise OperationError("all arguments must have the same type")
    for value in vals:
        require_known(value)
        if value.null or value.raw == "":
            continue
        if isinstance(common, Dynamic) and value.type != STRING and not all(v.known for v in vals):
            # The type of what is not known yet may turn a number into text.
            raise NotKnownError
        return converted(value, common)
    raise OperationError("no non-null, non-empty-string arguments")


def coalesce_list(*vals: Value) -> Value:
    if not vals:
        raise OperationError("at least one argument is required")
    for position, value in enumerate(vals):
        if not (value.null or isinstance(value.type, Dynamic) or is_sequence(value.type)):
            raise ArgumentError(position, "coalescelist arguments must be lists or tuples")
    for value in vals:
        require_known(value)
        if value.elements():
            return value
    raise OperationError("no non-null arguments")


def compact(sequence: Value) -> Value:
    items = sequence.elements()
    require_known(*items)
    return list_of((v for v in items if not v.null and v.raw != ""), STRING)


def concat(*seqs: Value) -> Value:
    if not seqs:
        raise OperationError("at least one argument is required")
    for position, value in enumerate(seqs):
        if not isinstance(value.type, (ListType, TupleType)):
            raise ArgumentError(position, "all arguments must be lists or tuples; got " + value.type.name())
    items = [item.marked(seq.marks) for seq in seqs for item in seq.elements()]
    if all(isinstance(v.type, ListType) for v in seqs):
        common = unify([v.type for v in seqs])
        if isinstance(common, ListType):
            return list_of((converted(item, common.element) for item in items), common.element)
    return tuple_of(items)


def contains(sequence: Value, value: Value) -> Value:
    if not is_sequence(sequence.type) and not isinstance(sequence.type, Dynamic):
        raise ArgumentError(0, "argument must be list, tuple, or set")
    require_known(sequence)
    undecided = False
    marks = value.all_marks()
    wanted = value
    if isinstance(sequence.type, (ListType, SetType)):
        try:
            wanted = assume(value, sequence.type.element)
        except ConversionError:
            return Value(BOOL, False, marks | sequence.all_marks())
    for item in sequence.elements():
        marks |= item.all_marks()
        same = equals(item, wanted)
        if same:
            return Value(BOOL, True, sequence.all_marks() | marks)
        undecided = undecided or same is None
    if undecided:
        raise NotKnownError
    return Value(BOOL, False, marks)


def distinct(sequence: Value) -> Value:
    kept: list[Value] = []
    for item in sequence.elements():
        if not any(equals(item, other) for other in kept):
            kept.append(item)
    return _like(sequence, kept)


def element(sequence: Value, index: Value) -> Value:
    if not is_sequence(sequence.type) or isinstance(sequence.type, SetType):
        raise ArgumentError(0, f"cannot read elements from {sequence.type.name()}")
    at = index.raw
    items = sequence.elements()
    if not isinstance(at, int):
        raise ArgumentError(1, "invalid index: value must be a whole number")
    if at < 0:
        raise OperationError("cannot use element function with a negative index")
    if not items:
        raise OperationError("cannot use element function with an empty list")
    return items[at % len(items)]


def flatten(sequence: Value) -> Value:
    if not is_sequence(sequence.type):
        raise OperationError("can only flatten lists, sets and tuples")
    return tuple_of(_flat(sequence))


def _flat(value: Value) -> Iterable[Value]:
    for item in value.elements():
        if not item.known and not isinstance(item.type, (type(STRING), ObjectType, MapType)):
            # It may be a list itself.
            raise NotKnownError
        if is_sequence(item.type) and not item.null:
            for inner in _flat(item):
                yield inner.marked(item.marks)
        else:
            yield item


def index(sequence: Value, value: Value) -> Value:
    if not isinstance(sequence.type, (ListType, TupleType, Dynamic)):
        raise OperationError("argument must be a list or tuple")
    require_known(sequence)
    items = sequence.elements()
    if not items:
        raise OperationError("cannot search an empty list")
    for position, item in enumerate(items):
        same = equals(item, value)
        if same is None:
            raise NotKnownError
        if same:
            return Value(NUMBER, position, sequence.all_marks() | value.all_marks())
    raise OperationError("item not found")


def number_range(*params: int) -> Value:
    from bakelift.translator.plan.operations.numbers import add

    if not 1 <= len(params) <= 3:
        raise OperationError("must have one, two, or three arguments")
    start, end = (0, params[0]) if len(params) == 1 else params[:2]
    step = params[2] if len(params) == 3 else (-1 if end < start else 1)
    if step == 0:
        raise ArgumentError(2, "step must not be zero")
    if step > 0 and end < start:
        raise ArgumentError(1, "end must be greater than start when step is positive")
    if step < 0 and end > start:
        raise ArgumentError(1, "end must be less than start when step is negative")
    items: list[Value] = []
    at = start
    while (at < end) if step > 0 else (at > end):
        if len(items) >= 1024:
            message = "either decrease the difference between start and end or use a smaller step"
            raise OperationError(f"more than 1024 values were generated; {message}")
        items.append(Value(NUMBER, at))
        at = add(at, step)  # type: ignore[assignment]
    return Value(ListType(NUMBER), tuple(items))


def reverse(sequence: Value) -> Value:
    if not is_sequence(sequence.type):
        raise ArgumentError(0, f"can only reverse list or tuple values, not {sequence.type.name()}")
    return _like(sequence, reversed(sequence.elements()))


def slice_list(sequence: Value, start_index: Value, end_index: Value) -> Value:
    if not isinstance(sequence.type, (ListType, TupleType)):
        if isinstance(sequence.type, SetType):
            message = "explicitly convert to a list if the ordering of the result is not important"
            raise ArgumentError(0, f"cannot slice a set, because its elements do not have indices; {message}")
        raise ArgumentError(0, f"must be a list or tuple value, but got {sequence.type.name()}")
    items = sequence.elements()
    bounds = []
    for position, bound in ((1, start_index.raw), (2, end_index.raw)):
        name = "start" if position == 1 else "end"
        if not isinstance(bound, int):
            raise ArgumentError(position, f"invalid {name} index: value must be a whole number")
        bounds.append(bound)
    start, end = bounds
    if start < 0:
        raise ArgumentError(1, "start index must not be less than zero")
    if start > len(items):
        raise ArgumentError(1, "start index must not be greater than the length of the list")
    if end < 0:
        raise ArgumentError(2, "end index must not be less than zero")
    if end > len(items):
        raise ArgumentError(2, "end index must not be greater than the length of the list")
    if start > end:
        raise ArgumentError(1, "start index must not be greater than end index")
    return _like(sequence, items[start:end])


def sort(texts: list[str | None]) -> list[str]:
    kept = [text for text in texts if text is not None]
    if len(kept) < len(texts):
        raise ArgumentError(0, f"given list element {texts.index(None)} is null; a null string cannot be sorted")
    return sorted(kept)
