"""The sleep provisioner: waits, and says nothing."""

from __future__ import annotations

import asyncio

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.runner.settings import Settings
    from bakelift.runner.steps import StepContext


def check(settings: Settings, _context: StepContext) -> None:
    settings.duration("duration")


async def run(settings: Settings, _context: StepContext) -> None:
    await asyncio.sleep(settings.duration("duration"))
