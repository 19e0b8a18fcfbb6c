"""The manifest beside a layer's tar: what was added, changed and deleted, as JSON.

    {"version": 1, "name": "null.x", "base": {"kind": "host", "name": "host"},
     "layer": {"file": "null.x.tar", "size": 10240, "sha256": "…", "left_out": []},
     "counts": {"added": 1, "changed": 1, "deleted": 1},
     "added": [{"path": "/etc/motd", "type": "file", "mode": "0644", "uid": 0, "gid": 0, "size": 3, "sha256": "…"}],
     "changed": [{… as above, of now …, "before": {"type": …, "mode": …, "uid": …, "gid": …, "size": …, "sha256": …}}],
     "deleted": [{"path": "/etc/passwd-", "type": "file"}], "notes": []}

A deleted folder stands for all that was in it. Links have ``target``. It says nothing of times, so the same image has
the same manifest (but for the digest of the tar, which has times).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from bakelift.runner.artifacts.changes import Change, State

KINDS = ("added", "changed", "deleted")


def manifest(
    name: str, base: dict[str, str], layer: dict[str, object], found: Sequence[Change], notes: Sequence[str]
) -> dict[str, object]:
    """The manifest's data. ``layer``: file, size, sha256 and left_out of the tar."""
    lists = {kind: [_entry(change) for change in found if change.kind == kind] for kind in KINDS}
    counts = {kind: len(entries) for kind, entries in lists.items()}
    return {"version": 1, "name": name, "base": base, "layer": layer, "counts": counts, **lists, "notes": list(notes)}


def _entry(change: Change) -> dict[str, object]:
    entry: dict[str, object] = {"path": "/" + _text(change.path)}
    if change.after is None:
        assert change.before is not None
        entry["type"] = change.before.type
        return entry
    entry.update(_state(change.after))
    if change.before is not None:
        entry["before"] = _state(change.before)
    return entry


def _state(state: State) -> dict[str, object]:
    shown: dict[str, object] = {"type": state.type, "mode": f"{state.mode:04o}", "uid": state.uid, "gid": state.gid}
    if state.sha256 is not None:
        shown.update(size=state.size, sha256=state.sha256)
    if state.target is not None:
        shown["target"] = _text(state.target)
    if state.attributes:
        shown["attributes"] = {_text(name): value.hex() for name, value in state.attributes.items()}
    return shown


def _text(path: str) -> str:
    """A path as JSON can hold it: bytes that are not UTF-8 are shown as ``\\xNN``."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
