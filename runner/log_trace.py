"""PACKER_LOG: what goes on behind the log's lines, on stderr or in the file that PACKER_LOG_PATH names.

Its lines are Packer's in form (``2006/01/02 15:04:05 TEXT``) and, where they say the same, in words. In a file the
log's lines stand between them (``ui: …``), so that one can tell what happened when.
"""

from __future__ import annotations

import time

from bakelift.runner.steps.remote import FROM_STDIN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import IO

    from bakelift.runner.communicators import Communicator, Listener
    from bakelift.runner.redaction import Redactor
    from bakelift.translator.files import Entry


def wanted(environment: Mapping[str, str]) -> str | None:
    """Where PACKER_LOG and PACKER_LOG_PATH want it: a path, "" for stderr, None for nowhere."""
    path = environment.get("PACKER_LOG_PATH", "")
    if path:
        return path
    return "" if environment.get("PACKER_LOG", "") not in ("", "0") else None


class Trace:
    """Writes the lines. ``with_ui``: those of the log as well."""

    def __init__(self, stream: IO[str], redactor: Redactor, with_ui: bool) -> None:
        self._stream = stream
        self._redactor = redactor
        self.with_ui = with_ui

    def __call__(self, text: str) -> None:
        from bakelift.runner.ui import harmless

        stamp = time.strftime("%Y/%m/%d %H:%M:%S")
        shown = harmless(self._redactor(text)).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        try:
            self._stream.write("".join(f"{stamp} {line}\n" for line in shown.rstrip("\n").split("\n")))
            self._stream.flush()
        except (OSError, ValueError):
            self.with_ui = False  # its disk is full, or its reader gone: the build goes on

    def ui(self, text: str) -> None:
        if self.with_ui:
            for line in text.rstrip("\n").split("\n"):
                self(f"ui: {line}")


class Traced:
    """A communicator that says what it is asked to do."""

    def __init__(self, machine: Communicator, trace: Callable[[str], None]) -> None:
        self._machine = machine
        self._trace = trace

    def __getattr__(self, name: str) -> object:
        return getattr(self._machine, name)

    async def run(
        self,
        command: str,
        stdout: Listener | None = None,
        stderr: Listener | None = None,
        stdin: bytes | None = None,
    ) -> int:
        if command == FROM_STDIN and stdin is not None:
            self._trace("[DEBUG] the next command goes over stdin, as it holds a sensitive value")
        shown = stdin.decode("utf-8", "replace") if command == FROM_STDIN and stdin is not None else command
        self._trace(f"[DEBUG] starting remote command: {shown}")
        begun = time.monotonic()
        status = await self._machine.run(command, stdout, stderr, stdin)
        self._trace(f"[INFO] remote command exited with '{status}' after {time.monotonic() - begun:.3f} s: {shown}")
        return status

    async def upload(self, data: bytes, path: str, mode: int = 0o644) -> None:
        self._trace(f"[DEBUG] uploading {len(data)} bytes to {path}, mode {mode:04o}")
        await self._machine.upload(data, path, mode)

    async def upload_tree(self, entries: Sequence[Entry], directory: str) -> None:
        self._trace(f"[DEBUG] uploading {len(entries)} entries below {directory}")
        await self._machine.upload_tree(entries, directory)

    async def download(self, path: str) -> tuple[bytes, int]:
        data, mode = await self._machine.download(path)
        self._trace(f"[DEBUG] downloaded {len(data)} bytes from {path}")
        return data, mode

    async def download_tree(self, directory: str) -> list[Entry]:
        entries = await self._machine.download_tree(directory)
        self._trace(f"[DEBUG] downloaded {len(entries)} entries from below {directory}")
        return entries

    async def close(self) -> None:
        await self._machine.close()
