"""A VHD as source: a managed image is made of it in the deployment, and is a VHD again on the way back."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from bakelift.translator.diagnostics import Diagnostics, SourceFile
from bakelift.translator.files import DictFiles
from bakelift.translator.imagebuilder.reader import read_template
from bakelift.translator.imagebuilder.translate import TranslateOptions, translate
from bakelift.translator.packer.hcl_reader import read_hcl
from bakelift.translator.packer.variables import bind_inputs
from bakelift.translator.plan.model import Attribute

TEXT = """
variable "blob" {
  default = "https://a.blob.core.windows.net/vhds/base.vhd"
}

source "azure-arm" "old" {
  os_type            = "Windows"
  communicator       = "winrm"
  image_url          = var.blob
  location           = "uksouth"
  vm_size            = "Standard_D2s_v5"
  managed_image_name = "new"
  managed_image_resource_group_name = "images"
}

source "azure-arm" "other" {
  os_type            = "Linux"
  image_url          = "https://a.blob.core.windows.net/vhds/linux.vhd"
  location           = "uksouth"
  vm_size            = "Standard_D2s_v5"
  managed_image_name = "linux"
  managed_image_resource_group_name = "images"
}

build {
  sources = ["source.azure-arm.old", "source.azure-arm.other"]
}
"""


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    plan = read_hcl([SourceFile("t.pkr.hcl", TEXT)], "t.pkr.hcl", ".")
    found = translate(plan, bind_inputs(plan), DictFiles({}), TranslateOptions())
    made = found.outputs[0].template
    assert made is not None
    return dict(made)


def read(template: dict[str, Any]) -> Any:
    return read_template(SourceFile("t.json", json.dumps(template)), "t.json", Diagnostics()).plan


def test_the_deployment_makes_managed_images(template: dict[str, Any]) -> None:
    first, second, windows, linux = template["resources"]
    assert [r["type"] for r in (windows, linux)] == ["Microsoft.Compute/images"] * 2
    assert windows["properties"]["storageProfile"]["osDisk"] == {
        "osType": "Windows",
        "osState": "Generalized",
        "blobUri": "[parameters('blob')]",
    }
    assert linux["properties"]["storageProfile"]["osDisk"]["osType"] == "Linux"
    for one in (first, second):
        assert one["dependsOn"] == [one["properties"]["source"]["imageId"]]
    assert first["dependsOn"] != second["dependsOn"]


def test_they_are_vhds_again(template: dict[str, Any]) -> None:
    plan = read(template)
    urls = {source.name: source.settings["image_url"].value for source in plan.sources}
    assert getattr(urls["old"], "name", None) == "blob"
    assert getattr(urls["other"], "value", "") == "https://a.blob.core.windows.net/vhds/linux.vhd"
    assert [source.settings["os_type"].value.value for source in plan.sources] == ["Windows", "Linux"]
    assert not plan.opaque.entries


CHANGES = {
    "a generation": lambda image: image["properties"].update(hyperVGeneration="V2"),
    "another region": lambda image: image.update(location="eastus"),
    "another state": lambda image: image["properties"]["storageProfile"]["osDisk"].update(osState="Specialized"),
    "another name": lambda image: image.update(name="mine"),
    "tags": lambda image: image.update(tags={"a": "b"}),
    "a data disk": lambda image: image["properties"]["storageProfile"].update(dataDisks=[]),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_managed_image_that_says_more_stays_one(template: dict[str, Any], change: Any) -> None:
    changed = copy.deepcopy(template)
    change(changed["resources"][2])
    plan = read(changed)
    old = next(source for source in plan.sources if "image_url" not in source.settings)
    assert "custom_managed_image_name" in old.settings
    assert any(isinstance(entry, Attribute) and entry.name == "deployment" for entry in plan.opaque.entries)
