"""A review as one HTML page that needs nothing else."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.differences.review import Review


def as_html(review: Review) -> str:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("bakelift", "templates"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=True,
    )
    groups: dict[tuple[str, str, str], list[str]] = {}
    for item in review.not_comparable:
        groups.setdefault((item.side, item.code, item.summary), []).append(item.path)
    return environment.get_template("diff.html.j2").render(review=review, lost=list(groups.items()))
