"""Follows a run until it ends: its log in Packer's words, a headline and the time for each customizer.

The end is what the run's long operation says. Where that cannot be asked (it was begun by another process, or its polls
fail), the end is what the image template says of its last run.
"""

from __future__ import annotations

import time

from bakelift.runner.azure.session import explained, without_signatures
from bakelift.runner.errors import BuildError
from bakelift.runner.imagebuilder.calls import BREATH, Absent, CallFailed, Stopped
from bakelift.runner.imagebuilder.log_blob import LogBlob
from bakelift.runner.imagebuilder.packer_log import LineReader, read_line
from bakelift.runner.imagebuilder.shown_lines import ShownLines
from bakelift.runner.imagebuilder.step_clock import StepClock
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from bakelift.runner.imagebuilder.service import Run, Template
    from bakelift.runner.imagebuilder.step_clock import Timed
    from bakelift.runner.redaction import Redactor

#: Seconds between looks at the log, and how long the state of a run may be out of sight.
LOG_SECONDS = 1.0
#: The same while lines are coming.
STREAM_SECONDS = 0.1
PATIENCE = 600.0
_LAST_TRIES = 3


class OutOfSight(BuildError):
    """Nothing is heard of a run any more; it may go on."""


class Follower:
    """``steps``: names of the customizers in order; ``timed`` hears of each when it ended. ``before``: when the run
    before this one began. ``redactor``: of the log; what it hides is hidden across lines as well.
    """

    def __init__(
        self, template: Template, steps: Sequence[str], timed: Timed, before: str, redactor: Redactor | None = None
    ) -> None:
        self._template = template
        self._clock = StepClock(steps, timed)
        self._before = before
        self._ui = template.ui
        self._log: LogBlob | None = None
        self._reader = LineReader()
        self._shown = ShownLines(template.ui, redactor)
        self._told = False
        self._state = ""
        #: Whether the run has ended, and made some of its outputs.
        self.partly = False
        self._heard = time.monotonic()

    def follow(self, poller: Any) -> None:
        """Until the run ends. Raises BuildError when it failed, Stopped when somebody wants to stop, OutOfSight."""
        look_at = 0.0
        while True:
            over = poller is not None and poller.done()
            now = time.monotonic()
            if over or now >= look_at:
                look_at = now + self._template.session.poll
                poller, ended, problem = self._look(poller, over)
                if ended:
                    self._finish(problem)
                    return
            more = self._pump()
            if self._template.stop.is_set():
                raise Stopped("the run was cancelled")
            self._pause(poller, look_at, STREAM_SECONDS if more else LOG_SECONDS)

    def _look(self, poller: Any, over: bool) -> tuple[Any, bool, str]:
        """The poller as long as it is of use, whether the run ended, and what it ended with."""
        end = _end_of(poller) if over else None
        try:
            template = self._template.look()
        except Absent as failed:
            raise BuildError(f"the image template is gone: {failed}") from None
        except CallFailed as failed:
            if end is not None and (end.failed or end.good):
                return poller, True, end.said
            if not failed.passing or time.monotonic() - self._heard > PATIENCE:
                raise OutOfSight(f"the run cannot be seen any more: {failed}") from None
            return (None if over else poller), False, ""
        run = self._template.last_run(template)
        self._open_log(template, run)
        self._say_state(run)
        mine = run.began != self._before
        ended = mine and not run.goes_on
        if end is not None and end.failed:
            return poller, True, self._problem(run, end.said) if ended else end.said
        if ended and (poller is None or over):
            return poller, True, self._problem(run, "")
        # Where its polls fail, or end before it does, the image template says from now on how it goes.
        if mine:
            self._heard = time.monotonic()
        elif poller is None and time.monotonic() - self._heard > PATIENCE:
            raise OutOfSight("the service says nothing of the run")
        return (None if over else poller), False, ""

    def _problem(self, run: Run, said: str) -> str:
        """What is wrong with how a run ended; "" when nothing is. ``said``: what its operation says."""
        self.partly = run.state == "PartiallySucceeded"
        if run.state == "Canceled":
            return "the run was cancelled"
        if run.state in ("Succeeded", ""):
            return said
        return said if said and said != _FAILED else f"{run.state}: {run.message or _FAILED}"

    def _finish(self, problem: str) -> None:
        for _ in range(_LAST_TRIES):
            self._pump()
            if self._log is None or self._log.whole:
                break
            time.sleep(BREATH)
        self._show(b"", final=True)
        failed = self._clock.over(not problem)
        if problem:
            raise BuildError(f"{problem} (it was customizer {failed})" if failed else problem)

    def _pause(self, poller: Any, look_at: float, seconds: float) -> None:
        if not self._template.session.poll:
            time.sleep(0.02)
            return
        until = min(time.monotonic() + seconds, look_at)
        while time.monotonic() < until and not self._template.stop.is_set() and not (poller and poller.done()):
            self._template.stop.wait(min(BREATH, seconds))

    def _say_state(self, run: Run) -> None:
        """The state of the run, when it is another: all there is to see while the log cannot be read."""
        state = run.step or run.state
        if state and state != self._state and run.state == "Running":
            self._state = state
            self._ui.say(f"{self._state} ...")

    # -- the log ------------------------------------------------------------------------------------------------------

    def _open_log(self, template: Any, run: Run) -> None:
        staging = template.properties.exact_staging_resource_group
        if self._log is None and staging and run.began != self._before:
            self._log = LogBlob(self._template.session, staging, run.began)

    def _pump(self) -> bool:
        """Shows what came; whether anything did."""
        if self._log is None:
            return False
        more = False
        for piece in self._log.pieces():
            self._show(piece)
            more = True
        if not more:
            self._shown.flush()
        if self._log.trouble and not self._told:
            self._ui.error(self._log.trouble)
            self._told = True
        return more

    def _show(self, data: bytes, final: bool = False) -> None:
        for text in self._reader.feed(data, final):
            line = read_line(text)
            if line.kind in ("say", "message", "error"):
                self._shown.add(line.kind, without_signatures(line.text))
                continue
            if line.kind == "debug":
                continue
            self._shown.flush()
            if line.kind == "begin":
                self._ui.say(f"Customizer {self._clock.begin(line.text, line.at)}")
            elif line.kind == "end":
                self._clock.end(line.at)
            else:
                self._clock.failed()
        self._shown.flush(more=bool(data))


#: What is said of a run that failed, where the service does not say why.
_FAILED = "the run failed, and the service does not say why"


class _End(Record):
    """Of a run's long operation: it was ``good``, or has ``failed``; neither: it could not be asked. ``said``: why."""

    good: bool
    failed: bool
    said: str


def _end_of(poller: Any) -> _End:
    from azure.core.exceptions import AzureError

    try:
        poller.result()
    except (AzureError, ValueError) as problem:
        status = getattr(problem, "status_code", None)
        failed = status is not None and status < 300
        tells = getattr(getattr(problem, "error", None), "message", None)
        return _End(False, failed, explained(problem) if tells or not failed else _FAILED)
    return _End(True, False, "")
