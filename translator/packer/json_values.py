"""JSON values as expressions, as HCL's JSON syntax reads them: a string is a template (https://github.com/hashicorp/hcl,
json/spec.md).
"""

from __future__ import annotations

from bakelift.translator.diagnostics import SourceFile, Span
from bakelift.translator.languages.json.nodes import Array, Object, Scalar
from bakelift.translator.plan.expressions import Expr, ListExpr, Literal, ObjectExpr, Template

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.languages.json.nodes import Node

_MARK = "BAKELIFT_TEXT_"
_OPENING = f"<<{_MARK}\n"


def members(node: Node) -> list[tuple[str, Node]] | None:
    """The members of an object, comments (``//``) left out; None when it is no object."""
    if not isinstance(node, Object):
        return None
    return [(member.key, member.value) for member in node if member.key != "//"]


def json_expr(node: Node, templates: bool = True) -> Expr:
    """The expression of a value. ``templates``: strings are HCL templates; else they are texts as they stand.

    Raises TemplateError for a template that is wrong.
    """
    if isinstance(node, Scalar):
        if isinstance(node.value, str) and templates:
            return text_template(node.value, node.span)
        return Literal(node.value, node.span)
    if isinstance(node, Array):
        return ListExpr(tuple(json_expr(item, templates) for item in node), node.span)
    assert isinstance(node, Object)
    entries = []
    for member in node:
        key = text_template(member.key, member.key_span) if templates else Literal(member.key, member.key_span)
        entries.append((key, json_expr(member.value, templates)))
    return ObjectExpr(tuple(entries), node.span)


def text_template(text: str, span: Span) -> Expr:
    """A text with ``${…}`` and ``%{…}``. One interpolation alone is what it interpolates."""
    if "${" not in text and "%{" not in text:
        return Literal(text, span)
    from bakelift.translator.languages.hcl.parser import parse_expression

    expr = parse_expression(SourceFile(f"{span.file.path}:{span.line}", f"{_OPENING}{text}\n{_MARK}\n"))
    return _placed(_without_last_newline(expr), span, text)


def _without_last_newline(expr: Expr) -> Expr:
    if isinstance(expr, Literal) and isinstance(expr.value, str):
        return Literal(expr.value.removesuffix("\n"), expr.span)
    if not isinstance(expr, Template):
        return expr
    last = expr.parts[-1]
    if not isinstance(last, Literal) or not isinstance(last.value, str):
        return expr
    shorter = last.value.removesuffix("\n")
    parts = (*expr.parts[:-1], Literal(shorter, last.span)) if shorter else expr.parts[:-1]
    return parts[0] if len(parts) == 1 else expr.but(parts=parts)


def _placed(expr: Expr, span: Span, text: str) -> Expr:
    """The tree with spans in the JSON file: exact where the text stands there without escapes."""
    exact = span.text == f'"{text}"'

    def move(node: Expr) -> Expr:
        changes: dict[str, object] = {}
        for field in node._fields:
            value = getattr(node, field)
            changes[field] = _moved(value)
        own = node.span
        if exact and own is not None:
            shift = span.start + 1 - len(_OPENING)
            changes["span"] = Span(span.file, own.start + shift, min(own.end + shift, span.end))
        else:
            changes["span"] = span
        return node.but(**changes)

    def _moved(value: object) -> object:
        if isinstance(value, Expr):
            return move(value)
        if isinstance(value, tuple):
            return tuple(_moved(item) for item in value)
        return value

    return move(expr)
