"""Our log beside real Packer 1.6.6's, line for line, on its own templates."""

from __future__ import annotations

import os
import re
import signal
import threading
import time
from pathlib import Path

import pytest

from bakelift.translator.diagnostics import TemplateError

PLAIN = {"log_style": "classic", "color": False}
CLASSIC = {"log_style": "classic"}
MACHINE = {"log_style": "classic", "machine_readable": True}

#: Folder, run, template, options of ours, and whether a script writes to stdout and stderr at once (a race in Packer).
RUNS = [
    ("b01", "output", "template.json", CLASSIC, True),
    ("b01", "nocolor", "template.json", PLAIN, True),
    ("b01", "timestamp", "template.json", {**PLAIN, "timestamp_ui": True}, True),
    ("b01", "machine-readable", "template.json", MACHINE, True),
    ("b01", "packer-log", "template.json", {**PLAIN, "environment": {"PACKER_LOG": "1"}}, True),
    ("b02", "output", "template.json", PLAIN, False),
    ("b04", "output", "template.json", PLAIN, False),
    ("b05", "output", "template.json", CLASSIC, False),
    ("b05", "nocolor", "template.json", PLAIN, False),
    ("b05", "machine-readable", "template.json", MACHINE, False),
    ("b05", "abort", "template.json", {**PLAIN, "on_error": "abort"}, False),
    ("b05", "run-cleanup-provisioner", "template.json", {**PLAIN, "on_error": "run-cleanup-provisioner"}, False),
    ("b06", "output", "template.json", CLASSIC, False),
    ("b06", "machine-readable", "template.json", MACHINE, False),
    ("b06", "parallel-1", "template.json", {**PLAIN, "parallel_builds": 1}, False),
    ("b06", "only", "template.json", {**PLAIN, "only": ["alpha"]}, False),
    ("b06", "only-glob", "template.json", {**PLAIN, "only": ["*a,f*"]}, False),
    ("b06", "only-nomatch", "template.json", {**PLAIN, "only": ["nosuch"]}, False),
    ("b06", "except", "template.json", {**PLAIN, "excepted": ["alpha,beta"]}, False),
    ("b07", "output", "template.json", PLAIN, False),
    ("b07", "missing-dir", "missing-dir.json", PLAIN, False),
    ("b08", "output", "template.json", PLAIN, False),
    ("b10", "output", "template.json", PLAIN, False),
    ("b11", "output", "template.json", CLASSIC, False),
    ("b11", "abort", "template.json", {**PLAIN, "on_error": "abort"}, False),
    ("b11", "run-cleanup-provisioner", "template.json", {**PLAIN, "on_error": "run-cleanup-provisioner"}, False),
    ("b11", "cleanup-fails", "cleanup-fails.json", PLAIN, False),
    ("b12", "output", "template.json", PLAIN, True),
    ("b12", "machine-readable", "template.json", MACHINE, True),
    ("b17", "shell-local", "shell-local.json", PLAIN, True),
    ("b18", "output", "template.json", PLAIN, False),
    ("b18", "bad-auth", "bad-auth.json", PLAIN, False),
    ("b21", "output", "template.json", PLAIN, False),
    ("b21", "machine-readable", "template.json", MACHINE, False),
    ("b21", "failing-pp-output", "failing-pp-template.json", PLAIN, False),
    ("b21", "failing-pp-machine-readable", "failing-pp-template.json", MACHINE, False),
    ("b24", "output", "template.pkr.hcl", PLAIN, False),
    ("b21", "except", "template.json", {**PLAIN, "excepted": ["sl,compress"]}, False),
    ("b13", "output", "template.pkr.hcl", PLAIN, False),
    ("b13", "var-override", "template.pkr.hcl", {**PLAIN, "variables": {"secret": "overridden"}}, False),
    ("b14", "output", "build.pkr.hcl", PLAIN, False),
    ("b14", "only", "build.pkr.hcl", {**PLAIN, "only": ["mybuild.null.base"], "variables": {"who": "you"}}, False),
    ("b14", "only-glob", "build.pkr.hcl", {**PLAIN, "only": ["*.null.second"]}, False),
    (
        "b14",
        "except-pp",
        "build.pkr.hcl",
        {**PLAIN, "only": ["mybuild.null.second"], "excepted": ["pp1,manifest"]},
        False,
    ),
]


#: Where the log of 1.6.6 shows a defect of Packer's: its line, and what ours says instead.
BETTER = {
    # Packer hides a value of several lines only where it stands whole in one text; output comes line by line.
    ("b12", "    null: line1"): "    null: <sensitive>",
    ("b12", "    null: line2"): "    null: <sensitive>",
    # 1.6.6 hides nothing in its records.
    ("b12", "TIME,,ui,message,    null: line1"): "TIME,,ui,message,    null: <sensitive>",
    ("b12", "TIME,,ui,message,    null: line2"): "TIME,,ui,message,    null: <sensitive>",
    ("b12", "TIME,,ui,error,==> null: err hunter2"): "TIME,,ui,error,==> null: err <sensitive>",
    ("b12", "TIME,,ui,message,    null: secret is hunter2 and hunter2 xhunter2y"): (
        "TIME,,ui,message,    null: secret is <sensitive> and <sensitive> x<sensitive>y"
    ),
}


def _folders_to_fill(folder: Path, _: pytest.MonkeyPatch) -> None:
    for name in ("dir-slash", "dir-noslash"):
        (folder.parent / "templates" / "r" / name).mkdir(parents=True)


def _variable_of_environment(_: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MYENV", "envval")


def _checksums_of_before(folder: Path, _: pytest.MonkeyPatch) -> None:
    """Checksum files that are there already are not counted among what was made."""
    (folder / "out").mkdir()
    for kind in ("md5", "sha256"):
        (folder / "out" / f"img_file_{kind}.checksum").touch()


def _no_value(folder: Path, _: pytest.MonkeyPatch) -> None:
    """What 1.6.6 makes of ``{{build `ID`}}`` in a post-processor of this builder: a script that no shell can read."""
    template = folder / "failing-pp-template.json"
    template.write_text(template.read_text().replace("{{build `ID`}}", "<no value>"))


def _nothing(_: Path, __: pytest.MonkeyPatch) -> None:
    """Most runs need nothing."""


#: What was there before a run.
PREPARATIONS = {
    "b07-output": _folders_to_fill,
    "b12-output": _variable_of_environment,
    "b12-machine-readable": _variable_of_environment,
    "b21-except": _checksums_of_before,
    "b21-failing-pp-output": _no_value,
    "b21-failing-pp-machine-readable": _no_value,
    "b21-machine-readable": _checksums_of_before,
}


@pytest.mark.parametrize(
    ("folder", "run", "template", "options", "racy"), RUNS, ids=[f"{run[0]}-{run[1]}" for run in RUNS]
)
def test_reads_like_packer(golden, lanes, run_template, monkeypatch, folder, run, template, options, racy):
    oracle = golden(folder)
    PREPARATIONS.get(f"{folder}-{run}", _nothing)(oracle.folder, monkeypatch)
    status, text = run_template(template, **options)
    expected = [BETTER.get((folder, line), line) for line in oracle.expected(run)]
    ours, theirs = lanes(oracle.masked(text)), lanes(expected)
    if racy:
        ours = {lane: sorted(lines) for lane, lines in ours.items()}
        theirs = {lane: sorted(lines) for lane, lines in theirs.items()}
    assert ours == theirs
    assert status == oracle.status(run)


def test_post_processors_know_the_builds_data(golden, run_template):
    """Packer 1.6.6 fails here (failing-pp), for it does not know the ID."""
    golden("b21")
    status, text = run_template("failing-pp-template.json", **PLAIN)
    assert status == 0
    assert "    img (shell-local): pp on img img File\n" in text


def test_a_step_that_has_no_machine_fails_at_once(golden, run_template):
    """Packer 1.6.6 tries for five minutes to start a script where there is no machine (b17)."""
    golden("b17")
    begun = time.monotonic()
    status, text = run_template("template.json", **PLAIN)
    assert status == 1
    assert "No communicator found for provisioners!" in text
    assert time.monotonic() - begun < 5


#: Runs in a terminal: folder, run, template, options of ours, and what was typed.
TYPED = [
    ("b20", "ask-abort", "template.json", {"on_error": "ask"}, ["a"]),
    ("b20", "ask-retry-cleanup", "template.json", {"on_error": "ask"}, ["x", "r", "c"]),
    ("b20", "debug", "template.json", {"debug": True}, [""] * 6),
]


@pytest.mark.parametrize(("folder", "run", "template", "options", "typed"), TYPED, ids=[run[1] for run in TYPED])
def test_asks_like_packer(golden, run_template, folder, run, template, options, typed):
    """The terminal shows what is typed after a question; here a question is followed by what comes next."""
    oracle = golden(folder)
    keys = iter(typed)
    status, text = run_template(template, **PLAIN, **options, answers=lambda: next(keys))
    expected = "\n".join(oracle.expected(run)).replace("\r", "")
    expected = re.sub(r"(\?|continue\.) \w?\n", r"\1 ", expected)
    assert "\n".join(oracle.masked(text)) == expected
    assert status == oracle.status(run)


#: Interrupted runs.
INTERRUPTED = [
    ("b19", "sigint", "template.json", {}),
    ("b20", "ctrl-c", "sleep.json", {}),
    ("b20", "ctrl-c-on-error-abort", "sleep.json", {"on_error": "abort"}),
]


@pytest.mark.parametrize(("folder", "run", "template", "options"), INTERRUPTED, ids=[run[1] for run in INTERRUPTED])
def test_is_interrupted_like_packer(golden, run_template, folder, run, template, options):
    oracle = golden(folder)
    text = Path(template).read_text()
    marker = oracle.folder / "started"
    Path(template).write_text(re.sub(r'"(echo \w+)","sleep', rf'"\1","touch {marker}","sleep', text, count=1))

    def interrupt() -> None:
        deadline = time.monotonic() + 10
        while not marker.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(0.2)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    begun = time.monotonic()
    status, text = run_template(template, **PLAIN, **options)
    assert time.monotonic() - begun < 12
    assert oracle.masked(text) == "\n".join(oracle.expected(run)).replace("\r", "").split("\n")
    assert status == oracle.status(run)


def test_what_cannot_be_rendered_is_refused_before_anything_runs(golden, run_template):
    """Packer 1.6.6 finds out while it runs (b23): the inline text is rendered a second time."""
    golden("b23")
    with pytest.raises(TemplateError, match='function "x" not defined'):
        run_template("template.json", **PLAIN)
