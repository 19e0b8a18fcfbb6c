"""What the writer decides: names, parameters, clocks, regions, secrets, versions, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bakelift.translator.diagnostics import TemplateError
from bakelift.translator.imagebuilder.versions import API_VERSIONS, GALLERY_LATEST, OLDEST_WRITTEN, has
from bakelift.translator.imagebuilder.writer_ids import TEMPLATES

CASES = Path(__file__).parent / "cases"
Translate = Callable[..., Any]

BASE = """
  os_type = "Linux"
  image_publisher = "Canonical"
  image_offer = "o"
  image_sku = "s"
  vm_size = "Standard_D2s_v5"
"""
PLACE = """
  location = "westus"
  managed_image_name = "i"
  managed_image_resource_group_name = "g"
"""


def source(body: str, around: str = "", base: str = BASE) -> str:
    block = f'source "azure-arm" "x" {{{base}{body}\n}}\n'
    return f'{around}\n{block}build {{\n  sources = ["source.azure-arm.x"]\n}}\n'


def resource(found: Any) -> dict[str, Any]:
    template = found.outputs[0].template
    assert template is not None, [str(d) for d in found.diagnostics]
    return template.get("resources", [template])[0]  # type: ignore[no-any-return]


def classes(found: Any) -> dict[str, tuple[str, str]]:
    return {item.path.rpartition(".")[2]: (item.kind, item.code) for item in found.report.items}


def test_own_parameters_make_way_for_inputs(translated: Translate) -> None:
    around = 'variable "IdentityID" {\n  type = string\n}\n'
    around += 'variable "Foo" {\n  default = "a"\n}\nvariable "foo" {\n  default = "b"\n}'
    found = translated(source(PLACE + "azure_tags = { a = var.IdentityID, b = var.Foo, c = var.foo }", around))
    parameters = found.outputs[0].template["parameters"]
    assert list(parameters) == ["imageTemplateName", "templateIdentityId", "IdentityID", "Foo", "foo2"]
    assert resource(found)["tags"] == {
        "a": "[parameters('IdentityID')]",
        "b": "[parameters('Foo')]",
        "c": "[parameters('foo2')]",
    }


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("timestamp()", "[parameters('buildTime')]"),
        ('formatdate("YYYYMMDD", timestamp())', "[dateTimeAdd(parameters('buildTime'), 'PT0S', 'yyyyMMdd')]"),
        ('legacy_isotime("2006-01-02")', "[dateTimeAdd(parameters('buildTime'), 'PT0S', 'yyyy-MM-dd')]"),
        (
            'regex_replace(timestamp(), "[- TZ:]", "")',
            "[dateTimeAdd(parameters('buildTime'), 'PT0S', 'yyyyMMddHHmmss')]",
        ),
        ('replace(timestamp(), ":", "")', "[replace(parameters('buildTime'), ':', '')]"),
        ('"{{timestamp}}"', "[string(dateTimeToEpoch(parameters('buildTime')))]"),
        ('"{{isotime}}"', "[parameters('buildTime')]"),
        ('"v-${uuidv4()}"', "[format('v-{0}', parameters('uniqueId'))]"),
    ],
)
def test_clocks_become_parameters(translated: Translate, expression: str, value: str) -> None:
    found = translated(source(PLACE + f"azure_tags = {{ t = {expression} }}"))
    assert resource(found)["tags"]["t"] == value
    parameters = found.outputs[0].template["parameters"]
    defaults = {name: p.get("defaultValue") for name, p in parameters.items() if name in ("buildTime", "uniqueId")}
    assert list(defaults.values()) in (["[utcNow('yyyy-MM-ddTHH:mm:ssZ')]"], ["[newGuid()]"])
    assert classes(found)["azure_tags"] == ("approximated", "aib/deploy-time")


@pytest.mark.parametrize(
    ("declaration", "parameter"),
    [
        ("type = string", {"type": "string"}),
        ('default = "[x]"', {"type": "string", "defaultValue": "[[x]"}),
        ("type = number\n  default = 3", {"type": "int", "defaultValue": 3}),
        ("type = bool\n  default = true", {"type": "bool", "defaultValue": True}),
        ('type = string\n  sensitive = true\n  default = "s3cret"', {"type": "secureString"}),
        (
            'type = string\n  default = env("TAG")',
            {"type": "string", "metadata": {"environmentVariable": "TAG"}},
        ),
    ],
)
def test_inputs_become_parameters(translated: Translate, declaration: str, parameter: dict[str, Any]) -> None:
    around = f'variable "v" {{\n  {declaration}\n}}'
    found = translated(source(PLACE + "azure_tags = { t = var.v }", around))
    assert found.outputs[0].template["parameters"]["v"] == parameter
    assert "s3cret" not in found.outputs[0].text() + json.dumps(found.report.as_json())


def test_parameters_of_text_become_numbers_where_azure_wants_them(translated: Translate) -> None:
    builder = {
        "type": "azure-arm",
        "os_type": "Linux",
        "image_publisher": "p",
        "image_offer": "o",
        "image_sku": "s",
        "vm_size": "Standard_D2s_v5",
        "location": "westus",
        "os_disk_size_gb": "{{user `disk`}}",
        "shared_image_gallery_destination": {
            "resource_group": "g",
            "gallery_name": "g",
            "image_name": "i",
            "image_version": "1.0.0",
        },
        "shared_image_gallery_replica_count": "{{user `count`}}",
        "shared_gallery_image_version_exclude_from_latest": "true",
    }
    text = json.dumps({"variables": {"disk": "64", "count": "2"}, "builders": [builder]})
    properties = resource(translated(text, format="json"))["properties"]
    assert properties["vmProfile"]["osDiskSizeGB"] == "[int(parameters('disk'))]"
    output = properties["distribute"][0]
    assert output["targetRegions"] == [{"name": "westus", "replicaCount": "[int(parameters('count'))]"}]
    assert output["excludeFromLatest"] is True


def test_a_dynamic_block_for_each_tag_is_the_map(translated: Translate) -> None:
    around = 'variable "tags" {\n  type = map(string)\n  default = {}\n}'
    block = "\n".join(
        (
            'dynamic "azure_tag" {',
            "for_each = var.tags",
            "content {",
            "name = azure_tag.key",
            "value = azure_tag.value",
            "}",
            "}",
        )
    )
    assert resource(translated(source(PLACE + block, around)))["tags"] == "[parameters('tags')]"


def test_what_arm_cannot_say_is_bound_and_frozen(translated: Translate) -> None:
    around = 'variable "v" {\n  default = "x"\n}\nlocals {\n  digest = sha256(var.v)\n}'
    found = translated(source(PLACE + "azure_tags = { t = local.digest }", around))
    assert resource(found)["tags"]["t"] == "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
    assert [(f.name, f.value) for f in found.report.frozen] == [("v", "x")]
    assert "no function for sha256" in found.report.frozen[0].reason
    with pytest.raises(TemplateError) as raised:
        translated(source(PLACE + "azure_tags = { t = sha256(var.v) }", 'variable "v" {\n  type = string\n}'))
    assert raised.value.diagnostics[0].code == "plan/missing-inputs"


def test_a_bound_secret_is_refused(translated: Translate) -> None:
    around = 'variable "v" {\n  type = string\n  sensitive = true\n  default = "s3cret"\n}'
    found = translated(source(PLACE + "azure_tags = { t = sha256(var.v) }", around))
    assert found.outputs[0].template is None
    assert "aib/secret-in-output" in [d.code for d in found.diagnostics]


REGIONS = """
  location = "West US"
  shared_image_gallery_destination {{
    resource_group = "g"
    gallery_name = "g"
    image_name = "i"
    image_version = "1.0.0"
    {regions}
  }}
"""


@pytest.mark.parametrize(
    ("regions", "targets"),
    [
        ("", [{"name": "westus"}]),
        ('replication_regions = ["East US"]', [{"name": "eastus"}, {"name": "westus"}]),
        ('replication_regions = ["westus", "East US"]', [{"name": "westus"}, {"name": "eastus"}]),
        ('replication_regions = ["westus", "West US"]', [{"name": "westus"}]),
        (
            'target_region {\n  name = "eastus"\n  replicas = 2\n}',
            [{"name": "eastus", "replicaCount": 2}, {"name": "westus"}],
        ),
    ],
)
def test_the_region_of_the_build_is_among_the_targets(
    translated: Translate, regions: str, targets: list[dict[str, Any]]
) -> None:
    found = translated(source(REGIONS.format(regions=regions)))
    assert resource(found)["properties"]["distribute"][0]["targetRegions"] == targets


def test_an_input_without_type_has_that_of_the_option_that_it_is_given_to(translated: Translate) -> None:
    around = 'variable "regions" {\n}'
    found = translated(source(REGIONS.format(regions="replication_regions = var.regions"), around))
    assert found.outputs[0].template["parameters"]["regions"]["type"] == "array"
    regions = resource(found)["properties"]["distribute"][0]["targetRegions"]
    assert regions.startswith("[map(union(map(concat(parameters('regions'), createArray('westus')),")


def test_older_versions_have_replication_regions(translated: Translate, judge: Callable[..., list[str]]) -> None:
    text = source(REGIONS.format(regions='replication_regions = ["eastus"]\n storage_account_type = "Standard_ZRS"'))
    found = resource(translated(text, api_version="2022-02-14"))
    output = found["properties"]["distribute"][0]
    assert output["replicationRegions"] == ["eastus", "westus"]
    assert output["storageAccountType"] == "Standard_ZRS"
    assert judge(found) == []


@pytest.mark.parametrize("version", [v for v in API_VERSIONS if has(v, OLDEST_WRITTEN)])
def test_every_version_is_valid(
    version: str, translated: Translate, case: Callable[..., Any], judge: Callable[..., list[str]]
) -> None:
    for folder in sorted(path for path in CASES.iterdir() if path.is_dir()):
        found = case(folder, lambda *a, **k: translated(*a, **{**k, "api_version": version}))
        for output in found.outputs:
            if output.template is None:
                newer = [d for d in found.diagnostics if d.severity == "error"]
                assert {d.code for d in newer} == {"aib/newer-version"} and not has(version, GALLERY_LATEST)
                continue
            entries = output.template.get("resources", [output.template])
            for entry in [each for each in entries if each["type"] == TEMPLATES]:
                assert judge({**entry, "apiVersion": version, "name": "x"}) == [], folder.name


@pytest.mark.parametrize("version", ["2019-05-01-preview", "2030-01-01", ""])
def test_versions_that_are_not_written(translated: Translate, version: str) -> None:
    with pytest.raises(TemplateError) as raised:
        translated(source(PLACE), api_version=version)
    assert raised.value.diagnostics[0].code == "aib/api-version"


def test_partial_marks_the_gap(translated: Translate) -> None:
    base = '\n  os_type = "Linux"\n  vm_size = "s"\n  image_url = "https://a/b.vhd"\n  location = "westus"\n'
    body = 'resource_group_name = "g"\n  storage_account = "a"\n'
    body += '  capture_container_name = "c"\n  capture_name_prefix = "p"\n'
    assert translated(source(body, base=base), shape="resource").outputs[0].template is None
    found = translated(source(body, base=base), shape="resource", partial=True)
    template = found.outputs[0].template
    assert template is not None and template["properties"]["source"]["imageId"].startswith("<")
    assert classes(found)["image_url"] == ("unsupported", "aib/vhd-source")


def test_no_azure_build(translated: Translate) -> None:
    text = 'source "null" "n" {\n  communicator = "none"\n}\nbuild {\n  sources = ["source.null.n"]\n}\n'
    with pytest.raises(TemplateError) as raised:
        translated(text)
    assert raised.value.diagnostics[0].code == "aib/no-azure-build"


def test_a_bare_resource_asks_for_every_missing_value_at_once(translated: Translate) -> None:
    around = 'variable "a" {\n  type = string\n}\nvariable "b" {\n  type = string\n}'
    with pytest.raises(TemplateError) as raised:
        translated(source(PLACE + "azure_tags = { a = var.a, b = var.b }", around), shape="resource")
    message = str(raised.value)
    assert "-var 'a=VALUE'" in message and "-var 'b=VALUE'" in message


def test_a_bare_resource_has_no_clock(translated: Translate) -> None:
    found = translated(source(PLACE + "azure_tags = { t = timestamp() }"), shape="resource")
    assert found.outputs[0].template is None
    assert "aib/unsayable" in [d.code for d in found.diagnostics]
    found = translated(source(PLACE + "azure_tags = { t = timestamp() }"), shape="resource", now=0, identity="/i")
    assert resource(found)["tags"] == {"t": "1970-01-01T00:00:00Z"}
    assert resource(found)["identity"]["userAssignedIdentities"] == {"/i": {}}


def test_resolve_leaves_nothing_symbolic_that_has_a_value(translated: Translate) -> None:
    around = (
        'variable "a" {\n  default = "x"\n}\nvariable "b" {\n  type = string\n}\nvariable "s" {\n  default = "y"\n'
        '  sensitive = true\n}\nlocals {\n  n = "${var.a}-${var.b}"\n}'
    )
    found = translated(source(PLACE + "azure_tags = { n = local.n, a = var.a, s = var.s }", around), resolve=True)
    assert resource(found)["tags"] == {
        "n": "[variables('n')]",
        "a": "x",
        "s": "[parameters('s')]",
    }
    assert found.outputs[0].template["variables"] == {"n": "[format('x-{0}', parameters('b'))]"}


def test_output_is_the_same_on_each_run(translated: Translate, case: Callable[..., Any]) -> None:
    folder = CASES / "parameters-and-locals"
    texts = {case(folder, translated).outputs[0].text() for _ in range(3)}
    assert len(texts) == 1


def test_text_that_is_not_ascii_is_escaped(translated: Translate) -> None:
    text = translated(source(PLACE + 'azure_tags = { t = "Z\u00fcrich \u2603" }')).outputs[0].text()
    assert text.isascii() and json.loads(text)["resources"][0]["tags"]["t"] == "Z\u00fcrich \u2603"


def legacy(variables: dict[str, str], tags: dict[str, str], **more: Any) -> str:
    """A legacy JSON template whose image has the tags."""
    builder = {
        "type": "azure-arm",
        "os_type": "Linux",
        "image_publisher": "Canonical",
        "image_offer": "o",
        "image_sku": "s",
        "location": "westus",
        "vm_size": "Standard_D2s_v5",
        "managed_image_name": "i",
        "managed_image_resource_group_name": "g",
        "azure_tags": tags,
    }
    return json.dumps({"variables": variables, "builders": [builder], **more})


def test_a_default_follows_the_variables_that_it_is_made_of(translated: Translate) -> None:
    variables = {"a": "web", "b": "{{user `a`}}-image", "c": "{{user `b` | upper}}", "spare": "{{user `c`}}"}
    found = translated(legacy(variables, {"t": "{{user `c`}}"}), "json")
    parameters = found.outputs[0].template["parameters"]
    assert {name: parameters[name]["defaultValue"] for name in "abc"} == {
        "a": "web",
        "b": "[format('{0}-image', parameters('a'))]",
        "c": "[toUpper(parameters('b'))]",
    }
    assert "spare" not in parameters
    assert {name: classes(found)[name][0] for name in ("a", "b", "c", "spare")} == {
        "a": "exact",
        "b": "exact",
        "c": "exact",
        "spare": "dropped",
    }


def test_a_default_that_cannot_follow_says_so(translated: Translate) -> None:
    variables = {"a": "web", "b": "{{user `a` | replace `w` `b` 1}}"}
    found = translated(legacy(variables, {"t": "{{user `b`}}"}), "json")
    parameters = found.outputs[0].template["parameters"]
    assert parameters["b"]["defaultValue"] == "beb"
    assert "a" not in parameters
    assert classes(found)["b"] == ("adapted", "aib/bound")
    assert classes(found)["a"] == ("adapted", "aib/bound")


def test_a_default_that_is_made_of_a_secret_is_not_shown(translated: Translate) -> None:
    variables = {"a": "hunter2", "b": "{{user `a`}}-image"}
    more = {"sensitive-variables": ["a"]}
    found = translated(legacy(variables, {"t": "{{user `b`}}"}, **more), "json")
    assert "hunter2" not in json.dumps(found.outputs[0].template)


def test_a_setting_that_every_image_overrides_has_no_effect(translated: Translate) -> None:
    step = (
        '  provisioner "shell" {\n    inline = ["a"]\n    override = {\n      x = { inline = ["b"] }\n    }\n  }\n}\n'
    )
    found = translated(source(PLACE).removesuffix("}\n") + step)
    assert classes(found)["inline"] == ("dropped", "aib/step-selection")
    assert resource(found)["properties"]["customize"][0]["inline"] == ["b"]
