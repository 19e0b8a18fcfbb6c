"""The build log: Packer's grammar, in its classic (1.6.6) and its current (since 1.13) wording.

Facts: what a line looks like, what wraps what, what a summary holds. A :class:`Log` belongs to one run; it hands out
the user interface of each build and prints what stands before, between and after the builds.
"""

from __future__ import annotations

import time

from bakelift.runner import durations
from bakelift.runner.redaction import Redactor
from bakelift.runner.ui import (
    COLORS,
    ColoredUi,
    MachineReadableUi,
    PlainUi,
    TargetedUi,
    TimestampedUi,
    Ui,
    Writer,
    harmless,
)
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import IO

    from bakelift.runner.log_live import Live
    from bakelift.runner.log_timing import StepLabel, StepTime
    from bakelift.runner.log_trace import Trace
    from bakelift.runner.targets import Artifact


class Style(Record):
    """What differs between the ages of Packer. Texts are ``str.format`` patterns."""

    name: str
    messages_as_say: bool
    typed_names: bool
    exit_status: str


CLASSIC = Style(
    "classic",
    messages_as_say=False,
    typed_names=False,
    exit_status="Script exited with non-zero exit status: {0}.Allowed exit codes are: [{1}]",
)
CURRENT = Style(
    "current",
    messages_as_say=True,
    typed_names=True,
    exit_status="Script exited with non-zero exit status: {0}. Allowed exit codes are: [{1}]",
)
STYLES = {style.name: style for style in (CLASSIC, CURRENT)}


class LogOptions(Record):
    """How the log looks. ``answers`` reads a line from the person at the terminal; None: there is none.

    ``live``: a person sees it come; ``timing``: a table of the steps' times at the end; ``trace``: hears of what goes
    on behind the log (PACKER_LOG), and ``trace_ui``: of the log's lines as well.
    """

    style: Style = CURRENT
    color: bool = True
    timestamps: bool = False
    machine_readable: bool = False
    answers: Callable[[], str] | None = None
    json: bool = False
    live: bool = False
    timing: bool = False
    trace: IO[str] | None = None
    trace_ui: bool = False


def make_log(stream: IO[str], options: LogOptions) -> Log:
    """The log that the options ask for."""
    if options.json:
        from bakelift.runner.log_events import EventLog

        return EventLog(stream, options)
    return Log(stream, options)


class Log:
    """The whole log of one run. ``trace``: hears of what goes on behind its lines; None: nobody asked."""

    def __init__(self, stream: IO[str], options: LogOptions) -> None:
        self.style = options.style
        self.redactor = Redactor()
        self.builds: list[BuildLog] = []
        self.live: Live | None = None
        self.trace: Trace | None = None
        self.timing = options.timing
        self._color = options.color and not options.machine_readable
        self._timestamps = options.timestamps
        if options.live and not options.machine_readable and not options.json:
            from bakelift.runner.log_live import Live

            self.live = Live()
        if options.trace is not None:
            from bakelift.runner.log_trace import Trace

            self.trace = Trace(options.trace, self.redactor, options.trace_ui)
        self.writer = Writer(stream, self.redactor, self.live, self.trace.ui if self.trace is not None else None)
        self.ui: Ui = (
            MachineReadableUi(self.writer) if options.machine_readable else PlainUi(self.writer, options.answers)
        )

    def open(self, names: Sequence[str]) -> list[BuildLog]:
        """The logs of the builds, by index; says first which colour each has."""
        logs = []
        for index, name in enumerate(names):
            ui = self.ui
            if self._color:
                ui = ColoredUi(COLORS[index % len(COLORS)], ui)
                ui.say(f"{name}: output will be in this color.")
            logs.append(BuildLog(name, TimestampedUi(ui) if self._timestamps else ui, self, self._color))
        if self._color and names:
            self.ui.say("")
        self.builds = logs
        return logs

    async def watch(self) -> None:
        """Shows on a terminal, until cancelled, which steps have been silent for long."""
        import asyncio

        from bakelift.runner.log_live import TICK

        while self.live is not None:
            await asyncio.sleep(TICK)
            self.live.waiting(text for build in self.builds if (text := build.silence()))
            self.writer.draw()

    def quiet(self) -> None:
        """Nothing goes on any more."""
        if self.live is not None:
            self.live.waiting(())
            self.writer.draw()

    def timings(self) -> None:
        """The table of times, when it was asked for: after all that Packer says."""
        if not self.timing:
            return
        from bakelift.runner.log_timing import table

        builds = [(build.name, build.times) for build in self.builds]
        for name, times in builds:
            for took in times:
                label = took.label
                fields = (str(label.number), label.type, label.what, f"{took.seconds:.6f}", took.outcome)
                self.ui.machine("timing", *fields, target=name)
        self.ui.say("\n==> Time of each step:")
        for line in table(builds):
            self.ui.say(harmless(line))

    def waited(self, seconds: float) -> None:
        self.ui.say(f"\n==> Wait completed after {durations.sentence(seconds)}")

    def cancelled(self) -> None:
        self.ui.say("Cleanly cancelled builds after being interrupted.")

    def errors(self, errors: Mapping[str, str]) -> None:
        """What builds ended with, by their names; nothing when there were none."""
        if not errors:
            return
        self.ui.machine("error-count", str(len(errors)))
        self.ui.error("\n==> Some builds didn't complete successfully and had errors:")
        for name, text in errors.items():
            self.ui.machine("error", harmless(text), target=name)
            self.ui.error(f"--> {name}: {harmless(text)}")

    def artifacts(self, artifacts: Mapping[str, Sequence[Artifact]]) -> None:
        """What successful builds left, by their names."""
        if not artifacts:
            self.ui.say("\n==> Builds finished but no artifacts were created.")
            return
        self.ui.say("\n==> Builds finished. The artifacts of successful builds are:")
        for name, items in artifacts.items():
            self.ui.machine("artifact-count", str(len(items)), target=name)
            for index, artifact in enumerate(items):
                self._artifact(name, str(index), artifact)
                self.ui.say(f"--> {name}: {harmless(artifact.string)}")

    def _artifact(self, name: str, index: str, artifact: Artifact) -> None:
        files = artifact.files or ()
        records = [
            ("builder-id", artifact.builder_id),
            ("id", artifact.id),
            ("string", artifact.string),
            ("files-count", str(len(files))),
            *(("file", str(number), path) for number, path in enumerate(files)),
            ("end",),
        ]
        for record in records:
            self.ui.machine("artifact", index, *record, target=name)


class BuildLog:
    """The log of one build: ``ui`` for its lines, its steps and their ``times``, and how it ended."""

    def __init__(self, name: str, ui: Ui, log: Log, colored: bool) -> None:
        self.name = name
        self.log = log
        self.ui = TargetedUi(name, ui, log.style.messages_as_say, colored)
        self.times: list[StepTime] = []
        self._outer = ui
        self._running: StepLabel | None = None
        self._since = 0.0

    def started(self, builder: str, steps: Sequence[StepLabel]) -> None:
        """The build begins. Packer says nothing of it."""

    def step_started(self, label: StepLabel) -> None:
        self._running, self._since = label, time.monotonic()

    def step_ended(self, time: StepTime) -> None:
        """Every step ends with this, also one that did not have to run (``cached``, ``skipped``)."""
        self._running = None
        self.times.append(time)

    def silence(self) -> str | None:
        """What to show of a step that has not said anything for long."""
        from bakelift.runner.log_live import SILENT, clock

        if self._running is None:
            return None
        now = time.monotonic()
        silent = now - max(self.ui.spoken, self._since)
        if silent < SILENT:
            return None
        return f"{self.name}: {self._running} {clock(now - self._since)}, silent for {clock(silent)}"

    def finished(self, seconds: float) -> None:
        self._outer.say(f"Build '{self.name}' finished after {durations.sentence(seconds)}.")

    def errored(self, seconds: float, error: str) -> None:
        self._outer.error(f"Build '{self.name}' errored after {durations.sentence(seconds)}: {harmless(error)}")

    def not_started(self) -> None:
        self._outer.error(f"Build '{self.name}' failed to acquire semaphore: context canceled")
