"""Legacy JSON templates written from Plans: what is read back is the same Plan."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from bakelift.packer_output import write_packer
from bakelift.translator.diagnostics import Diagnostics, SourceFile, TemplateError
from bakelift.translator.packer.hcl_reader import read_hcl
from bakelift.translator.packer.json_reader import read_json
from bakelift.translator.packer.json_writer import write_json
from bakelift.translator.plan.expressions import Call, Expr, Index, ListExpr, Literal, Ref, Template
from bakelift.translator.plan.model import (
    BuildGroup,
    Input,
    NamedValue,
    Plan,
    Setting,
    Source,
    SourceUse,
    Step,
    Validation,
)
from bakelift.translator.plan.types import STRING

TEMPLATE = {
    "_comment": "what it is for",
    "description": "An image \u00e9",
    "min_packer_version": "1.4.0",
    "variables": {"prefix": "web", "name": "{{user `prefix`}}-{{timestamp}}", "secret": "{{env `X`}}", "size": None},
    "sensitive-variables": ["secret"],
    "builders": [
        {
            "type": "azure-arm",
            "managed_image_name": "{{user `name` | clean_resource_name}}",
            "os_disk_size_gb": 64,
            "azure_tags": {"team": "web"},
            "plan_info": {"plan_name": "p", "plan_product": "q"},
            "azure_tag": [{"name": "a", "value": "b"}],
        },
        {"type": "docker", "name": "local", "image": "ubuntu", "commit": True, "run": {"a": [{"b": 1}, {"b": 2}]}},
    ],
    "provisioners": [
        {
            "type": "shell",
            "only": ["local"],
            "inline": ["echo {{build `ID`}}", "{{upper build_name}} {a} {{`{{`}}`{`}}{{build `ID`}}"],
            "execute_command": "{{.Vars}} sudo {{.Path}} {{.User}}",
            "override": {"azure-arm": {"inline": ["echo cloud"]}},
            "max_retries": 3,
            "pause_before": "1.5s",
            "scripts": "{{user `prefix`}}",
        }
    ],
    "error-cleanup-provisioner": {"type": "shell", "inline": ["{{if user `size`}}a{{else}}b{{end}}"]},
    "post-processors": [
        {"type": "manifest", "name": "m", "keep_input_artifact": False},
        [{"type": "compress", "except": ["local"]}, {"type": "artifice", "files": ["x"]}],
    ],
}


def read(text: str) -> Plan:
    return read_json(SourceFile("t.json", text), "t.json", ".", Diagnostics())


def one(settings: dict[str, Setting], **more: object) -> Plan:
    """A Plan with a shell step."""
    group = BuildGroup(None, (SourceUse("null", "null"),), (Step("shell", settings),))
    return Plan(sources=(Source("null", "null", {}),), groups=(group,)).but(**more)


def test_reading_what_was_written_gives_the_plan() -> None:
    plan = read(json.dumps(TEMPLATE))
    text = write_json(plan)
    assert read(text) == plan
    assert write_json(read(text)) == text
    assert text.isascii()
    written = json.loads(text)
    for key, value in TEMPLATE.items():
        if key not in ("builders", "provisioners"):
            assert written[key] == value, key
    assert written["provisioners"][0]["scripts"] == "{{user `prefix`}}"
    assert written["provisioners"][0]["inline"] == TEMPLATE["provisioners"][0]["inline"]  # type: ignore[index]
    assert written["builders"][0]["plan_info"] == {"plan_name": "p", "plan_product": "q"}


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Call("replace", (Ref("input", "a"), Literal("x"), Literal("y"))), "{{replace_all `x` `y` (user `a`)}}"),
        (Index(Call("split", (Literal("-"), Ref("input", "a"))), Literal(1)), "{{split (user `a`) `-` 1}}"),
        (Template((Ref("path", "root"), Literal("/x.sh"))), "{{template_dir}}/x.sh"),
        (Ref("named", "l"), "{{user `a`}}-{{build_name}}"),
    ],
)
def test_what_hcl_says_otherwise(value: Expr, written: str) -> None:
    local = NamedValue("l", Template((Ref("input", "a"), Literal("-"), Ref("source", "name"))))
    plan = one({"script": Setting(value)}, named=(local,), inputs=(Input("a", STRING),))
    assert json.loads(write_json(plan))["provisioners"][0]["script"] == written


def test_ids_become_builder_names() -> None:
    uses = (SourceUse("null", "a"), SourceUse("docker", "a"))
    sources = (Source("null", "a", {}), Source("docker", "a", {}))
    step = Step("shell", {}, only=Setting(ListExpr((Literal("null.a"), Literal("docker.a")))))
    data = json.loads(write_json(Plan(sources=sources, groups=(BuildGroup(None, uses, (step,)),))))
    assert [b["name"] for b in data["builders"]] == ["a", "docker.a"]
    assert data["provisioners"][0]["only"] == ["a", "docker.a"]


def test_what_cannot_be_said_is_told_together() -> None:
    formatted = Call("formatdate", (Literal("YYYY"), Ref("input", "a")))
    rule = Validation(Setting(Literal(True)), Setting(Literal("No.")))
    plan = one(
        {"script": Setting(formatted), "inline": Setting(ListExpr((Literal("x"), Literal("{{"))))},
        inputs=(Input("a", STRING, validations=(rule,)),),
        required_version="~> 1.9",
    )
    diagnostics = Diagnostics()
    # What is left of a setting would say something else, so nothing of it is written.
    assert json.loads(write_json(plan, diagnostics))["provisioners"] == [{"type": "shell"}]
    assert [d.summary.removeprefix("a legacy JSON template cannot say ") for d in diagnostics] == [
        "the version constraint '~> 1.9'",
        "which values the variable a may have",
        "script: the function formatdate has no Go template",
        "literal {{ in inline, which Packer renders until nothing is left to render",
    ]
    with pytest.raises(TemplateError):
        write_json(plan)


def test_corpus_round_trips(shared: Path) -> None:
    with (shared / "corpus/UNITS.tsv").open() as table:
        units = [row for row in csv.DictReader(table, delimiter="\t") if row["kind"] == "json"]
    done = 0
    for row in units:
        file = SourceFile(row["unit"], (shared / "corpus" / row["class"] / row["unit"]).read_text("utf-8"))
        diagnostics = Diagnostics()
        try:
            plan = read_json(file, row["unit"], ".", diagnostics)
        except TemplateError:
            continue
        if not diagnostics.failed:
            assert read(write_json(plan)) == plan, row["unit"]
            done += 1
    assert done > 170


@pytest.mark.skipif(shutil.which("packer") is None, reason="packer is not installed")
def test_packer_runs_what_was_written(tmp_path: Path) -> None:
    """Both templates print the same; escapes, weak lists and branches included."""
    branches = ["echo {{build_name}} {{user `a`}} {{if user `a`}}set{{else}}unset{{end}} {{- with `w` }} {{.}}{{end}}"]
    template = {
        "variables": {"a": "{{user `b`}}-x", "b": "{{upper `y`}}"},
        "builders": [{"type": "null", "communicator": "none", "name": "n"}],
        "provisioners": [
            {"type": "shell-local", "inline": ["echo '{{`{{`}}`{`}}{{build_name}}'", *branches]},
            {"type": "shell-local", "inline": "echo $A $B", "environment_vars": "A=1,B={{isotime `2006`}}"},
        ],
    }
    before = tmp_path / "before.json"
    after = tmp_path / "after.json"
    before.write_text(json.dumps(template))
    after.write_text(write_json(read(before.read_text())))
    outputs = []
    for path in (before, after):
        done = subprocess.run(
            ["packer", "build", "-color=false", str(path)], capture_output=True, text=True, check=False, cwd=tmp_path
        )
        assert done.returncode == 0, done.stdout + done.stderr
        outputs.append([line for line in done.stdout.splitlines() if line.startswith("    n: ")])
    assert outputs[0] == outputs[1]
    assert "    n: {n" in outputs[0]
    assert "    n: n Y-x set w" in outputs[0]


@pytest.mark.parametrize(("wanted", "written"), [("", None), ("web", {"plan_name": "web"})])
def test_a_dynamic_block_that_there_is_once_at_most(wanted: str, written: object, tmp_path: Path) -> None:
    text = f"""
variable "plan" {{
  type    = string
  default = "{wanted}"
}}

source "azure-arm" "image" {{
  os_type = "Linux"

  dynamic "plan_info" {{
    for_each = var.plan == "" ? [] : [var.plan]

    content {{
      plan_name = plan_info.value
    }}
  }}
}}

build {{
  sources = ["source.azure-arm.image"]
}}
"""
    plan = read_hcl([SourceFile("x.pkr.hcl", text)], "x.pkr.hcl", str(tmp_path))
    made = write_packer(plan, "json", "x.json", None, Diagnostics())
    assert json.loads(made.text)["builders"][0].get("plan_info") == written
    assert not made.report.counts()["unsupported"]
