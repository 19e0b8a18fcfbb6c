"""A shell inside the machine of a build, for a person at the terminal who looks why a step failed."""

from __future__ import annotations

import contextlib
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from bakelift.runner.communicators import Communicator


def possible(machine: Communicator | None) -> bool:
    """Whether there is a terminal here, and a way to a shell there."""
    return hasattr(machine, "shell") and sys.stdin.isatty() and sys.stdout.isatty()


async def open_shell(machine: Communicator | None) -> None:
    """Hands the terminal to a shell there until it ends. Raises CommunicatorError when it cannot be opened."""
    assert machine is not None
    with _raw(sys.stdin.fileno()):
        await machine.shell(sys.stdin.fileno(), sys.stdout.fileno())  # type: ignore[attr-defined]


@contextlib.contextmanager
def _raw(descriptor: int) -> Iterator[None]:
    """Keys go there as they are typed, Ctrl-C too; and the terminal is as before when it is over."""
    import termios
    import tty

    before = termios.tcgetattr(descriptor)
    blocking = os.get_blocking(descriptor)
    try:
        tty.setraw(descriptor, termios.TCSADRAIN)
        yield
    finally:
        os.set_blocking(descriptor, blocking)
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
