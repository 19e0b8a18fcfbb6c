"""Functions of Packer's Go templates that make text."""

from __future__ import annotations

import re

from bakelift.translator.plan.operations.failure import OperationError
from bakelift.translator.plan.operations.formatting import Verb, number_text
from bakelift.translator.plan.operations.go_numbers import general
from bakelift.translator.plan.operations.strings import replaced
from bakelift.translator.plan.types import BOOL, NUMBER, STRING
from bakelift.translator.plan.values import Value


def replace(old: str, new: str, n: int, text: str) -> str:
    """The first ``n``; all when negative."""
    return replaced(text, old, new, n if n >= 0 else -1)


def replace_all(old: str, new: str, text: str) -> str:
    return replaced(text, old, new)


def split(text: str, separator: str, index: int) -> str:
    parts = text.split(separator) if separator else list(text)
    if 0 <= index < len(parts):
        return parts[index]
    message = f"the substring {index} was unavailable using the separator value, {separator}"
    raise OperationError(f"{message}, only {len(parts)} values were found")


def clean_resource_name(text: str) -> str:
    """Azure's: each byte but letters, digits, ``.``, ``_`` and ``-`` becomes ``-``; then ``-_.`` go from the end."""
    cleaned = "".join(chr(b) if b < 128 and (chr(b).isalnum() or chr(b) in "._-") else "-" for b in text.encode())
    return cleaned.rstrip("-_.")


def print_text(*args: Value) -> Value:
    """Operands side by side, with a space where neither is text."""
    pieces: list[str] = []
    for position, arg in enumerate(args):
        if position and arg.type != STRING and args[position - 1].type != STRING:
            pieces.append(" ")
        pieces.append(default_text(arg))
    return Value(STRING, "".join(pieces))


def print_line(*args: Value) -> Value:
    return Value(STRING, " ".join(default_text(arg) for arg in args) + "\n")


def default_text(value: Value) -> str:
    """``%v``."""
    raw = value.raw
    if raw is None:
        return "<nil>"
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, str):
        return raw
    if isinstance(raw, tuple):
        return f"[{' '.join(default_text(item) for item in raw)}]"
    if isinstance(raw, dict):
        return f"map[{' '.join(f'{k}:{default_text(v)}' for k, v in raw.items())}]"
    return str(raw) if isinstance(raw, int) else _float_text(raw)


def _float_text(number: object) -> str:
    import json

    text = repr(float(number))  # type: ignore[arg-type]
    from decimal import Decimal

    shortest = Decimal(text)
    exponent = shortest.adjusted()
    if exponent < -4 or exponent >= 21:
        return general(shortest, -1)
    return format(shortest, "f").rstrip("0").rstrip(".") if "." in format(shortest, "f") else json.dumps(int(shortest))


_VERB = re.compile(r"%([ +\-#0]*)(\d*)(?:\.(\d*))?(?:\[(\d+)\])?(.)?", re.DOTALL)


def printf(format: Value, *args: Value) -> Value:
    """Go's Sprintf of text, numbers and bools; a verb that does not fit its operand says so in the text, as in Go."""
    text = str(format.raw)
    used: set[int] = set()
    following = 0
    reordered = False
    parts: list[str] = []
    at = 0
    for found in _VERB.finditer(text):
        if found.start() < at:
            continue
        parts.append(text[at : found.start()])
        at = found.end()
        flags, width, precision, position, mode = found.groups()
        if mode is None:
            parts.append("%!(NOVERB)")
            continue
        if mode == "%":
            parts.append("%")
            continue
        if position:
            following, reordered = int(position) - 1, True
        if not 0 <= following < len(args):
            parts.append(f"%!{mode}(BADINDEX)" if position else f"%!{mode}(MISSING)")
            following += 1
            continue
        used.add(following)
        verb = Verb(flags, int(width) if width else -1, int(precision or 0) if precision is not None else -1, mode)
        parts.append(_sprintf(verb, args[following]))
        following += 1
    parts.append(text[at:])
    if not reordered and following < len(args):
        extra = ", ".join(f"{_kind(arg)}={default_text(arg)}" for arg in args[following:])
        parts.append(f"%!(EXTRA {extra})")
    return Value(STRING, "".join(parts))


def _kind(value: Value) -> str:
    raw = value.raw
    if raw is None:
        return "<nil>"
    if isinstance(raw, bool):
        return "bool"
    return _KINDS.get(type(raw), "float64")


_KINDS: dict[type, str] = {str: "string", int: "int", tuple: "[]interface {}", dict: "map[string]interface {}"}


def _sprintf(verb: Verb, arg: Value) -> str:
    raw, mode = arg.raw, verb.mode
    if mode == "v" or (mode == "s" and isinstance(raw, str)) or (mode == "t" and isinstance(raw, bool)):
        if isinstance(raw, int) and not isinstance(raw, bool):
            return number_text(Verb(verb.flags, verb.width, verb.precision, "d"), raw)
        return _field(verb, _cut(verb, default_text(arg)))
    if isinstance(raw, str) and mode in "qxX":
        if mode == "q":
            return _field(verb, _quoted(_cut(verb, raw)))
        digits = raw.encode().hex()
        return _field(verb, digits.upper() if mode == "X" else digits)
    if arg.type == NUMBER:
        whole = isinstance(raw, int)
        if mode in ("bdoxX" if whole else "eEfFgG"):
            return number_text(Verb(verb.flags, verb.width, verb.precision, "f" if mode == "F" else mode), raw)  # type: ignore[arg-type]
        if whole and mode == "c" and isinstance(raw, int):
            return _field(verb, chr(raw))
    if raw is None:
        return f"%!{mode}(<nil>)"
    return f"%!{mode}({_kind(arg)}={_misfit(verb, arg)})"


def _misfit(verb: Verb, arg: Value) -> str:
    if arg.type == STRING:
        return _field(verb, default_text(arg))
    if arg.type == BOOL or not isinstance(arg.raw, int):
        return default_text(arg)
    return number_text(Verb(verb.flags, verb.width, verb.precision, "d"), arg.raw)


def _cut(verb: Verb, text: str) -> str:
    return text[: verb.precision] if verb.precision >= 0 else text


def _field(verb: Verb, text: str) -> str:
    missing = verb.width - len(text)
    if missing <= 0:
        return text
    if "-" in verb.flags:
        return text + " " * missing
    return ("0" if "0" in verb.flags else " ") * missing + text


def _quoted(text: str) -> str:
    """A Go string literal."""
    out = []
    for letter in text:
        if letter in _ESCAPES:
            out.append(_ESCAPES[letter])
        elif letter.isprintable():
            out.append(letter)
        else:
            code = ord(letter)
            out.append(f"\\x{code:02x}" if code < 0x80 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}")
    return f'"{"".join(out)}"'


_ESCAPES = {c: f"\\{e}" for c, e in zip('"\\\a\b\f\n\r\t\v', '"\\abfnrtv', strict=True)}
_HTML = str.maketrans({'"': "&#34;", "'": "&#39;", "&": "&amp;", "<": "&lt;", ">": "&gt;", "\0": "\ufffd"})
_JS = {"\\": "\\\\", "'": "\\'", '"': '\\"', "<": "\\u003C", ">": "\\u003E", "&": "\\u0026", "=": "\\u003D"}


def html(*args: Value) -> Value:
    return Value(STRING, str(print_text(*args).raw).translate(_HTML))


def js(*args: Value) -> Value:
    text = str(print_text(*args).raw)
    return Value(STRING, "".join(_JS.get(c) or (c if c.isprintable() else f"\\u{ord(c):04X}") for c in text))
