"""What differs between two machines, apart from what differs between any two."""

from __future__ import annotations

import json
import re

from bakelift.translator.diagnostics import fail
from bakelift.translator.diff.model import Change, Difference
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bakelift.translator.diff.model import Class, Kind, Severity

    #: Type, mode (octal), owner, group, size, sha256 or target of a link.
    Entry = tuple[str, str, int, int, int, str]

#: Why some paths say nothing of an image: patterns of whole paths.
NOISE: tuple[tuple[str, str], ...] = (
    ("identity of one machine", r"/etc/(machine-id|hostname|hosts|resolv\.conf|adjtime|mtab)|/var/lib/dbus/machine-id"),
    ("keys of one machine", r"/etc/ssh/ssh_host_.*|/(root|home/[^/]+)/\.ssh/authorized_keys"),
    ("logs", r"/var/log/.*|/(root|home/[^/]+)/\.\w+_history"),
    ("caches", r"/var/cache/.*|/var/lib/apt/lists/.*|/var/lib/(dnf|yum)/.*|/etc/ld\.so\.cache|.*/__pycache__(/.*)?"),
    ("agents and boot", r"/var/lib/(waagent|cloud|systemd|NetworkManager|dhcp|chrony|logrotate|update-notifier)/.*"),
    ("what the package manager keeps", r"/var/lib/(dpkg|rpm|ucf)/.*|/usr/lib/sysimage/rpm/.*|/var/lib/apt/.*"),
    ("accounts, which are compared by themselves", r"/etc/(passwd|group|shadow|gshadow|subuid|subgid)-?"),
    ("files that are being worked on", r"/(tmp|run|dev|proc|sys|var/tmp)(/.*)?|/swapfile|/var/spool/.*"),
    ("Windows' own upkeep", r"(?i:[a-z]:\\(pagefile|swapfile|hiberfil)\.sys)"),
    ("Windows' own upkeep", r"(?i:[a-z]:\\Users\\[^\\]+\\(NTUSER|AppData).*)"),
    ("Windows' own upkeep", r"(?i:[a-z]:\\(ProgramData\\Microsoft|Windows\\(Panther|debug|INF|appcompat))(\\.*)?)"),
)
#: What every inventory holds, at its beginning or its end.
MARK = b'"bakelift_inventory"'
_NOISE = re.compile("|".join(f"(?:{pattern})" for _, pattern in NOISE))
#: A package's own files are said by its version, unless one was changed afterwards.
_PARTS = (
    ("packages", "package", "script", "medium"),
    ("services", "service", "script", "medium"),
    ("users", "user", "security", "medium"),
    ("groups", "group", "security", "low"),
    ("registry", "registry value", "script", "medium"),
)
#: A file that takes the rights of its owner when it runs.
_SETUID = 0o6000


class Inventory(Record):
    """What a collector printed. All texts by name; ``files`` by path."""

    system: str
    packages: Mapping[str, str]
    services: Mapping[str, str]
    users: Mapping[str, str]
    groups: Mapping[str, str]
    registry: Mapping[str, str]
    files: Mapping[str, Entry]


def read_inventory(path: str, data: bytes) -> Inventory:
    """Raises TemplateError (``inventory/…``). Names of files need not be UTF-8."""
    text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig", "surrogateescape")
    try:
        found = json.loads(text)
    except ValueError as problem:
        what = "The file is not whole: the collector was interrupted, or its output was changed."
        raise fail("inventory/broken", f"{path} is no inventory: {problem}", what) from None
    if not isinstance(found, dict) or found.get("bakelift_inventory") != 1:
        raise fail("inventory/version", f"{path} is an inventory of another kind", "Collect it anew.")
    parts = {name: _texts(found.get(name), name, path) for name, *_ in _PARTS}
    files = found.get("files")
    if not isinstance(files, dict) or not all(isinstance(e, list) and len(e) == 6 for e in files.values()):
        raise fail("inventory/broken", f"{path}: its files are not as a collector writes them", "Collect it anew.")
    entries = {path: tuple(entry) for path, entry in files.items()}
    return Inventory(str(found.get("system")), **parts, files=entries)


def _texts(data: object, name: str, path: str) -> dict[str, str]:
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise fail("inventory/broken", f"{path}: its {name} are not as a collector writes them", "Collect it anew.")
    return {str(key): str(value) for key, value in data.items()}


def compare_inventories(old: Inventory, new: Inventory) -> Difference:
    """Packages, services, accounts, registry values and files that differ, without noise."""
    return Difference(tuple(_changes(old, new)))


def _changes(old: Inventory, new: Inventory) -> Iterator[Change]:
    for part, word, kind_of, severity in _PARTS:
        one, two = getattr(old, part), getattr(new, part)
        for name in sorted({**one, **two}):
            before, after = one.get(name), two.get(name)
            if before != after:
                weight = "high" if part == "users" and after is not None and after.startswith("0:") else severity
                yield _change(f"{word} {name}", f"{part}.{name}", before, after, kind_of, weight)  # type: ignore[arg-type]
    for path in sorted({**old.files, **new.files}):
        entry, other = old.files.get(path), new.files.get(path)
        if entry != other and not _NOISE.fullmatch(path) and not _only_size(entry, other):
            yield _file(path, entry, other)


def _only_size(old: Entry | None, new: Entry | None) -> bool:
    """A folder's size is the file system's affair."""
    return old is not None and new is not None and (*old[:4], old[5]) == (*new[:4], new[5]) and old[0] != "file"


def _file(path: str, old: Entry | None, new: Entry | None) -> Change:
    weaker = new is not None and _mode(new) & _SETUID and not (old is not None and _mode(old) & _SETUID)
    world = new is not None and new[0] == "file" and _mode(new) & 0o002 and not (old is not None and _mode(old) & 0o002)
    kind_of: Class = "security" if weaker or world else "script"
    severity: Severity = "high" if weaker or world else "medium"
    before, after = _said(old, new), _said(new, old)
    word = (new or old or ("file",))[0]
    change = _change(f"{word} {path}", f"files.{path}", before, after, kind_of, severity)
    if weaker:
        return change.but(detail="Who runs it gets the rights of its owner.")
    return change.but(detail="Everybody may write to it.") if world else change


def _mode(entry: Entry) -> int:
    return int(entry[1] or "0", 8) if re.fullmatch(r"[0-7]*", entry[1] or "0") else 0


def _said(entry: Entry | None, other: Entry | None) -> str | None:
    """What of a file differs from the other; all of it where there is no other."""
    if entry is None:
        return None
    kind, mode, owner, group, size, content = entry
    said = []
    if other is None or other[0] != kind:
        said.append(kind)
    if mode and (other is None or other[1] != mode):
        said.append(f"mode {mode}")
    if other is not None and (owner, group) != (other[2], other[3]):
        said.append(f"owner {owner}:{group}")
    if kind == "file" and (other is None or content != other[5]):
        said.append(f"{size} bytes, sha256 {content[:16]}…" if content else f"{size} bytes")
    elif kind == "link" and (other is None or content != other[5]):
        said.append(f"to {content}")
    return ", ".join(said) or kind


def _change(
    summary: str, path: str, before: str | None, after: str | None, kind_of: Class, severity: Severity
) -> Change:
    kind: Kind = "changed" if before is not None and after is not None else "added" if before is None else "removed"
    return Change(
        kind=kind,
        code="diff/built",
        kind_of=kind_of,
        severity=severity,
        consequence="none",
        path=path,
        summary=summary,
        before=before,
        after=after,
    )
