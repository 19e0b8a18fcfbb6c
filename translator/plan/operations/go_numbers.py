"""Numbers in Go's ``%e``, ``%f`` and ``%g``, exact (half to even) where Python's floats would round twice."""

from __future__ import annotations

from bakelift.translator.plan.bigfloat import ratio

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.plan.bigfloat import Number


def fixed(number: Number, places: int) -> str:
    """A number that is not negative, with that many places."""
    top, bottom = ratio(number)
    digits = str(_nearest(top * 10**places, bottom)).rjust(places + 1, "0")
    return f"{digits[:-places]}.{digits[-places:]}" if places else digits


def scientific(number: Number, places: int) -> str:
    """One digit, that many places, an exponent of at least two digits."""
    top, bottom = ratio(number)
    exponent = _exponent(top, bottom)
    digits = _significant(top, bottom, exponent, places + 1)
    if len(digits) > places + 1:
        digits, exponent = digits[:-1], exponent + 1
    return _scientific(digits, exponent)


def general(number: Number, precision: int) -> str:
    """``%g``; a precision of -1 means the fewest digits that name the number."""
    if precision < 0:
        sign, digits, exponent = _shortest(number)
        # Go decides on a shortest number as if it had six digits.
        if exponent < -4 or exponent >= 6:
            return sign + _scientific(digits, exponent)
        return sign + _plain(digits, exponent)
    top, bottom = ratio(number if number >= 0 else -number)
    precision = precision or 1
    exponent = _exponent(top, bottom)
    digits = _significant(top, bottom, exponent, precision)
    if len(digits) > precision:
        digits, exponent = digits[:-1], exponent + 1
    digits = digits.rstrip("0") or "0"
    sign = "-" if number < 0 else ""
    threshold = precision
    if threshold > len(digits) and len(digits) >= exponent + 1:
        threshold = len(digits)
    if exponent < -4 or exponent >= threshold:
        return sign + _scientific(digits, exponent)
    return sign + _plain(digits, exponent)


def _shortest(number: Number) -> tuple[str, str, int]:
    """Sign, digits without zeros at the ends, and the exponent of the first digit."""
    if isinstance(number, int):
        digits = str(abs(number))
        return ("-" if number < 0 else ""), digits.rstrip("0") or "0", len(digits) - 1
    negative, row, places = number.as_tuple()
    digits = "".join(map(str, row)).lstrip("0")
    assert isinstance(places, int)
    return ("-" if negative else ""), digits.rstrip("0") or "0", len(digits) - 1 + places


def _scientific(digits: str, exponent: int) -> str:
    tail = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{digits[0]}{tail}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


def _plain(digits: str, exponent: int) -> str:
    if exponent < 0:
        return "0." + "0" * (-exponent - 1) + digits
    whole = digits[: exponent + 1].ljust(exponent + 1, "0")
    rest = digits[exponent + 1 :]
    return f"{whole}.{rest}" if rest else whole


def _exponent(top: int, bottom: int) -> int:
    """The power of ten of the first digit."""
    if top == 0:
        return 0
    guess = len(str(top)) - len(str(bottom))
    low = top * 10 ** max(-guess, 0) < bottom * 10 ** max(guess, 0)
    return guess - 1 if low else guess


def _significant(top: int, bottom: int, exponent: int, count: int) -> str:
    power = count - 1 - exponent
    if power >= 0:
        return str(_nearest(top * 10**power, bottom)).ljust(count, "0")
    return str(_nearest(top, bottom * 10**-power)).ljust(count, "0")


def _nearest(top: int, bottom: int) -> int:
    whole, rest = divmod(top, bottom)
    return whole + (2 * rest > bottom or (2 * rest == bottom and whole % 2 == 1))
