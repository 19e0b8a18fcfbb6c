"""What a sandbox's view begins with: a folder, a tar file, or this machine."""

from __future__ import annotations

import os

from bakelift.runner.errors import BuildError
from bakelift.runner.targets.sandbox import overlays
from bakelift.runner.targets.sandbox.sudo import SHIM
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from bakelift.runner.targets.sandbox.cache import BuildFolder
    from bakelift.runner.targets.sandbox.trees import BaseView

#: Tells package scripts that no service can be started here.
POLICY = "#!/bin/sh\nexit 101\n"


class Mount(Record):
    """An overlay of the view. ``path``: where, relative (``""``: the root); ``lowers``: folders below, bottom first."""

    path: str
    lowers: tuple[str, ...]


class Base(Record):
    """The start of a view. ``mounts``: parents before children; ``kind`` and ``name``: what log and manifest say;
    ``notes``: what to tell about it before the first step; ``root``: its tree; ``aside``: a folder among the lower ones
    that is no part of it.
    """

    kind: str
    name: str
    mounts: tuple[Mount, ...]
    notes: tuple[str, ...] = ()
    root: str = "/"
    aside: str = ""

    def view(self) -> BaseView:
        """Read access to what it is without the build's own additions."""
        from bakelift.runner.targets.sandbox.trees import BaseView

        if not self.aside:
            return BaseView(self.mounts)
        keep = [m.but(lowers=tuple(each for each in m.lowers if not each.startswith(self.aside))) for m in self.mounts]
        return BaseView(keep)


def open_base(
    base: str, build: BuildFolder, all_ids: bool, hidden: Iterable[str] = (), named: tuple[str, str] | None = None
) -> Base:
    """Opens ``host``, a folder or a tar file. ``hidden``: absolute paths that the host's view must not show; ``named``:
    kind and name of a folder that is no one's but the cache's.

    Raises BuildError when it is not there or cannot be read.
    """
    if base == "host":
        from bakelift.runner.targets.sandbox import host

        return host.open_host(build, all_ids, tuple(hidden))
    if os.path.isdir(base):
        folder = os.path.realpath(base)
        kind, name = named or ("folder", folder)
        if os.path.realpath(build.path).startswith(folder.rstrip("/") + "/"):
            raise BuildError(f"The base {base} holds the cache folder; XDG_CACHE_HOME can name another place for it.")
    elif os.path.isfile(base):
        from bakelift.runner.targets.sandbox import tars

        (folder, digest), kind = tars.unpacked(base), "tar"
        name = f"sha256:{digest}"
    else:
        raise BuildError(f"The base {base} is neither a folder nor a tar file.")
    if not any(os.path.lexists(os.path.join(folder, shell)) for shell in ("bin/sh", "usr/bin/sh")):
        raise BuildError(f"The base {base} is not a root file system: it has no /bin/sh.")
    own = build.folder("f")
    own_files(own, folder)
    return Base(kind, name, (Mount("", (folder, own)),), (), folder)


def own_files(own: str, root: str) -> None:
    """Writes the view's own files, which lie over the base and are not part of the image: sudo, name resolution, the
    refusal to start services, /tmp, mount points. ``root``: the base's tree, to follow its links (/bin, /usr/sbin).
    """
    for folder, mode in (("tmp", 0o1777), ("var/tmp", 0o1777), ("proc", 0o555), ("sys", 0o555), ("dev", 0o755)):
        folders(own, folder, root)
        os.chmod(f"{own}/{folder}", mode)
    overlays.make_opaque(f"{own}/tmp")
    folders(own, "run", root)
    if not os.path.lexists(f"{root}/root"):
        folders(own, "root", root)
        os.chmod(f"{own}/root", 0o700)
    os.chmod(own, 0o755)
    write_sudo(own, root)
    write_file(own, _place(root, "usr/sbin/policy-rc.d"), POLICY, 0o755, root)
    try:
        with open("/etc/resolv.conf") as file:
            resolver = file.read()
    except OSError:
        resolver = ""
    write_file(own, _place(root, "etc/resolv.conf"), resolver, 0o644, root)
    _take_times(own, root)


def write_sudo(own: str, root: str, shell: str = "") -> None:
    """``shell``: the shell, below the root, that is root whoever starts it; "": all commands are root already."""
    text = SHIM.replace("#!/bin/sh\n", f"#!/{shell} -p\n", 1) if shell else SHIM
    write_file(own, _place(root, "usr/bin/sudo"), text, 0o755, root)


def _take_times(own: str, root: str) -> None:
    """Gives folders the times of the base's, as if nothing had been written into them."""
    for folder, _, _ in os.walk(own, topdown=False):
        original = root.rstrip("/") + folder[len(own) :]
        if os.path.isdir(original):
            status = os.stat(original)
            os.utime(folder, ns=(status.st_atime_ns, status.st_mtime_ns))


def _place(root: str, path: str) -> str:
    """Where a path of the tree really lies: its folders' links followed inside the tree; the last name is not."""
    parts, done = path.split("/"), ""
    for _ in range(40):
        if len(parts) == 1:
            return f"{done}{parts[0]}"
        part = parts.pop(0)
        try:
            target = os.readlink(f"{root}/{done}{part}")
        except OSError:
            done += f"{part}/"
            continue
        if target.startswith("/"):
            done = ""
        parts = [p for p in os.path.normpath(f"/{done}{target}").split("/") if p] + parts
        done = ""
    return path


def folders(own: str, path: str, root: str) -> None:
    """Makes a folder and its parents, with the metadata of the base's."""
    at = ""
    for part in path.split("/"):
        at = f"{at}/{part}" if at else part
        place, original = f"{own}/{at}", f"{root}/{at}"
        if os.path.isdir(place):
            continue
        if os.path.lexists(place):
            os.unlink(place)
        os.mkdir(place, 0o755)
        if os.path.isdir(original) and not os.path.islink(original):
            overlays.copy_metadata(original, place)


def write_file(own: str, path: str, text: str | bytes, mode: int, root: str) -> None:
    if "/" in path:
        folders(own, path.rsplit("/", 1)[0], root)
    place = f"{own}/{path}"
    if os.path.lexists(place):
        os.unlink(place)
    with open(place, "wb") as file:
        file.write(text if isinstance(text, bytes) else text.encode())
    os.chmod(place, mode)
