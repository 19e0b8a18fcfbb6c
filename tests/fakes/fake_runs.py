"""What a run of the service does: its log, as the service writes it, and for harmless templates its customizers too.

They run one after the other in a sandbox of their own (no network, nothing of this machine to write to), as a user who
is not root, as ``/bin/sh -e`` scripts below ``/tmp``; files are where File customizers put them.
"""

from __future__ import annotations

import subprocess
import time
import uuid
from functools import cache
from pathlib import Path
from typing import Any

import fake_arm
import fake_blob

from bakelift.runner.errors import BuildError
from bakelift.runner.targets.sandbox.engine import find_bwrap

#: Packer's names of the customizers.
NAMES = {
    "Shell": "shell",
    "PowerShell": "powershell",
    "WindowsRestart": "windows-restart",
    "WindowsUpdate": "windows-update",
    "File": "file",
}


class Runs:
    """Runs of all templates of a manager. ``machines``: a folder for their machines; None: nothing really runs.

    ``fetched``: what the service fetched when it created templates, by address.
    """

    def __init__(self, arm: fake_arm.Arm, store: fake_blob.Store, blobs: str, machines: Path | None = None) -> None:
        self.store = store
        self.machines = machines
        self.fetched: dict[str, bytes] = {}
        self.done: list[str] = []
        self.steps: dict[str, int] = {}
        arm.runner = self
        arm.blob_of = lambda name: self._account(blobs, name)

    def _account(self, blobs: str, name: str) -> str:
        self.store.accounts.add(name.lower())
        return f"{blobs}/{name.lower()}"

    def __call__(self, arm: fake_arm.Arm, key: str) -> dict[str, str] | None:
        item = arm.resources[key]
        log = _Log()
        log.ui("==> azure-arm: Running builder ...")
        log.ui("==> azure-arm: Connected to SSH!")
        self.steps[item["name"]] = len(item["properties"].get("customize", []))
        error = None
        for number, step in enumerate(item["properties"].get("customize", []), 1):
            error = self._step(item["name"], number, step, log)
            if error:
                break
        log.debug("[INFO] (telemetry) Finalizing.")
        name = item["name"].lower()
        self.store.blobs[f"{name}/packerlogs", f"{uuid.uuid4()}/customization.log"] = log.data
        self.done.append(item["name"])
        return {"code": "PackerBuildFailed", "message": error} if error else None

    def _step(self, name: str, number: int, step: dict[str, Any], log: _Log) -> str | None:
        kind = NAMES[step["type"]]
        log.debug(f"[INFO] (telemetry) Starting provisioner {kind}")
        status = 0
        if self.machines is not None:
            status = self._really(self.machines / name, number, step, log)
        log.debug(f"[INFO] (telemetry) ending {kind}")
        if status == 0:
            return None
        error = f"Script exited with non-zero exit status: {status}."
        log.debug(f"[INFO] (telemetry) found error: {error}")
        return error

    def _really(self, machine: Path, number: int, step: dict[str, Any], log: _Log) -> int:
        tmp = machine / "tmp"
        tmp.mkdir(parents=True, exist_ok=True)
        (machine / "home").mkdir(exist_ok=True)
        if step["type"] == "File":
            assert step["destination"].startswith("/tmp/"), "the only folder that a File customizer may write to"
            data = self.fetched[step["sourceUri"].partition("?")[0]]
            (tmp / step["destination"].removeprefix("/tmp/")).write_bytes(data)
            return 0
        assert step["type"] == "Shell", "there is no Windows here"
        script = tmp / f"packer-shell{number}"
        script.write_text("\n".join(["#!/bin/sh -e", *step["inline"]]) + "\n")
        script.chmod(0o755)
        log.ui(f"==> azure-arm: Provisioning with shell script: /tmp/{script.name}")
        words = [*_sandbox(machine), f"/tmp/{script.name}"]
        done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
        for line in done.stdout.splitlines():
            log.ui(f"    azure-arm: {line}")
        for line in done.stderr.splitlines():
            log.error(f"==> azure-arm: {line}")
        return done.returncode


class _Log:
    def __init__(self) -> None:
        self.data = bytearray()
        self._id = uuid.uuid4()

    def _line(self, text: str) -> None:
        self.data += f"[{self._id}] PACKER {time.strftime('%Y/%m/%d %H:%M:%S')} {text}\n".encode()

    def ui(self, text: str) -> None:
        self._line(f"ui: {text}")

    def error(self, text: str) -> None:
        self._line(f"ui error: {text}")

    def debug(self, text: str) -> None:
        self._line(text)


@cache
def bwrap() -> str | None:
    """The sandbox, where there is one that works."""
    try:
        found = find_bwrap()
    except BuildError:
        return None
    words = [found, "--ro-bind", "/", "/", "--unshare-all", "/bin/true"]
    return found if subprocess.run(words, capture_output=True, check=False).returncode == 0 else None


def _sandbox(machine: Path) -> list[str]:
    program = bwrap()
    assert program is not None
    words = [program, "--ro-bind", "/usr", "/usr", "--ro-bind", "/etc", "/etc"]
    for name in ("bin", "sbin", "lib", "lib64"):
        words += ["--symlink", f"usr/{name}", f"/{name}"]
    words += ["--proc", "/proc", "--dev", "/dev", "--bind", str(machine / "tmp"), "/tmp"]
    words += ["--bind", str(machine / "home"), "/home/packer", "--chdir", "/home/packer", "--clearenv"]
    words += ["--setenv", "HOME", "/home/packer", "--setenv", "PATH", "/usr/bin:/bin", "--unshare-all"]
    return [*words, "--uid", "1000", "--gid", "1000", "--die-with-parent", "--new-session"]
