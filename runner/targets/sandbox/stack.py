"""The layers of a build: one below the other, and one on top that commands write into.

A layer is a folder with an upper folder for each overlay of the view, by the overlay's number (``l/LAYER/OVERLAY``;
apart from each other, because the kernel minds an upper folder inside another). Sealed layers never change. Sealing the
top layer starts a new one; eight sealed layers of the same height become one of the next height, so a thousand layers
are a stack of at most 28, and each file is linked four times.

A layer can be kept in the cache when it is sealed. While the top layer is small, it need not be sealed for that: a copy
of it is kept (:meth:`Stack.copy`), which spares the view a new start.
"""

from __future__ import annotations

import os

from bakelift.runner.errors import BuildError
from bakelift.runner.targets.sandbox import overlays
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from bakelift.runner.targets.sandbox.base import Mount
    from bakelift.runner.targets.sandbox.cache import BuildFolder
    from bakelift.runner.targets.sandbox.layers import Kept, LayerStore

#: So many layers of one height become one of the next.
FAN = 8

#: The kernel takes mount options up to a page; bubblewrap adds ``/oldroot`` to each path.
MOST_OPTIONS = 4000

#: Up to so many names and bytes a copy of the top layer is cheaper than starting the view again.
SMALL_COUNT, SMALL_BYTES = 24, 1 << 18


class Layer(Record):
    """A sealed layer. ``parts``: the overlays (by number) in which it has something; ``id``: the cache's."""

    path: str
    height: int
    parts: frozenset[int]
    id: str | None = None


class Stack:
    """``mounts``: the overlays of the base, parents before children; ``store``: the cache's layers."""

    def __init__(self, build: BuildFolder, mounts: Sequence[Mount], store: LayerStore | None = None) -> None:
        self._build = build
        self._store = store
        self.mounts = tuple(mounts)
        self._count = 0
        self.sealed: list[Layer] = []
        #: The layer of the cache that the sealed ones end with; None: they are none, or some are not kept.
        self.kept: str | None = None
        for number, _ in enumerate(self.mounts):
            build.folder("w", str(number))
        build.folder("l")
        self._began: list[tuple[int, int, int]] = []
        self.top = self._new_top()

    def options(self) -> list[str]:
        """bubblewrap's options that mount the view."""
        options: list[str] = []
        for number, mount in enumerate(self.mounts):
            for lower in self._lowers(number):
                options += ("--overlay-src", lower)
            work = os.path.join(self._build.path, "w", str(number))
            options += ("--overlay", f"{self.top}/{number}", work, f"/{mount.path}")
        return options

    def seal(self, keep: bool = False, step: str = "") -> None:
        """Closes the top layer (dropped when nothing was written), and opens another. ``keep``: in the cache.

        The view's mounts must be gone.
        """
        parts = self.written()
        if not parts:
            return
        layer = Layer(self.top, 0, parts)
        if keep:
            assert self._store is not None
            kept = self._store.keep(self.kept, self.top, parts, step)
            layer, self.kept = Layer(kept.path, 0, parts, kept.id), kept.id
        self._push(layer)
        self.top = self._new_top()

    def small(self) -> bool:
        """Whether a copy of the top layer costs next to nothing."""
        count = size = 0
        folders = [f"{self.top}/{number}" for number, _ in enumerate(self.mounts)]
        while folders:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    count += 1
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    else:
                        size += entry.stat(follow_symlinks=False).st_size
                    if count > SMALL_COUNT or size > SMALL_BYTES:
                        return False
        return True

    def copy(self, step: str) -> str:
        """Keeps a copy of the top layer, as it is, in the cache; its id. Nothing may run in the view."""
        assert self._store is not None
        parts = self.written()
        layer = self._new_layer()
        for number in sorted(parts):
            overlays.copy_tree(f"{self.top}/{number}", f"{layer}/{number}")
        return self._store.keep(self.kept, layer, parts, step).id

    def begin_on(self, layers: Sequence[Kept]) -> None:
        """Lets the view lie on these layers of the cache, bottom first, and drops what it lay on. The view's mounts
        must be gone.
        """
        for each in self.sealed:
            if each.id is None:
                overlays.remove(each.path)
        overlays.remove(self.top)
        self.sealed, self.kept = [], layers[-1].id if layers else None
        for layer in layers:
            self._push(Layer(layer.path, 0, layer.parts, layer.id))
        self.top = self._new_top()

    def _push(self, layer: Layer) -> None:
        self.sealed.append(layer)
        while len(self.sealed) >= FAN and len({each.height for each in self.sealed[-FAN:]}) == 1:
            self._merge(FAN)
        if self._too_long():
            self._merge(len(self.sealed))

    def written(self) -> frozenset[int]:
        """The overlays (by number) in which the top layer has something."""
        return frozenset(n for n, _ in enumerate(self.mounts) if self._written(f"{self.top}/{n}", n))

    def flatten(self) -> dict[str, str]:
        """Seals, and makes all layers one, the build's own: its upper folders, by the paths of their overlays."""
        self.seal()
        if len(self.sealed) > 1 or any(each.id is not None for each in self.sealed):
            self._merge(len(self.sealed), keep=False)
        return {self.mounts[n].path: f"{each.path}/{n}" for each in self.sealed for n in sorted(each.parts)}

    def _lowers(self, number: int) -> list[str]:
        layers = [f"{each.path}/{number}" for each in self.sealed if number in each.parts]
        return [*self.mounts[number].lowers, *layers]

    def _too_long(self) -> bool:
        """Whether the options of an overlay (with one byte more for each escaped character) exceed the limit."""
        own = [f"{self._build.path}/l/00000/000", f"{self._build.path}/w/000"]
        return any(
            sum(len(os.fsencode(path)) + sum(map(path.count, ":,\\")) + 16 for path in [*self._lowers(number), *own])
            > MOST_OPTIONS
            for number, _ in enumerate(self.mounts)
        )

    def _new_layer(self) -> str:
        self._count += 1
        return self._build.folder("l", str(self._count))

    def _new_top(self) -> str:
        """A layer with an upper folder for each overlay, which looks as what is below it."""
        if self._too_long():
            place = self._build.path
            raise BuildError(f"The path {place} is too long for mounts: XDG_CACHE_HOME can name another cache folder.")
        layer = self._new_layer()
        self._began = []
        for number, _ in enumerate(self.mounts):
            place = f"{layer}/{number}"
            os.mkdir(place)
            overlays.copy_metadata(self._lowers(number)[-1], place)
            self._began.append(_owner_and_mode(place))
        return layer

    def _written(self, folder: str, number: int) -> bool:
        return bool(os.listdir(folder)) or _owner_and_mode(folder) != self._began[number]

    def _merge(self, count: int, keep: bool = True) -> None:
        """Makes the last ``count`` layers one. Layers of the cache stay there; eight of them as one are kept too."""
        last = self.sealed[-count:]
        height = max(each.height for each in last) + 1
        parts: frozenset[int] = frozenset().union(*(each.parts for each in last))
        id = last[-1].id if keep and count == FAN and all(each.id is not None for each in last) else None
        place = self._store.merged(id, height) if self._store is not None and id is not None else None
        if place is None:
            place = self._new_layer()
            for number in sorted(parts):
                overlays.merge([f"{each.path}/{number}" for each in last if number in each.parts], f"{place}/{number}")
            if self._store is not None and id is not None:
                place = self._store.keep_merged(id, height, place)
        self.sealed[-count:] = [Layer(place, height, parts, id)]
        for each in last:
            if each.id is None:
                overlays.remove(each.path)


def _owner_and_mode(path: str) -> tuple[int, int, int]:
    status = os.lstat(path)
    return status.st_mode, status.st_uid, status.st_gid
