"""What the layer of a build changes, compared with the base that it lies on.

Only what differs counts: a file that was copied up or touched, and is as before in bytes, mode, owner and attributes,
is no change. Left out is what no image keeps: ``/tmp``, ``/run``, ``/dev``, ``/proc``, ``/sys``.
"""

from __future__ import annotations

import os
import stat

from bakelift.runner.targets.sandbox import overlays
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from io import RawIOBase
    from typing import Literal

    from bakelift.runner.targets.sandbox.overlays import Node
    from bakelift.runner.targets.sandbox.trees import BaseView

    Kind = Literal["added", "changed", "deleted"]

    #: Asked now and then, whether to give up (with InterruptedError).
    Stopped = Callable[[], bool]

PIECE = 1 << 20

#: Folders of which nothing is kept.
FLEETING = frozenset({"dev", "proc", "run", "sys", "tmp"})

TYPES = {
    stat.S_IFREG: "file",
    stat.S_IFDIR: "folder",
    stat.S_IFLNK: "link",
    stat.S_IFIFO: "pipe",
    stat.S_IFSOCK: "socket",
    stat.S_IFCHR: "character device",
    stat.S_IFBLK: "block device",
}


class State(Record):
    """A file, folder or link. ``path``: relative; ``place``: where it can be read now. Files have ``sha256`` and
    ``size``, links ``target``; ``attributes``: extended ones.
    """

    path: str
    place: str
    type: str
    mode: int
    uid: int
    gid: int
    mtime: int
    size: int = 0
    sha256: str | None = None
    target: str | None = None
    attributes: Mapping[str, bytes] = {}
    inode: tuple[int, int] = (0, 0)

    _aside = Record._aside | {"place", "mtime", "inode"}


class Change(Record):
    """``after`` None: deleted (``before`` is then what stood there; all below it went too). ``opaque``: a folder that
    replaces another: what stood below and is not in the layer, is gone.
    """

    kind: Kind
    path: str
    before: State | None = None
    after: State | None = None
    opaque: bool = False


def never() -> bool:
    """Nobody stops this."""
    return False


def changes(
    uppers: Mapping[str, str], base: BaseView, stopped: Stopped = never, without: frozenset[str] = frozenset()
) -> list[Change]:
    """All changes, sorted by path. ``uppers``: the layer's upper folders by the paths of their overlays; ``without``:
    paths that are left out too.
    """
    found: list[Change] = []
    for path, folder in uppers.items():
        top = overlays.node(folder)
        if top is not None:
            found += _folder(path, top, base, stopped, FLEETING | without)
    return sorted(found, key=lambda change: change.path)


def _folder(path: str, layer: Node, base: BaseView, stopped: Stopped, without: frozenset[str]) -> Iterator[Change]:
    """Changes of a folder of the layer and all below."""
    before = base.find(path)
    known = before is not None and before.folder
    yield from _compare(path, layer, base, stopped)
    names = set(os.listdir(layer.path))
    for name in sorted(names):
        below = f"{path}/{name}" if path else name
        if below in without:
            continue
        node = overlays.node(f"{layer.path}/{name}")
        assert node is not None
        if node.deleted:
            old = base.find(below)
            if old is not None:
                yield Change("deleted", below, state(below, old, stopped))
        elif node.folder:
            yield from _folder(below, node, base, stopped, without)
        else:
            yield from _compare(below, node, base, stopped)
    if layer.opaque and known:
        for name in base.names(path):
            if name not in names:
                below = f"{path}/{name}" if path else name
                old = base.find(below)
                assert old is not None
                yield Change("deleted", below, state(below, old, stopped))


def _compare(path: str, node: Node, base: BaseView, stopped: Stopped) -> Iterator[Change]:
    if not path:
        return
    old = base.find(path)
    after = state(path, node, stopped)
    if old is None:
        yield Change("added", path, None, after, node.opaque)
        return
    before = state(path, old, stopped)
    if before != after:
        yield Change("changed", path, before, after, node.opaque)


def state(path: str, node: Node, stopped: Stopped = never) -> State:
    """What stands at a path, with its content's digest. What belongs to the builder belongs to root inside."""
    status = node.status
    kind = stat.S_IFMT(status.st_mode)
    digest, size, target = None, 0, None
    if kind == stat.S_IFREG:
        digest, size = sha256(node.path, stopped), status.st_size
    elif kind == stat.S_IFLNK:
        target = os.readlink(node.path)
    return State(
        path,
        node.path,
        TYPES[kind],
        stat.S_IMODE(status.st_mode),
        0 if status.st_uid == os.geteuid() else status.st_uid,
        0 if status.st_gid == os.getegid() else status.st_gid,
        int(status.st_mtime),
        size,
        digest,
        target,
        overlays.attributes(node.path),
        (status.st_dev, status.st_ino),
    )


def sha256(path: str, stopped: Stopped = never) -> str:
    """The digest of a file, in hex."""
    import hashlib

    digest = hashlib.sha256()
    with open(path, "rb", buffering=0) as file:
        for piece in pieces(file, stopped):
            digest.update(piece)
    return digest.hexdigest()


def pieces(file: RawIOBase, stopped: Stopped) -> Iterator[bytes]:
    """A file's bytes. Raises InterruptedError when it shall stop."""
    while piece := file.read(PIECE):
        if stopped():
            raise InterruptedError("stopped")
        yield piece
