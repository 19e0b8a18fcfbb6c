"""What Image Builder makes of every setting of an Azure image build: one row each.

The same rows serve writing (where a value goes, what is said of its leaves), reading (which setting a property is) and
the documentation. A customizer's properties have their own rows in :mod:`.table_customizers`.
"""

from __future__ import annotations

from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.report import Class, Evidence


class Row(Record):
    """What becomes of one setting.

    ``path``: its name in the Plan. ``to``: JSON pointer of the property inside the image template ("" when it has none;
    ``*`` stands for every distribution). ``plain``: the value is written as it is, so it can be read as it is.
    ``since``: the API version that brought the property, "" for any that is written. ``code`` and ``advice`` are for
    the report; what is exact needs no advice.
    """

    path: str
    kind: Class
    code: str
    advice: str = ""
    to: str = ""
    plain: bool = False
    since: str = ""
    evidence: Evidence = "documented"


def rows() -> dict[str, Row]:
    """All rows of settings of an azure-arm source, by path."""
    from bakelift.translator.imagebuilder.table_source import ROWS

    return ROWS


def row(path: str) -> Row | None:
    """The row of a setting; an option inside a block that a row names as a whole has that row."""
    table = rows()
    found = table.get(path)
    while found is None and "." in path:
        path = path.rpartition(".")[0]
        found = table.get(path)
    return found
