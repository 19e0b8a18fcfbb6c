"""One fault at each single request of create, run, follow, outputs and delete: it ends well, or is told in a line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import fake_arm
import fake_blob
import pytest
from faults import Fault
from service_templates import IDENTITY, TEMPLATE

LOG = b"""[1] PACKER OUT ==> azure-arm: Connected to SSH!
[1] PACKER ERR 2023/06/13 08:28:58 [INFO] (telemetry) Starting provisioner shell
[1] PACKER OUT     azure-arm: hello from the machine
[1] PACKER ERR 2023/06/13 08:28:58 [INFO] (telemetry) ending shell
"""
#: More than there are requests; those beyond the last are not made.
MOST = 24
PASSING = ("429", "500", "401", "timeout", "reset", "lost")

Azure = tuple[fake_arm.Arm, fake_blob.Store]


def prepared(azure: Azure, fault: Fault) -> list[str]:
    """With a log, and the fault; the runs that are really begun are in the list."""
    arm, store = azure
    begun: list[str] = []

    def ran(_arm: fake_arm.Arm, key: str) -> None:
        begun.append(key)

    arm.runs["web"] = ran
    store.blobs["packerlogs", "1/customization.log"] = bytearray(LOG)
    arm.before = store.before = fault  # type: ignore[assignment]
    return begun


def check(arm: fake_arm.Arm, status: int, out: str, err: str) -> None:
    """What holds, whatever went wrong."""
    assert status in (0, 1)
    assert "Traceback" not in out + err and fake_arm.TOKEN not in out + err
    for key in arm.resources:
        if fake_arm.TEMPLATES in key:
            assert f"az image builder delete -g images -n {key.rpartition('/')[2]}" in out, "what is left is listed"
    if status == 1:
        assert [line for line in out.splitlines() if line.startswith("--> web: ") and len(line) < 400], out


def test_how_many_requests_there_are(
    azure: Azure, build: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    fault = Fault("none", None)
    begun = prepared(azure, fault)
    assert build("web", options=("-delete",)) == 0
    assert len(begun) == 1 and 15 < fault.count <= MOST, fault.seen
    assert capsys.readouterr().out.count("hello from the machine") == 1


@pytest.mark.slow
@pytest.mark.parametrize("kind", [*PASSING, "409"])
@pytest.mark.parametrize("at", range(MOST))
def test_a_fault_at_every_request(
    azure: Azure,
    build: Callable[..., int],
    quick: None,
    capsys: pytest.CaptureFixture[str],
    kind: str,
    at: int,
) -> None:
    fault = Fault(kind, at)
    begun = prepared(azure, fault)
    status = build("web", options=("-delete",))
    told = capsys.readouterr()
    check(azure[0], status, told.out, told.err)
    if kind in PASSING:
        assert status == 0, f"{fault.seen[at]}: {told.out}"
        assert not [key for key in azure[0].resources if fake_arm.TEMPLATES in key]
        assert told.out.count("hello from the machine") == 1
    assert len(begun) <= 1, "no run is begun twice"
    assert not list(Path(os.environ["XDG_STATE_HOME"]).glob("**/*.json"))


@pytest.mark.slow
@pytest.mark.parametrize("delete", [True, False])
@pytest.mark.parametrize("number", range(3))
def test_an_operation_that_fails(
    azure: Azure, build: Callable[..., int], capsys: pytest.CaptureFixture[str], number: int, delete: bool
) -> None:
    """The first is the creation, then the run, then the deletion, which is asked for again."""
    arm, _ = azure
    prepared(azure, Fault("none", None))
    start = arm.start

    def failing(finish: Callable[[], dict[str, str] | None], style: str, looks: int | None = None) -> str:
        if len(arm.operations) == number:
            return start(lambda: {"code": "Failed", "message": "the operation failed"}, style, looks)
        return start(finish, style, looks)

    arm.start = failing  # type: ignore[method-assign]
    status = build("web", options=("-delete",) if delete else ())
    told = capsys.readouterr()
    check(arm, status, told.out, told.err)
    assert status == (1 if number < 2 else 0)
    assert status == 0 or "Failed: the operation failed" in told.out
    left = [key for key in arm.resources if fake_arm.TEMPLATES in key]
    assert bool(left) == (number > 0 and not delete), "what could not be created never stays"


@pytest.mark.slow
def test_a_deletion_that_always_fails_is_listed(
    azure: Azure, build: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    arm, _ = azure
    arm.faults += [("DELETE", "imagetemplates", 403, {})] * 9
    assert build("web", options=("-delete",)) == 0
    out = capsys.readouterr().out
    assert "az image builder delete -g images -n web" in out.split("Left in Azure")[1]
    assert "web-managed:" in out, "the image is there"


@contextmanager
def process(tmp_path: Path, *options: str, names: tuple[str, ...] = ("web",)) -> Iterator[subprocess.Popen[str]]:
    paths = [tmp_path / f"{name}.pkr.hcl" for name in names]
    for name, path in zip(names, paths, strict=True):
        path.write_text(TEMPLATE.replace("NAME", name))
    words = [sys.executable, "-m", "bakelift", "build", "-on", "imagebuilder", "-identity", IDENTITY, "-delete"]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [*words, *options, *map(str, paths)], stdout=pipe, stderr=pipe, text=True, cwd=tmp_path
    ) as done:
        yield done


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["kill", "killed after"])
@pytest.mark.parametrize("at", range(MOST))
def test_a_killed_process_is_gone_on_with(azure: Azure, tmp_path: Path, kind: str, at: int) -> None:
    arm, store = azure
    fault = Fault(kind, at)
    begun = prepared(azure, fault)
    with process(tmp_path) as first:
        fault.pid = first.pid
        first.communicate(timeout=60)
    if first.returncode == 0:
        assert fault.count <= at, "there was no such request"
        return
    assert first.returncode == -9
    arm.before = store.before = None
    with process(tmp_path, "-resume") as second:
        out, err = second.communicate(timeout=60)
    check(arm, second.returncode, out, err)
    assert second.returncode == 0, f"{fault.seen[at]}: {out}{err}"
    assert "web-managed:" in out
    assert len(begun) == 1, f"{fault.seen[at]}: the run is followed, not begun again"
    assert not [key for key in arm.resources if fake_arm.TEMPLATES in key]
    assert not list(Path(os.environ["XDG_STATE_HOME"]).glob("**/*.json"))


@pytest.mark.parametrize(
    "note",
    [
        "",
        "[]",
        '{"key": KEY}',
        '{"key": KEY, "phase": 7}',
        '{"key": KEY, "phase": "running"}',
        '{"key": KEY, "phase": "ended"}',
        '{"key": KEY, "phase": "done", "stays": true}',
        '{"key": KEY, "phase": "done", "outputs": [{"name": "x"}], "stays": true}',
    ],
)
def test_a_note_that_cannot_be_read_is_as_good_as_none(
    azure: Azure, build: Callable[..., int], capsys: pytest.CaptureFixture[str], note: str
) -> None:
    arm, _ = azure
    arm.looks = 6
    assert build("web", options=("-no-wait",)) == 0
    [path] = Path(os.environ["XDG_STATE_HOME"]).glob("**/*.json")
    path.write_text(note.replace("KEY", json.dumps(json.loads(path.read_text())["key"])))
    assert build("web", options=("-resume",)) == 0
    assert "web-managed:" in capsys.readouterr().out
    assert [method for method, path, _ in arm.log if path.endswith("/run")] == ["POST"]
    assert not list(Path(os.environ["XDG_STATE_HOME"]).glob("**/*.json"))


def test_of_several_what_was_done_is_not_done_again(azure: Azure, tmp_path: Path) -> None:
    arm, _ = azure
    begun: list[str] = []
    pids: list[int] = []

    def ran(_arm: fake_arm.Arm, key: str) -> None:
        begun.append(key.rpartition("/")[2])
        if begun[-1] == "api" and len(begun) == 2:
            os.kill(pids[0], 9)

    arm.runner = ran
    names = ("web", "api")
    with process(tmp_path, "-parallel-builds", "1", names=names) as first:
        pids.append(first.pid)
        first.communicate(timeout=60)
    assert first.returncode == -9
    with process(tmp_path, "-parallel-builds", "1", "-resume", names=names) as second:
        out, err = second.communicate(timeout=60)
    assert second.returncode == 0, out + err
    assert "web-managed:" in out and "api-managed:" in out
    assert begun == ["web", "api"]
    assert not list(Path(os.environ["XDG_STATE_HOME"]).glob("**/*.json"))


@pytest.mark.slow
@pytest.mark.parametrize("kind", [*PASSING, "409"])
@pytest.mark.parametrize("at", range(10))
def test_a_fault_while_a_run_is_cancelled(
    azure: Azure,
    build: Callable[..., int],
    quick: None,
    capsys: pytest.CaptureFixture[str],
    kind: str,
    at: int,
) -> None:
    """Somebody interrupts while the run goes on; the fault is at a request after that."""
    arm, store = azure
    fault = Fault(kind, at)
    store.blobs["packerlogs", "1/customization.log"] = bytearray(LOG)
    start = arm.start

    def lasting(finish: Callable[[], dict[str, str] | None], style: str, looks: int | None = None) -> str:
        return start(finish, style, 1_000_000 if len(arm.operations) == 1 else looks)

    interrupted: list[str] = []

    def watch(handler: fake_arm.Handler, path: str) -> bool:
        if interrupted:
            return fault(handler, path)
        if any(method == "POST" for method, _, _ in arm.log):
            interrupted.append(path)
            os.kill(os.getpid(), signal.SIGINT)
        return False

    arm.start = lasting  # type: ignore[method-assign]
    arm.before = watch
    assert build("web", options=("-delete",)) == 1
    told = capsys.readouterr()
    assert "Traceback" not in told.out + told.err
    left = [key for key in arm.resources if fake_arm.TEMPLATES in key]
    assert not left or "az image builder delete -g images -n web" in told.out, told.out
    if left and left[0] and arm.resources[left[0]]["properties"]["lastRunStatus"]["runState"] == "Running":
        assert "az image builder cancel -g images -n web" in told.out
    if kind in PASSING:
        assert not left, told.out
    assert not list(Path(os.environ["XDG_STATE_HOME"]).glob("**/*.json"))
