"""Arithmetic, in the precision of :mod:`~bakelift.translator.plan.bigfloat`."""

from __future__ import annotations

from bakelift.translator.plan.bigfloat import is_infinite, ratio, rounded
from bakelift.translator.plan.convert import convert
from bakelift.translator.plan.operations.failure import ArgumentError, OperationError
from bakelift.translator.plan.types import NUMBER, STRING, ConversionError, ListType, SetType, TupleType
from bakelift.translator.plan.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.plan.bigfloat import Number


def add(a: Number, b: Number) -> Number:
    if is_infinite(a) or is_infinite(b):
        if is_infinite(a) and is_infinite(b) and a != b:
            raise OperationError("can't compute sum of opposing infinities")
        return a if is_infinite(a) else b
    (p, q), (r, s) = ratio(a), ratio(b)
    return rounded(p * s + r * q, q * s)


def subtract(a: Number, b: Number) -> Number:
    if is_infinite(a) and is_infinite(b) and a == b:
        raise OperationError("can't subtract infinity from itself")
    return add(a, negate(b))


def multiply(a: Number, b: Number) -> Number:
    if is_infinite(a) or is_infinite(b):
        if not a or not b:
            raise OperationError("can't multiply zero by infinity")
        return _infinity((a < 0) != (b < 0))
    (p, q), (r, s) = ratio(a), ratio(b)
    return rounded(p * r, q * s)


def divide(a: Number, b: Number) -> Number:
    if (not a and not b) or (is_infinite(a) and is_infinite(b)):
        raise OperationError("can't divide zero by zero or infinity by infinity")
    if is_infinite(b):
        return 0
    if is_infinite(a) or not b:
        return _infinity((a < 0) != (b < 0))
    (p, q), (r, s) = ratio(a), ratio(b)
    return rounded(p * s, q * r)


def modulo(a: Number, b: Number) -> Number:
    """The remainder of a division that truncates toward zero; with 0 or infinity, the first number."""
    if is_infinite(b) or not b:
        # go-cty divides by zero, gets infinity and gives the first number back.
        return a
    if is_infinite(a):
        raise OperationError("can't compute modulo of infinity")
    (p, q), (r, s) = ratio(a), ratio(b)
    quotient = abs(p * s) // abs(q * r)
    if (p < 0) != (r < 0):
        quotient = -quotient
    return subtract(a, multiply(b, quotient))


def negate(num: Number) -> Number:
    return 0 if num == 0 else -num if isinstance(num, int) else num.copy_negate()


def less(a: Number, b: Number) -> bool:
    return a < b


def less_equal(a: Number, b: Number) -> bool:
    return a <= b


def greater(a: Number, b: Number) -> bool:
    return a > b


def greater_equal(a: Number, b: Number) -> bool:
    return a >= b


def absolute(num: Number) -> Number:
    return negate(num) if num < 0 else num


def floor(num: Number) -> Number:
    if is_infinite(num):
        return num
    top, bottom = ratio(num)
    return top // bottom


def ceiling(num: Number) -> Number:
    if is_infinite(num):
        return num
    top, bottom = ratio(num)
    return -(-top // bottom)


def signum(num: Number) -> int:
    return (num > 0) - (num < 0)


def maximum(*numbers: Number) -> Number:
    if not numbers:
        raise OperationError("must pass at least one number")
    return max(numbers)


def minimum(*numbers: Number) -> Number:
    if not numbers:
        raise OperationError("must pass at least one number")
    return min(numbers)


def power(num: Number, power: Number) -> Number:
    """In 64-bit floating point, as go-cty computes it."""
    import math

    try:
        return _of_float(math.pow(num, power))
    except OverflowError:
        return _infinity(num < 0 and power % 2 == 1)
    except ValueError:
        if num == 0:
            return _infinity(False)
        raise OperationError("the result is not a number") from None


def logarithm(num: Number, base: Number) -> Number:
    import math

    try:
        return _of_float(math.log(num) / math.log(base))
    except (ValueError, ZeroDivisionError):
        if num == 0 and base > 0 and base != 1:
            return _infinity(base > 1)
        if num > 0 and base == 0:
            return 0
        if base == 1 and num > 0 and num != 1:
            return _infinity(num < 1)
        raise OperationError("the result is not a number") from None


def parse_int(number: Value, base: Value) -> Value:
    if number.type not in {STRING, NUMBER}:
        raise ArgumentError(0, f"first argument must be a string, not {number.type.name()}")
    text = convert(number, STRING).raw
    radix = base.raw
    assert isinstance(text, str)
    if not isinstance(radix, int) or not 2 <= radix <= 62:
        raise ArgumentError(1, "base must be a whole number between 2 and 62 inclusive")
    parsed = _digits(text, radix)
    if parsed is None:
        raise ArgumentError(0, f'cannot parse "{text}" as a base {radix} integer')
    return Value(NUMBER, parsed)


_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _digits(text: str, base: int) -> int | None:
    """Go's big.Int text: upper case letters are digits of their own only beyond base 36."""
    body = text[1:] if text[:1] in {"+", "-"} else text
    digits = body if base > 36 else body.lower()
    if not digits or not digits.isascii():
        return None
    total = 0
    for letter in digits:
        digit = _ALPHABET.find(letter)
        if not 0 <= digit < base:
            return None
        total = total * base + digit
    return -total if text.startswith("-") else total


def total(list: Value) -> Value:
    if not isinstance(list.type, (ListType, SetType, TupleType)):
        raise ArgumentError(0, f"argument must be list, set, or tuple. Received {list.type.name()}")
    items = list.elements()
    if not items:
        raise ArgumentError(0, "cannot sum an empty list")
    result: Number = 0
    for item in items:
        if item.null:
            raise ArgumentError(0, "argument must be list, set, or tuple of number values")
        try:
            result = add(result, convert(item, NUMBER).raw)  # type: ignore[arg-type]
        except ConversionError:
            raise ArgumentError(0, "argument must be list, set, or tuple of number values") from None
    return Value(NUMBER, result)


def _of_float(value: float) -> Number:
    """A 64-bit number in the digits that name it, as Packer prints it; a whole one exactly."""
    if value - value != 0:
        return _infinity(value < 0)
    if value == int(value):
        return int(value)
    from decimal import Decimal

    return Decimal(repr(value))


def _infinity(negative: bool) -> Number:
    from decimal import Decimal

    return Decimal("-Infinity" if negative else "Infinity")
