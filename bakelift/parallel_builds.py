"""``-parallel-builds``: how many builds go on at a time."""

from __future__ import annotations

from bakelift.arguments import Usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.arguments import Parsed

#: How commands explain the option: what it is, and what holds where nobody says it.
WHAT, DEFAULTS = "how many builds at a time", "0: all [all; with -on imagebuilder 16]"


def said(parsed: Parsed) -> int:
    """0 for all, also where nobody says. Raises Usage for what is no such number."""
    try:
        number = int(parsed.text("parallel-builds") or 0)
    except ValueError:
        raise Usage("-parallel-builds takes a number") from None
    if number < 0:
        raise Usage("-parallel-builds takes how many builds may go on at a time; 0: all of them")
    return number


def of_service(parsed: Parsed) -> int:
    """The same for Image Builder, which does not begin any number of builds unasked."""
    from bakelift.runner.imagebuilder.runs import AT_ONCE

    return said(parsed) if parsed.text("parallel-builds") is not None else AT_ONCE
