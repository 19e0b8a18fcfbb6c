"""Real templates, through the front door: every unit ends in an accepted template or in a diagnostic with its place."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from bakelift.__main__ import main

#: Of the 151 complete units, those that give no template, with the code of the reason. All others do.
NO_TEMPLATE = {
    # Packer refuses these itself: no os_type, half a source; a local that nobody defined.
    "hashicorp__packer/command/test-fixtures/hcl2_upgrade/azure_shg": "azure/no-os-type",
    "hashicorp__packer/command/test-fixtures/hcl2_upgrade/azure_shg/input.json": "azure/no-os-type",
    "actions__runner-images@f08f19a834/images/ubuntu/templates": "packer/unknown-name",
    # A variable without value decides for whom a step is.
    "jenkins-infra__packer-images": "plan/selection-unknown",
}
PLACE = re.compile(r"[\w./@+-]+:\d+:\d+")


def complete_units(shared: Path) -> list[tuple[Path, Path]]:
    """(template, its repository's folder) of every complete unit of Azure's."""
    corpus = shared / "corpus" / "packer-azure"
    with (shared / "corpus" / "UNITS.tsv").open() as file:
        rows = [r for r in csv.DictReader(file, delimiter="\t") if r["class"] == "packer-azure"]
    return [(corpus / r["unit"], corpus / r["unit"].split("/")[0]) for r in rows if r["state"] == "complete"]


def image_templates(template: dict[str, object]) -> list[dict[str, object]]:
    resources = template["resources"]
    assert isinstance(resources, list)
    return [r for r in resources if r["type"] == "Microsoft.VirtualMachineImages/imageTemplates"]


def test_the_corpus_translates_or_says_why_not(
    shared: Path,
    judge: Callable[[dict[str, object]], list[str]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    units = complete_units(shared)
    assert len(units) == 151
    accepted = 0
    refused: dict[str, str] = {}
    complaints: list[str] = []
    for number, (unit, root) in enumerate(units):
        out, report = tmp_path / f"{number}.json", tmp_path / f"{number}.report.json"
        words = ["translate", "-missing-files", "placeholder", "-root", str(root), "-out", str(out)]
        status = main([*words, "-report", str(report), str(unit)])
        error = capsys.readouterr().err
        if status in (0, 3):
            found = [c for r in image_templates(json.loads(out.read_text())) for c in judge(r)]
            complaints += [f"{unit}: {complaint}" for complaint in found]
            complaints += account(unit, json.loads(report.read_text()))
            accepted += 1
        else:
            if status != 1 or "[internal]" in error or not PLACE.search(error):
                complaints.append(f"{unit}: ended with {status}: {error[-600:]}")
            if out.exists():
                complaints.append(f"{unit}: failed, and wrote a template")
            name = str(unit.relative_to(shared / "corpus" / "packer-azure"))
            expected = NO_TEMPLATE.get(name, "none")
            refused[name] = expected if f"[{expected}]" in error else error[-600:]
    assert not complaints, "\n".join(complaints)
    assert refused == NO_TEMPLATE
    assert accepted == 151 - len(NO_TEMPLATE)


def test_what_a_message_asks_for_helps(
    shared: Path, judge: Callable[[dict[str, object]], list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    unit = shared / "corpus" / "packer-azure" / "jenkins-infra__packer-images"
    given = ["-var=agent_os_type=windows", "-var=agent_os_version=2022", "-var=build_type=prod"]
    words = ["translate", "-missing-files", "placeholder", "-root", str(unit), *given, "-only", "*azure-arm.windows"]
    status = main([*words, "-out", str(tmp_path / "windows.json"), str(unit)])
    assert status == 0, capsys.readouterr().err
    (resource,) = image_templates(json.loads((tmp_path / "windows.json").read_text()))
    assert judge(resource) == []


def account(unit: Path, report: dict[str, object]) -> list[str]:
    """What is wrong with a report: law 3."""
    items, counts = report["items"], report["counts"]
    assert isinstance(items, list) and isinstance(counts, dict)
    wrong = []
    if counts["total"] != len(items) or sum(v for k, v in counts.items() if k != "total") != len(items):
        wrong.append(f"{unit}: the counts do not add up")
    wrong += [f"{unit}: {i['path']} was not accounted for" for i in items if i["code"] == "report/unaccounted"]
    places = [(i["path"], json.dumps(i["span"])) for i in items]
    if len(set(places)) != len(places):
        wrong.append(f"{unit}: a leaf stands twice in the report")
    return wrong


def test_an_image_of_a_large_template(
    shared: Path, judge: Callable[[dict[str, object]], list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = shared / "corpus" / "packer-azure" / "actions__runner-images"
    out, report = tmp_path / "image.json", tmp_path / "report.json"
    variables = {
        "image_os": "ubuntu24",
        "location": "westus2",
        "managed_image_name": "img",
        "managed_image_resource_group_name": "rg",
    }
    words = ["translate", "-root", str(root), str(root / "images/ubuntu/templates"), "-only", "*ubuntu-24_04.*"]
    for name, value in variables.items():
        words += ["-var", f"{name}={value}"]
    words += ["-missing-files", "placeholder", "-out", str(out), "-report", str(report)]
    status = main(words)
    error = capsys.readouterr().err
    assert status == 3, error
    (resource,) = image_templates(json.loads(out.read_text()))
    assert judge(resource) == []
    said = json.loads(report.read_text())
    assert account(root, said) == []
    assert said["selected"]["builds"] == ["ubuntu-24_04.azure-arm.image"]
    # Two downloads and the scripts that are not there are unsupported, the deprovision step is the service's.
    codes = {item["path"].split(".")[1]: item["code"] for item in said["items"] if item["class"] == "unsupported"}
    assert codes
    assert "image_os" in {entry["name"] for entry in said["frozen"]}


@pytest.mark.slow
def test_staged_scripts_of_the_corpus_come_back(
    shared: Path,
    judge: Callable[[dict[str, object]], list[str]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """With -scripts URL every unit gives as good a template, and nothing of it is lost on the way back."""
    fetched = 0
    for number, (unit, root) in enumerate(complete_units(shared)):
        out = tmp_path / str(number)
        words = ["translate", "-missing-files", "placeholder", "-root", str(root), "-out", f"{out}/"]
        if main([*words, "-scripts", "https://images.blob.core.windows.net/scripts", str(unit)]) not in (0, 3):
            continue
        capsys.readouterr()
        for path in out.glob("*.json"):
            if path.name == "staging.json" or path.name.endswith(".parameters.json"):
                continue
            for resource in image_templates(json.loads(path.read_text())):
                assert judge(resource) == [], unit
                fetched += json.dumps(resource).count('"type": "File"')
            assert main(["translate", str(path), "-to", "hcl", "-out", f"{tmp_path}/{number}-back/"]) == 0
            told = capsys.readouterr().err
            assert "[aib/staged-missing]" not in told and "[aib/edited-text]" not in told, unit
    assert fetched > 3000
