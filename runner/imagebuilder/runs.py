"""Many image templates at once: each in a thread, so many at a time, one log and one summary."""

from __future__ import annotations

import asyncio
import signal
import threading
import time

from bakelift.runner.errors import BuildError
from bakelift.runner.imagebuilder.deployments import Deployment
from bakelift.runner.imagebuilder.deployments import removes as removes_deployment
from bakelift.runner.imagebuilder.following import OutOfSight
from bakelift.runner.imagebuilder.leftovers import Leftovers, removes
from bakelift.runner.imagebuilder.service import Template
from bakelift.runner.imagebuilder.state import State
from bakelift.runner.imagebuilder.submission import image_templates
from bakelift.runner.imagebuilder.work import BUILDER_ID, Work, WorkOptions
from bakelift.runner.targets import Artifact

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
    """``group``: the resource group of the image templates. ``state``: the folder that keeps what goes on."""

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

    async def run(self, submissions: Sequence[Submission]) -> bool:
        """Whether all of them went well. The first signal cancels the runs."""
        loop = asyncio.get_running_loop()
        hears = threading.current_thread() is threading.main_thread()
        for number, name in _SIGNALS.items() if hears else ():
            loop.add_signal_handler(number, self._interrupt, name)
        logs = self._log.open([submission.label for submission in submissions])
        begun = time.monotonic()
        room = asyncio.Semaphore(self._options.parallel or AT_ONCE)
        from concurrent.futures import ThreadPoolExecutor

        pool = ThreadPoolExecutor(self._options.parallel or AT_ONCE, thread_name_prefix="imagebuilder")

        over = {submission.label: asyncio.Event() for submission in submissions}

        async def one(submission: Submission, log: BuildLog) -> None:
            for label in submission.after:
                await over[label].wait()
            try:
                async with room:
                    if self._stop.is_set():
                        log.not_started()
                    elif missing := [label for label in submission.after if label not in self._made]:
                        self._failed(submission, log, 0.0, f"its source comes from {missing[0]}, which was not built")
                    else:
                        await loop.run_in_executor(pool, self._one, submission, log)
            finally:
                over[submission.label].set()

        try:
            await asyncio.gather(*(one(item, log) for item, log in zip(submissions, logs, strict=True)))
        finally:
            for number in _SIGNALS if hears else ():
                loop.remove_signal_handler(number)
            pool.shutdown(wait=True)
        for key in self._keys:
            self._state.settle(key)
        self._log.waited(time.monotonic() - begun)
        if self._stop.is_set():
            self._left.tell(self._log.ui)
            self._log.cancelled()
            return False
        self._log.errors(self._errors)
        if self._options.wait:
            self._log.artifacts(self._made)
        self._left.tell(self._log.ui)
        self._log.timings()
        if len(submissions) > 1:
            counts = f"{len(self._made)} succeeded, {len(self._errors)} failed"
            self._log.ui.say(f"\n==> {len(submissions)} builds in Image Builder: {counts}")
        return not self._errors

    def _interrupt(self, name: str) -> None:
        if not self._stop.is_set():
            self._log.ui.error(f"Cancelling build after receiving {name}")
            self._stop.set()

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
        self._made[submission.label] = made
        log.finished(time.monotonic() - begun)

    def _failed(self, submission: Submission, log: BuildLog, seconds: float, why: str) -> None:
        self._errors[submission.label] = why
        log.errored(seconds, why)

    def _deployed(self, submission: Submission, log: BuildLog) -> list[Artifact]:
        group = self._options.group
        deployment = Deployment(self._session, group, submission.name, submission.api_version, log.ui, self._stop)
        key = f"{self._session.subscription}/{group}/deployment {submission.name}".lower()
        note = self._state.get(key) if self._options.resume else None
        try:
            names = note["names"] if note is not None else deployment.deploy(submission)
        except BuildError:
            for name in deployment.made() if deployment.asked_for else ():
                self._left.add(log.name, removes(group, name))
            if deployment.asked_for:
                self._left.add(log.name, removes_deployment(group, submission.name))
            raise
        self._state.put(key, "deployed", names=names)
        bodies = image_templates((submission.template or {}).get("resources"))
        made: list[Artifact] = []
        for index, name in enumerate(names):
            body = bodies[index] if index < len(bodies) else {}
            try:
                made += self._work(name, submission.api_version, log).run(body)
            except BuildError as problem:
                for other in names[index + 1 :]:
                    self._left.add(log.name, removes(group, other))
                self._left.add(log.name, removes_deployment(group, submission.name))
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
                self._left.add(log.name, removes_deployment(group, submission.name))
            return made
        line = f"Deployment: {submission.name} ({removes_deployment(group, submission.name)} removes its record)"
        return [*made, Artifact(BUILDER_ID, submission.name, line, None)]

    def _work(self, name: str, api_version: str, log: BuildLog) -> Work:
        group = self._options.group
        template = Template(self._session, group, name, api_version, log.ui, self._stop)
        key = f"{self._session.subscription}/{group}/{name}".lower()
        self._keys.append(key)
        return Work(template, log, self._options, self._state, self._left, key)
