"""Runs a Plan: builds its images here or elsewhere, with a log that reads like Packer's."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import IO, Literal

    from bakelift.runner.build_run import OnError
    from bakelift.translator.diagnostics import TemplateError
    from bakelift.translator.files import Files
    from bakelift.translator.plan.images import Image
    from bakelift.translator.plan.model import Plan
    from bakelift.translator.plan.values import Value

#: What ``packer.version`` says: the Packer whose log the style is.
VERSIONS = {"classic": "1.6.6", "current": "1.16.0"}


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
    on_error: OnError = "cleanup",
    parallel_builds: int = 0,
    debug: bool = False,
    force: bool = False,
    base: str | None = None,
    out: str | None = None,
    stdout: IO[str] | None = None,
    answers: Callable[[], str] | None = None,
    environment: Mapping[str, str] | None = None,
    refused: Callable[[str, TemplateError], None] | None = None,
) -> int:
    """Builds the images, in parallel; the exit status: 0 when all were built, else 1.

    ``inputs``: values of variables by name (defaults are filled in). ``on``: where to build; None: a null or file
    builder by itself, all else in the sandbox. ``answers`` reads a line from a person, for -on-error=ask, -debug and
    breakpoints; None: the terminal, if stdin is one. ``refused`` hears of builds that cannot be prepared (the others
    still run); None: they are told in the log, as Packer does.
    """
    import os
    import sys

    from bakelift.runner.build_run import RunOptions
    from bakelift.runner.build_scope import World
    from bakelift.runner.builds import run_builds
    from bakelift.runner.log import STYLES, Log, LogOptions
    from bakelift.runner.targets import TargetOptions

    stream = sys.stdout if stdout is None else stdout
    if answers is None and sys.stdin is not None and sys.stdin.isatty():
        answers = sys.stdin.readline
    style = STYLES[log_style]
    log = Log(stream, LogOptions(style, color, timestamp_ui, machine_readable, answers))
    world = World(plan, inputs, files, os.environ if environment is None else environment, VERSIONS[log_style])
    target_options = TargetOptions(base, out, force, debug, log_style == "classic")
    options = RunOptions(on_error, debug, force)

    def told(name: str, error: TemplateError) -> None:
        for item in error.diagnostics:
            text = f"{item.summary}\n\n{item.detail}" if item.detail else item.summary
            log.ui.error(f'Error: Failed to prepare build: "{name}"\n\n{text}\n\n')

    return run_builds(
        world, tuple(images), log, on, target_options, options, parallel_builds, told if refused is None else refused
    )
