"""Files through commands alone: for machines that offer nothing but a shell (with ``cat``, ``chmod`` and ``tar``)."""

from __future__ import annotations

import posixpath
import shlex

from bakelift.runner.errors import CommunicatorError
from bakelift.translator.files import Entry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from bakelift.runner.communicators import Communicator


async def upload(machine: Communicator, data: bytes, path: str, mode: int) -> None:
    place = shlex.quote(path)
    folder = posixpath.dirname(path)
    if folder:
        await _need_folder(machine, folder)
    await _do(machine, f"cat > {place} && chmod {mode:04o} {place}", data)


async def upload_tree(machine: Communicator, entries: Sequence[Entry], directory: str) -> None:
    from bakelift.runner.communicators import archive

    await _need_folder(machine, directory)
    await _do(machine, f"tar -C {shlex.quote(directory)} -xf -", archive.pack(entries))


async def download(machine: Communicator, path: str) -> tuple[bytes, int]:
    from bakelift.runner.communicators import archive

    entries = archive.unpack(await _do(machine, f"tar -chf - {shlex.quote(path)}"))
    if len(entries) != 1 or entries[0].data is None:
        raise CommunicatorError(f"scp: {path}: not a regular file")
    return entries[0].data, entries[0].mode


async def download_tree(machine: Communicator, directory: str) -> list[Entry]:
    from bakelift.runner.communicators import archive

    return archive.unpack(await _do(machine, f"tar -C {shlex.quote(directory)} -cf - ."))


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
