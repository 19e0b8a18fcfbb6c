"""Values: what expressions evaluate to. A value has a type, may be null or unknown, and carries marks.

An unknown value keeps the *residual* expression that would give it: what is left of the source expression when all that
is known has been folded. That is how a template stays parametrised through a translation.
"""

from __future__ import annotations

from bakelift.translator.plan.expressions import ListExpr, Literal, ObjectExpr
from bakelift.translator.plan.record import Record
from bakelift.translator.plan.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    ListType,
    MapType,
    ObjectType,
    SetType,
    TupleType,
    Type,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, ClassVar

    from bakelift.translator.plan.expressions import Expr

SENSITIVE = "sensitive"


class Unknown:
    """The raw part of an unknown value."""

    __slots__ = ("residual", "size")

    def __init__(self, residual: Expr, size: int = 1) -> None:
        self.residual = residual
        self.size = size

    def __repr__(self) -> str:
        return f"Unknown({self.residual!r})"


class Value(Record):
    """``raw`` by type: string ``str``; number ``int`` where whole, else ``Decimal``; bool ``bool``; list, set and tuple
    a tuple of Values; map and object a dict of Values (keys sorted); null ``None``; or :class:`Unknown`.

    ``stands_for``: how to say a collection whose elements are not all known, instead of spelling it (a reference to the
    named value that it is). ``whole``, ``deep_marks`` and ``size`` follow from the rest; they are kept because values
    share their parts, so that walking them all may take forever.
    """

    type: Type
    raw: object
    marks: frozenset[str] = frozenset()
    stands_for: Expr | None = None

    _aside = frozenset({"stands_for", "whole", "deep_marks", "size"})

    if TYPE_CHECKING:
        whole: ClassVar[bool]
        deep_marks: ClassVar[frozenset[str]]
        size: ClassVar[int]
    else:
        whole: bool
        deep_marks: frozenset[str]
        size: int

        def __init__(self, type, raw, marks=frozenset(), stands_for=None):
            # The generic constructor of records takes thrice as long, and evaluation makes little else.
            self.type = type
            self.raw = raw
            self.marks = marks
            self.stands_for = stands_for
            if isinstance(raw, (tuple, dict)):
                whole, size = True, 1
                for value in raw if isinstance(raw, tuple) else raw.values():
                    whole = whole and value.whole
                    size += value.size
                    if not value.deep_marks <= marks:
                        marks |= value.deep_marks
                self.whole, self.size = whole, size
            elif isinstance(raw, Unknown):
                self.whole, self.size = False, raw.size
            else:
                self.whole, self.size = True, 1 + len(raw) // 1000 if isinstance(raw, str) else 1
            self.deep_marks = marks

        def but(self, **changes):
            fields = ("type", "raw", "marks", "stands_for")
            return Value(*(changes[f] if f in changes else getattr(self, f) for f in fields))

    @property
    def known(self) -> bool:
        """Whether the value itself is known; its elements may not be (see :meth:`wholly_known`)."""
        return not isinstance(self.raw, Unknown)

    @property
    def null(self) -> bool:
        return self.raw is None

    @property
    def sensitive(self) -> bool:
        return SENSITIVE in self.deep_marks

    def elements(self) -> tuple[Value, ...]:
        """Element values of a known collection, else nothing."""
        if isinstance(self.raw, tuple):
            return self.raw
        if isinstance(self.raw, dict):
            return tuple(self.raw.values())
        return ()

    def wholly_known(self) -> bool:
        return self.whole

    def all_marks(self) -> frozenset[str]:
        """Its own marks and those of all that is in it."""
        return self.deep_marks

    def marked(self, marks: frozenset[str]) -> Value:
        return self.but(marks=self.marks | marks) if marks - self.marks else self


def unknown(residual: Expr, type: Type = DYNAMIC, marks: frozenset[str] = frozenset(), size: int = 1) -> Value:
    """A value of which only the expression is left; ``size``: about how many nodes that has."""
    return Value(type, Unknown(residual, size), marks)


def to_expr(value: Value) -> Expr:
    """The expression of a value: literals where it is known, residuals where it is not."""
    raw = value.raw
    if isinstance(raw, Unknown):
        return raw.residual
    if value.stands_for is not None and not value.wholly_known():
        return value.stands_for
    if isinstance(raw, tuple):
        return ListExpr(tuple(to_expr(v) for v in raw))
    if isinstance(raw, dict):
        return ObjectExpr(tuple((Literal(k), to_expr(v)) for k, v in raw.items()))
    return Literal(raw)  # type: ignore[arg-type]


def from_python(data: object) -> Value:
    """A value of plain data: dicts become objects, lists tuples, floats decimals of their shortest text."""
    if data is None:
        return Value(DYNAMIC, None)
    if isinstance(data, bool):
        return Value(BOOL, data)
    if isinstance(data, str):
        return Value(STRING, data)
    if isinstance(data, dict):
        return object_of({str(k): from_python(v) for k, v in data.items()})
    if isinstance(data, (list, tuple)):
        return tuple_of(from_python(v) for v in data)
    return Value(NUMBER, number(data))


def object_of(fields: Mapping[str, Value], marks: frozenset[str] = frozenset()) -> Value:
    """An object value of its attributes."""
    ordered = {key: fields[key] for key in sorted(fields)}
    return Value(ObjectType({k: v.type for k, v in ordered.items()}), ordered, marks)


def tuple_of(items: Iterable[Value], marks: frozenset[str] = frozenset()) -> Value:
    """A tuple value of its elements."""
    row = tuple(items)
    return Value(TupleType(tuple(v.type for v in row)), row, marks)


def set_of(element: Type, items: Iterable[Value], marks: frozenset[str] = frozenset()) -> Value:
    """A set of wholly known values: duplicates dropped; in go-cty's order of strings, numbers and bools.

    Marks of elements become marks of the set, for an element cannot be told from its value.
    """
    found: dict[object, Value] = {}
    for item in items:
        marks |= item.all_marks()
        bare = unmarked(item)
        found.setdefault(_identity(bare), bare)
    ordered = sorted(found.values(), key=_rank)
    return Value(SetType(element), tuple(ordered), marks)


def unmarked(value: Value) -> Value:
    """The value without any marks, its own or its elements'."""
    if not value.deep_marks:
        return value
    raw = value.raw
    if isinstance(raw, tuple):
        raw = tuple(unmarked(v) for v in raw)
    elif isinstance(raw, dict):
        raw = {k: unmarked(v) for k, v in raw.items()}
    return Value(value.type, raw, frozenset(), value.stands_for)


def _identity(value: Value) -> object:
    raw = value.raw
    if isinstance(raw, tuple):
        return ("[", *(_identity(v) for v in raw))
    if isinstance(raw, dict):
        return ("{", *((k, _identity(v)) for k, v in raw.items()))
    return (isinstance(raw, bool), isinstance(raw, str), raw)


def _rank(value: Value) -> tuple[int, object]:
    raw = value.raw
    if raw is None:
        return (0, 0)
    if isinstance(raw, (tuple, dict)):
        return (4, repr(_identity(value)))
    return (1 if isinstance(raw, bool) else 3 if isinstance(raw, str) else 2, raw)


def number(data: object) -> object:
    """``int`` where whole, else ``Decimal``. Accepts int, float, Decimal and numeric text."""
    if isinstance(data, int):
        return data
    from decimal import Decimal

    exact = data if isinstance(data, Decimal) else Decimal(str(data))
    if not exact.is_finite():
        return exact
    whole = exact.to_integral_value()
    return int(whole) if whole == exact else exact


def to_python(value: Value) -> Any:
    """Plain data of a wholly known value: str, int, Decimal, bool, None, list, dict. Raises ValueError when unknown."""
    raw = value.raw
    if isinstance(raw, Unknown):
        raise ValueError("the value is not known")
    if isinstance(raw, tuple):
        return [to_python(v) for v in raw]
    if isinstance(raw, dict):
        return {k: to_python(v) for k, v in raw.items()}
    return raw


def is_sequence(type: Type) -> bool:
    return isinstance(type, (ListType, SetType, TupleType))


def is_mapping(type: Type) -> bool:
    return isinstance(type, (MapType, ObjectType))
