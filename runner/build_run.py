"""Runs one build: its machine, its steps, what happens when one fails, and its post-processors.

A build is a few stages, each with what undoes it. What has begun is undone in reverse, unless -on-error says otherwise:
then the machine stays as it was, and the log says which stages were not undone. The stages have Packer's names.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager

from bakelift.runner import shells
from bakelift.runner.build_prepare import ReadyBuild, ReadyStep
from bakelift.runner.errors import BuildError
from bakelift.runner.log_timing import StepLabel, StepTime
from bakelift.runner.settings import build_symbols
from bakelift.runner.steps import StepContext, meta
from bakelift.runner.targets import Artifact, Machine
from bakelift.runner.ui import NoTerminal
from bakelift.translator.diagnostics import TemplateError
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from typing import Literal

    from bakelift.runner.build_scope import World
    from bakelift.runner.course import Course
    from bakelift.runner.log import BuildLog
    from bakelift.runner.log_timing import Outcome
    from bakelift.runner.progress import Progress
    from bakelift.runner.settings import Settings

    OnError = Literal["cleanup", "abort", "ask", "run-cleanup-provisioner"]

ON_ERROR = ("cleanup", "abort", "ask", "run-cleanup-provisioner")

_QUESTION = (
    "[c] Clean up and exit, [a] abort without cleanup, or [r] retry step (build may fail even if retry succeeds)?"
)


class RunOptions(Record):
    """How builds run. ``debug``: a person confirms every stage."""

    on_error: OnError = "cleanup"
    debug: bool = False
    force: bool = False


class _Stage(Record):
    """One stage. ``names``: the steps that it stands for, in order."""

    names: tuple[str, ...]
    run: Callable[[], Awaitable[None]]
    undo: Callable[[], Awaitable[None]]


class BuildRun:
    """One build, once. After :meth:`run` the machine is gone, or stays on purpose."""

    def __init__(self, ready: ReadyBuild, world: World, log: BuildLog, options: RunOptions, progress: Progress) -> None:
        self._ready = ready
        self._world = world
        self._log = log
        self._ui = log.ui
        self._style = log.log.style
        self._options = options
        self._next = 0
        self._progress = progress
        self._machine = Machine(None)
        self._made: tuple[Artifact, ...] = ()
        self._error: BuildError | None = None
        self._cancelled = False
        self._halted = False
        self._abort = options.on_error in {"abort", "run-cleanup-provisioner"}
        self._abort_said = False
        self._course: Course | None = None
        self._undoing: asyncio.Future[None] | None = None
        self._abandoned = False

    async def run(self) -> list[Artifact]:
        """The artifacts. Raises BuildError when the build failed; cancelling the task cancels it, with clean-up."""
        target = self._ready.target
        connect = _Stage(target.steps, self._connect, self._disconnect)
        provision = _Stage(("StepProvision",), self._provision, self._clean_provision)
        capture = _Stage((), self._capture, _nothing)
        begun: list[_Stage] = []
        for stage in (connect, provision, capture):
            begun.append(stage)
            if not await self._attempt(stage):
                break
            await self._pause("after run", stage)
        for stage in reversed(begun):
            if self._abandoned:
                continue
            if stage is not begun[-1] or not self._halted:
                await self._pause("before cleanup", stage)
            if self._may_undo(stage):
                await self._undo(stage)
            elif stage is connect:
                if self._machine.communicator is not None:
                    await self._machine.communicator.close()  # the machine stays, but not our way in
                self._tell_leftovers()
        if self._abandoned:
            self._tell_leftovers()
        if self._error is not None:
            raise self._error
        if self._cancelled and target.cancelled is not None:
            raise BuildError(target.cancelled)
        if self._cancelled or not self._ready.posts:
            return list(self._made)
        from bakelift.runner.build_posts import run_posts

        force = self._options.force
        try:
            return await run_posts(self._ready, self._world, self._log, self._made, self._data(), force)
        except asyncio.CancelledError:
            raise BuildError("Build was cancelled.") from None

    async def _undo(self, stage: _Stage) -> None:
        """Undoes a stage to its end, cancelled or not; a failure counts unless there is one already."""
        task = self._undoing = asyncio.ensure_future(stage.undo())
        while not task.done():
            try:
                await asyncio.shield(task)
            except asyncio.CancelledError:
                self._cancelled = True
            except BuildError as error:
                self._error = self._error or error
            except Exception as error:
                self._error = self._error or BuildError(f"{type(error).__name__}: {error}")

    @property
    def elsewhere(self) -> bool:
        """Whether the machine is made where it stays when this process ends."""
        return hasattr(self._ready.target, "leftovers")

    def abandon(self) -> bool:
        """Somebody has no more time for a clean-up, if there is one just now: what stays is said."""
        if self._undoing is None or self._undoing.done():
            return False
        self._abandoned = True
        return self._undoing.cancel()

    def _tell_leftovers(self) -> None:
        """Says what a target that works elsewhere leaves there."""
        tell = getattr(self._ready.target, "leftovers", None)
        if tell is not None:
            tell(self._ui)

    async def _attempt(self, stage: _Stage) -> bool:
        """Runs a stage, again when a person says so; whether the build goes on."""
        while True:
            try:
                await stage.run()
                return True
            except asyncio.CancelledError:
                self._cancelled = self._halted = True
                return False
            except TemplateError as error:
                self._error = BuildError("; ".join(item.summary for item in error.diagnostics))
            except BuildError as error:
                self._error = error
            except Exception as error:
                # Whatever it was, what has been made must be undone.
                self._error = BuildError(f"{type(error).__name__}: {error}")
            if self._options.on_error == "ask":
                self._ui.error(str(self._error))
                answer = await self._ask_what_next(stage)
                while answer == "s":
                    await self._open_shell()
                    answer = await self._ask_what_next(stage)
                if answer == "r":
                    self._error = None
                    continue
                self._abort = answer == "a"
            self._halted = True
            return False

    async def _ask_what_next(self, stage: _Stage) -> str:
        self._ui.say(f'Step "{stage.names[-1] if stage.names else "StepCapture"}" failed')
        choices = "car"
        if self._style.messages_as_say and self._next < len(self._ready.steps):
            again = f"[r] runs step {self._ready.steps[self._next].label} again, its script read anew"
            if shells.possible(self._machine.communicator):
                choices += "s"
                again += "; [s] opens a shell in the machine"
            self._ui.say(f"{again}.")
        while True:
            try:
                line = await self._ui.ask(_QUESTION)
            except NoTerminal:
                return "c"
            except asyncio.CancelledError:
                self._cancelled = True
                return "c"
            answer = (line.strip().lower() + "c")[0]
            if answer in choices:
                return answer
            self._ui.say(f'Incorrect input: "{line}"')

    async def _open_shell(self) -> None:
        self._ui.say("A shell in the machine; leave it with exit.")
        try:
            await shells.open_shell(self._machine.communicator)
        except (BuildError, OSError) as error:
            self._ui.error(f"The shell could not be opened: {error}")

    def _may_undo(self, stage: _Stage) -> bool:
        """Whether -on-error lets a stage be undone; what is not is said, the failure first."""
        if not self._abort or not self._halted:
            return True
        if self._options.on_error == "run-cleanup-provisioner" and "StepProvision" in stage.names:
            return True
        for name in reversed(stage.names):
            if self._abort_said:
                self._ui.error(f'aborted: skipping cleanup of step "{name}"')
                continue
            if self._error is not None:
                self._ui.error(str(self._error))
            self._ui.error(f'Step "{name}" failed, aborting...')
            self._abort_said = True
        return False

    async def _pause(self, when: str, stage: _Stage) -> None:
        if not self._options.debug or self._cancelled:
            return
        for name in stage.names:
            try:
                await self._ui.ask(f"Pausing {when} of step '{name}'. Press enter to continue.")
            except NoTerminal:
                return
            except asyncio.CancelledError:
                self._cancelled = self._halted = True
                return

    async def _connect(self) -> None:
        async with self._timed(StepLabel(0, "connect")):
            machine = await self._ready.target.prepare(self._ui)
        self._log.log.redactor.hide(*machine.secrets)
        way_in = machine.communicator
        if way_in is not None and hasattr(way_in, "progress"):
            way_in.progress = self._ui.progress
        trace = self._log.log.trace
        if trace is not None and machine.communicator is not None:
            from bakelift.runner.log_trace import Traced

            machine = machine.but(communicator=Traced(machine.communicator, trace))
        self._machine = machine

    async def _disconnect(self) -> None:
        await self._ready.target.cleanup(self._ui)

    async def _provision(self) -> None:
        if not self._machine.runs_steps:
            return
        if self._course is None:
            heard = self._log.step_ended
            self._course = self._progress.course(self._ready, self._machine, self._ui, self._bound, heard)
            await self._course.begin()
        else:
            await self._course.again()  # a stage that is tried again goes on with the step that failed
        while self._next < len(self._ready.steps):
            if await self._course.wants(self._next + 1):
                await self._next_step(self._course)
            self._next += 1
        if self._ready.validators and not self._course.stopped:
            await self._validate(self._course)

    async def _validate(self, course: Course) -> None:
        """Runs the validators on the finished image; what they do to it is taken back."""
        from bakelift.runner.validators import goes_on

        try:
            for step in self._ready.validators:
                self._ui.say(f"Validating: {step.name}")
                await self._step(step)
        except BuildError as error:
            if not goes_on(self._ready.image):
                raise
            self._ui.say(f"Warning: Validation failed with {error}; the image is made all the same.")
        if not await course.undo():
            self._ui.say("What the validators have written stays in the image: its state before them is not kept.")

    async def _next_step(self, course: Course) -> None:
        step = self._ready.steps[self._next]
        if self._options.debug:
            try:
                await self._ui.ask("Pausing before the next provisioner . Press enter to continue.")
            except NoTerminal as error:
                raise BuildError(f"Error asking for input: {error}") from error
        try:
            await self._step(step)
        except BaseException:
            course.failed(self._next + 1)
            raise
        await course.done(self._next + 1)

    def _bound(self, step: ReadyStep) -> Settings:
        return step.settings.bind(build_symbols(self._data()))

    @asynccontextmanager
    async def _timed(self, label: StepLabel) -> AsyncIterator[None]:
        """Tells the log of a step: that it begins, how long it took, how it ended."""
        self._log.step_started(label)
        begun = time.monotonic()
        outcome: Outcome = "failed"
        try:
            yield
            outcome = "ok"
        except asyncio.CancelledError:
            outcome = "cancelled"
            raise
        finally:
            self._log.step_ended(StepTime(label, time.monotonic() - begun, outcome))

    async def _step(self, step: ReadyStep) -> None:
        settings = self._bound(step)
        context = StepContext(
            self._ui,
            self._style,
            self._world.files,
            self._ready.environment,
            self._machine.communicator,
            self._log.log.redactor,
            "machine" if self._machine.local else "here",
        )

        async def action() -> None:
            await step.module.run(settings, context)

        async with self._timed(step.label):
            await meta.run(step.meta, action, self._ui, self._world.json or not self._style.messages_as_say)

    async def _clean_provision(self) -> None:
        """After a failure, of this stage or of a later one, the error-cleanup-provisioner."""
        if self._error is None or not self._machine.runs_steps:
            return
        self._ui.say("Provisioning step had errors: Running the cleanup provisioner, if present...")
        step = self._ready.error_cleanup
        if step is None:
            return
        try:
            await self._step(step)
        except BuildError as error:
            self._error = BuildError(f"Cleanup failed: {error}. Original Provisioning error: {self._error}")

    async def _capture(self) -> None:
        if self._course is not None and self._course.stopped:
            count = len(self._ready.steps)
            self._ui.say(f"Stopped after step {self._course.next - 1} of {count}: no image is made.")
            return
        async with self._timed(StepLabel(0, "capture")):
            self._made = await self._ready.target.finish(self._ui)

    def _data(self) -> dict[str, str]:
        return {"PackerRunUUID": self._world.run_uuid, **self._machine.data}


async def _nothing() -> None:
    """A stage that needs no undoing."""
