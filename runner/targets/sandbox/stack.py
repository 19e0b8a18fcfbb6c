"""The layers of a build: one below the other, and one on top that commands write into.

A layer is a folder with an upper folder for each overlay of the view, by the overlay's number (``l/LAYER/OVERLAY``;
apart from each other, because the kernel minds an upper folder inside another). Sealed layers never change. Sealing the
top layer starts a new one; eight sealed layers of the same height become one of the next height, so a thousand layers
are a stack of at most 28, and each file is linked four times.
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

#: So many layers of one height become one of the next.
FAN = 8

#: The kernel takes mount options up to a page; bubblewrap adds ``/oldroot`` to each path.
MOST_OPTIONS = 4000


class Layer(Record):
    """A sealed layer. ``parts``: the overlays (by number) in which it has something."""

    path: str
    height: int
    parts: frozenset[int]


class Stack:
    """``mounts``: the overlays of the base, parents before children."""

    def __init__(self, build: BuildFolder, mounts: Sequence[Mount]) -> None:
        self._build = build
        self.mounts = tuple(mounts)
        self._count = 0
        self.sealed: list[Layer] = []
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

    def seal(self) -> None:
        """Closes the top layer (dropped when nothing was written), and opens another."""
        parts = self.written()
        if not parts:
            return
        self.sealed.append(Layer(self.top, 0, parts))
        while len(self.sealed) >= FAN and len({each.height for each in self.sealed[-FAN:]}) == 1:
            self._merge(FAN)
        if self._too_long():
            self._merge(len(self.sealed))
        self.top = self._new_top()

    def written(self) -> frozenset[int]:
        """The overlays (by number) in which the top layer has something."""
        return frozenset(n for n, _ in enumerate(self.mounts) if self._written(f"{self.top}/{n}", n))

    def flatten(self) -> dict[str, str]:
        """Seals, and makes all layers one: its upper folders, by the paths of their overlays."""
        self.seal()
        if len(self.sealed) > 1:
            self._merge(len(self.sealed))
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

    def _merge(self, count: int) -> None:
        """Makes the last ``count`` layers one."""
        last = self.sealed[-count:]
        layer = self._new_layer()
        parts: frozenset[int] = frozenset().union(*(each.parts for each in last))
        for number in sorted(parts):
            overlays.merge([f"{each.path}/{number}" for each in last if number in each.parts], f"{layer}/{number}")
        self.sealed[-count:] = [Layer(layer, max(each.height for each in last) + 1, parts)]
        for each in last:
            overlays.remove(each.path)


def _owner_and_mode(path: str) -> tuple[int, int, int]:
    status = os.lstat(path)
    return status.st_mode, status.st_uid, status.st_gid
