"""Data as JSON text in ASCII. Loading Python's own ``json`` for this takes longer than writing a template does."""

from __future__ import annotations

#: Characters of ASCII that a JSON string spells otherwise.
_ESCAPES = {code: f"\\u{code:04x}" for code in (*range(0x20), 0x7F)} | {
    ord(char): spelled
    for char, spelled in {
        '"': '\\"',
        "\\": "\\\\",
        "\b": "\\b",
        "\f": "\\f",
        "\n": "\\n",
        "\r": "\\r",
        "\t": "\\t",
    }.items()
}


def json_text(data: object, indent: str = "", sort: bool = False) -> str:
    """The text of dicts with text as keys, lists, tuples, and scalars, without a newline at its end.

    ``indent`` "": in one line without spaces. ``sort``: keys in alphabetical order. Raises TypeError for other data.
    """
    pieces: list[str] = []
    _write(data, "\n" if indent else "", indent, sort, pieces)
    return "".join(pieces)


def json_string(text: str) -> str:
    """A text in quotes; what is not ASCII as UTF-16 escapes."""
    plain = text.translate(_ESCAPES)
    if not plain.isascii():
        plain = "".join(char if char.isascii() else _units(char) for char in plain)
    return f'"{plain}"'


def _units(char: str) -> str:
    code = ord(char)
    if code < 0x10000:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 | code >> 10:04x}\\u{0xDC00 | code & 0x3FF:04x}"


def _write(data: object, newline: str, indent: str, sort: bool, pieces: list[str]) -> None:
    if isinstance(data, str):
        pieces.append(json_string(data))
    elif data is None:
        pieces.append("null")
    elif isinstance(data, bool):
        pieces.append("true" if data else "false")
    elif isinstance(data, int | float):
        pieces.append(_number(data))
    elif isinstance(data, dict):
        inner, before = newline + indent, "{"
        for key, value in sorted(data.items()) if sort else data.items():
            pieces.append(f"{before}{inner}{json_string(key)}:{' ' if indent else ''}")
            _write(value, inner, indent, sort, pieces)
            before = ","
        pieces.append(f"{newline}}}" if data else "{}")
    elif isinstance(data, list | tuple):
        inner, before = newline + indent, "["
        for item in data:
            pieces.append(before + inner)
            _write(item, inner, indent, sort, pieces)
            before = ","
        pieces.append(f"{newline}]" if data else "[]")
    else:
        raise TypeError(f"JSON has no form of a {type(data).__name__}")


def _number(value: float) -> str:
    text = repr(value)
    if text in ("nan", "inf", "-inf"):
        raise TypeError(f"JSON has no number {text}")
    return text
