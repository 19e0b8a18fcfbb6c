"""Arrays, objects, conversions and choices in ARM templates. Names of properties ignore case, exact ones first."""

from __future__ import annotations

from bakelift.translator.plan import bigfloat
from bakelift.translator.plan.operations.control import equals
from bakelift.translator.plan.operations.failure import ArgumentError, NotKnownError, OperationError
from bakelift.translator.plan.types import BOOL, DYNAMIC, NUMBER, STRING
from bakelift.translator.plan.values import Value, object_of, tuple_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

NULL = Value(DYNAMIC, None)


def true() -> bool:
    return True


def false() -> bool:
    return False


def null() -> None:
    return None


def divide(a: int, b: int) -> int:
    """Whole numbers, toward zero."""
    if not b:
        raise OperationError("division by zero")
    quotient = abs(a) // abs(b)
    return quotient if (a < 0) == (b < 0) else -quotient


def to_int(value: Value) -> Value:
    raw = value.raw
    if isinstance(raw, str):
        text = raw.strip()
        body = text[1:] if text[:1] in {"+", "-"} else text
        if body.isascii() and body.isdigit():
            return Value(NUMBER, int(text))
    elif isinstance(raw, int) and not isinstance(raw, bool):
        return value
    raise ArgumentError(0, "it is no whole number")


def to_float(value: Value) -> Value:
    raw = value.raw
    number = bigfloat.parse(raw.strip()) if isinstance(raw, str) else raw
    if number is None or isinstance(number, (bool, tuple, dict)):
        raise ArgumentError(0, "it is no number")
    return Value(NUMBER, number)


def to_bool(value: Value) -> Value:
    raw = value.raw
    if isinstance(raw, str) and raw.lower() in {"true", "false", "1", "0"}:
        return Value(BOOL, raw.lower() in {"true", "1"})
    if isinstance(raw, (bool, int)):
        return Value(BOOL, bool(raw))
    raise ArgumentError(0, "it is neither true nor false")


def maximum(*args: Value) -> Value:
    return Value(NUMBER, max(_numbers(args)))


def minimum(*args: Value) -> Value:
    return Value(NUMBER, min(_numbers(args)))


def _numbers(args: tuple[Value, ...]) -> list[int]:
    values = args[0].elements() if len(args) == 1 and isinstance(args[0].raw, tuple) else args
    numbers = [v.raw for v in values if isinstance(v.raw, int) and not isinstance(v.raw, bool)]
    if not numbers or len(numbers) < len(values):
        raise OperationError("whole numbers are needed")
    return numbers


def coalesce(*args: Value) -> Value:
    """The first that is not null."""
    for value in args:
        if not value.known:
            raise NotKnownError
        if not value.null:
            return value
    return NULL


def create_array(*args: Value) -> Value:
    return tuple_of(args)


def create_object(*pairs: Value) -> Value:
    if len(pairs) % 2:
        raise OperationError("names and values must come in pairs")
    fields: dict[str, Value] = {}
    for name, value in zip(pairs[::2], pairs[1::2], strict=True):
        if not name.known:
            raise NotKnownError
        fields[str(name.raw)] = value
    return object_of(fields)


def array(value: Value) -> Value:
    return value if isinstance(value.raw, tuple) else tuple_of([value])


def empty(value: Value) -> Value:
    return Value(BOOL, value.null or value.raw in ("", (), {}))


def field(value: Value, name: str) -> Value | None:
    """A property by its name: the exact one, else the one that differs only in case."""
    fields = value.raw
    assert isinstance(fields, dict)
    if name in fields:
        return fields[name]  # type: ignore[no-any-return]
    return next((v for k, v in fields.items() if k.lower() == name.lower()), None)


def contains(container: Value, item: Value) -> Value:
    raw = container.raw
    if isinstance(raw, str):
        return Value(BOOL, str(item.raw) in raw)
    if isinstance(raw, tuple):
        return Value(BOOL, any(_same(v, item) for v in raw))
    if isinstance(raw, dict):
        return Value(BOOL, field(container, str(item.raw)) is not None)
    raise ArgumentError(0, "text, an array or an object is needed")


def _same(a: Value, b: Value) -> bool:
    """Equal as data: which kind of list or object it is does not count."""
    if isinstance(a.raw, tuple) and isinstance(b.raw, tuple):
        return len(a.raw) == len(b.raw) and all(map(_same, a.raw, b.raw))
    if isinstance(a.raw, dict) and isinstance(b.raw, dict):
        return a.raw.keys() == b.raw.keys() and all(_same(v, b.raw[k]) for k, v in a.raw.items())
    return bool(equals(a, b))


def index_of(container: Value, item: Value) -> Value:
    """In text ignoring case; -1 when it is not there."""
    raw = container.raw
    if isinstance(raw, str):
        return Value(NUMBER, raw.lower().find(str(item.raw).lower()))
    found = [i for i, v in enumerate(container.elements()) if _same(v, item)]
    return Value(NUMBER, found[0] if found else -1)


def last_index_of(container: Value, item: Value) -> Value:
    raw = container.raw
    if isinstance(raw, str):
        return Value(NUMBER, raw.lower().rfind(str(item.raw).lower()))
    found = [i for i, v in enumerate(container.elements()) if _same(v, item)]
    return Value(NUMBER, found[-1] if found else -1)


def first(value: Value) -> Value:
    return _end(value, 0)


def last(value: Value) -> Value:
    return _end(value, -1)


def _end(value: Value, at: int) -> Value:
    raw = value.raw
    if isinstance(raw, str):
        return Value(STRING, raw[at] if raw else "")
    if isinstance(raw, tuple):
        return raw[at] if raw else NULL
    raise ArgumentError(0, "text or an array is needed")


def take(value: Value, count: Value) -> Value:
    return _part(value, slice(None, _count(count)))


def skip(value: Value, count: Value) -> Value:
    return _part(value, slice(_count(count), None))


def _count(count: Value) -> int:
    if not isinstance(count.raw, int):
        raise ArgumentError(1, "a whole number is needed")
    return max(count.raw, 0)


def _part(value: Value, part: slice) -> Value:
    raw = value.raw
    if isinstance(raw, str):
        return Value(STRING, raw[part])
    if isinstance(raw, tuple):
        return tuple_of(raw[part])
    raise ArgumentError(0, "text or an array is needed")


def _row(value: Value, position: int = 0) -> tuple[Value, ...]:
    if not isinstance(value.raw, tuple):
        raise ArgumentError(position, "an array is needed")
    return value.raw


def distinct(value: Value) -> Value:
    return tuple_of(_unique(_row(value)))


def _unique(items: Iterable[Value]) -> list[Value]:
    kept: list[Value] = []
    for item in items:
        if not any(_same(item, other) for other in kept):
            kept.append(item)
    return kept


def flatten(value: Value) -> Value:
    """One level."""
    rows = _row(value)
    if not all(v.known for v in rows):
        raise NotKnownError
    return tuple_of(item.marked(row.marks) for row in rows for item in _row(row))


def index_from_end(value: Value, at: Value) -> Value:
    found = _from_end(value, at)
    if found is None:
        raise OperationError(f"the array has no element {at.raw} from its end")
    return found


def try_index_from_end(value: Value, at: Value) -> Value:
    return _from_end(value, at) or NULL


def _from_end(value: Value, at: Value) -> Value | None:
    row = _row(value)
    if not isinstance(at.raw, int) or not 1 <= at.raw <= len(row):
        return None
    return row[-at.raw]


def intersection(*args: Value) -> Value:
    if all(isinstance(v.raw, tuple) for v in args):
        kept = _unique(v for v in args[0].elements() if all(any(_same(v, w) for w in a.elements()) for a in args[1:]))
        return tuple_of(kept)
    fields = [_fields(v, i) for i, v in enumerate(args)]
    return object_of({k: v for k, v in fields[0].items() if all(k in f and _same(f[k], v) for f in fields[1:])})


def union(*args: Value) -> Value:
    """Arrays without repeats, in order; objects merged deeply, the later value winning."""
    if all(isinstance(v.raw, tuple) for v in args):
        return tuple_of(_unique(item for v in args for item in v.elements()))
    merged: dict[str, Value] = {}
    for position, value in enumerate(args):
        merged = _merged(merged, _fields(value, position))
    return object_of(merged)


def _merged(into: dict[str, Value], fields: dict[str, Value]) -> dict[str, Value]:
    result = dict(into)
    for key, value in fields.items():
        before = result.get(key)
        if before is not None and isinstance(before.raw, dict) and isinstance(value.raw, dict):
            result[key] = object_of(_merged(before.raw, value.raw))
        else:
            result[key] = value
    return result


def _fields(value: Value, position: int = 0) -> dict[str, Value]:
    if not isinstance(value.raw, dict):
        raise ArgumentError(position, "an object is needed")
    return value.raw


def items(value: Value) -> Value:
    """``{key, value}`` of each property, by name ignoring case."""
    fields = _fields(value)
    order = sorted(fields, key=lambda k: (k.lower(), k.swapcase()))
    return tuple_of(object_of({"key": Value(STRING, k), "value": fields[k]}) for k in order)


def object_keys(value: Value) -> Value:
    order = sorted(_fields(value), key=lambda k: (k.lower(), k.swapcase()))
    return tuple_of(Value(STRING, k) for k in order)


def shallow_merge(entries: Value) -> Value:
    merged: dict[str, Value] = {}
    for entry in _row(entries):
        if not entry.known:
            raise NotKnownError
        merged.update(_fields(entry))
    return object_of(merged)


def try_get(value: Value, *keys: Value) -> Value:
    """The element at the end of a path, null when something on it is not there."""
    for key in keys:
        if not value.known:
            raise NotKnownError
        raw = value.raw
        found: Value | None = None
        if isinstance(raw, dict):
            found = field(value, str(key.raw))
        elif isinstance(raw, tuple) and isinstance(key.raw, int) and 0 <= key.raw < len(raw):
            found = raw[key.raw]
        if found is None:
            return NULL
        value = found.marked(value.marks)
    return value


def number_range(start: int, count: int) -> list[int]:
    if not isinstance(start, int) or not isinstance(count, int) or not 0 <= count <= 10000:
        raise ArgumentError(1, "the count must be a whole number from 0 to 10000")
    return list(range(start, start + count))
