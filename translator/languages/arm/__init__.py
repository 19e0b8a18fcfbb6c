"""ARM's template language: expressions in the strings of JSON. Syntax only.

The names below are loaded when they are asked for: writing needs no parser, reading no printer.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.languages.arm.kinds import PLAIN as PLAIN
    from bakelift.translator.languages.arm.kinds import Symbols as Symbols
    from bakelift.translator.languages.arm.kinds import kind_of as kind_of
    from bakelift.translator.languages.arm.parser import parse_arm as parse_arm
    from bakelift.translator.languages.arm.printer import Unprintable as Unprintable
    from bakelift.translator.languages.arm.printer import print_arm as print_arm
    from bakelift.translator.languages.arm.printer import printable as printable
    from bakelift.translator.languages.arm.values import expr_to_value as expr_to_value
    from bakelift.translator.languages.arm.values import text_to_expr as text_to_expr
    from bakelift.translator.languages.arm.values import value_to_expr as value_to_expr

_HOMES = {
    **dict.fromkeys(("PLAIN", "Symbols", "kind_of"), "kinds"),
    **dict.fromkeys(("Unprintable", "print_arm", "printable"), "printer"),
    **dict.fromkeys(("expr_to_value", "text_to_expr", "value_to_expr"), "values"),
    "parse_arm": "parser",
}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(__import__(f"{__name__}.{home}", fromlist=[name]), name)
