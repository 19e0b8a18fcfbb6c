"""Reads JSON as Go's ``encoding/json`` does (https://pkg.go.dev/encoding/json), keeping the place of everything.

Strict: no comments, no trailing commas, no byte order mark, and no key twice in one object, which is Packer's own rule.
Lenient, for ARM templates: ``//`` and ``/* */`` comments, trailing commas, a byte order mark, line ends in strings, and
``<placeholders>`` that are to be replaced by a value: they are text.
"""

from __future__ import annotations

import re
from json.decoder import JSONDecodeError
from json.decoder import scanstring as _scanstring  # type: ignore[attr-defined]

from bakelift.translator.diagnostics import Diagnostic, Diagnostics, Span, TemplateError, fail
from bakelift.translator.languages.json.nodes import Array, Member, Node, Object, Scalar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from bakelift.translator.diagnostics import SourceFile

#: Deeper nesting is refused: no template needs it, and readers walk the tree by recursion.
MAX_DEPTH = 200

_SPACE = re.compile(r"[ \t\r\n]*")
_SPACE_AND_COMMENTS = re.compile(r"(?:[ \t\r\n\ufeff]+|//[^\r\n]*|/\*(?:(?!\*/)[\s\S])*\*/)*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)((?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)")
_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPE = re.compile(r"\\(?:[\"\\/bfnrt]|u[0-9a-fA-F]{4})")
_WORDS: dict[str, tuple[str, bool | None]] = {"t": ("true", True), "f": ("false", False), "n": ("null", None)}


def parse_json(file: SourceFile, lenient: bool = False, duplicates: bool = False) -> Node:
    """The value that a file holds. ``duplicates``: a key may stand twice in an object (HCL's JSON syntax merges them).

    Raises TemplateError: ``json/syntax`` at the first character that no JSON can have there, in Go's words;
    ``json/duplicate-field`` for every key that an object has twice; ``json/too-deep``; ``json/number-range``.
    """
    parser = _Parser(file, lenient, duplicates)
    node = parser.document()
    parser.diagnostics.stop_if_failed()
    return node


class _Parser:
    def __init__(self, file: SourceFile, lenient: bool, duplicates: bool) -> None:
        self.file = file
        self.text = file.text
        self.lenient = lenient
        self.duplicates = duplicates
        self.space = (_SPACE_AND_COMMENTS if lenient else _SPACE).match
        self.depth = 0
        self.diagnostics = Diagnostics()

    def document(self) -> Node:
        node = self.value(self.skip(0))
        at = self.skip(node.end)
        if at < len(self.text):
            raise self.unexpected(at, "after top-level value")
        return node

    def skip(self, at: int) -> int:
        found = self.space(self.text, at)
        return found.end() if found else at

    def value(self, at: int) -> Node:
        """The value that starts at ``at``, white space being skipped."""
        first = self.text[at : at + 1]
        if first == '"':
            value, end = self.string(at)
            return Scalar(self.file, at, end, value)
        if first == "{":
            return self.nested(at, self.object)
        if first == "[":
            return self.nested(at, self.array)
        if first in _WORDS:
            word, constant = _WORDS[first]
            if self.text.startswith(word, at):
                return Scalar(self.file, at, at + len(word), constant)
            raise self.broken_word(at, word)
        if first == "<" and self.lenient:
            found = re.match(r"<[A-Za-z][\w.\-]*>", self.text[at : at + 100])
            if found is not None:
                return Scalar(self.file, at, at + found.end(), found.group())
        return self.number(at)

    def nested(self, at: int, parse: Callable[[int], Node]) -> Node:
        if self.depth >= MAX_DEPTH:
            span = Span(self.file, at, at + 1)
            raise fail("json/too-deep", "exceeded max depth", f"Values nest deeper than {MAX_DEPTH} levels.", span)
        self.depth += 1
        node = parse(at)
        self.depth -= 1
        return node

    def object(self, start: int) -> Object:
        text, skip = self.text, self.skip
        members: list[Member] = []
        keys: set[str] = set()
        at = skip(start + 1)
        if text[at : at + 1] == "}":
            return Object(self.file, start, at + 1, ())
        while True:
            if text[at : at + 1] != '"':
                raise self.unexpected(at, "looking for beginning of object key string")
            key, key_end = self.string(at)
            colon = skip(key_end)
            if text[colon : colon + 1] != ":":
                raise self.unexpected(colon, "after object key")
            value = self.value(skip(colon + 1))
            if key in keys and not self.duplicates:
                self.duplicate(key, at, key_end)
            keys.add(key)
            members.append(Member(key, at, key_end, value))
            at = skip(value.end)
            after = text[at : at + 1]
            if after == ",":
                at = skip(at + 1)
                if not (self.lenient and text[at : at + 1] == "}"):
                    continue
            elif after != "}":
                raise self.unexpected(at, "after object key:value pair")
            return Object(self.file, start, at + 1, tuple(members))

    def array(self, start: int) -> Array:
        text, skip = self.text, self.skip
        items: list[Node] = []
        at = skip(start + 1)
        if text[at : at + 1] == "]":
            return Array(self.file, start, at + 1, ())
        while True:
            value = self.value(at)
            items.append(value)
            at = skip(value.end)
            after = text[at : at + 1]
            if after == ",":
                at = skip(at + 1)
                if not (self.lenient and text[at : at + 1] == "]"):
                    continue
            elif after != "]":
                raise self.unexpected(at, "after array element")
            return Array(self.file, start, at + 1, tuple(items))

    def string(self, at: int) -> tuple[str, int]:
        try:
            scanned: tuple[str, int] = _scanstring(self.text, at + 1, not self.lenient)
        except JSONDecodeError:
            raise self.broken_string(at) from None
        value, end = scanned
        if end - at - 2 != len(value) and _SURROGATE.search(value):
            value = _SURROGATE.sub("\ufffd", value)  # as Go: half a surrogate pair is no character
        return value, end

    def number(self, at: int) -> Scalar:
        found = _NUMBER.match(self.text, at)
        if found is None:
            if self.text[at : at + 1] == "-":
                raise self.unexpected(at + 1, "in numeric literal")
            raise self.unexpected(at, "looking for beginning of value")
        end = found.end()
        rest = self.text[end : end + 1]
        if rest in (".", "e", "E") and rest:
            raise self.unexpected(self.digits_end(end), "in numeric literal")
        try:
            value = _number(found.group(), bool(found.group(1)))
        except (ArithmeticError, ValueError):
            text = found.group() if end - at < 40 else found.group()[:30] + "…"
            span = Span(self.file, at, end)
            raise fail("json/number-range", f"cannot use the number {text}", "It is out of range.", span) from None
        return Scalar(self.file, at, end, value)

    def digits_end(self, at: int) -> int:
        """Where the tail of a number (``.``, ``e+``) that lacks its digits stops."""
        at += 1
        return at + 1 if self.text[at - 1] != "." and self.text[at : at + 1] in ("+", "-") else at

    def duplicate(self, key: str, start: int, end: int) -> None:
        self.diagnostics.error(
            "json/duplicate-field",
            f"template has duplicate field: {key}",
            "An object may have a key only once; which of the two is meant cannot be known. Remove one.",
            Span(self.file, start, end),
        )

    # Errors

    def broken_word(self, at: int, word: str) -> TemplateError:
        for index, letter in enumerate(word):
            if self.text[at + index : at + index + 1] != letter:
                return self.unexpected(at + index, f"in literal {word} (expecting {letter!r})")
        raise AssertionError(word)

    def broken_string(self, start: int) -> TemplateError:
        """Go's message for a string that does not end, or holds what JSON strings cannot hold."""
        at = start + 1
        while at < len(self.text):
            here = self.text[at]
            if here == '"':
                break
            if here == "\\":
                escape = _ESCAPE.match(self.text, at)
                if escape is None:
                    return self.broken_escape(at)
                at = escape.end()
                continue
            if here < " " and not self.lenient:
                return self.unexpected(at, "in string literal", start)
            at += 1
        return self.unexpected(len(self.text), "in string literal", start)

    def broken_escape(self, at: int) -> TemplateError:
        if self.text[at + 1 : at + 2] != "u":
            return self.unexpected(at + 1, "in string escape code")
        digits = at + 2
        while self.text[digits : digits + 1] in tuple("0123456789abcdefABCDEF"):
            digits += 1
        return self.unexpected(digits, "in \\u hexadecimal character escape")

    def unexpected(self, at: int, context: str, string: int | None = None) -> TemplateError:
        if at >= len(self.text):
            summary, span = "unexpected end of JSON input", Span(self.file, len(self.text), len(self.text))
            if string is not None:
                summary, span = f"{summary}: this string does not end", Span(self.file, string, string + 1)
        else:
            summary, span = f"invalid character {_quoted(self.text[at])} {context}", Span(self.file, at, at + 1)
        advice = self.advice(at, context)
        error = Diagnostic("error", "json/syntax", f"Error parsing JSON: {summary}", advice, span)
        return TemplateError(*self.diagnostics, error)

    def advice(self, at: int, context: str) -> str:
        rest = self.text[at : at + 2]
        before = self.text[:at].rstrip()[-1:]
        if not self.text.strip():
            return "The file is empty."
        if rest[:1] in ("}", "]") and before == ",":
            return f"JSON has no trailing commas: remove the comma before this {rest[0]}."
        if rest in ("//", "/*") or rest[:1] == "#":
            return 'JSON has no comments. At the top of a Packer template, a key "_comment" can hold one.'
        if rest[:1] == "\ufeff":
            return "The file starts with a byte order mark, which JSON does not allow. Save it as UTF-8 without one."
        if rest[:1] in ("'", "`", "\u2018", "\u201c", "\u201d"):
            return 'Strings are written in straight double quotes: "like this".'
        if context == "in string literal" and rest[:1] in ("\n", "\r", "\t"):
            return "A string ends on its line; write a line end as \\n and a tab as \\t, or close the quote."
        if context == "in string escape code":
            return 'Only \\" \\\\ \\/ \\b \\f \\n \\r \\t and \\uXXXX are escapes; write a backslash itself as \\\\.'
        if context.startswith("after ") and rest[:1] == '"':
            return "A comma is missing before this."
        if context.startswith("after top-level"):
            return "The template is one JSON value; nothing may follow it."
        if not rest:
            return "The text ends before everything that was opened is closed."
        return ""


def _number(text: str, fractional: bool) -> int | Decimal:
    """``int`` where whole. Like Go's float64 it refuses what lies beyond 1e308, which also keeps integers small."""
    if not fractional:
        if len(text) > 309:
            raise OverflowError
        return int(text)
    from decimal import Decimal

    exact = Decimal(text)
    if exact and exact.adjusted() > 308:
        raise OverflowError
    if exact.adjusted() < -400 or len(text) > 800:
        exact = Decimal(repr(float(text)))
    whole = exact.to_integral_value()
    return int(whole) if whole == exact else exact


def _quoted(character: str) -> str:
    """As Go's messages quote a character."""
    if character == "'":
        return "'\\''"
    if character == '"':
        return "'\"'"
    if character < " ":
        return {"\n": "'\\n'", "\r": "'\\r'", "\t": "'\\t'"}.get(character, f"'\\x{ord(character):02x}'")
    return f"'{character}'"


def inner_offset(node: Node, index: int) -> int:
    """Offset in the file of character ``index`` of a string node's value, escapes counted."""
    raw = node.file.text[node.start + 1 : node.end - 1]
    if "\\" not in raw[: 6 * index + 6]:
        return node.start + 1 + min(index, len(raw))
    at = 0
    for _ in range(index):
        escape = _ESCAPE.match(raw, at)
        if escape is None:
            at += 1
            continue
        at = escape.end()
        if "\\ud800" <= escape.group().lower() <= "\\udbff" and _LOW.match(raw, at):
            at += 6
    return node.start + 1 + min(at, len(raw))


_LOW = re.compile(r"\\u[dD][c-fC-F][0-9a-fA-F]{2}")
