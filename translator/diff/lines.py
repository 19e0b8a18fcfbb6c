"""Line diffs of scripts, in time that grows with the lines."""

from __future__ import annotations

from bakelift.translator.diff.model import Hunk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

#: Lines shown around a change.
CONTEXT = 3
#: Texts with more lines than this are compared by their common beginning and end alone: difflib grows quadratically.
MANY = 4000


def hunks(old: Sequence[str], new: Sequence[str]) -> tuple[Hunk, ...]:
    """What became of lines, in runs with :data:`CONTEXT` lines around each."""
    start = 0
    while start < len(old) and start < len(new) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    middle_old, middle_new = old[start : len(old) - end], new[start : len(new) - end]
    if not middle_old and not middle_new:
        return ()
    found = []
    for group in _groups(middle_old, middle_new):
        first_old, first_new = group[0][1] + start, group[0][3] + start
        last_old = group[-1][2] + start
        lead = min(CONTEXT, first_old, first_new) if group[0][0] != "equal" else 0
        trail = min(CONTEXT, len(old) - last_old) if group[-1][0] != "equal" else 0
        lines = [f" {line}" for line in old[first_old - lead : first_old]]
        for tag, a, b, c, d in group:
            if tag == "equal":
                lines += [f" {line}" for line in middle_old[a:b]]
            else:
                lines += [f"-{line}" for line in middle_old[a:b]]
                lines += [f"+{line}" for line in middle_new[c:d]]
        lines += [f" {line}" for line in old[last_old : last_old + trail]]
        found.append(Hunk(first_old - lead + 1, first_new - lead + 1, tuple(lines)))
    return tuple(found)


def _groups(old: Sequence[str], new: Sequence[str]) -> list[list[tuple[str, int, int, int, int]]]:
    if len(old) > MANY or len(new) > MANY:
        return [[("replace", 0, len(old), 0, len(new))]]
    from difflib import SequenceMatcher

    matcher = SequenceMatcher(None, old, new, autojunk=len(old) + len(new) > MANY // 4)
    return [[tuple(code) for code in group] for group in matcher.get_grouped_opcodes(CONTEXT)]  # type: ignore[misc]


def counts(found: Sequence[Hunk]) -> tuple[int, int]:
    """(lines added, lines removed)."""
    lines = [line for hunk in found for line in hunk.lines]
    return sum(line.startswith("+") for line in lines), sum(line.startswith("-") for line in lines)
