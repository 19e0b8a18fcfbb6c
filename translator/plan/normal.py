"""Normal form: two Plans are the same when their normal forms are equal.

Spans, comments, leaves and where a Plan came from never count (see :class:`~.record.Record`). Ways of building text
(interpolation, ``format``, ``arm.format``, ``arm.concat`` of text) become one Template, adjacent literals merged.
Settings compare by name whatever their order; a null setting is none; scripts and other texts compare by bytes.
"""

from __future__ import annotations

import re

from bakelift.translator.plan.expressions import Call, Expr, Index, Literal, Ref, Template, template, transform
from bakelift.translator.plan.inlining import inline_named
from bakelift.translator.plan.model import Attribute, Block, Body, Plan, Setting
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    Part = TypeVar("Part")


#: The template's folder as an absolute path, which Go templates have a word for.
_TEMPLATE_DIR = Call("abspath", (Ref("path", "root"),))


def normal(plan: Plan, inline: bool = False) -> Plan:
    """The Plan in normal form. ``inline``: named values are put in place and left out (for comparing what is built)."""
    named = plan.values()

    def tidy(expr: Expr) -> Expr:
        return normal_expr(inline_named(expr, named) if inline else expr)

    tidied = _mapped(plan, tidy)
    return tidied.but(named=()) if inline else tidied


def same(a: Plan, b: Plan, inline: bool = False) -> bool:
    """Whether two Plans say the same."""
    return normal(a, inline) == normal(b, inline)


def normal_expr(expr: Expr) -> Expr:
    """An expression in normal form."""

    def visit(node: Expr) -> Expr | None:
        if isinstance(node, Template):
            return template([normal_expr(part) for part in node.parts], node.span)
        if isinstance(node, Call):
            if node == _TEMPLATE_DIR:
                return Ref("path", "template_dir", node.span)
            parts = _text_parts(node)
            if parts is not None:
                return template([normal_expr(part) for part in parts], node.span)
            if _is_coalesce(node):
                return _first_that_says(node, normal_expr)
            if node.operation == "element" and node.args[1:] == (Literal(0),):
                return Index(normal_expr(node.args[0]), Literal(0))
        return None

    return transform(expr, visit)


def without_nothing(expr: Expr) -> Expr:
    """An expression whose ``coalesce`` calls have no arguments that they pass over."""
    return transform(expr, lambda node: _first_that_says(node, without_nothing) if _is_coalesce(node) else None)


def _is_coalesce(node: Expr) -> bool:
    return isinstance(node, Call) and node.operation == "coalesce"


def _first_that_says(node: Expr, tidy: Callable[[Expr], Expr]) -> Expr:
    """Packer's ``coalesce`` without what it passes over."""
    assert isinstance(node, Call)
    rest = tuple(arg for arg in map(tidy, node.args) if arg not in (Literal(None), Literal("")))
    return rest[0] if len(rest) == 1 else node.but(args=rest or node.args)


def _text_parts(call: Call) -> list[Expr] | None:
    """The parts of a text that a call builds; None when it builds something else."""
    if call.expand or not call.args:
        return None
    first = call.args[0]
    if call.operation in ("format", "go.printf") and isinstance(first, Literal) and isinstance(first.value, str):
        return _verbs(first.value, call.args[1:])
    if call.operation == "arm.format" and isinstance(first, Literal) and isinstance(first.value, str):
        return _holes(first.value, call.args[1:])
    if call.operation == "arm.concat" and any(_is_text(arg) for arg in call.args):
        return list(call.args)
    return None


def _is_text(expr: Expr) -> bool:
    if isinstance(expr, Call):
        return _text_parts(expr) is not None
    return isinstance(expr, Template) or (isinstance(expr, Literal) and isinstance(expr.value, str))


def _verbs(text: str, args: tuple[Expr, ...]) -> list[Expr] | None:
    """Parts of a format text that has no other verbs than ``%s`` and ``%%``, and as many as there are arguments."""
    pieces = re.split(r"(%[%s]?)", text)
    parts: list[Expr] = []
    given = iter(args)
    for piece in pieces:
        if piece == "%":
            return None
        if piece == "%%":
            parts.append(Literal("%"))
        elif piece == "%s":
            arg = next(given, None)
            if arg is None:
                return None
            parts.append(arg)
        elif piece:
            parts.append(Literal(piece))
    return None if next(given, None) is not None else parts


def _holes(text: str, args: tuple[Expr, ...]) -> list[Expr] | None:
    """Parts of a .NET composite format text whose holes have neither width nor format."""
    parts: list[Expr] = []
    for piece in re.split(r"(\{\{|\}\}|\{\d+\})", text):
        if piece in ("{{", "}}"):
            parts.append(Literal(piece[0]))
        elif re.fullmatch(r"\{\d+\}", piece):
            at = int(piece[1:-1])
            if at >= len(args):
                return None
            parts.append(args[at])
        elif "{" in piece or "}" in piece:
            return None
        elif piece:
            parts.append(Literal(piece))
    return parts


def _mapped(part: Part, tidy: Callable[[Expr], Expr]) -> Part:
    """A record with every expression below it in normal form, null settings gone, opaque bodies in a fixed order."""
    if isinstance(part, Expr):
        return tidy(part)  # type: ignore[return-value]
    if isinstance(part, Body):
        return _body(part, tidy)  # type: ignore[return-value]
    if isinstance(part, Record):
        return part.mapped(lambda inner: _mapped(inner, tidy))
    if isinstance(part, tuple):
        return tuple(_mapped(item, tidy) for item in part)  # type: ignore[return-value]
    if isinstance(part, dict):
        tidied = {key: _mapped(value, tidy) for key, value in part.items()}
        return {key: value for key, value in tidied.items() if not _is_null(value)}  # type: ignore[return-value]
    return part


def _is_null(value: object) -> bool:
    return isinstance(value, Setting) and isinstance(value.value, Literal) and value.value.value is None


def _body(body: Body, tidy: Callable[[Expr], Expr]) -> Body:
    attributes = [entry for entry in body.entries if isinstance(entry, Attribute)]
    blocks = [entry for entry in body.entries if isinstance(entry, Block)]
    attributes.sort(key=lambda entry: entry.name)
    blocks.sort(key=lambda entry: entry.type)
    tidied = [entry.but(setting=_mapped(entry.setting, tidy)) for entry in attributes]
    inner = [
        entry.but(
            body=_body(entry.body, tidy),
            dynamic=_mapped(dict(entry.dynamic), tidy) if entry.dynamic is not None else None,
        )
        for entry in blocks
    ]
    return Body((*tidied, *inner))
