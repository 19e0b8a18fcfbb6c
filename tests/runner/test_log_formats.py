"""The log beside its lines: JSON events, the table of times, what a terminal shows meanwhile, PACKER_LOG."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import jsonschema
import pytest

from bakelift import schemas
from bakelift.runner.log import CLASSIC, LogOptions, make_log
from bakelift.runner.log_live import Live, clock, on_terminal, size
from bakelift.runner.log_timing import StepLabel, StepTime, table
from bakelift.runner.redaction import Redactor
from bakelift.runner.ui import PlainUi, Writer

SCHEMA = json.loads((Path(schemas.__file__).parent / "log.schema.json").read_text())
NO_MACHINE = {"type": "null", "communicator": "none"}


def events(text):
    found = [json.loads(line) for line in text.splitlines()]
    validator = jsonschema.Draft202012Validator(SCHEMA)
    for event in found:
        validator.validate(event)
        del event["time"]
        event.pop("seconds", None)
    return found


def test_a_log_of_events(run_template, write_json):
    template = write_json(
        "t.json",
        {
            "builders": [{**NO_MACHINE, "name": "a"}],
            "provisioners": [
                {"type": "shell-local", "inline": ["echo 'out, of; \x1b[31mred'", "echo err >&2"]},
                {"type": "shell-local", "script": "/bin/true"},
            ],
            "post-processors": [{"type": "shell-local", "inline": ["echo post"]}],
        },
    )
    status, text = run_template(template, json_events=True)
    found = events(text)
    assert status == 0
    assert found[0] == {
        "event": "build-started",
        "build": "null.a",
        "builder": "null",
        "steps": [
            {"number": 1, "type": "shell-local", "what": ""},
            {"number": 2, "type": "shell-local", "what": "/bin/true"},
        ],
    }
    kinds = [event["event"] for event in found]
    assert kinds.count("step-started") == kinds.count("step-ended") == 4
    assert {"event": "message", "build": "null.a", "step": 1, "text": "out, of; \x1b[31mred"} in found
    assert {"event": "error", "build": "null.a", "step": 1, "text": "err"} in found
    assert {"event": "message", "build": "null.a", "post_processor": "shell-local", "text": "post"} in found
    assert found[-2]["event"] == "artifact"
    assert found[-1] == {"event": "run-ended", "outcome": "succeeded", "errors": {}}


def test_a_failure_as_events(run_template, write_json):
    template = write_json(
        "t.json", {"builders": [NO_MACHINE], "provisioners": [{"type": "shell-local", "inline": ["exit 3"]}]}
    )
    status, text = run_template(template, json_events=True)
    found = events(text)
    reason = "Script exited with non-zero exit status: 3. Allowed exit codes are: [0]"
    assert status == 1
    assert {
        "event": "step-ended",
        "build": "null",
        "number": 1,
        "type": "shell-local",
        "what": "",
        "outcome": "failed",
    } in found
    assert {"event": "build-ended", "build": "null", "outcome": "errored", "error": reason} in found
    assert found[-1] == {"event": "run-ended", "outcome": "failed", "errors": {"null": reason}}


def test_events_hide_values_and_stay_json():
    """Values are hidden before escapes disguise them, and a value that is a word of ours breaks nothing."""
    stream = io.StringIO()
    log = make_log(stream, LogOptions(json=True))
    log.redactor.hide('pa"ss\\word', "event", "text")
    (build,) = log.open(["a"])
    build.ui.message('it is pa"ss\\word')
    assert events(stream.getvalue()) == [{"event": "message", "build": "a", "text": "it is <sensitive>"}]


def test_the_table_of_times(run_template, write_json):
    template = write_json(
        "t.json",
        {
            "builders": [NO_MACHINE],
            "provisioners": [
                {"type": "shell-local", "script": "/bin/true"},
                {"type": "sleep", "duration": "20ms"},
                {"type": "shell-local", "inline": ["exit 1"]},
            ],
        },
    )
    status, text = run_template(template, log_style="classic", color=False, timing=True)
    assert status == 1
    shown = text.partition("\n\n==> Time of each step:\n")[2]
    assert re.sub(r" +\d+\.\d{3} s", "  T", shown).splitlines() == [
        "--> null: connect  T",
        "--> null: 1 shell-local /bin/true  T",
        "--> null: 2 sleep  T",
        "--> null: 3 shell-local  T  failed",
        "--> null: all steps  T",
    ]


def test_times_as_records(run_template, write_json):
    template = write_json(
        "t.json", {"builders": [NO_MACHINE], "provisioners": [{"type": "shell-local", "script": "/bin/true"}]}
    )
    _, text = run_template(template, log_style="classic", machine_readable=True, timing=True)
    assert re.search(r"^\d+,null,timing,1,shell-local,/bin/true,\d+\.\d{6},ok$", text, re.M)


def test_the_table_stands_in_columns():
    times = [StepTime(StepLabel(1, "shell", "a.sh"), 1.5), StepTime(StepLabel(10, "file", "b"), 100, "cached")]
    assert table([("x", times)]) == [
        "--> x: 1 shell a.sh    1.500 s",
        "--> x: 10 file b     100.000 s  cached",
        "--> x: all steps     101.500 s",
    ]


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("stream", "environment", "shown"),
    [
        (Terminal(), {"TERM": "xterm"}, True),
        (Terminal(), {"TERM": "dumb"}, False),
        (Terminal(), {"TERM": "xterm", "CI": "true"}, False),
        (io.StringIO(), {"TERM": "xterm"}, False),
    ],
)
def test_progress_is_for_people_at_a_terminal(stream, environment, shown):
    assert on_terminal(stream, environment) is shown


def test_progress_stands_below_the_log_and_goes():
    stream = io.StringIO()
    redactor = Redactor(["hunter2"])
    ui = PlainUi(Writer(stream, redactor, Live()))
    ui.progress("base of hunter2", 1 << 20, 4 << 20)
    ui.say("a line")
    ui.progress("base of hunter2", 4 << 20, 4 << 20)
    ui.say("another")
    shown = "\x1b[2mbase of <sensitive> 1.0 MiB of 4.0 MiB (25 %)\x1b[0m"
    assert stream.getvalue() == f"{shown}\r\x1b[Ka line\n{shown}\r\x1b[Kanother\n"


def test_a_silent_step_is_told_of(monkeypatch):
    stream = io.StringIO()
    log = make_log(stream, LogOptions(CLASSIC, color=False, live=True))
    (build,) = log.open(["null"])
    build.step_started(StepLabel(3, "shell", "setup.sh"))
    assert build.silence() is None
    build._since -= 75
    build.ui.spoken -= 65
    assert build.silence() == "null: 3 shell setup.sh 1:15, silent for 1:05"
    build.step_ended(StepTime(StepLabel(3, "shell"), 1))
    assert build.silence() is None


def test_sizes_and_clocks():
    assert [size(n) for n in (0, 999, 1024, 15 << 20, 1 << 50)] == ["0 B", "999 B", "1.0 KiB", "15 MiB", "1024 TiB"]
    assert clock(3661) == "61:01"


def test_packer_log(run_template, write_json, tmp_path, monkeypatch, server):
    host = {"ssh_host": "127.0.0.1", "ssh_port": server.port, "ssh_username": "root"}
    template = write_json(
        "t.json",
        {
            "variables": {"password": "hunter2-of-old"},
            "sensitive-variables": ["password"],
            "builders": [{"type": "null", **host, "ssh_private_key_file": str(server.key)}],
            "provisioners": [
                {"type": "shell", "environment_vars": ["P={{user `password`}}"], "inline": ["echo is $P"]},
                {"type": "file", "source": template_of(tmp_path), "destination": str(tmp_path / "there")},
            ],
        },
    )
    status, _ = run_template(template, environment={"PACKER_LOG_PATH": str(tmp_path / "log")})
    text = (tmp_path / "log").read_text()
    assert status == 0
    lines = [re.fullmatch(r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d (.*)", line)[1] for line in text.splitlines()]
    assert any(
        re.match(r"\[DEBUG\] starting remote command: chmod \+x /tmp/script_\d+.sh; .*P='<sensitive>'", x)
        for x in lines
    )
    assert any(line.startswith("[INFO] remote command exited with '0'") for line in lines)
    assert "ui: ==> null: is <sensitive>" in [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in lines]
    assert "hunter2" not in text


def template_of(folder):
    (folder / "here").write_text("x")
    return str(folder / "here")


def test_packer_log_goes_to_stderr(run_template, write_json, capsys):
    template = write_json("t.json", {"builders": [NO_MACHINE]})
    _, text = run_template(template, environment={"PACKER_LOG": "1"})
    assert "ui:" not in capsys.readouterr().err
    assert "Build 'null' finished" in text


def test_short_values_are_named(run_template, write_json):
    template = write_json(
        "t.json",
        {
            "variables": {"pin": "12", "empty": "", "long": "longer"},
            "sensitive-variables": ["pin", "empty", "long"],
            "builders": [NO_MACHINE],
            "provisioners": [{"type": "shell-local", "inline": ["echo 12 of 123"]}],
        },
    )
    _, text = run_template(template, log_style="classic", color=False)
    first, *rest = text.splitlines()
    assert first == (
        "Warning: the value of var.pin is sensitive and very short: it is hidden only where it stands alone. "
        "[build/short-secret]"
    )
    assert "    null: <sensitive> of 123" in rest
    assert "Warning" not in "".join(rest)
