"""What people read on stderr: diagnostics in HashiCorp's layout, colour on a terminal only."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TextIO

    from bakelift.translator.diagnostics import Diagnostic, Span

_TITLES = {"error": "Error", "warning": "Warning", "note": "Note"}
_COLOURS = {"error": "31", "warning": "33", "note": "36"}
WIDTH = 100


def coloured(stream: TextIO) -> bool:
    """NO_COLOR and PACKER_NO_COLOR (non-empty) and a pipe mean no colour."""
    if os.environ.get("NO_COLOR") or os.environ.get("PACKER_NO_COLOR"):
        return False
    return stream.isatty()


def show(diagnostics: Iterable[Diagnostic], stream: TextIO | None = None) -> None:
    """Writes diagnostics, errors last, so that what stopped the work is what stands above the prompt."""
    out = stream or sys.stderr
    colour = coloured(out)
    order = {"note": 0, "warning": 1, "error": 2}
    for diagnostic in sorted(diagnostics, key=lambda d: order[d.severity]):
        out.write(render(diagnostic, colour))


def render(diagnostic: Diagnostic, colour: bool = False) -> str:
    """One diagnostic: title, place, source line with the range underlined, detail wrapped."""
    title = f"{_TITLES[diagnostic.severity]}: {diagnostic.summary}"
    if colour:
        title = f"\x1b[1;{_COLOURS[diagnostic.severity]}m{title}\x1b[0m"
    text = f"{title} [{diagnostic.code}]\n"
    if diagnostic.span is not None:
        text += _excerpt(diagnostic.span)
    if diagnostic.detail:
        text += "\n" + "\n".join(wrapped(diagnostic.detail)) + "\n"
    return text + "\n"


def _without_secrets(line: str) -> str:
    """A line of a template with what stands literally in options that are secrets made stars, as many as letters."""
    if not any(word in line for word in ("password", "secret", "token", "client_jwt")):
        return line
    import re

    pattern = r"""((?:password|secret|token|client_jwt)\w{0,40}"?\s{0,9}[:=]\s{0,9}")((?:[^"\\]|\\.)*)"""
    return re.sub(pattern, lambda m: m[1] + (m[2] if "${" in m[2] or "{{" in m[2] else "*" * len(m[2])), line)


def _excerpt(span: Span) -> str:
    line, column = span.line, span.column
    source = _without_secrets(span.file.line(line))
    shown = source.expandtabs(4)
    start = len(source[: column - 1].expandtabs(4))
    width = max(1, min(span.end - span.start, len(source) - column + 1))
    if len(shown) > 160:
        cut = max(0, start - 60)
        shown, start = shown[cut : cut + 160], start - cut
    number = f"{line:4}: "
    mark = " " * (len(number) + start) + "^" * min(width, max(1, len(shown) - start))
    return f"\n  on {span.file.path}:{line}:{column}\n{number}{shown}\n{mark}\n"


def wrapped(text: str, width: int = WIDTH) -> list[str]:
    """Lines of at most ``width`` characters, broken at blanks; a longer word has a line of its own."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split(" "):
            if line and len(line) + 1 + len(word) > width:
                lines.append(line)
                line = word
            else:
                line = f"{line} {word}" if line else word
        lines.append(line)
    return lines
