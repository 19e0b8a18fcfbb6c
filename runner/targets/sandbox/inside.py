"""What runs commands inside a view: bubblewrap makes the view, this process enters it and serves the build's requests.

It is a child of the keeper. It shares the view's files, users and capabilities, but not its process ids, so nobody
inside sees it; the commands that it starts are inside altogether, each in a session of its own, like logins over ssh:
what one leaves in the background goes on running. When the build lets go of the socket, all inside is killed.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import select
import signal

from bakelift.runner.targets.sandbox import wire
from bakelift.runner.targets.sandbox.engine import CAPABILITIES
from bakelift.runner.targets.sandbox.entry import Entry

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence
    from typing import NoReturn

#: Keeps the view while nothing runs in it: ends when its standard input does.
HOLD = "trap '' HUP INT QUIT TERM; echo; while read -r _; do :; done"

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID = 1 << 17, 1 << 26, 1 << 27, 1 << 28, 1 << 29
CLONE_NEWNET = 1 << 30

#: Milliseconds in which a view goes whose first process has ended.
_MOMENT = 200

#: The variable that brings a command to its shell.
COMMAND = "BAKELIFT_COMMAND"

PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 24, 38, 47, 4
CAPABILITY_VERSION_3 = 0x20080522


def serve(channel: socket.socket, request: Sequence[bytes], namespace: int, problem: str) -> NoReturn:
    """Makes the view and serves until the build, or the view, has ended. ``request``: how commands enter it (see
    :mod:`.entry`), then bubblewrap's program and options.
    """
    holder: _Holder | None = None
    entry, bwrap = Entry.read(request[0]), request[1:]
    try:
        try:
            if problem:
                raise _NotStarted(problem)
            holder = _Holder(bwrap, namespace)
            _enter(holder.inner, entry.network)
        except (_NotStarted, OSError) as error:
            reason = problem or f"The sandbox could not be started: {error}"
            wire.send(channel, wire.FAILED, 0, [reason.encode()])
        else:
            wire.send(channel, wire.READY, 0, [str(os.getpid()).encode()])
            _Server(channel, holder, entry).run()
    finally:
        if holder is not None:
            holder.end()
        os._exit(0)  # the mounts go with this process


class _NotStarted(Exception):
    """The text says why there is no view."""


class _Holder:
    """bubblewrap with a view. ``inner``: its process 1, by its outer number; ``pid``: bubblewrap itself."""

    def __init__(self, bwrap: Sequence[bytes], namespace: int) -> None:
        hold, self._hold = os.pipe()
        ready, ready_end = os.pipe()
        errors, errors_end = os.pipe()
        info, info_end = os.pipe()
        os.set_inheritable(namespace, True)
        os.set_inheritable(info_end, True)
        own = ["--userns", str(namespace), "--info-fd", str(info_end)]
        line = [bwrap[0], *(word.encode() for word in own), *bwrap[1:], b"--", b"/bin/sh", b"-c", HOLD.encode()]
        moves = [(os.POSIX_SPAWN_DUP2, fd, target) for target, fd in enumerate((hold, ready_end, errors_end))]
        try:
            self.pid = os.posix_spawn(bwrap[0], line, {}, file_actions=moves)
        except OSError as error:
            raise _NotStarted(f"bubblewrap: {error.strerror}") from error
        for fd in (hold, ready_end, errors_end, info_end):
            os.close(fd)
        os.set_inheritable(namespace, False)
        # What is needed next is loaded while bubblewrap mounts.
        import ctypes  # noqa: F401
        import resource  # noqa: F401

        said = os.read(ready, 1)
        os.close(ready)
        found = re.search(rb'"child-pid":\s*(\d+)', os.read(info, 4096))
        os.close(info)
        self.inner = int(found.group(1)) if found else 0
        if not said or not found:
            reason = os.read(errors, 4096).decode("utf-8", "replace").strip().removeprefix("bwrap: ")
            self.end()
            raise _NotStarted(reason or "bubblewrap ended")

    def end(self) -> None:
        """Kills all inside; returns when nothing is left."""
        for pid in (self.inner, self.pid):
            try:
                if pid:
                    os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        try:
            while True:
                os.waitpid(-1, 0)
        except ChildProcessError:
            return


def _enter(pid: int, network: bool) -> None:
    """Becomes a process of the view, with no more rights than its commands have. Raises OSError."""
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    view = os.pidfd_open(pid)
    own = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | (0 if network else CLONE_NEWNET)
    if libc.setns(view, own) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"cannot enter the view: {os.strerror(number)}")
    os.close(view)
    with contextlib.suppress(PermissionError):  # an ordinary user's namespace keeps the groups, and maps none of them
        os.setgroups([])
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)
    allowed = set(CAPABILITIES.values())
    for number in range(64):
        if number not in allowed:
            libc.prctl(PR_CAPBSET_DROP, number, 0, 0, 0)
    libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    mask = sum(1 << number for number in allowed)
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    low, high = mask & 0xFFFFFFFF, mask >> 32
    sets = (ctypes.c_uint32 * 6)(low, low, 0, high, high, 0)  # effective, permitted, inheritable; twice
    if libc.capset(header, sets) != 0:
        raise OSError(ctypes.get_errno(), "cannot drop capabilities")


class _Server:
    """Starts commands, and tells of their ends."""

    def __init__(self, channel: socket.socket, holder: _Holder, entry: Entry) -> None:
        self._channel = channel
        self._entry = entry
        self._view = holder
        self._holder = os.pidfd_open(holder.pid)
        self._running: dict[int, tuple[int, int]] = {}
        self._poll = select.poll()

    def run(self) -> None:
        self._poll.register(self._channel, select.POLLIN)
        self._poll.register(self._holder, select.POLLIN)
        while True:
            for fd, _ in self._poll.poll():
                if fd == self._holder:
                    return
                if not (self._reap(fd) if fd in self._running else self._request()):
                    return

    def _reap(self, fd: int) -> bool:
        """Tells of the end of a command; False when the whole view ends with it."""
        number, pid = self._running.pop(fd)
        self._poll.unregister(fd)
        os.close(fd)
        _, status = os.waitpid(pid, 0)
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL and self._ending():
            return False
        wire.send(self._channel, wire.ENDED, number, [str(status).encode()])
        return True

    def _ending(self) -> bool:
        """Whether the view is at its end. Its commands are killed a moment before it has gone."""
        holder = select.poll()
        holder.register(self._holder, select.POLLIN)
        return bool(holder.poll(_MOMENT))

    def _request(self) -> bool:
        message = wire.receive(self._channel)
        if message is None:
            return False
        if message.kind == wire.END:
            self._view.end()
            wire.send(self._channel, wire.QUIET, 0, [])
            wire.receive(self._channel)
            return False
        if message.kind == wire.WHO:
            wire.send(self._channel, wire.NAMES, message.number, _programs())
            return True
        if message.kind == wire.KILL:
            for number, pid in self._running.values():
                if number == message.number:
                    _kill(pid)
            return True
        try:
            pid = _fork(message, self._entry)
        except OSError as error:
            wire.send(self._channel, wire.FAILED, message.number, [(error.strerror or str(error)).encode()])
            return True
        finally:
            for fd in message.fds:
                os.close(fd)
        watch = os.pidfd_open(pid)
        self._running[watch] = (message.number, pid)
        self._poll.register(watch, select.POLLIN)
        return True


def _programs() -> list[bytes]:
    """The names of all processes of the view but those that hold it (bubblewrap's first, and its shell)."""
    names = []
    for entry in os.listdir("/proc"):
        if entry.isdigit() and entry not in ("1", "2"):
            with contextlib.suppress(OSError), open(f"/proc/{entry}/stat", "rb") as file:
                head, _, rest = file.read().rpartition(b") ")
                if not rest.startswith((b"Z", b"X")):
                    names.append(head.partition(b"(")[2])
    return names


def _kill(pid: int) -> None:
    """Kills a command and what it started, unless that has a session of its own."""
    for end in (os.killpg, os.kill):
        try:
            end(pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            continue


def _fork(message: wire.Message, entry: Entry) -> int:
    """Starts what a message asks for; its process id out here. Raises OSError when it could not be."""
    trouble, tell = os.pipe()
    try:
        pid = os.fork()
        if pid == 0:
            _become(message, entry, tell)
        os.close(tell)
        tell = -1
        said = os.read(trouble, 16)
        if said:
            os.waitpid(pid, 0)
            raise OSError(int(said), os.strerror(int(said)))
        return pid
    finally:
        os.close(trouble)
        if tell >= 0:
            os.close(tell)


def _become(message: wire.Message, entry: Entry, tell: int) -> NoReturn:
    status = 127
    try:
        os.setsid()
        for target, fd in enumerate(message.fds):
            os.dup2(fd, target)
        _log_in(entry)
        if message.kind == wire.WRITE:
            os.close(tell)
            status = _write(*message.words)
        else:
            _execute(message.words, entry)
    except OSError as error:
        os.write(tell, str(error.errno).encode())
    finally:
        os._exit(status)


def _log_in(entry: Entry) -> None:
    """Becomes the user that commands are. Root can gain nothing from set-user-id programs; the build user can be root
    by them, with the capabilities that the sandbox has.
    """
    if entry.max_bytes:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (entry.max_bytes, entry.max_bytes))
    if entry.uid == 0:
        import ctypes

        if ctypes.CDLL(None).prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
            raise PermissionError(errno.EPERM, "no_new_privs")
    else:
        os.setgroups(entry.groups)
        os.setresgid(entry.gid, entry.gid, entry.gid)
        os.setresuid(entry.uid, entry.uid, entry.uid)
    try:
        os.chdir(entry.environment["HOME"])
    except OSError:
        os.chdir("/")


def _execute(words: Sequence[bytes], entry: Entry) -> NoReturn:
    """A command for the shell goes through its environment: what it says (variables of a step, maybe secret) is in no
    process's arguments, which every user of the machine may read.
    """
    environment: dict[str, str | bytes] = dict(entry.environment)
    if len(words) == 3 and words[1] == b"-c":
        environment[COMMAND] = words[2]
        words = [*words[:2], f'eval "unset {COMMAND};${COMMAND}"'.encode()]
    os.execve(words[0], list(words), environment)


def _write(path: bytes, mode: bytes) -> int:
    """Standard input into a file; trouble is said on standard error."""
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        while data := os.read(0, 1 << 20):
            while data:
                data = data[os.write(fd, data) :]
        os.fchmod(fd, int(mode, 8))
        os.close(fd)
    except OSError as error:
        os.write(2, (error.strerror or str(error)).encode())
        return 1
    return 0
