"""The files that a build in the sandbox leaves: ``NAME.tar`` and ``NAME.manifest.json``."""

from __future__ import annotations

import os

from bakelift.runner.artifacts import changes as layers
from bakelift.runner.artifacts import layer_tar
from bakelift.runner.artifacts.manifest import KINDS, manifest
from bakelift.runner.targets import Artifact
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bakelift.runner.targets.sandbox.base import Base
    from bakelift.runner.targets.sandbox.trees import BaseView

BUILDER_ID = "bakelift.sandbox"

#: Where artifacts go when nobody says.
OUT = "bakelift-out"


class Made(Record):
    """What a build in the sandbox made. ``uppers``: the layer's upper folders by their overlays' paths; ``without``:
    paths that are left out; ``formats``: of disks beside the layer's tar; ``facts``: more for the manifest.
    """

    name: str
    uppers: Mapping[str, str]
    base: Base
    kind: dict[str, str]
    without: frozenset[str]
    formats: tuple[str, ...]
    disk_size: int
    facts: dict[str, object]
    stopped: Callable[[], bool]


def write_all(made: Made, folder: str, scratch: str) -> Artifact:
    """Writes the layer, the disks that are wanted, and the manifest. ``scratch``: an empty folder of the build.

    Raises BuildError, OSError, InterruptedError.
    """
    facts, notes = made.facts, list(made.base.notes)
    disks: list[str] = []
    if made.formats:
        from bakelift.runner.artifacts import sandbox_disk

        os.makedirs(folder, exist_ok=True)
        target = os.path.join(folder, made.name.replace("/", "_"))
        disks, said = sandbox_disk.write(
            made.base, made.uppers, scratch, target, made.formats, made.disk_size, made.without, made.stopped
        )
        notes += said
        facts = {**facts, "disks": [_file(path, made.stopped) for path in disks]}
    written = write(
        *(made.name, folder, made.uppers, made.base.view(), made.kind),
        *(notes, made.stopped, made.without, facts),
    )
    lines = [written.string, *(f"Disk: {path}" for path in disks), *notes[len(made.base.notes) :]]
    return Artifact(BUILDER_ID, written.id, "\n".join(lines), (*(written.files or ()), *disks))


def _file(path: str, stopped: Callable[[], bool]) -> dict[str, object]:
    size, digest = os.path.getsize(path), layers.sha256(path, stopped)
    return {"file": os.path.basename(path), "format": path.rpartition(".")[2], "size": size, "sha256": digest}


def write(
    name: str,
    folder: str,
    uppers: Mapping[str, str],
    view: BaseView,
    base: dict[str, str],
    notes: Sequence[str] = (),
    stopped: Callable[[], bool] = layers.never,
    without: frozenset[str] = frozenset(),
    facts: Mapping[str, object] | None = None,
) -> Artifact:
    """Writes both, each beside its place and then renamed. ``name``: the image's; ``base``: its kind and name.

    ``stopped`` is asked between files, and between pieces of large ones: once it says so, all that was written is
    removed, and InterruptedError raised. Raises OSError.
    """
    import json

    found = layers.changes(uppers, view, stopped, without)
    os.makedirs(folder, exist_ok=True)
    stem = name.replace("/", "_")
    tar = os.path.join(folder, f"{stem}.tar")
    listing = os.path.join(folder, f"{stem}.manifest.json")
    own = os.urandom(4).hex()
    part, listing_part = (os.path.join(folder, f".{os.path.basename(p)}.{own}") for p in (tar, listing))
    try:
        left_out = layer_tar.write(part, found, view, stopped=stopped)
        layer: dict[str, object] = {
            "file": os.path.basename(tar),
            "size": os.path.getsize(part),
            "sha256": layers.sha256(part, stopped),
            "left_out": ["/" + path for path in left_out],
        }
        data = {**manifest(name, base, layer, found, notes), **(facts or {})}
        with open(listing_part, "w", encoding="utf-8") as file:
            json.dump(data, file, indent=2)
            file.write("\n")
        os.replace(part, tar)
        os.replace(listing_part, listing)
    finally:
        for leftover in (part, listing_part):
            if os.path.lexists(leftover):
                os.unlink(leftover)
    counts = [f"{sum(change.kind == kind for change in found)} {kind}" for kind in KINDS]
    lines = [f"A layer over {_base(base)}: {', '.join(counts)}", f"Layer: {tar}", f"Manifest: {listing}"]
    return Artifact(BUILDER_ID, str(layer["sha256"]), "\n".join(lines), (tar, listing))


def _base(base: dict[str, str]) -> str:
    return "a view of this machine" if base["kind"] == "host" else f"the {base['kind']} {base['name']}"
