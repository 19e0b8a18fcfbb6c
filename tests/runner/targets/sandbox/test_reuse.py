"""Steps that did not change are not run again; what they made is there all the same."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bakelift.runner import build_scope, journal
from bakelift.runner.progress import StepOptions
from bakelift.runner.targets.sandbox import cleaning, fingerprint

HEAD = 'source "null" "x" { communicator = "none" }\nbuild {\n  sources = ["source.null.x"]\n'

Build = Callable[..., tuple[int, str]]


def step(*lines: str, name: str = "", more: str = "") -> str:
    said = ", ".join('"' + line.replace("\\", "\\\\").replace('"', '\\"') + '"' for line in lines)
    named = f'name = "{name}"\n' if name else ""
    return f'  provisioner "shell" {{\n{named}inline = [{said}]\n{more}\n}}\n'


@pytest.fixture
def build(lab: Any, run_template: Any, monkeypatch: pytest.MonkeyPatch) -> Build:
    """Builds steps in a lab on this machine's view; the status, and the log."""
    # Others may change the machine meanwhile.
    monkeypatch.setattr(fingerprint, "_host", lambda: "this machine")

    def run(*steps: str, head: str = HEAD, **options: Any) -> tuple[int, str]:
        path = lab.folder / "t.pkr.hcl"
        path.write_text(head + "".join(steps) + "}\n")

        def work() -> tuple[int, str]:
            os.chdir(lab.folder)
            return run_template(  # type: ignore[no-any-return]
                "t.pkr.hcl", on="sandbox", base="host", out=str(lab.out), color=False, **options
            )

        return lab.call(work)  # type: ignore[no-any-return]

    lab.call(cleaning.clean)
    return run


def ran(log: str) -> list[str]:
    return [line.rpartition("ran ")[2] for line in log.splitlines() if ": ran " in line]


def test_only_what_changed_runs_again(build: Build, lab: Any) -> None:
    steps = [step(f"echo ran {n}; echo {n} >>/opt/all; echo {n} >/etc/n{n}") for n in range(1, 6)]
    status, log = build(*steps)
    assert status == 0 and ran(log) == ["1", "2", "3", "4", "5"], log
    status, log = build(*steps)
    assert status == 0 and ran(log) == []
    assert "Steps 1 to 5 of 5 not changed: reusing what they made." in log
    changed = [*steps[:4], step("echo ran six; paste -sd. /opt/all; rm /etc/n2; ls /etc | grep ^n.$")]
    status, log = build(*changed)
    assert status == 0 and ran(log) == ["six"]
    assert ": 1.2.3.4\n" in log and [n for n in "123456" if f": n{n}\n" in log] == ["1", "3", "4"]
    status, log = build(steps[0], *steps[2:])
    assert ran(log) == ["3", "4", "5"]


def test_what_a_reused_build_makes_is_the_same(build: Build, lab: Any) -> None:
    steps = [
        step("mkdir -p /opt/d; echo x >/opt/d/f; ln /opt/d/f /opt/hard; ln -s d /opt/soft; chmod 4711 /opt/d/f"),
        step("rm -r /usr/share/misc; mkdir /usr/share/misc; echo 1 >/usr/share/misc/one"),
        step("head -c 3000000 /dev/zero >/opt/large"),
        step("rm /opt/hard; echo y >>/opt/d/f"),
    ]

    def made() -> str:
        import json

        data = json.loads((lab.out / "null.x.manifest.json").read_text())
        return json.dumps([data["added"], data["changed"], data["deleted"]])

    assert build(*steps)[0] == 0
    cold = made()
    for count in (4, 3, 2, 1):
        for key in (lab.cache / "bakelift" / "k").iterdir():
            if count < 4:
                key.unlink()
        if count < 4:
            assert build(*steps[:count])[0] == 0
        status, log = build(*steps)
        assert status == 0 and "of 4 not changed" in log
        assert made() == cold


@pytest.mark.parametrize(
    "more",
    ['environment_vars = ["A=2"]', 'execute_command = "sh -e {{ .Path }}"', 'inline_shebang = "/bin/sh -x"'],
)
def test_everything_that_a_step_says_counts(build: Build, more: str) -> None:
    assert ran(build(step("echo ran 1"))[1]) == ["1"]
    assert ran(build(step("echo ran 1", more=more))[1]) == ["1"]
    assert ran(build(step("echo ran 1", more=more))[1]) == []


def test_when_a_step_runs_does_not_count(build: Build) -> None:
    assert ran(build(step("echo ran 1"))[1]) == ["1"]
    assert ran(build(step("echo ran 1", more='pause_before = "1ms"\ntimeout = "5m"\nmax_retries = 2'))[1]) == []


def test_files_count_by_their_bytes_and_modes(build: Build, lab: Any) -> None:
    folder = lab.folder
    (folder / "site").mkdir(exist_ok=True)
    (folder / "site" / "a").write_text("1")
    (folder / "run.sh").write_text("echo ran 1; cat /tmp/site/a\n")
    files = '  provisioner "file" {\n source = "site"\n destination = "/tmp"\n}\n'
    script = '  provisioner "shell" {\n script = "run.sh"\n}\n'
    assert ran(build(files, script)[1]) == ["1"]
    assert ran(build(files, script)[1]) == []
    (folder / "site" / "a").write_text("2")
    assert ran(build(files, script)[1]) == ["1"]
    (folder / "site" / "a").chmod(0o600)
    os.chown(folder / "site" / "a", lab.uid, -1)
    assert ran(build(files, script)[1]) == ["1"]
    (folder / "run.sh").write_text("echo ran 2\n")
    _, log = build(files, script)
    assert ran(log) == ["2"] and "Uploading" not in log


def test_a_download_always_happens(build: Build, lab: Any) -> None:
    make, other = step("echo ran 1; echo kept >/opt/f"), step("echo ran 2; echo other >/opt/f")
    fetch = (
        f'  provisioner "file" {{\n direction = "download"\n source = "/opt/f"\n destination = "{lab.folder}/got"\n}}\n'
    )
    got = lab.folder / "got"
    for expected in (["1", "2"], []):
        got.unlink(missing_ok=True)
        assert ran(build(make, fetch, other)[1]) == expected
        assert got.exists()


def test_a_local_script_runs_inside_and_is_kept(build: Build) -> None:
    local = '  provisioner "shell-local" {\n inline = ["echo ran local; echo 1 >/opt/by-local"]\n}\n'
    assert ran(build(local, step("echo ran 1"))[1]) == ["local", "1"]
    assert ran(build(local, step("echo ran $(cat /opt/by-local)x"))[1]) == ["1x"]


def test_a_failed_build_goes_on_where_it_failed(build: Build) -> None:
    good = step("echo ran 1; echo 1 >/opt/f")
    status, log = build(good, step("echo ran bad; echo half >>/opt/f; exit 3"))
    assert status == 1 and ran(log) == ["1", "bad"]
    status, log = build(good, step("echo ran 2; cat /opt/f"))
    assert status == 0 and ran(log) == ["2"] and "half" not in log, log


def test_no_cache_runs_all_and_keeps_the_new(build: Build) -> None:
    once = step("echo ran 1; date +%s%N >/opt/f")
    show = step("echo ran $(cat /opt/f)")
    _, (first,) = "1", ran(build(once, show)[1])[1:]
    _, (second,) = "1", ran(build(once, show, steps=StepOptions(fresh=True))[1])[1:]
    assert first != second
    assert ran(build(once, show, step("echo ran $(cat /opt/f)"))[1]) == [second]


def test_a_step_that_leaves_a_program_running_is_not_kept(build: Build) -> None:
    steps = [step("echo ran 1; (sleep 3 &) ; echo 1 >/opt/f"), step("echo ran 2; pgrep -x sleep")]
    status, log = build(*steps)
    assert status == 0 and "Step 1 is not kept: sleep still running." in log
    assert ran(build(*steps)[1]) == ["1", "2"]


def test_parts_of_a_build(build: Build, lab: Any) -> None:
    steps = [step(f"echo ran {n}; echo {n} >>/opt/all", name=f"n{n}") for n in range(1, 5)]
    status, log = build(*steps, steps=StepOptions(last="n2"))
    assert status == 0 and ran(log) == ["1", "2"]
    assert "Stopped after step 2 of 4: no image is made." in log and not lab.out.exists()
    status, log = build(*steps, steps=StepOptions(first="4"))
    assert status == 1 and "The state after step 3 is not kept" in log
    assert ran(build(*steps)[1]) == ["3", "4"]
    assert ran(build(*steps, steps=StepOptions(first="n3", last="3"))[1]) == ["3"]
    assert ran(build(*steps, steps=StepOptions(first="2"))[1]) == ["2", "3", "4"]


def test_from_takes_what_the_last_run_left_though_steps_changed(build: Build, lab: Any) -> None:
    assert ran(build(step("echo ran 1; echo 1 >/opt/f"), step("echo ran 2"))[1]) == ["1", "2"]
    past = lab.call(lambda: journal.latest(os.path.abspath(lab.folder / "t.pkr.hcl"), "sandbox"))
    changed = step("echo ran new; echo new >/opt/f"), step("echo ran $(cat /opt/f)")
    status, log = build(*changed, steps=StepOptions(first="2", past=past))
    assert status == 0 and ran(log) == ["1"]
    assert "Beginning after step 1 as the last run left it, although steps before have changed." in log


def test_a_step_that_is_not_there_is_refused(build: Build) -> None:
    for options in (StepOptions(first="9"), StepOptions(last="nine"), StepOptions(first="2", last="1")):
        status, log = build(step("echo ran 1"), step("echo ran 2"), steps=options)
        assert status == 1 and ran(log) == [] and "step" in log


def test_dry_run_says_what_is_kept_and_runs_nothing(build: Build) -> None:
    steps = [step("echo ran 1", name="first"), step("echo ran 2", "true")]
    build(steps[0])
    status, log = build(*steps, steps=StepOptions(dry_run=True))
    lines = [line.split() for line in log.splitlines() if line.startswith("==> null.x:")]
    assert status == 0 and ran(log) == []
    assert lines[0][2:] == ["2", "steps:"]
    assert lines[1][2:4] == ["1", "cached"] and lines[1][5:] == ["shell", '"first":', "1", "line"]
    assert lines[2][2:5] == ["2", "to", "run"] and lines[2][6:] == ["shell:", "2", "lines"]
    assert len(lines[1][4]) == 12 and lines[1][4] != lines[2][5]


def test_time_is_the_same_when_a_build_is_resumed(build: Build, lab: Any) -> None:
    steps = [step("echo ran $(date -d '${timestamp()}' +%s)"), step("echo ran 2; exit 1")]
    first, _ = ran(build(*steps)[1])
    past = lab.call(lambda: journal.latest(os.path.abspath(lab.folder / "t.pkr.hcl"), "sandbox"))
    clock = build_scope.run_clock(past.time - 60, past.run)
    assert ran(build(*steps, clock=build_scope.run_clock(past.time, past.run), run_uuid=past.run)[1]) == ["2"]
    assert len(ran(build(*steps, clock=clock)[1])) == 2
    assert first == str(int(past.time))


def test_no_secret_is_in_what_is_kept(build: Build, lab: Any) -> None:
    head = 'variable "password" {\n sensitive = true\n default = "hunter-seven-2"\n}\n' + HEAD
    steps = [step("echo ran ${var.password}", more='environment_vars = ["P=${var.password}"]'), step("touch /opt/x")]
    status, log = build(*steps, head=head)
    assert status == 0, log
    found = 0
    for path in Path(lab.cache).rglob("*"):
        assert "hunter" not in path.name
        if path.is_symlink():
            assert "hunter" not in os.readlink(path)
        elif path.is_file():
            found += 1
            assert b"hunter-seven-2" not in path.read_bytes(), path
    assert found >= 3
    assert ran(build(*steps, head=head.replace("seven-2", "seven-3"))[1]) == ["<sensitive>"]
