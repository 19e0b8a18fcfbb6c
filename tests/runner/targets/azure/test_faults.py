"""A fault at every single request of a build in Azure: it succeeds all the same, or ends in a clear error; and nothing
that it made is left, or the log says what removes it.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from azure_cloud import GROUPS, STEP, SUBSCRIPTION, Cloud
from faults import Fault

from bakelift.runner.azure import session
from bakelift.runner.targets.azure import account, building

Build = Callable[..., tuple[int, str]]
IMAGE = f"{GROUPS}/images/providers/Microsoft.Compute/images/web-image"
#: Each happens once. ``lost``: the request has its effect, and the answer does not come. ``failed``: the operation that
#: it begins fails.
TRANSIENT = ("429", "500", "401", "reset", "lost", "timeout")
FINAL = ("409", "failed")


def outputs(cloud: Cloud) -> list[str]:
    """Ids and addresses of what a build leaves on purpose, done or not."""
    kinds = ("/images/web-image", "/snapshots/", "/versions/")
    made = [item["id"] for item in cloud.arm.resources.values() if any(kind in item["id"] for kind in kinds)]
    return [*made, *(f"{cloud.arm_blob}{'/'.join(key)}" for key in cloud.store.blobs)]


def check_leftovers(cloud: Cloud, out: str, good: bool) -> None:
    """What is left has a line that removes it. ``good``: what is made is to stay."""
    left = cloud.arm.ours() + ([] if good else outputs(cloud))
    lines = [line for line in out.splitlines() if "az " in line]
    for id in left:
        group = id.split("/")[4]
        group_line = f"az group delete --yes --name {group} --subscription {SUBSCRIPTION}"
        assert any(id in line or group_line in line for line in lines), f"{id} is left\n{out}"


def check_outcome(cloud: Cloud, status: int, out: str, count: int) -> None:
    """``count``: of the outputs of a build that goes well."""
    assert "Traceback" not in out
    if status == 0:
        assert len(outputs(cloud)) == count, out
        states = [item["properties"].get("provisioningState") for item in cloud.arm.resources.values()]
        assert set(states) <= {"Succeeded", None}
    else:
        errors = [line for line in out.splitlines() if line.startswith("--> azure-arm.web: ")]
        assert len(errors) == 1, out
        assert len(errors[0]) > 25
    check_leftovers(cloud, out, status == 0)


def run_all(cloud: Cloud, build: Build, kinds: tuple[str, ...], step: int, **template: object) -> dict[str, list[int]]:
    """Builds with each fault at each request (every ``step``-th); how many succeeded of how many, by fault."""
    path = cloud.template(**template)  # type: ignore[arg-type]
    cloud.arm.looks = 1
    assert build(path)[0] == 0
    count = cloud.arm.count
    good = outputs(cloud)
    there = set(cloud.arm.resources) - {id.lower() for id in good}
    found: dict[str, list[int]] = {}
    for kind in kinds:
        tally = found[kind] = [0, 0]
        for number in range(1, count + 1, step):
            for key in list(cloud.arm.resources):
                if key not in there:
                    del cloud.arm.resources[key]
            cloud.store.blobs.clear()
            cloud.arm.count, cloud.arm.fault, cloud.arm.hit = 0, (number, kind), ""
            status, out = build(path)
            assert cloud.arm.hit, f"no request {number}"
            check_outcome(cloud, status, f"{kind} at {number}: {cloud.arm.hit}\n{out}", len(good))
            if kind in TRANSIENT:
                assert status == 0, f"{kind} at {number}: {cloud.arm.hit}\n{out}"
            tally[0] += status == 0
            tally[1] += 1
    return found


@pytest.fixture
def fast(monkeypatch: pytest.MonkeyPatch, cloud: Cloud) -> Cloud:
    """Nothing is waited for that will not come."""
    monkeypatch.setattr(session, "READ_TIMEOUT", 0.6)
    monkeypatch.setattr(building, "PAUSE", 0.01)
    cloud.arm.patience = 0.8
    return cloud


def test_a_few_faults(fast: Cloud, build: Build) -> None:
    run_all(fast, build, ("reset",), 9)


@pytest.mark.slow
@pytest.mark.parametrize("kind", [*TRANSIENT, *FINAL])
def test_a_fault_at_every_request(fast: Cloud, build: Build, kind: str) -> None:
    found = run_all(fast, build, (kind,), 1)
    assert found[kind][1] > 30
    if kind == "409":
        assert found[kind][0] > 5  # where cleaning up is refused, it is tried again


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["lost", "409", "failed", "reset"])
def test_a_fault_at_every_request_in_a_group_that_exists(fast: Cloud, build: Build, kind: str) -> None:
    run_all(fast, build, (kind,), 1, location=None, build_resource_group_name="builds", steps=STEP)


GALLERY_VERSION = """  shared_image_gallery_destination {
    resource_group = "images"
    gallery_name   = "gallery"
    image_name     = "web"
    image_version  = "1.0.0"
  }
"""
#: Every other thing that a build can make.
OTHERS: dict[str, dict[str, object]] = {
    "all of a managed image": {
        "more": GALLERY_VERSION,
        "managed_image_os_disk_snapshot_name": "before",
        "managed_image_data_disk_snapshot_prefix": "data",
        "disk_additional_size": [10],
    },
    "vhds": {
        "managed_image_name": None,
        "managed_image_resource_group_name": None,
        "resource_group_name": "images",
        "storage_account": "account",
        "capture_container_name": "vhds",
        "capture_name_prefix": "web",
        "disk_additional_size": [10],
    },
    "windows": {"os_type": "Windows", "communicator": "ssh", "steps": ""},
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["lost", "409", "failed", "500"])
@pytest.mark.parametrize("what", OTHERS)
def test_a_fault_at_every_request_of_other_builds(
    fast: Cloud, build: Build, kind: str, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account, "_claims", lambda token: {"oid": "me", "tid": "tenant"})
    run_all(fast, build, (kind,), 1, **OTHERS[what])


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["reset", "lost", "500", "403"])
def test_a_fault_at_every_request_of_a_copy(fast: Cloud, build: Build, kind: str) -> None:
    path = fast.template(**{**OTHERS["vhds"], "disk_additional_size": None})  # type: ignore[arg-type]
    fast.store.before = counted = Fault(kind, None)
    assert build(path)[0] == 0
    for number in range(counted.count):
        fast.store.blobs.clear()
        fast.store.before = Fault(kind, number)
        status, out = build(path)
        check_outcome(fast, status, f"{kind} at {number}\n{out}", 1)
        assert status == 0 or kind == "403", out
        assert "sig=" not in out
