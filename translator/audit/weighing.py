"""What the account of a translation says of a template: its counts, its verdict, and what is in the way."""

from __future__ import annotations

from bakelift.translator.audit.model import Counts, Obstacle

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from bakelift.translator.audit.model import Verdict
    from bakelift.translator.diagnostics import Diagnostic
    from bakelift.translator.plan.images import Image
    from bakelift.translator.report import Report

#: Classes that somebody has to look at, the worst first.
_LOOKED_AT = ("unsupported", "approximated", "dropped")
_MISSING = "no such file: "
#: The field of the counts for each class.
_FIELDS = {
    "exact": "automatic",
    "adapted": "automatic",
    "approximated": "review",
    "dropped": "review",
    "unsupported": "manual",
    "out_of_scope": "out_of_scope",
}


def counts(report: Report, waived: Collection[int]) -> Counts:
    """``waived``: the numbers of the entries that waivers accept."""
    numbers = dict.fromkeys(Counts._fields, 0)
    for item in report.items:
        numbers[_FIELDS[item.kind]] += 1
    return Counts(**{**numbers, "waived": len(waived)})


def image_counts(report: Report, waived: Collection[int], images: Iterable[Image]) -> list[Counts]:
    """What becomes of the settings of each image: of its source, its steps and its post-processors."""
    from bakelift.translator.plan.usage import leaves_of

    found = {}
    for number, item in enumerate(report.items):
        found[item.path, id(item.span)] = (_FIELDS[item.kind], number in waived)
    counted = []
    for image in images:
        own = (image.settings, image.opaque, image.steps, image.error_cleanup, image.post_processors)
        keys = {(leaf.path, id(leaf.span)) for leaf in leaves_of((*own, image.source, image.use))}
        numbers = dict.fromkeys(Counts._fields, 0)
        for field, accepted in (found[key] for key in keys if key in found):
            numbers[field] += 1
            numbers["waived"] += accepted
        counted.append(Counts(**numbers))
    return counted


def verdict(report: Report, waived: Collection[int], written: bool) -> Verdict:
    """What is waived does not count; that nothing is written does."""
    kinds = {item.kind for number, item in enumerate(report.items) if number not in waived}
    if not written or "unsupported" in kinds:
        return "manual"
    return "review" if kinds & {"approximated", "dropped"} else "automatic"


def obstacles(
    report: Report | None, waived: Collection[int], diagnostics: Iterable[Diagnostic]
) -> tuple[Obstacle, ...]:
    """The codes that are in the way: errors, then classes from the worst, each by how many leaves have it."""
    leaves: dict[tuple[str, str], int] = {}
    for number, item in enumerate(report.items) if report is not None else ():
        if item.kind in _LOOKED_AT and number not in waived:
            leaves[item.kind, item.code] = leaves.get((item.kind, item.code), 0) + 1
    said = {code for _, code in leaves}
    errors = dict.fromkeys(d.code for d in diagnostics if d.severity == "error" and d.code not in said)
    found = [Obstacle(code, "error", 0) for code in errors]
    ranked = sorted(leaves.items(), key=lambda entry: (_LOOKED_AT.index(entry[0][0]), -entry[1], entry[0][1]))
    return tuple(found + [Obstacle(code, kind, number) for (kind, code), number in ranked])


def missing_files(report: Report) -> tuple[str, ...]:
    """The files that steps name and that are not there, as the template calls them."""
    found: dict[str, None] = {}
    for item in report.items:
        if item.code == "files/missing" and item.summary.startswith(_MISSING):
            found.update(dict.fromkeys(item.summary.removeprefix(_MISSING).split(", ")))
    return tuple(found)
