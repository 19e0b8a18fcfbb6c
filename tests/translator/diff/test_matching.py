"""Which step is which: laws of the matching, and the cases that people make."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bakelift.translator.diff.lines import hunks
from bakelift.translator.diff.matching import Matching, match
from bakelift.translator.diff.model import Hunk

FAST = settings(max_examples=200, deadline=None, derandomize=True)
ITEMS = st.lists(st.sampled_from("abcdefg"), max_size=12)
LINES = st.lists(st.sampled_from(("x", "y", "z", "", "  x", "set -e")), max_size=30)


def matched(old: list[str], new: list[str]) -> Matching:
    return match(old, new, (lambda item: item,), lambda item: item.lower() in "abc")


@FAST
@given(ITEMS, ITEMS)
def test_each_item_is_matched_removed_or_added_once(old: list[str], new: list[str]) -> None:
    found = matched(old, new)
    assert sorted([*(first for first, _ in found.pairs), *found.removed]) == list(range(len(old)))
    assert sorted([*(second for _, second in found.pairs), *found.added]) == list(range(len(new)))
    assert found.moved <= set(found.pairs)


@FAST
@given(ITEMS)
def test_the_same_items_are_matched_in_place(items: list[str]) -> None:
    found = matched(items, items)
    assert found.pairs == tuple((index, index) for index in range(len(items)))
    assert not found.moved


@FAST
@given(st.permutations("abcdefgh"), st.permutations("abcdefgh"))
def test_what_is_left_without_the_moved_keeps_its_order(old: list[str], new: list[str]) -> None:
    found = matched(old, new)
    assert not found.removed and not found.added
    kept = [second for first, second in found.pairs if (first, second) not in found.moved]
    assert kept == sorted(kept)


def test_a_moved_item_is_one_move() -> None:
    found = matched(list("abcdef"), list("bcdefa"))
    assert found.moved == {(0, 5)}


def test_one_of_several_equal_items_that_changed_is_paired_by_position() -> None:
    found = match(["u1", "u1"], ["u2", "u1"], (lambda item: item,), lambda _: "")
    assert found.pairs == ((0, 0), (1, 1))
    assert not found.moved


def patched(old: list[str], found: tuple[Hunk, ...]) -> list[str]:
    """The old lines with the hunks applied."""
    result: list[str] = []
    at = 0
    for hunk in found:
        result += old[at : hunk.old_line - 1]
        at = hunk.old_line - 1
        for line in hunk.lines:
            if line[0] in " -":
                assert old[at] == line[1:]
                at += 1
            if line[0] in " +":
                result.append(line[1:])
    return result + old[at:]


@FAST
@given(LINES, LINES)
def test_hunks_make_the_new_lines_of_the_old(old: list[str], new: list[str]) -> None:
    assert patched(old, hunks(old, new)) == new


def test_long_texts_take_no_quadratic_time() -> None:
    old = [f"line {number}" for number in range(200_000)]
    new = [f"other {number}" for number in range(200_000)]
    found = hunks(old, new)
    assert patched(old, found) == new
