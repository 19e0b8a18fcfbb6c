"""Steps that restart the machine: when the script has ended, with nobody connected."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest


@pytest.mark.parametrize(
    "line",
    [
        "sudo reboot",
        "reboot",
        "/sbin/reboot -f",
        "shutdown -r now",
        "sudo shutdown -r +0 bye",
        "systemctl reboot",
        "init 6",
    ],
)
def test_a_restart_at_the_end_is_a_customizer_of_its_own(world, step, text, line: str) -> None:
    w = world()
    work, restart = w.lower(step("shell", inline=["apt-get upgrade -y", line, "sleep 60"], expect_disconnect=True))
    assert text(work) == "apt-get upgrade -y"
    assert restart.name.value == "restart"
    assert w.said("expect_disconnect").kind == w.said("inline").kind == "approximated"
    assert not list(w.diagnostics)


def test_a_script_that_only_restarts(world, step, text) -> None:
    w = world({"reboot.sh": b"#!/bin/bash -e\n# Reboots\nsudo reboot\n"})
    (restart,) = w.lower(step("shell", script="reboot.sh", expect_disconnect=True))
    assert "systemctl reboot" in text(restart)


def test_a_script_that_works_and_restarts(world, step, text) -> None:
    w = world({"up.sh": b"#!/bin/sh\nmake install\nreboot\n"})
    work, restart = w.lower(step("shell", script="up.sh", valid_exit_codes=[0, 2300218]))
    assert "make install\nBAKELIFT" in text(work)
    assert "reboot" not in text(work)
    assert "systemctl reboot" in text(restart)


@pytest.mark.parametrize("inline", [["if x; then reboot; fi"], ["reboot", "echo back"]])
def test_a_restart_elsewhere_is_told(world, step, inline: list[str]) -> None:
    w = world()
    assert len(w.lower(step("shell", inline=inline, expect_disconnect=True))) == 1
    assert [d.code for d in w.diagnostics] == ["aib/expect-disconnect"]


def test_without_expect_disconnect_nothing_is_changed(world, step, text) -> None:
    (made,) = world().lower(step("shell", inline=["sudo reboot"]))
    assert text(made) == "sudo reboot"


def test_the_restart_waits_for_the_end_of_its_script(world, step, text, tmp_path: Path) -> None:
    """With stand-ins for what would end the machine: they are called in order, after the script."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, body in {
        "sudo": 'exec "$@"',
        "systemctl": f'echo "systemctl $*" >> {tmp_path}/log',
        "pkill": f'echo "pkill $*" >> {tmp_path}/log',
    }.items():
        (folder / name).write_text(f"#!/bin/sh\n{body}\n")
        (folder / name).chmod(0o755)
    (restart,) = world().lower(step("shell", inline=["sudo reboot"], expect_disconnect=True))
    script = text(restart).replace("/tmp/", f"{tmp_path}/") + f"\nsleep 0.5\necho ended >> {tmp_path}/log\n"
    environment = {"PATH": f"{folder}:/usr/bin:/bin"}
    done = subprocess.run(["/bin/sh", "-e", "-c", script], env=environment, timeout=20, check=False)
    assert done.returncode == 0
    for _ in range(100):
        lines = (tmp_path / "log").read_text().split("\n")
        if len(lines) > 4:
            break
        time.sleep(0.05)
    assert lines == [
        "ended",
        "systemctl stop ssh.socket sshd.socket ssh sshd",
        "pkill -f ^sshd",
        "systemctl reboot",
        "",
    ]
    assert not (tmp_path / "bakelift_restart.sh").exists()
