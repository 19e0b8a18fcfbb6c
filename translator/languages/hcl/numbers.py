"""Number literals, exactly: ``int`` where whole, else ``decimal.Decimal``."""

from __future__ import annotations

import re

from bakelift.translator.languages.hcl.errors import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from decimal import Decimal

_NUMBER = r"[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?\Z"
#: HCL computes with 512 bits, 155 digits; what is longer than this is no number that anybody wrote.
_MOST_DIGITS = 1000


def number(text: str, start: int) -> int | Decimal:
    """The value of a literal; ``start`` is its offset. Raises :class:`Problem`."""
    if text.isdigit() and len(text) <= _MOST_DIGITS:
        return int(text)
    if not re.match(_NUMBER, text) or len(text) > _MOST_DIGITS:
        detail = "This is not a decimal number."
        raise Problem("hcl/invalid-number", "Invalid number literal", detail, start, start + len(text))
    from decimal import Decimal

    # Decimal has an end too, and fails there.
    exponent = text.lower().partition("e")[2].lstrip("+-0")
    value = Decimal(text) if len(exponent) <= 9 else None
    if value is not None and not value:
        return 0
    if value is None or not -_MOST_DIGITS <= value.adjusted() <= _MOST_DIGITS:
        detail = f"The number has more than {_MOST_DIGITS} digits."
        raise Problem("hcl/invalid-number", "Invalid number literal", detail, start, start + len(text))
    return int(value) if value == value.to_integral_value() else _shortest(value)


def _shortest(value: Decimal) -> Decimal:
    """Without zeros at the end; unlike ``normalize`` whatever the precision of the decimal context is."""
    from decimal import Decimal

    sign, digits, exponent = value.as_tuple()
    kept = len(digits)
    while kept > 1 and not digits[kept - 1]:
        kept -= 1
    assert isinstance(exponent, int)
    return Decimal((sign, digits[:kept], exponent + len(digits) - kept))


def negative(value: int | Decimal) -> int | Decimal:
    """The number below zero; ``Decimal``'s own minus would round to the context's precision."""
    return -value if isinstance(value, int) else value.copy_negate()
