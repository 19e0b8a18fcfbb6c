"""Options of a build in Azure, one by one: sources, ways in, what is said; and what it is without Azure's packages."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from azure_cloud import GALLERY, GROUPS, MANAGED, MARKETPLACE, SUBSCRIPTION, Cloud

import bakelift
from bakelift.__main__ import main

Build = Callable[..., tuple[int, str]]
NO_MARKETPLACE = dict.fromkeys(MARKETPLACE)


def machine(cloud: Cloud) -> dict[str, Any]:
    """The machine as it is deployed."""
    resources = cloud.body("PUT", "/deployments/")["properties"]["template"]["resources"]
    return next(item for item in resources if item["type"].endswith("virtualMachines"))  # type: ignore[no-any-return]


def test_from_a_managed_image(cloud: Cloud, build: Build) -> None:
    image = f"{GROUPS}/images/providers/Microsoft.Compute/images/Golden"
    cloud.arm.add(image, properties={"storageProfile": {"dataDisks": [{"lun": 0}]}})
    options = {"custom_managed_image_name": "golden", "custom_managed_image_resource_group_name": "images"}
    status, out = build(cloud.template(**NO_MARKETPLACE, **options, disk_additional_size=[5]))
    assert status == 0, out
    assert f" -> SourceImageName: '{image}'" in out
    storage = machine(cloud)["properties"]["storageProfile"]
    assert storage["imageReference"] == {"id": image}
    assert [disk["lun"] for disk in storage["dataDisks"] if disk["createOption"] == "Empty"] == [1]
    status, out = build(cloud.template(**NO_MARKETPLACE, **{**options, "custom_managed_image_name": "none"}), "-force")
    assert status == 1
    assert "Cannot find an image named 'none' in the resource group 'images'" in out


def test_lists_have_pages(cloud: Cloud, build: Build) -> None:
    for number in range(5):
        cloud.arm.add(f"{GROUPS}/images/providers/Microsoft.Compute/images/golden{number}")
    options = {"custom_managed_image_name": "golden4", "custom_managed_image_resource_group_name": "images"}
    path = cloud.template(**NO_MARKETPLACE, **options)
    cloud.arm.page = 2
    status, out = build(path)
    assert status == 0, out
    cloud.arm.elsewhere = "127.0.0.2:1"
    status, out = build(path, "-force")
    assert status == 1
    assert "Azure says that a list goes on elsewhere, where no token is sent: http://127.0.0.2:1/" in out


def gallery_source(version: str = "2.0.0") -> str:
    return f"""  shared_image_gallery {{
    subscription   = "{SUBSCRIPTION}"
    resource_group = "images"
    gallery_name   = "gallery"
    image_name     = "web"
    image_version  = "{version}"
  }}
"""


@pytest.mark.parametrize("state", ["Generalized", "Specialized"])
def test_from_a_gallery(cloud: Cloud, build: Build, state: str) -> None:
    cloud.arm.add(GALLERY, location="westeurope", properties={"osState": state})
    parent = f"{GROUPS}/images/providers/Microsoft.Compute/images/parent"
    profile = {"source": {"id": parent}, "dataDiskImages": [{"lun": 3}]}
    cloud.arm.add(f"{GALLERY}/versions/2.0.0", properties={"storageProfile": profile})
    if state == "Specialized":
        cloud.host.authorize(str(cloud.key()))
    status, out = build(cloud.template(more=gallery_source(), **NO_MARKETPLACE, ssh_private_key_file=cloud.key_file()))
    assert status == 0, out
    assert f" -> SourceImageName: '{parent}'" in out
    assert ("osProfile" in machine(cloud)["properties"]) == (state == "Generalized")
    asked = [line for line in cloud.requests() if "galleries" in line]
    below = GALLERY.removeprefix(f"/subscriptions/{SUBSCRIPTION}/")
    assert asked == [f"GET {below} 2023-07-03", f"GET {below}/versions/2.0.0 2023-07-03"]


def test_a_specialized_version(cloud: Cloud, build: Build) -> None:
    more = """  shared_image_gallery_destination {
    resource_group = "images"
    gallery_name   = "gallery"
    image_name     = "web"
    image_version  = "1.0.0"
    specialized    = true
    use_shallow_replication = true
  }
"""
    status, out = build(cloud.template(more=more, **dict.fromkeys(MANAGED)))
    assert status == 0, out
    assert "Skipping generalization of Compute Gallery Image" in out
    assert " -> Creating SIG Image with Shallow Replication" in out
    assert not [line for line in cloud.requests() if "generalize" in line]


def test_force_makes_way_in_a_gallery(cloud: Cloud, build: Build) -> None:
    more = """  shared_image_gallery_destination {
    resource_group = "images"
    gallery_name   = "gallery"
    image_name     = "web"
    image_version  = "1.0.0"
  }
"""
    cloud.arm.add(f"{GALLERY}/versions/1.0.0")
    path = cloud.template(more=more, managed_image_os_disk_snapshot_name="before")
    cloud.arm.add(f"{GROUPS}/images/providers/Microsoft.Compute/snapshots/before")
    status, out = build(path)
    assert status == 1
    assert "the managed image os disk snapshot named before already exists" in out
    status, out = build(path, "-force")
    assert status == 0, out
    assert "a gallery image version for image name:version web:1.0.0 already exists in gallery gallery, but" in out
    del cloud.arm.resources[GALLERY.lower()]
    cloud.arm.resources.pop(f"{GALLERY}/versions/1.0.0".lower())
    status, out = build(path, "-force")
    assert status == 1
    assert 'failed to get image "web" from image gallery "gallery" in resource group "images"' in out


def test_the_keys_of_the_build_can_go_from_the_image(cloud: Cloud, build: Build) -> None:
    cloud.host.runs = False
    status, out = build(cloud.template(ssh_clear_authorized_keys=True))
    assert status == 0
    assert "Trying to remove ephemeral keys from authorized_keys files" in out
    assert cloud.host.commands[-2:] == [
        "sed -i.bak '/ bakelift$/d' ~/.ssh/authorized_keys; rm ~/.ssh/authorized_keys.bak",
        "sudo sed -i.bak '/ bakelift$/d' /root/.ssh/authorized_keys; sudo rm /root/.ssh/authorized_keys.bak",
    ]
    assert cloud.host.keys[0].endswith(" bakelift")


def test_no_communicator(cloud: Cloud, build: Build) -> None:
    status, out = build(cloud.template(steps="", communicator="none"))
    assert status == 0, out
    assert "SSH" not in out
    assert "ManagedImageName: web-image" in out


def test_a_group_of_that_name(cloud: Cloud, build: Build) -> None:
    status, out = build(cloud.template(temp_resource_group_name="builds"))
    assert status == 1
    assert "A resource group with that name already exists." in out
    assert f"{GROUPS}/builds".lower() in cloud.arm.resources


def test_a_group_may_go_later(cloud: Cloud, build: Build) -> None:
    status, out = build(cloud.template(async_resourcegroup_delete=True))
    assert status == 0
    assert " Not waiting for Resource Group delete as requested by user." in out


def test_regions_without_zones_are_told(cloud: Cloud, build: Build) -> None:
    _, out = build(cloud.template(location="westcentralus"), "-until", "1")
    assert "WARNING: Zone resiliency may not be supported in westcentralus" in out


def test_an_address_of_the_old_kind_is_told(cloud: Cloud, build: Build) -> None:
    _, out = build(cloud.template(public_ip_sku="Basic"))
    assert "public IP address of the Basic SKU" in out


def test_the_classic_log(cloud: Cloud, build: Build) -> None:
    status, out = build(cloud.template(), "-log-style", "classic")
    assert status == 0
    assert "    azure-arm.web: hello from the machine" in out


def test_no_step_to_go_on_with(cloud: Cloud, build: Build) -> None:
    status, out = build(cloud.template(), "-from", "1")
    assert status == 1
    assert "each build begins with a new machine" in out


def test_a_stage_that_failed_can_be_tried_again(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["r\n"])

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

        def readline(self, *_: int) -> str:  # type: ignore[override]
            return next(answers, "c\n")

    monkeypatch.setattr(sys, "stdin", Terminal())
    cloud.arm.failing["PUT", "deployments"] = {"code": "AllocationFailed", "message": "no room just now"}
    assert main(["build", "-on", "azure", "-color=false", "-on-error=ask", cloud.template()]) == 0
    assert len([line for line in cloud.requests() if line.startswith("PUT") and line.split()[1].count("/") == 1]) == 2
    assert cloud.arm.ours() == []


def test_from_python(cloud: Cloud) -> None:
    said = io.StringIO()
    plan = bakelift.load(cloud.template(subscription_id=None))
    assert bakelift.build(plan, on="azure", subscription=SUBSCRIPTION, stdout=said) == 0, said.getvalue()
    assert "ManagedImageName: web-image" in said.getvalue()


def test_a_machine_that_is_not_made_stays_on_abort(cloud: Cloud, build: Build) -> None:
    cloud.arm.failing["PUT", "deployments"] = {"code": "AllocationFailed", "message": "no room just now"}
    status, out = build(cloud.template(), "-on-error=abort")
    assert status == 1
    assert 'Step "StepConnectSSH" failed, aborting...' in out
    assert "az group delete --yes --name pkr-Resource-Group-" in out
    assert cloud.arm.ours() != []


def test_a_token_that_is_not_taken(cloud: Cloud, build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BAKELIFT_ARM_TOKEN", "another")
    status, out = build(cloud.template())
    assert status == 1
    (said,) = [line for line in out.splitlines() if line.startswith("--> ")]
    assert "AuthenticationFailed" in said


def test_a_login_that_fails_is_one_line(cloud: Cloud, build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BAKELIFT_ARM_TOKEN")
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setenv("HOME", str(cloud.folder))
    for way, what in (("cli", "Azure CLI not found on path"), ("auto", "nobody is logged in here. az login does it")):
        status, out = build(cloud.template(), "-auth", way)
        assert status == 1
        (said,) = [line for line in out.splitlines() if line.startswith("--> ")]
        assert f"The login to Azure failed: {what}" in said
        assert len([line for line in out.splitlines() if what in line]) == 2
    assert cloud.arm.bodies == []


def loaded(cloud: Cloud, code: str) -> Any:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=cloud.folder)
    return json.loads(done.stdout.splitlines()[-1])


def test_a_dry_run_loads_no_package_of_azure(cloud: Cloud) -> None:
    words = ["build", "-on", "azure", "-dry-run", cloud.template()]
    code = f"import sys, json; from bakelift.__main__ import main; main({words!r}); "
    modules = "[m for m in sys.modules if m.split('.')[0] in ('azure', 'msal', 'requests', 'cryptography')]"
    assert loaded(cloud, f"{code}print(json.dumps({modules}))") == []


def test_without_the_packages_one_line_says_how_to_get_them(cloud: Cloud) -> None:
    words = ["build", "-on", "azure", "-color=false", cloud.template()]
    hidden = (
        "import sys, json, io, contextlib\n"
        "class Hidden:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] == 'azure': raise ModuleNotFoundError(name, name=name)\n"
        "sys.meta_path.insert(0, Hidden())\n"
        "from bakelift.__main__ import main\n"
        f"said = io.StringIO()\nwith contextlib.redirect_stdout(said): status = main({words!r})\n"
        "print(json.dumps([status, said.getvalue()]))"
    )
    status, out = loaded(cloud, hidden)
    assert status == 1
    (said,) = [line for line in out.splitlines() if line.startswith("--> ")]
    assert "pip install 'bakelift[azure]'" in said
