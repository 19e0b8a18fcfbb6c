"""Which items of two sequences are the same item: by key, then by what they hold, then by where they stand."""

from __future__ import annotations

from bisect import bisect_left

from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence
    from typing import TypeVar

    Item = TypeVar("Item")


class Matching(Record):
    """Indexes into both sequences. ``moved``: those of ``pairs`` that stand elsewhere relative to the others."""

    pairs: tuple[tuple[int, int], ...]
    moved: frozenset[tuple[int, int]]
    removed: tuple[int, ...]
    added: tuple[int, ...]


def match(
    old: Sequence[Item],
    new: Sequence[Item],
    keys: Sequence[Callable[[Item], Hashable]],
    like: Callable[[Item], Hashable],
) -> Matching:
    """Matches by each of ``keys`` in turn where as many items have it on both sides (None: the item has no such key),
    then, between items that are matched already, by position where ``like`` is equal; what is left by key again.

    Takes time in proportion to the items.
    """
    of_old: dict[int, int] = {}
    of_new: dict[int, int] = {}
    for key in keys:
        _by_key(old, new, of_old, of_new, key, alike=True)
    _by_position(old, new, of_old, of_new, like)
    for key in keys:
        _by_key(old, new, of_old, of_new, key, alike=False)
    pairs = tuple(sorted(of_old.items()))
    still = _longest_rising(pairs)
    return Matching(
        pairs,
        frozenset(pair for pair in pairs if pair not in still),
        tuple(index for index in range(len(old)) if index not in of_old),
        tuple(index for index in range(len(new)) if index not in of_new),
    )


def _by_key(
    old: Sequence[Item],
    new: Sequence[Item],
    of_old: dict[int, int],
    of_new: dict[int, int],
    key: Callable[[Item], Hashable],
    alike: bool,
) -> None:
    """Items that share a key are matched in order. ``alike``: only where both sides have as many of them."""
    here, there = _waiting(old, of_old, key), _waiting(new, of_new, key)
    for value, indexes in here.items():
        others = there.get(value, [])
        if alike and len(indexes) != len(others):
            continue
        for index, other in zip(indexes, others, strict=False):
            of_old[index], of_new[other] = other, index


def _waiting(items: Sequence[Item], done: dict[int, int], key: Callable[[Item], Hashable]) -> dict[Hashable, list[int]]:
    found: dict[Hashable, list[int]] = {}
    for index, item in enumerate(items):
        if index not in done and (value := key(item)) is not None:
            found.setdefault(value, []).append(index)
    return found


def _by_position(
    old: Sequence[Item],
    new: Sequence[Item],
    of_old: dict[int, int],
    of_new: dict[int, int],
    like: Callable[[Item], Hashable],
) -> None:
    """In each gap between matched items that kept their order, pairs what is alike, in order."""
    anchors = [*sorted(_longest_rising(tuple(sorted(of_old.items())))), (len(old), len(new))]
    start_old = start_new = 0
    for end_old, end_new in anchors:
        free: dict[Hashable, list[int]] = {}
        for index in range(end_new - 1, start_new - 1, -1):
            if index not in of_new:
                free.setdefault(like(new[index]), []).append(index)
        for index in range(start_old, end_old):
            if index not in of_old and free.get(like(old[index])):
                other = free[like(old[index])].pop()
                of_old[index], of_new[other] = other, index
        start_old, start_new = end_old + 1, end_new + 1


def _longest_rising(pairs: Sequence[tuple[int, int]]) -> set[tuple[int, int]]:
    """The longest run of pairs (sorted by their first) whose seconds rise: what kept its order."""
    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for at, (_, second) in enumerate(pairs):
        place = bisect_left(tails, second)
        before.append(ends[place - 1] if place else -1)
        if place == len(tails):
            tails.append(second)
            ends.append(at)
        else:
            tails[place], ends[place] = second, at
    found = set()
    at = ends[-1] if ends else -1
    while at >= 0:
        found.add(pairs[at])
        at = before[at]
    return found
