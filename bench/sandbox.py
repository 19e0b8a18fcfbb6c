"""The sandbox's speed: starts of commands beside empty bubblewrap calls, whole builds beside the real Packer.

    python bench/sandbox.py [RUNS]

Prints, from interleaved runs (medians, the machine's load beside them): an empty bubblewrap call and a command in an
open sandbox, with the ratio; the three things that a shell step does there; a step whose layer is kept; a build of 1
and of 20; a build of 20 steps that take time, cold, unchanged, and with its last step changed; and a build of one line
against `packer build` of the same line with the null builder over ssh on the loopback. Both sides of that are
whole processes of installed programs. Packer logs in as a throw-away user with /bin/sh, which root makes and removes
again, on an sshd of its own. Packer stalls now and then: its runs are stopped after a while, counted, and left out.
What cannot run here is left out, and said so. Needs the installed console script beside this interpreter.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SSHD = "/usr/sbin/sshd"
USER = "bakelift-bench"

#: Seconds after which a run of Packer's counts as stalled.
STALLED = 10.0

OURS = """source "null" "bench" {{
  communicator = "none"
}}

build {{
  sources = ["source.null.bench"]
{steps}}}
"""
THEIRS = """source "null" "bench" {{
  ssh_host             = "127.0.0.1"
  ssh_port             = {port}
  ssh_username         = "{user}"
  ssh_private_key_file = "{key}"
}}

build {{
  sources = ["source.null.bench"]
{steps}}}
"""
STEP = '  provisioner "shell" {\n    inline = ["echo hi"]\n  }\n'


def show(name: str, seconds: list[float], note: str = "") -> float:
    """Prints a line; the median in seconds."""
    middle = statistics.median(seconds)
    figures = f"median {middle * 1000:7.1f} ms  min {min(seconds) * 1000:7.1f}  max {max(seconds) * 1000:7.1f}"
    print(f"{name:46} {figures}  n={len(seconds)}  {note}".rstrip())
    return middle


def timed(command: list[str], folder: Path, limit: float | None = None) -> float | None:
    """Wall seconds of a run; None when it took longer than the limit."""
    environment = {**os.environ, "CHECKPOINT_DISABLE": "1", "PACKER_CACHE_DIR": str(folder / "cache")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # else every start compiles all modules again
    start = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
    )
    try:
        output, _ = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)  # Packer's plugins are processes of their own
        process.communicate()
        return None
    took = time.perf_counter() - start
    if process.returncode:
        raise SystemExit(f"{command[0]} ended with {process.returncode}:\n{output.decode(errors='replace')[-3000:]}")
    return took


def starts(runs: int) -> None:
    """An empty bubblewrap call, and commands in an open sandbox."""
    from bakelift.runner.errors import BuildError
    from bakelift.runner.targets import SandboxOptions
    from bakelift.runner.targets.sandbox import engine, machine
    from bakelift.runner.targets.sandbox.layers import LayerStore
    from bakelift.runner.targets.sandbox.states import SandboxStates

    try:
        empty = [engine.find_bwrap(), "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev"]
    except BuildError as error:
        print(f"left out: {error}")
        return
    empty += ["--unshare-pid", "--unshare-ipc", "--unshare-uts", "/bin/true"]

    async def measure() -> dict[str, list[float]]:
        times: dict[str, list[float]] = {"empty": [], "command": [], "step": [], "kept": [], "checkpoint": []}
        store = LayerStore()
        sandbox = machine.Sandbox.open("host", store)
        states = SandboxStates(sandbox.base, store, SandboxOptions(), sandbox)
        way = sandbox.communicator
        try:
            await sandbox.ready()
            for number in range(runs + 1):
                begun = time.perf_counter()
                subprocess.run(empty, check=True)
                called = time.perf_counter()
                await way.run("true")
                ran = time.perf_counter()
                await way.upload(b"#!/bin/sh -e\ntrue\n", "/tmp/script.sh", 0o755)
                await way.run("chmod +x /tmp/script.sh; /tmp/script.sh")
                await way.run("rm -f /tmp/script.sh")
                stepped = time.perf_counter()
                await way.upload(f"#!/bin/sh -e\necho {number} >/etc/kept\n".encode(), "/tmp/script.sh", 0o755)
                await way.run("chmod +x /tmp/script.sh; /tmp/script.sh")
                await way.run("rm -f /tmp/script.sh")
                await states.keep(os.urandom(32).hex(), "shell")
                kept = time.perf_counter()
                await way.run(f"echo {number} >/etc/bench-{number}")
                written = time.perf_counter()
                await sandbox.checkpoint()
                await sandbox.ready()
                sealed = time.perf_counter()
                took = (called - begun, ran - called, stepped - ran, kept - stepped, sealed - written)
                for seconds, each in zip(times.values(), took, strict=True):
                    seconds.append(each)
        finally:
            await sandbox.close()
        return {name: seconds[1:] for name, seconds in times.items()}

    times = asyncio.run(measure())
    base = show("an empty bubblewrap call", times["empty"])
    for name, key in (
        ("a command in an open sandbox", "command"),
        ("a shell step (upload, chmod and run, remove)", "step"),
        ("a shell step whose layer is kept", "kept"),
        ("a layer too large to copy (the view begins anew)", "checkpoint"),
    ):
        middle = statistics.median(times[key])
        show(name, times[key], f"{middle / base:.2f} x an empty call")


@contextmanager
def server(folder: Path) -> Iterator[tuple[int, Path] | None]:
    """An sshd for a throw-away user; its port and the user's key. None, and why is printed, where that cannot be."""
    missing = [name for name in ("packer", "ssh-keygen", "useradd", "userdel") if not shutil.which(name)]
    if missing or not os.access(SSHD, os.X_OK) or os.geteuid() != 0:
        print(f"left out: Packer's side needs root, {SSHD}, and: {', '.join(missing) or 'nothing more'}")
        yield None
        return
    home = folder / "home"
    (home / ".ssh").mkdir(parents=True)
    for name, kind in (("host", ["-t", "ed25519"]), ("user", ["-t", "rsa", "-b", "2048", "-m", "PEM"])):
        subprocess.run(["ssh-keygen", "-q", *kind, "-N", "", "-f", str(folder / name)], check=True)
    shutil.copy(folder / "user.pub", home / ".ssh" / "authorized_keys")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (folder / "config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\n"
        f"AuthorizedKeysFile {home}/.ssh/authorized_keys\nStrictModes no\nUsePAM no\nPasswordAuthentication no\n"
        "MaxStartups 200\nMaxSessions 200\nPidFile none\nPrintMotd no\nPrintLastLog no\nUseDNS no\n"
        "PubkeyAcceptedAlgorithms +ssh-rsa\nHostKeyAlgorithms +ssh-rsa\nSubsystem sftp internal-sftp\n"
    )
    os.makedirs("/run/sshd", exist_ok=True)
    os.chmod(folder, 0o755)
    subprocess.run(["useradd", "--no-create-home", "-d", str(home), "-s", "/bin/sh", "-p", "*", USER], check=True)
    process = subprocess.Popen([SSHD, "-D", "-f", str(folder / "config")], stderr=subprocess.DEVNULL)
    try:
        subprocess.run(["chown", "-R", f"{USER}:", str(home)], check=True)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.02)
        yield port, folder / "user"
    finally:
        process.terminate()
        process.wait()
        subprocess.run(["userdel", USER], check=False, capture_output=True)


def builds(runs: int, folder: Path) -> None:
    """Whole processes: 1 step, 20 steps, and Packer with 1 step."""
    bakelift = str(Path(sys.executable).parent / "bakelift")
    if not os.access(bakelift, os.X_OK):
        print(f"left out: whole builds need the installed program {bakelift}")
        return
    commands: dict[str, list[str]] = {}
    for count in (1, 20):
        path = folder / f"ours-{count}.pkr.hcl"
        path.write_text(OURS.format(steps=STEP * count))
        commands[f"bakelift build, sandbox, {count} step{'s'[: count - 1]}"] = [
            *(bakelift, "build", "-on", "sandbox", "-base", "host", "-color=false", str(path))
        ]
    ours = next(iter(commands))
    packer = "packer build, null over ssh, 1 step"
    with server(folder) as reached:
        if reached is not None:
            port, key = reached
            path = folder / "theirs.pkr.hcl"
            path.write_text(THEIRS.format(port=port, user=USER, key=key, steps=STEP))
            commands[packer] = ["packer", "build", "-color=false", str(path)]
        times: dict[str, list[float]] = {name: [] for name in commands}
        stalled = 0
        for number in range(runs + 1):
            for name, command in commands.items():
                took = timed(command, folder, STALLED if name == packer else None)
                if took is None:
                    stalled += 1
                elif number:  # the first round warms up
                    times[name].append(took)
    for name, seconds in times.items():
        if not seconds:
            print(f"{name}: no run completed, {stalled} stalled")
        elif name == packer:
            middle = show(name, seconds, f"{stalled} stalled")
            print(f"bakelift / packer, one line: {statistics.median(times[ours]) / middle:.2f}")
        else:
            show(name, seconds)


SLOW = '  provisioner "shell" {{\n    inline = ["sleep 0.1; echo {0} >>/opt/steps"]\n  }}\n'


def reuse(runs: int, folder: Path) -> None:
    """A build of 20 steps of a tenth of a second: cold, unchanged, and with another last step."""
    bakelift = str(Path(sys.executable).parent / "bakelift")
    if not os.access(bakelift, os.X_OK):
        return
    path = folder / "slow.pkr.hcl"
    command = [bakelift, "build", "-on", "sandbox", "-base", "host", "-color=false", str(path)]
    times: dict[str, list[float]] = {"20 steps of 0.1 s, cold": [], "unchanged": [], "its last step changed": []}
    for number in range(runs):
        steps = [SLOW.format(f"{number}.{each}") for each in range(20)]
        changed = [*steps[:-1], SLOW.format(f"{number}.changed")]
        for name, these in zip(times, (steps, steps, changed), strict=True):
            path.write_text(OURS.format(steps="".join(these)))
            took = timed(command, folder)
            assert took is not None
            times[name].append(took)
    for name, seconds in times.items():
        show(name, seconds)


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    print(f"load before: {' '.join(f'{each:.2f}' for each in os.getloadavg())}, {os.cpu_count()} cores")
    starts(runs)
    with tempfile.TemporaryDirectory(prefix="bakelift-bench-") as folder:
        os.environ["XDG_CACHE_HOME"] = str(Path(folder) / "cache")
        builds(runs, Path(folder))
        reuse(max(2, runs // 3), Path(folder))
    print(f"load after: {' '.join(f'{each:.2f}' for each in os.getloadavg())}")


if __name__ == "__main__":
    main()
