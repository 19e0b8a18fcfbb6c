"""Azure on loopback, and the command that builds there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("azure.mgmt.imagebuilder", reason="Azure's packages are not installed")

import fake_arm
import fake_blob
from service_templates import IDENTITY, TEMPLATE

from bakelift.__main__ import main


@pytest.fixture
def azure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[tuple[fake_arm.Arm, fake_blob.Store]]:
    with fake_arm.serving() as (arm, address), fake_blob.serving() as (store, blobs):
        arm.blob = blobs
        monkeypatch.setenv("BAKELIFT_ARM_ENDPOINT", address)
        monkeypatch.setenv("BAKELIFT_ARM_TOKEN", fake_arm.TOKEN)
        monkeypatch.setenv("BAKELIFT_POLL_SECONDS", "0")
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
        yield arm, store


Build = Callable[..., int]


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Runs the command for templates of these names."""

    def run(
        *names: str,
        options: tuple[str, ...] = (),
        change: tuple[str, str] = ("", ""),
        changes: tuple[tuple[str, str], ...] = (),
    ) -> int:
        paths = []
        for name in names:
            path = tmp_path / f"{name}.pkr.hcl"
            text = TEMPLATE
            for old, new in (change, *changes):
                text = text.replace(old, new) if old else text
            path.write_text(text.replace("NAME", name))
            paths.append(str(path))
        return main(["build", "-on", "imagebuilder", "-identity", IDENTITY, "-color=false", *options, *paths])

    return run


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for minutes."""
    monkeypatch.setattr("bakelift.runner.azure.session.READ_TIMEOUT", 0.5)
    monkeypatch.setattr("bakelift.runner.azure.storage.READ", 0.5)
