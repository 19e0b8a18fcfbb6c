"""The whole tree of an image: its base with its layer over it, as a folder.

Files are linked where base and cache are on one file system and the caller may, else copied; nothing that the image's
own programs could change while it is read is shared with a running sandbox.
"""

from __future__ import annotations

import contextlib
import os
import stat

from bakelift.runner.artifacts.changes import FLEETING
from bakelift.runner.targets.sandbox import overlays

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def merge(
    trees: Sequence[str], target: str, without: frozenset[str], stopped: Callable[[], bool], path: str = ""
) -> None:
    """Makes ``target`` (a new folder) what a stack of trees (bottom first) shows. ``without``: paths left out.

    What no image keeps (/proc, /tmp, …) is an empty folder. Raises OSError, InterruptedError.
    """
    os.mkdir(target, 0o700)
    for name in overlays.names(trees):
        below = f"{path}/{name}" if path else name
        if below in without:
            continue
        if stopped():
            raise InterruptedError("stopped")
        found, _ = overlays.visible(name, trees)
        if not found:
            continue
        place = f"{target}/{name}"
        if found[0].folder and below in FLEETING:
            os.mkdir(place)
            overlays.copy_metadata(found[0].path, place)
        elif found[0].folder:
            merge([node.path for node in reversed(found)], place, without, stopped, below)
        else:
            _place(found[0].path, place, found[0].status)
    overlays.copy_metadata(trees[-1], target)


def _place(source: str, target: str, status: os.stat_result) -> None:
    if stat.S_ISSOCK(status.st_mode) or stat.S_ISCHR(status.st_mode) or stat.S_ISBLK(status.st_mode):
        return  # devices are made when a system starts, sockets when their program does
    with contextlib.suppress(OSError):
        os.link(source, target, follow_symlinks=False)
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
