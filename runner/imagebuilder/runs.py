"""Many image templates at once: each in a thread, so many at a time, one log and one summary."""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from functools import partial

from bakelift.runner.errors import BuildError
from bakelift.runner.imagebuilder.deployments import Deployment
from bakelift.runner.imagebuilder.following import OutOfSight
from bakelift.runner.imagebuilder.leftovers import Leftovers, removes, removes_deployment
from bakelift.runner.imagebuilder.service import Template
from bakelift.runner.imagebuilder.state import State
from bakelift.runner.imagebuilder.work import BUILDER_ID, Work, WorkOptions
from bakelift.runner.targets import Artifact
from bakelift.runner.targets.azure.calls import in_background

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from bakelift.runner.azure.session import Session
    from bakelift.runner.imagebuilder.submission import Submission
    from bakelift.runner.log import BuildLog, Log

#: Templates that are worked on at a time, where nobody says.
AT_ONCE = 16
_SIGNALS = {signal.SIGINT: "interrupt", signal.SIGTERM: "terminated"}


class ServiceOptions(WorkOptions):
    """``group``: the resource group of the image templates. ``state``: the folder that keeps what goes on.

    ``parallel``: how many are worked on at a time; 0: all of them.
    """

    group: str = ""
    state: str = ""
    parallel: int = AT_ONCE


class ServiceRuns:
    """The runs of one command."""

    def __init__(self, session: Session, log: Log, options: ServiceOptions) -> None:
        self._session = session
        self._log = log
        self._options = options
        self._state = State(options.state)
        self._stop = threading.Event()
        self._left = Leftovers()
        self._errors: dict[str, str] = {}
        self._keys: list[str] = []
        self._made: dict[str, list[Artifact]] = {}
        self._going: asyncio.Future[list[None]] | None = None
        self._works: dict[str, list[Work]] = {}
        self._abandoned = False

    async def run(self, submissions: Sequence[Submission]) -> bool:
        """Whether all of them went well. The first signal cancels the runs, a second one stops waiting for that."""
        loop = asyncio.get_running_loop()
        hears = threading.current_thread() is threading.main_thread()
        for number, name in _SIGNALS.items() if hears else ():
            loop.add_signal_handler(number, self._interrupt, name)
        logs = self._log.open([submission.label for submission in submissions])
        begun = time.monotonic()
        try:
            await self._all(list(zip(submissions, logs, strict=True)))
        finally:
            for number in _SIGNALS if hears else ():
                loop.remove_signal_handler(number)
        for key in self._keys:
            self._state.settle(key)
        self._log.waited(time.monotonic() - begun)
        self._sum_up(submissions)
        return not self._stop.is_set() and not self._errors

    async def _all(self, items: Sequence[tuple[Submission, BuildLog]]) -> None:
        room = asyncio.Semaphore(self._options.parallel or max(1, len(items)))
        over = {submission.label: asyncio.Event() for submission, _ in items}

        async def one(submission: Submission, log: BuildLog) -> None:
            try:
                for label in submission.after:
                    await over[label].wait()
                async with room:
                    if self._stop.is_set():
                        log.not_started()
                    elif missing := [label for label in submission.after if label not in self._made]:
                        self._failed(submission, log, 0.0, f"its source comes from {missing[0]}, which was not built")
                    else:
                        await in_background(partial(self._one, submission, log))
            finally:
                over[submission.label].set()

        self._going = asyncio.gather(*(one(*item) for item in items))
        try:
            await self._going
        except asyncio.CancelledError:
            if not self._abandoned:
                raise
            for works in list(self._works.values()):
                for work in works:
                    work.tell_left()

    def _sum_up(self, submissions: Sequence[Submission]) -> None:
        if self._stop.is_set():
            self._left.tell(self._log.ui)
            self._log.timings()
            if not self._abandoned:
                self._log.cancelled()
            return
        labels = [submission.label for submission in submissions]
        self._log.errors({label: self._errors[label] for label in labels if label in self._errors})
        if self._options.wait:
            self._log.artifacts({label: self._made[label] for label in labels if label in self._made})
        self._left.tell(self._log.ui)
        self._log.timings()
        if len(submissions) > 1:
            done = "succeeded" if self._options.wait else "go on"
            counts = f"{len(self._made)} {done}, {len(self._errors)} failed"
            self._log.ui.say(f"\n==> {len(submissions)} builds in Image Builder: {counts}")

    def _interrupt(self, name: str) -> None:
        if not self._stop.is_set():
            self._log.ui.error(f"Cancelling build after receiving {name}")
            self._stop.set()
        elif self._going is not None and not self._abandoned:
            # Being cancelled once, what is in the background is waited for.
            self._abandoned = True
            self._going.cancel()
            asyncio.get_running_loop().call_later(0.05, self._going.cancel)

    def _one(self, submission: Submission, log: BuildLog) -> None:
        begun = time.monotonic()
        log.started("azure-arm", [])
        try:
            if submission.template is not None:
                made = self._deployed(submission, log)
            else:
                made = self._work(submission.name, submission.api_version, log).bare(submission)
        except (BuildError, OSError) as problem:
            self._failed(submission, log, time.monotonic() - begun, str(problem))
            return
        except Exception as problem:  # whatever one of many runs into, the others go on
            self._failed(submission, log, time.monotonic() - begun, f"{type(problem).__name__}: {problem}")
            return
        finally:
            self._works.pop(log.name, None)
        self._made[submission.label] = made
        log.finished(time.monotonic() - begun)

    def _failed(self, submission: Submission, log: BuildLog, seconds: float, why: str) -> None:
        self._errors[submission.label] = why
        log.errored(seconds, why)

    def _deployed(self, submission: Submission, log: BuildLog) -> list[Artifact]:
        subscription, group = self._session.subscription, self._options.group
        record = removes_deployment(subscription, group, submission.name)
        deployment = Deployment(self._session, group, submission.name, submission.api_version, log.ui, self._stop)
        key = f"{subscription}/{group}/deployment {submission.name}".lower()
        note = self._state.get(key) if self._options.resume else None
        try:
            if note is not None:
                names = note["names"]
            else:
                names = deployment.deploy(submission, self._options.force, self._options.vhd_to)
        except BuildError:
            for name in deployment.made() if deployment.asked_for else ():
                self._left.add(log.name, removes(subscription, group, name))
            if deployment.asked_for:
                self._left.add(log.name, record)
            raise
        self._state.put(key, "deployed", names=names)
        made: list[Artifact] = []
        for index, name in enumerate(names):
            try:
                made += self._work(name, submission.api_version, log).run()
            except BuildError as problem:
                for other in names[index + 1 :]:
                    self._left.add(log.name, removes(subscription, group, other))
                self._left.add(log.name, record)
                if not isinstance(problem, OutOfSight):
                    self._state.drop(key)
                raise
        if not self._options.wait:
            return made
        self._state.put(key, "done", names=names)
        self._keys.append(key)
        if self._options.delete:
            try:
                deployment.remove()
            except BuildError as problem:
                log.ui.error(f"The record of deployment {submission.name} could not be deleted: {problem}")
                self._left.add(log.name, record)
            return made
        line = f"Deployment: {submission.name} ({record} removes its record)"
        return [*made, Artifact(BUILDER_ID, submission.name, line, None)]

    def _work(self, name: str, api_version: str, log: BuildLog) -> Work:
        group = self._options.group
        template = Template(self._session, group, name, api_version, log.ui, self._stop)
        key = f"{self._session.subscription}/{group}/{name}".lower()
        self._keys.append(key)
        work = Work(template, log, self._options, self._state, self._left, key)
        self._works.setdefault(log.name, []).append(work)
        return work
