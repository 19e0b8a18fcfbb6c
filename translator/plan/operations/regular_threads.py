"""Matching in time that grows with the text and not faster, for patterns on which Python's engine may go back for ever.

All ways through the pattern are followed at once, one character after the other, the preferred way first, as RE2 does
(Russ Cox, "Regular Expression Matching: the Virtual Machine Approach"). Slower than Python's engine on what that one
handles well, so it only takes the patterns that :func:`risky` finds.
"""

from __future__ import annotations

import re
from re import _compiler, _parser  # type: ignore[attr-defined]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    Slots = tuple[int, ...]
    Step = tuple[Any, ...]

#: So many places Python's engine may look at: less than a second.
MOST_LOOKS = 20_000_000
#: Steps of a program: a pattern with more is refused.
MOST_STEPS = 50_000
_REPEATS = ("MAX_REPEAT", "MIN_REPEAT")


class TooLarge(Exception):
    """The pattern makes too long a program."""


def risky(pattern: str, text: str) -> bool:
    """Whether Python's engine could take very long: each loop may try every length, from every place in the text."""
    looks: float = (len(text) + 1) ** min(1 + _loops(_parser.parse(pattern), False), 40.0)
    return looks > MOST_LOOKS


def _loops(tree: Any, inside: bool) -> float:
    """Loops that can be at work at once; a choice counts as a part of one, inside a loop as one for each turn."""
    total = 0.0
    for operation, value in tree:
        name = str(operation)
        if name in _REPEATS:
            low, high, body = value
            inner = _loops(body, inside or high > 1)
            if high - low > 10:
                total += 1 + 30 * bool(inner or inside)
            else:
                total += inner * high + (1 if inside else 0.25) * (high > low)
        elif name == "SUBPATTERN":
            total += _loops(value[3], inside)
        elif name == "BRANCH":
            total += sum(_loops(branch, inside) for branch in value[1]) + (1 if inside else 0.25)
    return total


class Program:
    """A pattern (in Python's syntax) as steps: ``char``, ``save``, ``at``, ``split``, ``jump``, ``match``."""

    def __init__(self, pattern: str) -> None:
        tree = _parser.parse(pattern)
        self.state = tree.state
        self.groups = tree.state.groups - 1
        self.steps: list[Step] = []
        self.tests: dict[str, Callable[[str], object]] = {}
        self.sequence(tree, tree.state.flags)
        self.add("match")

    def add(self, *step: Any) -> int:
        if len(self.steps) >= MOST_STEPS:
            raise TooLarge
        self.steps.append(step)
        return len(self.steps) - 1

    def sequence(self, tree: Any, flags: int) -> None:
        for operation, value in tree:
            name = str(operation)
            if name in _REPEATS:
                self.repeat(value, name == "MAX_REPEAT", flags)
            elif name == "SUBPATTERN":
                number, more, less, body = value
                if number is not None:
                    self.add("save", 2 * number)
                self.sequence(body, (flags | more) & ~less)
                if number is not None:
                    self.add("save", 2 * number + 1)
            elif name == "BRANCH":
                self.branches(value[1], flags)
            else:
                self.add("at" if name == "AT" else "char", self.test((operation, value), flags))

    def test(self, node: tuple[Any, Any], flags: int) -> Callable[..., object]:
        """One character, or a place between two, judged by Python's engine."""
        part = _parser.SubPattern(self.state, [node])
        key = f"{node!r}{flags}"
        if key not in self.tests:
            compiled = _compiler.compile(part, flags)
            self.tests[key] = compiled.match
        return self.tests[key]

    def repeat(self, value: tuple[int, int, Any], greedy: bool, flags: int) -> None:
        low, high, body = value
        if high == _parser.MAXREPEAT:
            # At least once, then again or on; none at all is a choice before. A body that may be empty wants it so.
            split = self.add("split") if low == 0 else None
            for _ in range(low - 1):
                self.sequence(body, flags)
            again = len(self.steps)
            self.sequence(body, flags)
            turn = self.add("split")
            self.steps[turn] = self.choice(again, turn + 1, greedy)
            if split is not None:
                self.steps[split] = self.choice(split + 1, len(self.steps), greedy)
            return
        for _ in range(low):
            self.sequence(body, flags)
        splits = []
        for _ in range(high - low):
            splits.append(self.add("split"))
            self.sequence(body, flags)
        for split in splits:
            self.steps[split] = self.choice(split + 1, len(self.steps), greedy)

    def choice(self, inside: int, behind: int, greedy: bool) -> Step:
        return ("split", inside, behind) if greedy else ("split", behind, inside)

    def branches(self, branches: list[Any], flags: int) -> None:
        ends = []
        for branch in branches[:-1]:
            split = self.add("split")
            self.sequence(branch, flags)
            ends.append(self.add("jump"))
            self.steps[split] = ("split", split + 1, len(self.steps))
        self.sequence(branches[-1], flags)
        for end in ends:
            self.steps[end] = ("jump", len(self.steps))

    # Matching

    def search(self, text: str, start: int = 0) -> Slots | None:
        """The leftmost match from ``start`` on: start and end of each group (-1: no part of it), group 0 first."""
        empty = (-1,) * (2 * self.groups + 2)
        found: Slots | None = None
        threads: list[tuple[int, Slots]] = []
        for at in range(start, len(text) + 1):
            if found is None:
                self.follow(threads, 0, (at, *empty[1:]), text, at)
            if found is not None and not threads:
                break
            character = text[at : at + 1]
            following: list[tuple[int, Slots]] = []
            seen: set[int] = set()
            for step, slots in threads:
                operation = self.steps[step]
                if operation[0] == "match":
                    found = (slots[0], at, *slots[2:])
                    break  # what comes behind is less preferred
                if character and operation[1](character):
                    self.follow(following, step + 1, slots, text, at + 1, seen)
            threads = following
        return found

    def follow(
        self,
        threads: list[tuple[int, Slots]],
        step: int,
        slots: Slots,
        text: str,
        at: int,
        seen: set[int] | None = None,
    ) -> None:
        """Puts the steps that can be reached without a character behind the threads, each once."""
        if seen is None:
            seen = {step for step, _ in threads}
        waiting = [(step, slots)]
        while waiting:
            step, slots = waiting.pop()
            if step in seen:
                continue
            seen.add(step)
            operation = self.steps[step]
            kind = operation[0]
            if kind == "jump":
                waiting.append((operation[1], slots))
            elif kind == "split":
                waiting += [(operation[2], slots), (operation[1], slots)]
            elif kind == "save":
                waiting.append((step + 1, (*slots[: operation[1]], at, *slots[operation[1] + 1 :])))
            elif kind == "at":
                if operation[1](text, at) is not None:
                    waiting.append((step + 1, slots))
            else:
                threads.append((step, slots))


class Match:
    """What :class:`re.Match` has that is used of a match."""

    def __init__(self, text: str, slots: Slots, pattern: re.Pattern[str]) -> None:
        self.text = text
        self.slots = slots
        self.re = pattern

    def start(self) -> int:
        return self.slots[0]

    def end(self) -> int:
        return self.slots[1]

    def group(self, number: int = 0) -> str | None:
        first, last = self.slots[2 * number : 2 * number + 2]
        return self.text[first:last] if first >= 0 and last >= 0 else None

    def groups(self) -> tuple[str | None, ...]:
        return tuple(self.group(number) for number in range(1, self.re.groups + 1))


def matches(pattern: re.Pattern[str], text: str) -> Iterator[Match]:
    """As ``pattern.finditer(text)``. Raises TooLarge."""
    program = Program(pattern.pattern)
    at = 0
    empty_at = -1
    while at <= len(text):
        slots = program.search(text, at)
        if slots is None:
            return
        start, end = slots[0], slots[1]
        if start == end and start == empty_at:
            at += 1
            empty_at = -1
            continue
        yield Match(text, slots, pattern)
        at = end if end > start else end + 1
        empty_at = end if end > start else -1
