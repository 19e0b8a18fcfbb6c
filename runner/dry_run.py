"""What a build would do: its steps in order, each with the key of its state and whether that is kept."""

from __future__ import annotations

from bakelift.runner.settings import build_symbols
from bakelift.translator.diagnostics import TemplateError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.runner.build_prepare import ReadyBuild, ReadyStep
    from bakelift.runner.build_scope import World
    from bakelift.runner.progress import Progress
    from bakelift.runner.settings import Settings
    from bakelift.runner.targets import Machine
    from bakelift.runner.ui import Ui

#: Digits of a key that are shown.
DIGITS = 12


def show(build: ReadyBuild, machine: Machine, world: World, progress: Progress, ui: Ui) -> None:
    """Says what would be done. Nothing runs. Raises BuildError."""
    data = {"PackerRunUUID": world.run_uuid, **machine.data}

    def bound(step: ReadyStep) -> Settings:
        return step.settings.bind(build_symbols(data))

    course = progress.course(build, machine, ui, bound)
    count = len(build.steps)
    ui.say(f"{count} step{'' if count == 1 else 's'}:" if count else "No steps.")
    for number, (step, (state, key)) in enumerate(zip(build.steps, course.preview(), strict=True), 1):
        name = f' "{step.name}"' if step.name else ""
        shown = key[:DIGITS] if key else "-" * DIGITS
        ui.say(f"{number:>{len(str(count))}}  {state:<8}  {shown}  {step.type}{name}{_what(bound(step), step)}")
    for chain in build.posts:
        ui.say(f"then {' -> '.join(post.label for post in chain)}")


def _what(settings: Settings, step: ReadyStep) -> str:
    """Which files a step takes along, or how much text."""
    try:
        if step.type == "file":
            arrow = "<=" if settings.text("direction") == "download" else "=>"
            sources = [settings.text("source")] if settings.given("source") else settings.texts("sources")
            return f": {', '.join(sources) or 'content'} {arrow} {settings.text('destination')}"
        for option in ("script", "scripts"):
            if settings.has(option) and settings.given(option):
                return f": {', '.join(settings.texts(option))}"
        if settings.has("inline"):
            lines = sum(text.count("\n") + 1 for text in settings.texts("inline"))
            return f": {lines} line{'' if lines == 1 else 's'}"
    except TemplateError:
        return ""
    return ""
