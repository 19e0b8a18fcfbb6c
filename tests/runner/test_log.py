"""The grammar of the log: lines, prefixes, colours, timestamps, records, durations, hidden values."""

from __future__ import annotations

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bakelift.runner import durations
from bakelift.runner.lines import Lines
from bakelift.runner.log import CLASSIC, CURRENT, Log, LogOptions
from bakelift.runner.targets import Artifact
from bakelift.runner.ui import harmless

NULL = Artifact("fnoeding.null", "Null", "Did not export anything. This is the null builder", None)


class Printed:
    """A log and what it printed."""

    def __init__(self, **options):
        self.stream = io.StringIO()
        self.log = Log(self.stream, LogOptions(**options))

    @property
    def text(self):
        return self.stream.getvalue()


def test_prefixes_every_line_and_trims_the_end():
    printed = Printed(style=CLASSIC, color=False)
    (build,) = printed.log.open(["null"])
    build.ui.say("one\n\nthree\n")
    build.ui.message("detail")
    build.ui.message("")
    build.ui.error("wrong")
    assert printed.text == (
        "==> null: one\n==> null: \n==> null: three\n==> null:\n    null: detail\n    null:\n==> null: wrong\n"
    )


def test_messages_are_headlines_since_1_13():
    printed = Printed(style=CURRENT, color=False)
    (build,) = printed.log.open(["null.a"])
    build.ui.message("detail")
    assert printed.text == "==> null.a: detail\n"


def test_colours_go_by_index_and_wrap_the_whole_text():
    printed = Printed(style=CLASSIC)
    logs = printed.log.open(["a", "b", "c", "d", "e", "f"])
    assert printed.text.count("output will be in this color.") == 6
    assert printed.text.endswith("\x1b[1;32mf: output will be in this color.\x1b[0m\n\n")
    logs[1].ui.message("x\ny")
    logs[1].ui.error("bad")
    assert printed.text.endswith("\x1b[0;36m    b: x\n    b: y\x1b[0m\n\x1b[1;31m==> b: bad\x1b[0m\n")


def test_timestamps_stand_once_and_inside_the_colour(monkeypatch):
    printed = Printed(style=CLASSIC, timestamps=True)
    (build,) = printed.log.open(["a"])
    build.ui.say("x\ny")
    build.finished(1.143)
    stamp = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)"
    last = printed.text.split("\n\n", 1)[1]
    assert re.fullmatch(
        rf"\x1b\[1;32m{stamp}: ==> a: x\n==> a: y\x1b\[0m\n"
        rf"\x1b\[1;32m{stamp}: Build 'a' finished after 1 second 143 milliseconds.\x1b\[0m\n",
        last,
    )


def test_machine_readable_records():
    printed = Printed(style=CLASSIC, machine_readable=True)
    (build,) = printed.log.open(["a"])
    build.ui.say("one, two\nthree")
    printed.log.errors({"a": "x, y"})
    printed.log.artifacts({"b": [Artifact("packer.file", "File", "Stored file: f", ("f",))]})
    lines = [line.split(",", 1)[1] for line in printed.text.splitlines()]
    assert lines == [
        ",ui,say,==> a: one%!(PACKER_COMMA) two\\n==> a: three",
        ",error-count,1",
        ",ui,error,\\n==> Some builds didn't complete successfully and had errors:",
        "a,error,x%!(PACKER_COMMA) y",
        ",ui,error,--> a: x%!(PACKER_COMMA) y",
        ",ui,say,\\n==> Builds finished. The artifacts of successful builds are:",
        "b,artifact-count,1",
        "b,artifact,0,builder-id,packer.file",
        "b,artifact,0,id,File",
        "b,artifact,0,string,Stored file: f",
        "b,artifact,0,files-count,1",
        "b,artifact,0,file,0,f",
        "b,artifact,0,end",
        ",ui,say,--> b: Stored file: f",
    ]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (1.143, "1 second 143 milliseconds"),
        (423, "7 minutes 3 seconds"),
        (0.016079, "16 milliseconds 79 microseconds"),
        (0.0000041, "4 microseconds"),
        (7205, "2 hours 5 seconds"),
        (0, "0 microseconds"),
        (366 * 86400, "1 year 1 day"),
    ],
)
def test_durations_read_as_sentences(seconds, text):
    assert durations.sentence(seconds) == text


@pytest.mark.parametrize(
    ("text", "seconds", "printed"),
    [
        ("2s", 2, "2s"),
        ("1500ms", 1.5, "1.5s"),
        ("10m", 600, "10m0s"),
        ("2h45m", 9900, "2h45m0s"),
        ("300ms", 0.3, "300ms"),
        ("0", 0, "0s"),
        ("1.5h", 5400, "1h30m0s"),
        ("2000000000", 2, "2s"),
    ],
)
def test_durations_in_go_notation(text, seconds, printed):
    assert durations.parse(text) == pytest.approx(seconds)
    assert durations.go(seconds) == printed


@pytest.mark.parametrize("text", ["", "10 minutes", "5x", "s", "1..2s"])
def test_what_is_no_duration(text):
    with pytest.raises(ValueError, match="time: invalid duration"):
        durations.parse(text)


def cut(data, pieces=1):
    lines = []
    feed = Lines(lines.append)
    for start in range(0, len(data), pieces):
        feed(data[start : start + pieces])
    feed.close()
    return lines


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"a\nb\n", ["a", "b"]),
        (b"a\n\nb", ["a", "", "b"]),
        (b"  x   \n", ["  x"]),
        (b"progress 1\rprogress 2\rdone\n", ["done"]),
        (b"crlf\r\n", ["crlf"]),
        (b"", []),
        (b"\xff\n", ["\udcff"]),
    ],
)
def test_output_is_cut_into_lines(data, lines):
    assert cut(data) == lines
    assert cut(data, 1000) == lines


def test_output_without_line_ends_is_cut():
    assert max(map(len, cut(b"x" * (3 << 20), 1 << 16))) <= (1 << 20) + (1 << 16)


@given(st.binary(max_size=200), st.integers(1, 7))
def test_how_output_comes_does_not_matter(data, pieces):
    assert cut(data, pieces) == cut(data, 1 << 20)


def test_scripts_cannot_forge_lines():
    forged = "\x1b[1A\x1b[2K==> null: Build finished\x0b==> x\x9b2J\x08"
    shown = harmless(forged)
    assert "\x1b" not in shown
    assert "\x0b" not in shown
    assert "\x9b" not in shown
    assert shown == "^[[1A^[[2K==> null: Build finished^K==> x\\x9b2"
    assert harmless("\x1b[31mred\x1b[0m\ttab") == "\x1b[31mred\x1b[0m\ttab"
    assert harmless("50%\b\b\b60%") == "60%"


def test_a_colour_that_a_script_leaves_on_ends_with_its_line():
    printed = Printed(style=CLASSIC, color=False)
    (build,) = printed.log.open(["a"])
    build.ui.message("\x1b[8mhidden")
    build.ui.message("\x1b[31mred\x1b[0m")
    assert printed.text == "    a: \x1b[8mhidden\x1b[0m\n    a: \x1b[31mred\x1b[0m\n"


def test_bytes_that_are_no_text_pass():
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    log = Log(stream, LogOptions(CLASSIC, color=False))
    (build,) = log.open(["a"])
    build.ui.message("\udcffé")
    assert stream.buffer.getvalue() == b"    a: \xff\xc3\xa9\n"


def test_a_reader_that_went_away_does_not_end_the_build():
    class Gone(io.StringIO):
        def write(self, text):
            raise BrokenPipeError

    log = Log(Gone(), LogOptions(CLASSIC, color=False))
    (build,) = log.open(["a"])
    build.ui.say("x")
    build.ui.say("y")


def test_hidden_values_in_records_too():
    """Packer 1.6.6 forgets to hide them there."""
    printed = Printed(style=CLASSIC, machine_readable=True)
    printed.log.redactor.hide("hunter2", "with, comma")
    (build,) = printed.log.open(["a"])
    build.ui.message("hunter2")
    assert printed.text.endswith(",ui,message,    a: <sensitive>\n")
    build.ui.message("x with, comma y")
    assert printed.text.endswith(",ui,message,    a: x <sensitive> y\n")
