"""``format`` and ``formatlist``: the verbs of go-cty (https://pkg.go.dev/github.com/zclconf/go-cty/cty/function/stdlib#Format)."""

from __future__ import annotations

import re

from bakelift.translator.plan import bigfloat
from bakelift.translator.plan.convert import convert
from bakelift.translator.plan.json_text import json_string, value_to_json_text
from bakelift.translator.plan.operations.failure import ArgumentError, OperationError
from bakelift.translator.plan.operations.go_numbers import fixed, general, scientific
from bakelift.translator.plan.operations.graphemes import count, split
from bakelift.translator.plan.types import BOOL, NUMBER, STRING, ConversionError, ListType, SetType, TupleType
from bakelift.translator.plan.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.plan.bigfloat import Number

_VERB = re.compile(r"%([ +\-#0]*)(\d*)(?:\.(\d+))?(?:\[(\d+)\])?(.)?", re.DOTALL)


def format_text(format: Value, *args: Value) -> Value:
    return Value(STRING, render(str(format.raw), args))


def format_list(format: Value, *args: Value) -> Value:
    """The format applied to each set of elements: lists side by side, other arguments repeated."""
    rows: list[Value] = []
    size = -1
    for position, arg in enumerate(args):
        if isinstance(arg.type, (ListType, SetType, TupleType)) and not arg.null:
            length = len(arg.elements())
            if size not in {-1, length}:
                first = next(i for i, a in enumerate(args) if isinstance(a.raw, tuple))
                message = f"argument {position + 1} has length {length}, which is inconsistent with argument"
                message += f" {first + 1} of length {size}"
                raise ArgumentError(position + 1, message)
            size = length
    for row in range(1 if size == -1 else size):
        current = [arg.elements()[row] if isinstance(arg.raw, tuple) else arg for arg in args]
        try:
            rows.append(Value(STRING, render(str(format.raw), current)))
        except OperationError as error:
            raise OperationError(f"error on format iteration {row}: {error}") from None
    return Value(ListType(STRING), tuple(rows))


def render(text: str, args: tuple[Value, ...] | list[Value]) -> str:
    parts: list[str] = []
    used = at = 0
    following = 1
    while True:
        percent = text.find("%", at)
        if percent < 0:
            parts.append(text[at:])
            break
        parts.append(text[at:percent])
        if text.startswith("%%", percent):
            parts.append("%")
            at = percent + 2
            continue
        found = _VERB.match(text, percent)
        assert found is not None
        flags, width, precision, index, mode = found.groups()
        if mode is None or not (mode.isascii() and mode.isalpha()):
            offset = len(text[: found.start(5) if mode else found.end()].encode())
            if mode is None:
                raise OperationError("unterminated verb at end of format string")
            raise OperationError(f"unrecognized format character '{mode}' at offset {offset}")
        number = int(index) if index else following
        following = number + 1
        raw, offset = found.group(), len(text[:percent].encode())
        if not 1 <= number <= len(args):
            message = f"not enough arguments for {_q(raw)} at {offset}: need index {number} but have {len(args)} total"
            raise OperationError(message)
        used = max(used, number)
        verb = Verb(flags, int(width) if width else -1, int(precision) if precision else -1, mode)
        try:
            parts.append(_formatted(verb, args[number - 1]))
        except _UnsupportedVerbError:
            raise OperationError(f"unsupported format verb '{mode}' in {_q(raw)} at offset {offset}") from None
        except (ConversionError, ValueError) as error:
            raise OperationError(f"unsupported value for {_q(raw)} at {offset}: {error}") from None
        at = found.end()
    if used < len(args):
        if used == 0:
            raise ArgumentError(1, "too many arguments; no verbs in format string")
        raise ArgumentError(used + 1, f"too many arguments; only {used} used by format string")
    return "".join(parts)


def _q(text: str) -> str:
    return json_string(text, escape=False)


class _UnsupportedVerbError(Exception):
    pass


#: Go takes a million for both; digits take more than linear time.
WIDEST = 1_000_000
FINEST = 10_000


class Verb:
    """One ``%…`` of a format: flags, width and precision (-1: none), the letter."""

    __slots__ = ("flags", "mode", "precision", "width")

    def __init__(self, flags: str, width: int, precision: int, mode: str) -> None:
        if width > WIDEST or precision > FINEST:
            raise OperationError(f"a width is at most {WIDEST:,}, a precision at most {FINEST:,}")
        self.flags = flags
        self.width = width
        self.precision = precision
        self.mode = mode


def _formatted(verb: Verb, arg: Value) -> str:
    if verb.mode != "v" and arg.null:
        raise ValueError("null value cannot be formatted")
    if verb.mode == "v":
        if "#" not in verb.flags and not arg.null:
            if arg.type == STRING:
                return _padded(verb, str(arg.raw))
            if arg.type == NUMBER:
                return _padded(verb, general(arg.raw, -1))  # type: ignore[arg-type]
        return _padded(verb, value_to_json_text(arg))
    if verb.mode == "t":
        return "true" if convert(arg, BOOL).raw else "false"
    if verb.mode in "bdoxXeEfgG":
        return number_text(verb, convert(arg, NUMBER).raw)  # type: ignore[arg-type]
    if verb.mode in "sq":
        text = str(convert(arg, STRING).raw)
        if verb.precision > 0:
            text = "".join(split(text)[: verb.precision])
        return _padded(verb, json_string(text) if verb.mode == "q" else text)
    raise _UnsupportedVerbError


def _padded(verb: Verb, text: str) -> str:
    missing = verb.width - count(text)
    if missing <= 0:
        return text
    if "-" in verb.flags:
        return text + ("0" if "0" in verb.flags else " ") * missing
    return ("0" if "0" in verb.flags else " ") * missing + text


_RADIX = {"b": "b", "d": "d", "o": "o", "x": "x", "X": "X"}


def number_text(verb: Verb, number: Number) -> str:
    """A number as Go's Sprintf writes it (big.Int for whole-number verbs, big.Float for the others)."""
    if bigfloat.is_infinite(number):
        digits = "-Inf" if number < 0 else "+Inf" if "+" in verb.flags else "Inf"
        return digits.rjust(verb.width) if verb.width > 0 else digits
    if verb.mode in _RADIX:
        if not isinstance(number, int):
            raise ValueError("an integer is required")
        digits = format(abs(number), _RADIX[verb.mode])
        if verb.precision >= 0:
            digits = digits.rjust(verb.precision, "0") if number or verb.precision else ""
        if "#" in verb.flags:
            digits = {"b": "0b", "o": "0", "x": "0x", "X": "0X"}.get(verb.mode, "") + digits
    else:
        size = number if number >= 0 else -number
        places = verb.precision if verb.precision >= 0 else 6
        if verb.mode in "eE":
            digits = scientific(size, places)
        elif verb.mode == "f":
            digits = fixed(size, places)
        else:
            digits = general(size, verb.precision)
        if verb.mode in "EG":
            digits = digits.upper()
    sign = "-" if number < 0 else "+" if "+" in verb.flags else " " if " " in verb.flags else ""
    missing = verb.width - len(sign) - len(digits)
    if missing <= 0:
        return sign + digits
    if "-" in verb.flags:
        return sign + digits + " " * missing
    if "0" in verb.flags and not (verb.mode in _RADIX and verb.precision >= 0):
        return sign + "0" * missing + digits
    return " " * missing + sign + digits
