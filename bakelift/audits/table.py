"""A survey for a terminal: tables, in colour where there is one; for a pipe the same as plain columns."""

from __future__ import annotations

import io
import re

from bakelift.audits.printable import printable
from bakelift.translator.audit.model import VERDICTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import TextIO

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from bakelift.audits.page import Page, Step
    from bakelift.translator.audit.model import Template
    from bakelift.translator.audit.totals import Use

_STYLES = {
    "automatic": "green",
    "review": "yellow",
    "manual": "red",
    "needs-values": "magenta",
    "unreadable": "bold red",
    "out-of-scope": "dim",
    "there": "dim",
    "error": "bold red",
    "to review": "yellow",
}
#: Columns of what is no terminal: as wide as they have to be.
_UNLIMITED = 100_000
#: So many rows of what templates share; JSON and HTML have all.
_ROWS = 10


def as_table(page: Page, stream: TextIO | None) -> str:
    """``stream``: where it goes; a terminal has a width and, unless NO_COLOR says otherwise, colours."""
    from rich.console import Console

    from bakelift.terminal import coloured

    out = io.StringIO()
    if stream is not None and stream.isatty():
        colour = coloured(stream)
        console = Console(file=out, width=Console(file=stream).width, force_terminal=colour, no_color=not colour)
    else:
        console = Console(file=out, width=_UNLIMITED, force_terminal=False, no_color=True)
    _Tables(page, console, plain=console.width == _UNLIMITED).write()
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())


class _Tables:
    def __init__(self, page: Page, console: Console, plain: bool) -> None:
        self.page = page
        self.console = console
        self.plain = plain

    def write(self) -> None:
        page = self.page
        self.line(f"To {page.target}: {_number(page.migrated, 'template')}, {_number(page.images, 'image')}.", "bold")
        of = page.counts
        if of.automatic + of.review + of.manual:
            waived = f", {of.waived} of these waived" if of.waived else ""
            self.line(
                f"Of their settings {of.automatic} are automatic ({page.share()} %), {of.review} to review, "
                f"{of.manual} manual{waived}."
            )
        self.templates("Templates, the easiest first", page.order)
        self.templates("No part of it", page.aside)
        self.codes(page.steps_first)
        for title, what, listed in page.tables:
            self.uses(title, listed, what)
        shared = [(_few(item.paths), str(len(item.templates))) for item in page.scripts]
        self.rows("Scripts that templates share", ("script", "templates"), shared)
        self.rows("The same template", ("paths",), [(_few(paths),) for paths in page.duplicates])
        self.left()

    # -- parts ------------------------------------------------------------------------------------------------

    def templates(self, title: str, listed: Sequence[Template]) -> None:
        if not listed:
            return
        table = self.table(title)
        for name in ("verdict", "template"):
            table.add_column(name, no_wrap=self.plain or name == "verdict", overflow="fold")
        waived = any(item.counts.waived for item in listed)
        for name in ("images", "auto", "review", "manual", *(("waived",) if waived else ())):
            table.add_column(name, justify="right")
        table.add_column("in the way", no_wrap=self.plain, overflow="fold", ratio=None if self.plain else 1)
        for item in listed:
            counted = item.counts.total > 0
            numbers = [item.counts.automatic, item.counts.review, item.counts.manual]
            numbers += [item.counts.waived] if waived else []
            table.add_row(
                self.text(VERDICTS[item.verdict], _STYLES[item.verdict]),
                self.text(item.path),
                self.text(str(len(item.images)) if item.images else ""),
                *(self.text(str(number) if counted else "") for number in numbers),
                self.text(in_the_way(item)),
            )
        self.console.print(table)

    def codes(self, listed: Sequence[Step]) -> None:
        if not listed:
            return
        table = self.table("What to solve first")
        table.add_column("code", no_wrap=True)
        table.add_column("class", no_wrap=True)
        for name in ("templates", "alone in", "settings"):
            table.add_column(name, justify="right")
        table.add_column("way out", no_wrap=self.plain, overflow="fold", ratio=None if self.plain else 1)
        for item in listed:
            hold = item.hold
            numbers = (str(number) if number else "" for number in (hold.templates, hold.alone, hold.leaves))
            table.add_row(
                self.text(hold.code),
                self.text(item.kind, _STYLES[item.kind]),
                *(self.text(number) for number in numbers),
                self.text(first_sentence(item.way_out)),
            )
        self.console.print(table)

    def uses(self, title: str, listed: Sequence[Use], what: str) -> None:
        self.rows(title, ("", what, "templates"), [(use.label, str(use.count), str(use.templates)) for use in listed])

    def left(self) -> None:
        listed = [(words, str(item.count), _few(item.examples, item.count)) for item, words in self.page.left]
        self.rows("Not inventoried", ("", "number", "such as"), listed, every=True)

    # -- how --------------------------------------------------------------------------------------------------

    def rows(self, title: str, columns: Sequence[str], listed: Sequence[Sequence[str]], every: bool = False) -> None:
        if not listed:
            return
        table = self.table(title)
        for number, name in enumerate(columns):
            digits = name in ("images", "steps", "post-processors", "templates", "number")
            right = digits and number > 0
            table.add_column(name, justify="right" if right else "left", no_wrap=self.plain, overflow="fold")
        shown = listed if every else listed[:_ROWS]
        for row in shown:
            table.add_row(*(self.text(cell) for cell in row))
        self.console.print(table)
        if len(shown) < len(listed):
            self.line(f"and {len(listed) - len(shown)} more: -format html, json")

    def table(self, title: str) -> Table:
        from rich import box
        from rich.table import Table

        self.line("")
        self.line(title, "bold")
        lines = None if self.plain else box.SIMPLE_HEAD
        return Table(box=lines, show_edge=False, pad_edge=False, header_style="" if self.plain else "dim")

    def text(self, text: str, style: str = "") -> Text:
        from rich.text import Text

        return Text(printable(text), style=style)

    def line(self, text: str, style: str = "") -> None:
        self.console.print(self.text(text, style))


def in_the_way(item: Template) -> str:
    """What keeps a template from being automatic, in a line."""
    if item.missing:
        return "give " + " ".join(f"-var {name}=…" for name in item.missing)
    if item.diagnostics and not item.written and not item.counts.total:
        first = item.diagnostics[0]
        place = f"{first.span}: ".removeprefix(f"{item.path}:") if first.span is not None else ""
        return f"{place}{first.summary} [{first.code}]"
    if item.verdict == "out-of-scope":
        return ", ".join(f"{name}: {number}" for name, number in _types(item).items())
    leaves: dict[str, int] = {}
    for obstacle in item.obstacles:
        leaves[obstacle.code] = leaves.get(obstacle.code, 0) + obstacle.leaves
    listed = ", ".join(f"{code} {number}" if number else code for code, number in leaves.items())
    return f"nothing is written: {listed}" if item.verdict == "manual" and not item.written else listed


def first_sentence(text: str) -> str:
    """The rest is what ``bakelift explain CODE`` and the other formats say."""
    found = re.search(r"[.;:](?=\s)", text)
    return text if found is None else f"{text[: found.start()]}."


def _types(item: Template) -> dict[str, int]:
    found: dict[str, int] = {}
    for image in item.images:
        found[image.type] = found.get(image.type, 0) + 1
    return found


def _number(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _few(paths: Iterable[str], number: int | None = None) -> str:
    listed = list(paths)
    more = (number if number is not None else len(listed)) - min(3, len(listed))
    return ", ".join(listed[:3]) + (f" and {more} more" if more > 0 else "")
