"""Writes Bicep as ``bicep format`` leaves it: two blanks a level, names without quotes where they can, ASCII and LF."""

from __future__ import annotations

from bakelift.translator.languages.bicep.nodes import (
    PRECEDENCE,
    Access,
    Array,
    Binary,
    Call,
    Entry,
    File,
    For,
    Function,
    Generic,
    If,
    Import,
    Item,
    Lambda,
    Metadata,
    Module,
    Name,
    Nested,
    NonNull,
    Number,
    Object,
    Output,
    Parameter,
    Resource,
    Scope,
    Spread,
    Statement,
    Ternary,
    Text,
    Type,
    TypeOf,
    Unary,
    Union,
    Using,
    Variable,
    Word,
)
from bakelift.translator.languages.bicep.strings import commented, escaped, is_identifier, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from bakelift.translator.languages.bicep.nodes import Node

#: How strongly expressions bind: a part that binds less than its place wants stands in brackets.
_LAMBDA, _TERNARY, _UNARY, _POSTFIX = 0, 10, 110, 120

#: Of the parts of a ternary: brackets that the grammar does not need, and the reader does.
_CONDITION = PRECEDENCE["??"] + 1


def print_bicep(file: File) -> str:
    """The text of a file. Statements of one line and one kind stand together; an empty line divides all others."""
    lines = [line for comment in file.before for line in commented(comment)]
    before = ""
    for node in file.statements:
        shown = statement_lines(node)
        kind = type(node).__name__ if len(shown) == 1 else ""
        if lines and not (kind and kind == before):
            lines.append("")
        lines += shown
        before = kind
    after = [line for comment in file.after for line in commented(comment)]
    if after and lines:
        lines.append("")
    return "\n".join([*lines, *after]) + "\n"


def statement_lines(node: Statement) -> list[str]:
    """The lines of a statement, with its comments and decorators before it."""
    lines = [line for comment in node.comments for line in commented(comment)]
    lines += [_decorator(decorator, 0) for decorator in node.decorators]
    return "\n".join([*lines, _statement(node)]).split("\n")


def _statement(node: Statement) -> str:
    if isinstance(node, Parameter):
        head = f"param {node.name}" if node.type is None else f"param {node.name} {_type(node.type, 0)}"
        return head if node.default is None else f"{head} = {_text(node.default, 0)}"
    if isinstance(node, Variable):
        head = f"var {node.name}" if node.type is None else f"var {node.name} {_type(node.type, 0)}"
        return f"{head} = {_text(node.value, 0)}"
    if isinstance(node, Resource):
        return _resource(node, 0)
    if isinstance(node, Module):
        return f"module {node.name} {_string(node.path)} = {_text(node.body, 0)}"
    if isinstance(node, Output):
        return f"output {node.name} {_type(node.type, 0)} = {_text(node.value, 0)}"
    if isinstance(node, Scope):
        return f"targetScope = {_text(node.value, 0)}"
    if isinstance(node, Metadata):
        return f"metadata {node.name} = {_text(node.value, 0)}"
    if isinstance(node, Type):
        return f"type {node.name} = {_type(node.value, 0)}"
    if isinstance(node, Function):
        shown = ", ".join(f"{_key(entry.key)} {_type(entry.value, 0)}" for entry in node.parameters)
        return f"func {node.name}({shown}) {_type(node.type, 0)} => {_text(node.body, 0)}"
    if isinstance(node, Using):
        return f"{node.keyword} {_text(node.path, 0)}"
    assert isinstance(node, Import)
    return f"{node.keyword} {node.text}".rstrip()


def _resource(node: Resource, depth: int) -> str:
    existing = " existing" if node.existing else ""
    return f"resource {node.name} {_string(node.type)}{existing} = {_text(node.body, depth)}"


# -- collections ------------------------------------------------------------------------------------------------------


def _text(node: Node, depth: int) -> str:
    """A value in a place of its own: collections take lines of their own there."""
    if isinstance(node, Object):
        return _lines("{", [_entry(entry, depth + 1) for entry in node.entries], node.after, "}", depth)
    if isinstance(node, Array):
        return _lines("[", [_item(item, depth + 1) for item in node.items], node.after, "]", depth)
    if isinstance(node, For):
        names = node.item if node.index is None else f"({node.item}, {node.index})"
        head = f"for {names} in {_part(node.collection, 0, depth)}:"
        if isinstance(node.body, (Object, Array, If)):
            return _lines("[", [[f"{head} {_text(node.body, depth + 1)}"]], (), "]", depth)
        return f"[{head} {_text(node.body, depth)}]"
    if isinstance(node, If):
        return f"if ({_part(node.condition, 0, depth)}) {_text(node.body, depth)}"
    if isinstance(node, Text) and node.plain is not None:
        return quoted(node.plain)
    return _part(node, 0, depth)


def _decorator(node: Call, depth: int) -> str:
    """A decorator; a single collection that it takes has lines of its own."""
    if len(node.args) != 1:
        return f"@{_part(node, 0, depth)}"
    target = "" if node.target is None else f"{_part(node.target, _POSTFIX, depth)}."
    return f"@{target}{node.function}({_text(node.args[0], depth)})"


def _lines(opening: str, parts: Iterable[list[str]], after: tuple[str, ...], closing: str, depth: int) -> str:
    inside = [line for part in parts for line in part]
    inside += [line for comment in after for line in commented(comment)]
    if not inside:
        return opening + closing
    indent = "  " * (depth + 1)
    return "\n".join([opening, *(indent + line if line else "" for line in inside), "  " * depth + closing])


def _entry(node: Node, depth: int) -> list[str]:
    before = [line for comment in getattr(node, "comments", ()) for line in commented(comment)]
    if isinstance(node, Resource):
        decorators = [_decorator(decorator, depth) for decorator in node.decorators]
        return ["", *before, *decorators, _resource(node, depth)]
    if isinstance(node, Spread):
        return [*before, f"...{_text(node.value, depth)}"]
    assert isinstance(node, Entry)
    return [*before, f"{_key(node.key)}: {_text(node.value, depth)}"]


def _item(node: Node, depth: int) -> list[str]:
    before = [line for comment in getattr(node, "comments", ()) for line in commented(comment)]
    if isinstance(node, Spread):
        return [*before, f"...{_text(node.value, depth)}"]
    assert isinstance(node, Item)
    return [*before, _text(node.value, depth)]


def _key(key: Node | None) -> str:
    if key is None:
        return "*"
    assert isinstance(key, Text)
    plain = key.plain
    if plain is not None:
        return plain if is_identifier(plain) else f"'{escaped(plain)}'"
    return _string(key)


# -- expressions ------------------------------------------------------------------------------------------------------


def _part(node: Node, wanted: int, depth: int) -> str:
    """A part of an expression, on one line, in brackets where it binds less than ``wanted``."""
    strength, text = _bound(node, depth)
    return f"({text})" if strength < wanted else text


def _bound(node: Node, depth: int) -> tuple[int, str]:
    if isinstance(node, Binary):
        strength = PRECEDENCE[node.operator]
        left, right = _part(node.left, strength, depth), _part(node.right, strength + 1, depth)
        return strength, f"{left} {node.operator} {right}"
    if isinstance(node, Ternary):
        condition = _part(node.condition, _CONDITION, depth)
        rest = node.otherwise
        otherwise = _part(rest, _TERNARY if isinstance(rest, Ternary) else _CONDITION, depth)
        return _TERNARY, f"{condition} ? {_part(node.then, _CONDITION, depth)} : {otherwise}"
    if isinstance(node, Unary):
        return _UNARY, f"{node.operator}{_part(node.operand, _POSTFIX, depth)}"
    if isinstance(node, Number):
        return (_POSTFIX if node.value >= 0 else _UNARY), str(node.value)
    if isinstance(node, Lambda):
        names = node.parameters[0] if len(node.parameters) == 1 else f"({', '.join(node.parameters)})"
        return _LAMBDA, f"{names} => {_part(node.body, _LAMBDA, depth)}"
    return _POSTFIX, _closed(node, depth)


def _closed(node: Node, depth: int) -> str:
    """An expression that binds like one word."""
    if isinstance(node, Text):
        return _string(node)
    if isinstance(node, Name):
        return node.name
    if isinstance(node, Word):
        return "null" if node.value is None else "true" if node.value else "false"
    if isinstance(node, Access):
        return _access(node, depth)
    if isinstance(node, Call):
        target = "" if node.target is None else f"{_part(node.target, _POSTFIX, depth)}."
        return f"{target}{node.function}({', '.join([_part(arg, 0, depth) for arg in node.args])})"
    if isinstance(node, Nested):
        return f"{_part(node.target, _POSTFIX, depth)}::{node.name}"
    if isinstance(node, NonNull):
        return f"{_part(node.target, _POSTFIX, depth)}!"
    if isinstance(node, For):
        return _text(node, depth)
    if isinstance(node, (Object, Array)):
        return _on_one_line(node, depth)
    return _type(node, depth)


def _access(node: Access, depth: int) -> str:
    target = _part(node.target, _POSTFIX, depth)
    name = node.key.plain if isinstance(node.key, Text) else None
    if name is not None and is_identifier(name) and not node.from_end:
        return f"{target}{'.?' if node.safe else '.'}{name}"
    marks = ("?" if node.safe else "") + ("^" if node.from_end else "")
    return f"{target}[{marks}{_part(node.key, 0, depth)}]"


def _on_one_line(node: Object | Array, depth: int) -> str:
    """A collection inside an expression: on one line, unless a comment has to end its own."""
    members = node.entries if isinstance(node, Object) else node.items
    if node.after or any(getattr(member, "comments", ()) for member in members):
        return _text(node, depth)
    parts: list[str] = []
    for member in members:
        if isinstance(member, Spread):
            parts.append(f"...{_part(member.value, 0, depth)}")
        elif isinstance(member, Entry):
            parts.append(f"{_key(member.key)}: {_part(member.value, 0, depth)}")
        elif isinstance(member, Item):
            parts.append(_part(member.value, 0, depth))
        else:
            return _text(node, depth)
    inside = ", ".join(parts)
    if isinstance(node, Object):
        return f"{{ {inside} }}" if inside else "{}"
    return f"[{inside}]"


def _string(node: Text) -> str:
    parts = [escaped(part) if isinstance(part, str) else f"${{{_part(part, 0, 0)}}}" for part in node.parts]
    return f"'{''.join(parts)}'"


# -- types ------------------------------------------------------------------------------------------------------------


def _type(node: Node, depth: int) -> str:
    if isinstance(node, Union):
        return " | ".join(_simple_type(part, depth) for part in node.types)
    if isinstance(node, TypeOf):
        return f"{_simple_type(node.type, depth)}{node.suffix}"
    if isinstance(node, Generic):
        return f"{node.name}<{', '.join(_type(argument, depth) for argument in node.arguments)}>"
    if isinstance(node, Object):
        return _lines("{", [_typed(entry, depth + 1) for entry in node.entries], node.after, "}", depth)
    if isinstance(node, Array):
        return _lines("[", [_typed(item, depth + 1) for item in node.items], node.after, "]", depth)
    if isinstance(node, Access) and not (isinstance(node.key, Text) and is_identifier(node.key.plain or "")):
        return f"{_simple_type(node.target, depth)}[{_part(node.key, 0, depth)}]"
    if isinstance(node, Access):
        return f"{_simple_type(node.target, depth)}.{_key(node.key)}"
    return _part(node, 0, depth)


def _simple_type(node: Node, depth: int) -> str:
    shown = _type(node, depth)
    return f"({shown})" if isinstance(node, Union) else shown


def _typed(node: Node, depth: int) -> list[str]:
    assert isinstance(node, (Entry, Item))
    lines = [line for comment in node.comments for line in commented(comment)]
    lines += [_decorator(decorator, depth) for decorator in node.decorators]
    shown = _type(node.value, depth)
    return [*lines, f"{_key(node.key)}: {shown}" if isinstance(node, Entry) else shown]
