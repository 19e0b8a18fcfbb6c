"""Inventories of two builds over one base: of what their layers change, from the manifests beside them."""

from __future__ import annotations

import json
import os
import re
import tarfile

from bakelift.inventories.compare import Inventory
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from bakelift.inventories.compare import Entry

_STATUS = "/var/lib/dpkg/status"
_WANTED = re.compile(r"/etc/systemd/system/([^/]+\.(?:wants|requires))/([^/]+)")


class Layer(Record):
    """What a build left: its manifest, and the tar that holds the files."""

    manifest: Mapping[str, object]
    tar: str


def layers(folder: str) -> dict[str, Layer]:
    """The layers in an output folder, by the image's name."""
    found = {}
    for name in sorted(os.listdir(folder)):
        if name.endswith(".manifest.json"):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                manifest = json.load(file)
            found[str(manifest["name"])] = Layer(manifest, os.path.join(folder, str(manifest["layer"]["file"])))
    return found


def inventories(old: Layer, new: Layer, base: str) -> tuple[Inventory, Inventory]:
    """Both sides, of all that either layer changes. ``base``: a folder, a tar file, or ``host``."""
    one, two = _States(old), _States(new)
    touched = sorted({*one.after, *two.after})
    sides = []
    for mine, other in ((one, two), (two, one)):
        files = {path: entry for path in touched if (entry := mine.entry(path, other)) is not None}
        sides.append((mine, files))
    packages = _owned(one, two, base)
    made = []
    for mine, files in sides:
        services: dict[str, str] = {}
        for path in list(files):
            wanted = _WANTED.fullmatch(path)
            if wanted is not None:
                services[wanted.group(2)] = " ".join(filter(None, (services.get(wanted.group(2)), wanted.group(1))))
                del files[path]
            elif path in packages.owned:
                del files[path]
        accounts = {name: _accounts(mine, f"/etc/{name}", base) for name in ("passwd", "group")}
        installed = packages.old if mine is one else packages.new
        made.append(
            Inventory("linux", installed, services, accounts["passwd"], accounts["group"], registry={}, files=files)
        )
    return made[0], made[1]


class _States:
    """What a layer says of each path: after the build (None: gone), and before it."""

    def __init__(self, layer: Layer) -> None:
        self.tar = layer.tar
        self.after: dict[str, Entry | None] = {}
        self.before: dict[str, Entry | None] = {}
        for kind in ("added", "changed", "deleted"):
            listed = layer.manifest[kind]
            assert isinstance(listed, list)
            for entry in listed:
                path = str(entry["path"])
                self.after[path] = None if kind == "deleted" else _entry(entry)
                self.before[path] = None if kind == "added" else _entry(entry.get("before", entry))

    def entry(self, path: str, other: _States) -> Entry | None:
        """The state of a path; what this layer does not touch is as in the base, which the other's tells."""
        return self.after[path] if path in self.after else other.before.get(path)

    def read(self, path: str) -> bytes | None:
        """The bytes of a file that the layer holds."""
        if self.after.get(path) is None:
            return None
        with tarfile.open(self.tar) as tar:
            try:
                file = tar.extractfile(path.lstrip("/"))
            except KeyError:
                return None
            return file.read() if file is not None else None


def _entry(data: Mapping[str, object]) -> Entry:
    kind = str(data["type"])
    content = str(data.get("sha256") or data.get("target") or "")
    mode = "" if kind == "link" else str(data.get("mode", "")).lstrip("0")
    uid, gid, size = (int(str(data.get(name, 0))) for name in ("uid", "gid", "size"))
    return kind, mode, uid, gid, size, content


class _Packages(Record):
    """Versions on both sides, and the files that belong to packages that differ."""

    old: Mapping[str, str]
    new: Mapping[str, str]
    owned: frozenset[str]


def _owned(one: _States, two: _States, base: str) -> _Packages:
    if _STATUS not in one.after and _STATUS not in two.after:
        return _Packages({}, {}, frozenset())
    old, new = (dict(_packages(side.read(_STATUS) or _of_base(base, _STATUS) or b"")) for side in (one, two))
    owned: set[str] = set()
    for name in {**old, **new}:
        if old.get(name) != new.get(name):
            package, _, architecture = name.partition(":")
            for place in (f"/var/lib/dpkg/info/{package}.list", f"/var/lib/dpkg/info/{package}:{architecture}.list"):
                for side in (one, two):
                    listed = side.read(place)
                    owned.update((listed or b"").decode("utf-8", "surrogateescape").splitlines())
    return _Packages(old, new, frozenset(owned))


def _packages(status: bytes) -> Iterator[tuple[str, str]]:
    """(name with architecture, version) of installed packages, from dpkg's status file."""
    for paragraph in status.decode("utf-8", "replace").split("\n\n"):
        fields = dict(line.split(": ", 1) for line in paragraph.splitlines() if ": " in line and line[0] != " ")
        if fields.get("Status", "").endswith(" installed") and "Package" in fields:
            yield f"{fields['Package']}:{fields.get('Architecture', '')}", fields.get("Version", "")


def _accounts(side: _States, path: str, base: str) -> dict[str, str]:
    """Users or groups without their passwords."""
    text = (side.read(path) or _of_base(base, path) or b"").decode("utf-8", "replace")
    return dict(_account(line.split(":")) for line in text.splitlines() if line.count(":") >= 3)


def _account(fields: list[str]) -> tuple[str, str]:
    return fields[0], ":".join(fields[2:4] + fields[5:])


def _of_base(base: str, path: str) -> bytes | None:
    if os.path.isfile(base):
        return _from_tar(base, (path.lstrip("/"), f".{path}"))
    place = os.path.join("/" if base == "host" else base, path.lstrip("/"))
    if not os.path.isfile(place) or os.path.islink(place):
        return None
    with open(place, "rb") as file:
        return file.read()


def _from_tar(tar: str, names: Iterable[str]) -> bytes | None:
    with tarfile.open(tar) as archive:
        for name in names:
            try:
                file = archive.extractfile(name)
            except KeyError:
                continue
            return file.read() if file is not None else None
    return None
