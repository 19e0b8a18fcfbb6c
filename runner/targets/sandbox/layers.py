"""The layers that the cache keeps, and which of them is the state after a step.

    l/ID/meta     JSON: {"parent": ID or null, "parts": [N, …], "step", "made"}
    l/ID/N/       the layer's upper folder of the overlay N, for each N of "parts"
    l/ID.H/N/     eight layers of height H - 1 that end with ID, as one
    k/KEY         a link to ID: the state after the step with that key is this layer and all below it ("-": the base)

A layer lies on its parent, that on its own, and so on down to the base; it never changes. It is made elsewhere and
renamed into place, so what is there is whole. A step that is run again gets a new layer, and its key leads there from
then on: layers that lie on the old one are still what they were.
"""

from __future__ import annotations

import contextlib
import json
import os
import time

from bakelift.runner.targets.sandbox import cache, overlays
from bakelift.translator.plan.record import Record

META = "meta"

#: Layers that were of no use for so many days go; once a day is looked for them.
DAYS = 30
_DAY = 86_400

#: A file whose time says when that was done last.
PRUNED = "pruned"

#: What the key of a step leads to that has changed nothing yet.
NO_LAYER = "-"


class Kept(Record):
    """A layer of the cache. ``parts``: the overlays (by number) in which it has something."""

    id: str
    parent: str | None
    path: str
    parts: frozenset[int]


class LayerStore:
    """The cache's layers."""

    def __init__(self) -> None:
        self._layers = cache.ensure(cache.LAYERS)
        self._keys = cache.ensure(cache.KEYS)

    def find(self, key: str) -> list[Kept] | None:
        """The state after a step: its layers, bottom first; None when it, or a part of it, is not kept."""
        try:
            at: str | None = os.readlink(os.path.join(self._keys, key))
        except OSError:
            return None
        found: list[Kept] = []
        while at not in (None, NO_LAYER):
            assert at is not None
            layer = self._layer(at)
            if layer is None:
                return None
            found.append(layer)
            at = layer.parent
        return found[::-1]

    def used(self, layers: list[Kept]) -> None:
        """Notes that layers were of use: what has not been for long goes first."""
        for layer in layers:
            with contextlib.suppress(OSError):
                os.utime(f"{layer.path}/{META}")

    def keep(self, parent: str | None, folder: str, parts: frozenset[int], step: str) -> Kept:
        """Moves a finished layer (``folder``: with a folder for each overlay) into the cache."""
        data = {"parent": parent, "parts": sorted(parts), "step": step, "made": int(time.time())}
        with open(f"{folder}/{META}", "w", encoding="utf-8") as file:
            json.dump(data, file)
        for name in os.listdir(folder):
            if name != META and int(name) not in parts:
                overlays.remove(f"{folder}/{name}")
        while True:
            id = os.urandom(4).hex()
            path = os.path.join(self._layers, id)
            if not os.path.lexists(path):
                os.rename(folder, path)
                return Kept(id, parent, path, parts)

    def lead(self, key: str, id: str | None) -> None:
        """From now on the state after the step with this key is that layer."""
        place = os.path.join(self._keys, key)
        part = f"{place}.{os.urandom(4).hex()}"
        os.symlink(id or NO_LAYER, part)
        os.replace(part, place)

    def prune(self) -> int:
        """Removes what has been of no use for long; how many layers. A layer in use makes all below it used."""
        mark = os.path.join(self._keys, PRUNED)
        now = time.time()
        with contextlib.suppress(OSError):
            if now - os.stat(mark).st_mtime < _DAY:
                return 0
        with open(mark, "w"):
            pass
        os.utime(mark, (now, now))
        count = 0
        for path in cache.children(self._layers):
            with contextlib.suppress(OSError):
                if now - os.stat(f"{path.partition('.')[0]}/{META}").st_mtime <= DAYS * _DAY:
                    continue
            overlays.remove(path)
            count += 1
        for path in cache.children(self._keys):
            with contextlib.suppress(OSError):
                id = os.readlink(path)
                if id != NO_LAYER and not os.path.lexists(os.path.join(self._layers, id)):
                    os.unlink(path)
        return count

    def merged(self, id: str, height: int) -> str | None:
        """The folder of the layers of a height that end with this one, as one."""
        place = os.path.join(self._layers, f"{id}.{height}")
        return place if os.path.isdir(place) else None

    def keep_merged(self, id: str, height: int, folder: str) -> str:
        place = os.path.join(self._layers, f"{id}.{height}")
        try:
            os.rename(folder, place)
        except OSError:
            if not os.path.isdir(place):
                raise
            overlays.remove(folder)  # another build was faster
        return place

    def _layer(self, id: str) -> Kept | None:
        path = os.path.join(self._layers, id)
        try:
            with open(f"{path}/{META}", encoding="utf-8") as file:
                data = json.load(file)
            return Kept(id, data["parent"], path, frozenset(data["parts"]))
        except (OSError, ValueError, KeyError):
            return None
