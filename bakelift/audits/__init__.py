"""The formats of ``audit``, by name; each renders a :class:`~.page.Page`."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

    from bakelift.audits.page import Page
    from bakelift.translator.audit.model import Survey

FORMATS = ("table", "json", "csv", "markdown", "html")
#: What the name of an output file says of its format.
ENDINGS = {
    ".json": "json",
    ".csv": "csv",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
}


def rendered(survey: Survey, format: str, stream: TextIO | None) -> str:
    """``stream``: where a table goes, which decides on its width and colours; None: to a file."""
    from bakelift.audits.page import page

    found = page(survey)
    if format == "json":
        from bakelift.audits.data import as_json

        return as_json(found)
    text = _text(found, format, stream)
    # A file's name need not be text.
    return text.encode("utf-8", "backslashreplace").decode()


def _text(found: Page, format: str, stream: TextIO | None) -> str:
    if format == "csv":
        from bakelift.audits.rows import as_csv

        return as_csv(found)
    if format == "markdown":
        from bakelift.audits.documents import as_markdown

        return as_markdown(found)
    if format == "html":
        from bakelift.audits.documents import as_html

        return as_html(found)
    from bakelift.audits.table import as_table

    return as_table(found, stream)
