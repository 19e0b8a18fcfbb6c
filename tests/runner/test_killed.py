"""Builds that are killed at any instant go on when they are resumed, and end as if nothing had happened."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

#: How many times a build is killed. BAKELIFT_KILLS says another number.
KILLS = int(os.environ.get("BAKELIFT_KILLS", "50"))

BAKELIFT = Path(sys.executable).parent / "bakelift"


class Bench:
    """A template in a folder of its own, with a cache of its own."""

    def __init__(self, folder: Path, options: list[str]) -> None:
        self.folder = folder
        self.options = options
        self.cache = folder / "cache"
        self.environment = {**os.environ, "XDG_CACHE_HOME": str(self.cache), "PACKER_NO_COLOR": "1"}

    def start(self, *more: str) -> subprocess.Popen[str]:
        command = [str(BAKELIFT), "build", *self.options, *more, "t.pkr.hcl"]
        out = (self.folder / "log").open("w")
        return subprocess.Popen(command, cwd=self.folder, env=self.environment, stdout=out, stderr=out, text=True)

    def build(self, *more: str) -> str:
        """Builds; the log. It must succeed."""
        status = self.start(*more).wait(120)
        log = (self.folder / "log").read_text()
        assert status == 0, log
        return log

    def kill_after(self, seconds: float) -> bool:
        """Begins a build and kills it; whether it was still running."""
        process = self.start()
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            return True
        return False

    def clean(self, *more: str) -> None:
        subprocess.run([str(BAKELIFT), "clean", *more], env=self.environment, check=True, capture_output=True)


def processes(mark: str) -> list[str]:
    """Command lines of processes that have a text in theirs, or in their mounts."""
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit() and int(entry) != os.getpid():
            try:
                line = Path(f"/proc/{entry}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                mounts = Path(f"/proc/{entry}/mountinfo").read_text(errors="replace")
            except OSError:
                continue
            if mark in line or mark in mounts:
                found.append(f"{entry} {line}")
    return found


def gone(mark: str) -> list[str]:
    """The processes that are left of a build a moment after it was killed."""
    deadline = time.monotonic() + 20
    while (left := processes(mark)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


SANDBOX = """source "null" "x" {
  communicator = "none"
}

build {
  sources = ["source.null.x"]
%s}
"""
STEP = """  provisioner "shell" {
    inline = [%s]
  }
"""
SCRIPTS = (
    "echo 1 >>/opt/count; mkdir -p /opt/d; echo x >/opt/d/f; sleep 0.1",
    "echo 2 >>/opt/count; head -c 2000000 /dev/zero >/opt/large; ln /opt/d/f /opt/hard",
    "echo 3 >>/opt/count; rm -r /usr/share/misc; mkdir /usr/share/misc; echo ${timestamp()} >/usr/share/misc/made",
    "echo 4 >>/opt/count; for n in 1 2 3 4 5; do echo $n >/opt/d/n$n; sleep 0.03; done",
    "echo 5 >>/opt/count; rm /opt/hard /opt/d/n2; chmod 4711 /opt/d/f; sleep 0.1",
    "echo 6 >>/opt/count; i=0; while [ $i -lt 100 ]; do echo $i >/opt/d/m$i; i=$((i+1)); done",
)


@pytest.mark.slow
def test_a_sandbox_build_that_is_killed_goes_on(tmp_path: Path) -> None:
    steps = "".join(STEP % json.dumps(script) for script in SCRIPTS)
    (tmp_path / "t.pkr.hcl").write_text(SANDBOX % steps)
    bench = Bench(tmp_path, ["-on", "sandbox", "-base", "host"])
    listing = tmp_path / "bakelift-out" / "null.x.manifest.json"

    def made() -> Any:
        data = json.loads(listing.read_text())
        same = [each for each in data["added"] if each["path"] != "/usr/share/misc/made"]
        assert len(same) == len(data["added"]) - 1
        return same, data["changed"], data["deleted"]

    begun = time.monotonic()
    bench.build()
    whole = time.monotonic() - begun
    expected = made()
    base = {path: os.stat(path).st_mtime_ns for path in ("/opt", "/usr/share", "/usr/share/misc")}
    seed = random.randrange(1 << 32)
    print(f"seed {seed}, a build takes {whole:.2f} s")
    chance = random.Random(seed)
    killed = resumed = 0
    for _ in range(KILLS):
        bench.clean()
        shutil.rmtree(tmp_path / "bakelift-out", ignore_errors=True)
        while True:
            killed += bench.kill_after(chance.uniform(0, whole * 1.05))
            assert gone(str(bench.cache)) == []
            if chance.random() < 0.7:
                break
        resumed += "not changed: reusing" in bench.build("-resume")
        assert made() == expected
        assert not list((bench.cache / "bakelift" / "b").iterdir()) or bench.clean() is None
    assert {path: os.stat(path).st_mtime_ns for path in base} == base
    bench.clean("-all")
    assert not bench.cache.exists() or list(bench.cache.rglob("*")) == []
    assert killed > KILLS / 3 and (resumed or KILLS < 5)


SSH = """source "null" "x" {
  ssh_host             = "127.0.0.1"
  ssh_port             = %d
  ssh_username         = "root"
  ssh_private_key_file = "%s"
}

build {
  sources = ["source.null.x"]
%s}
"""


@pytest.mark.slow
def test_an_ssh_build_that_is_killed_goes_on(tmp_path: Path, server: Any) -> None:
    target = tmp_path / "host"
    scripts = [
        f"mkdir -p {target}; cd {target}; echo ${{timestamp()}} >made; echo {number} >{number}; sleep 0.08"
        for number in range(1, 7)
    ]
    (tmp_path / "t.pkr.hcl").write_text(
        SSH % (server.port, server.key, "".join(STEP % json.dumps(script) for script in scripts))
    )
    bench = Bench(tmp_path, [])
    begun = time.monotonic()
    bench.build()
    whole = time.monotonic() - begun
    chance = random.Random(random.randrange(1 << 32))
    passed = 0
    for _ in range(KILLS):
        bench.clean()
        shutil.rmtree(target, ignore_errors=True)
        bench.kill_after(chance.uniform(whole * 0.3, whole))
        log = bench.build("-resume")
        passed += "done already by the build that is resumed" in log
        assert sorted(os.listdir(target)) == [*"123456", "made"]
        assert [(target / str(n)).read_text() for n in range(1, 7)] == [f"{n}\n" for n in range(1, 7)]
        assert len(list((bench.cache / "bakelift" / "j").rglob("*"))) <= 2
    assert passed or KILLS < 5
    bench.clean("-all")
    assert not bench.cache.exists() or list(bench.cache.rglob("*")) == []


@pytest.mark.slow
def test_a_thousand_steps_run_and_are_reused(tmp_path: Path) -> None:
    steps = "".join(STEP % json.dumps(f"echo {n} >>/opt/all; echo {n} >/etc/n{n % 40}") for n in range(1000))
    (tmp_path / "t.pkr.hcl").write_text(SANDBOX % steps)
    bench = Bench(tmp_path, ["-on", "sandbox", "-base", "host"])
    process = bench.start()
    assert process.wait(900) == 0, (tmp_path / "log").read_text()[-2000:]
    listing = tmp_path / "bakelift-out" / "null.x.manifest.json"
    cold = json.loads(listing.read_text())
    assert "Steps 1 to 1000 of 1000 not changed" in bench.build()
    warm = json.loads(listing.read_text())
    assert warm["added"] == cold["added"] and len(cold["added"]) == 41
    (tmp_path / "t.pkr.hcl").write_text(SANDBOX % (steps + STEP % '"wc -l </opt/all"'))
    log = bench.build()
    assert "Steps 1 to 1000 of 1001 not changed" in log and ": 1000\n" in log


SECRET = "correct-horse-7-battery"
WITH_SECRETS = """variable "password" {
  sensitive = true
  type      = string
}

source "null" "x" {
  communicator = "none"
}

build {
  sources = ["source.null.x"]
  provisioner "shell" {
    environment_vars = ["PASSWORD=${var.password}"]
    inline           = ["echo it is $PASSWORD; sleep 0.4; test ${length(var.password)} = 23"]
  }
  provisioner "shell" {
    execute_command  = "chmod +x {{ .Path }}; {{ .Vars }} sudo -E sh '{{ .Path }}'"
    environment_vars = ["PASSWORD=${var.password}"]
    inline           = ["echo $PASSWORD | base64; sleep 0.4; exit 3"]
  }
}
"""


def test_no_secret_is_in_arguments_logs_journals_or_layers(tmp_path: Path) -> None:
    """While it runs, and after it has failed in its second step."""
    (tmp_path / "t.pkr.hcl").write_text(WITH_SECRETS)
    (tmp_path / "secret.pkrvars.hcl").write_text(f'password = "{SECRET}"\n')
    bench = Bench(tmp_path, ["-on", "sandbox", "-base", "host", "-var-file", "secret.pkrvars.hcl"])
    process = bench.start()
    looks = 0
    while process.poll() is None:
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                try:
                    assert SECRET.encode() not in Path(f"/proc/{entry}/cmdline").read_bytes()
                except OSError:
                    continue
        looks += 1
    log = (tmp_path / "log").read_text()
    assert process.wait() == 1 and "exit status: 3" in log, log
    assert looks > 3 and "it is <sensitive>" in log
    for path in [tmp_path / "log", *bench.cache.rglob("*"), *(tmp_path / "bakelift-out").rglob("*")]:
        assert SECRET not in str(path)
        if path.is_symlink():
            assert SECRET not in os.readlink(path)
        elif path.is_file():
            assert SECRET.encode() not in path.read_bytes(), path
