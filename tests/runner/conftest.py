"""An ssh server of our own, and real Packer's logs to compare with."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bakelift import runner
from bakelift.translator.diagnostics import SourceFile
from bakelift.translator.files import Entry, Found
from bakelift.translator.packer.hcl_reader import read_hcl
from bakelift.translator.packer.json_reader import read_json
from bakelift.translator.plan.images import images
from bakelift.translator.plan.model import Plan
from bakelift.translator.plan.values import from_python

SSHD = shutil.which("sshd") or "/usr/sbin/sshd"


class Server:
    """A running sshd: where it is, and the key that it lets in."""

    def __init__(self, port: int, key: Path) -> None:
        self.port = port
        self.key = key


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """An sshd on a free port of the loopback, with its own settings; root logs in with an RSA key in PEM form."""
    if not os.access(SSHD, os.X_OK) or not shutil.which("ssh-keygen"):
        pytest.skip("no sshd on this machine")
    if os.geteuid() != 0:
        pytest.skip("only root can run an sshd that root logs into")
    folder = tmp_path_factory.mktemp("sshd")
    for name, kind in (("host", ["-t", "ed25519"]), ("user", ["-t", "rsa", "-b", "2048", "-m", "PEM"])):
        subprocess.run(["ssh-keygen", "-q", *kind, "-N", "", "-f", str(folder / name)], check=True)
    shutil.copy(folder / "user.pub", folder / "authorized_keys")
    os.makedirs("/run/sshd", exist_ok=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = folder / "config"
    config.write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/authorized_keys\n"
        "PermitRootLogin yes\nStrictModes no\nUsePAM no\nPasswordAuthentication no\n"
        "KbdInteractiveAuthentication yes\nMaxStartups 200\nMaxSessions 200\nPidFile none\n"
        "PubkeyAcceptedAlgorithms +ssh-rsa\nHostKeyAlgorithms +ssh-rsa\nSubsystem sftp internal-sftp\n"
        "SetEnv SHLVL=2\n"  # bash then leaves ~/.bashrc alone, which may take long
    )
    with (folder / "log").open("w") as log:
        process = subprocess.Popen([SSHD, "-D", "-e", "-f", str(config)], stderr=log)
    try:
        _wait_for(port, process)
        yield Server(port, folder / "user")
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.02)
    pytest.skip("sshd does not start here")


class DiskFiles:
    """The files of the current folder."""

    cwd = ""

    def __init__(self) -> None:
        self.cwd = os.getcwd()

    def find(self, path: str, span: object = None) -> Found | None:
        if not os.path.exists(path):
            return None
        return Found(path, os.path.isdir(path), os.access(path, os.X_OK))

    def read(self, path: str, span: object = None) -> bytes:
        return Path(path).read_bytes()

    def tree(self, path: str, span: object = None) -> list[Entry]:
        top = Path(path)
        return [
            Entry(str(item.relative_to(top)), None if item.is_dir() else item.read_bytes(), item.stat().st_mode & 0o777)
            for item in sorted(top.rglob("*"))
        ]

    def template_read(self, path: str, span: object = None) -> bytes:
        return self.read(path)

    def template_glob(self, directory: str, span: object = None) -> list[str]:
        return []


@pytest.fixture
def run_template() -> Callable[..., tuple[int, str]]:
    """Runs a template of the current folder: the exit status and what it printed. Variables as Python data."""

    def run(
        path: str,
        variables: dict[str, object] | None = None,
        only: list[str] | None = None,
        excepted: list[str] | None = None,
        **options: object,
    ) -> tuple[int, str]:
        plan = read_plan(path)
        inputs = {name: from_python(value) for name, value in (variables or {}).items()}
        out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        options.setdefault("allow_local", True)
        status = runner.build(
            plan,
            images(plan, only or [], excepted or [], inputs),
            inputs,
            files=DiskFiles(),
            stdout=out,
            **options,  # type: ignore[arg-type]
        )
        out.flush()
        return status, out.buffer.getvalue().decode("utf-8", "surrogateescape")  # type: ignore[attr-defined]

    return run


def read_plan(path: str) -> Plan:
    """The template as a Plan."""
    file = SourceFile(path, Path(path).read_text())
    if path.endswith(".json"):
        return read_json(file, path, os.path.dirname(path) or ".")
    return read_hcl([file], path, os.path.dirname(path) or ".")


MASKS = (
    (re.compile(r"/tmp/packer-shell\d+"), "/tmp/packer-shellN"),
    (re.compile(r"/tmp/(script|varfile)_\d+\.sh"), r"/tmp/\1_N.sh"),
    (re.compile(r"(after )(?:\d+ (?:hour|minute|second|millisecond|microsecond)s? ?)+"), r"\1DURATION"),
    (re.compile(r"^\d{10},", re.M), "TIME,"),
    (re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)", re.M), "STAMP"),
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "UUID"),
    (re.compile(r"with \d+ cores"), "with N cores"),
)


class Golden:
    """A run of real Packer 1.6.6: its log, and a copy of its folder made fit for this machine."""

    def __init__(self, source: Path, scratch: Path, port: int, key: str) -> None:
        self.source = source
        self.folder = scratch / source.name
        self._places = {
            "/home/user/templates/ssh/id_rsa": key,
            f"/home/user/goldens/{source.name}": str(self.folder),
            "/home/user/templates": str(scratch / "templates"),
        }
        self._port = port
        (scratch / "templates").mkdir()
        self._copy()

    def _copy(self) -> None:
        for path in sorted(self.source.rglob("*")):
            target = self.folder / path.relative_to(self.source)
            target.parent.mkdir(parents=True, exist_ok=True)
            if path.is_file() and path.suffix in {".json", ".hcl"}:
                text = path.read_text()
                for theirs, ours in self._places.items():
                    text = text.replace(theirs, ours)
                text = re.sub(r'("?ssh_port"?\s*[:=]\s*)2222', rf"\g<1>{self._port}", text)
                target.write_text(text)
            elif path.is_file():
                target.write_bytes(path.read_bytes())

    def expected(self, run: str) -> list[str]:
        return self.masked((self.source / f"{run}.stdout").read_text())

    def status(self, run: str) -> int:
        return int((self.source / f"{run}.exitcode").read_text())

    def masked(self, text: str) -> list[str]:
        for theirs, ours in self._places.items():
            text = text.replace(ours, theirs)
        text = re.sub(rf"\b{self._port}\b", "2222", text)
        return masked(text)


def masked(text: str) -> list[str]:
    """The lines, without what differs from run to run."""
    for pattern, mask in MASKS:
        text = pattern.sub(mask, text)
    return text.split("\n")


@pytest.fixture
def mask() -> Callable[[str], list[str]]:
    return masked


@pytest.fixture
def golden(shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Server) -> Callable[[str], Golden]:
    """Opens a folder of the oracles by the beginning of its name, and works in a copy of it."""

    def open_(name: str) -> Golden:
        found = sorted((shared / "oracles" / "packer-1.6.6").glob(f"{name}-*"))
        if not found:
            pytest.skip(f"the oracles have no {name}")
        opened = Golden(found[0], tmp_path, server.port, str(server.key))
        monkeypatch.chdir(opened.folder)
        return opened

    return open_


def in_lanes(lines: list[str]) -> dict[str, list[str]]:
    """The lines by build, as builds that run at once mix; the summary's lists sorted, as their order is free.

    What belongs to no build (introduction, wait, summary) is a lane of its own.
    """
    lanes: dict[str, list[str]] = {}
    tail: list[str] = []
    for line in lines:
        plain = re.sub(r"\x1b\[[0-9;]*m", "", line)
        match = re.match(r"(?:STAMP: |TIME,,ui,\w+,)?(?:(?:==>|   ) ([\w.]+)(?: \([\w-]+\))?:|Build '([^']+)')", plain)
        if match:
            lanes.setdefault(match.group(1) or match.group(2), []).append(line)
        else:
            tail.append(line)
    lanes[""] = sorted(tail) if any("-->" in line for line in tail) else tail
    return lanes


@pytest.fixture
def lanes() -> Callable[[list[str]], dict[str, list[str]]]:
    return in_lanes


@pytest.fixture
def write_json(tmp_path: Path) -> Callable[[str, object], str]:
    """Writes a template into the test's folder; its path."""

    def write(name: str, data: object) -> str:
        path = tmp_path / name
        path.write_text(json.dumps(data))
        return str(path)

    return write
