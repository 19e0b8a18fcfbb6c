"""Folders that a communicator moves, as a tar: what is written into a machine, and what comes out of it."""

from __future__ import annotations

import io
import posixpath
import tarfile

from bakelift.translator.files import Entry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def pack(entries: Sequence[Entry]) -> bytes:
    """A tar of entries; a folder is one without data and link."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for entry in entries:
            info = tarfile.TarInfo(entry.name)
            info.mode = entry.mode & 0o7777
            if entry.link is not None:
                info.type, info.linkname = tarfile.SYMTYPE, entry.link
            elif entry.data is None:
                info.type = tarfile.DIRTYPE
            else:
                info.size = len(entry.data)
            archive.addfile(info, io.BytesIO(entry.data or b""))
    return stream.getvalue()


def unpack(data: bytes) -> list[Entry]:
    """Files, folders and links of a tar, sorted by name; other things (devices, pipes) are left out."""
    found = {}
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for info in archive:
            name = posixpath.normpath(info.name)
            if name == ".":
                continue
            content = archive.extractfile(info) if info.isreg() or info.islnk() else None
            if content is not None:
                found[name] = Entry(name, content.read(), info.mode)
            elif info.isdir() or info.issym():
                found[name] = Entry(name, None, info.mode, info.linkname if info.issym() else None)
    return [found[name] for name in sorted(found)]
