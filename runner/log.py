"""The build log: Packer's grammar, in its classic (1.6.6) and its current (since 1.13) wording.

Facts: what a line looks like, what wraps what, what a summary holds. A :class:`Log` belongs to one run; it hands out
the user interface of each build and prints what stands before, between and after the builds.
"""

from __future__ import annotations

from bakelift.runner import durations
from bakelift.runner.redaction import Redactor
from bakelift.runner.ui import (
    COLORS,
    SPACE,
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
    """How the log looks. ``answers`` reads a line from the person at the terminal; None: there is none."""

    style: Style = CURRENT
    color: bool = True
    timestamps: bool = False
    machine_readable: bool = False
    answers: Callable[[], str] | None = None


class Log:
    """The whole log of one run."""

    def __init__(self, stream: IO[str], options: LogOptions) -> None:
        self.style = options.style
        self.redactor = Redactor()
        self._color = options.color and not options.machine_readable
        self._timestamps = options.timestamps
        writer = Writer(stream, self.redactor)
        self.ui: Ui = MachineReadableUi(writer) if options.machine_readable else PlainUi(writer, options.answers)

    def open(self, names: Sequence[str]) -> list[BuildLog]:
        """The logs of the builds, by index; says first which colour each has."""
        logs = []
        for index, name in enumerate(names):
            ui = self.ui
            if self._color:
                ui = ColoredUi(COLORS[index % len(COLORS)], ui)
                ui.say(f"{name}: output will be in this color.")
            logs.append(BuildLog(name, TimestampedUi(ui) if self._timestamps else ui, self.style, self._color))
        if self._color and names:
            self.ui.say("")
        return logs

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
    """The log of one build: ``ui`` for its lines, and how it ended."""

    def __init__(self, name: str, ui: Ui, style: Style, colored: bool) -> None:
        self.name = name
        self.ui = TargetedUi(name, ui, style.messages_as_say, colored)
        self._outer = ui

    def finished(self, seconds: float) -> None:
        self._outer.say(f"Build '{self.name}' finished after {durations.sentence(seconds)}.")

    def errored(self, seconds: float, error: str) -> None:
        self._outer.error(f"Build '{self.name}' errored after {durations.sentence(seconds)}: {harmless(error)}")

    def not_started(self) -> None:
        self._outer.error(f"Build '{self.name}' failed to acquire semaphore: context canceled")


class Lines:
    """Cuts a script's output into log lines: white space at the end goes, and all before the last carriage return.

    ``say`` hears of each line. A line longer than a megabyte is cut, so that output without line ends takes no memory.
    """

    _LONGEST = 1 << 20

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._rest = b""

    def __call__(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._line(line)
        if len(self._rest) > self._LONGEST:
            self.close()

    def close(self) -> None:
        """The last line, when it had no end."""
        if self._rest:
            self._line(self._rest)
            self._rest = b""

    def _line(self, line: bytes) -> None:
        text = line.decode("utf-8", "surrogateescape").rstrip(SPACE)
        self._say(text[text.rfind("\r") + 1 :])
