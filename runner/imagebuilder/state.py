"""What goes on in Azure, for -resume: a file for each image template, written beside its place and then renamed."""

from __future__ import annotations

import contextlib
import json
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


#: What each phase knows, and of which type that is.
_FACTS: dict[str, dict[str, type]] = {
    "creating": {},
    "running": {"before": str},
    "ended": {"outputs": list},
    "deployed": {"names": list},
    "done": {},
}


class State:
    """``folder``: where the files are. What is in it: ``phase`` and what that phase knows; no secrets.

    Phases: ``creating``; ``running`` (``before``: when the run before it began); ``ended`` (``outputs``);
    ``deployed`` (``names``: of a deployment's image templates); ``done``, until all of a command is, so that whoever
    goes on with it does nothing twice.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def get(self, key: str) -> dict[str, Any] | None:
        """None: there is no note, or none that can be read, which is as good: what Azure says counts."""
        try:
            with open(self._path(key), encoding="utf-8") as file:
                found = json.load(file)
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) and found.get("key") == key and _whole(found) else None

    def put(self, key: str, phase: str, **facts: object) -> None:
        os.makedirs(self._folder, mode=0o700, exist_ok=True)
        path = self._path(key)
        part = f"{path}.{os.getpid()}"
        with open(part, "w", encoding="utf-8") as file:
            json.dump({"version": 1, "key": key, "phase": phase, **facts}, file, indent=1)
        os.replace(part, path)

    def drop(self, key: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._path(key))

    def settle(self, key: str) -> None:
        """The command is over: what is done need not be known any more."""
        note = self.get(key)
        if note is not None and note["phase"] == "done":
            self.drop(key)

    def _path(self, key: str) -> str:
        import hashlib

        return os.path.join(self._folder, f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.json")


def _whole(note: dict[str, Any]) -> bool:
    """Whether it has what its phase knows."""
    facts = _FACTS.get(note["phase"]) if isinstance(note.get("phase"), str) else None
    if facts is None or not all(isinstance(note.get(name), kind) for name, kind in facts.items()):
        return False
    if note["phase"] == "done" and "names" not in note and "outputs" not in note:
        return False
    names = {"name", "place", "vhd", "kept"}
    outputs = note.get("outputs", [])
    return isinstance(outputs, list) and all(isinstance(each, dict) and set(each) == names for each in outputs)
