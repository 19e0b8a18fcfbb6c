"""A survey as Markdown, and as one HTML page that needs nothing beside it."""

from __future__ import annotations

import re

from bakelift.audits.printable import printable
from bakelift.audits.table import first_sentence, in_the_way

TYPE_CHECKING = False
if TYPE_CHECKING:
    import jinja2

    from bakelift.audits.page import Page

_SIGNS = re.compile(r"([\\`*_\[\]|<>#~])")


def as_markdown(page: Page) -> str:
    return _environment(False).get_template("audit.md.j2").render(page=page)


def as_html(page: Page) -> str:
    return _environment(True).get_template("audit.html.j2").render(page=page)


def _environment(escaping: bool) -> jinja2.Environment:
    import jinja2

    made = jinja2.Environment(
        loader=jinja2.PackageLoader("bakelift", "templates"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=escaping,
    )
    made.filters |= {"cell": _cell, "code": _code, "printable": printable}
    made.filters |= {"in_the_way": in_the_way, "first_sentence": first_sentence}
    return made


def _cell(text: str) -> str:
    """Text that is text in a cell of a Markdown table, and stays on its line."""
    return _SIGNS.sub(r"\\\1", printable(text))


def _code(text: str) -> str:
    """Text as code in a cell: a fence longer than any backticks in it; a bar would end the cell."""
    line = printable(text).replace("|", "\\|")
    if not line:
        return ""
    fence = "`" * (max([0, *(len(run) for run in re.findall(r"`+", line))]) + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}"
