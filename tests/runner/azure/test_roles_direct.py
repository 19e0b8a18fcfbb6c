"""Role definitions for direct builds name what those call: derived from the requests of builds against the fakes."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import azure_cloud
import pytest
from azure_cloud import GROUPS, Cloud
from preflight_cloud import Said
from role_checks import check, covered

from bakelift.__main__ import main
from bakelift.runner.targets.azure import account

#: Names of the lines of a template that say nothing.
NO_IMAGE = dict.fromkeys(("managed_image_name", "managed_image_resource_group_name"))
GALLERY = """  shared_image_gallery_destination {
    resource_group = "images"
    gallery_name   = "gallery"
    image_name     = "web"
    image_version  = "1.0.0"
  }
"""
VHD = {
    **NO_IMAGE,
    "resource_group_name": "images",
    "storage_account": "account",
    "capture_container_name": "vhds",
    "capture_name_prefix": "web",
}
OWN_GROUP = {"location": None, "build_resource_group_name": "builds"}
Preflight = Callable[..., Said]


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    pytest.importorskip("azure.mgmt.compute", reason="Azure's packages are not installed")
    with azure_cloud.cloud(tmp_path) as (made, environment):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        yield made


@pytest.fixture
def preflight(capsys: pytest.CaptureFixture[str]) -> Preflight:
    def run(path: str, *options: str) -> Said:
        capsys.readouterr()
        status = main(["preflight", "-on", "azure", "-format", "json", *options, path])
        return Said(status, json.loads(capsys.readouterr().out))

    return run


def build(path: str, *options: str) -> int:
    return main(["build", "-on", "azure", "-color=false", *options, path])


class After(dict[tuple[str, str], dict[str, str]]):
    """What fails, but for the first ``count`` times."""

    count = 0

    def pop(self, key: tuple[str, str], *more: Any) -> Any:
        if key in self and self.count:
            self.count -= 1
            return None
        return super().pop(key, *more)


def stopped(cloud: Cloud, path: str, after: int = 0) -> None:
    """A build whose deployment fails, the first or one after it: it is ended, and what it made goes."""
    cloud.arm.failing = After({("PUT", "deployments"): {"code": "SkuNotAvailable", "message": "no"}})
    cloud.arm.failing.count = after
    assert build(path, "-force") == 1
    cloud.arm.failing = {}


def unfinished(cloud: Cloud, path: str, kind: str) -> None:
    """A build whose image fails halfway: what there is of it goes."""
    cloud.arm.failing["PUT", kind] = {"code": "InternalError", "message": "no"}
    assert build(path, "-force") == 1
    cloud.arm.failing.clear()


def resumed(cloud: Cloud, path: str, **config: Any) -> None:
    """What a killed build left is looked for, and removed (``-resume``)."""
    from bakelift.runner.azure import clouds
    from bakelift.runner.azure.credentials import Login
    from bakelift.runner.azure.session import Session
    from bakelift.runner.targets.azure.calls import Azure
    from bakelift.runner.targets.azure.resuming import remove_leftovers
    from bakelift.runner.targets.azure.undoing import IMAGE_TAG, RUN_TAG

    failing = Path(path).read_text().replace("echo hello from the machine", "exit 3")
    broken = Path(path).with_name("broken.pkr.hcl")
    broken.write_text(failing)
    assert build(str(broken), "-force", "-on-error=abort") == 1
    tags = next(item["tags"] for item in cloud.arm.resources.values() if RUN_TAG in (item.get("tags") or {}))
    session = Session(azure_cloud.SUBSCRIPTION, Login(), clouds.CLOUDS[0], os.environ)
    made: Any = SimpleNamespace(**{"own_group": True, "resource_group": "", **config})
    asyncio.run(remove_leftovers(Azure(session), made, tags[RUN_TAG], tags[IMAGE_TAG], Silent()))
    session.close()
    assert cloud.arm.ours() == []


class Silent:
    """A log that nobody reads."""

    def say(self, text: str) -> None: ...

    def error(self, text: str) -> None: ...


def test_a_managed_image(cloud: Cloud, preflight: Preflight) -> None:
    path = cloud.template()
    said = preflight(path)
    assert build(path) == 0
    stopped(cloud, path)
    unfinished(cloud, path, "images")
    resumed(cloud, path)
    check(cloud.arm, said)
    scopes = said.actions("caller")
    assert set(scopes) == {f"/subscriptions/{azure_cloud.SUBSCRIPTION}", f"{GROUPS}/images"}


def test_snapshots_in_a_group_of_ones_own(cloud: Cloud, preflight: Preflight) -> None:
    snapshots = {"managed_image_os_disk_snapshot_name": "s", "managed_image_data_disk_snapshot_prefix": "d"}
    path = cloud.template(disk_additional_size=[10], **OWN_GROUP, **snapshots)
    said = preflight(path)
    assert build(path) == 0
    stopped(cloud, path)
    resumed(cloud, path, own_group=False, resource_group="builds")
    check(cloud.arm, said)
    assert f"/subscriptions/{azure_cloud.SUBSCRIPTION}" in said.actions("caller"), "for the disks of the source"
    wide = said.actions("caller")[f"/subscriptions/{azure_cloud.SUBSCRIPTION}"]
    assert list(wide) == ["Microsoft.Compute/locations/publishers/artifacttypes/offers/skus/versions/read"]


def test_a_gallery(cloud: Cloud, preflight: Preflight) -> None:
    path = cloud.template(more=GALLERY, **NO_IMAGE)
    said = preflight(path)
    assert build(path) == 0
    stopped(cloud, path)
    unfinished(cloud, path, "versions")
    resumed(cloud, path)
    check(cloud.arm, said)


def test_a_vhd(cloud: Cloud, preflight: Preflight) -> None:
    path = cloud.template(**VHD)
    said = preflight(path)
    assert build(path) == 0
    stopped(cloud, path)
    resumed(cloud, path)
    check(cloud.arm, said)


def test_a_network_that_is_looked_for(cloud: Cloud, preflight: Preflight) -> None:
    network = f"{GROUPS}/nets/providers/Microsoft.Network/virtualNetworks/net"
    cloud.arm.add(f"{GROUPS}/nets", location="westeurope")
    cloud.arm.add(network)
    cloud.arm.add(f"{network}/subnets/inside")
    path = cloud.template(virtual_network_name="net")
    said = preflight(path)
    assert build(path) == 0
    stopped(cloud, path)
    unfinished(cloud, path, "images")
    resumed(cloud, path)
    check(cloud.arm, said)
    assert not any("publicIPAddresses" in name for found in said.actions("caller").values() for name in found)


def test_a_source_in_a_gallery(cloud: Cloud, preflight: Preflight) -> None:
    version = f"{azure_cloud.GALLERY}/versions/2.0.0"
    cloud.arm.add(version, properties={"storageProfile": {"source": {}}})
    source = f"""  shared_image_gallery {{
    subscription   = "{azure_cloud.SUBSCRIPTION}"
    resource_group = "images"
    gallery_name   = "gallery"
    image_name     = "web"
    image_version  = "2.0.0"
  }}
"""
    path = cloud.template(more=source, **dict.fromkeys(azure_cloud.MARKETPLACE))
    said = preflight(path)
    assert build(path) == 0
    stopped(cloud, path)
    unfinished(cloud, path, "images")
    resumed(cloud, path)
    check(cloud.arm, said)


def test_linux_over_run_command(cloud: Cloud, preflight: Preflight) -> None:
    path = cloud.template()
    said = preflight(path, "-run-command")
    assert build(path, "-run-command") == 0
    stopped(cloud, path)
    unfinished(cloud, path, "images")
    resumed(cloud, path)
    check(cloud.arm, said)


WINDOWS = {
    "os_type": "Windows",
    "image_publisher": "MicrosoftWindowsServer",
    "image_offer": "WindowsServer",
    "image_sku": "2022-datacenter-g2",
}


@pytest.mark.parametrize("vault", [None, "kept"])
def test_windows_over_ssh(
    cloud: Cloud, preflight: Preflight, monkeypatch: pytest.MonkeyPatch, vault: str | None
) -> None:
    monkeypatch.setattr(account, "_claims", lambda token: {"oid": "me", "tid": "tenant"})
    own = {**OWN_GROUP, "build_key_vault_name": vault} if vault else {}
    if vault:
        cloud.arm.add(f"{GROUPS}/builds/providers/Microsoft.KeyVault/vaults/{vault}", location="westeurope")
    path = cloud.template(steps="", communicator="ssh", **WINDOWS, **own)
    said = preflight(path)
    assert build(path) == 0
    stopped(cloud, path, after=0 if vault else 1)
    unfinished(cloud, path, "images")
    if vault:
        covered(cloud.arm, said)
        return
    resumed(cloud, cloud.template(communicator="ssh", **WINDOWS))
    check(cloud.arm, said)
