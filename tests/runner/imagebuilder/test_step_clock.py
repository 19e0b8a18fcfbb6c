"""Which customizers ended how, by what a log tells of provisioners."""

from __future__ import annotations

from bakelift.runner.imagebuilder.step_clock import StepClock


def clock(*steps: str) -> tuple[StepClock, list[tuple[int, float, bool]]]:
    heard: list[tuple[int, float, bool]] = []
    return StepClock(steps, lambda *what: heard.append(what)), heard


def test_times_are_those_of_the_log() -> None:
    """A log that is read late, or as a whole, says how long each took all the same."""
    steps, heard = clock("a", "b")
    assert steps.begin("shell", 100.0) == "1 of 2: a (shell)"
    steps.end(130.0)
    assert steps.begin("file", 131.0) == "2 of 2: b (file)"
    steps.end(132.0)
    assert steps.begin("shell", 132.0) == "of the service (shell)"
    steps.end(140.0)
    assert steps.over(True) == ""
    assert heard == [(1, 30.0, True), (2, 1.0, True)]


def test_the_one_that_failed_is_the_one_that_ended_last() -> None:
    """Packer tells of the end, then of the failure; then of the end of the builder, and of its failure."""
    steps, heard = clock("same", "same")
    for at in (1.0, 2.0):
        steps.begin("shell", at)
        steps.end(at + 0.5)
    steps.failed()
    steps.end(9.0)
    steps.failed()
    assert steps.over(False) == "2 of 2: same (shell)"
    assert heard == [(1, 0.5, True), (2, 0.5, False)]


def test_what_fails_after_the_customizers_is_none_of_them() -> None:
    steps, heard = clock("a")
    steps.begin("shell", 1.0)
    steps.end(2.0)
    steps.end(9.0)
    steps.failed()
    assert steps.over(False) == ""
    assert heard == [(1, 1.0, True)]


def test_a_log_that_ends_amid_a_customizer() -> None:
    steps, heard = clock("a")
    steps.begin("powershell", 0.0)
    assert steps.over(False) == "1 of 1: a (powershell)"
    assert [(number, good) for number, _, good in heard] == [(1, False)]
    steps, heard = clock("a")
    steps.begin("powershell", 5.0)
    assert steps.over(True) == "" and heard[0][2]
