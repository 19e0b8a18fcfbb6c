"""What identifies a step or post-processor, and what to call it."""

from __future__ import annotations

from bakelift.translator.diff.shown import shown_line
from bakelift.translator.diff.values import unordered
from bakelift.translator.plan.expressions import ListExpr, Literal
from bakelift.translator.plan.normal import normal_expr

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from bakelift.translator.diagnostics import Span
    from bakelift.translator.packer.tables.rows import Kind, Option
    from bakelift.translator.plan.model import Leaf, PostProcessor, Setting, Step

    Part = Step | PostProcessor

#: Settings that name the script of a step, one of which stands for the other.
SCRIPTS = ("inline", "script", "scripts")


def name_of(part: Part) -> object:
    return (part.type, part.name) if part.name else None


def signature(part: Part) -> object:
    return part.type, _work_of(part), str(part.opaque) if part.opaque else ""


def conditions(part: Part) -> object:
    return repr(part.only), repr(part.excepted)


def script_path(part: Part) -> object:
    name = script_of(part.settings)
    if name in ("script", "scripts"):
        return part.type, repr(part.settings[name].value)
    source = part.settings.get("destination")
    return (part.type, repr(source.value)) if source is not None else None


def first_line(part: Part) -> object:
    """The first line of an inline script, where that says something."""
    inline = part.settings.get("inline")
    if inline is None or not isinstance(inline.value, ListExpr) or not inline.value.items:
        return None
    first = inline.value.items[0]
    return (part.type, first.value) if isinstance(first, Literal) and len(str(first.value)) > 8 else None


def _work_of(part: Part) -> object:
    return tuple(sorted((name, hash(unordered(normal_expr(s.value)))) for name, s in part.settings.items()))


def script_of(settings: Mapping[str, Setting]) -> str | None:
    return next((name for name in SCRIPTS if name in settings), None)


def title(part: Part) -> str:
    """What to call a step: its name, its script, its destination, or what it begins with."""
    if part.name:
        return f'{part.type} "{part.name}"'
    for name in ("script", "destination", "source"):
        setting = part.settings.get(name)
        if setting is not None:
            text = shown_line(normal_expr(setting.value))
            return f"{part.type} {text.rpartition('/')[2] or text}" if name == "script" else f"{part.type} {text}"
    inline = part.settings.get("inline")
    if inline is not None and isinstance(inline.value, ListExpr):
        for item in inline.value.items:
            first = shown_line(item).strip().split("\n")[0]
            if first:
                return f"{part.type} `{first[:40]}{'…' if len(first) > 40 else ''}`"
    return part.type


def options_of(kind: Kind, type: str) -> Mapping[str, Option]:
    from bakelift.translator.packer.tables import component, meta

    known = component(kind, type)
    own = {option.setting: option for option in known.options.values()} if known is not None else {}
    return {**meta(kind), **own}


def leaves_of(part: Part) -> tuple[Leaf, ...]:
    own = part.leaves
    return own or next((s.leaves for s in part.settings.values() if s.leaves), ())


def span_of(part: Part) -> Span | None:
    if part.span is not None:
        return part.span
    return next((leaf.span for leaf in leaves_of(part) if leaf.span is not None), None)


def leaf_span(part: Part, name: str) -> Span | None:
    return next((leaf.span for leaf in part.leaves if leaf.path.endswith(f".{name}")), span_of(part))


def of_part(path: str) -> str:
    """The path of a step, from that of one of its leaves: up to its index."""
    end = path.rfind("]")
    return path[: end + 1] if end >= 0 and "." in path[end:] else path
