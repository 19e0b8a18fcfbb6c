"""Go's constants: quoted strings, characters, numbers, and back (https://go.dev/ref/spec#Constants)."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from decimal import Decimal

_ESCAPE = r"\\(?:([abfnrtv\\'\"])|([0-7]{3})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(?P<bad>[\s\S]?))"
_SIMPLE = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\", "'": "'", '"': '"'}
_INTEGER = r"[+-]?(?:0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO]?(?:_?[0-7])+|0|[1-9](?:_?[0-9])*)\Z"
_FLOAT = r"[+-]?(?:[0-9](?:_?[0-9])*)?(?:\.(?:[0-9](?:_?[0-9])*)?)?(?:[eE][+-]?[0-9](?:_?[0-9])*)?\Z"
_TO_QUOTED = {**{ord(v): "\\" + k for k, v in _SIMPLE.items() if k != "'"}}


def unescape(text: str, quote: str = '"') -> str:
    """The text between the quotes of a Go string. Raises ValueError when Go refuses an escape.

    ``\\x`` and octal escapes are bytes in Go; those above 127 are joined as UTF-8, as Go's strings are.
    """
    if "\\" not in text:
        return text
    pieces: list[bytes] = []
    at = 0
    for match in re.finditer(_ESCAPE, text):
        pieces.append(text[at : match.start()].encode("utf-8", "replace"))
        at = match.end()
        simple, octal, byte, short, long, bad = match.groups()
        if bad is not None or (simple in ("'", '"') and simple != quote):
            raise ValueError(match.group())
        if simple:
            pieces.append(_SIMPLE[simple].encode())
        elif octal or byte:
            code = int(octal, 8) if octal else int(byte, 16)
            if code > 255:
                raise ValueError(match.group())
            pieces.append(bytes([code]))
        else:
            code = int(short or long, 16)
            if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
                raise ValueError(match.group())
            pieces.append(chr(code).encode())
    pieces.append(text[at:].encode("utf-8", "replace"))
    return b"".join(pieces).decode("utf-8", "replace")


def quoted(text: str) -> str:
    """A Go string constant: in backquotes where it can be, else in double quotes with escapes; ASCII where escaped."""
    if "`" not in text and text.isprintable():
        return f"`{text}`"
    return '"' + escaped(text) + '"'


def escaped(text: str) -> str:
    """Text for between double quotes."""
    found = text.translate(_TO_QUOTED)
    return "".join(c if c.isprintable() else _code(c) for c in found)


def _code(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def number(text: str) -> int | Decimal:
    """A number constant. Raises ValueError for what Go refuses, and for complex and hexadecimal floating numbers."""
    if len(text) > 100:
        raise ValueError(text)
    if re.match(_INTEGER, text):
        plain = text.replace("_", "")
        sign = -1 if plain.startswith("-") else 1
        digits = plain.lstrip("+-").lower()
        base = {"0x": 16, "0b": 2, "0o": 8}.get(digits[:2])
        if base:
            return sign * int(digits[2:], base)
        return sign * int(digits, 8 if digits.startswith("0") and len(digits) > 1 else 10)
    if not re.match(_FLOAT, text) or not re.search("[0-9]", text.partition("e")[0].partition("E")[0]):
        raise ValueError(text)
    from decimal import Decimal

    plain = text.replace("_", "")
    if len(plain.lower().partition("e")[2].lstrip("+-0")) > 4:
        raise ValueError(text)  # far beyond any number; Decimal has an end too
    exact = Decimal(plain)
    if exact and not -400 < exact.adjusted() <= 308:
        raise ValueError(text)
    return exact
