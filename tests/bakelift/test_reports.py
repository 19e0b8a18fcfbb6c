"""Reports for people: what a template says is shown, never obeyed; nothing is loaded from elsewhere."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

import bakelift
from bakelift.__main__ import main
from bakelift.reports import as_html, as_markdown, format_of
from bakelift.terminal import render
from bakelift.translator.diagnostics import Diagnostic, SourceFile, Span
from bakelift.translator.report import CLASSES, Frozen, Item, Report

HOSTILE = "<script>alert(1)</script>|`x`\n\"'&"


class Page(HTMLParser):
    """The tags of a page that stay open, and what it loads."""

    VOID = frozenset({"meta", "br", "link", "img"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.loads: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.loads += [
            value or "" for name, value in attrs if name in ("src", "href") and not str(value).startswith("#")
        ]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def report(text: str = HOSTILE) -> Report:
    items = tuple(Item(kind, "aib/rule", text, "documented", text, None, (text,)) for kind in CLASSES)
    frozen = (Frozen(text, text, text, text), Frozen("s", None, "", "", sensitive=True))
    return Report({"path": text}, {"format": "arm"}, {}, frozen, items, (Diagnostic("error", "aib/rule", text, text),))


def test_a_page_is_whole_and_loads_nothing() -> None:
    page = Page(as_html(report()))
    assert not page.open and not page.loads
    assert not page.seen & {"script", "img", "link", "iframe"}
    assert page.text.count(HOSTILE) >= 8


def test_a_page_explains_the_codes(tmp_path: Path, checkout: Path) -> None:
    out = tmp_path / "r.html"
    fixture = checkout / "fixtures" / "web-server" / "web.pkr.hcl"
    assert main(["translate", str(fixture), "-out", str(tmp_path / "w.json"), "-report", str(out)]) == 0
    page = Page(out.read_text())
    made = bakelift.dump(bakelift.load(fixture), "arm").report
    assert all(item.code in page.text for item in made.items)
    assert "Deploy the template anew for each build" in page.text
    assert made.summary_line() in page.text


def test_markdown_cells_hold_what_they_show() -> None:
    text = as_markdown(report())
    assert "<script>" not in text
    for line in text.splitlines():
        if line.startswith("| "):
            assert len(re.findall(r"(?<!\\)\|", line)) in (4, 5, 3), line


@pytest.mark.parametrize(("name", "known"), [("a.html", True), ("a.md", True), ("a.json", True), ("a.txt", False)])
def test_the_ending_says_the_format(name: str, known: bool) -> None:
    assert (format_of(name) is not None) == known


def test_an_excerpt_shows_no_secret_that_stands_in_the_template() -> None:
    line = '{"client_secret": "s3cr3t", "ssh_password": "{{user `p`}}", "vm_size": "x"}'
    file = SourceFile("t.json", line)
    shown = render(
        Diagnostic("error", "aib/rule", "x", "", Span(file, line.index("vm_size"), line.index("vm_size") + 7))
    )
    assert "s3cr3t" not in shown and '"client_secret": "******"' in shown and "{{user `p`}}" in shown
    number, mark = shown.split("\n")[3:5]
    assert mark.index("^") == number.index("vm_size")
