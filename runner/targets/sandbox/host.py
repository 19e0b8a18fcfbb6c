"""A copy-on-write view of this machine as a base: its software and settings, and nothing of its people.

Shown are the folders of :data:`TOPS`, an overlay each, because a layer may not lie under its own lower folder. Below
them is shown what every user of the machine may read, whoever builds; so keys, password hashes and mail stay out of
reach of root inside. A folder under which another file system is mounted, or the cache or the checkout lies, cannot be
the lower folder of an overlay whole: its children are, one overlay each.
"""

from __future__ import annotations

import os
import stat

from bakelift.runner.targets.sandbox import base as bases
from bakelift.runner.targets.sandbox import cache, overlays

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bakelift.runner.targets.sandbox.base import Base, Mount
    from bakelift.runner.targets.sandbox.cache import BuildFolder

#: Folders (or links) of the machine's root that a view shows; all others are not there.
TOPS = ("bin", "boot", "etc", "lib", "lib32", "lib64", "libx32", "opt", "sbin", "srv", "usr", "var")

#: Folders that a view has, empty at first.
EMPTY = {"home": 0o755, "media": 0o755, "mnt": 0o755, "root": 0o700}

#: What begins so is not shown, whatever its mode says.
HIDDEN = ("etc/ssh/ssh_host_", "etc/shadow", "etc/gshadow", "etc/security/opasswd", "var/backups/shadow")

#: Shown although only root may read them: steps edit them, and they hold no secret.
SHOWN = ("etc/sudoers", "etc/sudoers.d/README")

#: Software from packages holds no secrets, and looking through it would take longer than a build.
NOT_SEARCHED = frozenset({"usr", "etc/alternatives", "etc/ssl/certs", "var/lib/dpkg/info"})
BUT_SEARCHED = "usr/local/etc"

#: What every user may do with a file, and with a folder, that is shown.
READ, SEARCH = stat.S_IROTH, stat.S_IROTH | stat.S_IXOTH


def open_host(build: BuildFolder, all_ids: bool, hidden: Sequence[str]) -> Base:
    """The base ``host``. ``hidden``: absolute paths of folders that must not be shown."""
    own = build.folder("f")
    for name, mode in EMPTY.items():
        os.mkdir(f"{own}/{name}")
        os.chmod(f"{own}/{name}", mode)
    view = _HostView(own, hidden, all_ids)
    for top in TOPS:
        if os.path.islink(f"/{top}"):
            overlays.copy(f"/{top}", f"{own}/{top}")
        elif os.path.isdir(f"/{top}"):
            view.add(top)
    if os.path.isdir("/var/tmp"):
        view.empty("var/tmp")
    view.hide_secrets()
    view.write_accounts()
    bases.own_files(own, "/")
    mounts = [bases.Mount("", (own,)), *(_mount(path, own, all_ids) for path in view.mounted)]
    notes = () if all_ids else ("Built by an ordinary user: root owns every file of the image, chown to others fails.",)
    return bases.Base("host", "host", tuple(mounts), notes)


def _mount(path: str, own: str, all_ids: bool) -> Mount:
    lowers = [f"/{path}"]
    if not all_ids:
        skeleton = cache.keyed(cache.SKELETONS, _skeleton_key(path), lambda target: _skeleton(path, target))
        lowers.append(f"{skeleton}/{path}")
    lowers.append(f"{own}/{path}")
    return bases.Mount(path, tuple(lowers))


class _HostView:
    """Chooses the overlays (``mounted``: relative paths), and writes what hides the rest into the view's own files."""

    def __init__(self, own: str, hidden: Sequence[str], all_ids: bool) -> None:
        self.own = own
        self.mounted: list[str] = []
        self._search = all_ids
        self._hidden = {os.path.realpath(path).strip("/") for path in hidden}
        self._hidden.add(os.path.realpath(cache.cache_folder()).strip("/"))
        self._apart = self._hidden | set(_mount_points())

    def add(self, path: str) -> None:
        """Shows a folder and all below."""
        if path in self._apart or not _names(f"/{path}"):
            self.empty(path)
        elif any(apart.startswith(f"{path}/") for apart in self._apart):
            self._split(path)
        else:
            bases.folders(self.own, path, "/")
            self.mounted.append(path)
            if not self._search:
                return
            if path not in NOT_SEARCHED:
                self._hide_below(path)
            elif BUT_SEARCHED.startswith(f"{path}/") and os.path.isdir(f"/{BUT_SEARCHED}"):
                self._hide_below(BUT_SEARCHED)

    def _split(self, path: str) -> None:
        """A folder that cannot be an overlay: its files are copied, its folders shown one by one."""
        bases.folders(self.own, path, "/")
        with os.scandir(f"/{path}") as entries:
            for entry in sorted(entries, key=lambda e: e.name):
                below = f"{path}/{entry.name}"
                if entry.is_dir(follow_symlinks=False):
                    if self._shown(below, entry.stat(follow_symlinks=False).st_mode):
                        self.add(below)
                    else:
                        self.empty(below)
                elif (entry.is_symlink() or entry.is_file()) and self._shown(
                    below, entry.stat(follow_symlinks=False).st_mode
                ):
                    overlays.copy(f"/{below}", f"{self.own}/{below}")

    def _hide_below(self, path: str) -> None:
        """Hides the files and folders below that not every user may read. What comes or goes meanwhile is a file of a
        running machine; a folder that is gone is empty.
        """
        try:
            entries = os.scandir(f"/{path}")
        except FileNotFoundError:
            return
        with entries:
            for entry in entries:
                below = f"{path}/{entry.name}"
                if entry.is_symlink():
                    continue
                folder = entry.is_dir(follow_symlinks=False)
                try:
                    mode = entry.stat(follow_symlinks=False).st_mode
                except FileNotFoundError:
                    continue
                if self._shown(below, mode):
                    if folder and below not in NOT_SEARCHED:
                        self._hide_below(below)
                elif folder:
                    self.empty(below)
                else:
                    bases.folders(self.own, path, "/")
                    overlays.delete(f"{self.own}/{below}")

    def _shown(self, path: str, mode: int) -> bool:
        if path in self._hidden or path.startswith(HIDDEN):
            return False
        if not self._search or path in SHOWN:
            return True
        need = SEARCH if stat.S_ISDIR(mode) else READ
        return mode & need == need

    def empty(self, path: str) -> None:
        """Shows a folder without what is in it."""
        bases.folders(self.own, path, "/")
        overlays.make_opaque(f"{self.own}/{path}")

    def hide_secrets(self) -> None:
        """Hides what begins as :data:`HIDDEN` says."""
        for prefix in HIDDEN:
            folder, begins = prefix.rsplit("/", 1)
            for name in _names(f"/{folder}"):
                place = f"{self.own}/{folder}/{name}"
                if name.startswith(begins) and not os.path.lexists(place):
                    bases.folders(self.own, folder, "/")
                    overlays.delete(place)

    def write_accounts(self) -> None:
        """Shadow files with the machine's accounts and no passwords, so that accounts can be added."""
        for name, source, rest in (("shadow", "passwd", "*:19000:0:99999:7:::"), ("gshadow", "group", "*::")):
            if not os.path.exists(f"/etc/{name}"):
                continue
            with open(f"/etc/{source}", encoding="utf-8", errors="surrogateescape") as file:
                names = [line.split(":", 1)[0] for line in file if ":" in line and line[0] not in "#+-"]
            text = "".join(f"{each}:{rest}\n" for each in names)
            bases.write_file(self.own, f"etc/{name}", text, 0o640, "/")
            status = os.stat(f"/etc/{name}")
            if self._search:
                os.chown(f"{self.own}/etc/{name}", status.st_uid, status.st_gid)


def _mount_points() -> Iterator[str]:
    """Where file systems are mounted on this machine, relative to the root."""
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
        for line in file:
            place = line.split(" ", 5)[4].strip("/")
            for code, char in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
                place = place.replace(code, char)
            if place:
                yield place


def _skeleton(path: str, target: str) -> None:
    """The folders below a path, owned by the caller, so that an ordinary user may write in them; of /etc the readable
    files too, so that they can be changed in place.
    """
    bases.folders(target, path, "/")
    for folder, names, files in os.walk(f"/{path}"):
        for name in tuple(names):
            source = f"{folder}/{name}"
            status = os.lstat(source)
            if stat.S_ISDIR(status.st_mode) and os.access(source, os.R_OK | os.X_OK):
                os.mkdir(target + source)
                os.chmod(target + source, stat.S_IMODE(status.st_mode) | stat.S_IRWXU)
            else:
                names.remove(name)
        if folder == "/etc" or folder.startswith("/etc/"):
            for name in files:
                source = f"{folder}/{name}"
                if not os.path.islink(source) and os.path.isfile(source) and os.access(source, os.R_OK):
                    overlays.copy(source, target + source)


def _skeleton_key(path: str) -> str:
    """Changes when a folder near the top or a package does."""
    import hashlib

    digest = hashlib.sha256(path.encode("utf-8", "surrogateescape"))
    packages = ("/var/lib/dpkg/status", "/var/lib/rpm", "/lib/apk/db") if path == "usr" else ()
    for place in (f"/{path}", *(f"/{path}/{name}" for name in _names(f"/{path}")), *packages):
        try:
            digest.update(f"{place} {os.stat(place).st_mtime_ns}\n".encode("utf-8", "surrogateescape"))
        except OSError:
            continue
    return digest.hexdigest()[:24]


def _names(path: str) -> list[str]:
    try:
        return sorted(os.listdir(path))
    except OSError:
        return []
