"""The explanations of diagnostic codes: ``explanations/AREA.toml``, a table a code, ``about`` for the area."""

from __future__ import annotations

import os
from functools import cache

from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_FOLDER = os.path.join(os.path.dirname(__file__), "explanations")


class Explanation(Record):
    """``meaning``: what a code says of a template. ``example``: a few lines that lead to it. ``way_out``."""

    code: str
    meaning: str
    example: str
    way_out: str


class Area(Record):
    """The codes that begin with ``name/``; ``about`` says what they have in common."""

    name: str
    about: str
    explanations: tuple[Explanation, ...]


def areas() -> list[str]:
    """The names of all areas, sorted."""
    return sorted(name.removesuffix(".toml") for name in os.listdir(_FOLDER) if name.endswith(".toml"))


@cache
def area(name: str) -> Area | None:
    """An area with its codes sorted; None when there is none of that name."""
    import tomllib

    if name not in areas():
        return None
    with open(os.path.join(_FOLDER, f"{name}.toml"), "rb") as file:
        data = tomllib.load(file)
    about = str(data.pop("about"))
    found = (
        Explanation(code, texts["meaning"].strip(), texts["example"].strip("\n"), texts["way_out"].strip())
        for code, texts in sorted(data.items())
    )
    return Area(name, about, tuple(found))


def explanation(code: str) -> Explanation | None:
    """The explanation of a code; None for a code that no diagnostic has."""
    found = area(code.partition("/")[0])
    for item in found.explanations if found is not None else ():
        if item.code == code:
            return item
    return None


def near(word: str) -> list[str]:
    """Codes and areas that someone may have meant: by spelling, or with the same name in another area."""
    from difflib import get_close_matches

    if "/" not in word and get_close_matches(word, areas(), 1):
        return get_close_matches(word, areas(), 1)
    codes = [item.code for name in areas() for item in _explanations(name)]
    name = word.rpartition("/")[2]
    alike = get_close_matches(word, codes, 3, 0.75) + [code for code in codes if code.rpartition("/")[2] == name]
    alike += [code for code in codes if len(name) > 3 and name in code]
    return list(dict.fromkeys(alike))[:5]


def _explanations(name: str) -> Iterable[Explanation]:
    found = area(name)
    return found.explanations if found is not None else ()
