"""Cuts a Go template into tokens (https://pkg.go.dev/text/template).

The text may have interpolations of an outer language (HCL) between its pieces. Each stands as one character,
:data:`HOLE`, whose meaning is looked up by its offset; it may be outside actions and inside quoted strings.
"""

from __future__ import annotations

import re

from bakelift.translator.diagnostics import TemplateError, fail

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bakelift.translator.diagnostics import Span
    from bakelift.translator.plan.expressions import Expr

#: Stands for an interpolation in the joined text.
HOLE = "\ue000"

_SPACE = " \t\r\n"
_COMMENT = re.compile(r"/\*([\s\S]*?)\*/")
_TOKEN = re.compile(
    r"""(?P<right>[ \t\r\n]+-\}\}|\}\})
    |(?P<space>[ \t\r\n]+)
    |(?P<string>"(?:[^"\\\n]|\\[^\n])*")
    |(?P<raw>`[^`]*`)
    |(?P<char>'(?:[^'\\\n]|\\[^\n])*')
    |(?P<number>[+-]?(?:[0-9]|\.[0-9])(?:[\w.]|(?<=[eEpP])[+-])*)
    |(?P<field>\.\w+)
    |(?P<variable>\$\w*)
    |(?P<word>[^\W\d]\w*)
    |(?P<symbol>:=|[!#-&(-*,./;-@[-_{-~])""",
    re.VERBOSE,
)
#: Go: a name, field or variable ends at one of these.
_TERMINATORS = frozenset(" \t\r\n.,|:()=")


class Token:
    """``kind``: text, hole, left, right, space, string, raw, char, number, field, variable, word, symbol, end."""

    __slots__ = ("end", "kind", "start", "text")

    def __init__(self, kind: str, text: str, start: int, end: int) -> None:
        self.kind = kind
        self.text = text
        self.start = start
        self.end = end


class Source:
    """The joined text, its interpolations by offset, and where a range of it stands in the input."""

    def __init__(self, text: str, holes: Mapping[int, Expr], place: Callable[[int, int], Span | None]) -> None:
        self.text = text
        self.holes = holes
        self.place = place

    def wrong(
        self, summary: str, start: int, end: int, detail: str = "", code: str = "template/syntax"
    ) -> TemplateError:
        """The error to raise for ``[start, end)``."""
        return fail(code, summary, detail or ESCAPE_ADVICE, self.place(start, end))


ESCAPE_ADVICE = (
    "Packer renders this text as a Go template. Where {{ is meant for something else (docker --format, Jinja, Helm), "
    "write it as {{`{{`}}."
)


def tokens(source: Source) -> list[Token]:
    """All tokens of a template; comments are dropped, text next to trim markers is trimmed."""
    text, at, trim = source.text, 0, False
    found: list[Token] = []
    while True:
        left = text.find("{{", at)
        stop = left if left >= 0 else len(text)
        inside = left + 2
        trim_before = left >= 0 and text[inside : inside + 1] == "-" and text[inside + 1 : inside + 2] in tuple(_SPACE)
        _text_tokens(source, at, stop, trim, trim_before, found)
        if left < 0:
            found.append(Token("end", "", len(text), len(text)))
            return found
        if trim_before:
            inside += 2
        if text.startswith("/*", inside):
            at, trim = _comment(source, left, inside)
            continue
        found.append(Token("left", "{{", left, inside))
        at = _action_tokens(source, left, inside, found)
        trim = found[-1].text != "}}"


def _text_tokens(source: Source, start: int, end: int, trim_left: bool, trim_right: bool, found: list[Token]) -> None:
    text = source.text
    if trim_left:
        while start < end and text[start] in _SPACE:
            start += 1
    if trim_right:
        while end > start and text[end - 1] in _SPACE:
            end -= 1
    at = start
    while at < end:
        hole = _next_hole(source, at, end)
        if hole > at:
            found.append(Token("text", text[at:hole], at, hole))
        if hole < end:
            found.append(Token("hole", HOLE, hole, hole + 1))
        at = hole + 1


def _next_hole(source: Source, at: int, end: int) -> int:
    """Offset of the next interpolation before ``end``, else ``end``."""
    if not source.holes:
        return end
    at = source.text.find(HOLE, at, end)
    while at >= 0 and at not in source.holes:  # the character itself, in the input
        at = source.text.find(HOLE, at + 1, end)
    return at if at >= 0 else end


def _comment(source: Source, left: int, at: int) -> tuple[int, bool]:
    """(offset behind a comment's closing delimiter, whether it trims the text behind it)."""
    comment = _COMMENT.match(source.text, at)
    if comment is None:
        raise source.wrong("unclosed comment", left, at + 2)
    after = comment.end()
    if source.text.startswith("}}", after):
        return after + 2, False
    if source.text[after : after + 1] in tuple(_SPACE) and source.text.startswith("-}}", after + 1):
        return after + 4, True
    raise source.wrong("comment ends before closing delimiter", left, after)


def _action_tokens(source: Source, left: int, at: int, found: list[Token]) -> int:
    """Appends the tokens of an action up to its closing delimiter; the offset behind it."""
    text = source.text
    parens = 0
    while True:
        match = _TOKEN.match(text, at)
        if match is None:
            raise _bad(source, left, at)
        kind, end = match.lastgroup or "", match.end()
        word = match.group()
        if kind == "right":
            if parens:
                raise source.wrong("unclosed left paren", left, at)
            found.append(Token("right", "}}" if word == "}}" else "-}}", at, end))
            return end
        if kind in ("word", "field", "variable") and not _terminated(text, end):
            raise _bad(source, left, end, "bad character ")
        if kind == "symbol":
            parens += (word == "(") - (word == ")")
            if parens < 0:
                raise source.wrong("unexpected right paren", at, end)
        found.append(Token(kind, word, at, end))
        at = end


def _terminated(text: str, at: int) -> bool:
    return at >= len(text) or text[at] in _TERMINATORS or text.startswith("}}", at)


def _bad(source: Source, left: int, at: int, what: str = "unrecognized character in action: ") -> TemplateError:
    """Go's message for what no token can start with, or (``what``) cannot follow a name."""
    text = source.text
    here = text[at : at + 1]
    if not here:
        return source.wrong("unclosed action", left, len(text))
    if at in source.holes:
        return source.wrong(
            "an interpolation inside {{ }} stands outside quotes",
            at,
            at + 1,
            "What it would mean depends on its value; put it into a quoted string, or move it out of the braces.",
            "template/interpolation-in-action",
        )
    if here == '"':
        return source.wrong("unterminated quoted string", at, at + 1)
    if here == "`":
        return source.wrong("unterminated raw quoted string", at, at + 1)
    if here == "'":
        return source.wrong(
            "unterminated character constant", at, at + 1, "Strings stand in double quotes or backquotes."
        )
    if here == ":":
        return source.wrong("expected :=", at, at + 1)
    if here in "+-":
        return source.wrong(f'bad number syntax: "{here}"', at, at + 1)
    return source.wrong(f"{what}U+{ord(here):04X} {_quoted(here)}", at, at + 1)


def _quoted(character: str) -> str:
    return f"'{character}'" if character.isprintable() else repr(character)
