"""The little of Go that decides what a shell step does: durations, Sprintf, the holes of an execute command."""

from __future__ import annotations

import re

from bakelift.translator.plan.expressions import Literal, Ref, Template, template

TYPE_CHECKING = False
if TYPE_CHECKING:
    from decimal import Decimal

    from bakelift.translator.plan.expressions import Expr

#: Seconds of a unit of time.ParseDuration, as (numerator, power of ten of the denominator).
_UNITS = {
    "ns": (1, 9),
    "us": (1, 6),
    "µs": (1, 6),
    "μs": (1, 6),
    "ms": (1, 3),
    "s": (1, 0),
    "m": (60, 0),
    "h": (3600, 0),
}
#: Characters of a duration: more say no number that Go could hold.
_LONGEST = 400
_PIECE = r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)"

_COMMAND_HOLE = re.compile(r"\{\{-?\s*\.([A-Za-z]+)\s*-?\}\}")


def seconds(text: str) -> Decimal | None:
    """Seconds of a Go duration (``1h2m0.5s``); a bare number is nanoseconds, as Packer decodes it. None: not one."""
    from decimal import Decimal

    sign, rest = (-1, text[1:]) if text.startswith("-") else (1, text.removeprefix("+"))
    if len(rest) > _LONGEST:
        return None
    if re.fullmatch("[0-9]+", rest):
        return Decimal(sign * int(rest)).scaleb(-9)
    total, at = Decimal(0), 0
    while at < len(rest):
        piece = re.compile(_PIECE).match(rest, at)
        if piece is None:
            return None
        factor, power = _UNITS[piece[2]]
        total += (Decimal(piece[1]) * factor).scaleb(-power)
        at = piece.end()
    return sign * total if rest else None


def plain_number(number: Decimal) -> str:
    """A decimal without exponent and without useless zeros: what ``sleep`` and ``timeout`` read."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def sprintf(format: str, first: str, second: str) -> str | None:
    """Go's ``fmt.Sprintf`` with two strings, for the verbs that such a format uses; None for any other verb."""
    arguments, at, used = (first, second), 0, False

    def verb(found: re.Match[str]) -> str:
        nonlocal at, used
        if found[0] == "%%":
            return "%"
        if found[1]:
            at = int(found[1]) - 1
            used = True
        if at >= 2:
            at += 1
            return "%!s(BADINDEX)" if found[1] else "%!s(MISSING)"
        at += 1
        return arguments[at - 1]

    if re.search(r"%(?!%|(\[[0-9]+\])?[sv])", format.replace("%%", "")):
        return None
    text = re.sub(r"%%|%(?:\[([0-9]+)\])?[sv]", verb, format)
    if not used and at < 2:
        text += "%!(EXTRA " + ", ".join(f"string={a}" for a in arguments[at:]) + ")"
    return text


def parse_command(text: str) -> Expr:
    """An execute command as text with ``{{.Vars}}`` holes, as an expression; what else stands in braces stays text."""
    pieces = _COMMAND_HOLE.split(text)
    return template([Ref("command", p) if i % 2 else Literal(p) for i, p in enumerate(pieces)])


def parse_path(text: str) -> Expr:
    """A local path of a marker line: text with ``${path.root}`` and the like."""
    parts: list[Expr] = []
    for index, piece in enumerate(re.split(r"(?<!\$)\$\{path\.(\w+)\}", text)):
        parts.append(Ref("path", piece) if index % 2 else Literal(piece.replace("$${", "${")))
    path = template(parts)
    return path.parts[0] if isinstance(path, Template) and len(path.parts) == 1 else path


def print_command(command: Expr) -> str | None:
    """The reverse of :func:`parse_command`; None when the command holds anything but text and holes."""
    found = ""
    for part in command.parts if isinstance(command, Template) else (command,):
        if isinstance(part, Literal) and isinstance(part.value, str):
            found += part.value
        elif isinstance(part, Ref) and part.kind == "command":
            found += "{{." + part.name + "}}"
        else:
            return None
    return found if parse_command(found) == command or isinstance(command, Ref) else None
