"""Parts of an image template that are newer than the API version that is written."""

from __future__ import annotations

import re

from bakelift.translator.imagebuilder.properties import UNIONS, below, kinds
from bakelift.translator.plan.expressions import Expr, ListExpr, Literal, ObjectExpr

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from bakelift.translator.imagebuilder.properties import Property
    from bakelift.translator.plan.model import Leaf

    #: (JSON pointer inside the image template, the version that has it) of each part that was taken out.
    Newer = list[tuple[str, str]]


def without_newer(said: Expr, path: str, version: str, pointer: str = "") -> tuple[Expr, Newer]:
    """What stands at a path, as in :mod:`.properties`, without what a version has not; and what that was."""
    newer: Newer = []
    return _of(said, path, None, version, pointer, newer), newer


def _of(said: Expr, path: str, kind: str | None, version: str, pointer: str, newer: Newer) -> Expr:
    if not isinstance(said, ObjectExpr):
        return said
    known = {item.path.rpartition(".")[2]: item for item in below(path, kind)}
    left = []
    for key, value in said.entries:
        name = str(key.value) if isinstance(key, Literal) else ""
        item = known.get(name)
        place = f"{pointer}/{name}"
        if item is not None and not item.known(version):
            newer.append((place, item.since))
        else:
            left.append((key, value if item is None else _value(item, value, version, place, newer)))
    return said.but(entries=tuple(left))


def _value(item: Property, value: Expr, version: str, pointer: str, newer: Newer) -> Expr:
    listed = isinstance(value, ListExpr)
    found = []
    for index, part in enumerate(value.items if isinstance(value, ListExpr) else (value,)):
        own = f"{pointer}/{index}" if listed else pointer
        if item.path in UNIONS:
            kind = _kind(part, item.path)
            since = UNIONS[item.path][1].get(kind or "", "")
            if since and kind not in kinds(item.path, version):
                newer.append((own, since))
                continue
            found.append(_of(part, item.path, kind, version, own, newer))
        else:
            found.append(_of(part, f"{item.path}[]" if listed else item.path, None, version, own, newer))
    if isinstance(value, ListExpr):
        return value.but(items=tuple(found))
    return found[0] if found else value


def _kind(part: Expr, path: str) -> str | None:
    """The kind of a union's object."""
    for key, value in part.entries if isinstance(part, ObjectExpr) else ():
        if key == Literal(UNIONS[path][0]) and isinstance(value, Literal):
            return str(value.value)
    return None


def leaves_at(pointer: str, leaves: Iterable[Leaf]) -> tuple[Leaf, ...]:
    """The leaves of the input that said what stood at a pointer of the image template."""
    steps = [rf"\[{step}\]" if step.isdigit() else rf"\.{re.escape(step)}" for step in pointer.split("/")[1:]]
    there = re.compile(r"(?:^|.*\.|.*\])" + "".join(steps).removeprefix(r"\.") + r"(?:[.\[].*)?")
    return tuple(leaf for leaf in leaves if there.fullmatch(leaf.path))
