"""Components of plugins, made from the compact data of ``plugins.py`` and ``more_plugins.py`` when one is asked for."""

from __future__ import annotations

from bakelift.translator.packer.tables.plugins import GROUPS
from bakelift.translator.packer.tables.rows import Component, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.packer.tables.rows import Form, Kind, ValueKind

    Groups = tuple[tuple[str, str], ...]

#: Code of the data: what the option holds, its elements, its form.
_CODES: dict[str, tuple[ValueKind, ValueKind, Form]] = {
    "s": ("string", "string", "attribute"),
    "n": ("number", "string", "attribute"),
    "b": ("bool", "string", "attribute"),
    "ls": ("list", "string", "attribute"),
    "ln": ("list", "number", "attribute"),
    "ll": ("list", "list", "attribute"),
    "m": ("map", "any", "attribute"),
    "ms": ("map", "string", "attribute"),
    "B": ("block", "string", "block"),
    "R": ("block", "string", "blocks"),
}


def plugin(kind: Kind, type: str) -> Component | None:
    """The options of a component that only the compact data know; None when they do not."""
    wanted = f"{kind}:{type}"
    options = _options(wanted, GROUPS) or _options(wanted, _more())
    return Component(kind, type, options, opaque=True) if options else None


def _options(wanted: str, groups: Groups) -> dict[str, Option]:
    options: dict[str, Option] = {}
    for components, words in groups:
        if wanted in components.split():
            for word in words.split():
                name, _, code = word.partition("=")
                value, element, form = _CODES[code]
                options[name] = Option(name, value, form, element)
    return options


def _more() -> Groups:
    """Data that are seldom wanted."""
    from bakelift.translator.packer.tables.more_plugins import GROUPS as MORE

    return MORE


def plugin_types(kind: Kind) -> set[str]:
    """The types of a kind in the compact data."""
    prefix = kind + ":"
    listed = (name for components, _ in (*GROUPS, *_more()) for name in components.split())
    return {name[len(prefix) :] for name in listed if name.startswith(prefix)}
