"""The command, with and without an Azure on loopback."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import fake_arm
import pytest
from preflight_cloud import IDENTITY, MANAGED, TEMPLATE, Cloud, Said

from bakelift.__main__ import main


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Cloud]:
    pytest.importorskip("azure.mgmt.resource.resources", reason="Azure's packages are not installed")
    with fake_arm.serving() as (arm, address):
        monkeypatch.setenv("BAKELIFT_ARM_ENDPOINT", address)
        monkeypatch.setenv("BAKELIFT_ARM_TOKEN", fake_arm.TOKEN)
        monkeypatch.setenv("BAKELIFT_POLL_SECONDS", "0")
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
        yield Cloud(arm)


Preflight = Callable[..., Said]


@pytest.fixture
def preflight(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Preflight:
    """Runs the command: for a template with these lines in its source, or for a file's text under a name."""

    def run(
        more: str = MANAGED, *options: str, text: str = "", name: str = "web.pkr.hcl", identity: str = IDENTITY
    ) -> Said:
        path = tmp_path / name
        path.write_text(text or TEMPLATE.replace("MORE", more))
        given = ("-identity", identity) if identity else ()
        status = main(["preflight", "-format", "json", *given, *options, str(path)])
        out = capsys.readouterr()
        assert "Traceback" not in out.err
        return Said(status, json.loads(out.out) if out.out else {"findings": [], "roles": [], "error": out.err})

    return run
