"""Builds as a whole: preparing, failing, asking, being interrupted. Without a host: local scripts and files do."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from bakelift.translator.diagnostics import TemplateError

NONE = {"type": "null", "communicator": "none"}


def local(*lines, **options):
    return {"type": "shell-local", "inline": list(lines), **options}


@pytest.fixture
def build(write_json, run_template, tmp_path, monkeypatch):
    """Runs a template given as data, without colours."""
    monkeypatch.chdir(tmp_path)

    def run(data, **options):
        return run_template(write_json("t.json", data), **{"color": False, **options})

    return run


def body(text):
    """The lines before the summary, without the paths of scripts."""
    lines = text.split("\n\n==> Wait completed", 1)[0].split("\n")
    return [line for line in lines if "Running local shell script" not in line]


def test_a_build_that_cannot_be_prepared_does_not_stop_the_others(build):
    data = {
        "builders": [{**NONE, "name": "good"}, {"type": "null", "name": "bad"}],
        "provisioners": [local("echo hi")],
    }
    status, text = build(data)
    assert status == 1
    assert 'Error: Failed to prepare build: "null.bad"' in text
    assert "a Host must be specified" in text
    assert "==> null.good: hi\nBuild 'null.good' finished after" in text


def test_everything_is_checked_before_anything_runs(build, tmp_path):
    refused = []
    data = {
        "builders": [NONE],
        "provisioners": [
            local(f"touch {tmp_path}/ran"),
            {"type": "shell-local", "script": "missing.sh"},
            {"type": "file", "source": "nowhere", "destination": "/x", "direction": "sideways"},
            {"type": "chef-solo"},
            {"type": "shell", "inline": ["x"], "environment_vars": ["NOEQUALS"]},
        ],
        "post-processors": [{"type": "vagrant"}],
    }
    status, _ = build(data, refused=lambda name, error: refused.append((name, error)))
    assert status == 1
    assert not (tmp_path / "ran").exists()
    ((name, error),) = refused
    assert name == "null"
    assert isinstance(error, TemplateError)
    assert [item.code for item in error.diagnostics] == [
        "build/bad-script",
        "build/bad-direction",
        "build/step-not-runnable",
        "build/bad-environment-variable",
        "build/post-processor-not-runnable",
    ]
    assert all(item.span is not None for item in error.diagnostics)


def test_legacy_json_runs_by_name_and_shows_types_since_1_8_6(build):
    data = {
        "builders": [{**NONE, "name": "b"}, {**NONE, "name": "a"}, NONE],
        "provisioners": [local("echo $PACKER_BUILD_NAME {{build_name}}")],
    }
    status, text = build(data, parallel_builds=1)
    assert status == 0
    assert [line for line in body(text) if line.startswith("==>")] == [
        "==> null.a: a a",
        "==> null.b: b b",
        "==> null: null null",
    ]
    _, text = build(data, parallel_builds=1, log_style="classic")
    assert [line for line in body(text) if line.startswith("    ")] == [
        "    a: a a",
        "    b: b b",
        "    null: null null",
    ]


def test_a_shell_step_without_a_machine_fails_at_once(build):
    """Packer 1.6.6 tries for five minutes to upload the script to a machine that does not exist."""
    begun = time.monotonic()
    status, text = build({"builders": [NONE], "provisioners": [{"type": "shell", "inline": ["echo x"]}]})
    assert status == 1
    assert time.monotonic() - begun < 5
    assert "errored after" in text
    assert "No communicator found for provisioners!" in text


def test_parallel_builds(build, tmp_path):
    each = [{**NONE, "name": name} for name in "abc"]
    (met := tmp_path / "met").mkdir()
    wait = f"touch {met}/$PACKER_BUILD_NAME; until [ $(ls {met} | wc -l) = 3 ]; do sleep 0.01; done"
    status, _ = build({"builders": each, "provisioners": [{**local(wait), "timeout": "30s"}]})
    assert status == 0, "all three run at once"
    data = {"builders": each, "provisioners": [local("echo begin; sleep 0.1; echo end")]}
    _, text = build(data, parallel_builds=1)
    said = [line.split(": ")[-1] for line in body(text) if line.startswith("==>")]
    assert said == ["begin", "end"] * 3


def answers(*lines):
    rest = iter(lines)
    return lambda: next(rest)


FAILS = {"builders": [NONE], "provisioners": [local("echo one", "exit 1")]}
EXIT = "Script exited with non-zero exit status: 1.Allowed exit codes are: [0]"
QUESTION = (
    "==> null: [c] Clean up and exit, [a] abort without cleanup, "
    "or [r] retry step (build may fail even if retry succeeds)? "
)


def test_asking_what_to_do(build):
    """The words of Packer's run in a terminal, with x, r and c typed."""
    status, text = build(FAILS, on_error="ask", answers=answers("x\n", "r\n", "c\n"), log_style="classic")
    assert status == 1
    assert text.split("Build 'null'")[0].split("\n")[1:-1] == [
        "    null: one",
        f"==> null: {EXIT}",
        '==> null: Step "StepProvision" failed',
        QUESTION + '==> null: Incorrect input: "x"',
        QUESTION + text.split("succeeds)? ")[2].split("\n")[0],
        "    null: one",
        f"==> null: {EXIT}",
        '==> null: Step "StepProvision" failed',
        QUESTION + "==> null: Provisioning step had errors: Running the cleanup provisioner, if present...",
    ]


def test_asking_and_aborting(build):
    status, text = build(FAILS, on_error="ask", answers=answers("a\n"), log_style="classic")
    assert status == 1
    assert text.split(QUESTION)[1].split("\n")[:3] == [
        f"==> null: {EXIT}",
        '==> null: Step "StepProvision" failed, aborting...',
        '==> null: aborted: skipping cleanup of step "StepConnect"',
    ]


def test_asking_when_nobody_is_there_cleans_up(build):
    status, text = build(FAILS, on_error="ask", machine_readable=True)
    assert status == 1
    assert "Running the cleanup provisioner" in text


def test_debug_pauses(build):
    status, text = build(FAILS, debug=True, answers=answers(*["\n"] * 6), log_style="classic")
    assert status == 1
    assert text.startswith(
        "Debug mode enabled. Builds will not be parallelized.\n"
        "==> null: Pausing after run of step 'StepConnect'. Press enter to continue. "
        "==> null: Pausing before the next provisioner . Press enter to continue. "
        "==> null: Running local shell script: "
    )
    assert "==> null: Pausing before cleanup of step 'StepConnect'. Press enter to continue. Build 'null'" in text


def test_a_breakpoint_waits_for_a_person(build):
    data = {
        "builders": [NONE],
        "provisioners": [{"type": "breakpoint", "note": "look"}, {"type": "breakpoint", "disable": True}],
    }
    status, text = build(data, answers=answers("\n"))
    assert status == 0
    assert text.startswith(
        '==> null: Pausing at breakpoint provisioner with note "look".\n==> null: Press enter to continue. '
        "==> null: Breakpoint provisioner disabled; continuing...\n"
    )


@pytest.mark.parametrize(("number", "word"), [(signal.SIGINT, "interrupt"), (signal.SIGTERM, "terminated")])
def test_a_signal_cancels_and_cleans_up(build, tmp_path, number, word):
    data = {
        "builders": [{**NONE, "name": "a"}, {**NONE, "name": "b"}],
        "provisioners": [local("echo start", f"touch {tmp_path}/$PACKER_BUILD_NAME", "sleep 20", "echo end")],
        "error-cleanup-provisioner": local("echo cleanup"),
        "post-processors": ["manifest"],
    }

    sent = []

    def send():
        deadline = time.monotonic() + 15
        while not ((tmp_path / "a").exists() and (tmp_path / "b").exists()) and time.monotonic() < deadline:
            time.sleep(0.02)
        sent.append(time.monotonic())
        os.kill(os.getpid(), number)

    threading.Thread(target=send).start()
    status, text = build(data, log_style="classic")
    assert time.monotonic() - sent[0] < 8
    assert status == 1
    assert f"Cancelling build after receiving {word}\n" in text
    assert "end" not in [line.split(": ")[-1] for line in text.split("\n")]
    # An interrupted build is no failed one: Packer runs no cleanup provisioner, and lists nothing.
    assert "cleanup" not in text
    assert "Running post-processor" not in text
    assert "Build 'a' finished after" in text
    assert text.endswith("\nCleanly cancelled builds after being interrupted.\n")
    assert "artifacts" not in text


def test_a_signal_starts_no_further_builds(build, tmp_path):
    data = {
        "builders": [{**NONE, "name": "a"}, {**NONE, "name": "b"}],
        "provisioners": [local(f"touch {tmp_path}/$PACKER_BUILD_NAME", "sleep 20")],
    }

    def send():
        while not (tmp_path / "a").exists():
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=send).start()
    status, text = build(data, parallel_builds=1, log_style="classic")
    assert status == 1
    assert not (tmp_path / "b").exists()
    assert "Build 'b' failed to acquire semaphore: context canceled\n" in text


def test_no_build_selected(build):
    status, text = build({"builders": [NONE]}, only=["other"])
    assert status == 1
    assert "No builds to run" in text
    status, text = build({"builders": [NONE]}, only=["other"], log_style="classic")
    assert status == 0
    assert "==> Builds finished but no artifacts were created." in text


def test_generated_data_reaches_steps_and_post_processors(build):
    data = {
        "variables": {"who": "world"},
        "builders": [NONE],
        "provisioners": [local("echo {{user `who`}} {{build `ID`}} {{build `ConnType`}} {{packer_version}}")],
        "post-processors": [local("echo {{build `ID`}} {{build `PackerRunUUID`}}")],
    }
    status, text = build(data)
    assert status == 0
    assert "==> null: world Null none 1.16.0\n" in text
    assert "==> null (shell-local): Null " in text


def test_the_file_builder_copies_and_post_processors_keep(build, tmp_path):
    (tmp_path / "in").write_text("x")
    data = {
        "builders": [{"type": "file", "source": "in", "target": "out/{{build_name}}"}],
        "post-processors": [[{"type": "compress", "output": "out/a.zip"}, {"type": "artifice", "files": ["in"]}]],
    }
    status, text = build(data)
    assert status == 0
    assert not (tmp_path / "out" / "file").exists()
    assert not (tmp_path / "out" / "a.zip").exists()
    assert "--> file: Created artifact from files: in\n" in text


def test_a_failing_post_processor_lets_the_other_chains_run(build, tmp_path):
    data = {
        "builders": [{"type": "file", "content": "x", "target": "f"}],
        "post-processors": [[local("exit 2"), "manifest"], ["checksum"]],
    }
    status, text = build(data)
    assert status == 1
    assert "Running post-processor: manifest" not in text
    assert (tmp_path / "packer_file_file_md5.checksum").read_text().endswith("\tf\n")
    assert "--> file: 1 error(s) occurred:\n\n* Post-processor failed: Script exited with non-zero" in text


def test_public_entry_has_no_side_effects_on_streams(build, capsys):
    build({"builders": [NONE]})
    assert capsys.readouterr().out == ""


def test_nothing_heavy_is_imported_with_the_package(tmp_path):
    import subprocess
    import sys

    code = "import bakelift.runner, sys; print({'asyncio', 'asyncssh', 'bakelift.runner.builds'} & set(sys.modules))"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment, cwd=tmp_path
    )
    assert done.stdout.strip() == "set()"


def test_a_retry_begins_with_the_step_that_failed_and_reads_its_script_anew(build, tmp_path):
    script = tmp_path / "again.sh"
    script.write_text("#!/bin/sh\necho tried >>tries\nexit 1\n")
    script.chmod(0o755)

    def mended():
        script.write_text("#!/bin/sh\necho mended\n")
        return "r\n"

    data = {
        "builders": [NONE],
        "provisioners": [
            local("echo once >>tries"),
            {"type": "shell-local", "script": "again.sh"},
            local("echo last >>tries"),
        ],
    }
    status, text = build(data, on_error="ask", answers=mended, timing=True)
    assert status == 0
    assert (tmp_path / "tries").read_text() == "once\ntried\nlast\n"
    assert "==> null: [r] runs step 2 shell-local again.sh again, its script read anew.\n" in text
    assert "==> null: mended" in text


def test_local_scripts_run_here_only_when_somebody_allows_it(build, tmp_path):
    data = {
        "builders": [NONE],
        "provisioners": [local("touch ran")],
        "post-processors": [local("touch ran")],
    }
    status, text = build(data, allow_local=False)
    assert status == 1
    assert text.count("shell-local would run a script of the template on this machine") == 2
    assert not (tmp_path / "ran").exists()
