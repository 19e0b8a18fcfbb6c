"""The journal of a run: what was begun and done, so that a build that was interrupted can go on.

A journal is a file of the cache, ``j/TEMPLATE/RUN``: a line of JSON for each event, appended in one write. The first
line says what the run has that another would not have: its time and its identity. Whoever writes it holds a lock on it
for as long as its process lives, so a journal whose lock is free and that has no end was interrupted.

    {"event": "run", "version": 1, "run": UUID, "time": 1700000000.5, "template": PATH, "on": TARGET}
    {"event": "step", "image": NAME, "number": 1, "type": "shell", "state": "done", "key": HEX, "seconds": 0.2}
    {"event": "image", "image": NAME, "state": "done"}
    {"event": "end"}

It holds no value of the template: keys say nothing of what they were made of (:mod:`.step_keys`).
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os

from bakelift.runner.targets.sandbox import cache
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from bakelift.runner.targets.sandbox.cache import Lock

VERSION = 1


class Past(Record):
    """What an earlier run did. ``keys``: by image, the keys after its steps, from the first on; ``ended``: it came to
    its end, well or not; ``begun``: by image, the number of the last step that was begun.
    """

    run: str
    time: float
    keys: dict[str, dict[int, str]]
    begun: dict[str, int]
    done: frozenset[str]
    ended: bool


class Journal:
    """The journal that a run writes."""

    def __init__(self, path: str, lock: Lock) -> None:
        self._path = path
        self._lock = lock
        self._fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)

    @classmethod
    def begin(cls, template: str, on: str, run: str, time: float) -> Journal:
        """A new one; those of earlier runs of the template that have ended, or that nobody resumed, go."""
        folder = cache.ensure(cache.JOURNALS, _folder(template, on))
        for path in _paths(folder):
            lock = _lock(path)
            if lock is not None:
                os.unlink(path)
                lock.release()
        path = os.path.join(folder, run)
        lock = cache.Lock.take(path)
        assert lock is not None
        journal = cls(path, lock)
        journal._write({"event": "run", "version": VERSION, "run": run, "time": time, "template": template, "on": on})
        return journal

    def step(self, image: str, number: int, type: str, state: str, key: str = "", seconds: float | None = None) -> None:
        """``state``: begun, done, reused or failed."""
        event: dict[str, object] = {"event": "step", "image": image, "number": number, "type": type, "state": state}
        if key:
            event["key"] = key
        if seconds is not None:
            event["seconds"] = round(seconds, 3)
        self._write(event)

    def image(self, image: str, state: str) -> None:
        """An image has come to its end: ``done`` or ``failed``."""
        self._write({"event": "image", "image": image, "state": state})

    def end(self) -> None:
        self._write({"event": "end"})
        os.fsync(self._fd)

    def close(self) -> None:
        os.close(self._fd)
        self._lock.release()

    def _write(self, event: dict[str, object]) -> None:
        os.write(self._fd, json.dumps(event).encode() + b"\n")


def latest(template: str, on: str) -> Past | None:
    """The last run of a template; None when there is none that is over. A line that was cut off counts for nothing."""
    folder = os.path.join(cache.cache_folder(), cache.JOURNALS, _folder(template, on))
    found = []
    for path in _paths(folder):
        lock = _lock(path)
        if lock is not None:
            lock.release()
            found.append((os.stat(path).st_mtime_ns, path))
    for _, path in sorted(found, reverse=True):
        past = _read(path)
        if past is not None:
            return past
    return None


def _read(path: str) -> Past | None:
    keys: dict[str, dict[int, str]] = {}
    begun: dict[str, int] = {}
    done: set[str] = set()
    first: dict[str, object] | None = None
    ended = False
    for event in _events(path):
        kind, image, number = event.get("event"), str(event.get("image", "")), event.get("number")
        if kind == "run" and event.get("version") == VERSION:
            first = event
        elif kind == "step" and isinstance(number, int):
            begun[image] = number
            if event.get("state") in ("done", "reused") and event.get("key"):
                keys.setdefault(image, {})[number] = str(event["key"])
        elif kind == "image" and event.get("state") == "done":
            done.add(image)
        elif kind == "end":
            ended = True
    if first is None or not isinstance(first.get("time"), (int, float)):
        return None
    return Past(str(first["run"]), float(first["time"]), keys, begun, frozenset(done), ended)  # type: ignore[arg-type]


def _events(path: str) -> Iterator[dict[str, object]]:
    with open(path, "rb") as file:
        for line in file:
            with contextlib.suppress(ValueError):
                event = json.loads(line)
                if isinstance(event, dict):
                    yield event


def _folder(template: str, on: str) -> str:
    return hashlib.sha256(f"{on}\0{template}".encode("utf-8", "surrogateescape")).hexdigest()[:24]


def _paths(folder: str) -> list[str]:
    try:
        return [os.path.join(folder, name) for name in sorted(os.listdir(folder))]
    except FileNotFoundError:
        return []


def _lock(path: str) -> Lock | None:
    """The lock of a journal that nobody writes any more."""
    try:
        return cache.Lock.take(path)
    except FileNotFoundError:
        return None
