"""Lines of a log: kinds together, values hidden also where they are broken over lines."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import pytest

from bakelift.runner.imagebuilder.shown_lines import ShownLines
from bakelift.runner.redaction import Redactor, encodings
from bakelift.runner.ui import Ui

SECRET = "t0ken-of-the-test"


class Heard(Ui):
    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []

    def lines(self, texts: Sequence[str], headlines: bool = False) -> None:
        self.heard += [("say" if headlines else "message", text) for text in texts]

    def error(self, text: str) -> None:
        self.heard.append(("error", text))


def test_lines_keep_their_order_and_kind() -> None:
    ui = Heard()
    shown = ShownLines(ui)
    said = [("say", "a"), ("message", "b"), ("message", ""), ("error", "c"), ("say", "d")]
    for kind, text in said:
        shown.add(kind, text)
    shown.flush()
    assert ui.heard == said


@pytest.mark.parametrize("pieces", [1, 2])
@pytest.mark.parametrize("before", [42, 46, 50])
def test_a_value_that_is_broken_over_lines(pieces: int, before: int) -> None:
    """Also when the second line comes with the next piece of the log."""
    ui = Heard()
    shown = ShownLines(ui, Redactor([SECRET]))
    encoded = base64.b64encode(b"A" * before + SECRET.encode() + b"B" * 20).decode()
    for line in ("first", encoded[:76], encoded[76:], "last"):
        shown.add("message", line)
        if pieces == 2:
            shown.flush(more=True)
    shown.flush()
    texts = [text for _, text in ui.heard]
    assert texts[0] == "first" and texts[-1] == "last" and len(texts) == 4
    assert "<sensitive>" in texts[1] and "<sensitive>" in texts[2]
    assert not any(text in "".join(texts[1:3]) for text in encodings(SECRET))


def test_nothing_waits_for_what_does_not_come() -> None:
    ui = Heard()
    shown = ShownLines(ui, Redactor([SECRET]))
    shown.add("message", f"it ends in {SECRET[:9]}")
    shown.flush(more=True)
    assert ui.heard == []
    shown.flush()
    assert ui.heard == [("message", f"it ends in {SECRET[:9]}")]
