"""Which steps of a build run, and which need not: their outcome is kept, or the command line passes them over.

A machine that keeps its states (the sandbox) goes to the state after the last step of the longest run of steps, from
the first on, that were done before with the same key. A machine that keeps none (a host over ssh) is what it is: there
steps are passed over only when an interrupted build is resumed, or a person says so. After the first step that has to
run, all steps run.
"""

from __future__ import annotations

import os
import time

from bakelift.runner.errors import BuildError
from bakelift.runner.log_timing import StepTime
from bakelift.runner.step_keys import Keys, runs_always
from bakelift.translator.diagnostics import TemplateError
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bakelift.runner.build_prepare import ReadyStep
    from bakelift.runner.journal import Journal, Past
    from bakelift.runner.settings import Settings
    from bakelift.runner.targets import Machine
    from bakelift.runner.ui import Ui


class Choice(Record):
    """What the command line says about steps, numbered from 1. ``first``, ``last``: the range that runs (-from, -until,
    -step); ``fresh``: nothing that is kept is used (-no-cache); ``resume``: an earlier run is to go on.
    """

    first: int = 1
    last: int | None = None
    fresh: bool = False
    resume: bool = False


class StepRecord(Record):
    """What became of a step, for the manifest. ``outcome``: done, reused or passed."""

    number: int
    type: str
    name: str | None
    outcome: str
    seconds: float


class Course:
    """Walks through the steps of one build."""

    def __init__(
        self,
        name: str,
        steps: Sequence[ReadyStep],
        machine: Machine,
        keys: Keys,
        bound: Callable[[ReadyStep], Settings],
        choice: Choice,
        ui: Ui,
        journal: Journal | None,
        past: Past | None,
        heard: Callable[[StepTime], None],
    ) -> None:
        self._name = name
        self._steps = steps
        self._machine = machine
        self._keys = keys
        self._bound = bound
        self._choice = choice
        self._ui = ui
        self._journal = journal
        self._past = past
        self._heard = heard
        self._last = min(choice.last or len(steps), len(steps))
        states = machine.states
        self._key = states.first_key if states is not None else keys.of_text(machine.identity)
        self._known = not choice.fresh
        self._passing = states is None
        self._reused = 0
        self._begun = 0.0
        #: The first step that has not run well yet.
        self.next = 1
        self.records: list[StepRecord] = [] if machine.records is None else machine.records

    @property
    def stopped(self) -> bool:
        """Whether steps were left out at the end, so that no image can be made."""
        return self._last < len(self._steps)

    async def begin(self) -> None:
        """Goes to where the first step that runs begins."""
        first = self._choice.first
        if first > 1:
            await self._pass_over(first - 1)
        elif self._machine.states is not None:
            await self._look_ahead(1)
        elif self._choice.resume and self._past is not None:
            self._resume(self._past)

    async def again(self) -> None:
        """Before the step that failed runs once more: what it did is taken back where that can be."""
        if self._machine.states is not None:
            await self._machine.states.go_to(self._key)

    async def wants(self, number: int) -> bool:
        """Whether a step is to run now."""
        if not self.next <= number <= self._last:
            return False
        step = self._steps[number - 1]
        if number <= self._reused:
            known = self._passing or number < self._choice.first
            return not known and runs_always(step.type, self._bound(step), self._machine.local)
        if self._journal is not None:
            self._journal.step(self._name, number, step.type, "begun")
        self._begun = time.monotonic()
        return True

    async def done(self, number: int) -> None:
        """A step has run well."""
        self.next = number + 1
        if number <= self._reused:
            return
        seconds = time.monotonic() - self._begun
        step = self._steps[number - 1]
        try:
            self._key = self._after(step)
        except TemplateError:
            self._key = self._keys.of_text(os.urandom(16).hex())  # a file of it has gone: like no other step
        if self._machine.states is not None:
            problem = await self._machine.states.keep(self._key, step.type)
            if problem:
                self._ui.say(f"Step {number} is not kept: {problem}.")
        self._record(number, "done", seconds)

    def failed(self, number: int) -> None:
        if self._journal is not None and number > self._reused:
            type = self._steps[number - 1].type
            self._journal.step(self._name, number, type, "failed", "", time.monotonic() - self._begun)

    async def undo(self) -> bool:
        """Goes back to the state after the last step; False when that is not kept."""
        states = self._machine.states
        return states is not None and await states.go_to(self._key)

    def preview(self) -> list[tuple[str, str]]:
        """What would become of each step (cached, to run, passed, left out), and the key of the state after it ("": its
        files are not there yet).
        """
        ahead = self._ahead(1)
        states, first = self._machine.states, self._choice.first
        kept = states.find(ahead) if states is not None and self._known else 0
        found = []
        for number, step in enumerate(self._steps, 1):
            key = ahead[number - 1] if number <= len(ahead) else ""
            if number > self._last:
                found.append(("left out", key))
            elif number < first:
                found.append(("passed" if states is None else "cached" if number <= kept else "as it was", key))
            elif first > 1 or number > kept or runs_always(step.type, self._bound(step), self._machine.local):
                found.append(("to run", key))
            else:
                found.append(("cached", key))
        return found

    def _after(self, step: ReadyStep) -> str:
        return self._keys.after(self._key, step.type, self._bound(step))

    async def _look_ahead(self, number: int) -> None:
        """Goes on to the last step from this one on whose state is kept."""
        states = self._machine.states
        assert states is not None
        if not self._known:
            return
        ahead = self._ahead(number)[: self._last - number + 1]
        count = states.find(ahead)
        if count and await states.go_to(ahead[count - 1]):
            self._key = ahead[count - 1]
            for each in range(number, number + count):
                self._key = ahead[each - number]
                self._record(each, "reused", 0.0)
            self._reused = number + count - 1
            self._ui.say(f"{self._range(number, self._reused)} not changed: reusing what {_it(count)} made.")

    def _ahead(self, number: int) -> list[str]:
        """The keys of the steps from one on, up to one whose files are not there yet."""
        key, found = self._key, []
        for step in self._steps[number - 1 :]:
            try:
                key = self._keys.after(key, step.type, self._bound(step))
            except TemplateError:
                break
            found.append(key)
        return found

    async def _pass_over(self, count: int) -> None:
        """Leaves the first steps out (-from): the state after them is what the last run left."""
        states = self._machine.states
        if states is None:
            self._ui.say(f"{self._range(1, count)} passed over: this machine is taken as it is.")
            for number in range(1, count + 1):
                self._key = self._after(self._steps[number - 1])
                self._record(number, "passed", 0.0)
        else:
            await self._go_back_to(count)
        self._reused = count

    async def _go_back_to(self, count: int) -> None:
        states = self._machine.states
        assert states is not None
        ahead = self._ahead(1)
        if len(ahead) >= count and states.find(ahead[count - 1 : count]):
            key = ahead[count - 1]
            said = f"{self._range(1, count)} not changed: reusing what {_it(count)} made."
        else:
            key = self._past.keys.get(self._name, {}).get(count, "") if self._past is not None else ""
            said = f"Beginning after step {count} as the last run left it, although steps before have changed."
        if not key or not states.find([key]) or not await states.go_to(key):
            raise BuildError(
                f"The state after step {count} is not kept, so that no build can begin there: run it without -from "
                "and -step once."
            )
        self._ui.say(said)
        self._key = key
        for number in range(1, count + 1):
            self._record(number, "reused", 0.0, key if number == count else "")

    def _resume(self, past: Past) -> None:
        """Passes over the first steps that an interrupted build had done on this machine."""
        done = past.keys.get(self._name, {})
        for number, step in enumerate(self._steps, 1):
            key = self._keys.after(self._key, step.type, self._bound(step))
            if done.get(number) != key:
                break
            self._key, self._reused = key, number
            self._record(number, "passed", 0.0)
        if self._reused:
            self._ui.say(f"{self._range(1, self._reused)} done already by the build that is resumed.")

    def _record(self, number: int, outcome: str, seconds: float, key: str | None = None) -> None:
        step = self._steps[number - 1]
        self.records.append(StepRecord(number, step.type, step.name, outcome, seconds))
        if outcome != "done":
            self._heard(StepTime(step.label, 0.0, "cached" if outcome == "reused" else "skipped"))
        if self._journal is not None:
            state = "done" if outcome == "done" else "reused"
            self._journal.step(self._name, number, step.type, state, self._key if key is None else key, seconds)

    def _range(self, first: int, last: int) -> str:
        count = len(self._steps)
        return f"Step {first} of {count}" if first == last else f"Steps {first} to {last} of {count}"


def _it(count: int) -> str:
    return "it" if count == 1 else "they"
