"""``bakelift inspect``: Packer's text and records, and the Plan as JSON."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import jsonschema
import pytest

from bakelift.__main__ import main


@pytest.fixture(scope="module")
def schema(checkout: Path) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads((checkout / "schemas" / "plan.schema.json").read_text()))


GOLDENS = (
    ("x-inspect", "t.json", "out.txt"),
    ("b14-hcl-basic", "build.pkr.hcl", "inspect.stdout"),
    ("b22-azure-arm-offline", "template.json", "inspect.stdout"),
)
RECORDS = (
    ("x-inspect", "t.json", "out-mr.txt"),
    ("b14-hcl-basic", "build.pkr.hcl", "machine-readable-inspect.stdout"),
)


@pytest.mark.parametrize(("folder", "template", "golden"), GOLDENS)
def test_packers_text(
    shared: Path,
    folder: str,
    template: str,
    golden: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(shared / "oracles" / "packer-1.6.6" / folder)
    assert main(["inspect", template]) == 0
    assert capsys.readouterr().out == Path(golden).read_text()


@pytest.mark.parametrize(("folder", "template", "golden"), RECORDS)
def test_packers_records(
    shared: Path,
    folder: str,
    template: str,
    golden: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(shared / "oracles" / "packer-1.6.6" / folder)
    assert main(["inspect", "-machine-readable", template]) == 0
    without_time = [line.partition(",")[2] for line in capsys.readouterr().out.splitlines()]
    assert without_time == [line.partition(",")[2] for line in Path(golden).read_text().splitlines()]


def test_a_build_without_anything_else(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = shared / "oracles" / "packer-1.6.6" / "m-misc"
    transcript = (folder / "transcript.txt").read_text()
    expected = transcript.partition("$ packer inspect f.pkr.hcl\n")[2].partition("[exit=0]")[0]
    assert main(["inspect", str(folder / "f.pkr.hcl")]) == 0
    assert capsys.readouterr().out == expected


def test_what_has_no_value_is_unknown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = 'variable "a" {}\nvariable "p" {\n  sensitive = true\n  default = "s3cr3t"\n}\n'
    text += 'locals {\n  b = "${var.a}!"\n  c = "x"\n}\n'
    (tmp_path / "t.pkr.hcl").write_text(text)
    assert main(["inspect", str(tmp_path / "t.pkr.hcl")]) == 0
    out = capsys.readouterr().out
    assert 'var.a: "<unknown>"\nvar.p: "<sensitive>"\n' in out
    assert 'local.b: "<unknown>"\nlocal.c: "x"\n' in out


TEMPLATE = """
variable "name" {
  type    = string
  default = "web"
}
variable "password" {
  sensitive = true
  default   = "hunter2-hunter2"
}
source "azure-arm" "a" {
  client_secret                     = "literal-secret"
  location                          = "westeurope"
  os_type                           = "Linux"
  image_publisher                   = "p"
  image_offer                       = "o"
  image_sku                         = "s"
  managed_image_name                = "${var.name}-img"
  managed_image_resource_group_name = "rg"
}
build {
  sources = ["azure-arm.a"]
  provisioner "shell" {
    script           = "setup.sh"
    environment_vars = ["P=${var.password}"]
  }
  provisioner "ansible-local" {
    playbook_file = "site.yml"
    only          = ["azure-arm.other"]
  }
}
"""


def test_the_plan_as_json(
    tmp_path: Path, schema: jsonschema.Draft202012Validator, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "t.pkr.hcl").write_text(TEMPLATE)
    assert main(["inspect", "-json", "-var", "name=db", str(tmp_path / "t.pkr.hcl")]) == 0
    out = capsys.readouterr().out
    assert "hunter2" not in out and "literal-secret" not in out
    data = json.loads(out)
    schema.validate(data)
    name, password = data["inputs"]
    assert (name["value"], name["from"], name["default"]) == (
        "db",
        "-var",
        {"kind": "literal", "hcl": '"web"', "value": "web"},
    )
    assert password["default"] == {"kind": "literal", "hcl": None, "sensitive": True} and "value" not in password
    image = data["images"][0]
    assert image["settings"]["managed_image_name"] == {"kind": "template", "hcl": '"${var.name}-img"'}
    assert image["settings"]["client_secret"] == {"kind": "literal", "hcl": None, "sensitive": True}
    assert [step["type"] for step in image["steps"]] == ["shell"]
    assert image["needs"]["inputs"] == ["name", "password"]
    assert image["needs"]["files"] == ["setup.sh"]
    azure = image["needs"]["azure"]
    assert (azure["os_type"], azure["source"], azure["destinations"]) == ("Linux", "marketplace", ["managed-image"])
    assert len(data["groups"][0]["steps"]) == 2


def test_every_template_has_a_plan_by_the_schema(
    shared: Path, schema: jsonschema.Draft202012Validator, capsys: pytest.CaptureFixture[str]
) -> None:
    with (shared / "corpus" / "UNITS.tsv").open() as file:
        rows = [r for r in csv.DictReader(file, delimiter="\t") if r["kind"] != "bicep"]
    shown = 0
    # Every third: the schema is slower than all else.
    for row in rows[::3]:
        top = shared / "corpus" / row["class"]
        root = top / row["unit"].split("/")[0]
        status = main(["inspect", "-json", "-root", str(root), str(top / row["unit"])])
        captured = capsys.readouterr()
        if status:
            assert captured.err.startswith(("Error: ", "Warning: ", "Note: ")) and not captured.out, row["unit"]
        else:
            schema.validate(json.loads(captured.out))
            shown += 1
    assert shown >= 150
