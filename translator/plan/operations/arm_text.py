"""Text in ARM templates. Bools print as ``True`` and ``False`` there, and several searches ignore case."""

from __future__ import annotations

import re

from bakelift.translator.plan import bigfloat
from bakelift.translator.plan.json_text import value_to_json_text
from bakelift.translator.plan.operations.encoding import base64_decode, base64_encode, json_decode
from bakelift.translator.plan.operations.failure import ArgumentError, OperationError
from bakelift.translator.plan.operations.hashing import uuid5
from bakelift.translator.plan.types import STRING
from bakelift.translator.plan.values import Value, is_sequence, tuple_of


def text_of(value: Value) -> str:
    """What ``string()``, ``format`` and ``concat`` make of a scalar; JSON of anything else."""
    raw = value.raw
    if raw is None:
        return ""
    if isinstance(raw, bool):
        return "True" if raw else "False"
    if isinstance(raw, str):
        return raw
    if isinstance(raw, (tuple, dict)):
        return value_to_json_text(value, escape=False)
    return bigfloat.text(raw)  # type: ignore[arg-type]


def string(value: Value) -> Value:
    return Value(STRING, text_of(value))


def concat(*args: Value) -> Value:
    """Arrays one after another, or the text of scalars."""
    if all(is_sequence(arg.type) for arg in args):
        return tuple_of(item for arg in args for item in arg.elements())
    for position, arg in enumerate(args):
        if isinstance(arg.raw, (tuple, dict)):
            raise ArgumentError(position, "text and arrays cannot be mixed")
    return Value(STRING, "".join(map(text_of, args)))


_HOLE = re.compile(r"\{\{|\}\}|\{(\d+)(?:,(-?\d+))?(?::([^{}]*))?\}|[{}]")


def format_text(format: Value, *args: Value) -> Value:
    """.NET's composite format: ``{0}``, ``{0,10}``, ``{0:D3}``; doubled braces are braces."""

    def hole(found: re.Match[str]) -> str:
        if found.group() in {"{{", "}}"}:
            return found.group()[0]
        if found.group(1) is None:
            raise ArgumentError(0, "a brace of the format has no partner")
        index = int(found.group(1))
        if index >= len(args):
            raise ArgumentError(0, f"the format asks for argument {index}, and {len(args)} are given")
        text = _formatted(args[index], found.group(3) or "")
        width = int(found.group(2) or 0)
        return text.ljust(-width) if width < 0 else text.rjust(width)

    return Value(STRING, _HOLE.sub(hole, str(format.raw)))


def _formatted(value: Value, format: str) -> str:
    raw = value.raw
    if isinstance(raw, (tuple, dict)):
        return text_of(value).replace('"', "'")
    if not format or not isinstance(raw, int) or isinstance(raw, bool):
        return text_of(value)
    letter, size = format[0], format[1:]
    sign = "-" if raw < 0 else ""
    places = int(size) if size.isdigit() else -1
    if letter in "Dd" and (not size or places >= 0):
        return sign + str(abs(raw)).rjust(max(places, 0), "0")
    if letter in "Xx" and (not size or places >= 0):
        digits = f"{raw if raw >= 0 else raw + (1 << 64):x}".rjust(max(places, 0), "0")
        return digits.upper() if letter == "X" else digits
    if letter in "NnFf" and (not size or places >= 0):
        places = 2 if places < 0 else places
        whole = f"{abs(raw):,}" if letter in "Nn" else str(abs(raw))
        return sign + whole + ("." + "0" * places if places else "")
    if set(format) <= {"0"}:
        return sign + str(abs(raw)).rjust(len(format), "0")
    raise OperationError(f"the number format {format} is not known")


def substring(text: str, start: int = 0, length: int | None = None) -> str:
    """Past the end is an error."""
    size = len(text) - start if length is None else length
    if start < 0 or size < 0 or start + size > len(text):
        raise OperationError("the index and length parameters must refer to a location within the string")
    return text[start : start + size]


def starts_with(text: str, start: str) -> bool:
    return text.lower().startswith(start.lower())


def ends_with(text: str, end: str) -> bool:
    return text.lower().endswith(end.lower())


def pad_left(value: Value, size: Value, char: Value | None = None) -> Value:
    fill = " " if char is None else str(char.raw)
    if len(fill) != 1:
        raise ArgumentError(2, "one character is needed")
    if not isinstance(size.raw, int) or size.raw < 0:
        raise ArgumentError(1, "a whole number that is not negative is needed")
    return Value(STRING, text_of(value).rjust(size.raw, fill))


def base64_to_json(text: str) -> Value:
    return json_decode(base64_decode(text))


def data_uri(text: str) -> str:
    return "data:text/plain;charset=utf-8;base64," + base64_encode(text)


def data_uri_to_string(text: str) -> str:
    head, comma, data = text.partition(",")
    if not text.startswith("data:") or not comma:
        raise ArgumentError(0, f"{text} is no data URI")
    return base64_decode(data) if head.endswith(";base64") else uri_component_to_string(data)


def uri_component(text: str) -> str:
    from urllib.parse import quote

    return quote(text, safe="-_.~")


def uri_component_to_string(text: str) -> str:
    from urllib.parse import unquote

    return unquote(text)


def uri(base: str, relative: str) -> str:
    """RFC 3986: a base without a slash at its end loses its last segment."""
    from urllib.parse import urljoin

    return urljoin(base, relative)


def fail_with(message: str) -> str:
    raise OperationError(message)


def guid(base: str, *extra: str) -> str:
    return uuid5("11fb06fb712d4ddd98c7e71bbd588830", "-".join((base, *extra)))


_BASE32 = "abcdefghijklmnopqrstuvwxyz234567"
_32 = 0xFFFFFFFF


def unique_string(base: str, *extra: str) -> str:
    """MurmurHash64 (two lanes of 32 bits) of the arguments joined with ``-``, in 13 characters."""
    data = "-".join((base, *extra)).encode()
    whole = len(data) - len(data) % 8
    one = two = 0
    for at in range(0, whole, 8):
        one ^= _mixed(data[at : at + 4], 0x239B961B, 15, 0xAB0E9789)
        one = ((_rotated(one, 19) + two) * 5 + 0x561CCD1B) & _32
        two ^= _mixed(data[at + 4 : at + 8], 0xAB0E9789, 17, 0x239B961B)
        two = ((_rotated(two, 13) + one) * 5 + 0x0BCAA747) & _32
    tail = data[whole:]
    one ^= _mixed(tail[:4], 0x239B961B, 15, 0xAB0E9789)
    two ^= _mixed(tail[4:], 0xAB0E9789, 17, 0x239B961B)
    one, two = one ^ len(data), two ^ len(data)
    one = (one + two) & _32
    two = (two + one) & _32
    one, two = _finished(one), _finished(two)
    one = (one + two) & _32
    two = (two + one) & _32
    number = two << 32 | one
    return "".join(_BASE32[number >> (59 - 5 * i) & 31] for i in range(12)) + _BASE32[(number & 15) << 1]


def _rotated(number: int, by: int) -> int:
    return (number << by | number >> (32 - by)) & _32


def _mixed(part: bytes, first: int, by: int, second: int) -> int:
    return _rotated(int.from_bytes(part, "little") * first & _32, by) * second & _32


def _finished(number: int) -> int:
    number = (number ^ number >> 16) * 0x85EBCA6B & _32
    number = (number ^ number >> 13) * 0xC2B2AE35 & _32
    return number ^ number >> 16
