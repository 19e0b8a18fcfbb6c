"""What is there already under the name of an image template: what is replaced, and what is nobody's to replace."""

from __future__ import annotations

from collections.abc import Callable

import fake_arm
import fake_blob
import pytest
from service_templates import GROUPS

from bakelift.runner.imagebuilder.submission import HASH_TAG

Azure = tuple[fake_arm.Arm, fake_blob.Store]
Build = Callable[..., int]
PATH = f"{GROUPS}/images/providers/Microsoft.VirtualMachineImages/imageTemplates/web"


def add(arm: fake_arm.Arm, tags: dict[str, str], run: str = "Succeeded", vhd: bool = False) -> None:
    """An image template that was there before."""
    entry = {"type": "VHD" if vhd else "ManagedImage", "runOutputName": "x"}
    arm.resources[PATH.lower()] = {
        "id": PATH,
        "name": "web",
        "tags": tags,
        "properties": {
            "provisioningState": "Succeeded",
            "distribute": [entry],
            "lastRunStatus": {"runState": run, "startTime": "2026-01-01T00:00:00Z"},
        },
        "_outputs": [{"name": "x", "properties": {"artifactUri": "https://account/x.vhd"}}] if vhd else [],
    }


def changes(arm: fake_arm.Arm) -> list[str]:
    return [method for method, path, _ in arm.log if method in ("PUT", "DELETE") and path == PATH]


def test_what_others_made_stays(azure: Azure, build: Build, capsys: pytest.CaptureFixture[str]) -> None:
    arm, _ = azure
    add(arm, {"owner": "somebody"})
    assert build("web") == 1
    assert "none that bakelift made: -force replaces it" in capsys.readouterr().out and changes(arm) == []
    assert build("web", options=("-force",)) == 0
    assert changes(arm) == ["DELETE", "PUT"]


def test_what_is_the_same_is_made_anew_when_somebody_says_so(azure: Azure, build: Build) -> None:
    """The service fetches what stands at an address when the image template is made, and only then."""
    arm, _ = azure
    assert build("web") == build("web", options=("-force",)) == 0
    assert changes(arm) == ["PUT", "DELETE", "PUT"]


@pytest.mark.parametrize("options", [(), ("-force",)])
def test_a_run_is_not_ended_by_another_template(
    azure: Azure, build: Build, capsys: pytest.CaptureFixture[str], options: tuple[str, ...]
) -> None:
    arm, _ = azure
    add(arm, {HASH_TAG: "of another"}, run="Running")
    assert build("web", options=options) == 1
    assert "az image builder cancel -g images -n web" in capsys.readouterr().out and changes(arm) == []


def test_a_vhd_is_not_lost_with_what_is_replaced(
    azure: Azure, build: Build, capsys: pytest.CaptureFixture[str]
) -> None:
    arm, _ = azure
    add(arm, {HASH_TAG: "of another"}, vhd=True)
    assert build("web") == 1
    assert "the VHD https://account/x.vhd would be lost: -vhd-to" in capsys.readouterr().out and changes(arm) == []
    assert build("web", options=("-force",)) == 0
    assert changes(arm) == ["DELETE", "PUT"]


def test_what_somebody_else_makes_at_the_same_time_stays(
    azure: Azure, build: Build, capsys: pytest.CaptureFixture[str]
) -> None:
    """It was not there when it was looked for, and is when it is to be made."""
    arm, _ = azure

    def sooner(handler: fake_arm.Handler, path: str) -> bool:
        if handler.command == "PUT" and path == PATH and PATH.lower() not in arm.resources:
            add(arm, {HASH_TAG: "of another"})
        return False

    arm.before = sooner
    assert build("web") == 1
    assert "Conflict" in capsys.readouterr().out
    assert PATH.lower() in arm.resources and "DELETE" not in changes(arm)


def test_nothing_is_deleted_that_was_refused(azure: Azure, build: Build) -> None:
    arm, _ = azure
    arm.faults += [("PUT", "imagetemplates", 403, {})]
    assert build("web") == 1
    assert changes(arm) == ["PUT"]
