"""The options of every step: pauses, time limits, retries, and going on after failure.

Packer wraps a step in what these options ask for, innermost first. HCL since 1.15: pause_before, timeout, max_retries,
continue_on_error; so a timeout covers the pause, and each retry pauses afresh. Legacy JSON (and HCL before): a pause
*or* a timeout, the pause winning, then max_retries. One thing is done better: when retries run out, the failure that is
told is the last one, not the first again.
"""

from __future__ import annotations

import asyncio
import json

from bakelift.runner import durations
from bakelift.runner.errors import BuildError
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bakelift.runner.settings import Settings
    from bakelift.runner.ui import Ui

    Action = Callable[[], Awaitable[None]]


class Meta(Record):
    """The options, decoded; times in seconds, 0 for none."""

    pause_before: float = 0.0
    timeout: float = 0.0
    max_retries: int = 0
    continue_on_error: bool = False


def read(settings: Settings) -> Meta:
    return Meta(
        settings.duration("pause_before"),
        settings.duration("timeout"),
        max(0, settings.integer("max_retries")),
        settings.boolean("continue_on_error"),
    )


async def run(meta: Meta, action: Action, ui: Ui, pause_or_timeout: bool) -> None:
    """Does the action as the options ask. ``pause_or_timeout``: the rule of legacy JSON."""
    if meta.pause_before:
        action = _paused(action, meta.pause_before, ui)
    if meta.timeout and not (pause_or_timeout and meta.pause_before):
        action = _limited(action, meta.timeout, ui)
    if meta.max_retries:
        action = _retried(action, meta.max_retries, ui)
    try:
        await action()
    except BuildError as error:
        if not meta.continue_on_error:
            raise
        ui.say(
            f"Warning: Provisioner failed with {_quoted(error)}, but continue_on_error is set; continuing the build."
        )


def _paused(action: Action, seconds: float, ui: Ui) -> Action:
    async def paused() -> None:
        ui.say(f"Pausing {durations.go(seconds)} before the next provisioner...")
        await asyncio.sleep(seconds)
        await action()

    return paused


def _limited(action: Action, seconds: float, ui: Ui) -> Action:
    async def limited() -> None:
        ui.say(f"Setting a {durations.go(seconds)} timeout for the next provisioner...")
        try:
            async with asyncio.timeout(seconds):
                await action()
        except TimeoutError as error:
            ui.error("Cancelling provisioner after a timeout...")
            raise BuildError("context canceled") from error

    return limited


def _retried(action: Action, retries: int, ui: Ui) -> Action:
    async def retried() -> None:
        for left in range(retries, 0, -1):
            try:
                return await action()
            except BuildError as error:
                ui.say(f"Provisioner failed with {_quoted(error)}, retrying with {left} trie(s) left")
        try:
            return await action()
        except BuildError:
            ui.say("retry limit reached.")
            raise

    return retried


def _quoted(error: BuildError) -> str:
    return json.dumps(str(error), ensure_ascii=False)
