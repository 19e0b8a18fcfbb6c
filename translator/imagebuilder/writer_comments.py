"""Where the comments of a template belong in what was made of it: at what the account says their leaves became."""

from __future__ import annotations

import re

from bakelift.translator.plan.model import Setting, Step
from bakelift.translator.plan.record import Record
from bakelift.translator.plan.usage import leaves_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bakelift.translator.plan.images import Image
    from bakelift.translator.plan.model import Input, NamedValue, Plan
    from bakelift.translator.report import Accounting

_RESOURCE = re.compile(r"/resources/\d+")
_STEP = re.compile(r"/resources/\d+/properties/(customize|validate/inVMValidations)/\d+")


def comments_by_place(plan: Plan, images: Sequence[Image], accounting: Accounting) -> dict[str, tuple[str, ...]]:
    """Comments by JSON pointer. ``images``: one for each resource, in order.

    A comment of a step stands before the first customizer of the step; one of what has no counterpart stands before
    the resource, with the name of what it was written for.
    """
    found: dict[str, list[str]] = {}

    def put(pointer: str, comments: tuple[str, ...]) -> None:
        held = found.setdefault(pointer, [])
        held += (comment for comment in comments if comment not in held)

    for index, image in enumerate(images):
        own = f"/resources/{index}"
        for comments in (image.group.comments, image.source.comments):
            put(own, comments)
        for name, part in _commented(image):
            places = _places(part, accounting, own)
            if places:
                put(places[0], part.comments)
            else:
                put(own, tuple(f"{name}: {comment}" for comment in part.comments))
    around: tuple[Input | NamedValue, ...] = (*plan.inputs, *plan.named)
    for item in around:
        for place in _places(item, accounting, "/")[:1]:
            put(re.sub(r"^(/(?:parameters|variables)/[^/]*).*", r"\1", place), item.comments)
    return {pointer: tuple(comments) for pointer, comments in found.items() if comments}


def _commented(image: Image) -> Iterator[tuple[str, Setting | Step]]:
    """What has a comment, with its name: the image's settings, its steps, and their settings."""
    for name, setting in image.settings.items():
        if setting.comments:
            yield name, setting
    for step in image.steps:
        if step.comments:
            yield step.type, step
        for name, setting in step.settings.items():
            if setting.comments:
                yield f"{step.type} {name}", setting


def _places(part: Record, accounting: Accounting, below: str) -> list[str]:
    """Pointers of what became of a part, in order; a step's are those of its customizers."""
    found: list[str] = []
    for leaf in leaves_of(part):
        item = accounting.said(leaf)
        for pointer in item.to if item is not None else ():
            if pointer.startswith(f"{below.rstrip('/')}/"):
                step = _STEP.match(pointer)
                found.append(step.group() if step is not None else pointer)
    return sorted(set(found), key=_order)


def _order(pointer: str) -> tuple[int, list[tuple[int, str]]]:
    """What is nearer to the top comes first: tags of the template before those of what it makes."""
    parts = pointer.split("/")
    return len(parts), [(int(part), "") if part.isdigit() else (-1, part) for part in parts]
