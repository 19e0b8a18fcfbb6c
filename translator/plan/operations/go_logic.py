"""Functions of Go's text/template that compare, choose and take apart; lengths and offsets of text are in bytes."""

from __future__ import annotations

from bakelift.translator.plan.operations.control import equals
from bakelift.translator.plan.operations.failure import NotKnownError, OperationError
from bakelift.translator.plan.types import BOOL, NUMBER, STRING, Primitive
from bakelift.translator.plan.values import Value


def truth(value: Value) -> bool:
    """Whether a template's ``if`` takes it: anything but its type's zero value, or an empty collection."""
    return bool(value.raw)


def conjunction(*args: Value) -> Value:
    """The first that is empty, else the last."""
    return _chosen(args, wanted=False)


def disjunction(*args: Value) -> Value:
    """The first that is not empty, else the last."""
    return _chosen(args, wanted=True)


def _chosen(args: tuple[Value, ...], wanted: bool) -> Value:
    if not args:
        raise OperationError("wrong number of args: want at least 1 got 0")
    for value in args[:-1]:
        if not value.known:
            raise NotKnownError
        if truth(value) is wanted:
            return value
    if not args[-1].known:
        raise NotKnownError
    return args[-1]


def condition(arg: Value) -> Value:
    """What an ``if`` decides by."""
    return Value(BOOL, truth(arg))


def negation(arg: Value) -> Value:
    return Value(BOOL, not truth(arg))


def equal(a: Value, b: Value, *others: Value) -> Value:
    """Whether the first equals one of the others; only values of one basic kind may be compared."""
    found = False
    for other in (b, *others):
        _check_kinds(a, other)
        found = found or bool(equals(a, other))
    return Value(BOOL, found)


def not_equal(a: Value, b: Value) -> Value:
    return Value(BOOL, not equal(a, b).raw)


def less(a: Value, b: Value) -> Value:
    return Value(BOOL, _order(a, b) < 0)


def less_equal(a: Value, b: Value) -> Value:
    return Value(BOOL, _order(a, b) <= 0)


def greater(a: Value, b: Value) -> Value:
    return Value(BOOL, _order(a, b) > 0)


def greater_equal(a: Value, b: Value) -> Value:
    return Value(BOOL, _order(a, b) >= 0)


def _check_kinds(a: Value, b: Value) -> None:
    for value in (a, b):
        if not value.null and not isinstance(value.type, Primitive):
            raise OperationError("non-comparable type " + value.type.name())
    if not a.null and not b.null and a.type != b.type:
        raise OperationError("incompatible types for comparison")


def _order(a: Value, b: Value) -> int:
    _check_kinds(a, b)
    left, right = a.raw, b.raw
    if a.type == BOOL:
        raise OperationError("invalid type for comparison")
    if isinstance(left, str) and isinstance(right, str):
        return (left.encode() > right.encode()) - (left.encode() < right.encode())
    return int(left > right) - int(left < right)  # type: ignore[operator]


def length(item: Value) -> Value:
    raw = item.raw
    if isinstance(raw, str):
        return Value(NUMBER, len(raw.encode()))
    if isinstance(raw, (tuple, dict)):
        return Value(NUMBER, len(raw))
    raise OperationError(f"len of type {item.type.name()}")


def index(item: Value, *keys: Value) -> Value:
    """``index x 1 "a"``: element by element; of text, the byte's number; a key that a map lacks gives nothing."""
    for key in keys:
        raw = item.raw
        if isinstance(raw, dict):
            item = raw.get(str(key.raw), Value(STRING, ""))
            continue
        if not isinstance(key.raw, int) or isinstance(key.raw, bool):
            raise OperationError(f"cannot index slice/array with type {key.type.name()}")
        if isinstance(raw, str):
            data = raw.encode()
            _check_index(key.raw, len(data))
            item = Value(NUMBER, data[key.raw])
        elif isinstance(raw, tuple):
            _check_index(key.raw, len(raw))
            item = raw[key.raw]
        else:
            raise OperationError(f"can't index item of type {item.type.name()}")
    return item


def _check_index(at: int, size: int) -> None:
    if not 0 <= at < size:
        raise OperationError(f"index out of range: {at}" if at < 0 else f"reflect: string index out of range {at}")


def slice_item(item: Value, *bounds: Value) -> Value:
    """``slice x 1 3``: the end may be left out."""
    raw = item.raw
    data = raw.encode() if isinstance(raw, str) else raw
    if not isinstance(data, (bytes, tuple)):
        raise OperationError(f"can't slice item of type {item.type.name()}")
    if len(bounds) > 2:
        raise OperationError(
            "cannot 3-index slice a string" if isinstance(raw, str) else f"too many slice indexes: {len(bounds)}"
        )
    marks = [0, len(data)]
    for position, bound in enumerate(bounds):
        if not isinstance(bound.raw, int):
            raise OperationError("cannot index slice/array with a fraction")
        if not 0 <= bound.raw <= len(data):
            raise OperationError(f"index out of range: {bound.raw}")
        marks[position] = bound.raw
    if marks[0] > marks[1]:
        raise OperationError(f"invalid slice index: {marks[0]} > {marks[1]}")
    part = data[marks[0] : marks[1]]
    if isinstance(part, bytes):
        return Value(STRING, part.decode(errors="replace"))
    return Value(item.type, part)
