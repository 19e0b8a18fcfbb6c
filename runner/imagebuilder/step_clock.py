"""Which customizer a run is at, how long each took, and which one failed: what the telemetry in a log tells.

Packer tells of the end of a provisioner whether it went well or not; what went wrong is the next thing that it tells.
"""

from __future__ import annotations

import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    #: Hears of each customizer when it ended: its number from 1 on, its seconds, whether it went well.
    Timed = Callable[[int, float, bool], None]


class StepClock:
    """``steps``: names of the customizers in order; what comes after them is the service's own."""

    def __init__(self, steps: Sequence[str], timed: Timed) -> None:
        self._steps = steps
        self._timed = timed
        self._number = 0
        self._kind = ""
        self._since: tuple[float, float] | None = None
        self._took: float | None = None
        self._failed = ""

    def begin(self, kind: str, at: float) -> str:
        """A provisioner of this type begins; what to call it. ``at``: when, as the log says; 0: it does not."""
        self.over(True)
        self._number += 1
        self._kind = kind
        self._since = at, time.monotonic()
        return self._label()

    def end(self, at: float) -> None:
        """The provisioner ended, or whatever holds it."""
        if self._since is None:
            self._settle(True)
            return
        began, heard = self._since
        self._took = at - began if at and began else time.monotonic() - heard
        self._since = None

    def failed(self) -> None:
        """What ended last has failed."""
        self._settle(False)

    def over(self, good: bool) -> str:
        """Nothing more comes, as the run ended well or not; which customizer failed, "" when none did."""
        if self._since is not None:
            self.end(0.0)
            self._settle(good)
        self._settle(True)
        return self._failed

    def _settle(self, good: bool) -> None:
        if self._took is None:
            return
        took, self._took = max(0.0, self._took), None
        if not good:
            self._failed = self._label()
        if self._number <= len(self._steps):
            self._timed(self._number, took, good)

    def _label(self) -> str:
        if self._number <= len(self._steps):
            return f"{self._number} of {len(self._steps)}: {self._steps[self._number - 1]} ({self._kind})"
        return f"of the service ({self._kind})"  # what generalizes the machine
