"""Image Builder templates to Packer and back: the Plan is equal, and so is the JSON, apart from how it is written.

What is not compared: the schema's address, the API version where an older one is not written any more, names that were
misspelled or old (which are corrected, and said), answers of the service, and what has no effect (an empty dependsOn).
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bakelift.__main__ import main
from bakelift.disk import DiskFiles
from bakelift.loading import WithScripts, load_template
from bakelift.packer_output import write_packer
from bakelift.translator.aside import put_back
from bakelift.translator.diagnostics import Diagnostics, SourceFile, TemplateError
from bakelift.translator.files import DictFiles
from bakelift.translator.imagebuilder.reader import read_template
from bakelift.translator.imagebuilder.rest import said_version
from bakelift.translator.imagebuilder.translate import TranslateOptions, translate
from bakelift.translator.imagebuilder.versions import DEFAULT
from bakelift.translator.languages.arm import text_to_expr
from bakelift.translator.languages.json.parser import parse_json
from bakelift.translator.packer.hcl_reader import read_hcl
from bakelift.translator.packer.json_reader import read_json
from bakelift.translator.packer.variables import bind_inputs
from bakelift.translator.plan.expressions import Call, Expr, Ref, Template, template, transform
from bakelift.translator.plan.model import Plan
from bakelift.translator.plan.normal import normal, normal_expr
from bakelift.translator.report import CLASSES

#: Names that are corrected when they are read.
RENAMED = {
    "script": "scriptUri",
    "sourceURI": "sourceUri",
    "imageVersionID": "imageVersionId",
    "tags": "artifactTags",
    "aritfactTags": "artifactTags",
    "Name": "name",
}
TYPES = {"shell": "Shell", "managedImage": "ManagedImage", "sharedImage": "SharedImage"}
#: What only answers of the service hold.
ANSWERS = {"provisioningState", "exactVersion", "id", "principalId", "clientId", "_generator"}
#: Parts of a template that have no effect when they are empty.
EMPTY = {"dependsOn", "variables", "parameters", "outputs", "metadata", "functions", "customize"}


def canonical(data: Any, above: str = "") -> Any:
    """A template's JSON as it means; ``above``: the key that holds it."""
    if isinstance(data, dict):
        found: dict[str, Any] = {}
        for key, value in data.items():
            renamed = key if key == "tags" and above != "distribute" else RENAMED.get(key, key)
            if key in ANSWERS or key in ("$schema", "apiVersion") or (key in EMPTY and not value):
                continue
            item = canonical(value, renamed)
            if key == "metadata" and item == {}:
                continue
            found[meaning(renamed)] = item
        if found.get("type") == "Microsoft.VirtualMachineImages":
            found["type"] += "/imageTemplates"
        return found
    if isinstance(data, list):
        return [canonical(item, above) for item in data]
    if isinstance(data, str) and above in ("runElevated", "runAsSystem"):
        return data == "true"
    if above == "validExitCodes":
        return int(data)
    return meaning(TYPES.get(data, data)) if isinstance(data, str) else data


def meaning(text: str) -> str:
    """An expression as what it says: ``concat`` and ``format`` are one, and names of parameters have no case."""
    if not (text.startswith("[") and text.endswith("]")) or text.startswith("[["):
        return text

    def visit(node: Expr) -> Expr | None:
        if isinstance(node, Ref):
            return Ref(node.kind, node.name.lower())
        if isinstance(node, Call) and node.operation == "arm.concat":
            return plain(template([transform(arg, visit) for arg in node.args]))
        if isinstance(node, Template):
            return plain(template([transform(part, visit) for part in node.parts]))
        return None

    return repr(transform(normal_expr(text_to_expr(text)), visit))


def plain(expr: Expr) -> Expr:
    return expr.parts[0] if isinstance(expr, Template) and len(expr.parts) == 1 else expr


class Way:
    """A template, the Plan of it, and what the Plan is after it went through Packer."""

    def __init__(self, path: Path, root: Path, format: str) -> None:
        self.told = Diagnostics()
        self.loaded = load_template(str(path), self.told, [str(root)])
        self.plan = self.loaded.plan
        output = write_packer(self.plan, format, "image.pkr.hcl", self.loaded.scripts, Diagnostics())
        self.report = output.report
        file = SourceFile("image.pkr.hcl", output.text)
        read = read_hcl([file], file.path, ".") if format == "hcl" else read_json(file, file.path, ".", Diagnostics())
        self.back = put_back(read).but(required_plugins=())

    def written(self, plan: Plan) -> Any:
        """The Image Builder template of a Plan, as data."""
        assert self.plan.origin is not None
        shape = "arm" if self.plan.origin.format == "arm" else "resource"
        options = TranslateOptions(shape=shape, api_version=said_version(plan) or DEFAULT, partial=True)
        output = translate(plan, bind_inputs(plan), self.loaded.files, options).outputs[0]
        return json.loads(output.text())


def units(shared: Path) -> Iterator[tuple[str, Path, Path]]:
    """(name, template, its repository's folder) of Image Builder's units in JSON."""
    corpus = shared / "corpus" / "aib"
    with (shared / "corpus" / "UNITS.tsv").open() as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if row["class"] == "aib" and row["kind"] in ("arm", "bare-aib"):
                yield row["unit"], corpus / row["unit"], corpus / row["unit"].split("/")[0]


def differences(way: Way, path: Path) -> list[str]:
    found = []
    if normal(way.back) != normal(way.plan):
        found.append("the Plan differs")
    try:
        first, second = way.written(way.plan), way.written(way.back)
    except TemplateError as problem:
        return [*found, str(problem)]
    if first != second:
        found.append("the template that is written differs")
    before: Any = parse_json(SourceFile(str(path), path.read_text("utf-8-sig")), lenient=True).data()
    if not is_nested(before):  # an image template is taken out of a nested deployment
        found += list(unlike(canonical(before), canonical(second), ""))
    return found


def is_nested(data: Any) -> bool:
    resources = data.get("resources", [])
    listed = resources.values() if isinstance(resources, dict) else resources
    types = [str(resource.get("type")).lower() for resource in listed]
    return bool(types) and not any(type.startswith("microsoft.virtualmachineimages") for type in types)


def unlike(one: Any, two: Any, place: str) -> Iterator[str]:
    """Where two templates differ. An identity that a template lacks is added, as the service wants one since 2020; an
    ISO is replaced by the image that took its place.
    """
    if isinstance(one, dict) and isinstance(two, dict):
        for key in one.keys() | two.keys():
            if key == "source" and isinstance(one.get(key), dict) and one[key].get("type") == "ISO":
                continue
            if key in ("identity", "identityId") and key not in one:
                continue
            if key == "type" and not place and key not in one:  # the body of a request need not say it
                continue
            if key == "parameters" and key not in one and set(two[key]) <= {"identityId"}:
                continue
            yield from unlike(one.get(key), two.get(key), f"{place}/{key}")
    elif isinstance(one, list) and isinstance(two, list) and len(one) == len(two):
        for number, (a, b) in enumerate(zip(one, two, strict=True)):
            yield from unlike(a, b, f"{place}/{number}")
    elif one != two:
        yield f"{place}: {str(one)[:80]} became {str(two)[:80]}"


def test_real_templates_return(shared: Path) -> None:
    found = []
    count = 0
    for name, path, root in units(shared):
        try:
            way = Way(path, root, "hcl")
        except TemplateError:
            continue
        count += 1
        found += [f"{name}: {what}" for what in differences(way, path)]
    assert found == []
    assert count >= 111


def test_real_templates_return_through_legacy_json(shared: Path) -> None:
    """Descriptions, types, locals and names come back although legacy JSON has none."""
    found = []
    for name, path, root in units(shared):
        try:
            way = Way(path, root, "json")
        except TemplateError:
            continue
        found += [f"{name}: {what}" for what in differences(way, path)]
    assert found == []


def test_each_leaf_of_real_templates_is_accounted_for(shared: Path) -> None:
    for name, path, root in units(shared):
        try:
            way = Way(path, root, "hcl")
        except TemplateError:
            continue
        counts = way.report.counts()
        assert way.plan.origin is not None
        assert counts["total"] == len(way.plan.origin.leaves) == sum(counts[kind] for kind in CLASSES), name
        assert not [item for item in way.report.items if item.code == "report/unaccounted"], name


def test_example_requests_of_the_service_return(shared: Path) -> None:
    folder = shared / "oracles" / "imagebuilder" / "examples"
    paths = sorted(folder.glob("*/CreateImageTemplate*.json"))
    assert len(paths) == 4
    for path in paths:
        body = json.loads(path.read_text())["parameters"]["parameters"]
        way = Way(path, path.parent, "hcl")
        assert normal(way.back) == normal(way.plan), path
        assert list(unlike(canonical(body), canonical(way.written(way.back)), "")) == [], path


def test_a_change_in_packers_template_wins(tmp_path: Path) -> None:
    """What was kept is kept for as long as it agrees with the options; after that it is made of these."""
    text = json.dumps(TWO_GALLERIES)
    read = read_template(SourceFile("t.json", text), "t.json", Diagnostics())
    scripts = DictFiles(read.files)
    output = write_packer(read.plan, "hcl", "t.pkr.hcl", scripts, Diagnostics())
    changed = output.text.replace('image_name     = "web"', 'image_name     = "web2"')
    assert changed != output.text
    back = put_back(read_hcl([SourceFile("t.pkr.hcl", changed)], "t.pkr.hcl", ".")).but(required_plugins=())
    files = WithScripts(DiskFiles(str(tmp_path)), scripts, str(tmp_path))
    made = json.loads(translate(back, bind_inputs(back), files, TranslateOptions()).outputs[0].text())
    outputs = made["resources"][0]["properties"]["distribute"]
    assert [output["runOutputName"] for output in outputs] == ["first", "second"]
    assert outputs[0]["galleryImageId"] == (
        "[resourceId('00000000-0000-0000-0000-000000000000', 'images', 'Microsoft.Compute/galleries/images', 'main', "
        "'web2')]"
    ) or outputs[0]["galleryImageId"].endswith("/galleries/main/images/web2")
    assert outputs[1]["galleryImageId"].endswith("/galleries/spare/images/web")


def test_placeholders_are_accounted_for_on_the_way_back(tmp_path: Path) -> None:
    text = json.dumps(TWO_GALLERIES).replace("/galleries/spare/", "/galleries/<gallery>/")
    read = read_template(SourceFile("t.json", text), "t.json", Diagnostics())
    scripts = DictFiles(read.files)
    output = write_packer(read.plan, "hcl", "t.pkr.hcl", scripts, Diagnostics())
    back = put_back(read_hcl([SourceFile("t.pkr.hcl", output.text)], "t.pkr.hcl", ".")).but(required_plugins=())
    files = WithScripts(DiskFiles(str(tmp_path)), scripts, str(tmp_path))
    made = translate(back, bind_inputs(back), files, TranslateOptions())
    assert "/galleries/<gallery>/" in made.outputs[0].text()
    said = [item for item in made.report.items if item.path.startswith("variable.gallery.")]
    assert said and {(item.kind, item.code) for item in said} == {("adapted", "aib/fill-in")}


def gallery(name: str, output: str) -> dict[str, Any]:
    group = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/images"
    return {
        "type": "SharedImage",
        "runOutputName": output,
        "galleryImageId": f"{group}/providers/Microsoft.Compute/galleries/{name}/images/web",
        "targetRegions": [{"name": "westeurope"}, {"name": "northeurope", "replicaCount": 2}],
    }


TWO_GALLERIES: dict[str, Any] = {
    "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
    "contentVersion": "1.0.0.0",
    "resources": [
        {
            "type": "Microsoft.VirtualMachineImages/imageTemplates",
            "apiVersion": "2024-02-01",
            "name": "web",
            "location": "westeurope",
            "identity": {"type": "UserAssigned", "userAssignedIdentities": {"/subscriptions/x/i": {}}},
            "properties": {
                "source": {
                    "type": "PlatformImage",
                    "publisher": "canonical",
                    "offer": "ubuntu-24_04-lts",
                    "sku": "server",
                    "version": "latest",
                },
                "customize": [{"type": "Shell", "inline": ["true"]}],
                "distribute": [gallery("main", "first"), gallery("spare", "second")],
            },
        }
    ],
}


@pytest.mark.parametrize("format", ["hcl", "json"])
def test_two_galleries_are_two_sources(format: str) -> None:
    read = read_template(SourceFile("t.json", json.dumps(TWO_GALLERIES)), "t.json", Diagnostics())
    output = write_packer(read.plan, format, "t", None, Diagnostics())
    again = (
        read_hcl([SourceFile("t", output.text)], "t", ".")
        if format == "hcl"
        else read_json(SourceFile("t", output.text), "t", ".", Diagnostics())
    )
    assert len(again.sources) == 2
    assert [len(group.sources) for group in again.groups] == [2]
    assert len(put_back(again).sources) == 1
    assert normal(put_back(again).but(required_plugins=())) == normal(read.plan)


# -- templates that are made up ---------------------------------------------------------------------------------------

TEXTS = st.sampled_from(
    ["web", "a b", "it's", 'say "x"', "{0}", "[[x]", "[[[ -f x ]]", "${HOME}", "%{if}", "é", "\\n", "<here>"]
)
TAGS = st.dictionaries(st.sampled_from(["team", "cost center", "a.b"]), TEXTS, min_size=1, max_size=2)
VALUES = st.one_of(TEXTS, st.sampled_from(["[parameters('name')]", "[concat('x-', parameters('name'))]"]))
GALLERY = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/g/providers/Microsoft.Compute/galleries/g"


def optional(**parts: Any) -> st.SearchStrategy[dict[str, Any]]:
    """Objects that have some of the parts."""
    return st.fixed_dictionaries({}, optional=parts)


CUSTOMIZERS = st.one_of(
    st.fixed_dictionaries(
        {"type": st.just("Shell"), "inline": st.lists(VALUES, min_size=1, max_size=3)}, optional={"name": VALUES}
    ),
    st.fixed_dictionaries(
        {"type": st.just("Shell"), "scriptUri": VALUES},
        optional={"name": TEXTS, "sha256Checksum": st.just("ab" * 32)},
    ),
    st.fixed_dictionaries({"type": st.just("File"), "sourceUri": VALUES, "destination": VALUES}),
)
WINDOWS = st.one_of(
    st.fixed_dictionaries(
        {"type": st.just("PowerShell"), "inline": st.lists(VALUES, min_size=1, max_size=3)},
        optional={
            "name": TEXTS,
            "runElevated": st.booleans(),
            "validExitCodes": st.lists(st.sampled_from([0, 3010]), min_size=1, max_size=2),
        },
    ),
    st.fixed_dictionaries({"type": st.just("WindowsRestart")}, optional={"restartTimeout": st.just("10m")}),
    st.fixed_dictionaries({"type": st.just("WindowsUpdate")}, optional={"updateLimit": st.just(20)}),
)
OUTPUTS = st.one_of(
    st.fixed_dictionaries(
        {
            "type": st.just("ManagedImage"),
            "imageId": st.sampled_from(
                [
                    "[resourceId('Microsoft.Compute/images', parameters('name'))]",
                    "[resourceId('g', 'Microsoft.Compute/images', 'i')]",
                    "[parameters('name')]",
                ]
            ),
            "location": st.sampled_from(["westeurope", "northeurope", "[resourceGroup().location]"]),
        },
        optional={"artifactTags": TAGS},
    ),
    st.fixed_dictionaries(
        {
            "type": st.just("SharedImage"),
            "galleryImageId": st.sampled_from([f"{GALLERY}/images/a", f"{GALLERY}/images/b/versions/1.0.0"]),
        },
        optional={
            "artifactTags": TAGS,
            "excludeFromLatest": st.booleans(),
            "targetRegions": st.just([{"name": "westeurope", "replicaCount": 2}, {"name": "northeurope"}]),
            "versioning": st.just({"scheme": "Latest", "major": 2}),
        },
    ),
    st.fixed_dictionaries(
        {"type": st.just("VHD")},
        optional={"uri": st.sampled_from(["https://a.blob.core.windows.net/c/p.vhd", "[parameters('name')]"])},
    ),
)


@st.composite
def templates(draw: st.DrawFn) -> dict[str, Any]:
    outputs = draw(st.lists(OUTPUTS, min_size=1, max_size=3))
    properties = {
        "source": {
            "type": "PlatformImage",
            "publisher": draw(VALUES),
            "offer": "o",
            "sku": "s",
            "version": draw(st.sampled_from(["latest", "1.0.0", "[parameters('name')]"])),
        },
        "customize": draw(st.lists(draw(st.sampled_from([CUSTOMIZERS, WINDOWS])), max_size=4)),
        "distribute": [{**output, "runOutputName": f"out-{number}"} for number, output in enumerate(outputs)],
        **draw(
            optional(
                vmProfile=optional(vmSize=VALUES, osDiskSizeGB=st.sampled_from([64, 128])),
                buildTimeoutInMinutes=st.sampled_from([60, 120]),
                optimize=st.just({"vmBoot": {"state": "Enabled"}}),
                validate=st.just({"inVMValidations": [{"type": "Shell", "inline": ["[parameters('name')]"]}]}),
                errorHandling=st.just({"onCustomizerError": "abort"}),
                autoRun=st.just({"state": "Disabled"}),
                managedResourceTags=TAGS,
            )
        ),
    }
    if properties.get("vmProfile") == {}:
        del properties["vmProfile"]
    resource = {
        "type": "Microsoft.VirtualMachineImages/imageTemplates",
        "apiVersion": draw(st.sampled_from(["2024-02-01", "2025-10-01"])),
        "name": draw(st.sampled_from(["web", "[parameters('name')]"])),
        "location": draw(st.sampled_from(["westeurope", "West Europe", "[resourceGroup().location]"])),
        "identity": {"type": "UserAssigned", "userAssignedIdentities": {"[parameters('name')]": {}}},
        **draw(optional(tags=TAGS)),
        "properties": properties,
    }
    return {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": {"name": {"type": "string", **draw(optional(metadata=st.just({"description": "A name."})))}},
        "resources": [resource],
        **draw(optional(outputs=st.just({"name": {"type": "string", "value": "[parameters('name')]"}}))),
    }


@settings(max_examples=20, deadline=None)
@given(templates())
def test_templates_that_are_made_up_return(data: dict[str, Any]) -> None:
    read = read_template(SourceFile("t.json", json.dumps(data)), "t.json", Diagnostics())
    output = write_packer(read.plan, "hcl", "t.pkr.hcl", DictFiles(read.files), Diagnostics())
    assert "hcl/reads-back-different" not in {item.code for item in output.report.items}
    back = put_back(read_hcl([SourceFile("t.pkr.hcl", output.text)], "t.pkr.hcl", ".")).but(required_plugins=())
    assert normal(back) == normal(read.plan)
    version = said_version(back)
    assert version == data["resources"][0]["apiVersion"]
    options = TranslateOptions(api_version=version, partial=True)
    made = translate(back, bind_inputs(back), DictFiles(read.files), options).outputs[0]
    assert list(unlike(canonical(data), canonical(json.loads(made.text())), "")) == []


@pytest.mark.parametrize("lines", [["docker ps --format '{{.ID}}'"], [f"echo {n}" for n in range(30)]])
def test_long_scripts_lie_beside_the_template(lines: list[str], tmp_path: Path) -> None:
    data = json.loads(json.dumps(TWO_GALLERIES))
    del data["resources"][0]["properties"]["distribute"][1]
    step = {"type": "Shell", "name": "many lines", "inline": lines}
    data["resources"][0]["properties"]["customize"] = [step, {"type": "Shell", "inline": ["true"]}]
    (tmp_path / "image.json").write_text(json.dumps(data))
    assert main(["translate", str(tmp_path / "image.json"), "-out", f"{tmp_path}/packer/"]) == 0
    text = (tmp_path / "packer" / "template.pkr.hcl").read_text()
    assert 'script = "${path.root}/scripts/many-lines.sh"' in text
    script = (tmp_path / "packer" / "scripts" / "many-lines.sh").read_text()
    assert script == "\n".join(["#!/bin/sh -e", *lines, ""])
    assert main(["translate", f"{tmp_path}/packer", "-out", str(tmp_path / "back.json")]) == 0
    back = json.loads((tmp_path / "back.json").read_text())
    assert back["resources"][0]["properties"]["customize"][0] == step
