"""The service's log, in both ages of its prefixes, whole or in pieces."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bakelift.runner.imagebuilder.packer_log import LONGEST, LineReader, LogLine, read_line


@pytest.mark.parametrize(
    ("line", "kind", "text"),
    [
        ("PACKER OUT ==> azure-arm: Deploying deployment template ...", "say", "Deploying deployment template ..."),
        ("[864c0337-b300] PACKER OUT     azure-arm: hello", "message", "hello"),
        (
            "[864c0337-b300] PACKER ERR 2023/06/13 08:28:58 [INFO] (telemetry) Starting provisioner windows-restart",
            "begin",
            "windows-restart",
        ),
        ("PACKER ERR 2023/06/13 08:28:58 [INFO] (telemetry) ending shell", "end", "shell"),
        ("PACKER ERR 2023/06/13 08:28:58 [INFO] (telemetry) found error: Script exited", "failed", "Script"),
        ("[7111] PACKER 2025/03/18 20:42:48 [INFO] (telemetry) ending shell", "end", "shell"),
        ("[7111] PACKER 2025/03/18 20:42:48 ui error: ==> azure-arm: sh: 1: no", "error", "sh: 1: no"),
        ("[7111] PACKER ERR 2019/09/22 22:10:00 ui error: ==> azure-arm: stands in OUT as well", "debug", None),
        ("[7111] PACKER ERR 2019/09/22 22:10:00 ui: ==> azure-arm: so does this", "debug", None),
        ("PACKER ERR ==> azure-arm: Deleting individual resources ...", "say", "Deleting individual resources ..."),
        ("==> azure-arm: the next line of a text", "say", "the next line of a text"),
        ("PACKER ERR 2020/04/30 23:30:50 packer: 2020/04/30 23:30:50 Waiting for WinRM", "debug", None),
        (
            "[7111] PACKER 2025/03/18 20:42:48 ui:     azure-arm: E: Could not open file",
            "message",
            "E: Could not open file",
        ),
        ("[7111] PACKER 2025/03/18 20:42:48 ui: ==> azure-arm: Connected to SSH!", "say", "Connected to SSH!"),
        ("[7111] PACKER 2025/03/18 20:42:48 [INFO] something of its own", "debug", None),
        (
            "[7111] PACKER Done exporting Packer logs to Azure Storage.",
            "message",
            "Done exporting Packer logs to Azure Storage.",
        ),
        ("a line without a prefix", "message", "a line without a prefix"),
    ],
)
def test_lines(line: str, kind: str, text: str | None) -> None:
    found = read_line(line)
    assert found.kind == kind
    assert text is None or found.text == text


def test_when_a_step_began_and_ended() -> None:
    begin, end = (
        read_line(f"[7111] PACKER 2025/03/18 {time} [INFO] (telemetry) {what} shell")
        for time, what in (("23:59:50", "Starting provisioner"), ("23:59:59", "ending"))
    )
    assert (begin.kind, end.kind, end.at - begin.at) == ("begin", "end", 9)
    assert read_line("PACKER OUT (telemetry) ending shell") == LogLine("end", "shell")


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(st.text(st.sampled_from("aä→😀 ="), max_size=9), max_size=9), st.data())
def test_pieces_make_the_same_lines(lines: list[str], data: st.DataObject) -> None:
    whole = "".join(f"{line}\n" for line in lines).encode()
    reader = LineReader()
    found: list[str] = []
    at = 0
    while at < len(whole):
        size = data.draw(st.integers(1, len(whole) - at))
        found += reader.feed(whole[at : at + size])
        at += size
    found += reader.feed(b"", final=True)
    assert found == lines


def test_a_line_without_end_is_shown_in_pieces() -> None:
    reader = LineReader()
    sizes = [len(line) for _ in range(10) for line in reader.feed(b"x" * LONGEST)]
    assert sizes and set(sizes) == {LONGEST}
