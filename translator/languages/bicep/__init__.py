"""Bicep: syntax only. Its functions are ARM's, its operators are spellings of some of them.

The names below are loaded when they are asked for: writing needs no parser, reading no printer.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.languages.bicep.parser import parse_bicep as parse_bicep
    from bakelift.translator.languages.bicep.printer import print_bicep as print_bicep
    from bakelift.translator.languages.bicep.spelling import spelled as spelled

_HOMES = {"parse_bicep": "parser", "print_bicep": "printer", "spelled": "spelling"}


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(__import__(f"{__name__}.{home}", fromlist=[name]), name)
