"""``-log-format json``: the log as one JSON object a line, for programs (``schemas/log.schema.json``).

    {"time": "2026-05-04T10:11:12.345Z", "event": "message", "build": "null.web", "text": "…"}

Each has ``time`` (UTC) and ``event``; what belongs to a build names it. Texts have no prefix and no colour of ours.
"""

from __future__ import annotations

import json
import time

from bakelift.runner.log import BuildLog, Log
from bakelift.runner.ui import NoTerminal, TargetedUi, Ui, harmless

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import IO

    from bakelift.runner.log import LogOptions
    from bakelift.runner.log_timing import StepLabel, StepTime
    from bakelift.runner.targets import Artifact
    from bakelift.runner.ui import Writer


class EventUi(Ui):
    """Writes events. What is said to it itself belongs to no build."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    def event(self, kind: str, **data: object) -> None:
        now = time.time()
        stamp = f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(now))}.{int(now * 1000) % 1000:03}Z"
        whole = {"time": stamp, "event": kind, **{key: self._shown(value) for key, value in data.items()}}
        # Hidden before it is JSON, whose escapes would disguise a value; nothing of ours between is touched.
        self._writer.put(json.dumps(whole, ensure_ascii=True) + "\n")

    def _shown(self, value: object) -> object:
        if isinstance(value, str):
            text = self._writer.redacted(value)
            return harmless(text).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        if isinstance(value, dict):
            return {str(key): self._shown(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self._shown(item) for item in value]
        return value

    def say(self, text: str) -> None:
        self.event("say", text=text.strip("\n"))

    def message(self, text: str) -> None:
        self.event("message", text=text.strip("\n"))

    def error(self, text: str) -> None:
        self.event("error", text=text.strip("\n"))

    async def ask(self, query: str) -> str:
        raise NoTerminal("a log of JSON can't ask")


class TargetedEvents(TargetedUi):
    """What one build says, with its name as a field. ``step``: what runs, if a step does."""

    def __init__(self, name: str, events: EventUi, part: str = "") -> None:
        super().__init__(name, events, messages_as_say=False)
        self.events = events
        self.step = 0
        self._part = part

    lines = Ui.lines

    def named(self, name: str) -> TargetedUi:
        return TargetedEvents(self.name, self.events, name.removeprefix(self.name).strip(" ()"))

    def say(self, text: str) -> None:
        self._tell("say", text)

    def message(self, text: str) -> None:
        self._tell("message", text)

    def error(self, text: str) -> None:
        self._tell("error", text)

    def machine(self, kind: str, *data: str, target: str = "") -> None:
        """Records are another format's."""

    def _tell(self, kind: str, text: str) -> None:
        self.spoken = time.monotonic()
        where: dict[str, object] = {"build": self.name}
        if self.step:
            where["step"] = self.step
        if self._part:
            where["post_processor"] = self._part
        self.events.event(kind, **where, text=text)


class EventBuildLog(BuildLog):
    """One build's part of the log."""

    def __init__(self, name: str, events: EventUi, log: Log) -> None:
        super().__init__(name, events, log, colored=False)
        self._events = events
        self._mine = TargetedEvents(name, events)
        self.ui = self._mine

    def started(self, builder: str, steps: Sequence[StepLabel]) -> None:
        self._events.event("build-started", build=self.name, builder=builder, steps=[_label(step) for step in steps])

    def step_started(self, label: StepLabel) -> None:
        super().step_started(label)
        self._mine.step = label.number
        self._events.event("step-started", build=self.name, **_label(label))

    def step_ended(self, time: StepTime) -> None:
        super().step_ended(time)
        self._mine.step = 0
        ending = {"seconds": round(time.seconds, 6), "outcome": time.outcome}
        self._events.event("step-ended", build=self.name, **_label(time.label), **ending)

    def finished(self, seconds: float) -> None:
        self._ended("finished", seconds)

    def errored(self, seconds: float, error: str) -> None:
        self._ended("errored", seconds, error=error)

    def not_started(self) -> None:
        self._ended("not-started", 0.0)

    def _ended(self, outcome: str, seconds: float, **more: object) -> None:
        self._events.event("build-ended", build=self.name, outcome=outcome, seconds=round(seconds, 6), **more)


class EventLog(Log):
    """The whole log."""

    def __init__(self, stream: IO[str], options: LogOptions) -> None:
        super().__init__(stream, options)
        self._events = EventUi(self.writer)
        self.ui = self._events
        self._seconds = 0.0
        self._errors: Mapping[str, str] = {}

    def open(self, names: Sequence[str]) -> list[BuildLog]:
        self.builds = [EventBuildLog(name, self._events, self) for name in names]
        return list(self.builds)

    def waited(self, seconds: float) -> None:
        self._seconds = seconds

    def cancelled(self) -> None:
        self._ended("cancelled")

    def errors(self, errors: Mapping[str, str]) -> None:
        self._errors = errors

    def artifacts(self, artifacts: Mapping[str, Sequence[Artifact]]) -> None:
        for name, items in artifacts.items():
            for index, artifact in enumerate(items):
                self._events.event(
                    "artifact",
                    build=name,
                    index=index,
                    builder_id=artifact.builder_id,
                    id=artifact.id,
                    string=artifact.string,
                    files=list(artifact.files or ()),
                )
        self._ended("failed" if self._errors else "succeeded")

    def _ended(self, outcome: str) -> None:
        self._events.event("run-ended", outcome=outcome, seconds=round(self._seconds, 6), errors=dict(self._errors))


def _label(label: StepLabel) -> dict[str, object]:
    return {"number": label.number, "type": label.type, "what": label.what}
