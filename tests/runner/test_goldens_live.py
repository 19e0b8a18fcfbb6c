"""Our log beside that of the real Packer 1.6.6 of this machine, on templates that no recorded run has."""

from __future__ import annotations

import shutil
import subprocess

import pytest

#: Seconds that Packer gets, and how often it is started: now and then it stalls over loopback ssh.
LIMIT = 15
TRIES = 5

TEMPLATES = {
    "environment file, exit codes, output": [
        {
            "type": "shell",
            "use_env_var_file": True,
            "environment_vars": ["A=it's", "B=a b"],
            "inline": ["echo [$A] [$B] $0", "ls -l $0 | cut -c1-10"],
        },
        {"type": "shell", "inline": ["printf 'a\\tb  \\n\\n\\nx\\ry\\n\\377 last'", "exit 5"], "valid_exit_codes": [5]},
        {"type": "shell", "inline": ["kill -9 $$"]},
    ],
    "folders and modes": [
        {"type": "file", "source": "d", "destination": "{{user `there`}}"},
        {"type": "shell", "inline": ["cd {{user `there`}} && find . -printf '%p %m\\n' | sort"]},
        {"type": "file", "source": "d/x.sh", "destination": "{{user `there`}}"},
    ],
    "disconnecting": [
        {"type": "shell", "inline": ["kill -9 $PPID; sleep 1"], "expect_disconnect": True},
        {"type": "shell", "inline": ["kill -9 $PPID; sleep 1"]},
    ],
}


@pytest.fixture
def packer(tmp_path, monkeypatch):
    """Runs the real Packer on a template: its status and its log."""
    program = shutil.which("packer")
    version = subprocess.run([program or "false", "version"], capture_output=True, text=True, check=False).stdout
    if program is None or "1.6.6" not in version:
        pytest.skip("no Packer 1.6.6 on this machine")
    monkeypatch.setenv("CHECKPOINT_DISABLE", "1")
    monkeypatch.chdir(tmp_path)

    def run(template):
        for _ in range(TRIES):
            try:
                done = subprocess.run(
                    [program, "build", "-color=false", template], capture_output=True, timeout=LIMIT, check=False
                )
            except subprocess.TimeoutExpired:
                continue
            return done.returncode, done.stdout.decode("utf-8", "surrogateescape")
        return pytest.skip("Packer stalls on this machine")

    return run


@pytest.mark.parametrize("name", TEMPLATES)
def test_reads_like_the_packer_of_this_machine(packer, server, write_json, run_template, mask, tmp_path, name):
    there = tmp_path / "there"
    for folder in (there, tmp_path / "d" / "sub"):
        folder.mkdir(parents=True)
    (tmp_path / "d" / "x.sh").write_text("x")
    (tmp_path / "d" / "x.sh").chmod(0o755)
    (tmp_path / "d" / "sub" / "y").write_text("y")
    (tmp_path / "d" / "sub" / "y").chmod(0o600)
    host = {"ssh_host": "127.0.0.1", "ssh_port": server.port, "ssh_username": "root"}
    template = write_json(
        "t.json",
        {
            "variables": {"there": str(there)},
            "builders": [{"type": "null", **host, "ssh_private_key_file": str(server.key)}],
            "provisioners": TEMPLATES[name],
        },
    )
    status, theirs = packer(template)
    shutil.rmtree(there)
    there.mkdir()
    own_status, ours = run_template(template, log_style="classic", color=False)
    assert mask(ours) == mask(theirs)
    assert own_status == status
