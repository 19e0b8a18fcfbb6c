"""A review for people, on a terminal."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from bakelift.differences.review import Review, Shown

    Paint = Callable[[str, str], str]

_SIGNS = {"added": "+", "removed": "-", "changed": "~", "moved": ">", "renamed": "~"}
_COLOURS = {"high": "1;31", "medium": "33", "low": "36", "info": "2"}
#: Lines of hunks shown of one change.
MOST_LINES = 60
#: Leaves that cannot be compared, named for each reason without -strict.
FEW = 3


def as_text(review: Review, colour: bool, strict: bool) -> str:
    """Severest first: what, where, before and after; scripts line by line. Empty when there is nothing to say."""
    paint = _painted if colour else _plain
    lines: list[str] = []
    if review.changes:
        lines += [paint("1", f"{review.old} → {review.new}"), ""]
    for change in review.changes:
        lines += _change(change, paint, review.many)
        lines.append("")
    lines += _not_comparable(review, paint, strict)
    return "".join(f"{line}\n" for line in lines)


def _plain(_style: str, text: str) -> str:
    return text


def _painted(style: str, text: str) -> str:
    return f"\x1b[{style}m{text}\x1b[0m"


def _change(change: Shown, paint: Paint, many: bool) -> list[str]:
    consequence = "" if change.consequence == "none" else f", {change.consequence}"
    head = f"{_SIGNS[change.kind]} {change.summary}"
    label = paint(_COLOURS[change.severity], f"[{change.kind_of}, {change.severity}{consequence}]")
    lines = [f"{paint('1', head)}  {label}"]
    if change.span is not None:
        lines.append(f"    at {change.place}")
    if many:
        names = change.templates
        shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
        lines.append(f"    in {shown}")
    both = change.before is not None and change.after is not None and not change.hunks
    if change.kind in ("changed", "renamed") and both:
        lines += [paint("31", f"    - {change.before}"), paint("32", f"    + {change.after}")]
    elif change.kind == "added" and change.after is not None and not change.hunks:
        lines.append(paint("32", f"    + {change.after}"))
    elif change.kind == "removed" and change.before is not None and not change.hunks:
        lines.append(paint("31", f"    - {change.before}"))
    lines += _hunks(change, paint)
    if change.detail:
        lines.append(f"    {change.detail} ({change.code})")
    if change.affects:
        more = f" and {len(change.affects) - 4} more" if len(change.affects) > 4 else ""
        lines.append(f"    decides {', '.join(change.affects[:4])}{more}")
    return lines


def _hunks(change: Shown, paint: Paint) -> list[str]:
    lines = []
    for hunk in change.hunks:
        lines.append(paint("2", f"    @@ line {hunk.new_line} @@"))
        for line in hunk.lines:
            style = {"+": "32", "-": "31"}.get(line[:1])
            lines.append(paint(style, f"    {line}") if style else f"    {line}")
    if len(lines) > MOST_LINES:
        rest = len(lines) - MOST_LINES
        lines = [*lines[:MOST_LINES], f"    … {rest} more lines; -format json has all"]
    return lines


def _not_comparable(review: Review, paint: Paint, strict: bool) -> list[str]:
    """By reason; with -strict each leaf."""
    if not review.not_comparable:
        return []
    groups: dict[tuple[str, str, str], list[str]] = {}
    for item in review.not_comparable:
        side = review.old if item.side == "a" else review.new
        groups.setdefault((side, item.code, item.summary), []).append(item.path)
    lines = [paint("1", f"Not comparable: {len(review.not_comparable)} settings that the other format does not have")]
    for (side, code, summary), paths in groups.items():
        shown = paths if strict else paths[:FEW]
        more = f" and {len(paths) - len(shown)} more" if len(paths) > len(shown) else ""
        lines.append(f"  {side}: {', '.join(shown)}{more}")
        lines.append(paint("2", f"      {summary} ({code})"))
    return [*lines, ""]
