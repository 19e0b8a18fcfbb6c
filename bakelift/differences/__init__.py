"""The formats of ``diff``, by name; each renders a :class:`~.review.Review`."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.differences.review import Review

FORMATS = ("text", "markdown", "json", "html", "github", "sarif")


def rendered(review: Review, format: str, *, colour: bool = False, limit: int = 0, strict: bool = False) -> str:
    """``limit``: characters that Markdown may have (0: any number)."""
    if format == "text":
        from bakelift.differences.text import as_text

        return as_text(review, colour, strict)
    if format == "markdown":
        from bakelift.differences.markdown import as_markdown

        return as_markdown(review, limit)
    if format == "json":
        from bakelift.differences.data import as_json

        return as_json(review)
    if format == "html":
        from bakelift.differences.html import as_html

        return as_html(review)
    from bakelift.differences.annotations import diagnostics
    from bakelift.formats import FORMATS as OTHERS

    return OTHERS[format](diagnostics(review))
