"""From Go template text to the expression tree."""

from __future__ import annotations

import re
from itertools import pairwise

from bakelift.translator.diagnostics import Span
from bakelift.translator.languages.go_template.functions import FIELDS, Functions
from bakelift.translator.plan.expressions import (
    Call,
    Conditional,
    Expr,
    For,
    JoinedFor,
    ListExpr,
    Literal,
    ObjectExpr,
    Ref,
    Template,
    template,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    Place = Callable[[int, int], Span | None]

#: What ``{{.X}}`` may name in an execute command, besides the generated data of the build.
COMMAND_HOLES = frozenset({"Vars", "Path", "EnvVarFile", "Script", "Command"})

#: Each rendering takes away one level of escaping; nobody writes so many.
MAX_RENDERINGS = 20

#: Operations whose arguments are results, so that text in them is a template as text outside is.
_PASS_THROUGH = frozenset({"concat", "coalesce", "coalescelist", "compact", "distinct", "flatten", "merge", "try"})


def parse_template(
    parts: str | Sequence[str | Expr],
    functions: Functions = FIELDS,
    *,
    holes: Collection[str] = (),
    again: bool = False,
    span: Span | None = None,
    place: Place | None = None,
) -> Expr:
    """The expression that a text means.

    ``parts``: text, or pieces of text and expressions of an outer language between them (an expression inside an action
    must stand within a quoted string there); a string Literal is a piece of text with a span. ``functions``: which ones
    may be used here. ``holes``: names that ``{{.X}}`` reads as Ref("command", X) (:data:`COMMAND_HOLES` in execute
    commands); other names are Ref("build", X). ``again``: Packer renders the result again and again until nothing
    changes (``inline``, execute commands), so braces that are left after one time are read once more. ``span``: of the
    whole text; ``place``: where a range of the joined pieces stands (an expression counts as one character), for
    messages; else the spans of the pieces serve.

    Raises TemplateError in Go's words: ``template/syntax``, ``template/unknown-function``,
    ``template/function-not-allowed``, ``template/arguments``, ``template/interpolation-in-action``,
    ``template/too-deep``.
    """
    pieces = [parts] if isinstance(parts, str) else parts
    if not any("{{" in text for text in map(_text, pieces) if text is not None) and not _split_braces(pieces):
        return _joined([Literal(p, span) if isinstance(p, str) else p for p in pieces], span)
    place = place or _places(pieces, span)
    found = _names_alone(pieces, holes, span, place) or _parsed(pieces, functions, holes, span, place)
    if again:
        found = _again(found, functions, holes, span)
    return found


#: An action that names one thing: ``{{ .Path }}``.
_NAME = re.compile(r"\{\{ *\.([A-Za-z_]\w*) *\}\}", re.ASCII)


def _names_alone(pieces: Sequence[str | Expr], holes: Collection[str], span: Span | None, place: Place) -> Expr | None:
    """What a text means whose actions all name one thing, as nearly all execute commands are; None for others.

    It is what :func:`_parsed` finds, without the grammar.
    """
    texts = [_text(piece) for piece in pieces]
    text = "".join(each for each in texts if each is not None)
    actions = list(_NAME.finditer(text))
    if None in texts or len(actions) != text.count("{{") or "{{{" in text:
        return None
    parts: list[Expr] = []
    at = 0
    for action in actions:
        if action.start() > at:
            parts.append(Literal(text[at : action.start()], place(at, action.start())))
        kind = "command" if action[1] in holes else "build"
        at = action.end()
        parts.append(Ref(kind, action[1], place(action.start(1) - 1, action.end(1))))  # type: ignore[arg-type]
    if at < len(text):
        parts.append(Literal(text[at:], place(at, len(text))))
    return parts[0] if len(parts) == 1 else template(parts, span)


def _parsed(
    pieces: Sequence[str | Expr], functions: Functions, holes: Collection[str], span: Span | None, place: Place
) -> Expr:
    from bakelift.translator.languages.go_template.lexer import Source
    from bakelift.translator.languages.go_template.meaning import Meaning
    from bakelift.translator.languages.go_template.parser import parse_tree

    text, expressions = _join(pieces)
    source = Source(text, expressions, place)
    meaning = Meaning(source, functions, frozenset(holes))
    return meaning.template(parse_tree(source, meaning.check_function), span)


def parse_expression(expr: Expr, functions: Functions, *, holes: Collection[str] = (), again: bool = False) -> Expr:
    """An expression of an outer language whose resulting texts are Go templates: :func:`parse_template` on every text
    that can become the value or an element of it. Arguments of functions are not results, so they stay as they are.
    """

    def inner(node: Expr) -> Expr:
        if isinstance(node, Template):
            return parse_template(node.parts, functions, holes=holes, again=again, span=node.span)
        if isinstance(node, Literal):
            if not isinstance(node.value, str) or "{{" not in node.value:
                return node
            return parse_template([node], functions, holes=holes, again=again, span=node.span)
        if isinstance(node, ListExpr):
            return node.but(items=tuple(map(inner, node.items)))
        if isinstance(node, ObjectExpr):
            return node.but(entries=tuple((key, inner(value)) for key, value in node.entries))
        if isinstance(node, Conditional):
            return node.but(then=inner(node.then), otherwise=inner(node.otherwise))
        if isinstance(node, For):
            return node.but(value=inner(node.value))
        if isinstance(node, Call) and node.operation in _PASS_THROUGH:
            return node.but(args=tuple(map(inner, node.args)))
        return node

    if not any(isinstance(n, Literal) and isinstance(n.value, str) and "{{" in n.value for n in expr.walk()):
        return expr
    return inner(expr)


def _text(piece: str | Expr) -> str | None:
    if isinstance(piece, str):
        return piece
    if isinstance(piece, Literal) and isinstance(piece.value, str):
        return piece.value
    return None


def _split_braces(pieces: Sequence[str | Expr]) -> bool:
    """Whether neighbouring pieces of text make ``{{`` between them."""
    texts = [_text(p) for p in pieces]
    return any((a or "").endswith("{") and (b or "").startswith("{") for a, b in pairwise(texts))


def _join(pieces: Sequence[str | Expr]) -> tuple[str, dict[int, Expr]]:
    from bakelift.translator.languages.go_template.lexer import HOLE

    texts: list[str] = []
    expressions: dict[int, Expr] = {}
    at = 0
    for piece in pieces:
        text = _text(piece)
        if text is None:
            assert isinstance(piece, Expr)
            expressions[at] = piece
            text = HOLE
        texts.append(text)
        at += len(text)
    return "".join(texts), expressions


def _places(pieces: Sequence[str | Expr], whole: Span | None) -> Place:
    """Places by the spans of the pieces: exact where a piece stands in the file as it is, else the piece's span."""

    def place(start: int, end: int) -> Span | None:
        at = 0
        for piece in pieces:
            text = _text(piece)
            size = 1 if text is None else len(text)
            if start < at + size or (start == at + size and piece is pieces[-1]):
                span = piece.span if isinstance(piece, Expr) else whole
                if span is None:
                    return whole
                first = _first(span, text)
                if first is None:
                    return span
                begin = first + start - at
                return Span(span.file, begin, min(begin + end - start, span.end))
            at += size
        return whole

    return place


def _first(span: Span, text: str | None) -> int | None:
    """Offset in the file of a text's first character, when the text stands there as it is (quotes aside)."""
    if text is None:
        return None
    raw = span.text
    if raw == text:
        return span.start
    return span.start + 1 if len(raw) == len(text) + 2 and raw[1:-1] == text else None


def _joined(parts: list[Expr], span: Span | None) -> Expr:
    """Parts without actions: a lone expression is itself, as HCL has it."""
    if len(parts) == 1:
        return parts[0]
    return template(parts, span)


def _again(expr: Expr, functions: Functions, holes: Collection[str], span: Span | None) -> Expr:
    """The further renderings: what one has left of braces is a template too, until nothing changes."""
    for _ in range(MAX_RENDERINGS):
        rendered = _once_more(expr, functions, holes, span)
        if rendered == expr:
            break
        expr = rendered
    return expr


def _once_more(expr: Expr, functions: Functions, holes: Collection[str], span: Span | None) -> Expr:
    if isinstance(expr, Literal):
        return parse_template([expr], functions, holes=holes, span=span or expr.span)
    if isinstance(expr, Template):
        parts = [_within(part, functions, holes, span) for part in expr.parts]
        return parse_template(parts, functions, holes=holes, span=span or expr.span)
    return _within(expr, functions, holes, span)


def _within(expr: Expr, functions: Functions, holes: Collection[str], span: Span | None) -> Expr:
    if isinstance(expr, Conditional):
        then = _once_more(expr.then, functions, holes, span)
        return expr.but(then=then, otherwise=_once_more(expr.otherwise, functions, holes, span))
    if isinstance(expr, JoinedFor):
        return expr.but(loop=expr.loop.but(value=_once_more(expr.loop.value, functions, holes, span)))
    return expr
