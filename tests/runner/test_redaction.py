"""Values to hide: in every form that scripts show them in, wherever output is cut."""

from __future__ import annotations

import base64
import json
import shlex
import urllib.parse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bakelift.runner.lines import Lines
from bakelift.runner.redaction import MASK, Redactor, texts
from bakelift.translator.plan.values import from_python

#: Values with all that makes quoting differ.
HARD = "p@ss'w\"or$d`/ <é>\\+&="


def said(data: bytes, *secrets: str, pieces: int = 1 << 20) -> list[str]:
    lines: list[str] = []
    redactor = Redactor(secrets)
    feed = Lines(lambda line: lines.append(redactor(line)), redactor)
    for start in range(0, len(data), pieces):
        feed(data[start : start + pieces])
    feed.close()
    return lines


def test_hidden_values():
    redact = Redactor(["hunter2", "line one\nline two", "", "7"])
    assert redact("xhunter2y") == "x<sensitive>y"
    assert redact("first line one, then line two") == "first <sensitive>, then <sensitive>"
    assert redact("17 of 7") == "17 of <sensitive>"
    assert Redactor()("hunter2") == "hunter2"


def test_hidden_values_inside_each_other():
    redact = Redactor(["secret", "secretive"])
    assert redact("secretive secret") == "<sensitive> <sensitive>"


def test_hidden_values_that_overlap_leave_no_rest():
    assert Redactor(["abcdefgh", "efghijkl"])("xabcdefghijkly") == "x<sensitive>y"


def test_hidden_values_are_every_text_inside_a_value():
    value = from_python({"a": ["x", {"b": "y"}], "n": 12345, "t": True, "z": None})
    assert sorted(texts(value)) == ["12345", "x", "y"]


@pytest.mark.parametrize(
    "shown",
    [
        HARD,
        HARD.replace("'", "'\"'\"'"),
        shlex.quote(HARD),
        HARD.replace("'", "'\\''"),
        json.dumps(HARD),
        json.dumps(HARD, ensure_ascii=False),
        json.dumps(HARD).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"),
        urllib.parse.quote(HARD),
        urllib.parse.quote(HARD, safe=""),
        urllib.parse.quote_plus(HARD),
        urllib.parse.quote_plus(HARD).lower(),
        HARD.encode().hex(),
        HARD.encode().hex().upper(),
        base64.b64encode(HARD.encode()).decode(),
        base64.urlsafe_b64encode(HARD.encode()).decode(),
        base64.b64encode(f"user:{HARD}\n".encode()).decode(),
    ],
)
def test_every_form_is_hidden(shown):
    found = Redactor([HARD])(f"before {shown} after")
    assert MASK in found
    assert found.startswith("before ")
    assert found.endswith(" after")
    for piece in (shown[i : i + 8] for i in range(3, len(shown) - 11)):
        assert piece not in found


@given(st.binary(max_size=9), st.text(st.characters(codec="utf-8"), min_size=8, max_size=40), st.binary(max_size=9))
def test_base64_is_hidden_at_every_offset(before, secret, after):
    if len(secret.strip()) < 8 or "\n" in secret:
        return
    shown = base64.b64encode(before + secret.rstrip().encode() + after).decode()
    start = -(-len(before) * 8 // 6)
    inside = shown[start : (len(before) + len(secret.rstrip().encode())) * 8 // 6]
    assert inside not in Redactor([secret])(shown)


@given(st.text("abcdef0123456789", min_size=12, max_size=200), st.integers(1, 90), st.integers(1, 50))
def test_a_value_that_was_broken_over_lines_is_hidden(secret, width, pieces):
    """Whatever the width: no line shows more of it than three characters, which nobody can tell from other text."""
    folded = "\n".join(secret[i : i + width] for i in range(0, len(secret), width))
    shown = said(f"begin\n{folded}\nend\n".encode(), secret, pieces=pieces)
    assert shown[0] == "begin"
    assert shown[-1] == "end"
    if width > 3:
        left = [line for line in shown[1:-1] if line != MASK]
        assert all(len(line) < 4 for line in left)


def test_base64_that_was_broken_over_lines_is_hidden():
    secret = "correct horse battery staple, and more of it so that it is long enough to be broken"
    for before in (b"", b"x", b"xy", b"x" * 57):
        encoded = base64.encodebytes(before + secret.encode()).decode()
        shown = "\n".join(said(encoded.encode(), secret))
        for line in encoded.split("\n"):
            for start in range(len(line) - 12):
                piece = line[start : start + 12]
                decoded = base64.b64decode(piece)
                if decoded in secret.encode() and len(decoded) == 9:
                    assert piece not in shown


def test_only_a_line_that_may_go_on_waits():
    lines: list[str] = []
    feed = Lines(lines.append, Redactor(["hunter2-and-more"]))
    feed(b"one\nends with hunter2-\n")
    assert lines == ["one"]
    feed(b"not it\n")
    assert lines == ["one", "ends with hunter2-", "not it"]
    feed(b"ends with hunt\n")
    feed.close()
    assert lines[3:] == ["ends with hunt"]


def test_a_piece_that_is_not_continued_is_said_a_moment_later():
    import asyncio

    lines: list[str] = []

    async def main() -> None:
        feed = Lines(lines.append, Redactor(["hunter2-and-more"]))
        feed(b"ends with hunter2\n")
        await asyncio.sleep(0.7)
        assert lines == ["ends with hunter2"]

    asyncio.run(main())


def test_indented_pieces_keep_their_indentation():
    assert said(b"key: |\n  hunter2-and-\n  more\nend\n", "hunter2-and-more") == [
        "key: |",
        "  <sensitive>",
        "  <sensitive>",
        "end",
    ]


@given(st.binary(max_size=200), st.integers(1, 7))
def test_how_output_comes_does_not_matter(data, pieces):
    assert said(data, "abcdefgh", pieces=pieces) == said(data, "abcdefgh")
