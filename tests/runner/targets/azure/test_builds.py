"""``build -on azure`` against a resource manager on loopback: what is asked, what is said, what comes of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fake_machines
import pytest
from azure_cloud import GALLERY, GROUPS, SUBSCRIPTION, Cloud, masked

from bakelift.runner.targets.azure.building import Building

Build = Callable[..., tuple[int, str]]
EXPECTED = Path(__file__).parent / "expected"

GROUP = "resourceGroups/pkr-Resource-Group-xxxxxxxxxx"
_DEPLOYMENT = f"{GROUP}/providers/Microsoft.Resources/deployments/pkrdpxxxxxxxxxx"
MACHINE = f"{GROUP}/providers/Microsoft.Compute/virtualMachines/pkrvmxxxxxxxxxx"
_IMAGE = "resourceGroups/images/providers/Microsoft.Compute/images/web-image"
_NETWORK = f"{GROUP}/providers/Microsoft.Network"
#: The documented sequence (docs/azure.md) of a Linux image in a group of its own.
LOOKUPS = ["GET resourceGroups/images 2022-09-01", f"GET {_IMAGE} 2022-03-01"]
MAKING = [
    f"HEAD {GROUP} 2022-09-01",
    f"PUT {GROUP} 2022-09-01",
    f"POST {_DEPLOYMENT}/validate 2022-09-01",
    f"PUT {_DEPLOYMENT} 2022-09-01",
    f"GET {_DEPLOYMENT} 2022-09-01",
    f"GET {_NETWORK}/publicIPAddresses/pkripxxxxxxxxxx 2023-09-01",
    f"GET {MACHINE} 2022-03-01",
]
OFF = [f"POST {MACHINE}/deallocate 2022-03-01"]
GENERALIZING = [f"POST {MACHINE}/generalize 2022-03-01"]
CAPTURING = [f"PUT {_IMAGE} 2022-03-01", f"GET {_IMAGE} 2022-03-01"]
REMOVING = [
    f"GET {MACHINE} 2022-03-01",
    f"GET {_DEPLOYMENT}/operations 2022-09-01",
    f"DELETE {MACHINE} 2022-03-01",
    f"DELETE {_NETWORK}/networkInterfaces/pkrnixxxxxxxxxx 2023-09-01",
    f"DELETE {_NETWORK}/publicIPAddresses/pkripxxxxxxxxxx 2023-09-01",
    f"DELETE {_NETWORK}/virtualNetworks/pkrvnxxxxxxxxxx 2023-09-01",
    f"DELETE {_NETWORK}/networkSecurityGroups/pkrsgxxxxxxxxxx 2023-09-01",
    f"DELETE {GROUP}/providers/Microsoft.Compute/disks/pkrosxxxxxxxxxx 2022-03-02",
    f"DELETE {_DEPLOYMENT} 2022-09-01",
    f"HEAD {GROUP} 2022-09-01",
    f"DELETE {GROUP} 2022-09-01",
]


def ordered(requests: list[str]) -> list[str]:
    """What goes at the same time, in one order."""
    first = next((at for at, line in enumerate(requests) if "publicIPAddresses" in line and "DELETE" in line), None)
    second = next((at for at, line in enumerate(requests) if "virtualNetworks" in line and "DELETE" in line), None)
    if first is not None and second is not None and second < first:
        requests[first], requests[second] = requests[second], requests[first]
    return requests


def check_log(name: str, out: str, cloud: Cloud) -> None:
    """The log is the golden one."""
    said = masked(out).replace(str(cloud.folder), "FOLDER").replace(str(cloud.host.port), "PORT")
    lines = said.splitlines()
    at = [index for index, line in enumerate(lines) if "Deleted -> Microsoft.Network/" in line]
    if at:
        lines[at[0] : at[-1] + 1] = sorted(lines[at[0] : at[-1] + 1])
    assert lines == (EXPECTED / f"{name}.log").read_text().splitlines()


def test_the_sequence_is_the_documented_one(cloud: Cloud, build: Build) -> None:
    status, _ = build(cloud.template())
    assert status == 0
    assert ordered(cloud.requests()) == [*LOOKUPS, *MAKING, *OFF, *GENERALIZING, *CAPTURING, *REMOVING]
    assert cloud.arm.ours() == []
    assert cloud.host.users[-1] == "packer"


def test_the_log_is_packers(cloud: Cloud, build: Build) -> None:
    status, out = build(cloud.template(azure_tags={"dept": "eng"}))
    assert status == 0
    check_log("managed", out, cloud)


def test_the_bodies_say_what_the_template_says(cloud: Cloud, build: Build) -> None:
    status, _ = build(cloud.template(azure_tags={"dept": "eng"}, managed_image_zone_resilient=True))
    assert status == 0
    group = cloud.body("PUT", "resourceGroups/[^/]+$")
    assert group["location"] == "West Europe"
    assert sorted(group["tags"]) == ["bakelift-created", "bakelift-image", "bakelift-run", "dept"]
    deployment = cloud.body("PUT", "/deployments/")
    assert deployment["tags"] == {name: value for name, value in group["tags"].items() if name != "dept"}
    assert cloud.body("POST", "/validate")["properties"] == deployment["properties"]
    assert all(item["tags"] == group["tags"] for item in deployment["properties"]["template"]["resources"])
    machine = cloud.body("PUT", "/images/web-image")["properties"].pop("sourceVirtualMachine")["id"]
    assert masked(machine) == f"/subscriptions/{SUBSCRIPTION}/{MACHINE}"
    assert cloud.body("PUT", "/images/web-image") == {
        "location": "West Europe",
        "tags": {"dept": "eng"},
        "properties": {"storageProfile": {"zoneResilient": True}},
    }


def test_a_version_in_a_gallery(cloud: Cloud, build: Build) -> None:
    more = """  shared_image_gallery_destination {
    resource_group = "images"
    gallery_name   = "gallery"
    image_name     = "web"
    image_version  = "1.0.0"
    target_region {
      name     = "West Europe"
      replicas = 2
    }
    target_region {
      name = "North Europe"
    }
  }
"""
    nothing = dict.fromkeys(("managed_image_name", "managed_image_resource_group_name"))
    status, out = build(cloud.template(more=more, **nothing))
    assert status == 0
    check_log("gallery", out, cloud)
    body = cloud.body("PUT", "/versions/1.0.0")
    source = body["properties"]["storageProfile"]["source"]
    assert masked(source.pop("virtualMachineId")) == f"/subscriptions/{SUBSCRIPTION}/{MACHINE}"
    assert source == {}
    assert body["properties"]["publishingProfile"] == {
        "targetRegions": [
            {"name": "westeurope", "regionalReplicaCount": 2},
            {"name": "northeurope", "regionalReplicaCount": 1},
        ],
        "excludeFromLatest": False,
        "replicaCount": 2,
        "replicationMode": "Full",
        "storageAccountType": "Standard_LRS",
    }
    gallery = GALLERY.removeprefix(f"/subscriptions/{SUBSCRIPTION}/")
    asked = [line for line in cloud.requests() if "galleries" in line]
    version = f"{gallery}/versions/1.0.0 2023-07-03"
    assert asked == [
        f"GET {gallery} 2023-07-03",
        f"GET {version}",
        f"PUT {version}",
        f"GET {version}",
        f"GET {version}",
    ]


def test_a_managed_image_is_published_too(cloud: Cloud, build: Build) -> None:
    more = """  shared_image_gallery_destination {
    resource_group = "images"
    gallery_name   = "gallery"
    image_name     = "web"
    image_version  = "1.0.0"
  }
"""
    status, out = build(cloud.template(more=more))
    assert status == 0
    source = cloud.body("PUT", "/versions/1.0.0")["properties"]["storageProfile"]["source"]
    assert source == {"id": f"{GROUPS}/images/providers/Microsoft.Compute/images/web-image"}
    assert f"ManagedImageId: {GROUPS}/images/providers/Microsoft.Compute/images/web-image" in out
    assert f"ManagedImageSharedImageGalleryId: {GALLERY}/versions/1.0.0" in out


VHD = {
    "managed_image_name": None,
    "managed_image_resource_group_name": None,
    "resource_group_name": "images",
    "storage_account": "account",
    "capture_container_name": "vhds",
    "capture_name_prefix": "web",
}


def test_a_vhd(cloud: Cloud, build: Build) -> None:
    status, out = build(cloud.template(disk_additional_size=[10], **VHD))
    assert status == 0
    said = masked(out)
    assert [masked(name) for _, name in cloud.store.blobs] == ["webpkrosxxxxxxxxxx.vhd", "webpkrddxxxxxxxxxx-1.vhd"]
    assert all(source.startswith("https://md-x.blob") for source in cloud.store.sources)
    assert "sig=" not in out
    check_log("vhd", said.replace(cloud.arm_blob, "http://BLOBS/"), cloud)
    assert cloud.arm.ours() == []


def test_a_copy_that_fails_leaves_nothing(cloud: Cloud, build: Build) -> None:
    cloud.store.ends = "failed"
    status, out = build(cloud.template(**VHD))
    assert status == 1
    assert "failed to copy to storage with err : error copying: the copy ended as failed" in out
    assert not cloud.store.blobs
    assert cloud.arm.ours() == []


def test_snapshots_and_a_disk_that_stays(cloud: Cloud, build: Build) -> None:
    options: dict[str, Any] = {
        "location": None,
        "build_resource_group_name": "builds",
        "keep_os_disk": True,
        "disk_additional_size": [10, 20],
        "managed_image_os_disk_snapshot_name": "before",
        "managed_image_data_disk_snapshot_prefix": "data",
    }
    status, out = build(cloud.template(**options))
    assert status == 0
    check_log("snapshots", out, cloud)
    kept = [item["id"] for item in cloud.arm.resources.values() if item["id"].startswith(f"{GROUPS}/builds/")]
    assert [masked(id) for id in kept] == [f"{GROUPS}/builds/providers/Microsoft.Compute/disks/pkrosxxxxxxxxxx"]
    snapshot = cloud.body("PUT", "/snapshots/data1")["properties"]["creationData"]
    assert snapshot["createOption"] == "Copy"
    assert snapshot["sourceResourceId"].endswith("-2")


def test_a_network_that_exists(cloud: Cloud, build: Build) -> None:
    network = f"{GROUPS}/nets/providers/Microsoft.Network/virtualNetworks/net"
    cloud.arm.add(f"{GROUPS}/nets", location="westeurope")
    cloud.arm.add(network)
    cloud.arm.add(f"{network}/subnets/inside")
    status, out = build(cloud.template(virtual_network_name="net"))
    assert status == 0
    assert " -> Network Connection  : 'PrivateEndpoint'" in out
    assert not [
        line
        for line in cloud.requests()
        if "publicIPAddresses" in line or ("Groups/nets" not in line and "virtualNetworks/" in line)
    ]
    assert network.lower() in cloud.arm.resources
    assert cloud.arm.ours() == []


def test_spot(cloud: Cloud, build: Build) -> None:
    status, _ = build(cloud.template(more='  spot {\n    eviction_policy = "Deallocate"\n    max_price = 0.5\n  }\n'))
    assert status == 0
    resources = cloud.body("PUT", "/deployments/")["properties"]["template"]["resources"]
    machine = next(item for item in resources if item["type"].endswith("virtualMachines"))
    assert machine["properties"]["evictionPolicy"] == "Deallocate"


def test_what_is_in_the_way_is_an_error_unless_forced(cloud: Cloud, build: Build) -> None:
    image = f"{GROUPS}/images/providers/Microsoft.Compute/images/web-image"
    cloud.arm.add(image)
    status, out = build(cloud.template())
    assert status == 1
    assert "the managed image named web-image already exists in the resource group images" in out
    assert "-force" in out
    assert [line for line in cloud.requests() if not line.startswith("GET")] == []
    status, out = build(cloud.template(), "-force")
    assert status == 0
    assert "the managed image named web-image already exists, but deleting it due to -force flag" in out
    assert cloud.arm.resources[image.lower()]["properties"]["sourceVirtualMachine"]


def test_what_must_be_there(cloud: Cloud, build: Build) -> None:
    status, out = build(cloud.template(managed_image_resource_group_name="nowhere"))
    assert status == 1
    assert "Cannot locate the managed image resource group nowhere" in out
    status, out = build(cloud.template(location=None, build_resource_group_name="nowhere"))
    assert status == 1
    assert "Cannot locate the existing build resource group nowhere." in out
    status, out = build(cloud.template(virtual_network_name="nowhere"))
    assert status == 1
    assert 'Cannot find a resource group with a virtual network called "nowhere"' in out
    assert [line for line in cloud.requests() if not line.startswith("GET")] == []


def test_a_step_that_fails_cleans_up(cloud: Cloud, build: Build) -> None:
    status, out = build(cloud.template(steps='  provisioner "shell" { inline = ["exit 3"] }\n'))
    assert status == 1
    assert "exit status: 3" in out or "exit status 3" in out
    assert "Resource group has been deleted." in out
    assert f"{GROUPS}/images/providers/Microsoft.Compute/images/web-image".lower() not in cloud.arm.resources
    assert cloud.arm.ours() == []


def test_on_error_abort_says_what_stays(cloud: Cloud, build: Build) -> None:
    path = cloud.template(steps='  provisioner "shell" { inline = ["exit 3"] }\n')
    status, out = build(path, "-on-error=abort")
    assert status == 1
    assert f"az group delete --yes --name pkr-Resource-Group-xxxxxxxxxx --subscription {SUBSCRIPTION}" in masked(out)
    left = cloud.arm.ours()
    assert len(left) > 5
    path = cloud.template(
        steps='  provisioner "shell" { inline = ["exit 3"] }\n', location=None, build_resource_group_name="builds"
    )
    status, out = build(path, "-on-error=abort")
    assert status == 1
    (line,) = [line for line in out.splitlines() if "az resource delete" in line]
    left = [id for id in cloud.arm.ours() if id not in left]
    assert sorted(line.partition("--ids ")[2].split()) == left


def test_a_failed_operation_is_told_in_one_line(cloud: Cloud, build: Build) -> None:
    cloud.arm.failing["PUT", "deployments"] = {"code": "SkuNotAvailable", "message": "The size is not available."}
    status, out = build(cloud.template())
    assert status == 1
    assert "--> azure-arm.web: SkuNotAvailable: The size is not available." in out
    assert cloud.arm.ours() == []


def test_a_machine_that_was_never_allocated_is_removed(
    cloud: Cloud, build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It does not say which its disks are."""
    made = fake_machines._machine

    def without_disk(arm: fake_machines.Machines, group: str, item: dict[str, Any]) -> None:
        made(arm, group, item)
        item["properties"]["storageProfile"]["osDisk"]["managedDisk"] = {"storageAccountType": "Standard_LRS"}

    monkeypatch.setattr(fake_machines, "_machine", without_disk)
    cloud.arm.failing["PUT", "deployments"] = {"code": "AllocationFailed", "message": "no room in the region"}
    status, out = build(cloud.template())
    assert status == 1 and "AllocationFailed: no room in the region" in out
    assert cloud.arm.ours() == []


def test_what_cannot_be_undone_holds_up_nothing(cloud: Cloud, build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever goes wrong with one thing, the others are removed."""

    async def wrong(*_: object) -> None:
        raise LookupError("an answer without what it always has")

    monkeypatch.setattr(Building, "_undeploy", wrong)
    status, out = build(cloud.template())
    assert "Error deleting deployment" in out and "LookupError: an answer without" in out
    assert status == 0 and cloud.arm.ours() == [], "its group went"


def test_an_image_that_fails_halfway_goes_again(cloud: Cloud, build: Build) -> None:
    cloud.arm.failing["PUT", "images"] = {"code": "InternalError", "message": "no image today"}
    status, out = build(cloud.template())
    assert status == 1
    image = f"{GROUPS}/images/providers/Microsoft.Compute/images/web-image"
    assert f"Deleting what there is of {image}, which is not done" in out
    assert image.lower() not in cloud.arm.resources


def test_an_image_that_is_ready_stays_and_that_is_said(cloud: Cloud, build: Build) -> None:
    more = """  shared_image_gallery_destination {
    resource_group = "images"
    gallery_name   = "gallery"
    image_name     = "web"
    image_version  = "1.0.0"
  }
"""
    cloud.arm.failing["PUT", "versions"] = {"code": "Overloaded", "message": "not now"}
    status, out = build(cloud.template(more=more))
    assert status == 1
    image = f"{GROUPS}/images/providers/Microsoft.Compute/images/web-image"
    assert f"az resource delete --ids {image}" in out
    assert image.lower() in cloud.arm.resources
    assert f"{GALLERY}/versions/1.0.0".lower() not in cloud.arm.resources


def test_no_image_is_wanted(cloud: Cloud, build: Build) -> None:
    status, out = build(cloud.template(skip_create_image=True))
    assert status == 0
    assert "Skipping image creation..." in out
    assert not [line for line in cloud.requests() if line.startswith("PUT") and "images/" in line]
    assert cloud.arm.ours() == []


def test_a_dry_run_asks_nothing(cloud: Cloud, build: Build) -> None:
    status, out = build(cloud.template(), "-dry-run")
    assert status == 0
    assert "managed image  : web-image in images" in out
    assert "1 step:" in out
    assert cloud.arm.bodies == []


def test_records_for_machines(cloud: Cloud, build: Build) -> None:
    status, out = build(cloud.template(), "-machine-readable")
    assert status == 0
    records = [line.split(",", 2)[1:] for line in out.splitlines()]
    said = {name: rest for name, rest in records if name.startswith("azure-arm.web")} or dict(records)
    lines = [line.split(",") for line in out.splitlines() if ",artifact," in line]
    facts = {line[4]: line[5:] for line in lines}
    assert said
    assert facts["builder-id"] == ["Azure.ResourceManagement.VMImage"]
    assert facts["id"] == [f"{GROUPS}/images/providers/Microsoft.Compute/images/web-image"]
    assert facts["files-count"] == ["0"]


def test_events_as_json(cloud: Cloud, build: Build) -> None:
    status, out = build(cloud.template(), "-log-format", "json")
    assert status == 0
    assert all(json.loads(line) for line in out.splitlines())


def test_secrets_are_in_no_log(cloud: Cloud, build: Build) -> None:
    status, out = build(
        cloud.template(
            steps='  provisioner "shell" { inline = ["echo ${build.Password}."] }\n', ssh_password="Hemlichkeit-2026"
        )
    )
    assert status == 0
    assert "Hemlichkeit" not in out
    parameters = cloud.body("PUT", "/deployments/")["properties"]["parameters"]
    assert parameters["adminPassword"]["value"] == "Hemlichkeit-2026"


def test_generated_data_is_that_of_the_builder(cloud: Cloud, build: Build) -> None:
    step = '  provisioner "shell" { inline = ["echo ${build.TempComputeName} of ${build.SourceImageName}"] }\n'
    status, out = build(cloud.template(steps=step))
    assert status == 0
    assert re.search("azure-arm.web: pkrvm[a-z0-9]{10} of .*West Europe/publishers/canonical", out)


def test_a_key_of_its_own(cloud: Cloud, build: Build) -> None:
    assert build(cloud.template())[0] == 0
    first = list(cloud.host.keys)
    assert build(cloud.template(), "-force")[0] == 0
    assert len(set(cloud.host.keys)) == 2 > len(first)
