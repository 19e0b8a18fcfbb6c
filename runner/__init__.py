"""Runs a Plan: builds its images here or elsewhere, with a log that reads like Packer's."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from contextlib import ExitStack
    from typing import IO, Literal

    from bakelift.runner.build_run import OnError
    from bakelift.runner.journal import Past
    from bakelift.runner.progress import StepOptions
    from bakelift.runner.targets import AzureOptions, SandboxOptions, SshHost
    from bakelift.translator.diagnostics import TemplateError
    from bakelift.translator.files import Files
    from bakelift.translator.plan.images import Image
    from bakelift.translator.plan.model import Plan
    from bakelift.translator.plan.scope import Clock
    from bakelift.translator.plan.values import Value

#: What ``packer.version`` says: the Packer whose log the style is.
VERSIONS = {"classic": "1.6.6", "current": "1.16.0"}


def clock_of(past: Past) -> Clock:
    """The time and the uuids of an earlier run."""
    from bakelift.runner.build_scope import run_clock

    return run_clock(past.time, past.run)


def build(
    plan: Plan,
    images: Iterable[Image],
    inputs: Mapping[str, Value],
    *,
    files: Files,
    on: str | None = None,
    log_style: Literal["classic", "current"] = "current",
    color: bool = True,
    timestamp_ui: bool = False,
    machine_readable: bool = False,
    json_events: bool = False,
    timing: bool = False,
    on_error: OnError = "cleanup",
    parallel_builds: int = 0,
    debug: bool = False,
    force: bool = False,
    base: str | None = None,
    host: SshHost | None = None,
    allow_local: bool = False,
    out: str | None = None,
    stdout: IO[str] | None = None,
    answers: Callable[[], str] | None = None,
    environment: Mapping[str, str] | None = None,
    refused: Callable[[str, TemplateError], None] | None = None,
    clock: Clock | None = None,
    run_uuid: str | None = None,
    steps: StepOptions | None = None,
    sandbox: SandboxOptions | None = None,
    azure: AzureOptions | None = None,
) -> int:
    """Builds the images, in parallel; the exit status: 0 when all were built, else 1.

    ``inputs``: values of variables by name (defaults are filled in). ``on``: where to build; None: a null or file
    builder by itself, all else in the sandbox. ``answers`` reads a line from a person, for -on-error=ask, -debug and
    breakpoints; None: the terminal, if stdin is one. ``refused`` hears of builds that cannot be prepared (the others
    still run); None: they are told in the log, as Packer does. ``host``: where ``on="ssh"`` goes; ``allow_local``:
    shell-local may run on this machine. ``json_events``: the log as JSON lines; ``timing``: a table of the steps' times
    at its end. PACKER_LOG and PACKER_LOG_PATH of the environment are honoured. ``clock`` and ``run_uuid``: those of the
    run that is resumed; ``steps``: which steps run; ``azure``: as whom ``on="azure"`` builds, and how.
    """
    import os
    import sys

    from bakelift.runner.build_run import RunOptions
    from bakelift.runner.build_scope import World
    from bakelift.runner.builds import run_builds
    from bakelift.runner.log import STYLES, LogOptions, make_log
    from bakelift.runner.log_live import on_terminal
    from bakelift.runner.progress import StepOptions
    from bakelift.runner.targets import AzureOptions, SandboxOptions, TargetOptions

    stream = sys.stdout if stdout is None else stdout
    if answers is None and sys.stdin is not None and sys.stdin.isatty():
        answers = sys.stdin.readline
    style = STYLES[log_style]
    surroundings = os.environ if environment is None else environment
    shown = LogOptions(style, color, timestamp_ui, machine_readable, answers, json_events, on_terminal(stream), timing)
    traces, traced = _trace(surroundings)
    log = make_log(stream, shown.but(trace=traced, trace_ui=traced is not sys.stderr))
    world = World(plan, inputs, files, surroundings, VERSIONS[log_style], clock, run_uuid)
    boxed = sandbox or SandboxOptions()
    classic = log_style == "classic"
    target_options = TargetOptions(base, out, force, debug, classic, boxed, host, allow_local, azure or AzureOptions())
    options = RunOptions(on_error, debug, force)

    def told(name: str, error: TemplateError) -> None:
        for item in error.diagnostics:
            text = f"{item.summary}\n\n{item.detail}" if item.detail else item.summary
            log.ui.error(f'Error: Failed to prepare build: "{name}"\n\n{text}\n\n')

    hears = told if refused is None else refused
    with traces:
        return run_builds(
            world, tuple(images), log, on, target_options, options, parallel_builds, hears, steps or StepOptions()
        )


def _trace(environment: Mapping[str, str]) -> tuple[ExitStack, IO[str] | None]:
    """Where PACKER_LOG wants to be written, and what closes it."""
    import sys
    from contextlib import ExitStack

    from bakelift.runner.log_trace import wanted

    stack = ExitStack()
    path = wanted(environment)
    if path:
        return stack, stack.enter_context(open(path, "a", encoding="utf-8"))
    return stack, None if path is None else sys.stderr
