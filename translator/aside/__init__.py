"""What Packer has no word for, set aside before a Plan is written as Packer, and put back when it is read again.

Settings that only Image Builder has, the rest of its template, defaults that only a deployment can compute
(``resourceGroup().location``), and other expressions that only a deployment knows. They are kept as Image Builder says
them, in a named value that nothing uses (HCL) or under a root key that Packer takes for a comment (legacy JSON); Packer
gets variables in their place.
"""

from __future__ import annotations

from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.aside.giving import chooses as chooses
    from bakelift.translator.aside.giving import put_back as put_back
    from bakelift.translator.aside.taking import set_aside as set_aside
    from bakelift.translator.plan.model import Leaf, Plan
    from bakelift.translator.report import Class

#: The named value (HCL) or, after an underscore, the root key (legacy JSON) that keeps what was set aside.
KEPT = "bakelift"

_HOMES = {"chooses": "giving", "put_back": "giving", "set_aside": "taking"}


class Told(Record):
    """What becomes of some leaves that Packer has no word for."""

    leaves: tuple[Leaf, ...]
    kind: Class
    code: str
    summary: str


class Aside(Record):
    """A Plan that Packer can say, and what was taken out of it."""

    plan: Plan
    told: tuple[Told, ...]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(__import__(f"{__name__}.{home}", fromlist=[name]), name)
