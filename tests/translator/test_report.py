"""Law 3 at its root: every leaf once, and the counts add up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bakelift.translator.plan.model import Leaf
from bakelift.translator.report import CLASSES, Accounting, Report


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from(CLASSES), st.sampled_from("abc")), max_size=30))
def test_each_leaf_has_one_item_with_the_worst_class_and_all_targets(said: list[tuple[int, str, str]]) -> None:
    leaves = [Leaf(f"x{i}", None) for i in range(6)]
    accounting = Accounting(leaves)
    for number, kind, target in said:
        accounting.say([leaves[number]], kind, "c", to=[target])  # type: ignore[arg-type]
    report = Report({}, {}, {}, (), tuple(accounting.items()))
    assert [item.path for item in report.items] == [leaf.path for leaf in leaves]
    counts = report.counts()
    assert counts["total"] == 6 == sum(counts[kind] for kind in CLASSES)
    for number, item in enumerate(report.items):
        mine = [(kind, target) for n, kind, target in said if n == number]
        if mine:
            assert item.kind == max((kind for kind, _ in mine), key=CLASSES.index)  # type: ignore[arg-type]
            assert set(item.to) == {target for _, target in mine}
        else:
            assert (item.kind, item.code) == ("unsupported", "report/unaccounted")


def test_leaves_of_builds_that_were_not_selected_are_left_out() -> None:
    leaves = [Leaf("a", None), Leaf("b", None)]
    accounting = Accounting(leaves)
    accounting.leave_out(leaves)
    accounting.say(leaves[:1], "exact", "c")
    assert [item.path for item in accounting.items()] == ["a"]
