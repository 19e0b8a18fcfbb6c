"""ARM's terms as Bicep spells them: operators, interpolation, literals and symbols instead of functions."""

from __future__ import annotations

import re

from bakelift.translator.languages.arm.terms import Apply, Property, Verbatim, Whole
from bakelift.translator.languages.arm.terms import Text as Words
from bakelift.translator.languages.bicep.nodes import (
    Access,
    Array,
    Binary,
    Call,
    Entry,
    Item,
    Lambda,
    Name,
    Number,
    Object,
    Ternary,
    Text,
    Unary,
    Word,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from bakelift.translator.languages.arm.terms import Term
    from bakelift.translator.languages.bicep.nodes import Node

#: ARM's functions of two arguments that are operators; ``and`` and ``or`` may have more.
_OPERATORS = {
    "equals": "==",
    "less": "<",
    "lessOrEquals": "<=",
    "greater": ">",
    "greaterOrEquals": ">=",
    "and": "&&",
    "or": "||",
    "add": "+",
    "sub": "-",
    "mul": "*",
    "div": "/",
    "mod": "%",
    "coalesce": "??",
}

_WORDS = {"true": True, "false": False, "null": None}
_SYMBOLS = {"parameters", "variables", "lambdaVariables"}
_HOLE = re.compile(r"\{\{|\}\}|\{(\d+)\}")
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17})")

#: Functions of the namespace ``az``; all others are of ``sys``.
_AZ_NAMES = (
    "deployer deployment environment extensionResourceId getSecret list listAccountSas listKeys listServiceSas "
    "managementGroup managementGroupResourceId pickZones providers reference references resourceGroup resourceId "
    "subscription subscriptionResourceId tenant tenantResourceId toLogicalZone toPhysicalZone"
)
_AZ = frozenset(_AZ_NAMES.split())


def spelled(term: Term, taken: Collection[str] = ()) -> Node:
    """The Bicep expression of a term. ``taken``: names of symbols; a function that is called like one is qualified."""
    return _Speller(taken).node(term)


class _Speller:
    def __init__(self, taken: Collection[str]) -> None:
        self.taken = taken

    def node(self, term: Term) -> Node:
        if isinstance(term, Words):
            return Text((term.value,) if term.value else ())
        if isinstance(term, Whole):
            return Number(term.value)
        if isinstance(term, Property):
            return Access(self.node(term.target), self.node(term.key))
        if isinstance(term, Verbatim):
            from bakelift.translator.languages.arm import parse_arm
            from bakelift.translator.languages.arm.printer import term_of

            return self.node(term_of(parse_arm(term.text)))
        assert isinstance(term, Apply)
        return self.apply(term)

    def apply(self, term: Apply) -> Node:
        function, args = term.function, term.args
        first = args[0] if args else None
        if function in _WORDS and not args:
            return Word(_WORDS[function])
        if function in _SYMBOLS and isinstance(first, Words):
            return Name(first.value)
        if function in _OPERATORS and (len(args) == 2 or (len(args) > 2 and function in ("and", "or"))):
            return self.operator(_OPERATORS[function], args)
        if function == "not" and len(args) == 1:
            return self.negation(args[0])
        if function == "if" and len(args) == 3:
            return Ternary(self.node(args[0]), self.node(args[1]), self.node(args[2]))
        if function == "format" and isinstance(first, Words):
            return self.format(first.value, term) or self.call(term)
        if function == "concat" and any(isinstance(arg, Words) for arg in args):
            return self.joined(args)
        if function == "json" and isinstance(first, Words) and _WHOLE.fullmatch(first.value):
            return Number(int(first.value))
        if function == "createArray":
            return Array(tuple(Item(self.node(arg)) for arg in args))
        if function == "createObject":
            return self.object(term)
        if function == "lambda" and all(isinstance(arg, Words) for arg in args[:-1]):
            return Lambda(tuple(arg.value for arg in args[:-1] if isinstance(arg, Words)), self.node(args[-1]))
        if function == "tryGet" and len(args) > 1:
            return self.safe(args)
        if function in ("indexFromEnd", "tryIndexFromEnd") and len(args) == 2:
            safe = function == "tryIndexFromEnd"
            return Access(self.node(args[0]), self.node(args[1]), safe=safe, from_end=True)
        return self.call(term)

    def call(self, term: Apply) -> Node:
        function = term.function
        args = tuple([self.node(arg) for arg in term.args])
        if "." in function:
            namespace, _, name = function.rpartition(".")
            return Call(name, args, Name(namespace))
        if function in self.taken:
            return Call(function, args, Name("az" if function in _AZ else "sys"))
        return Call(function, args)

    def operator(self, operator: str, args: tuple[Term, ...]) -> Node:
        found = self.node(args[0])
        for arg in args[1:]:
            found = Binary(operator, found, self.node(arg))
        return found

    def negation(self, inner: Term) -> Node:
        if isinstance(inner, Apply) and inner.function == "equals" and len(inner.args) == 2:
            return self.operator("!=", inner.args)
        return Unary("!", self.node(inner))

    def format(self, shape: str, term: Apply) -> Node | None:
        """Interpolation of a shape whose holes are plain and come in order; else None."""
        parts: list[Term] = []
        at = 0
        for hole in _HOLE.finditer(shape):
            text = shape[at : hole.start()]
            if "{" in text or "}" in text:
                return None
            parts.append(Words(text))
            at = hole.end()
            if hole.group(1) is None:
                parts.append(Words(hole.group()[0]))
            elif int(hole.group(1)) + 1 < len(term.args):
                parts.append(term.args[int(hole.group(1)) + 1])
            else:
                return None
        rest = shape[at:]
        return None if "{" in rest or "}" in rest else self.joined((*parts, Words(rest)))

    def joined(self, parts: tuple[Term, ...]) -> Node:
        """Text with holes; a conversion to text is what a hole makes itself."""
        found: list[str | Node] = []
        for part in parts:
            if isinstance(part, Words):
                if not part.value:
                    continue
                if found and isinstance(found[-1], str):
                    found[-1] += part.value
                else:
                    found.append(part.value)
            elif isinstance(part, Apply) and part.function == "string" and len(part.args) == 1:
                found.append(self.node(part.args[0]))
            else:
                found.append(self.node(part))
        return Text(tuple(found))

    def object(self, term: Apply) -> Node:
        keys, values = term.args[::2], term.args[1::2]
        entries = [Entry(self.key(key), self.node(value)) for key, value in zip(keys, values, strict=True)]
        return Object(tuple(entries))

    def key(self, term: Term) -> Node:
        """The key of an entry: text, or an expression in a hole of one."""
        key = self.node(term)
        return key if isinstance(key, Text) else Text((key,))

    def safe(self, args: tuple[Term, ...]) -> Node:
        """``target.?a.b``: what follows a safe access is not read when that gave nothing."""
        found: Node = Access(self.node(args[0]), self.node(args[1]), safe=True)
        for key in args[2:]:
            found = Access(found, self.node(key))
        return found
