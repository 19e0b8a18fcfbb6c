"""Bicep's types as ARM's words for parameters and outputs."""

from __future__ import annotations

from bakelift.translator.languages.bicep.nodes import Array, Name, Number, Text, TypeOf, Union, Word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from bakelift.translator.languages.bicep.nodes import Node

_WORDS = frozenset({"string", "int", "bool", "array", "object"})

#: A type that is another, that is another: deeper than any is.
_DEEPEST = 20


def member_type(type: Node | None, declared: Mapping[str, Node]) -> tuple[str, tuple[Node, ...], bool]:
    """(ARM's word, the only values where the type is some literals, whether it may be null).

    ``declared``: the types of the file by name. A type of another file is taken for an object.
    """
    nullable = False
    for _ in range(_DEEPEST):
        if isinstance(type, TypeOf) and type.suffix == "?":
            type, nullable = type.type, True
        elif isinstance(type, Name) and type.name not in _WORDS and type.name in declared:
            type = declared[type.name]
    if isinstance(type, Name):
        return (type.name if type.name in _WORDS else "object"), (), nullable
    if isinstance(type, (TypeOf, Array)):
        return "array", (), nullable
    if isinstance(type, Union):
        return _of_union(type, declared, nullable)
    word = _of_literal(type)
    return word or "object", ((type,) if word and type is not None else ()), nullable


def _of_union(type: Union, declared: Mapping[str, Node], nullable: bool) -> tuple[str, tuple[Node, ...], bool]:
    literals = tuple(part for part in type.types if _of_literal(part))
    nullable = nullable or any(isinstance(part, Word) and part.value is None for part in type.types)
    if literals:
        rest = [part for part in type.types if part not in literals and not isinstance(part, Word)]
        return _of_literal(literals[0]), (() if rest else literals), nullable
    first = next((part for part in type.types if not isinstance(part, Union)), None)
    return (member_type(first, declared)[0] if first is not None else "object"), (), nullable


def _of_literal(type: Node | None) -> str:
    if isinstance(type, Text):
        return "string"
    if isinstance(type, Number):
        return "int"
    if isinstance(type, Word) and type.value is not None:
        return "bool"
    return ""
