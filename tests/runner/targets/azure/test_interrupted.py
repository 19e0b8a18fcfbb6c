"""Builds in Azure that are interrupted: by Ctrl-C once and twice, and by a kill that leaves no time to clean up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from azure_cloud import GROUPS, SUBSCRIPTION, Cloud, masked

IMAGE = f"{GROUPS}/images/providers/Microsoft.Compute/images/web-image"
#: Where it is interrupted: an operation that takes for ever.
PLACES = [("PUT", "deployments"), ("POST", "deallocate"), ("PUT", "images")]


@contextmanager
def building(cloud: Cloud, path: str, *options: str) -> Iterator[subprocess.Popen[str]]:
    """The command, up to where an operation is held."""
    words = [sys.executable, "-m", "bakelift", "build", "-on", "azure", "-color=false", *options, path]
    pipe = subprocess.PIPE
    process = subprocess.Popen(words, stdout=pipe, stderr=subprocess.STDOUT, text=True, cwd=cloud.folder)
    try:
        assert cloud.arm.reached.wait(60)
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def let_go(cloud: Cloud) -> None:
    """Nothing is held any more."""
    with cloud.arm.lock:
        cloud.arm.held = None
        cloud.arm.reached.clear()
        for operation in cloud.arm.operations.values():
            operation.looks = min(operation.looks, 1)


@pytest.mark.slow
@pytest.mark.parametrize("held", PLACES)
@pytest.mark.parametrize("group", [None, "builds"])
def test_an_interrupt_cleans_up(cloud: Cloud, held: tuple[str, str], group: str | None) -> None:
    cloud.arm.held = held
    where = {"location": None, "build_resource_group_name": group} if group else {}
    with building(cloud, cloud.template(**where)) as process:
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "Cancelling build after receiving interrupt" in out
    assert "Build was cancelled." in out
    assert cloud.arm.ours() == []
    assert IMAGE.lower() not in cloud.arm.resources


@pytest.mark.slow
def test_an_interrupt_ends_a_step(cloud: Cloud) -> None:
    path = cloud.template(steps='  provisioner "shell" { inline = ["touch begun; sleep 50"] }\n')
    words = [sys.executable, "-m", "bakelift", "build", "-on", "azure", "-color=false", path]
    pipe = subprocess.PIPE
    process = subprocess.Popen(words, stdout=pipe, stderr=subprocess.STDOUT, text=True, cwd=cloud.folder)
    until = time.monotonic() + 60
    while not (cloud.host.folder / "begun").exists():
        assert time.monotonic() < until
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "Resource group has been deleted." in out
    assert cloud.arm.ours() == []


def test_a_second_interrupt_says_what_stays(cloud: Cloud) -> None:
    cloud.arm.held = ("PUT", "deployments")
    with building(cloud, cloud.template()) as process:
        cloud.arm.held = ("DELETE", "virtualmachines")
        cloud.arm.reached.clear()
        process.send_signal(signal.SIGINT)
        assert cloud.arm.reached.wait(60)
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
    assert time.monotonic() - began < 20
    assert process.returncode == 1
    assert "Left in Azure" in out
    assert f"az group delete --yes --name pkr-Resource-Group-xxxxxxxxxx --subscription {SUBSCRIPTION}" in masked(out)
    assert len(cloud.arm.ours()) > 5


Build = Callable[..., tuple[int, str]]


@pytest.mark.parametrize(
    ("held", "group"),
    [
        (("POST", "deallocate"), None),
        pytest.param(("PUT", "deployments"), None, marks=pytest.mark.slow),
        pytest.param(("PUT", "deployments"), "builds", marks=pytest.mark.slow),
        pytest.param(("POST", "deallocate"), "builds", marks=pytest.mark.slow),
    ],
)
def test_what_a_killed_build_left_goes_with_resume(
    cloud: Cloud, build: Build, held: tuple[str, str], group: str | None
) -> None:
    cloud.arm.held = held
    where = {"location": None, "build_resource_group_name": group} if group else {}
    path = cloud.template(**where)
    with building(cloud, path) as process:
        process.kill()
        process.wait()
    left = cloud.arm.ours()
    assert len(left) > 5
    let_go(cloud)
    status, out = build(path, "-resume")
    assert status == 0, out
    assert "Deleting what the interrupted build left: " in out
    assert "hello from the machine" in out
    assert cloud.arm.ours() == []
    assert cloud.arm.resources[IMAGE.lower()]["properties"]["provisioningState"] == "Succeeded"


@pytest.mark.slow
@pytest.mark.parametrize("group", [None, "builds"])
def test_a_build_killed_at_any_request(cloud: Cloud, build: Build, group: str | None) -> None:
    """What it has left goes with -resume, and the image is made."""
    where = {"location": None, "build_resource_group_name": group} if group else {}
    path = cloud.template(**where)
    cloud.arm.looks = 1
    assert build(path)[0] == 0
    for number in range(1, cloud.arm.count + 1):
        cloud.arm.resources.pop(IMAGE.lower(), None)
        cloud.arm.count, cloud.arm.fault = 0, (number, "kill")
        cloud.arm.reached.clear()
        with building(cloud, path) as process:
            process.kill()
            process.wait()
        cloud.arm.fault = None
        status, out = build(path, "-resume", "-force")
        assert status == 0, f"{cloud.arm.hit}\n{out}"
        assert cloud.arm.ours() == [], f"{cloud.arm.hit}\n{out}"
        assert cloud.arm.resources[IMAGE.lower()]["properties"]["provisioningState"] == "Succeeded"


@pytest.mark.slow
def test_images_that_were_done_are_not_built_again(cloud: Cloud, build: Build) -> None:
    names = ["first", "second"]
    texts = [Path(cloud.template(name, managed_image_name=f"{name}-image")).read_text() for name in names]
    path = cloud.folder / "both.pkr.hcl"
    path.write_text("".join(texts))
    done = IMAGE.replace("web-image", "first-image").lower()

    def hold() -> None:
        while done not in cloud.arm.resources:
            time.sleep(0.01)
        cloud.arm.held = ("POST", "deallocate")

    watcher = threading.Thread(target=hold)
    watcher.start()
    with building(cloud, str(path), "-parallel-builds", "1") as process:
        process.kill()
        process.wait()
    watcher.join()
    let_go(cloud)
    status, out = build(str(path), "-resume")
    assert status == 0, out
    assert "azure-arm.first was built already by the build that is resumed." in out
    assert "--> azure-arm.second: Azure.ResourceManagement.VMImage" in out
    assert cloud.arm.ours() == []


@pytest.mark.slow
def test_another_run_of_the_same_template_is_left_alone(cloud: Cloud, build: Build) -> None:
    cloud.arm.held = ("POST", "deallocate")
    path = cloud.template()
    with building(cloud, path) as process:
        process.kill()
        process.wait()
    left = cloud.arm.ours()
    let_go(cloud)
    assert build(path)[0] == 0
    assert cloud.arm.ours() == left


def test_many_images_at_once(cloud: Cloud, build: Build) -> None:
    names = [f"image{number}" for number in range(4)]
    paths = [cloud.template(name, managed_image_name=f"{name}-image") for name in names]
    text = "".join(open(path).read() for path in paths)  # noqa: SIM115
    path = str(cloud.folder / "all.pkr.hcl")
    with open(path, "w") as file:
        file.write(text)
    status, out = build(path)
    assert status == 0, out
    assert all(f"--> azure-arm.{name}: Azure.ResourceManagement.VMImage" in out for name in names)
    assert cloud.arm.ours() == []
    assert os.path.exists(path)
