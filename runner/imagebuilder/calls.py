"""Calls of Azure's clients: what they raise is told in one line, and whether it is worth another try."""

from __future__ import annotations

from bakelift.runner.azure.session import explained
from bakelift.runner.errors import BuildError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading
    from collections.abc import Callable
    from typing import Any

#: Answers after which the same may go well a little later.
_PASSING = (408, 409, 429, 500, 502, 503, 504)
#: Seconds between looks at whether somebody wants to stop.
BREATH = 0.2


class CallFailed(BuildError):
    """``passing``: the same may go well a little later, or went well and only the answer was lost."""

    def __init__(self, said: str, passing: bool = False) -> None:
        super().__init__(said)
        self.passing = passing


class Absent(CallFailed):
    """There is no such thing."""


class Stopped(BuildError):
    """Somebody wants to stop."""


def called(call: Callable[[], Any]) -> Any:
    """The answer of a call. Raises CallFailed with what Azure said, in one line."""
    from azure.core.exceptions import AzureError, ResourceNotFoundError

    try:
        return call()
    except ResourceNotFoundError as problem:
        raise Absent(explained(problem)) from None
    except (AzureError, ValueError) as problem:
        raise _failed(problem) from None


def waited(poller: Any, what: str = "", stop: threading.Event | None = None) -> Any:
    """The result of an operation that takes long. Raises CallFailed, and Stopped when ``stop`` was set."""
    from azure.core.exceptions import AzureError

    try:
        while stop is not None and not poller.done():
            if stop.is_set():
                raise Stopped("it was cancelled")
            poller.wait(BREATH)
        return poller.result()
    except (AzureError, ValueError) as problem:
        raise _failed(problem, what) from None


def _failed(problem: Any, what: str = "") -> CallFailed:
    """Where an answer is not understood (a ValueError), what was asked for may have happened all the same."""
    status = getattr(problem, "status_code", None)
    said = explained(problem)
    return CallFailed(f"{what}: {said}" if what else said, status is None or status in _PASSING)
