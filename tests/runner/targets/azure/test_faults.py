"""A fault at every single request of a build in Azure: it succeeds all the same, or ends in a clear error; and nothing
that it made is left, or the log says what removes it.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from azure_cloud import GROUPS, STEP, SUBSCRIPTION, Cloud

from bakelift.runner.azure import session
from bakelift.runner.targets.azure import building

Build = Callable[..., tuple[int, str]]
IMAGE = f"{GROUPS}/images/providers/Microsoft.Compute/images/web-image"
#: Each happens once. ``lost``: the request has its effect, and the answer does not come. ``failed``: the operation that
#: it begins fails.
TRANSIENT = ("429", "500", "401", "reset", "lost", "timeout")
FINAL = ("409", "failed")


def check_leftovers(cloud: Cloud, out: str, good: bool) -> None:
    """What is left has a line that removes it. ``good``: the image is to stay."""
    left = cloud.arm.ours()
    if not good and IMAGE.lower() in cloud.arm.resources:
        left.append(IMAGE)
    lines = [line for line in out.splitlines() if "az " in line]
    for id in left:
        group = id.split("/")[4]
        group_line = f"az group delete --yes --name {group} --subscription {SUBSCRIPTION}"
        assert any(id in line or group_line in line for line in lines), f"{id} is left\n{out}"


def check_outcome(cloud: Cloud, status: int, out: str, kind: str) -> None:
    assert "Traceback" not in out
    if status == 0:
        assert cloud.arm.resources[IMAGE.lower()]["properties"]["provisioningState"] == "Succeeded"
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
    there = {key for key in cloud.arm.resources if IMAGE.lower() not in key}
    found: dict[str, list[int]] = {}
    for kind in kinds:
        tally = found[kind] = [0, 0]
        for number in range(1, count + 1, step):
            for key in list(cloud.arm.resources):
                if key not in there:
                    del cloud.arm.resources[key]
            cloud.arm.count, cloud.arm.fault, cloud.arm.hit = 0, (number, kind), ""
            status, out = build(path)
            assert cloud.arm.hit, f"no request {number}"
            check_outcome(cloud, status, f"{kind} at {number}: {cloud.arm.hit}\n{out}", kind)
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
