"""The HCL writer: what is written reads as the same Plan, and looks as a person would write it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from bakelift.translator.diagnostics import SourceFile, TemplateError
from bakelift.translator.languages.hcl.format import format_text
from bakelift.translator.packer.hcl_reader import read_hcl
from bakelift.translator.packer.hcl_writer import write_hcl
from bakelift.translator.plan.expressions import Call, Literal, ObjectExpr, Ref, Template
from bakelift.translator.plan.model import BuildGroup, Input, NamedValue, Plan, Setting, Source, SourceUse, Step
from bakelift.translator.plan.types import STRING

TEMPLATE = """\
packer {
  required_version = ">= 1.9"

  required_plugins {
    azure = {
      source  = "github.com/hashicorp/azure"
      version = "~> 2"
    }
  }
}

# Where to build.
variable "location" {
  description = "Azure region"
  type        = string
  default     = "westeurope"

  validation {
    condition     = length(var.location) > 0
    error_message = "A region is needed."
  }
}

variable "secret" {
  type      = string
  sensitive = true
}

locals {
  name = "img-${var.location}"
  tags = {
    owner = "ops"
  }
}

local "token" {
  expression = "t-${var.secret}"
  sensitive  = true
}

data "http" "index" {
  url = "https://example.com"
}

source "azure-arm" "image" {
  os_type            = "Linux"
  location           = var.location
  managed_image_name = "${local.name}-{{timestamp}}"
  azure_tags         = local.tags

  plan_info {
    plan_name = "a"
  }

  azure_tag {
    name  = "x"
    value = "y"
  }

  azure_tag {
    name  = "z"
    value = "{{isotime `2006`}}"
  }

  dynamic "azure_tag" {
    for_each = local.tags

    content {
      name  = azure_tag.key
      value = azure_tag.value
    }
  }
}

source "null" "host" {
  communicator = "none"
}

build {
  name    = "all"
  sources = ["source.azure-arm.image"]

  source "source.null.host" {
    name = "second"
  }

  provisioner "shell" {
    only = ["azure-arm.image"]
    inline = [
      "echo ${build.ID}",
      "echo 1",
    ]
    execute_command = "chmod +x {{.Path}}; {{.Vars}} sudo {{.Path}}"
  }

  # Copies.
  provisioner "file" {
    content     = <<-EOT
      one
        two $${x} {{`{{`}} x }}
    EOT
    destination = "/tmp/x"
  }

  provisioner "made-up" {
    list = [1, 2]

    part "label" {
      a = true
    }
  }

  post-processors {
    post-processor "manifest" {
      output = "m.json"
    }

    post-processor "shell-local" {
      inline = ["echo done"]
    }
  }
}
"""


def read(text: str) -> Plan:
    return read_hcl([SourceFile("x.pkr.hcl", text)], "x.pkr.hcl", ".")


def test_written_as_it_was() -> None:
    assert write_hcl(read(TEMPLATE)) == TEMPLATE


def templates(shared: Path) -> list[list[SourceFile]]:
    found = []
    for folder in sorted({path.parent for path in (shared / "corpus").rglob("*.pkr.hcl") if path.is_file()}):
        paths = sorted(path for path in folder.glob("*.pkr.hcl") if path.is_file())
        found.append([SourceFile(str(path), path.read_bytes().decode()) for path in paths])
    return found


def test_real_templates_read_the_same_after_writing(shared: Path, tmp_path: Path) -> None:
    packer = shutil.which("packer")
    count = 0
    different = []
    for files in templates(shared):
        try:
            plan = read_hcl(files, files[0].path, ".")
        except TemplateError:
            continue
        text = write_hcl(plan)
        assert text.isascii()
        assert format_text(text) == text
        if read(text) != plan:
            different.append(files[0].path)
        (tmp_path / f"{count}.pkr.hcl").write_text(text)
        count += 1
    assert different == []
    assert count > 90
    if packer is not None:
        done = subprocess.run([packer, "fmt", "-check", str(tmp_path)], check=False, capture_output=True, text=True)
        changed = [line for line in done.stdout.split() if "!" not in Path(line).read_text()]
        assert changed == []


def source(**settings: object) -> Source:
    return Source("azure-arm", "image", {name: Setting(value) for name, value in settings.items()})  # type: ignore[arg-type]


def test_computed_default_becomes_a_local() -> None:
    default = Template((Literal("a-"), Call("go.timestamp", ())))
    plan = Plan(inputs=(Input("name", STRING, default),), sources=(source(location=Ref("input", "name")),))
    text = write_hcl(plan)
    assert "default = null" in text
    assert 'name = var.name == null ? "a-{{timestamp}}" : var.name' in text
    assert "location = local.name" in text


def test_default_that_needs_itself_is_required() -> None:
    plan = Plan(inputs=(Input("a", STRING, Ref("input", "b")), Input("b", STRING, Ref("input", "a"))))
    assert "default" not in write_hcl(plan)


def test_names_become_identifiers() -> None:
    plan = Plan(
        inputs=(Input("my.var", STRING, Literal("x")), Input("my_var", STRING)),
        named=(NamedValue("1st", Ref("input", "my.var")),),
        sources=(Source("null", "my image", {}),),
        groups=(
            BuildGroup(
                None,
                (SourceUse("null", "my image"),),
                (Step("shell", {"inline": Setting(Ref("named", "1st"))}, only=Setting(Literal("null.my image"))),),
            ),
        ),
    )
    text = write_hcl(plan)
    assert 'variable "my_var_2"' in text
    assert "x_1st = var.my_var_2" in text
    assert 'source "null" "my_image"' in text
    assert '"source.null.my_image"' in text
    assert 'only   = "null.my_image"' in text
    assert "inline = local.x_1st" in text


def test_objects_of_an_expression_become_a_dynamic_block() -> None:
    text = write_hcl(Plan(sources=(source(azure_tag=Ref("input", "tags")),)))
    assert 'dynamic "azure_tag" {' in text
    assert "for_each = var.tags" in text
    assert "name  = try(azure_tag.value.name, null)" in text


def test_allowed_values_become_a_rule() -> None:
    allowed = Call("concat", ())
    text = write_hcl(Plan(inputs=(Input("size", STRING, allowed=allowed),)))
    assert "condition     = contains(concat(), var.size)" in text


def test_comments_are_ascii() -> None:
    plan = Plan(inputs=(Input("a", STRING, comments=("caf\u00e9\nsecond",)),), comments=("end",))
    assert write_hcl(plan).startswith("# caf\\xe9\n# second\nvariable")
    assert write_hcl(plan).endswith("# end\n")


def test_everything_that_cannot_be_said_is_told_together() -> None:
    bad = Call("arm.unheard", ())
    plan = Plan(
        named=(NamedValue("a", bad), NamedValue("b", bad)),
        sources=(source(location=bad),),
    )
    with pytest.raises(TemplateError) as caught:
        write_hcl(plan)
    assert {d.code for d in caught.value.diagnostics} == {"hcl/cannot-say"}


def test_nothing() -> None:
    assert write_hcl(Plan()) == ""


def test_dynamic_block_with_condition_and_own_iterator() -> None:
    text = """\
source "azure-arm" "image" {
  dynamic "azure_tag" {
    for_each = [for tag in var.tags : tag if tag != ""]
    iterator = tag

    content {
      name  = tag.value
      value = [for tag in var.tags : tag][0]
    }
  }
}
"""
    full = 'variable "tags" {\n  default = ["a"]\n}\n\n' + text
    plan = read(full)
    assert write_hcl(plan) == full


def test_override() -> None:
    override = {"image": {"inline": Setting(ObjectExpr(()))}}
    step = Step("shell", {"inline": Setting(Literal("x"))}, override=override)
    plan = Plan(groups=(BuildGroup(None, (), (step,)),))
    assert "override = {\n      image = {" in write_hcl(plan)


def test_settings_that_packer_has_no_option_for_are_said() -> None:
    settings = {"location": "x", "build_timeout_minutes": 3, "plan_info.plan_name": "p", "plan_info.more": "q"}
    text = write_hcl(Plan(sources=(source(**{name: Literal(value) for name, value in settings.items()}),)))
    assert "# Packer has no option for build_timeout_minutes.\n" in text
    assert "# Packer has no option for plan_info.more.\n" in text
    assert "= 3" not in text
    assert 'plan_name = "p"' in text
    assert read(text + 'build {\n  sources = ["azure-arm.image"]\n}\n')


def test_arguments_of_every_provisioner_are_kept() -> None:
    step = Step("shell", {"pause_before": Setting(Literal("5s")), "max_retries": Setting(Literal(2))})
    text = write_hcl(Plan(groups=(BuildGroup(None, (), (step,)),)))
    assert 'pause_before = "5s"' in text
    assert "max_retries  = 2" in text


def test_an_independent_reader_sees_the_same_blocks() -> None:
    hcl2 = pytest.importorskip("hcl2")
    found = hcl2.loads(write_hcl(read(TEMPLATE)))
    assert [next(iter(block)).strip('"') for block in found["variable"]] == ["location", "secret"]
    assert [next(iter(block)).strip('"') for block in found["source"]] == ["azure-arm", "null"]
    steps = found["build"][0]["provisioner"]
    assert [next(iter(step)).strip('"') for step in steps] == ["shell", "file", "made-up"]
