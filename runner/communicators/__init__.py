"""How a step reaches the machine that is being made: run a command, move files.

Commands are text for the machine's login shell, as over ``ssh exec``. A communicator serves one build, and one step at
a time. Cancelling the task that awaits :meth:`Communicator.run` lets go of the command; it need not end it.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Protocol

    from bakelift.translator.files import Entry

    #: Hears of output as it comes, in pieces of any length: bytes as the command wrote them.
    Listener = Callable[[bytes], None]

    class Communicator(Protocol):
        """A way into one machine. Failures are :class:`~bakelift.runner.errors.CommunicatorError`."""

        async def run(
            self,
            command: str,
            stdout: Listener | None = None,
            stderr: Listener | None = None,
            stdin: bytes | None = None,
        ) -> int:
            """Runs a command; its exit status, 128 + N after signal N, or :data:`DISCONNECTED` when the line was cut.

            Raises CommunicatorError only when the command could not be *started*.
            """

        async def upload(self, data: bytes, path: str, mode: int = 0o644) -> None:
            """Writes a file (existing ones are overwritten, and get the mode). Its folder must exist."""

        async def upload_tree(self, entries: Sequence[Entry], directory: str) -> None:
            """Writes all entries below a folder that must exist; parents come before their children.

            An entry without data and link is a folder (existing ones are kept).
            """

        async def download(self, path: str) -> tuple[bytes, int]:
            """A file's bytes and its mode."""

        async def download_tree(self, directory: str) -> list[Entry]:
            """All below a folder, sorted by name, parents before children."""

        async def close(self) -> None:
            """Lets go of the machine; never raises."""


#: The status of a command whose connection broke, as Packer numbers it (it may stand in ``valid_exit_codes``).
DISCONNECTED = 2300218
