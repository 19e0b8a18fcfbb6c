"""What Packer refuses in a legacy template, and a translation to Packer can carry all the same.

A template that is translated is often an old one: an option that no plugin takes any more, a function where it does
not work. Such a place is carried as it stands, and told; what HCL takes there, is mended by being said in HCL.
"""

from __future__ import annotations

from bakelift.translator.aside import Told

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from bakelift.translator.diagnostics import Diagnostic, Diagnostics, Span
    from bakelift.translator.plan.model import Leaf, Plan

#: Errors that leave the rest of a template as it is.
CARRIED = frozenset(
    {
        "json/bad-duration",
        "json/deprecated-option",
        "json/unknown-option",
        "json/unknown-builder",
        "packer/unknown-option",
        "template/arguments",
        "template/function-not-allowed",
        "template/syntax",
        "template/unknown-function",
    }
)
_MENDED = "HCL has it there: Packer refuses it only in a legacy template."


def carried(plan: Plan, diagnostics: Diagnostics, format: str) -> list[Told]:
    """The leaves that Packer refuses as they stand; errors that the format mends become warnings."""
    told: list[Told] = []
    found: list[Diagnostic] = []
    for item in diagnostics:
        if item.severity != "error" or item.code not in CARRIED:
            found.append(item)
        elif format == "hcl" and _mends(item):
            found.append(item.but(severity="warning", detail=_MENDED))
        else:
            found.append(item)
            told.append(Told(tuple(_at(plan, item.span)), "unsupported", item.code, item.summary))
    diagnostics.replace(found)
    return told


def _mends(item: Diagnostic) -> bool:
    if item.code == "template/unknown-function":
        return '"clean_resource_name"' in item.summary
    return item.code == "template/function-not-allowed"


def _at(plan: Plan, span: Span | None) -> Iterator[Leaf]:
    """The leaves where something stands, or whose key it is."""
    if span is None or plan.origin is None:
        return
    for leaf in plan.origin.leaves:
        place = leaf.span
        if place is not None and place.file is span.file and place.start <= span.start and span.end <= place.end:
            yield leaf
