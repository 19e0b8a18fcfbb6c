"""What ARM's template language itself is made of: calls, properties, texts and whole numbers.

Printing an expression first says it in these terms. ARM's own text and Bicep are two spellings of them, so that what
ARM can say, and how, is decided once (``printer.py``, ``printing.py``).
"""

from __future__ import annotations

import re


class Term:
    """Base. Terms are made in numbers and thrown away: plain slotted classes."""

    __slots__ = ()


class Apply(Term):
    """``function(args)``. A namespace stands before the name: ``contoso.name``."""

    __slots__ = ("args", "function")

    def __init__(self, function: str, args: tuple[Term, ...]) -> None:
        self.function = function
        self.args = args


class Property(Term):
    """``target.key`` and ``target[key]``."""

    __slots__ = ("key", "target")

    def __init__(self, target: Term, key: Term) -> None:
        self.target = target
        self.key = key


class Text(Term):
    """A string, without quotes."""

    __slots__ = ("value",)

    def __init__(self, value: str) -> None:
        self.value = value


class Whole(Term):
    """A whole number of 32 bits."""

    __slots__ = ("value",)

    def __init__(self, value: int) -> None:
        self.value = value


class Verbatim(Term):
    """ARM's own text, kept as it was read."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


def apply(function: str, *args: Term | str | int) -> Apply:
    """A call; texts and numbers of the printer's own are given as they are."""
    return Apply(function, tuple(_term(arg) for arg in args))


def _term(arg: Term | str | int) -> Term:
    if isinstance(arg, Term):
        return arg
    return Text(arg) if isinstance(arg, str) else Whole(arg)


def quoted(text: str) -> str:
    """A string of an expression."""
    return "'" + text.replace("'", "''") + "'"


_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def is_name(text: str) -> bool:
    """Whether a property of this name can follow a dot."""
    return _NAME.fullmatch(text) is not None


def arm_text(term: Term) -> str:
    """A term in ARM's own syntax."""
    if isinstance(term, Apply):
        return f"{term.function}({', '.join([arm_text(arg) for arg in term.args])})"
    if isinstance(term, Property):
        key = term.key
        target = arm_text(term.target)
        return f"{target}.{key.value}" if isinstance(key, Text) and is_name(key.value) else f"{target}[{arm_text(key)}]"
    if isinstance(term, Text):
        return quoted(term.value)
    if isinstance(term, Whole):
        return str(term.value)
    assert isinstance(term, Verbatim)
    return term.text
