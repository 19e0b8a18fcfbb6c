"""What a run knows of the steps of its builds: which are asked for, which were done before, where it writes that."""

from __future__ import annotations

import os

from bakelift.runner.course import Choice, Course
from bakelift.runner.errors import BuildError
from bakelift.runner.step_keys import Keys
from bakelift.translator.diagnostics import fail
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from bakelift.runner.build_prepare import ReadyBuild, ReadyStep
    from bakelift.runner.build_scope import World
    from bakelift.runner.journal import Journal, Past
    from bakelift.runner.log import Style
    from bakelift.runner.log_timing import StepTime
    from bakelift.runner.settings import Settings
    from bakelift.runner.targets import Machine
    from bakelift.runner.ui import Ui


class StepOptions(Record):
    """What the command line says about steps. ``first``, ``last``: a step's number, or its name; ``fresh``: use nothing
    that is kept; ``past``: the run that is to be resumed, or that -from goes back to; ``resume``: it is resumed.
    """

    first: str | None = None
    last: str | None = None
    fresh: bool = False
    resume: bool = False
    past: Past | None = None
    dry_run: bool = False


class Progress:
    """One run's. ``place``: where it builds, as -on says."""

    def __init__(self, options: StepOptions, world: World, style: Style, place: str) -> None:
        self.options = options
        self._world = world
        self._style = style
        self._place = place
        self._journal: Journal | None = None
        self._secret: bytes | None = None
        self._made: frozenset[str] = frozenset()

    def begin(self, ready: list[ReadyBuild], warn: Callable[[str], None]) -> None:
        """Begins the journal, where there is a step to remember, or something elsewhere that a killed run leaves."""
        if self._place != "azure" and not any(build.steps for build in ready):
            return
        from bakelift.runner import journal

        world = self._world
        try:
            self._journal = journal.Journal.begin(template_of(world), self._place, world.run_uuid, world.clock.now)
            for name in sorted(self._made):
                self._journal.image(name, "done")
        except (BuildError, OSError) as error:
            warn(f"No journal is written, so this build cannot be resumed: {error}")

    def left(self, ready: list[ReadyBuild], say: Callable[[str], None]) -> list[ReadyBuild]:
        """Builds without those that the run to be resumed has come to the end of: in Azure, what it made is there."""
        past = self.options.past
        if self._place != "azure" or not self.options.resume or past is None or past.ended:
            return ready
        self._made = past.done & {build.name for build in ready}
        for name in sorted(self._made):
            say(f"{name} was built already by the build that is resumed.")
        return [build for build in ready if build.name not in self._made]

    def ended(self, image: str, done: bool) -> None:
        if self._journal is not None:
            self._journal.image(image, "done" if done else "failed")

    def close(self, ended: bool) -> None:
        """``ended``: all builds have come to their end by themselves."""
        if self._journal is not None:
            if ended:
                self._journal.end()
            self._journal.close()

    def choice(self, build: ReadyBuild) -> Choice:
        """What the options mean for a build. Raises TemplateError for a step that it has not."""
        options = self.options
        first = _number(build, options.first, "-from") if options.first is not None else 1
        last = _number(build, options.last, "-until") if options.last is not None else None
        if last is not None and last < first:
            raise fail("build/no-step", f"{build.name} would run no step", "-until names a step before that of -from.")
        return Choice(first, last, options.fresh, options.resume)

    def course(
        self,
        build: ReadyBuild,
        machine: Machine,
        ui: Ui,
        bound: Callable[[ReadyStep], Settings],
        heard: Callable[[StepTime], None] | None = None,
    ) -> Course:
        """The way through a build's steps on a machine. ``heard``: hears of steps that need not run; None: nothing is
        to be done, so nothing is written in the journal.
        """
        same = {**build.environment, "style": self._style.name, "user": machine.data.get("User", "")}
        keys = Keys(self._key(), self._world.files, same, machine.local)
        journal = self._journal if heard is not None else None
        choice, past = self.choice(build), self.options.past
        return Course(
            build.name, build.steps, machine, keys, bound, choice, ui, journal, past, heard or (lambda _: None)
        )

    def _key(self) -> bytes:
        if self._secret is None:
            from bakelift.runner.targets.sandbox import cache

            try:
                self._secret = cache.secret()
            except (BuildError, OSError):
                self._secret = os.urandom(32)  # nothing can be kept, so nothing will be compared
        return self._secret


def template_of(world: World) -> str:
    """What tells one template's journals from another's."""
    origin = world.plan.origin
    return os.path.abspath(origin.path) if origin is not None else ""


def _number(build: ReadyBuild, text: str, option: str) -> int:
    count = len(build.steps)
    named = [number for number, step in enumerate(build.steps, 1) if step.name == text]
    if len(named) == 1:
        return named[0]
    if text.isdigit() and 1 <= int(text) <= count:
        return int(text)
    names = ", ".join(step.name for step in build.steps if step.name)
    if named:
        problem = f"several steps are called {text!r}: {', '.join(map(str, named))}"
    else:
        problem = f"{option} {text}: {build.name} has no such step"
    detail = f"It has {count} steps; -dry-run lists them." + (f" Their names: {names}." if names else "")
    raise fail("build/no-step", problem, detail, build.image.source.span)
