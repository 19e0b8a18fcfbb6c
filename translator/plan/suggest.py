"""The likely intended name behind a wrong one."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def suggestion(wrong: str, names: Iterable[str]) -> str | None:
    """The nearest name, fewer than three edits away (and fewer than the name has letters)."""
    best: tuple[int, str] | None = None
    for name in sorted(names):
        if abs(len(name) - len(wrong)) < 3:
            edits = _distance(wrong.lower(), name.lower())
            if edits < min(3, len(wrong)) and (best is None or edits < best[0]):
                best = (edits, name)
    return best[1] if best else None


def did_you_mean(wrong: str, names: Iterable[str]) -> str:
    """`` Did you mean "name"?`` with a space before it, or nothing."""
    name = suggestion(wrong, names)
    return f' Did you mean "{name}"?' if name else ""


def _distance(a: str, b: str) -> int:
    row = list(range(len(b) + 1))
    for i, left in enumerate(a, 1):
        previous, row[0] = row[0], i
        for j, right in enumerate(b, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (left != right))
    return row[-1]
