"""Reports as Markdown and as HTML pages that need nothing beside them, from the templates in ``bakelift/templates``."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def filled(
    template: str, values: Mapping[str, object], filters: Mapping[str, Callable[..., object]] | None = None
) -> str:
    """A template's text with its values. What goes into HTML is escaped; Markdown's templates escape with filters."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("bakelift", "templates"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=template.endswith(".html.j2"),
    )
    environment.filters.update(filters or {})
    return environment.get_template(template).render(values)
