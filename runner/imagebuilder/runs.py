"""Many image templates at once: each in a thread, so many at a time, one log and one summary."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import threading
import time

from bakelift.runner.errors import BuildError
from bakelift.runner.imagebuilder.service import Template, called, deployment_parameters, waited
from bakelift.runner.imagebuilder.submission import image_templates
from bakelift.runner.targets import Artifact
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from bakelift.runner.azure.session import Session
    from bakelift.runner.imagebuilder.service import RunOutput
    from bakelift.runner.imagebuilder.submission import Submission
    from bakelift.runner.log import BuildLog, Log

#: Templates that are worked on at a time, where nobody says.
AT_ONCE = 16
BUILDER_ID = "bakelift.imagebuilder"
_SIGNALS = {signal.SIGINT: "interrupt", signal.SIGTERM: "terminated"}


class ServiceOptions(Record):
    """``group``: the resource group of the image templates. ``wait`` False: begin, and let the runs go on; ``delete``:
    image templates go when their runs succeeded. ``state``: the file that keeps what goes on.
    """

    group: str
    state: str
    parallel: int = AT_ONCE
    wait: bool = True
    resume: bool = False
    delete: bool = False


class State:
    """What goes on in Azure, for -resume: written whole at each change, beside its place and then renamed."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._runs: dict[str, dict[str, str]] = {}
        try:
            with open(path, encoding="utf-8") as file:
                self._runs = dict(json.load(file)["runs"])
        except (OSError, ValueError, KeyError, TypeError):
            self._runs = {}

    def token(self, key: str) -> dict[str, str] | None:
        return self._runs.get(key)

    def put(self, key: str, **facts: str) -> None:
        with self._lock:
            self._runs[key] = facts
            self._write()

    def drop(self, key: str) -> None:
        with self._lock:
            if self._runs.pop(key, None) is not None:
                self._write()

    def _write(self) -> None:
        os.makedirs(os.path.dirname(self._path), mode=0o700, exist_ok=True)
        part = f"{self._path}.{os.getpid()}"
        with open(part, "w", encoding="utf-8") as file:
            json.dump({"version": 1, "runs": self._runs}, file, indent=1)
        os.replace(part, self._path)


class ServiceRuns:
    """The runs of one command."""

    def __init__(self, session: Session, log: Log, options: ServiceOptions) -> None:
        self._session = session
        self._log = log
        self._options = options
        self._state = State(options.state)
        self._stop = threading.Event()
        self._errors: dict[str, str] = {}
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

        async def one(submission: Submission, log: BuildLog) -> None:
            async with room:
                if self._stop.is_set():
                    log.not_started()
                    return
                await loop.run_in_executor(pool, self._one, submission, log)

        try:
            await asyncio.gather(*(one(item, log) for item, log in zip(submissions, logs, strict=True)))
        finally:
            for number in _SIGNALS if hears else ():
                loop.remove_signal_handler(number)
            pool.shutdown(wait=True)
        self._log.waited(time.monotonic() - begun)
        if self._stop.is_set():
            self._log.cancelled()
            return False
        self._log.errors(self._errors)
        if self._options.wait:
            self._log.artifacts(self._made)
        self._log.timings()
        return not self._errors

    def _interrupt(self, name: str) -> None:
        if not self._stop.is_set():
            self._log.ui.error(f"Cancelling build after receiving {name}")
            self._stop.set()

    def _one(self, submission: Submission, log: BuildLog) -> None:
        begun = time.monotonic()
        log.started("azure-arm", [])
        try:
            made = self._deployed(submission, log) if submission.template is not None else self._bare(submission, log)
        except (BuildError, OSError) as problem:
            self._errors[submission.label] = str(problem)
            log.errored(time.monotonic() - begun, str(problem))
            return
        except Exception as problem:  # whatever one of many runs into, the others go on
            self._errors[submission.label] = f"{type(problem).__name__}: {problem}"
            log.errored(time.monotonic() - begun, self._errors[submission.label])
            return
        self._made[submission.label] = made
        log.finished(time.monotonic() - begun)

    def _bare(self, submission: Submission, log: BuildLog) -> list[Artifact]:
        template = self._template(submission.name, submission.api_version, submission.body or {}, log)
        key = self._key(submission.name)
        if not (self._options.resume and self._state.token(key)):
            template.create(submission)
        return self._ran(template, key)

    def _deployed(self, submission: Submission, log: BuildLog) -> list[Artifact]:
        """A whole deployment, whose functions Azure evaluates; then a run of each of its image templates."""
        assert submission.template is not None
        deployments = self._session.deployments().deployments
        stage = submission.stage
        properties = {
            "mode": "Incremental",
            "template": stage.ready(submission.template, log.ui.say) if stage is not None else submission.template,
            "parameters": deployment_parameters(submission.parameters),
        }
        log.ui.say(f"Deploying {submission.name} ...")
        poller = called(
            lambda: deployments.begin_create_or_update(self._options.group, submission.name, {"properties": properties})
        )
        done = waited(poller, "The deployment failed")
        made: list[Artifact] = []
        bodies = image_templates(submission.template.get("resources"))
        names = _names(done.properties.output_resources)
        if not names:
            raise BuildError("the deployment made no image template")
        for index, name in enumerate(names):
            body = bodies[index] if index < len(bodies) else {}
            template = self._template(name, submission.api_version, body, log)
            made += self._ran(template, self._key(name))
        return made

    def _template(self, name: str, api_version: str, body: Mapping[str, object], log: BuildLog) -> Template:
        from bakelift.runner.log_timing import StepLabel, StepTime

        steps = _step_names(body)

        def timed(step: str, seconds: float, good: bool) -> None:
            label = StepLabel(steps.index(step) + 1, "", step)
            log.step_ended(StepTime(label, seconds, "ok" if good else "failed"))

        return Template(self._session, self._options.group, name, api_version, log.ui, self._stop, steps, timed)

    def _ran(self, template: Template, key: str) -> list[Artifact]:
        known = self._state.token(key) if self._options.resume else None
        poller: Any = template.resumed(known["token"]) if known else template.run()
        self._state.put(key, token=poller.continuation_token(), name=template.name, group=template.group)
        if not self._options.wait:
            template.ui.say(f"The run of {template.name} goes on in Azure; -resume follows it.")
            return []
        try:
            template.follow(poller)
        finally:
            self._state.drop(key)
        outputs = template.outputs()
        if self._options.delete:
            if any(output.vhd for output in outputs):
                template.ui.error(
                    f"Image template {template.name} stays: with it a VHD would be lost. Copy it out, then: "
                    f"az image builder delete -g {template.group} -n {template.name}"
                )
            else:
                template.delete()
        return [_artifact(template.name, outputs)]

    def _key(self, name: str) -> str:
        return f"{self._session.subscription}/{self._options.group}/{name}".lower()


def _artifact(name: str, outputs: Sequence[RunOutput]) -> Artifact:
    lines = [f"Image template: {name}"]
    lines += [f"{output.name}: {output.place}" for output in outputs]
    return Artifact(BUILDER_ID, outputs[0].place if outputs else name, "\n".join(lines), None)


def _names(resources: Any) -> list[str]:
    """Names of the image templates that a deployment made."""
    found = []
    for item in resources or ():
        parts = str(item.id).split("/")
        if len(parts) > 2 and parts[-2].lower() == "imagetemplates":
            found.append(parts[-1])
    return found


def _step_names(body: Mapping[str, object]) -> list[str]:
    properties = body.get("properties")
    listed = properties.get("customize") if isinstance(properties, dict) else None
    names = []
    for number, item in enumerate(listed if isinstance(listed, list) else (), 1):
        name = item.get("name") if isinstance(item, dict) else None
        names.append(str(name or f"{number:02}-{item.get('type') if isinstance(item, dict) else '?'}"))
    return names
