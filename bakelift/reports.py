"""The report of a translation in the formats of ``-report``: JSON, Markdown, HTML."""

from __future__ import annotations

from bakelift.pages import filled
from bakelift.translator.report import CLASSES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from bakelift.translator.report import Item, Report

MEANINGS = {
    "exact": "the same in the output",
    "adapted": "the same effect by other means",
    "approximated": "the effect can differ",
    "dropped": "no effect on the image",
    "unsupported": "matters, and is not there",
    "out_of_scope": "of other builders",
}


def format_of(path: str) -> Callable[[Report], str] | None:
    """The renderer for a report file's name, by its ending; None when there is none."""
    for ending, renderer in (
        ((".json",), as_json),
        ((".md", ".markdown"), as_markdown),
        ((".html", ".htm"), as_html),
    ):
        if path.endswith(ending):
            return renderer
    return None


def as_json(report: Report) -> str:
    import json

    return json.dumps(report.as_json(), indent=2) + "\n"


def as_markdown(report: Report) -> str:
    """For people: what needs a look first, then what became of everything."""
    values = {
        "report": report,
        "counts": report.counts(),
        "meanings": MEANINGS,
        "classes": CLASSES,
        "groups": {kind: _grouped(report, kind) for kind in CLASSES},
    }
    return filled("report.md.j2", values, {"cell": _cell})


def as_html(report: Report) -> str:
    """For people with a browser: one page that needs nothing beside it, with the explanations of its codes."""
    from bakelift.explaining import explanation

    codes = {item.code for item in report.items} | {told.code for told in report.diagnostics}
    values = {
        "report": report,
        "counts": report.counts(),
        "meanings": MEANINGS,
        "order": ("unsupported", "approximated", "dropped", "adapted", "exact", "out_of_scope"),
        "words": {kind: kind.replace("_", " ") for kind in CLASSES},
        "severities": {"error": "unsupported", "warning": "approximated", "note": "adapted"},
        "groups": {kind: _grouped(report, kind) for kind in CLASSES},
        "explanations": {code: found for code in codes if (found := explanation(code)) is not None},
    }
    return filled("report.html.j2", values)


def _cell(text: object) -> str:
    """Text that cannot break out of a Markdown table cell."""
    return str(text).replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")


def _grouped(report: Report, kind: str) -> list[tuple[str, str, list[Item]]]:
    """Items of a class by (code, summary), in the order of the first of each."""
    groups: dict[tuple[str, str], list[Item]] = {}
    for item in report.items:
        if item.kind == kind:
            groups.setdefault((item.code, item.summary), []).append(item)
    return [(code, summary, items) for (code, summary), items in groups.items()]
