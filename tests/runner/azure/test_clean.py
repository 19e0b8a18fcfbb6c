"""``clean -azure`` against a subscription on loopback: what it lists, what it leaves alone, what it removes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import fake_arm
import fake_leftovers
import fake_machines
import pytest
from fake_leftovers import GROUPS, SUBSCRIPTION, Left

from bakelift.__main__ import main

Clean = Callable[..., tuple[int, str]]


def tags(**ago: float) -> dict[str, str]:
    """Those of what a direct build made so long ago."""
    made = datetime.now(UTC) - timedelta(**ago)
    return {"bakelift-run": "1", "bakelift-image": "web", "bakelift-created": made.strftime("%Y-%m-%dT%H:%M:%SZ")}


@pytest.fixture
def left(monkeypatch: pytest.MonkeyPatch) -> Iterator[Left]:
    pytest.importorskip("azure.mgmt.compute", reason="Azure's packages are not installed")
    with fake_arm.serving(fake_leftovers.Handler, fake_machines.Machines()) as (arm, address):
        monkeypatch.setenv("BAKELIFT_ARM_ENDPOINT", address)
        monkeypatch.setenv("BAKELIFT_ARM_TOKEN", fake_arm.TOKEN)
        monkeypatch.setenv("BAKELIFT_POLL_SECONDS", "0")
        made = Left(arm)  # type: ignore[arg-type]
        made.group("home")
        yield made


@pytest.fixture
def clean(capsys: pytest.CaptureFixture[str]) -> Clean:
    def run(*options: str) -> tuple[int, str]:
        status = main(["clean", "-azure", "-subscription", SUBSCRIPTION, *options])
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return status, said.out + said.err

    return run


def there(left: Left) -> set[str]:
    return {item["id"] for item in left.arm.resources.values()}


def deleted(left: Left) -> list[str]:
    return [path.partition("/resourceGroups/")[2] for method, path, _, _ in left.arm.bodies if method == "DELETE"]


def test_nothing_is_left(left: Left, clean: Clean) -> None:
    assert clean() == (0, f"Nothing is left in subscription {SUBSCRIPTION}.\n")


def test_where_there_is_no_such_place(left: Left, clean: Clean, monkeypatch: pytest.MonkeyPatch) -> None:
    status, out = clean("-resource-group", "hoem")
    assert status == 0 and f"There is no resource group hoem in subscription {SUBSCRIPTION}." in out

    def missing(handler: fake_arm.Handler, *_: object) -> None:
        handler.refuse(404, "SubscriptionNotFound", "The subscription could not be found.")

    monkeypatch.setattr(fake_leftovers.Handler, "route", missing)
    status, out = clean()
    assert status == 1 and "SubscriptionNotFound: The subscription could not be found." in out


def test_a_way_to_log_in_that_is_none(left: Left, clean: Clean) -> None:
    status, out = clean("-auth", "clii")
    assert status == 2 and "-auth takes one of auto, cli," in out and left.arm.bodies == []


def test_it_lists_and_removes_nothing_unless_told(left: Left, clean: Clean) -> None:
    web = left.template("web", lastRunStatus={"runState": "Succeeded", "endTime": "2026-11-01T10:00:00Z"})
    before = there(left)
    status, out = clean()
    assert status == 0, out
    assert f"image template: {web} (last run: Succeeded 2026-11-01T10:00:00)" in out
    assert "Left in subscription" in out and "1 image template." in out
    assert "Nothing was removed: -force removes it." in out
    assert there(left) == before and deleted(left) == []


def test_all_that_is_ours_goes_and_nothing_else(left: Left, clean: Clean) -> None:
    web, others = left.template("web"), left.template("others", ours=False)
    orphan = left.staging("gone")
    run = left.group("pkr-Resource-Group-abc", **tags(hours=5))
    machine = left.resource("pkr-Resource-Group-abc", "Microsoft.Compute/virtualMachines", "pkrvm1", tags=tags(hours=5))
    packers = left.group("pkr-Resource-Group-xyz")
    status, out = clean("-force", "-all")
    assert status == 0, out
    remaining = there(left)
    assert not {web, orphan, run, machine} & remaining
    assert f"{GROUPS}/IT_home_web_1" not in remaining, "the service takes its group along"
    assert {others, packers, f"{GROUPS}/home", f"{GROUPS}/IT_home_others_1"} <= remaining
    assert "Removed 1 image template, 1 staging resource group, 1 resource group of a build." in out
    assert f"Removed {orphan}" in out


def test_a_staging_group_whose_template_has_another(left: Left, clean: Clean) -> None:
    web = left.template("web", lastRunStatus={"runState": "Running"})
    old = left.staging("web", number=7)
    assert clean("-force")[0] == 0
    assert old not in there(left) and {web, f"{GROUPS}/IT_home_web_1"} <= there(left)


@pytest.mark.parametrize("gone", [False, True])
def test_a_staging_group_of_nobody_knows_whom_stays(left: Left, clean: Clean, gone: bool) -> None:
    """It may hold somebody's only copy of a VHD."""
    if not gone:
        left.template("others", ours=False)
    old = left.staging("others", number=7)
    status, out = clean("-force")
    assert status == 0 and old in there(left) and "stays: nobody knows whether bakelift made that" in out
    assert clean("-force", "-all")[0] == 0
    assert old not in there(left)


@pytest.mark.parametrize(
    "facts", [{"systemData": {"createdAt": "NOW"}}, {"properties": {"provisioningState": "Creating"}}]
)
def test_what_somebody_is_making_stays(left: Left, clean: Clean, facts: dict[str, dict[str, str]]) -> None:
    web = left.template("web")
    now = datetime.now(UTC).isoformat()
    for name, value in facts.items():
        found = left.arm.resources[web.lower()].setdefault(name, {})
        found.update({key: text.replace("NOW", now) for key, text in value.items()})
    assert "its build may be about to run it" in clean("-force")[1] and web in there(left)
    assert clean("-force", "-older-than", "0s")[0] == 0
    assert web not in there(left)


def test_what_a_killed_build_left_in_a_group_that_stays(left: Left, clean: Clean) -> None:
    left.group("builds")
    kinds = {
        "Microsoft.Network/networkSecurityGroups": "pkrsg1",
        "Microsoft.Compute/disks": "pkros1",
        "Microsoft.Network/networkInterfaces": "pkrni1",
        "Microsoft.Compute/virtualMachines": "pkrvm1",
        "Microsoft.Resources/deployments": "pkrdp1",
    }
    made = {left.resource("builds", kind, name, tags=tags(hours=5)) for kind, name in kinds.items()}
    own = left.resource("builds", "Microsoft.Compute/disks", "data")
    status, out = clean("-force", "-resource-group", "builds")
    assert status == 0, out
    assert not made & there(left) and own in there(left) and f"{GROUPS}/builds" in there(left)
    order = [path.rpartition("/")[2] for path in deleted(left)]
    assert order[:2] == ["pkrvm1", "pkrni1"] and order[-1] == "pkrdp1"
    assert "4 resources of builds, 1 deployment of a build" in out


@pytest.mark.parametrize(
    ("properties", "why"),
    [
        ({"lastRunStatus": {"runState": "Running"}}, "a run of it goes on"),
        (
            {"lastRunStatus": {"runState": "Succeeded"}, "distribute": [{"type": "VHD", "runOutputName": "v"}]},
            "a VHD would be lost",
        ),
    ],
)
def test_image_templates_that_are_wanted_stay(
    left: Left, clean: Clean, properties: dict[str, object], why: str
) -> None:
    web = left.template("web", **properties)
    status, out = clean("-force")
    assert status == 0 and web in there(left)
    assert why in out and "nothing that may go" in out


def test_a_vhd_goes_when_that_is_said(left: Left, clean: Clean) -> None:
    web = left.template(
        "web", lastRunStatus={"runState": "Succeeded"}, distribute=[{"type": "VHD", "runOutputName": "v"}]
    )
    assert clean("-force", "-all")[0] == 0
    assert web not in there(left)


def test_a_build_that_may_go_on_is_left_alone(left: Left, clean: Clean) -> None:
    young = left.group("pkr-Resource-Group-new", **tags(minutes=10))
    assert "its build may go on" in clean("-force")[1]
    assert young in there(left)
    assert clean("-force", "-older-than", "5m")[0] == 0
    assert young not in there(left)


def test_only_what_belongs_to_a_group(left: Left, clean: Clean) -> None:
    left.group("other")
    mine, other = left.template("web"), left.template("web", group="other")
    orphans = left.staging("gone"), left.staging("gone", group="other")
    assert clean("-force", "-all", "-resource-group", "home")[0] == 0
    assert there(left) >= {other, orphans[1]} and not {mine, orphans[0]} & there(left)


def test_what_cannot_be_removed_is_said(left: Left, clean: Clean) -> None:
    left.template("web")
    orphan = left.staging("gone")
    left.arm.failing["DELETE", "imagetemplates"] = {"code": "NicInUse", "message": "by a private endpoint"}
    status, out = clean("-force", "-all")
    assert status == 0 and orphan not in there(left), "what Azure refuses once goes the next time"
    left.template("web")
    refuse(left)
    status, out = clean("-force", "-all")
    assert status == 1 and "could not be removed: ScopeLocked: no" in out and "1 could not be removed." in out


def refuse(left: Left) -> None:
    """From now on nothing may be deleted."""

    class Locked(dict[tuple[str, str], dict[str, str]]):
        def pop(self, key: tuple[str, str], default: object = None) -> object:  # type: ignore[override]
            return {"code": "ScopeLocked", "message": "no"} if key[0] == "DELETE" else default

    left.arm.failing = Locked()


@pytest.mark.parametrize(("answer", "goes"), [("y", True), ("", False), ("no", False)])
def test_on_a_terminal_it_asks(
    left: Left, clean: Clean, monkeypatch: pytest.MonkeyPatch, answer: str, goes: bool
) -> None:
    web = left.template("web")
    asked: list[str] = []

    def answered(question: str) -> str:
        asked.append(question)
        return answer

    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr("builtins.input", answered)
    assert clean()[0] == 0
    assert asked == ["Remove it? [y/N] "]
    assert (web not in there(left)) is goes


def test_misuse(left: Left, clean: Clean, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["clean", "-force"]) == 2
    assert clean("-older-than", "long")[0] == 2
    assert left.arm.bodies == []


def test_azure_that_says_no(left: Left, clean: Clean, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BAKELIFT_ARM_TOKEN", "another")
    status, out = clean("-force")
    assert status == 1 and out.startswith("Error: AuthenticationFailed")
