"""Base64, JSON, CSV, URLs and character sets."""

from __future__ import annotations

import json

from bakelift.translator.plan import bigfloat
from bakelift.translator.plan.json_text import value_to_json_text
from bakelift.translator.plan.operations.failure import ArgumentError, OperationError
from bakelift.translator.plan.types import BOOL, DYNAMIC, NUMBER, STRING, ListType, ObjectType
from bakelift.translator.plan.values import Value, object_of, tuple_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def base64_encode(text: str) -> str:
    import binascii

    return binascii.b2a_base64(text.encode(), newline=False).decode()


def base64_decode(text: str) -> str:
    data = decoded(text)
    if data is None:
        raise OperationError(f"failed to decode base64 data '{text}'")
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise OperationError("the result of decoding the the provided string is not valid UTF-8") from None


def decoded(text: str) -> bytes | None:
    """Standard base64 with padding; Go ignores line ends in it. None when it is none."""
    import binascii

    try:
        return binascii.a2b_base64(text.replace("\n", "").replace("\r", "").encode("ascii"), strict_mode=True)
    except (ValueError, UnicodeEncodeError):
        return None


def base64_gzip(text: str) -> str:
    """A gzip stream as Go frames it: no time, unknown system, flushed before it is closed."""
    import binascii
    import struct
    import zlib

    data = text.encode()
    compressor = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = compressor.compress(data) + compressor.flush(zlib.Z_SYNC_FLUSH) + b"\x01\x00\x00\xff\xff"
    head = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
    stream = head + body + struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF)
    return binascii.b2a_base64(stream, newline=False).decode()


def url_encode(text: str) -> str:
    """Query escaping: a space is a plus."""
    return "".join(
        chr(byte) if chr(byte) in _UNRESERVED else "+" if byte == 0x20 else f"%{byte:02X}" for byte in text.encode()
    )


_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~")


def json_encode(value: Value) -> Value:
    try:
        return Value(STRING, value_to_json_text(value))
    except ValueError as error:
        raise OperationError(str(error)) from None


def json_decode(text: str) -> Value:
    try:
        data = json.loads(text, parse_float=_Number, parse_int=_Number, parse_constant=_constant)
    except json.JSONDecodeError as error:
        raise OperationError(_json_problem(text, error)) from None
    except RecursionError:
        raise OperationError("exceeded max depth") from None
    return _of_json(data)


class _Number(str):
    """The text of a number, so that no digit is lost."""

    __slots__ = ()


def _constant(text: str) -> object:
    raise json.JSONDecodeError("", text, 0)


def _of_json(data: Any) -> Value:
    if isinstance(data, _Number):
        return Value(NUMBER, bigfloat.parse(data))
    if isinstance(data, str):
        return Value(STRING, data)
    if isinstance(data, bool):
        return Value(BOOL, data)
    if isinstance(data, list):
        return tuple_of(_of_json(item) for item in data)
    if isinstance(data, dict):
        return object_of({key: _of_json(item) for key, item in data.items()})
    return Value(DYNAMIC, None)


def _json_problem(text: str, error: json.JSONDecodeError) -> str:
    """As Go says it, where that is simple."""
    at = error.pos
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    if at >= len(text):
        return "unexpected end of JSON input" if not text.strip() else "EOF"
    return f"invalid character '{text[at]}'"


def csv_decode(text: str) -> Value:
    """A header line, then a line for each object; all values are strings."""
    rows = list(_csv_rows(text))
    if not rows:
        raise OperationError("missing header line")
    header = rows[0]
    names: set[str] = set()
    for name in header:
        if name in names:
            raise OperationError(f'duplicate column name "{name}"')
        names.add(name)
    of = ObjectType(dict.fromkeys(sorted(names), STRING))
    items = []
    for number, row in enumerate(rows[1:], 2):
        if len(row) != len(header):
            raise OperationError(f"record on line {number}: wrong number of fields")
        items.append(object_of({name: Value(STRING, field) for name, field in zip(header, row, strict=True)}))
    return Value(ListType(of), tuple(items))


def _csv_rows(text: str) -> list[list[str]]:
    """Records as Go's encoding/csv reads them: quotes must be whole, blank lines are skipped, CRLF becomes LF."""
    rows: list[list[str]] = []
    text = text.replace("\r\n", "\n")
    at, line = 0, 1
    while at < len(text):
        if text[at] == "\n":
            at, line = at + 1, line + 1
            continue
        row: list[str] = []
        while True:
            if text.startswith('"', at):
                field, at, lines = _quoted_field(text, at, line)
                line += lines
            else:
                end = min((p for p in (text.find(",", at), text.find("\n", at)) if p >= 0), default=len(text))
                field, at = text[at:end], end
                if '"' in field:
                    raise OperationError(f'parse error on line {line}: bare " in non-quoted field')
            row.append(field)
            if at < len(text) and text[at] == ",":
                at += 1
                continue
            break
        at, line = at + 1, line + 1
        rows.append(row)
    return rows


def _quoted_field(text: str, at: int, line: int) -> tuple[str, int, int]:
    pieces: list[str] = []
    start = at = at + 1
    while True:
        end = text.find('"', at)
        if end < 0:
            raise OperationError(f'parse error on line {line}: extraneous or missing " in quoted-field')
        pieces.append(text[at:end])
        at = end + 1
        if text.startswith('"', at):
            pieces.append('"')
            at += 1
        elif at >= len(text) or text[at] in ",\n":
            return "".join(pieces), at, text.count("\n", start, end)
        else:
            raise OperationError(f'parse error on line {line}: extraneous or missing " in quoted-field')


def text_encode(text: str, encoding: str) -> str:
    import binascii

    codec, name = _codec(encoding)
    try:
        return binascii.b2a_base64(text.encode(codec), newline=False).decode()
    except UnicodeEncodeError:
        raise ArgumentError(0, f"the given string contains characters that cannot be represented in {name}") from None


def text_decode(source: str, encoding: str) -> str:
    codec, name = _codec(encoding)
    data = decoded(source)
    if data is None:
        raise ArgumentError(0, "the given value is has an invalid base64 symbol")
    try:
        return data.decode(codec)
    except UnicodeDecodeError:
        raise ArgumentError(0, f"the given string contains symbols that are not defined for {name}") from None


#: IANA names that Python knows otherwise, or that Go's index does not have.
_CODECS = {"utf-16": "utf-16-be", "windows-874": "cp874", "shift_jis": "cp932", "macintosh": "mac_roman"}


def _codec(encoding: str) -> tuple[str, str]:
    import codecs

    name = encoding.strip().lower()
    try:
        found = codecs.lookup(_CODECS.get(name, name))
    except (LookupError, ValueError):
        found = None
    if found is None or not getattr(found, "_is_text_encoding", True) or found.name in {"idna", "punycode", "utf-7"}:
        raise ArgumentError(1, f'"{encoding}" is not a supported IANA encoding name or alias')
    return found.name, encoding.upper()
