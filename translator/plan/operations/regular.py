"""``regex``, ``regexall`` and ``regex_replace``, with Go's matching on Python's engine."""

from __future__ import annotations

import re

from bakelift.translator.plan.operations.failure import ArgumentError, OperationError
from bakelift.translator.plan.operations.re2 import PatternError, translate
from bakelift.translator.plan.types import STRING, ListType, ObjectType, TupleType
from bakelift.translator.plan.values import Value, object_of, tuple_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from bakelift.translator.plan.operations.regular_threads import Match
    from bakelift.translator.plan.types import Type


def match(pattern: str, string: str) -> Value:
    compiled, names = _compiled(pattern)
    found = next(_found(compiled, string), None)
    if found is None:
        raise OperationError("pattern did not match any part of the given string")
    return _result(found, names)


def match_all(pattern: str, string: str) -> Value:
    compiled, names = _compiled(pattern)
    found = [_result(m, names) for m in _all(compiled, string)]
    return Value(ListType(_type(compiled, names)), tuple(found))


def replace(text: str, pattern: str, replace: str) -> str:
    """Every match by the replacement, in which ``$1``, ``${1}`` and ``${name}`` are groups and ``$$`` a dollar."""
    try:
        source, names = translate(pattern)
    except PatternError as error:
        raise OperationError(f"error parsing regexp: {error.reason}: `{error.part}`") from None
    compiled = re.compile(source)
    pieces: list[str] = []
    at = 0
    for found in _all(compiled, text):
        pieces += [text[at : found.start()], _expanded(replace, found, names)]
        at = found.end()
    return "".join(pieces) + text[at:]


def _compiled(pattern: str) -> tuple[re.Pattern[str], dict[str, int]]:
    try:
        source, names = translate(pattern)
    except PatternError as error:
        raise ArgumentError(0, f"invalid regexp pattern: {error.reason} in {error.part}") from None
    compiled = re.compile(source)
    if names and len(names) < compiled.groups:
        raise ArgumentError(0, "invalid regexp pattern: cannot mix both named and unnamed capture groups")
    return compiled, names


def _found(compiled: re.Pattern[str], text: str) -> Iterator[re.Match[str] | Match]:
    from bakelift.translator.plan.operations.regular_threads import TooLarge, matches, risky

    if not risky(compiled.pattern, text):
        yield from compiled.finditer(text)
        return
    try:
        yield from matches(compiled, text)
    except TooLarge:
        raise OperationError("the pattern is too large for this text") from None


def _all(compiled: re.Pattern[str], text: str) -> Iterator[re.Match[str] | Match]:
    """Matches that do not overlap; an empty one right behind another is none, in Go."""
    end = -1
    for found in _found(compiled, text):
        if found.end() > found.start() or found.start() != end:
            yield found
        end = found.end()


def _result(found: re.Match[str] | Match, names: dict[str, int]) -> Value:
    if names:
        return object_of({name: Value(STRING, found.group(number)) for name, number in names.items()})
    if found.re.groups:
        return tuple_of(Value(STRING, text) for text in found.groups())
    return Value(STRING, found.group())


def _type(compiled: re.Pattern[str], names: dict[str, int]) -> Type:
    if names:
        return ObjectType(dict.fromkeys(sorted(names), STRING))
    return TupleType((STRING,) * compiled.groups) if compiled.groups else STRING


_REFERENCE = re.compile(r"\$(?:(\$)|(\w+)|\{(\w+)\})", re.ASCII)


def _expanded(template: str, found: re.Match[str] | Match, names: dict[str, int]) -> str:
    def group(reference: re.Match[str]) -> str:
        if reference.group(1):
            return "$"
        name = reference.group(2) or reference.group(3)
        number = int(name) if name.isdigit() else names.get(name, -1)
        return (found.group(number) or "") if 0 <= number <= found.re.groups else ""

    return _REFERENCE.sub(group, template)
