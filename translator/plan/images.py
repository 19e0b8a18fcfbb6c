"""The exploded view of a Plan: one image each, with its source's settings, its steps and its outputs."""

from __future__ import annotations

from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from bakelift.translator.plan.model import Body, BuildGroup, PostProcessor, Setting, Source, SourceUse, Step


class Image(Record):
    """One image to build.

    ``name``: how Packer shows it (``[group.]type.source`` in HCL, the builder's name in JSON). ``settings``: the
    source's with those of its use in the group laid over. ``steps``: those that only/except select for it, with its
    override applied; each keeps the leaves of what it says.
    """

    name: str
    type: str
    source_name: str
    local_name: str
    group_name: str | None
    settings: Mapping[str, Setting]
    opaque: Body
    steps: tuple[Step, ...]
    error_cleanup: Step | None
    post_processors: tuple[tuple[PostProcessor, ...], ...]
    source: Source
    use: SourceUse
    group: BuildGroup
