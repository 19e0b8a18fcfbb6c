"""The keeper of a sandbox: a small process that owns the user namespace and starts the views of the layers.

It is forked from the building process as early as possible, so that the namespace is made while the build's modules are
still being loaded, and every later fork is one of a small process. It holds none of the build's files, its command line
and environment are wiped, its memory cannot be read by others; when the build ends, however it ends, its socket closes,
and it and all that it started end.
"""

from __future__ import annotations

import os
import socket

from bakelift.runner.errors import BuildError
from bakelift.runner.targets.sandbox import wire

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

PR_SET_DUMPABLE, PR_SET_NAME = 4, 15

#: /proc/PID/stat: where the command line and the environment lie in memory, counted from the state (field 3).
_STAT_AREAS = ((45, 46), (47, 48))

_early: list[Keeper] = []

#: Keepers that were told to end: their process ids.
_ending: list[int] = []


def _reap(option: int) -> None:
    """Takes leave of those that have ended."""
    for pid in tuple(_ending):
        if os.waitpid(pid, option)[0]:
            _ending.remove(pid)


class Keeper:
    """The build's side of it. :meth:`close` it, whatever happens."""

    def __init__(self, pid: int, channel: socket.socket) -> None:
        self._pid = pid
        self._channel = channel

    @classmethod
    def start(cls) -> Keeper:
        """The one that was started early, or a new one. Raises BuildError."""
        if _early:
            return _early.pop()
        _reap(os.WNOHANG)
        ours, theirs = socket.socketpair()
        try:
            pid = os.fork()
        except OSError as error:
            ours.close()
            theirs.close()
            raise BuildError(f"The sandbox could not be started: {error.strerror}") from error
        if pid == 0:
            _run(theirs)
        theirs.close()
        return cls(pid, ours)

    def view(self, bwrap: Sequence[str]) -> socket.socket:
        """Starts a view (``bwrap``: how commands enter it, then program and options); the socket to talk to what runs
        inside.
        """
        ours, theirs = socket.socketpair()
        try:
            wire.send(self._channel, wire.VIEW, 0, [os.fsencode(word) for word in bwrap], [theirs.fileno()])
        except OSError as error:
            ours.close()
            raise BuildError("The sandbox could not be started: its keeper has ended") from error
        finally:
            theirs.close()
        return ours

    def close(self, wait: bool = True) -> None:
        """Ends it and what it started; its views must have been let go of. ``wait``: until it has ended."""
        self._channel.close()
        _ending.append(self._pid)
        _reap(0 if wait else os.WNOHANG)


def start_early() -> None:
    """Starts the keeper of a sandbox that will probably be wanted; :func:`stop_early` ends it if it was not."""
    try:
        _early.append(Keeper.start())
    except BuildError:
        return  # whoever wants the sandbox will hear of it


def stop_early() -> None:
    while _early:
        _early.pop().close()


def _run(channel: socket.socket) -> NoReturn:
    try:
        _leave_the_build(channel.fileno())
        import signal

        from bakelift.runner.targets.sandbox import namespace

        fd, problem = -1, ""
        try:
            fd = namespace.create().fd
        except BuildError as error:
            problem = str(error)
        _wipe()
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        while (request := wire.receive(channel)) is not None:
            inside_fd = request.fds[0]
            if os.fork() == 0:
                channel.close()
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                from bakelift.runner.targets.sandbox import inside

                inside.serve(socket.socket(fileno=inside_fd), request.words, fd, problem)
            os.close(inside_fd)
        while True:
            os.wait()
    finally:
        os._exit(0)


def _leave_the_build(keep: int) -> None:
    """Lets go of the build's terminal, signals and files."""
    import signal

    signal.set_wakeup_fd(-1)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    os.setsid()
    os.umask(0o022)
    os.chdir("/")
    nothing = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        if fd != keep:
            os.dup2(nothing, fd)
    os.closerange(3, keep)
    os.closerange(max(keep + 1, 3), os.sysconf("SC_OPEN_MAX"))


def _wipe() -> None:
    """A command that starts inside has our memory until it is the program that it becomes: nobody inside may read it,
    and what everybody may read of it (the command line) must be empty.
    """
    import ctypes

    with open("/proc/self/stat") as file:
        fields = file.read().rpartition(") ")[2].split()
    for begin, end in _STAT_AREAS:
        first, last = int(fields[begin]), int(fields[end])
        if 0 < first < last:
            ctypes.memset(first, 0, last - first)
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_NAME, b"bakelift-keeper", 0, 0, 0)
    libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
