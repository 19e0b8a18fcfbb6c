"""Who steps are: the build user with sudo, as on a virtual machine in Azure, or root.

A sandbox that root makes has every user of its base. The build user is made where the base has none of that name, in a
folder of its own above the base, so that it is no part of the image, as it is none after Azure's agent has taken it
away. An ordinary user's sandbox has one user, who is root inside.
"""

from __future__ import annotations

import os

from bakelift.runner.targets.sandbox import base as bases
from bakelift.runner.targets.sandbox import overlays
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.runner.targets.sandbox.base import Base
    from bakelift.runner.targets.sandbox.cache import BuildFolder

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

#: Files with a line for each account or group, and the line of the build user.
ACCOUNTS = {
    "etc/passwd": "{name}:x:{id}:{id}::/home/{name}:{shell}",
    "etc/shadow": "{name}:*:19000:0:99999:7:::",
    "etc/group": "{name}:x:{id}:",
    "etc/gshadow": "{name}:*::",
}

#: Where the shell lies, in views only, that is root whoever starts it: what ``sudo`` is run by.
ROOT_SHELL = "usr/bin/.bakelift-sudo"

#: Shells that stay root when they are told to.
PRIVILEGED = ("bin/bash", "bin/dash", "usr/bin/bash", "usr/bin/dash")


class Login(Record):
    """Who commands are. ``made``: the account is not the base's."""

    name: str = "root"
    uid: int = 0
    gid: int = 0
    groups: tuple[int, ...] = ()
    home: str = "/root"
    shell: str = "/bin/sh"
    made: bool = False

    def environment(self) -> dict[str, str]:
        """What sshd gives a login."""
        return {"HOME": self.home, "LOGNAME": self.name, "PATH": PATH, "SHELL": self.shell, "USER": self.name}


ROOT = Login()


def log_in(name: str, base: Base, build: BuildFolder, all_ids: bool) -> tuple[Login, Base]:
    """The login of a name, and the base with what it needs. Root, where there cannot be anybody else: then the base's
    notes say why.
    """
    if name == "root" or not all_ids:
        return ROOT, base
    root, own = base.root, build.folder("f")
    shell = next((path for path in PRIVILEGED if os.path.isfile(f"{root}/{path}")), None)
    if shell is None or not any(os.path.isfile(f"{root}/{folder}/setpriv") for folder in ("bin", "usr/bin")):
        note = f"Steps run as root, not as {name}: the base has not what sudo needs (bash or dash, and setpriv)."
        return ROOT, base.but(notes=(*base.notes, note))
    bases.write_sudo(own, root, ROOT_SHELL)
    with open(f"{root}/{shell}", "rb") as file:
        bases.write_file(own, ROOT_SHELL, file.read(), 0o4755, root)
    found = _account(f"{root}/etc/passwd", name)
    folder = build.folder("u")
    login = _existing(name, found, root) if found is not None else _made(name, folder, own, root)
    home = login.home.strip("/")
    if not os.path.isdir(f"{root}/{home}") or base.kind == "host":
        bases.folders(folder, home, root)
        os.chmod(f"{folder}/{home}", 0o750)
        os.chown(f"{folder}/{home}", login.uid, login.gid)
    if base.kind == "host" and not login.made:
        overlays.make_opaque(f"{folder}/{home}")
    mounts = tuple(
        mount.but(lowers=(*mount.lowers, os.path.join(folder, mount.path).rstrip("/")))
        if os.path.isdir(os.path.join(folder, mount.path))
        else mount
        for mount in base.mounts
    )
    return login, base.but(mounts=mounts, aside=folder)


def forgotten(login: Login, folder: str) -> None:
    """Takes the build user's lines out of a layer (``folder``: its /etc, private to the build)."""
    for path in ACCOUNTS if login.made else ():
        for place in (f"{folder}/{path.removeprefix('etc/')}", f"{folder}/{path.removeprefix('etc/')}-"):
            if os.path.isfile(place) and not os.path.islink(place):
                _without(place, login.name)


def _without(place: str, name: str) -> None:
    with open(place, "rb") as file:
        lines = file.read().splitlines(keepends=True)
    start = name.encode() + b":"
    part = f"{place}.{os.urandom(4).hex()}"
    with open(part, "wb") as file:
        file.writelines(line for line in lines if not line.startswith(start))
    overlays.copy_metadata(place, part)
    os.replace(part, place)


def _account(path: str, name: str) -> list[str] | None:
    return next((fields for fields in _lines(path) if fields[0] == name and len(fields) >= 7), None)


def _lines(path: str) -> list[list[str]]:
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return [line.rstrip("\n").split(":") for line in file if ":" in line]
    except OSError:
        return []


def _existing(name: str, fields: list[str], root: str) -> Login:
    groups = [int(each[2]) for each in _lines(f"{root}/etc/group") if len(each) > 3 and name in each[3].split(",")]
    return Login(name, int(fields[2]), int(fields[3]), tuple(groups), fields[5] or "/", fields[6] or "/bin/sh")


def _made(name: str, folder: str, own: str, root: str) -> Login:
    """The first free id from 1000 on, as for the first user of a new machine."""
    taken = {each[2] for path in ("etc/passwd", "etc/group") for each in _lines(f"{root}/{path}") if len(each) > 2}
    id = next(number for number in range(1000, 60000) if str(number) not in taken)
    shell = "/bin/bash" if os.path.exists(f"{root}/bin/bash") else "/bin/sh"
    for path, line in ACCOUNTS.items():
        above = f"{own}/{path}"
        source = above if os.path.exists(above) else f"{root}/{path}"
        if not os.path.isfile(source):
            continue
        with open(source, encoding="utf-8", errors="surrogateescape") as file:
            text = file.read()
        added = line.format(name=name, id=id, shell=shell)
        if text and not text.endswith("\n"):
            text += "\n"
        bases.write_file(folder, path, f"{text}{added}\n".encode("utf-8", "surrogateescape"), 0o644, root)
        overlays.copy_metadata(source, f"{folder}/{path}")
    return Login(name, id, id, (), f"/home/{name}", shell, made=True)
