"""The breakpoint provisioner: waits for a person."""

from __future__ import annotations

from bakelift.runner.errors import BuildError
from bakelift.runner.ui import NoTerminal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.runner.settings import Settings
    from bakelift.runner.steps import StepContext


def check(settings: Settings, _context: StepContext) -> None:
    settings.boolean("disable")
    settings.text("note")


async def run(settings: Settings, context: StepContext) -> None:
    note = settings.text("note")
    described = f'breakpoint provisioner with note "{note}"' if note else "breakpoint provisioner"
    if settings.boolean("disable"):
        context.ui.say(f"{described[0].upper()}{described[1:]} disabled; continuing...")
        return
    context.ui.say(f"Pausing at {described}.")
    try:
        await context.ui.ask("Press enter to continue.")
    except NoTerminal as error:
        raise BuildError(f"Error asking for input: {error}") from error
