"""One change for one leaf: several settings may be part of one id, and a leaf may be said by two settings."""

from __future__ import annotations

from bakelift.translator.diff.model import Change
from bakelift.translator.diff.shown import shown_line
from bakelift.translator.plan.expressions import Expr

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bakelift.translator.diagnostics import Span
    from bakelift.translator.diff.model import Consequence, Kind

#: The setting that holds what no other says; a leaf that another says too is told once.
_REST = ": image_template."


def by_leaf(changes: Iterable[Change]) -> tuple[Change, ...]:
    """The changes, each leaf once."""
    found = tuple(_grouped(changes))
    said = {change.path for change in found if _REST not in change.summary}
    return tuple(change for change in found if _REST not in change.summary or change.path not in said)


def _grouped(changes: Iterable[Change]) -> Iterator[Change]:
    """One change for one leaf: an id that several settings are part of is shown whole."""
    held: list[Change] = []
    for change in changes:
        if held and not _same_leaf(held[-1], change):
            yield _whole_leaf(held)
            held = []
        held.append(change)
    if held:
        yield _whole_leaf(held)


def _same_leaf(one: Change, two: Change) -> bool:
    return (
        one.span is not None
        and two.span is not None
        and one.code == two.code == "diff/changed"
        and one.path == two.path
        and (one.span.file.path, one.span.start) == (two.span.file.path, two.span.start)
        and not one.hunks
        and not two.hunks
    )


def _whole_leaf(held: list[Change]) -> Change:
    weightiest = min(held, key=Change.rank)
    if len(held) == 1:
        return weightiest
    kinds = {change.kind for change in held}
    kind: Kind = kinds.pop() if len(kinds) == 1 else "changed"
    consequence: Consequence = "none"
    for change in held:
        if change.consequence == "re-create" or consequence == "none":
            consequence = change.consequence
    spans = [change.old_span for change in held if change.old_span is not None]
    if len({str(span) for span in spans}) == 1:
        old = _quoted_off(spans[0])
    else:
        old = ", ".join(shown_line(change.before) for change in held if isinstance(change.before, Expr))
    return weightiest.but(
        kind=kind,
        summary=f"{held[0].summary.partition(': ')[0]}: {held[0].path.rpartition('.')[2]}",
        before=old or None,
        after=_quoted_off(weightiest.span) if weightiest.span is not None and kind != "removed" else None,
        consequence=consequence,
    )


def _quoted_off(span: Span) -> str:
    return span.text.strip('"')
