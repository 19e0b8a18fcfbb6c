"""Where sandboxes keep their files: ``$XDG_CACHE_HOME/bakelift`` (``~/.cache/bakelift``), readable by its owner only.

    b/ID/       one running build: its lock, the view's own files, layers, work folders
    t/SHA256/   the tree of a base that was a tar file
    r/KEY/      the tree of a base that was made of packages (see :mod:`.made_base`)
    s/KEY/      folders of this machine, owned by an ordinary user (see :mod:`.host`)
    d/KEY/      the disk of a base that was made here (see :mod:`bakelift.runner.targets.vm.base`)
    kvm/        whether guests boot with KVM since this machine was started
    l/ID/, k/   what steps did (see :mod:`.layers`)
    j/NAME/     journals of builds (see :mod:`bakelift.runner.journal`)
    key         a secret of this cache, with which keys are made of what steps say

A build holds an exclusive lock on its folder's ``lock`` for as long as its process lives; a folder whose lock is free
was left by a process that was killed. Names are short because they stand in mount options, which end near 4 KB.
"""

from __future__ import annotations

import contextlib
import os

from bakelift.runner.errors import BuildError
from bakelift.runner.targets.sandbox import overlays

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

BUILDS, TARS, SUITES, SKELETONS, LAYERS, KEYS, JOURNALS = "b", "t", "r", "s", "l", "k", "j"
DISKS, KVM = "d", "kvm"
SECRET = "key"


def cache_folder(environment: Mapping[str, str] | None = None) -> str:
    """The cache's absolute path; it need not exist."""
    environment = os.environ if environment is None else environment
    top = environment.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(top):
        top = os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.realpath(os.path.join(top, "bakelift"))


def ensure(*parts: str) -> str:
    """A folder of the cache, made if it is not there. Raises BuildError."""
    top = cache_folder()
    path = os.path.join(top, *parts)
    try:
        os.makedirs(top, mode=0o700, exist_ok=True)
        os.makedirs(path, mode=0o700, exist_ok=True)
    except OSError as error:
        raise BuildError(
            f"The cache folder {path} cannot be made: {error.strerror}. XDG_CACHE_HOME says where it is."
        ) from error
    return path


def secret() -> bytes:
    """The cache's own secret, 32 bytes, made at first use: who has only a key cannot try out what it was made of."""
    place = os.path.join(ensure(), SECRET)
    while True:
        try:
            with open(place, "rb") as file:
                return file.read()
        except FileNotFoundError:
            part = f"{place}.{os.getpid()}.{os.urandom(4).hex()}"
        fd = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(fd, os.urandom(32))
            os.fsync(fd)
            with contextlib.suppress(FileExistsError):
                os.link(part, place)
        finally:
            os.close(fd)
            os.unlink(part)


class Lock:
    """An exclusive lock on a file, free again when its holder's process is gone."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    @classmethod
    def take(cls, path: str, wait: bool = False) -> Lock | None:
        """The lock; None when somebody else has it and we shall not wait, or its file is gone."""
        import fcntl

        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(fd)
            return None
        except BaseException:
            os.close(fd)
            raise
        return cls(fd)

    def release(self) -> None:
        os.close(self._fd)


class BuildFolder:
    """The folder of one build, locked."""

    def __init__(self, path: str, lock: Lock) -> None:
        self.path = path
        self._lock = lock

    @classmethod
    def make(cls) -> BuildFolder:
        """A new one. ``clean`` may meet it before it is locked, and take it away: then another is made."""
        builds = ensure(BUILDS)
        while True:
            path = os.path.join(builds, os.urandom(4).hex())
            try:
                os.mkdir(path, 0o700)
                lock = Lock.take(os.path.join(path, "lock"))
            except (FileExistsError, FileNotFoundError):
                continue
            if lock is None:
                continue
            if os.path.exists(os.path.join(path, "lock")):
                return cls(path, lock)
            lock.release()

    def folder(self, *parts: str) -> str:
        path = os.path.join(self.path, *parts)
        os.makedirs(path, exist_ok=True)
        return path

    def remove(self) -> None:
        """Removes all of it, then lets the lock go. The lock's file goes last."""
        for name in os.listdir(self.path):
            if name != "lock":
                overlays.remove(os.path.join(self.path, name))
        overlays.remove(self.path)
        self._lock.release()


def keyed(kind: str, key: str, make: Callable[[str], None]) -> str:
    """A tree of the cache by its key, made once: ``make`` fills an empty folder, which is then renamed into place.

    Others that want the same wait for it. What a killed process left half-made is made again.
    """
    place = os.path.join(ensure(kind), key)
    if os.path.isdir(place):
        return place
    lock = Lock.take(f"{place}.lock", wait=True)
    assert lock is not None
    try:
        if not os.path.isdir(place):
            part = f"{place}.part"
            overlays.remove(part)
            os.mkdir(part, 0o755)
            try:
                make(part)
                os.rename(part, place)
            except BaseException:
                overlays.remove(part)
                raise
    finally:
        lock.release()
    return place


def children(folder: str) -> list[str]:
    """The paths in a folder, sorted; none where there is none."""
    try:
        return [os.path.join(folder, name) for name in sorted(os.listdir(folder))]
    except (FileNotFoundError, NotADirectoryError):
        return []
