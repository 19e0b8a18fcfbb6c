"""Go's durations and Sprintf, as far as a shell step meets them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bakelift.translator.imagebuilder.lowering.gotext import (
    parse_command,
    plain_number,
    print_command,
    seconds,
    sprintf,
)
from bakelift.translator.plan.expressions import Literal, Ref, Template


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("10s", "10"),
        ("1h2m0.5s", "3720.5"),
        ("300ms", "0.3"),
        ("1.5h", "5400"),
        ("5000000000", "5"),
        ("0", "0"),
        ("-1s", "-1"),
        ("1us", "0.000001"),
    ],
)
def test_durations(text: str, value: str) -> None:
    assert seconds(text) == Decimal(value)


@pytest.mark.parametrize("text", ["10 minutes", "", "s", "1d", "1h 2m"])
def test_no_durations(text: str) -> None:
    assert seconds(text) is None


def test_numbers_without_exponent() -> None:
    assert [plain_number(Decimal(n)) for n in ("1E+2", "0.50", "3")] == ["100", "0.5", "3"]


@pytest.mark.parametrize(
    ("format", "text"),
    [
        ("%s='%s' ", "K='V' "),
        ('$env:%s="%s"; ', '$env:K="V"; '),
        ("%[2]s=%[1]s", "V=K"),
        ("100%% %s %v", "100% K V"),
        ("%s", "K%!(EXTRA string=V)"),
        ("%s %s %s", "K V %!s(MISSING)"),
        ("%d", None),
    ],
)
def test_sprintf(format: str, text: str | None) -> None:
    assert sprintf(format, "K", "V") == text


def test_commands() -> None:
    command = parse_command("chmod +x {{ .Path }}; {{.Vars}} {{- .Path -}}")
    assert isinstance(command, Template)
    assert command.parts[1] == Ref("command", "Path")
    assert print_command(command) == "chmod +x {{.Path}}; {{.Vars}} {{.Path}}"
    assert print_command(Literal("x {{ .Path }}")) is None
    assert print_command(Ref("input", "x")) is None
