"""Our log beside real Packer 1.6.6's, line for line, on its own templates."""

from __future__ import annotations

import pytest

PLAIN = {"log_style": "classic", "color": False}
CLASSIC = {"log_style": "classic"}
MACHINE = {"log_style": "classic", "machine_readable": True}

#: Folder, run, template, options of ours, and whether a script writes to stdout and stderr at once (a race in Packer).
RUNS = [
    ("b01", "output", "template.json", CLASSIC, True),
    ("b01", "nocolor", "template.json", PLAIN, True),
    ("b01", "timestamp", "template.json", {**PLAIN, "timestamp_ui": True}, True),
    ("b01", "machine-readable", "template.json", MACHINE, True),
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
    ("b17", "shell-local", "shell-local.json", PLAIN, True),
    ("b18", "output", "template.json", PLAIN, False),
    ("b18", "bad-auth", "bad-auth.json", PLAIN, False),
    ("b21", "output", "template.json", PLAIN, False),
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


@pytest.mark.parametrize(
    ("folder", "run", "template", "options", "racy"), RUNS, ids=[f"{run[0]}-{run[1]}" for run in RUNS]
)
def test_reads_like_packer(golden, lanes, run_template, monkeypatch, folder, run, template, options, racy):
    oracle = golden(folder)
    if folder == "b07":
        (oracle.folder.parent / "templates" / "r").mkdir()
        (oracle.folder.parent / "templates" / "r" / "dir-slash").mkdir()
        (oracle.folder.parent / "templates" / "r" / "dir-noslash").mkdir()
    if folder == "b12":
        monkeypatch.setenv("MYENV", "envval")
    status, text = run_template(template, **options)
    ours, theirs = lanes(oracle.masked(text)), lanes(oracle.expected(run))
    if racy:
        ours = {lane: sorted(lines) for lane, lines in ours.items()}
        theirs = {lane: sorted(lines) for lane, lines in theirs.items()}
    assert ours == theirs
    assert status == oracle.status(run)
