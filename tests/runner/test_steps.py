"""Steps, one by one, on a machine that only remembers what it was told."""

from __future__ import annotations

import asyncio
import re
import time

import pytest

from bakelift.runner.communicators import DISCONNECTED
from bakelift.runner.errors import BuildError, CommunicatorError
from bakelift.runner.log import CLASSIC, CURRENT
from bakelift.runner.settings import Settings, build_symbols
from bakelift.runner.steps import StepContext, meta, module, remote, shell_local
from bakelift.runner.ui import Ui
from bakelift.translator.diagnostics import TemplateError
from bakelift.translator.files import DictFiles
from bakelift.translator.languages.go_template.reading import COMMAND_HOLES, parse_template
from bakelift.translator.plan.model import Setting
from bakelift.translator.plan.scope import Scope
from bakelift.translator.plan.values import from_python, to_expr


class Heard(Ui):
    def __init__(self):
        self.lines = []

    def say(self, text):
        self.lines.append(f"say {text}")

    def message(self, text):
        self.lines.append(f"out {text}")

    def error(self, text):
        self.lines.append(f"err {text}")


class Machine:
    """Remembers uploads and commands; answers with what ``statuses`` says of each command that is not ``rm``."""

    def __init__(self, *statuses):
        self.statuses = list(statuses)
        self.commands = []
        self.files = {}
        self.trees = []

    async def run(self, command, stdout=None, stderr=None, stdin=None):
        self.commands.append(command)
        if command.startswith("rm -f"):
            return 0
        status = self.statuses.pop(0) if self.statuses else 0
        if isinstance(status, Exception):
            raise status
        if stdout:
            stdout(b"some out")
            stderr(b"some err\n")
        return status

    async def upload(self, data, path, mode=0o644):
        if path.startswith("/none"):
            raise CommunicatorError("scp: /none: No such file or directory")
        self.files[path] = (data, mode)

    async def upload_tree(self, entries, directory):
        self.trees.append((directory, [entry.name for entry in entries]))

    async def download(self, path):
        return b"content", 0o644


def settings(**options):
    values = {}
    for name, value in options.items():
        if name == "execute_command" and isinstance(value, str):
            values[name] = Setting(parse_template(value, holes=COMMAND_HOLES))
        else:
            values[name] = Setting(to_expr(from_python(value)))
    return Settings(values, Scope(symbols=build_symbols({"ID": "Null"})), "step")


def perform(type_, machine=None, style=CLASSIC, files=None, **options):
    """Checks and runs a step; what it said."""
    heard = Heard()
    own = {"PACKER_BUILD_NAME": "n", "PACKER_BUILDER_TYPE": "null"}
    context = StepContext(heard, style, DictFiles(files or {}), own, machine)
    step = module(type_)
    step.check(settings(**options), context)
    asyncio.run(step.run(settings(**options), context))
    return heard.lines


def test_shell_runs_inline_commands_as_one_script():
    machine = Machine()
    lines = perform("shell", machine, inline=["echo a", "echo b"], remote_path="/tmp/s.sh")
    assert re.fullmatch(r"say Provisioning with shell script: /\S*/packer-shell\d+", lines[0])
    assert sorted(lines[1:]) == ["err some err", "out some out"]
    assert machine.files == {"/tmp/s.sh": (b"#!/bin/sh -e\necho a\necho b\n", 0o755)}
    assert machine.commands == [
        "chmod +x /tmp/s.sh; PACKER_BUILDER_TYPE='null' PACKER_BUILD_NAME='n'  /tmp/s.sh",
        "rm -f /tmp/s.sh",
    ]


def test_shell_names_scripts_by_chance_below_the_remote_folder():
    machine = Machine()
    perform("shell", machine, inline=["x"], remote_folder="/var/tmp")
    (path,) = machine.files
    assert re.fullmatch(r"/var/tmp/script_\d{1,9}\.sh", path)


def test_a_shebang_of_ones_own_since_1_13():
    machine = Machine()
    perform("shell", machine, CURRENT, inline=["#!/bin/bash", "x"], remote_path="/a")
    perform("shell", machine, CLASSIC, inline=["#!/bin/bash", "x"], remote_path="/b")
    perform("shell", machine, CURRENT, inline=["#!/bin/bash"], remote_path="/c", inline_shebang="/bin/sh")
    assert [data for data, _ in machine.files.values()] == [
        b"#!/bin/bash\nx\n",
        b"#!/bin/sh -e\n#!/bin/bash\nx\n",
        b"#!/bin/sh\n#!/bin/bash\n",
    ]


@pytest.mark.parametrize(
    ("binary", "data"), [(False, b"#!/bin/sh\necho x\n"), (True, b"#!/bin/sh\r\necho x")], ids=["text", "binary"]
)
def test_shell_mends_line_ends(binary, data):
    machine = Machine()
    files = {"s.sh": b"#!/bin/sh\r\necho x"}
    lines = perform("shell", machine, files=files, script="s.sh", binary=binary, remote_path="/s")
    assert lines[0] == "say Provisioning with shell script: s.sh"
    assert machine.files["/s"][0] == data


def test_shell_quotes_and_sorts_the_environment():
    machine = Machine()
    perform(
        "shell",
        machine,
        inline=["x"],
        remote_path="/s",
        environment_vars=["SQ=it's", "EQ=a=b", "A=1", "PACKER_BUILD_NAME=mine"],
        env={"A": "2", "EMPTY": ""},
        execute_command="{{.Vars}} sudo -E sh '{{ .Path }}'",
    )
    assert machine.commands[0] == (
        "A='2' EMPTY='' EQ='a=b' PACKER_BUILDER_TYPE='null' PACKER_BUILD_NAME='mine' SQ='it'\"'\"'s'  sudo -E sh '/s'"
    )


def test_shell_brings_the_environment_as_a_file():
    machine = Machine()
    perform("shell", machine, inline=["x"], remote_path="/s", environment_vars=["A=1"], use_env_var_file=True)
    path = next(iter(machine.files))
    assert re.fullmatch(r"/tmp/varfile_\d{1,9}\.sh", path)
    assert machine.files[path] == (
        b"export A='1'\nexport PACKER_BUILDER_TYPE='null'\nexport PACKER_BUILD_NAME='n'\n",
        0o600,
    )
    assert machine.commands == [f"chmod +x /s; . {path} && /s", "rm -f /s", f"rm -f {path}"]


def test_a_failed_script_is_removed_too():
    """Packer leaves it there, for every user of the machine to read."""
    machine = Machine(3)
    with pytest.raises(
        BuildError, match=r"^Script exited with non-zero exit status: 3\.Allowed exit codes are: \[0\]$"
    ):
        perform("shell", machine, inline=["x"], remote_path="/s", use_env_var_file=True)
    (variables,) = (path for path in machine.files if "varfile" in path)
    assert machine.commands[1:] == ["rm -f /s", f"rm -f {variables}"]
    with pytest.raises(BuildError, match=r"status: 0\. Allowed exit codes are: \[2 4\]$"):
        perform("shell", Machine(0), CURRENT, inline=["x"], valid_exit_codes=[2, 4])
    perform("shell", Machine(2), inline=["x"], valid_exit_codes=[2, 4])


def test_disconnects():
    with pytest.raises(BuildError, match="Script disconnected unexpectedly"):
        perform("shell", Machine(DISCONNECTED), inline=["x"])
    machine = Machine(DISCONNECTED)
    perform("shell", machine, inline=["x"], expect_disconnect=True, remote_path="/s")
    assert machine.commands[-1] == "rm -f /s"
    perform("shell", Machine(DISCONNECTED), inline=["x"], valid_exit_codes=[0, DISCONNECTED])
    with pytest.raises(BuildError, match="status: 1"):
        perform("shell", Machine(1), inline=["x"], expect_disconnect=True)


def test_starting_is_tried_again(monkeypatch):
    monkeypatch.setattr(remote, "RETRY_PAUSE", 0.01)
    machine = Machine(CommunicatorError("gone"), CommunicatorError("gone"), 0)
    perform("shell", machine, inline=["x"], skip_clean=True)
    assert len(machine.commands) == 3
    with pytest.raises(BuildError, match="gone"):
        perform("shell", Machine(*[CommunicatorError("gone")] * 99), inline=["x"], start_retry_timeout="50ms")


def test_pause_after():
    lines = perform("shell", Machine(), inline=["x"], pause_after="10ms")
    assert lines[-1] == "say Pausing 10ms after this provisioner..."


@pytest.mark.parametrize(
    ("options", "summary"),
    [
        ({}, "Either a script file or inline script must be specified."),
        ({"inline": []}, "Either a script file or inline script must be specified."),
        ({"script": "a", "scripts": ["b"]}, "Only one of script or scripts can be specified."),
        ({"inline": ["a"], "script": "b"}, "Only a script file or an inline script can be specified, not both."),
        ({"script": "none.sh"}, "Bad script 'none.sh': stat none.sh: no such file or directory"),
        ({"inline": ["a"], "environment_vars": ["FOO"]}, "Environment variable not in format 'key=value': FOO"),
    ],
)
def test_shell_refuses(options, summary):
    with pytest.raises(TemplateError) as raised:
        perform("shell", Machine(), **options)
    assert raised.value.diagnostics[0].summary == summary


def test_shell_local():
    lines = perform(
        "shell-local",
        inline=["echo $A $0; echo e >&2", "exit 4"],
        environment_vars=["A=it's"],
        valid_exit_codes=[4],
    )
    name = lines[0].removeprefix("say Running local shell script: ")
    assert sorted(lines[1:]) == ["err e", f"out it's {name}"]


def test_shell_local_runs_what_it_is_told():
    lines = perform("shell-local", inline=["x"], execute_command=["printf", "%s", "fixed"])
    assert lines[1:] == ["out fixed"]
    with pytest.raises(BuildError, match="Error executing script"):
        perform("shell-local", inline=["x"], execute_command=["/no/such/program"])


def test_a_local_program_that_will_not_end_is_ended(monkeypatch):
    monkeypatch.setattr(shell_local, "PATIENCE", 0.2)

    async def main():
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await shell_local.run_local(["/bin/sh", "-c", "trap '' TERM; sleep 20; sleep 20"], bytes, bytes)

    asyncio.run(asyncio.wait_for(main(), 5))


def test_shell_local_elsewhere():
    assert perform("shell-local", inline=["x"], only_on=["windows"]) == ["say Skipping shell-local due to runtime OS"]


def test_file_uploads(tmp_path):
    machine = Machine()
    files = {"d/a.txt": b"A", "d/sub/b.txt": b"B"}
    assert perform("file", machine, files=files, source="d/a.txt", destination="/r/") == [
        "say Uploading d/a.txt => /r/"
    ]
    assert machine.files == {"/r/a.txt": (b"A", 0o644)}
    perform("file", machine, files=files, source="d/", destination="/r")
    perform("file", machine, files=files, source="d", destination="/r")
    assert machine.trees == [("/r", ["a.txt", "sub/b.txt"]), ("/r", ["d", "d/a.txt", "d/sub/b.txt"])]
    perform("file", machine, content="text", destination="/c")
    assert machine.files["/c"] == (b"text", 0o644)


def test_file_failures_are_said():
    heard = Heard()
    context = StepContext(heard, CLASSIC, DictFiles({"a": b""}), {}, Machine())
    with pytest.raises(BuildError, match=r"^scp: /none: No such file or directory$"):
        asyncio.run(module("file").run(settings(source="a", destination="/none/a"), context))
    assert heard.lines == ["say Uploading a => /none/a", "err Upload failed: scp: /none: No such file or directory"]


def test_file_downloads(tmp_path):
    lines = perform("file", Machine(), source="/r/a", destination=f"{tmp_path}/new/", direction="download")
    assert lines == [f"say Downloading /r/a => {tmp_path}/new/"]
    assert (tmp_path / "new" / "a").read_bytes() == b"content"


def wrapped(options, attempts, pause_or_timeout=False):
    """Runs an action that fails with each of ``attempts`` in turn (None: it does not); what was said, and the end."""
    heard = Heard()
    left = list(attempts)

    async def action():
        heard.say("run")
        outcome = left.pop(0)
        if outcome == "hang":
            await asyncio.sleep(5)
        elif outcome:
            raise BuildError(outcome)

    try:
        asyncio.run(meta.run(meta.Meta(**options), action, heard, pause_or_timeout))
    except BuildError as error:
        return heard.lines, str(error)
    return heard.lines, None


def test_retries_tell_the_last_failure():
    """Packer tells the first one each time."""
    assert wrapped({"max_retries": 2}, ["a", "b", "c"]) == (
        [
            "say run",
            'say Provisioner failed with "a", retrying with 2 trie(s) left',
            "say run",
            'say Provisioner failed with "b", retrying with 1 trie(s) left',
            "say run",
            "say retry limit reached.",
        ],
        "c",
    )
    assert wrapped({"max_retries": 1}, ["a", None])[1] is None


def test_timeouts_and_pauses():
    hang = wrapped({"timeout": 0.05}, ["hang"])
    assert hang == (
        [
            "say Setting a 50ms timeout for the next provisioner...",
            "say run",
            "err Cancelling provisioner after a timeout...",
        ],
        "context canceled",
    )
    both = {"timeout": 9.0, "pause_before": 0.01}
    assert wrapped(both, [None])[0] == [
        "say Setting a 9s timeout for the next provisioner...",
        "say Pausing 10ms before the next provisioner...",
        "say run",
    ]
    # Legacy JSON: a pause makes Packer forget the timeout.
    assert wrapped(both, [None], True)[0] == ["say Pausing 10ms before the next provisioner...", "say run"]


def test_continuing_on_error():
    lines, error = wrapped({"continue_on_error": True, "max_retries": 1}, ["a", "b"])
    assert error is None
    assert lines[-1] == (
        'say Warning: Provisioner failed with "b", but continue_on_error is set; continuing the build.'
    )


def test_options_are_decoded_weakly():
    given = settings(n="22", b="true", one="x", d="1m30s", t=5, f=False, empty="")
    assert given.integer("n") == 22
    assert given.boolean("b") is True
    assert given.texts("one") == ["x"]
    assert given.duration("d") == 90
    assert given.text("t") == "5"
    assert given.text("f") == "false"
    assert not given.given("empty")
    for wrong in (lambda: given.integer("one"), lambda: given.boolean("one"), lambda: given.duration("one")):
        with pytest.raises(TemplateError):
            wrong()


def test_a_local_program_that_is_only_starting_is_ended_too(tmp_path):
    """However early the build is cancelled: nothing runs on."""

    async def main(turns):
        running = asyncio.ensure_future(
            shell_local.run_local(["/bin/sh", "-c", f"sleep 1; touch {tmp_path}/late"], lambda _: None, lambda _: None)
        )
        for _ in range(turns):
            await asyncio.sleep(0)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    for turns in range(1, 12):
        asyncio.run(main(turns))
    time.sleep(1.3)
    assert not (tmp_path / "late").exists()
