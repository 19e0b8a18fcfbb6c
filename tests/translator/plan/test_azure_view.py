"""An exploded image as Azure's: one source, its destinations, what is unset, and what contradicts itself."""

from __future__ import annotations

import pytest

from bakelift.translator.diagnostics import Diagnostics, SourceFile, TemplateError
from bakelift.translator.packer.hcl_reader import read_hcl
from bakelift.translator.packer.variables import bind_inputs
from bakelift.translator.plan.azure import (
    AzureImage,
    GalleryOutput,
    GallerySource,
    ManagedImageOutput,
    ManagedImageSource,
    PlatformImage,
    VhdOutput,
    VhdSource,
)
from bakelift.translator.plan.azure_view import azure_image
from bakelift.translator.plan.binding import StructureBinder
from bakelift.translator.plan.expressions import Call, For, Literal, ObjectExpr, Ref
from bakelift.translator.plan.images import images

REST = {
    "os_type": 'os_type = "linux"',
    "source": 'image_publisher = "p"\n image_offer = "o"\n image_sku = "s"',
    "location": 'location = "westeurope"',
    "destination": 'managed_image_name = "n"\n managed_image_resource_group_name = "rg"',
}


def view(body: str, *var_args: str, head: str = "", **parts: str) -> tuple[AzureImage, StructureBinder, Diagnostics]:
    """The view of a source with ``body``; parts of REST may be replaced."""
    text = "\n".join({**REST, **parts}.values())
    template = f'{head}\nsource "azure-arm" "a" {{\n{text}\n{body}\n}}\nbuild {{\n  sources = ["azure-arm.a"]\n}}\n'
    plan = read_hcl([SourceFile("t.pkr.hcl", template)], "t.pkr.hcl", ".")
    image = images(plan)[0]
    binder = StructureBinder(plan, bind_inputs(plan, var_args), image)
    diagnostics = Diagnostics()
    return azure_image(image, binder, diagnostics), binder, diagnostics


def codes(diagnostics: Diagnostics) -> list[str]:
    return [d.code for d in diagnostics]


def test_marketplace_to_managed_image() -> None:
    found, binder, diagnostics = view(
        """
        vm_size = "Standard_D2s_v3"
        image_version = ""
        os_disk_size_gb = 64
        user_assigned_managed_identities = ["/id"]
        virtual_network_name = "v"
        virtual_network_subnet_name = "s"
        client_id = "c"
        """
    )
    assert codes(diagnostics) == []
    assert found.os_type == "Linux"
    assert isinstance(found.source, PlatformImage)
    assert (found.source.sku.value, found.source.version, found.source.plan) == (Literal("s"), None, None)
    (output,) = found.outputs
    assert isinstance(output, ManagedImageOutput) and output.name is not None
    assert found.network is not None and found.network.subnet is not None and found.network.resource_group is None
    assert set(found.rest) == {"client_id"}
    assert set(found.unset) == {"image_version"}
    assert binder.frozen == ()


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ('image_url = "https://x/y.vhd"', VhdSource),
        ('custom_managed_image_name = "m"\n custom_managed_image_resource_group_name = "g"', ManagedImageSource),
        (
            'shared_image_gallery {\n subscription = "s"\n resource_group = "g"\n gallery_name = "n"\n'
            ' image_name = "i"\n}',
            GallerySource,
        ),
        ('shared_image_gallery {\n id = "/x"\n}', GallerySource),
        ('shared_image_gallery {\n community_gallery_image_id = "/x"\n}', GallerySource),
    ],
)
def test_kinds_of_sources(source: str, kind: type) -> None:
    found, _, diagnostics = view("", source=source)
    assert codes(diagnostics) == []
    assert type(found.source) is kind


def test_gallery_and_vhd_destinations() -> None:
    found, _, diagnostics = view(
        """
        shared_image_gallery_destination {
          resource_group      = "rg"
          gallery_name        = "g"
          image_name          = "i"
          image_version       = "1.0.0"
          replication_regions = ["a"]
        }
        shared_image_gallery_replica_count = 2
        """,
        destination='capture_container_name = "c"\n storage_account = "s"\n resource_group_name = "g"',
    )
    assert codes(diagnostics) == []
    gallery, vhd = found.outputs
    assert isinstance(gallery, GalleryOutput) and isinstance(vhd, VhdOutput)
    assert gallery.replica_count is not None and gallery.replica_count.value == Literal(2)
    assert found.rest == {}


@pytest.mark.parametrize(
    ("parts", "code", "words"),
    [
        ({"source": ""}, "azure/no-source", "made from nothing"),
        (
            {"source": 'image_publisher = "p"\n image_offer = ""\n image_sku = "s"'},
            "azure/source-incomplete",
            "An image_offer",
        ),
        ({"source": REST["source"] + '\nimage_url = "x"'}, "azure/source-conflict", "Specify either a VHD"),
        (
            {"source": 'shared_image_gallery {\n id = "/x"\n image_name = "i"\n}'},
            "azure/source-conflict",
            "must not be",
        ),
        ({"destination": ""}, "azure/no-destination", "must be specified"),
        (
            {"destination": 'managed_image_name = "x"'},
            "azure/destination-incomplete",
            "managed_image_resource_group_name",
        ),
        (
            {
                "destination": 'shared_image_gallery_destination {\n resource_group = "g"\n gallery_name = "n"\n'
                ' image_name = "i"\n}'
            },
            "azure/destination-incomplete",
            "An image_version must be specified for shared_image_gallery_destination",
        ),
        ({"location": ""}, "azure/no-location", "Specify either a location"),
        ({"location": 'location = "x"\n build_resource_group_name = "y"'}, "azure/location-conflict", "not both"),
        ({"os_type": ""}, "azure/no-os-type", "An os_type must be specified"),
        ({"os_type": 'os_type = "BSD"'}, "azure/os-type-invalid", 'The os_type "BSD" is invalid'),
        (
            {"source": REST["source"] + '\nplan_info {\n plan_name = "x"\n plan_product = "y"\n}'},
            "azure/plan-incomplete",
            "plan_publisher",
        ),
        (
            {"location": REST["location"] + '\nvirtual_network_subnet_name = "s"'},
            "azure/network-incomplete",
            "virtual_network_name",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place(parts: dict[str, str], code: str, words: str) -> None:
    _, _, diagnostics = view("", **parts)
    assert codes(diagnostics) == [code]
    problem = next(iter(diagnostics))
    assert words in problem.summary
    assert problem.span is not None


def test_no_capture_needs_no_destination() -> None:
    found, _, diagnostics = view("skip_create_image = true", destination="")
    assert (codes(diagnostics), found.outputs) == ([], ())
    assert "skip_create_image" in found.rest


def test_tags_are_one_map() -> None:
    found, _, _ = view('azure_tags = { a = "1", b = "2" }\nazure_tag {\n name = "b"\n value = "3"\n}')
    assert found.tags is not None
    assert found.tags.value == ObjectExpr(((Literal("a"), Literal("1")), (Literal("b"), Literal("3"))))
    assert [leaf.path.rpartition("image.")[2] for leaf in found.tags.leaves] == [
        "source.azure-arm.a.azure_tags",
        "source.azure-arm.a.azure_tag[0].name",
        "source.azure-arm.a.azure_tag[0].value",
    ]


def test_dynamic_tags_are_a_merged_loop() -> None:
    found, _, _ = view(
        'azure_tags = { a = "1" }\n'
        'dynamic "azure_tag" {\n for_each = var.t\n content {\n name = azure_tag.key\n value = azure_tag.value\n }\n}',
        head='variable "t" { default = {} }',
    )
    assert found.tags is not None
    merged = found.tags.value
    assert isinstance(merged, Call) and merged.operation == "merge"
    loop = merged.args[1]
    assert isinstance(loop, For)
    assert (loop.key, loop.value) == (Ref("bound", "azure_tag_key"), Ref("bound", "azure_tag"))


CONDITIONAL_PLAN = """
dynamic "plan_info" {
  for_each = var.plan == null ? [] : [var.plan]
  content {
    plan_name      = plan_info.value
    plan_product   = "p"
    plan_publisher = "q"
  }
}
"""


def test_a_dynamic_single_block_is_decided_and_frozen() -> None:
    head = 'variable "plan" {\n type = string\n default = null\n}'
    found, binder, diagnostics = view(CONDITIONAL_PLAN, head=head)
    assert codes(diagnostics) == []
    assert isinstance(found.source, PlatformImage) and found.source.plan is None
    assert set(found.unset) == {"plan_info"}
    assert [(f.name, f.reason) for f in binder.frozen] == [("plan", "whether there is a plan_info block")]
    found, binder, _ = view(CONDITIONAL_PLAN, "plan=gold", head=head)
    assert isinstance(found.source, PlatformImage) and found.source.plan is not None
    assert found.source.plan.name.value == Literal("gold")
    assert [leaf.path for leaf in found.source.plan.name.leaves] == [
        "source.azure-arm.a.dynamic.plan_info.content.plan_name",
        "source.azure-arm.a.dynamic.plan_info.for_each",
    ]
    assert [(f.name, f.value, f.came_from) for f in binder.frozen] == [("plan", "gold", "-var")]


def test_assumptions_that_contradict_each_other_are_missing_variables() -> None:
    head = 'variable "url" {}\nvariable "pub" {}\nvariable "where" {}\nvariable "group" {}'
    source = 'image_url = var.url\n image_publisher = var.pub\n image_offer = "o"\n image_sku = "s"'
    location = "location = var.where\n build_resource_group_name = var.group"
    _, binder, diagnostics = view("", head=head, source=source, location=location)
    assert codes(diagnostics) == []
    with pytest.raises(TemplateError) as caught:
        binder.stop_if_missing()
    (problem,) = caught.value.diagnostics
    assert problem.code == "plan/missing-inputs"
    for name in ("url", "pub"):
        assert f"-var '{name}=VALUE'" in problem.detail
    args = ("url=", "pub=Canonical", "where=", "group=g")
    found, binder, diagnostics = view("", *args, head=head, source=source, location=location)
    binder.stop_if_missing()
    assert codes(diagnostics) == []
    assert isinstance(found.source, PlatformImage)
    assert [f.name for f in binder.frozen] == ["url", "where"]


def test_where_the_build_runs_need_not_be_known() -> None:
    head = 'variable "where" {}\nvariable "group" {}'
    location = "location = var.where\n build_resource_group_name = var.group"
    found, binder, diagnostics = view("", head=head, location=location)
    binder.stop_if_missing()
    assert codes(diagnostics) == [] and found.location is not None
