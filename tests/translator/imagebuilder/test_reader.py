"""Reading deployment templates and bare resources: what was written comes back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bakelift.translator.diagnostics import Diagnostics, SourceFile, TemplateError
from bakelift.translator.files import DictFiles
from bakelift.translator.imagebuilder.reader import read_arm, read_template
from bakelift.translator.imagebuilder.reader_ids import ResourceId, read_id
from bakelift.translator.imagebuilder.translate import TranslateOptions, translate
from bakelift.translator.packer.hcl_reader import read_hcl
from bakelift.translator.packer.variables import bind_inputs
from bakelift.translator.plan.expressions import Call, Index, Literal, Ref, Template
from bakelift.translator.plan.normal import normal

CASES = Path(__file__).parent / "cases"
#: But for VHDs: the address of a blob does not say the resource group that Packer wants beside it.
WRITTEN = [path for path in sorted(CASES.glob("*/expected.json")) if "vhd" not in path.parent.name]


def read(text: str, path: str = "t.json") -> Any:
    return read_template(SourceFile(path, text), path, Diagnostics())


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.parent.name)
def test_written_read_and_written_again_is_the_same(path: Path) -> None:
    text = path.read_text()
    found = read(text)
    shape = "arm" if "resources" in json.loads(text) else "resource"
    again = translate(found.plan, bind_inputs(found.plan), DictFiles(found.files), TranslateOptions(shape=shape))
    assert again.outputs[0].text() == text


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.parent.name)
def test_a_plan_that_was_read_reads_back_equal(path: Path) -> None:
    first = read(path.read_text())
    shape = "arm" if "resources" in json.loads(path.read_text()) else "resource"
    written = translate(first.plan, bind_inputs(first.plan), DictFiles(first.files), TranslateOptions(shape=shape))
    second = read(written.outputs[0].text())
    assert normal(second.plan) == normal(first.plan)
    assert second.files == first.files


def test_packer_to_image_builder_and_back(translated: Callable[..., Any]) -> None:
    """What the first report calls exact, or adapted by the service's own doing, is in the Plan that comes back."""
    text = (CASES / "gallery-and-network" / "input.pkr.hcl").read_text()
    script = (CASES / "gallery-and-network" / "scripts" / "install.sh").read_text()
    found = translated(text, files={"scripts/install.sh": script})
    back = read(found.outputs[0].text())
    original = read_hcl([SourceFile("input.pkr.hcl", text)], "input.pkr.hcl", ".")
    mine, theirs = original.sources[0].settings, back.plan.sources[0].settings
    items = {item.path.removeprefix("source.azure-arm.rhel."): item for item in found.report.items}
    kept = [name for name in mine if name in items and items[name].kind == "exact"]
    assert len(kept) > 12
    for name in kept:
        if name != "location":
            assert theirs[name].value == mine[name].value, name
    assert theirs["location"].value == Literal("eastus2")
    block = "shared_image_gallery_destination.target_region"
    assert [dict_of(e) for e in theirs[block].value.items] == [  # type: ignore[attr-defined]
        {"name": "eastus2", "replicas": 3},
        {"name": "westus3"},
    ]
    steps = back.plan.groups[0].steps
    assert steps[0].settings["script"].value == Literal("scripts/install.sh")
    assert back.files["scripts/install.sh"].decode() == script
    assert back.plan.sources[0].name == "rhel"


def dict_of(expr: Any) -> dict[str, Any]:
    return {key.value: value.value for key, value in expr.entries}


def test_inputs_come_back(translated: Callable[..., Any]) -> None:
    text = """
variable "size" {
  type = string
  default = env("VM_SIZE")
}
variable "key" {
  type = string
  sensitive = true
}
variable "tags" {
  type = map(string)
  default = { a = "[x]" }
  description = "Tags."
}
locals { name = "${var.size}-${formatdate("YYYYMMDD", timestamp())}" }
source "azure-arm" "x" {
  os_type = "Linux"
  image_publisher = "p"
  image_offer = "o"
  image_sku = "s"
  location = "westus"
  vm_size = var.size
  managed_image_name = local.name
  managed_image_resource_group_name = "g"
  azure_tags = merge(var.tags, { key = var.key })
}
build {
  name = "b"
  sources = ["source.azure-arm.x"]
}
"""
    found = translated(text)
    back = normal(read(found.outputs[0].text()).plan)
    original = normal(read_hcl([SourceFile("a.pkr.hcl", text)], "a.pkr.hcl", "."))
    assert back.inputs == original.inputs
    assert back.named == original.named
    assert back.groups[0].name == "b" and back.groups[0].sources[0].source == "x"
    assert back.sources[0].settings["azure_tags"] == original.sources[0].settings["azure_tags"]
    codes = [d.code for d in found.diagnostics]
    assert "aib/secret-parameter" in codes


def test_comments_commas_and_a_byte_order_mark_are_read() -> None:
    text = (
        '\ufeff{ // a comment\n"type": "Microsoft.VirtualMachineImages", "location": "eastus",\n'
        '"properties": {"source": {"type": "PlatformImage", "publisher": "MicrosoftWindowsServer",},},}'
    )
    plan = read(text).plan
    assert plan.sources[0].settings["os_type"].value == Literal("Windows")
    assert plan.sources[0].settings["image_publisher"].value == Literal("MicrosoftWindowsServer")


def test_every_leaf_has_a_place() -> None:
    text = (CASES / "linux-managed-image" / "expected.json").read_text()
    plan = read_arm(SourceFile("t.json", text), "t.json", Diagnostics())
    paths = [leaf.path for leaf in plan.origin.leaves]  # type: ignore[union-attr]
    assert len(paths) == len(set(paths))
    assert "resources[0].properties.customize[0].inline" in paths
    assert all(leaf.span is not None for leaf in plan.origin.leaves)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[]", "arm/no-template"),
        ('{"resources": []}', "arm/no-template"),
        ('{"resources": [{"type": "Microsoft.Compute/images"}]}', "arm/no-template"),
        ('{"properties": {"source": {"type": "X"}', "json/"),
        (
            '{"$schema": "x", "parameters": {"a": {"type": "float"}}, "properties": {"source": {}}}',
            "arm/parameter-type",
        ),
        ('{"$schema": "x", "properties": {"source": {}}, "location": "[parameters(]"}', "arm/syntax"),
    ],
)
def test_broken_templates_end_in_a_diagnostic(text: str, code: str) -> None:
    with pytest.raises(TemplateError) as raised:
        read(text)
    assert raised.value.diagnostics[0].code.startswith(code)


SUB = Call("arm.subscription", ())


@pytest.mark.parametrize(
    ("expr", "found"),
    [
        (
            Literal("/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/images/i"),
            ResourceId("Microsoft.Compute/images", (Literal("i"),), Literal("s"), Literal("g")),
        ),
        (
            Template(
                (
                    Literal("/subscriptions/"),
                    Index(SUB, Literal("subscriptionId")),
                    Literal("/resourceGroups/"),
                    Ref("input", "g"),
                    Literal("/providers/Microsoft.Compute/images/"),
                    Ref("input", "n"),
                    Literal("-x"),
                )
            ),
            ResourceId(
                "Microsoft.Compute/images", (Template((Ref("input", "n"), Literal("-x"))),), None, Ref("input", "g")
            ),
        ),
        (
            Call("arm.resourceId", (Literal("Microsoft.Compute/images"), Literal("i"))),
            ResourceId("Microsoft.Compute/images", (Literal("i"),)),
        ),
        (Literal("/subscriptions/s"), None),
        (Ref("input", "id"), None),
    ],
)
def test_resource_ids(expr: Any, found: Any) -> None:
    assert read_id(expr) == found
