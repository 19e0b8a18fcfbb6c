"""What a comparison of two Plans says: changes, each with what it means for the image, and what cannot be compared."""

from __future__ import annotations

from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    from bakelift.translator.diagnostics import Span
    from bakelift.translator.plan.expressions import Expr

    Class = Literal[
        "source",
        "security",
        "script",
        "network",
        "identity",
        "distribution",
        "size/cost",
        "metadata",
        "cosmetic",
    ]
    Severity = Literal["high", "medium", "low", "info"]
    #: What the change means for an image template that is deployed: it has to be deleted and created again, it can be
    #: updated, or nothing of it changes.
    Consequence = Literal["re-create", "in-place", "none"]
    Kind = Literal["added", "removed", "changed", "moved", "renamed"]

#: From what a reviewer looks at first to what may be left out of a long comment last.
CLASSES: tuple[Class, ...] = (
    "security",
    "source",
    "script",
    "identity",
    "network",
    "distribution",
    "size/cost",
    "metadata",
    "cosmetic",
)
SEVERITIES: tuple[Severity, ...] = ("high", "medium", "low", "info")


class Hunk(Record):
    """A run of changed lines of a text with the lines around it.

    ``old_line``, ``new_line``: of the first line shown, from 1. ``lines``: each with its sign (`` ``, ``-``, ``+``).
    """

    old_line: int
    new_line: int
    lines: tuple[str, ...]


class Change(Record):
    """One difference. ``path``: the leaf that says it, as the report of a translation names it.

    ``before``, ``after``: values (expressions), or None where there is none; a text for what is no value. ``hunks``:
    line by line, for scripts. ``affects``: what takes its value from a variable or local that changed. ``span`` is in
    the new template, else (``removed``) in the old one; ``old_span`` always in the old one. ``secret``: the values are
    not to be shown.
    """

    kind: Kind
    code: str
    kind_of: Class
    severity: Severity
    consequence: Consequence
    path: str
    summary: str
    before: Expr | str | None = None
    after: Expr | str | None = None
    span: Span | None = None
    old_span: Span | None = None
    hunks: tuple[Hunk, ...] = ()
    affects: tuple[str, ...] = ()
    secret: bool = False
    detail: str = ""

    _aside = frozenset({"span", "old_span"})

    def rank(self) -> tuple[int, int]:
        """Sorts by severity, then class."""
        return SEVERITIES.index(self.severity), CLASSES.index(self.kind_of)


class NotComparable(Record):
    """A leaf of one side that the other side's format has no word for. ``side``: ``a`` or ``b``."""

    side: Literal["a", "b"]
    code: str
    path: str
    summary: str
    span: Span | None = None


class Difference(Record):
    """Everything that is to be said of two templates."""

    changes: tuple[Change, ...]
    not_comparable: tuple[NotComparable, ...] = ()
