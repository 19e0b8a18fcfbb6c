"""Whole ARM templates: Azure deploys them, and what they made is run."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import fake_arm
import fake_blob
import fake_deployments
import fake_runs
import fake_schemas
import pytest
from faults import Fault
from service_templates import IDENTITY, SUBSCRIPTION, TEMPLATE

from bakelift.__main__ import main

Azure = tuple[fake_arm.Arm, fake_blob.Store]
DEPLOYMENT = "microsoft.resources/deployments/web"
#: More than there are requests.
MOST = 26


@pytest.fixture
def deploy(azure: Azure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    arm, store = azure
    arm.parts.append(fake_deployments.part)
    arm.judges.append(fake_schemas.judge)
    fake_runs.Runs(arm, store, arm.blob)
    monkeypatch.chdir(tmp_path)
    second = TEMPLATE.replace("NAME", "api").partition("build {")[0]
    text = TEMPLATE.replace("NAME", "web").replace('["source.azure-arm.web"]', '["azure-arm.web", "azure-arm.api"]')
    Path("web.pkr.hcl").write_text(second + text)
    assert main(["translate", "web.pkr.hcl", "-identity", IDENTITY, "-out", "web.json"]) == 0

    def run(*options: str) -> int:
        place = ["-subscription", SUBSCRIPTION, "-resource-group", "images", "-color=false"]
        return main(["build", "-on", "imagebuilder", *place, *options, "web.json"])

    return run


def left(arm: fake_arm.Arm) -> list[str]:
    return [key.rpartition("/")[2] for key in arm.resources if fake_arm.TEMPLATES in key or DEPLOYMENT in key]


def test_a_deployment_is_made_and_its_templates_are_run(
    azure: Azure, deploy: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    arm, _ = azure
    assert deploy() == 0
    out = capsys.readouterr().out
    assert "web-managed:" in out and "api-managed:" in out and sorted(left(arm)) == ["api", "web", "web"]
    assert deploy() == 0
    assert "which is unchanged" in capsys.readouterr().out
    assert [path for method, path, _ in arm.log if method == "PUT"] == [
        f"/subscriptions/{SUBSCRIPTION}/resourcegroups/images/providers/Microsoft.Resources/deployments/web"
    ]


def test_a_deployment_that_changed_is_made_anew(azure: Azure, deploy: Callable[..., int]) -> None:
    arm, _ = azure
    assert deploy() == 0
    data = json.loads(Path("web.json").read_text())
    data["resources"][0]["properties"]["customize"][0]["inline"] = ["echo other"]
    Path("web.json").write_text(json.dumps(data))
    assert deploy() == 0
    bodies = [item for key, item in arm.resources.items() if fake_arm.TEMPLATES in key]
    assert any(body["properties"]["customize"][0]["inline"] == ["echo other"] for body in bodies)


def test_all_of_it_can_go(azure: Azure, deploy: Callable[..., int]) -> None:
    assert deploy("-delete") == 0
    assert left(azure[0]) == []


def test_a_deployment_that_fails_is_told_and_listed(
    azure: Azure, deploy: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    azure[0].judges.append(lambda _version, path, _body: "no such thing" if path.endswith("/web") else None)
    assert deploy() == 1
    out = capsys.readouterr().out
    assert "DeploymentFailed: At least one resource failed.; BadRequest: no such thing" in out
    assert "az deployment group delete -g images -n web" in out
    assert "az image builder delete -g images -n web" in out


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["429", "500", "401", "409", "reset", "lost"])
@pytest.mark.parametrize("at", range(MOST))
def test_a_fault_at_every_request(
    azure: Azure, deploy: Callable[..., int], quick: None, capsys: pytest.CaptureFixture[str], kind: str, at: int
) -> None:
    arm, store = azure
    fault = Fault(kind, at)
    arm.before = store.before = fault  # type: ignore[assignment]
    status = deploy("-delete")
    told = capsys.readouterr()
    assert status == 0 or (status == 1 and kind == "409"), f"{fault.seen[at]}: {told.out}"
    assert "Traceback" not in told.out + told.err
    for name in left(arm):
        assert f"delete -g images -n {name}" in told.out, fault.seen[at]
    assert not list(Path(os.environ["XDG_STATE_HOME"]).glob("**/*.json")) or "-resume" in told.out
