"""A layer as a tar: what an image has over its base, in the format of OCI image layers.

Entries are sorted by path, parents first; a deleted name is an empty file ``.wh.NAME`` beside it. Times are whole
seconds, at most ``SOURCE_DATE_EPOCH`` where the environment says it. Owners are numbers, without names. Hard links stay
links. Unpacked over the base, with the ``.wh.`` names taken as deletions, it gives the image; container tools load it.
"""

from __future__ import annotations

import os
import tarfile

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bakelift.runner.artifacts.changes import Change, State, Stopped
    from bakelift.runner.targets.sandbox.trees import BaseView

_TYPES = {
    "file": tarfile.REGTYPE,
    "folder": tarfile.DIRTYPE,
    "link": tarfile.SYMTYPE,
    "pipe": tarfile.FIFOTYPE,
}

CAPABILITY = "security.capability"


def write(
    path: str,
    found: Iterable[Change],
    base: BaseView,
    environment: Mapping[str, str] | None = None,
    stopped: Stopped | None = None,
) -> list[str]:
    """Writes the tar; the paths that it cannot hold (sockets). ``found``: sorted by path."""
    environment = os.environ if environment is None else environment
    epoch = environment.get("SOURCE_DATE_EPOCH", "")
    latest = int(epoch) if epoch.isdigit() else None
    left_out: list[str] = []
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as archive:
        writer = _Writer(archive, base, latest)
        for change in found:
            if stopped is not None and stopped():
                raise InterruptedError("stopped")
            if change.after is None:
                writer.delete(change.path, change.before)
            elif change.after.type in _TYPES:
                replaced = change.before is not None and change.before.type == "folder" != change.after.type
                writer.add(change.after, replaced)
            else:
                left_out.append(change.path)
    return left_out


class _Writer:
    def __init__(self, archive: tarfile.TarFile, base: BaseView, latest: int | None) -> None:
        self._archive = archive
        self._base = base
        self._latest = latest
        self._folders = {""}
        self._links: dict[tuple[int, int], str] = {}

    def add(self, state: State, replaced: bool) -> None:
        self._parents(state.path)
        if replaced:
            self._whiteout(state.path, state.mtime)
        info = self._info(state)
        first = self._links.setdefault(state.inode, state.path) if state.type == "file" else state.path
        if first != state.path:
            info.type, info.linkname, info.size = tarfile.LNKTYPE, first, 0
            info.pax_headers = {}
            self._archive.addfile(info)
        elif state.type == "file":
            with open(state.place, "rb") as file:
                self._archive.addfile(info, file)
        else:
            self._archive.addfile(info)

    def delete(self, path: str, before: State | None) -> None:
        self._parents(path)
        self._whiteout(path, before.mtime if before else 0)

    def _whiteout(self, path: str, mtime: int) -> None:
        folder, _, name = path.rpartition("/")
        info = tarfile.TarInfo(f"{folder}/.wh.{name}" if folder else f".wh.{name}")
        info.mtime = self._time(mtime)
        info.mode = 0o600
        self._archive.addfile(info)

    def _parents(self, path: str) -> None:
        """Adds the folders above, as they are, where nothing about them changed."""
        from bakelift.runner.artifacts.changes import state

        parts = path.split("/")[:-1]
        for count in range(1, len(parts) + 1):
            folder = "/".join(parts[:count])
            node = None if folder in self._folders else self._base.find(folder)
            if node is not None:
                self._archive.addfile(self._info(state(folder, node)))
                self._folders.add(folder)

    def _info(self, state: State) -> tarfile.TarInfo:
        info = tarfile.TarInfo(state.path)
        info.type = _TYPES[state.type]
        info.mode, info.uid, info.gid = state.mode, state.uid, state.gid
        info.mtime, info.size = self._time(state.mtime), state.size
        info.linkname = state.target or ""
        headers = {}
        for name, value in state.attributes.items():
            plain = _without_root(value) if name == CAPABILITY else value
            headers[f"SCHILY.xattr.{name}"] = plain.decode("utf-8", "surrogateescape")
        info.pax_headers = headers
        if state.type == "folder":
            self._folders.add(state.path)
        return info

    def _time(self, mtime: int) -> int:
        return mtime if self._latest is None else min(mtime, self._latest)


def _without_root(value: bytes) -> bytes:
    """File capabilities that were set in a user namespace (version 3, with its root's id), as version 2."""
    if len(value) == 24 and value[3] == 3:
        return value[:3] + b"\x02" + value[4:20]
    return value
