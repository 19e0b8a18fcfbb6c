"""Runs a Plan's builds: several at a time, each with its log, all of them cleaned up whatever happens."""

from __future__ import annotations

import asyncio
import signal
import threading
import time

from bakelift.runner.build_prepare import ReadyBuild, prepare, shown_name
from bakelift.runner.build_run import BuildRun, RunOptions
from bakelift.runner.errors import BuildError
from bakelift.runner.log import Log
from bakelift.runner.progress import Progress
from bakelift.runner.redaction import SHORT
from bakelift.translator.diagnostics import TemplateError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bakelift.runner.build_scope import World
    from bakelift.runner.log import BuildLog
    from bakelift.runner.progress import StepOptions
    from bakelift.runner.targets import Artifact, TargetOptions
    from bakelift.translator.plan.images import Image

    #: Hears of builds that cannot be prepared: the build's name, and what is wrong.
    Refusal = Callable[[str, TemplateError], None]

#: The code of a warning that a value cannot be hidden everywhere.
_SHORT_SECRET = "build/short-secret"

_SIGNALS = {signal.SIGINT: "interrupt", signal.SIGTERM: "terminated"}


class Builds:
    """The builds of one run. ``parallel``: how many at a time, 0 for all."""

    def __init__(self, log: Log, world: World, options: RunOptions, parallel: int, progress: Progress) -> None:
        self._log = log
        self._progress = progress
        self._world = world
        self._options = options
        self._parallel = 1 if options.debug else parallel
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting: asyncio.Task[bool] | None = None
        self._interrupted = False
        self._running: dict[asyncio.Task[None], BuildRun] = {}
        self._artifacts: dict[str, list[Artifact]] = {}
        self._errors: dict[str, str] = {}

    @property
    def interrupted(self) -> bool:
        return self._interrupted

    async def run(self, builds: Sequence[ReadyBuild], logs: Sequence[BuildLog]) -> bool:
        """Runs them all and prints what came of it; whether all went well."""
        if self._options.debug:
            self._log.ui.say("Debug mode enabled. Builds will not be parallelized.")
        loop = asyncio.get_running_loop()
        # Only the main thread hears signals; elsewhere whoever called us does.
        hears = threading.current_thread() is threading.main_thread()
        for number, name in _SIGNALS.items() if hears else ():
            loop.add_signal_handler(number, self._interrupt, name)
        begun = time.monotonic()
        watch = asyncio.create_task(self._log.watch()) if self._log.live is not None else None
        try:
            await self._start(builds, logs)
            if self._tasks:
                await asyncio.wait(self._tasks)
        finally:
            for number in _SIGNALS if hears else ():
                loop.remove_signal_handler(number)
            if watch is not None:
                watch.cancel()
            self._log.quiet()
        self._log.waited(time.monotonic() - begun)
        for task in self._tasks:
            if not task.cancelled():
                task.result()
        if self._interrupted:
            self._log.cancelled()
            self._log.timings()
            return False
        self._log.errors(self._errors)
        self._log.artifacts(self._artifacts)
        self._log.timings()
        return not self._errors

    async def _start(self, builds: Sequence[ReadyBuild], logs: Sequence[BuildLog]) -> None:
        """Starts the builds in order, each when there is room."""
        room = asyncio.Semaphore(self._parallel or max(1, len(builds)))
        for ready, log in zip(builds, logs, strict=True):
            if self._interrupted:
                break
            self._waiting = asyncio.ensure_future(room.acquire())
            try:
                await self._waiting
            except asyncio.CancelledError:
                log.not_started()
                break
            run = BuildRun(ready, self._world, log, self._options, self._progress)
            task = asyncio.create_task(self._build(run, ready, log))
            self._running[task] = run
            task.add_done_callback(lambda _: room.release())
            self._tasks.add(task)

    async def _build(self, run: BuildRun, ready: ReadyBuild, log: BuildLog) -> None:
        log.started(ready.image.type, [step.label for step in ready.steps])
        begun = time.monotonic()
        try:
            made = await run.run()
        except (BuildError, OSError) as error:
            self._errors[ready.name] = str(error)
            self._progress.ended(ready.name, done=False)
            log.errored(time.monotonic() - begun, str(error))
            return
        self._artifacts[ready.name] = made
        self._progress.ended(ready.name, done=True)
        log.finished(time.monotonic() - begun)

    def _interrupt(self, name: str) -> None:
        """The first signal cancels the builds, which clean up. A second one ends a clean-up elsewhere, which can take
        long, and says what stays; where it is done on this machine, it changes nothing.
        """
        if self._interrupted:
            for task, run in self._running.items():
                if run.elsewhere and not run.abandon():
                    task.cancel()  # what it waits for before it cleans up is waited for no longer
            return
        self._interrupted = True
        self._log.ui.error(f"Cancelling build after receiving {name}")
        for task in self._tasks:
            task.cancel()
        if self._waiting is not None and not self._waiting.done():
            self._waiting.cancel()


def hide_secrets(world: World, log: Log) -> None:
    """Tells the log what to hide; and whoever reads it, of values that are too short to be hidden everywhere."""
    short = []
    for name, text in world.secrets():
        log.redactor.hide(text)
        if 0 < len(text.strip()) <= SHORT and name not in short:
            short.append(name)
    for name in short:
        log.ui.error(
            f"Warning: the value of {name} is sensitive and very short: it is hidden only where it stands alone. "
            f"[{_SHORT_SECRET}]"
        )


def run_builds(
    world: World,
    images: Sequence[Image],
    log: Log,
    on: str | None,
    target_options: TargetOptions,
    options: RunOptions,
    parallel: int,
    refused: Refusal,
    step_options: StepOptions,
) -> int:
    """Prepares all, runs those that can be; 0 when every build went well, else 1.

    No build at all is an error since Packer 1.7.3; before, it was a run without artifacts.
    """
    if not images and log.style.messages_as_say:
        log.ui.error("Error: No builds to run\n\nNo build of the template is selected by -only and -except.\n")
        return 1
    ordered = sorted(images, key=lambda image: image.name) if world.json else list(images)
    hide_secrets(world, log)
    progress = Progress(step_options, world, log.style, on or "")
    ready: list[ReadyBuild] = []
    failed = False
    for image in ordered:
        try:
            build = prepare(world, image, on, target_options, log.style)
            progress.choice(build)
            ready.append(build)
        except TemplateError as error:
            failed = True
            refused(shown_name(world, image, log.style), error)
    ready = progress.left(ready, log.ui.say)
    logs = log.open([build.name for build in ready])
    if step_options.dry_run:
        return 0 if _shown(world, ready, logs, progress) and not failed else 1
    builds = Builds(log, world, options, parallel, progress)
    progress.begin(ready, log.ui.say)
    ended = False
    try:
        succeeded = asyncio.run(builds.run(ready, logs))
        ended = not builds.interrupted
    finally:
        progress.close(ended)
    return 0 if succeeded and not failed else 1


def _shown(world: World, builds: Sequence[ReadyBuild], logs: Sequence[BuildLog], progress: Progress) -> bool:
    """Says what each build would do; whether all could be said."""
    from bakelift.runner import dry_run

    good = True
    for build, log in zip(builds, logs, strict=True):
        try:
            dry_run.show(build, build.target.preview(log.ui), world, progress, log.ui)
        except BuildError as error:
            log.ui.error(str(error))
            good = False
    return good
