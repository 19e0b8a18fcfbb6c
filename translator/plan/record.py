"""Light, typed value classes: what ``dataclasses`` gives, without its 15 ms of import time.

A subclass declares annotated fields; a class attribute of the same name is the default (an immutable value), and a
subclass's fields follow its bases'. Fields named in ``_aside`` do not take part in equality: they say where a value
stood, not what it is. Records are treated as immutable: change one with :meth:`Record.but`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, ClassVar, Self, dataclass_transform
else:

    def dataclass_transform(**_: object) -> object:
        return lambda cls: cls


_MISSING = object()


def _first_init(self: Any, *args: Any, **named: Any) -> None:
    """Every class's ``__init__`` until the first instance: makes the real one, which is compiled and three times as
    fast. Most classes of a run are never instantiated, so it is not made when the class is.
    """
    cls: Any = next(c for c in type(self).__mro__ if c.__dict__.get("__init__") is _first_init)
    made = cls.__init__ = _constructor(cls._fields, cls._defaults)
    made(self, *args, **named)


#: Constructors by their number of fields; those of the classes differ from them only in names and defaults.
_SHAPES: dict[int, Any] = {}


def _constructor(fields: tuple[str, ...], defaults: dict[str, object]) -> Any:
    """``__init__`` of a class. Compiled once for each number of fields, since compiling is what costs."""
    shape = _SHAPES.get(len(fields))
    if shape is None:
        names = [f"_{number}" for number in range(len(fields))]
        lines = "".join(f"\n    self.{name} = {name}" for name in names) or "\n    pass"
        made: dict[str, Any] = {}
        exec(f"def __init__(self{''.join(f', {name}' for name in names)}):{lines}", made)
        shape = _SHAPES[len(fields)] = made["__init__"]
    given = [field in defaults for field in fields]
    if given != sorted(given):
        raise TypeError(f"a field without default follows one that has one: {', '.join(fields)}")
    code = shape.__code__.replace(co_varnames=("self", *fields), co_names=fields)
    ends = tuple(defaults[field] for field in fields if field in defaults)
    function: Any = type(_first_init)
    return function(code, globals(), "__init__", ends)


@dataclass_transform(eq_default=True, kw_only_default=False)
class RecordType(type):
    """Collects the annotated fields of a class body, bases first, into ``_fields`` and ``__slots__``."""

    _fields: tuple[str, ...]
    _compared: tuple[str, ...]
    _aside: frozenset[str]

    def __new__(mcs, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> RecordType:
        # A hundred classes are made in every start: no generators, no copies that say nothing new.
        annotations = body.get("__annotations__")
        own = [f for f, kind in annotations.items() if f[0] != "_" and "ClassVar" not in kind] if annotations else []
        defaults: dict[str, object] = {}
        fields: list[str] = []
        for base in bases:
            inherited = getattr(base, "_fields", None)
            if inherited:
                fields += inherited if not fields else [f for f in inherited if f not in fields]
                defaults.update(base._defaults)  # type: ignore[attr-defined]
        for field in own:
            if field in body:
                defaults[field] = body.pop(field)
        new = [f for f in own if f not in fields] if fields else own
        body["__slots__"] = new
        body["_fields"] = whole = (*fields, *new)
        body["_defaults"] = defaults
        if "__init__" not in body:
            body["__init__"] = _first_init
        cls = super().__new__(mcs, name, bases, body)
        aside = cls._aside
        cls._compared = whole if aside.isdisjoint(whole) else tuple([f for f in whole if f not in aside])
        return cls


class Record(metaclass=RecordType):
    """Base of the value classes. ``_aside``: names of the fields that equality ignores."""

    _fields: ClassVar[tuple[str, ...]]
    _compared: ClassVar[tuple[str, ...]]
    _defaults: ClassVar[dict[str, object]]
    _aside: ClassVar[frozenset[str]] = frozenset({"span", "comments", "leaves"})

    def but(self, **changes: Any) -> Self:
        """A copy with some fields changed."""
        copy = object.__new__(type(self))
        for field in self._fields:
            object.__setattr__(copy, field, changes.pop(field) if field in changes else getattr(self, field))
        if changes:
            raise TypeError(f"{type(self).__name__} has no field {', '.join(changes)}")
        return copy

    def mapped(self, change: Callable[[Any], object]) -> Self:
        """With each field that takes part in equality as ``change`` makes it; itself where it changes none."""
        changes = {}
        for field in self._compared:
            before = getattr(self, field)
            after = change(before)
            if after is not before:
                changes[field] = after
        return self.but(**changes) if changes else self

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if type(self) is not type(other):
            return NotImplemented
        return all(getattr(self, f) == getattr(other, f) for f in self._compared)

    def __hash__(self) -> int:
        return hash((type(self), *(getattr(self, f) for f in self._compared)))

    def __repr__(self) -> str:
        shown = ", ".join(
            f"{f}={getattr(self, f)!r}" for f in self._compared if getattr(self, f) != self._defaults.get(f, _MISSING)
        )
        return f"{type(self).__name__}({shown})"
