"""ARM's template language: expressions in the strings of JSON. Syntax only."""

from __future__ import annotations

from bakelift.translator.languages.arm.kinds import PLAIN, Symbols, kind_of
from bakelift.translator.languages.arm.parser import parse_arm
from bakelift.translator.languages.arm.printer import Unprintable, print_arm, printable
from bakelift.translator.languages.arm.values import expr_to_value, text_to_expr, value_to_expr

__all__ = [
    "PLAIN",
    "Symbols",
    "Unprintable",
    "expr_to_value",
    "kind_of",
    "parse_arm",
    "print_arm",
    "printable",
    "text_to_expr",
    "value_to_expr",
]
