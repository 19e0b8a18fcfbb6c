"""A survey as CSV (RFC 4180): a row a template, for spreadsheets."""

from __future__ import annotations

import csv
import io

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from bakelift.audits.page import Page
    from bakelift.translator.audit.model import ImageFacts, Template

COLUMNS = (
    "path",
    "verdict",
    "format",
    "images",
    "automatic",
    "review",
    "manual",
    "waived",
    "out_of_scope",
    "written",
    "os",
    "sources",
    "destinations",
    "regions",
    "steps",
    "builders",
    "codes",
    "missing_variables",
    "missing_files",
    "first_error",
)
#: With one of these a cell is a formula for a spreadsheet.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_csv(page: Page) -> str:
    """Rows in the suggested order, then what has no part in the migration. Cells with several values have ``; ``."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for template in (*page.order, *page.aside):
        writer.writerow([cell(value) for value in _row(template)])
    return out.getvalue()


def cell(value: object) -> str:
    """Text that a spreadsheet takes for text: what could be a formula begins with an apostrophe."""
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) and not isinstance(value, int) else text


def _row(item: Template) -> list[object]:
    images = item.images
    of = item.counts
    return [
        item.path,
        item.verdict,
        item.format,
        len(images),
        of.automatic,
        of.review,
        of.manual,
        of.waived,
        of.out_of_scope,
        "yes" if item.written else "no",
        _listed(image.os for image in images),
        _listed(f"{i.source.kind} {i.source.name}" if i.source is not None else None for i in images),
        _listed(f"{place.kind} {place.name}" for image in images for place in image.destinations),
        _listed(region for image in images for region in image.regions),
        _listed(f"{name} x{number}" for name, number in _summed(images).items()),
        _listed(image.type for image in images),
        _listed(o.code for o in item.obstacles),
        _listed(item.missing),
        _listed(item.missing_files),
        " ".join(item.diagnostics[0].summary.split()) if item.diagnostics else "",
    ]


def _listed(texts: Iterable[str | None]) -> str:
    """Each once, in order."""
    return "; ".join(dict.fromkeys(text for text in texts if text))


def _summed(images: Iterable[ImageFacts]) -> dict[str, int]:
    found: dict[str, int] = {}
    for image in images:
        for name, number in image.steps.items():
            found[name] = found.get(name, 0) + number
    return found
