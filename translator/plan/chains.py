"""Chains of images: one is built from what another makes, so it comes after it."""

from __future__ import annotations

import re

from bakelift.translator.plan.azure import (
    GalleryOutput,
    GallerySource,
    ManagedImageOutput,
    ManagedImageSource,
)
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bakelift.translator.plan.azure import AzureImage
    from bakelift.translator.plan.model import Setting

    Text = Callable[[Setting], str]

_ID = re.compile(
    r"/subscriptions/(?P<subscription>[^/]+)/resourceGroups/(?P<group>[^/]+)/providers/Microsoft\.Compute/"
    r"(?:images/(?P<image>[^/]+)|galleries/(?P<gallery>[^/]+)/images/(?P<definition>[^/]+)"
    r"(?:/versions/(?P<version>[^/]+))?)/?",
    re.IGNORECASE,
)


class Product(Record):
    """A managed image, or a version of a gallery's definition (``gallery/definition``).

    ``subscription`` "": not said; ``version`` "": whichever is the latest.
    """

    kind: str
    subscription: str
    group: str
    name: str
    version: str = ""

    def __str__(self) -> str:
        version = f", version {self.version}" if self.version else ""
        return f"{self.kind} {self.name} in {self.group}{version}"

    def feeds(self, other: Product) -> bool:
        """Whether what is made here is what is taken there."""
        mine = (self.kind, self.group.lower(), self.name.lower())
        if mine != (other.kind, other.group.lower(), other.name.lower()):
            return False
        subscriptions = {self.subscription.lower(), other.subscription.lower()} - {""}
        return len(subscriptions) < 2 and len({self.version, other.version} - {"", "latest"}) < 2


class Flow(Record):
    """What an image is made from, and what is made of it."""

    name: str
    takes: Product | None
    makes: tuple[Product, ...]


class Cycle(Exception):
    """Images that are made from one another. ``names``: in order, each from the next."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(" → ".join(names))
        self.names = tuple(names)


def by_id(id: object) -> Product | None:
    """The managed image, definition or version that a resource id names."""
    found = _ID.fullmatch(id) if isinstance(id, str) else None
    if found is None:
        return None
    if found["image"]:
        return Product("managed image", found["subscription"], found["group"], found["image"])
    name = f"{found['gallery']}/{found['definition']}"
    return Product("gallery image", found["subscription"], found["group"], name, found["version"] or "")


def flow(view: AzureImage, text: Text, subscription: str = "") -> Flow:
    """Of an image. ``text``: the value of a setting, "" where it is not known; ``subscription``: of managed images."""

    def said(setting: Setting | None) -> str:
        return text(setting) if setting is not None else ""

    def gallery(one: GallerySource | GalleryOutput) -> Product | None:
        if one.id is not None:
            return by_id(said(one.id))
        of = said(one.subscription) or subscription
        name = f"{said(one.gallery)}/{said(one.definition)}"
        found = Product("gallery image", of, said(one.resource_group), name, said(one.version))
        return found if found.group and said(one.gallery) and said(one.definition) else None

    def managed(one: ManagedImageSource | ManagedImageOutput) -> Product | None:
        if one.id is not None:
            return by_id(said(one.id))
        found = Product("managed image", subscription, said(one.resource_group), said(one.name))
        return found if found.group and found.name else None

    takes = None
    if isinstance(view.source, GallerySource):
        takes = gallery(view.source)
    elif isinstance(view.source, ManagedImageSource):
        takes = managed(view.source)
    makes = []
    for output in view.outputs:
        if isinstance(output, GalleryOutput):
            makes.append(gallery(output))
        elif isinstance(output, ManagedImageOutput):
            makes.append(managed(output))
    return Flow(view.image.name, takes, tuple(product for product in makes if product is not None))


def after(flows: Sequence[Flow]) -> list[tuple[int, ...]]:
    """For each image, those that have to be built before it, by their places. Raises Cycle.

    An image that is made from what it makes itself (an update of it) waits for nobody.
    """
    found: list[tuple[int, ...]] = []
    for place, one in enumerate(flows):
        takes = one.takes
        makers = (
            other
            for other, made in enumerate(flows)
            if takes is not None and other != place and any(product.feeds(takes) for product in made.makes)
        )
        found.append(tuple(makers))
    _check(flows, found)
    return found


def stages(before: Sequence[Sequence[int]]) -> list[list[int]]:
    """The places in the order in which they can be built: those of one stage at a time."""
    left = dict(enumerate(before))
    found: list[list[int]] = []
    while left:
        ready = [place for place, needs in left.items() if not any(need in left for need in needs)]
        found.append(ready)
        for place in ready:
            del left[place]
    return found


def _check(flows: Sequence[Flow], before: Sequence[Sequence[int]]) -> None:
    done: set[int] = set()
    for first in range(len(flows)):
        path: list[int] = []
        waiting: list[tuple[int, int]] = [(first, 0)]
        while waiting:
            place, turn = waiting.pop()
            del path[len(waiting) :]
            if place in done:
                continue
            path.append(place)
            if turn < len(before[place]):
                waiting.append((place, turn + 1))
                following = before[place][turn]
                if following in path:
                    raise Cycle([flows[each].name for each in [*path[path.index(following) :], following]])
                waiting.append((following, 0))
            else:
                done.add(place)
