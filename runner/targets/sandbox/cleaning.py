"""Takes away what builds keep, and what broken ones left."""

from __future__ import annotations

import os
import stat

from bakelift.runner.targets.sandbox import cache, overlays
from bakelift.runner.targets.sandbox.cache import BuildFolder, Lock
from bakelift.translator.plan.record import Record

#: What is removed, by the folders of the cache, as it is said: one, several.
KINDS = {
    cache.BUILDS: ("leftover of a broken build", "leftovers of broken builds"),
    cache.LAYERS: ("layer", "layers"),
    cache.JOURNALS: ("journal", "journals"),
    cache.TARS: ("unpacked base", "unpacked bases"),
    cache.SUITES: ("base made of packages", "bases made of packages"),
    cache.DISKS: ("disk of a base", "disks of bases"),
    cache.SKELETONS: ("folder tree of this machine", "folder trees of this machine"),
}


class Cleaned(Record):
    """``paths``: what was removed, by kind (a folder of the cache); ``size``: in bytes of disk; ``running``: so many
    builds run, so that what they may use has stayed.
    """

    paths: dict[str, list[str]]
    size: int
    running: int

    def all(self) -> list[str]:
        return [path for paths in self.paths.values() for path in paths]


def clean(everything: bool = False) -> Cleaned:
    """Removes leftovers of broken builds, layers and journals; with ``everything`` also bases and the cache's secret.

    While builds run, layers and bases stay, but for what was left half-made.
    """
    top = cache.cache_folder()
    cleaner = _Cleaner()
    for path in cache.children(os.path.join(top, cache.BUILDS)):
        try:
            lock = Lock.take(os.path.join(path, "lock"))
        except (FileNotFoundError, NotADirectoryError):
            continue
        if lock is not None:
            cleaner.note(cache.BUILDS, path)
            BuildFolder(path, lock).remove()
    running = len(cache.children(os.path.join(top, cache.BUILDS)))
    for folder in cache.children(os.path.join(top, cache.JOURNALS)):
        _journals(folder, cleaner)
    if not running:
        for path in cache.children(os.path.join(top, cache.LAYERS)):
            cleaner.remove(cache.LAYERS, path)
        overlays.remove(os.path.join(top, cache.KEYS))
    for kind in (cache.TARS, cache.SUITES, cache.DISKS, cache.SKELETONS):
        for path in cache.children(os.path.join(top, kind)):
            _base(kind, path, everything, bool(running), cleaner)
    if everything and not running:
        overlays.remove(os.path.join(top, cache.SECRET))
        overlays.remove(os.path.join(top, cache.KVM))
        for name in cache.children(top):
            _remove_empty(name)
        _remove_empty(top)
    return Cleaned(cleaner.paths, cleaner.size, running)


class _Cleaner:
    def __init__(self) -> None:
        self.paths: dict[str, list[str]] = {}
        self.size = 0

    def note(self, kind: str, path: str) -> None:
        self.paths.setdefault(kind, []).append(path)
        self.size += _size(path)

    def remove(self, kind: str, path: str) -> None:
        self.note(kind, path)
        overlays.remove(path)


def _journals(folder: str, cleaner: _Cleaner) -> None:
    for path in cache.children(folder):
        try:
            lock = Lock.take(path)
        except FileNotFoundError:
            continue
        if lock is not None:
            cleaner.remove(cache.JOURNALS, path)
            lock.release()
    _remove_empty(folder)


def _base(kind: str, path: str, everything: bool, running: bool, cleaner: _Cleaner) -> None:
    """A base, or what stands beside it: its lock, a note of a digest, what was left half-made."""
    half_made = path.endswith(".part")
    if path.endswith((".lock", ".sum")):
        if everything and not running:
            os.unlink(path)
        return
    if not half_made and (running or not everything):
        return
    lock = Lock.take(f"{path.removesuffix('.part')}.lock")
    if lock is not None:
        cleaner.remove(kind, path)
        lock.release()


def _remove_empty(path: str) -> None:
    try:
        os.rmdir(path)
    except OSError:
        return


def _size(path: str) -> int:
    """Bytes on disk; a file with several names counts at the last one that goes."""
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return 0
    if not stat.S_ISDIR(status.st_mode):
        return status.st_blocks * 512 if status.st_nlink == 1 else 0
    try:
        names = os.listdir(path)
    except PermissionError:
        return 0
    return sum(_size(os.path.join(path, name)) for name in names)
