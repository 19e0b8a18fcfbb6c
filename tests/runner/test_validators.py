"""Validators of Image Builder templates: they look at the image, and leave nothing in it."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

import bakelift
from bakelift.runner.targets.sandbox import engine, namespace


def template(*validators: dict[str, Any], **more: Any) -> dict[str, Any]:
    source = {"type": "PlatformImage", "publisher": "Debian", "offer": "debian-12", "sku": "12", "version": "latest"}
    image = "/subscriptions/s/resourceGroups/r/providers/Microsoft.Compute/images/web"
    properties = {
        "source": source,
        "customize": [{"type": "Shell", "name": "one", "inline": ["echo customized", "sudo touch /etc/customized"]}],
        "validate": {"inVMValidations": list(validators), **more},
        "distribute": [
            {"type": "VHD", "runOutputName": "disk", "artifactTags": {"team": "web"}},
            {"type": "ManagedImage", "imageId": image, "location": "westeurope", "runOutputName": "image"},
        ],
    }
    return {
        "type": "Microsoft.VirtualMachineImages/imageTemplates",
        "apiVersion": "2024-02-01",
        "name": "web",
        "location": "westeurope",
        "properties": properties,
    }


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    try:
        engine.find_bwrap()
        namespace.create().close()
    except bakelift.runner.errors.BuildError as error:
        pytest.skip(str(error))

    def run(data: dict[str, Any]) -> tuple[int, str, dict[str, Any]]:
        path = tmp_path / "web.json"
        path.write_text(json.dumps(data))
        log = io.StringIO()
        out = tmp_path / "out"
        status = bakelift.build(bakelift.load(path), on="sandbox", base="host", out=str(out), stdout=log)
        found = list(out.glob("*.json")) if out.exists() else []
        return status, log.getvalue(), json.loads(found[0].read_text()) if found else {}

    return run


def check(*lines: str, name: str = "check") -> dict[str, Any]:
    return {"type": "Shell", "name": name, "inline": list(lines)}


def test_they_see_the_image_and_leave_nothing_in_it(build: Any) -> None:
    status, log, made = build(template(check("test -e /etc/customized", "sudo touch /etc/tested", "echo it works")))
    assert status == 0, log
    assert "Validating: check" in log and "it works" in log
    paths = [each["path"] for each in made["added"]]
    assert "/etc/customized" in paths and "/etc/tested" not in paths
    assert made["outputs"] == [
        {"type": "VHD", "name": "disk", "tags": {"team": "web"}, "run_output_name": "disk"},
        {"type": "ManagedImage", "name": "web", "tags": {}, "run_output_name": "image"},
    ]
    assert [(each["number"], each["type"], each["outcome"]) for each in made["steps"]] == [(1, "shell", "done")]


def test_one_that_fails_fails_the_build(build: Any) -> None:
    status, log, made = build(template(check("exit 3")))
    assert status == 1 and "exit status: 3" in log and made == {}


def test_the_image_is_made_all_the_same_where_the_template_says_so(build: Any) -> None:
    status, log, made = build(template(check("exit 3"), continueDistributeOnFailure=True))
    assert status == 0 and "Warning: Validation failed" in log and made["counts"]["added"] >= 1


def test_a_script_by_address_is_refused_before_anything_runs(build: Any) -> None:
    status, log, _ = build(template({"type": "Shell", "name": "far", "scriptUri": "https://example.org/x.sh"}))
    assert status == 1 and "validator 1 (far) cannot be run here" in log and "customized" not in log
