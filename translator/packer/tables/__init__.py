"""What the options of Packer's components are: names, types, attribute or block, defaults, versions.

:func:`component` looks one up. Components that a Plan understands have rows of their own (``azure_arm.py``,
``core.py``); of all others, ``plugins.py`` knows which options are attributes, blocks and repeated blocks, and of what
type, so that their bodies can be carried from one syntax to another. It is loaded only when such a one is met.
"""

from __future__ import annotations

from bakelift.translator.packer.tables.rows import Component, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from bakelift.translator.packer.tables.rows import Kind

__all__ = ["Component", "Option", "component", "meta", "types"]


def component(kind: Kind, type: str) -> Component | None:
    """The options of a builder, provisioner, post-processor or data source; None for one that no table knows."""
    if kind == "builder" and type == "azure-arm":
        from bakelift.translator.packer.tables.azure_arm import AZURE_ARM

        return AZURE_ARM
    from bakelift.translator.packer.tables.core import COMPONENTS

    known = COMPONENTS.get((kind, type))
    if known is not None:
        return known
    from bakelift.translator.packer.tables.expand import plugin

    return plugin(kind, type)


def meta(kind: Kind) -> Mapping[str, Option]:
    """The arguments that every component of a kind takes besides its own options."""
    from bakelift.translator.packer.tables.core import POST_PROCESSOR_META, PROVISIONER_META

    rows = {"provisioner": PROVISIONER_META, "post-processor": POST_PROCESSOR_META}.get(kind, ())
    return {row.name: row for row in rows}


def types(kind: Kind) -> list[str]:
    """The types of a kind that the tables know, sorted: for suggestions."""
    from bakelift.translator.packer.tables.core import COMPONENTS
    from bakelift.translator.packer.tables.expand import plugin_types

    known = {type for of, type in COMPONENTS if of == kind} | set(plugin_types(kind))
    return sorted(known | ({"azure-arm"} if kind == "builder" else set()))
