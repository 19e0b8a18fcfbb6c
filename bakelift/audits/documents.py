"""A survey as Markdown, and as one HTML page that needs nothing beside it."""

from __future__ import annotations

import re

from bakelift.audits.printable import printable
from bakelift.audits.table import first_sentence, in_the_way
from bakelift.pages import filled

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from bakelift.audits.page import Page

_SIGNS = re.compile(r"([\\`*_\[\]|<>#~])")


def as_markdown(page: Page) -> str:
    return filled("audit.md.j2", {"page": page}, _filters())


def as_html(page: Page) -> str:
    return filled("audit.html.j2", {"page": page}, _filters())


def _filters() -> dict[str, Callable[..., object]]:
    return {
        "cell": _cell,
        "code": _code,
        "printable": printable,
        "in_the_way": in_the_way,
        "first_sentence": first_sentence,
    }


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
