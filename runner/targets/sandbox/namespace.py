"""The user namespace that a sandbox runs in, so that root inside is not root outside.

A process in it holds capabilities over what belongs to it (the sandbox's mounts, process ids, its own files) and none
over the machine: no devices, no kernel settings, no modules, no clock. Overlays mounted in it follow no device files.
No further user namespaces can be made below it (``user.max_user_namespaces`` 0), so nothing regains what was dropped.
"""

from __future__ import annotations

import os

from bakelift.runner.errors import BuildError
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

CLONE_NEWUSER = 0x1000_0000

#: What a child that could not make the namespace ends with.
_FAILED = 1


class UserNamespace(Record):
    """``fd``: an open ``/proc/PID/ns/user``; it lives as long as this, or a process in it. ``all_ids``: every id is
    mapped (made by root), else only the caller's, as root.
    """

    fd: int
    all_ids: bool

    def close(self) -> None:
        os.close(self.fd)


def create() -> UserNamespace:
    """A new user namespace. Raises BuildError where the system does not allow it."""
    ready, child_ready = os.pipe()
    child_go, go = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(ready)
        os.close(go)
        _child(child_ready, child_go)
    os.close(child_ready)
    os.close(child_go)
    try:
        problem = os.read(ready, 100).decode()
        if problem != "ok":
            raise BuildError(f"The sandbox needs a user namespace, which this system does not allow: {problem}")
        all_ids = os.geteuid() == 0
        try:
            _write_maps(pid, all_ids)
        except OSError as error:
            raise BuildError(f"The sandbox could not map user ids: {error.strerror}") from error
        fd = os.open(f"/proc/{pid}/ns/user", os.O_RDONLY | os.O_CLOEXEC)
        os.write(go, b"x")
        problem = os.read(ready, 100).decode()
        if problem != "ok":
            os.close(fd)
            raise BuildError(f"The sandbox could not limit its user namespace: {problem}")
        return UserNamespace(fd, all_ids)
    finally:
        os.close(go)
        os.close(ready)
        os.waitpid(pid, 0)


def _child(ready: int, go: int) -> NoReturn:
    """Makes the namespace, waits until its ids are mapped, forbids others below it; tells ``ok`` after each half."""
    try:
        import ctypes

        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(CLONE_NEWUSER) != 0:
            os.write(ready, os.strerror(ctypes.get_errno()).encode())
            os._exit(_FAILED)
        os.write(ready, b"ok")
        if os.read(go, 1):
            with open("/proc/sys/user/max_user_namespaces", "w") as file:
                file.write("0")
            os.write(ready, b"ok")
        os._exit(0)
    except BaseException as error:
        os.write(ready, (str(error) or type(error).__name__).encode())
    finally:
        os._exit(_FAILED)


def _write_maps(pid: int, all_ids: bool) -> None:
    """Root keeps all ids as they are (owners in layers are what they say); others are root inside, and alone."""
    if all_ids:
        with open("/proc/self/uid_map") as file:
            uids = _same(file.read())
        with open("/proc/self/gid_map") as file:
            gids = _same(file.read())
    else:
        _write(f"/proc/{pid}/setgroups", "deny")
        uids, gids = f"0 {os.geteuid()} 1\n", f"0 {os.getegid()} 1\n"
    _write(f"/proc/{pid}/uid_map", uids)
    _write(f"/proc/{pid}/gid_map", gids)


def _same(own_map: str) -> str:
    """The ids that this process has, mapped to themselves."""
    rows = (line.split() for line in own_map.splitlines())
    return "".join(f"{inside} {inside} {count}\n" for inside, _, count in rows)


def _write(path: str, text: str) -> None:
    with open(path, "w") as file:
        file.write(text)
