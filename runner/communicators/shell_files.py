"""Files through commands alone: for machines that offer nothing but a shell (with ``cat``, ``chmod`` and ``tar``)."""

from __future__ import annotations

import io
import posixpath
import shlex

from bakelift.runner.errors import CommunicatorError
from bakelift.translator.files import Entry

TYPE_CHECKING = False
if TYPE_CHECKING:
    import tarfile
    from collections.abc import Sequence

    from bakelift.runner.communicators import Communicator


async def upload(machine: Communicator, data: bytes, path: str, mode: int) -> None:
    place = shlex.quote(path)
    folder = posixpath.dirname(path)
    if folder:
        await _need_folder(machine, folder)
    await _do(machine, f"cat > {place} && chmod {mode:04o} {place}", data)


async def upload_tree(machine: Communicator, entries: Sequence[Entry], directory: str) -> None:
    await _need_folder(machine, directory)
    await _do(machine, f"tar -C {shlex.quote(directory)} -xf -", packed(entries))


async def download(machine: Communicator, path: str) -> tuple[bytes, int]:
    entries = unpacked(await _do(machine, f"tar -chf - {shlex.quote(path)}"))
    if len(entries) != 1 or entries[0].data is None:
        raise CommunicatorError(f"scp: {path}: not a regular file")
    return entries[0].data, entries[0].mode


async def download_tree(machine: Communicator, directory: str) -> list[Entry]:
    return unpacked(await _do(machine, f"tar -C {shlex.quote(directory)} -cf - ."))


def packed(entries: Sequence[Entry]) -> bytes:
    """A tar file of the entries."""
    import tarfile

    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for entry in entries:
            member = tarfile.TarInfo(entry.name)
            member.mode = entry.mode & 0o7777
            if entry.link is not None:
                member.type, member.linkname = tarfile.SYMTYPE, entry.link
            elif entry.data is None:
                member.type = tarfile.DIRTYPE
            else:
                member.size = len(entry.data)
            archive.addfile(member, io.BytesIO(entry.data) if entry.data is not None else None)
    return buffer.getvalue()


def unpacked(data: bytes) -> list[Entry]:
    """The entries of a tar file: folders, regular files and symbolic links, sorted by name."""
    import tarfile

    found = []
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for member in archive:
            name = posixpath.normpath(member.name)
            if name != ".":
                found.append(_entry(archive, member, name))
    return sorted((entry for entry in found if entry is not None), key=lambda entry: entry.name)


def _entry(archive: tarfile.TarFile, member: tarfile.TarInfo, name: str) -> Entry | None:
    if member.issym():
        return Entry(name, None, member.mode, member.linkname)
    if member.isdir():
        return Entry(name, None, member.mode)
    content = archive.extractfile(member) if member.isfile() or member.islnk() else None
    return Entry(name, content.read(), member.mode) if content is not None else None


async def _need_folder(machine: Communicator, folder: str) -> None:
    if await machine.run(f"test -d {shlex.quote(folder)}") != 0:
        raise CommunicatorError(f"scp: {folder}: No such file or directory")


async def _do(machine: Communicator, command: str, stdin: bytes | None = None) -> bytes:
    """Runs a command; what it wrote to stdout. What it wrote to stderr is the failure."""
    out, err = bytearray(), bytearray()
    status = await machine.run(command, out.extend, err.extend, stdin)
    if status != 0:
        said = err.decode("utf-8", "replace").strip()
        raise CommunicatorError(said or f"`{command}` ended with status {status}")
    return bytes(out)
