"""Compares bodies that no table knows: attributes by name, blocks by type, labels and order."""

from __future__ import annotations

from bakelift.translator.diff.matching import match
from bakelift.translator.diff.model import Change
from bakelift.translator.plan.model import Attribute, Block

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from bakelift.translator.diff.values import Context, SettingsComparer
    from bakelift.translator.plan.model import Body


def compare_bodies(old: Body, new: Body, settings: SettingsComparer, context: Context) -> Iterator[Change]:
    """Changes of a body and of all that is nested in it."""
    if not old and not new:
        return
    one = {entry.name: entry.setting for entry in old.entries if isinstance(entry, Attribute)}
    two = {entry.name: entry.setting for entry in new.entries if isinstance(entry, Attribute)}
    yield from settings.compare(one, two, context)
    blocks_old = [entry for entry in old.entries if isinstance(entry, Block)]
    blocks_new = [entry for entry in new.entries if isinstance(entry, Block)]
    found = match(blocks_old, blocks_new, (_whole, _head), lambda block: block.type)
    for index in found.removed:
        yield _block("removed", blocks_old[index], settings, context)
    partner = {second: first for first, second in found.pairs}
    for index, block in enumerate(blocks_new):
        if index not in partner:
            yield _block("added", block, settings, context)
            continue
        before = blocks_old[partner[index]]
        inner = context.but(path=f"{context.path}.{block.type}", old_span=before.span, new_span=block.span)
        yield from settings.compare(before.dynamic or {}, block.dynamic or {}, inner)
        yield from compare_bodies(before.body, block.body, settings, inner)


def _whole(block: Block) -> object:
    return repr(block)


def _head(block: Block) -> object:
    return (block.type, block.labels) if block.labels else None


def _block(kind: str, block: Block, settings: SettingsComparer, context: Context) -> Change:
    from bakelift.translator.plan.usage import leaves_of

    added = kind == "added"
    side = settings.b if added else settings.a
    place = side.place(leaves_of(block.body)[:1], block.span, f"{context.path}.{block.type}")
    meaning = context.meaning(block.type, not added)
    name = " ".join((block.type, *(f'"{label}"' for label in block.labels)))
    return Change(
        kind="added" if added else "removed",
        code="diff/changed",
        kind_of=meaning.kind,
        severity=meaning.severity,
        consequence=meaning.consequence,
        path=f"{context.path}.{block.type}" if side.whence is None else place.path,
        summary=f"{context.title}: block {name}",
        before=None if added else name,
        after=name if added else None,
        span=block.span if side.whence is None else place.span,
    )
