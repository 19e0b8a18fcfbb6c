"""What a build has made in Azure and has to remove: in reverse, and each with the line of az that does it by hand."""

from __future__ import annotations

import shlex

from bakelift.runner.errors import BuildError
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bakelift.runner.ui import Ui

#: The tags of everything that a build makes for itself: the run, the image, when (UTC).
RUN_TAG = "bakelift-run"
IMAGE_TAG = "bakelift-image"
CREATED_TAG = "bakelift-created"


class Made(Record):
    """Something to remove. ``what``: in words; ``line``: of az, "" where nothing is left.

    ``undo`` says what Packer says, and raises BuildError.
    """

    what: str
    line: str
    undo: Callable[[Ui], Awaitable[None]]


class Undoing:
    """What there is to undo, the latest last."""

    def __init__(self) -> None:
        self._made: list[Made] = []

    def __bool__(self) -> bool:
        return bool(self._made)

    def add(self, what: str, line: str, undo: Callable[[Ui], Awaitable[None]]) -> Made:
        made = Made(what, line, undo)
        self._made.append(made)
        return made

    def drop(self, made: Made) -> None:
        """It is not there any more, or was never made."""
        self._made = [each for each in self._made if each is not made]

    def drop_all(self, line: str) -> None:
        """What this line removes is not there any more."""
        self._made = [each for each in self._made if each.line != line]

    async def all(self, ui: Ui) -> None:
        """Removes everything, the latest first; what cannot be removed is said, and how to, and stays on the list."""
        for made in list(reversed(self._made)):
            try:
                await made.undo(ui)
            except BuildError as problem:
                ui.error(f"Error deleting {made.what}: {problem}")
                continue
            except Exception as problem:  # whatever it was, the rest is to be removed all the same
                ui.error(f"Error deleting {made.what}: {type(problem).__name__}: {problem}")
                continue
            self.drop(made)
        self.tell(ui)

    def tell(self, ui: Ui) -> None:
        """Says what is left."""
        lines = dict.fromkeys(made.line for made in reversed(self._made) if made.line)
        if lines:
            ui.error("Left in Azure, where it costs money. What removes it:")
        for line in lines:
            ui.error(line)


def remove_group(group: str, subscription: str) -> str:
    return f"az group delete --yes --name {shlex.quote(group)} --subscription {subscription}"


def remove_resource(id: str) -> str:
    return f"az resource delete --ids {shlex.quote(id)}"


def remove_output(place: str) -> str:
    """``place``: a resource id, or the address of a blob."""
    return f"az storage blob delete --blob-url {place}" if place.startswith("http") else remove_resource(place)
