"""Numbers as HCL computes them: binary floating point with a mantissa of 512 bits (go-cty uses Go's big.Float).

A number is an ``int`` where whole, else the shortest ``Decimal`` that names its binary value; so ``0.1 + 0.2`` is 0.3
and ``1 / 3 * 3`` is 1, with the same digits as Packer prints. What ``1 / 0`` gives is ``Decimal("Infinity")``.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from decimal import Decimal

    Number = int | Decimal

PRECISION = 512


def is_infinite(number: Number) -> bool:
    return not isinstance(number, int) and number.is_infinite()


def ratio(number: Number) -> tuple[int, int]:
    """The exact binary value that a number names, as numerator and denominator (a power of two)."""
    if isinstance(number, int):
        return (number, 1) if number.bit_length() <= PRECISION else _binary(number, 1)
    return _binary(*number.as_integer_ratio())


def rounded(numerator: int, denominator: int) -> Number:
    """The number nearest to a fraction."""
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    if numerator % denominator == 0 and (numerator // denominator).bit_length() <= PRECISION:
        return numerator // denominator
    top, bottom = _binary(numerator, denominator)
    return top if bottom == 1 else _shortest(top, bottom)


def parse(text: str) -> Number | None:
    """Decimal text as go-cty reads it: ``1``, ``-1.5e3``, ``.5``, ``1p2``, ``Inf``; None when it is none."""
    body = text[1:] if text[:1] in {"+", "-"} else text
    sign = -1 if text.startswith("-") else 1
    if body in {"Inf", "inf"}:
        from decimal import Decimal

        return Decimal("Infinity") * sign
    mantissa, mark, exponent = body, "", "0"
    for candidate in ("e", "E", "p", "P"):
        if candidate in body:
            mantissa, mark, exponent = body.partition(candidate)
            break
    whole, _, fraction = mantissa.partition(".")
    digits = whole + fraction
    if not (digits.isascii() and digits.isdigit()):
        return None
    unsigned = exponent[1:] if exponent[:1] in {"+", "-"} else exponent
    if not (unsigned.isascii() and unsigned.isdigit()) or len(unsigned) > 5:
        return None
    base, power = (2, int(exponent)) if mark in {"p", "P"} else (10, int(exponent))
    numerator, denominator = sign * int(digits), 10 ** len(fraction)
    if power >= 0:
        return rounded(numerator * base**power, denominator)
    return rounded(numerator, denominator * base**-power)


def text(number: Number) -> str:
    """A number without exponent, in the fewest digits that name it: how HCL converts it to a string."""
    if isinstance(number, int):
        return str(number) if number.bit_length() <= PRECISION else _long_whole(number)
    if number.is_infinite():
        return "-Inf" if number < 0 else "+Inf"
    digits = format(number, "f")
    return digits.rstrip("0").removesuffix(".") if "." in digits else digits


def _long_whole(number: int) -> str:
    """A whole number beyond the precision: the shortest digits that round to it, filled with zeros."""
    digits = str(abs(number))
    for kept in range(150, len(digits)):
        scale = 10 ** (len(digits) - kept)
        near = (abs(number) + scale // 2) // scale * scale
        if _binary(near, 1)[0] == abs(number):
            return ("-" if number < 0 else "") + str(near)
    return str(number)


def _binary(numerator: int, denominator: int) -> tuple[int, int]:
    """Rounds a fraction to a mantissa of 512 bits, half to even."""
    if numerator == 0:
        return 0, 1
    negative, magnitude = numerator < 0, abs(numerator)
    shift = PRECISION - (magnitude.bit_length() - denominator.bit_length())
    while True:
        scaled = magnitude << shift if shift >= 0 else magnitude
        divisor = denominator if shift >= 0 else denominator << -shift
        mantissa, rest = divmod(scaled, divisor)
        if mantissa.bit_length() <= PRECISION:
            break
        shift -= 1
    if 2 * rest > divisor or (2 * rest == divisor and mantissa & 1):
        mantissa += 1
    if negative:
        mantissa = -mantissa
    if shift <= 0:
        return mantissa << -shift, 1
    spare = min((mantissa & -mantissa).bit_length() - 1, shift)
    return mantissa >> spare, 1 << (shift - spare)


def _shortest(top: int, bottom: int) -> Decimal:
    """The decimal with the fewest digits whose nearest binary number is ``top / bottom``."""
    from decimal import Decimal

    magnitude, sign = abs(top), -1 if top < 0 else 1
    # How many digits stand before the point (negative: zeros after it), within one.
    before = int((magnitude.bit_length() - bottom.bit_length()) * 0.30103)
    low, high = 1, 160
    best: tuple[int, int] | None = None
    while low <= high:
        digits = (low + high) // 2
        places = digits - before
        candidate = _decimal_near(magnitude, bottom, places)
        up, down = _scale(places)
        if _binary(candidate * down, up) == (magnitude, bottom):
            best, high = (candidate, places), digits - 1
        else:
            low = digits + 1
    assert best is not None
    candidate, places = best
    while candidate % 10 == 0:
        candidate, places = candidate // 10, places - 1
    return Decimal((0 if sign > 0 else 1, tuple(int(d) for d in str(candidate)), -places))


def _decimal_near(magnitude: int, bottom: int, places: int) -> int:
    """``magnitude / bottom`` in units of ``10 ** -places``, rounded to nearest."""
    up, down = _scale(places)
    return (2 * magnitude * up + bottom * down) // (2 * bottom * down)


def _scale(places: int) -> tuple[int, int]:
    """``10 ** places`` as a fraction."""
    power: int = 10 ** abs(places)
    return (power, 1) if places >= 0 else (1, power)
