"""A review as one HTML page that needs nothing else."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.differences.review import Review


def as_html(review: Review) -> str:
    from bakelift.pages import filled

    groups: dict[tuple[str, str, str], list[str]] = {}
    for item in review.not_comparable:
        groups.setdefault((item.side, item.code, item.summary), []).append(item.path)
    return filled("diff.html.j2", {"review": review, "lost": list(groups.items())})
