"""The whole tree of an image: its base with its layer over it, as a folder.

Files of the cache are linked; those of a base that is somebody's are copied, since a link more would change them.
"""

from __future__ import annotations

import contextlib
import os
import stat

from bakelift.runner.artifacts.changes import FLEETING
from bakelift.runner.targets.sandbox import cache, overlays

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def merge(trees: Sequence[str], target: str, without: frozenset[str], stopped: Callable[[], bool]) -> None:
    """Makes ``target`` (a new folder) what a stack of trees (bottom first) shows. ``without``: paths left out.

    What no image keeps (/proc, /tmp, …) is an empty folder. Raises OSError, InterruptedError.
    """
    _Merging(without, stopped).folder(trees, target, "")


class _Merging:
    def __init__(self, without: frozenset[str], stopped: Callable[[], bool]) -> None:
        self._without = without
        self._stopped = stopped
        self._own = cache.cache_folder() + "/"
        self._placed: dict[tuple[int, int], str] = {}

    def folder(self, trees: Sequence[str], target: str, path: str) -> None:
        os.mkdir(target, 0o700)
        for name in overlays.names(trees):
            below = f"{path}/{name}" if path else name
            if below in self._without:
                continue
            if self._stopped():
                raise InterruptedError("stopped")
            found, _ = overlays.visible(name, trees)
            if not found:
                continue
            place = f"{target}/{name}"
            if found[0].folder and below in FLEETING:
                os.mkdir(place)
                overlays.copy_metadata(found[0].path, place)
            elif found[0].folder:
                self.folder([node.path for node in reversed(found)], place, below)
            else:
                self._file(found[0].path, place, found[0].status)
        overlays.copy_metadata(trees[-1], target)

    def _file(self, source: str, target: str, status: os.stat_result) -> None:
        if stat.S_ISSOCK(status.st_mode) or stat.S_ISCHR(status.st_mode) or stat.S_ISBLK(status.st_mode):
            return  # devices are made when a system starts, sockets when their program does
        first = self._placed.setdefault((status.st_dev, status.st_ino), target)
        if first == target:
            first = source if source.startswith(self._own) else ""
        if first:
            with contextlib.suppress(OSError):
                os.link(first, target, follow_symlinks=False)
                return
        overlays.copy(source, target)


def size(tree: str) -> tuple[int, int]:
    """Bytes on disk, in blocks of 4 KiB, and names of a tree; a file with several names counts once."""
    total, count = 0, 0
    seen: set[tuple[int, int]] = set()
    for folder, folders, files in os.walk(tree):
        count += len(folders) + len(files)
        total += 4096 * len(folders)
        for name in files:
            status = os.lstat(os.path.join(folder, name))
            if (status.st_dev, status.st_ino) not in seen:
                total += -(-status.st_size // 4096) * 4096
                if status.st_nlink > 1:
                    seen.add((status.st_dev, status.st_ino))
    return total, count
