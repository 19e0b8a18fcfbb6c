"""Where sandboxes keep their files: ``$XDG_CACHE_HOME/bakelift`` (``~/.cache/bakelift``), readable by its owner only.

    b/ID/       one running build: its lock, the view's own files, layers, work folders
    t/SHA256/   the tree of a base that was a tar file
    s/KEY/      folders of this machine, owned by an ordinary user (see :mod:`.host`)

A build holds an exclusive lock on its folder's ``lock`` for as long as its process lives; a folder whose lock is free
was left by a process that was killed. Names are short because they stand in mount options, which end near 4 KB.
"""

from __future__ import annotations

import os

from bakelift.runner.errors import BuildError
from bakelift.runner.targets.sandbox import overlays

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

BUILDS, TARS, SKELETONS = "b", "t", "s"


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


def clean(everything: bool = False) -> list[str]:
    """Removes what killed builds left, and with ``everything`` all bases too; the paths that it removed.

    While builds run, all bases stay.
    """
    top = cache_folder()
    removed = []
    for path in _children(os.path.join(top, BUILDS)):
        try:
            lock = Lock.take(os.path.join(path, "lock"))
        except (FileNotFoundError, NotADirectoryError):
            continue
        if lock is not None:
            BuildFolder(path, lock).remove()
            removed.append(path)
    running = bool(_children(os.path.join(top, BUILDS)))
    for kind in (TARS, SKELETONS):
        for path in _children(os.path.join(top, kind)):
            if path.endswith(".lock"):
                continue
            if path.endswith(".sum"):
                if everything:
                    os.unlink(path)
                continue
            half_made = path.endswith(".part")
            if not half_made and (running or not everything):
                continue
            lock = Lock.take(f"{path.removesuffix('.part')}.lock")
            if lock is not None:
                overlays.remove(path)
                removed.append(path)
                lock.release()
    return removed


def _children(folder: str) -> list[str]:
    try:
        return [os.path.join(folder, name) for name in sorted(os.listdir(folder))]
    except FileNotFoundError:
        return []
