"""What tells one base from another, so that layers are used only on the base that they were made on.

A tar file and a base that was made here are known by their contents. Of a folder, every file's size, times, mode and
owner count. Of this machine, which changes all the time, what a build sees as installed software and settings counts:
the database of packages, /etc, /usr/local, and the folders near the top.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os

from bakelift.runner.targets.sandbox import cache
from bakelift.runner.targets.sandbox.base import POLICY
from bakelift.runner.targets.sandbox.sudo import SHIM

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hashlib import _Hash

    from bakelift.runner.targets.sandbox.base import Base

#: Changes when layers of older versions are not to be used any more.
FORMAT = 1

#: Databases of installed packages.
PACKAGES = ("/var/lib/dpkg/status", "/var/lib/rpm", "/lib/apk/db/installed", "/var/lib/pacman/local")

#: Trees of this machine of which every name counts, down to so many levels: looking through all that can be in
#: /usr/local would take longer than many a build.
WHOLE = {"/etc": 99, "/usr/local": 2}

#: Folders of this machine whose folders' times count.
TOPS = ("/usr", "/usr/bin", "/usr/sbin", "/usr/lib", "/usr/share", "/opt", "/srv", "/boot")

#: Names in /etc that change without anybody changing the machine's settings.
RESTLESS = frozenset({"resolv.conf", "mtab", "adjtime", "ld.so.cache", ".pwd.lock", "cups"})


def key_of(base: Base, network: bool) -> str:
    """The key, in hex, that the keys of steps on this base begin with."""
    if base.kind == "host":
        found = _host()
    elif base.kind == "folder":
        found = _folder(base.name)
    else:
        found = ""
    places = [mount.path for mount in base.mounts]
    said = [FORMAT, base.kind, base.name, found, os.geteuid() == 0, places, SHIM, POLICY, network]
    return hmac.new(cache.secret(), json.dumps(said).encode(), "sha256").hexdigest()


def _folder(path: str) -> str:
    digest = hashlib.sha256()
    _tree(path, digest, frozenset(), 999)
    return digest.hexdigest()


def _host() -> str:
    digest = hashlib.sha256()
    for place in (*PACKAGES, *TOPS):
        _note(place, digest)
    for place, levels in WHOLE.items():
        _tree(place, digest, RESTLESS, levels)
    return digest.hexdigest()


def _note(place: str, digest: _Hash) -> None:
    try:
        status = os.stat(place)
    except OSError:
        return
    digest.update(
        f"{place}\0{status.st_mode} {status.st_size} {status.st_mtime_ns}\n".encode("utf-8", "surrogateescape")
    )


def _tree(top: str, digest: _Hash, without: frozenset[str], levels: int) -> None:
    """Every name below, sorted, with what tells whether it has changed. What cannot be read says nothing."""
    folders = [(top, levels)]
    while folders:
        folder, left = folders.pop()
        lines = []
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.name in without:
                        continue
                    status = entry.stat(follow_symlinks=False)
                    folder_like = entry.is_dir(follow_symlinks=False)
                    # A folder's own times change with its names, which count themselves where they are looked at.
                    counts = not folder_like or not left
                    said = f"{status.st_size} {status.st_mtime_ns} {status.st_ctime_ns}" if counts else ""
                    lines.append(f"{entry.name}\0{status.st_mode} {status.st_uid} {status.st_gid} {said}\n")
                    if folder_like and left:
                        folders.append((entry.path, left - 1))
        except OSError:
            continue
        digest.update(f"{folder}\n{''.join(sorted(lines))}".encode("utf-8", "surrogateescape"))
