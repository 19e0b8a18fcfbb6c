"""What a command leaves in Azure although nobody asked for it to stay, with the line that removes it."""

from __future__ import annotations

import shlex
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.runner.ui import Ui


class Leftovers:
    """Builds add to it from their threads."""

    def __init__(self) -> None:
        self._lines: dict[tuple[str, str], None] = {}
        self._lock = threading.Lock()

    def add(self, build: str, line: str) -> None:
        """``line``: what somebody can type."""
        with self._lock:
            self._lines[build, line] = None

    def tell(self, ui: Ui) -> None:
        if not self._lines:
            return
        ui.say("\n==> Left in Azure. These lines remove it:")
        for build, line in self._lines:
            ui.say(f"--> {build}: {line}")


def removes(subscription: str, group: str, name: str) -> str:
    """A line of az; like the others for a shell, and for one subscription, whichever az is at."""
    return f"az image builder delete {_at(subscription, group, name)}"


def cancels(subscription: str, group: str, name: str) -> str:
    return f"az image builder cancel {_at(subscription, group, name)}"


def removes_deployment(subscription: str, group: str, name: str) -> str:
    return f"az deployment group delete {_at(subscription, group, name)}"


def _at(subscription: str, group: str, name: str) -> str:
    return f"-g {shlex.quote(group)} -n {shlex.quote(name)} --subscription {shlex.quote(subscription)}"
