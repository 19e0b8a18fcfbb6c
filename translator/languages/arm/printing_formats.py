"""Formats of text and of dates, in ARM's words."""

from __future__ import annotations

import re

from bakelift.translator.languages.arm import dates
from bakelift.translator.languages.arm.kinds import kind_of
from bakelift.translator.languages.arm.printer import Unprintable
from bakelift.translator.languages.arm.terms import Text, apply
from bakelift.translator.plan.expressions import Literal
from bakelift.translator.plan.types import NUMBER, STRING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.languages.arm.printer import Printer
    from bakelift.translator.languages.arm.terms import Term
    from bakelift.translator.plan.expressions import Call, Expr


def text_literal(expr: Expr) -> str | None:
    """The text that an expression is, when it is a constant."""
    return expr.value if isinstance(expr, Literal) and isinstance(expr.value, str) else None


def needs(condition: bool, reason: str, node: Expr) -> None:
    """Raises Unprintable unless the condition holds."""
    if not condition:
        raise Unprintable(reason, node)


def _formatted(printer: Printer, time: Expr, format: str) -> Term:
    return apply("dateTimeAdd", printer.term(time), "PT0S", format)


def print_formatdate(printer: Printer, expr: Call) -> Term:
    format = text_literal(expr.args[0])
    needs(format is not None, "the format of a date must be constant", expr)
    found = dates.from_hcl(format or "")
    needs(found is not None, f"the date format {format!r} has no counterpart in ARM", expr)
    return _formatted(printer, expr.args[1], found or "")


_GO_DURATION = r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?"


def print_timeadd(printer: Printer, expr: Call) -> Term:
    text = text_literal(expr.args[1]) or ""
    found = re.fullmatch(_GO_DURATION, text)
    needs(bool(text) and found is not None, f"the duration {text!r} has no counterpart in ARM", expr)
    assert found is not None
    iso = "PT" + "".join(f"{n}{unit}" for n, unit in zip(found.groups(), "HMS", strict=True) if n)
    return apply("dateTimeAdd", printer.term(expr.args[0]), iso, dates.RFC3339)


_VERB = r"%(?:\[(\d+)\])?(-?)(0?)(\d*)([a-zA-Z%])"


def print_format(printer: Printer, expr: Expr, shape: str, values: tuple[Expr, ...]) -> Term:
    """HCL's and Go's printf verbs as ARM's holes."""
    text = ""
    holes: list[Term] = []
    at = index = 0
    for verb in re.finditer(_VERB, shape):
        text += shape[at : verb.start()].replace("{", "{{").replace("}", "}}")
        at = verb.end()
        position, left, zeros, width, letter = verb.groups()
        if letter == "%":
            text += "%"
            continue
        index = int(position) if position else index + 1
        needs(index <= len(values), "format() has more verbs than values", expr)
        value = values[index - 1]
        kind = kind_of(value, printer.symbols)
        needs(letter in "sdvt", f"%{letter} has no counterpart in ARM", expr)
        needs(letter != "d" or kind in (NUMBER, STRING), "%d of what may be no whole number", expr)
        style = ""
        if width and zeros and letter == "d":
            style = f":D{width}"
        elif width:
            needs(not zeros, "%0 of text has no counterpart in ARM", expr)
            style = f",{left}{width}"
        text += f"{{{len(holes)}{style}}}"
        holes.append(printer.number(value) if letter == "d" else printer.part(value, alone=False))
    rest = shape[at:]
    needs("%" not in rest, "the shape of format() has a verb that ARM does not", expr)
    text += rest.replace("{", "{{").replace("}", "}}")
    return apply("format", text, *holes) if holes else Text(text.replace("{{", "{").replace("}}", "}"))
