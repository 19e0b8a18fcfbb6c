"""What overlay file systems keep in their upper folders, and how such folders are read and merged.

Facts from the kernel's ``Documentation/filesystems/overlayfs.rst``, for mounts with ``userxattr`` (which bubblewrap
always sets): a deleted name is a character device 0:0 (a *whiteout*), or an empty file with the attribute
``user.overlay.whiteout`` in a folder whose ``user.overlay.opaque`` is ``x``; a folder whose ``user.overlay.opaque`` is
``y`` hides what lies under it. Folders are never renamed across layers (no redirects), files are copied up whole.
"""

from __future__ import annotations

import contextlib
import os
import stat

from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ATTRIBUTES = ("user.overlay.", "trusted.overlay.")
OPAQUE = "user.overlay.opaque"
WHITEOUT = "user.overlay.whiteout"


class Node(Record):
    """A name of a layer. ``deleted``: a whiteout; ``opaque``: a folder that hides what lies under it."""

    path: str
    status: os.stat_result
    deleted: bool = False
    opaque: bool = False

    @property
    def folder(self) -> bool:
        return stat.S_ISDIR(self.status.st_mode)


def node(path: str) -> Node | None:
    """What a layer has under a path of its tree; None when it says nothing about it."""
    try:
        status = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    mode = status.st_mode
    if stat.S_ISCHR(mode):
        return Node(path, status, deleted=status.st_rdev == 0)
    if stat.S_ISDIR(mode):
        return Node(path, status, opaque=_attribute(path, OPAQUE) == b"y")
    if stat.S_ISREG(mode) and status.st_size == 0 and _attribute(path, WHITEOUT) is not None:
        return Node(path, status, deleted=True)
    return Node(path, status)


def _attribute(path: str, name: str) -> bytes | None:
    try:
        return os.getxattr(path, name, follow_symlinks=False)
    except OSError:
        return None


def attributes(path: str) -> dict[str, bytes]:
    """Extended attributes, sorted, without the overlay's own."""
    try:
        names = sorted(os.listxattr(path, follow_symlinks=False))
    except OSError:
        return {}
    found = {name: _attribute(path, name) for name in names if not name.startswith(ATTRIBUTES)}
    return {name: value for name, value in found.items() if value is not None}


def delete(path: str) -> None:
    """Writes a whiteout."""
    os.mknod(path, stat.S_IFCHR, 0)


def make_opaque(path: str) -> None:
    os.setxattr(path, OPAQUE, b"y")


def copy_metadata(source: str, target: str, status: os.stat_result | None = None, times: bool = True) -> None:
    """Owner, mode, times and attributes of a folder or file; what the caller may not set stays as it is."""
    status = status or os.lstat(source)
    with contextlib.suppress(PermissionError):
        os.chown(target, status.st_uid, status.st_gid, follow_symlinks=False)
    for name, value in attributes(source).items():
        try:
            os.setxattr(target, name, value, follow_symlinks=False)
        except OSError:
            continue
    if not stat.S_ISLNK(status.st_mode):
        os.chmod(target, stat.S_IMODE(status.st_mode))
    if times:
        os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns), follow_symlinks=False)


def names(folders: Iterable[str]) -> list[str]:
    """All names in some folders, sorted."""
    found: set[str] = set()
    for folder in folders:
        found.update(os.listdir(folder))
    return sorted(found)


def visible(path: str, trees: Sequence[str]) -> tuple[list[Node], bool]:
    """What a stack of trees (bottom first) shows under a relative path: its nodes, topmost first, and whether
    something in the stack hides what lies under them all. A folder can have several nodes, anything else has one.
    """
    hidden = False
    below = list(trees)
    for part in path.split("/")[:-1] if "/" in path else ():
        found, hides = _visible(part, below)
        hidden = hidden or hides
        below = [n.path for n in reversed(found) if n.folder]
        if found and not found[0].folder:
            return [], True
    found, hides = _visible(path.rsplit("/", 1)[-1], below)
    return found, hidden or hides


def _visible(name: str, folders: Sequence[str]) -> tuple[list[Node], bool]:
    """One name in a stack of folders (bottom first)."""
    found: list[Node] = []
    for folder in reversed(folders):
        each = node(f"{folder}/{name}")
        if each is None:
            continue
        if each.deleted:
            return found, True
        if not each.folder:
            return (found, True) if found else ([each], True)
        found.append(each)
        if each.opaque:
            return found, True
    return found, False


def merge(folders: Sequence[str], target: str) -> None:
    """Makes ``target`` (a new folder) what the upper folders (bottom first) are together.

    Files are linked, not copied: layers never change once they are sealed. Hard links inside a layer stay; whiteouts
    and opaque folders go on hiding what lies under the lowest of the merged layers.
    """
    os.mkdir(target, 0o700)
    for name in names(folders):
        found, hides = _visible(name, folders)
        place = f"{target}/{name}"
        if not found:
            delete(place)
        elif found[0].folder:
            merge([n.path for n in reversed(found)], place)
            if hides:
                make_opaque(place)
        else:
            _link(found[0].path, place)
    copy_metadata(folders[-1], target)


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError as error:
        import errno

        if error.errno not in {errno.EMLINK, errno.EXDEV}:
            raise
        copy(source, target)


def copy(source: str, target: str) -> None:
    """A copy of anything but a folder, metadata included."""
    status = os.lstat(source)
    if stat.S_ISLNK(status.st_mode):
        os.symlink(os.readlink(source), target)
    elif stat.S_ISREG(status.st_mode):
        with open(source, "rb") as read, open(target, "wb") as write:
            while piece := read.read(1 << 20):
                write.write(piece)
    else:
        os.mknod(target, status.st_mode, status.st_rdev)
    copy_metadata(source, target, status)


def copy_tree(source: str, target: str, links: dict[tuple[int, int], str] | None = None) -> None:
    """A copy of an upper folder (``target``: a new folder), with what it deletes and hides; hard links stay links."""
    links = {} if links is None else links
    os.mkdir(target, 0o700)
    for name in os.listdir(source):
        place = f"{target}/{name}"
        each = node(f"{source}/{name}")
        assert each is not None
        if each.deleted:
            delete(place)
        elif each.folder:
            copy_tree(each.path, place, links)
        else:
            first = links.setdefault((each.status.st_dev, each.status.st_ino), place)
            if first != place:
                os.link(first, place, follow_symlinks=False)
            else:
                copy(each.path, place)
    if _attribute(source, OPAQUE) == b"y":
        make_opaque(target)
    copy_metadata(source, target)


def remove(path: str) -> None:
    """Removes a tree, whatever its modes are (an overlay's work folder has 000). A missing one is no error."""
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return
    if not stat.S_ISDIR(status.st_mode):
        os.unlink(path)
        return
    if status.st_mode & 0o700 != 0o700:
        os.chmod(path, 0o700)
    with os.scandir(path) as entries:
        folders = []
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.path)
            else:
                os.unlink(entry.path)
    for folder in folders:
        remove(folder)
    os.rmdir(path)
