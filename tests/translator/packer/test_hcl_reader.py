"""HCL templates become Plans: settings by the tables, names by their kind, every attribute one leaf, errors told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bakelift.translator.diagnostics import Diagnostics, SourceFile, TemplateError
from bakelift.translator.packer.hcl_reader import read_hcl
from bakelift.translator.plan.expressions import (
    Call,
    Conditional,
    For,
    Index,
    ListExpr,
    Literal,
    ObjectExpr,
    Ref,
    Template,
)
from bakelift.translator.plan.types import STRING, ListType

if TYPE_CHECKING:
    from pathlib import Path

    from bakelift.translator.plan.model import Plan


def read(text: str, diagnostics: Diagnostics | None = None, name: str = "t.pkr.hcl") -> Plan:
    return read_hcl([SourceFile(name, text)], name, ".", diagnostics)


def errors(text: str, name: str = "t.pkr.hcl") -> list[tuple[str, str, int]]:
    """(code, detail or summary, line) of each error."""
    with pytest.raises(TemplateError) as caught:
        read(text, name=name)
    found = [d for d in caught.value.diagnostics if d.severity == "error"]
    return [(d.code, d.detail or d.summary, d.span.line if d.span else 0) for d in found]


AZURE = """
packer {
  required_version = ">= 1.8"
  required_plugins {
    azure = { source = "github.com/hashicorp/azure", version = ">= 2.0" }
  }
}

# where the image goes
variable "location" {
  type        = string
  default     = "westeurope" # near
  description = "Region"
}
variable "secret" {
  sensitive = true
}
locals {
  name = "${var.location}-img"
}
source "azure-arm" "image" {
  os_type         = "Linux"
  location        = var.location
  vm_size         = "Standard_D2s_v3"
  os_disk_size_gb = "64"
  azure_tags      = { stage = 1, owner = local.name }
  keep_os_disk    = "true"
  image_publisher = "Canonical"
  image_offer     = "o"
  image_sku       = "s"
  managed_image_name                = "x-{{timestamp}}"
  managed_image_resource_group_name = "rg"
  shared_image_gallery_destination {
    resource_group = "rg"
    gallery_name   = "g"
    image_name     = "i"
    image_version  = "1.0.0"
    target_region {
      name     = "westeurope"
      replicas = "2"
    }
    target_region { name = "northeurope" }
  }
}
build {
  name    = "linux"
  sources = ["source.azure-arm.image"]
  provisioner "shell" {
    name             = "first"
    only             = ["azure-arm.image"]
    inline           = ["echo ${var.location}", "id {{.User}}"]
    execute_command  = "{{.Vars}} sudo -E sh '{{.Path}}'"
    pause_before     = "10s"
    max_retries      = "3"
    override = { image = { inline = ["echo other"] } }
  }
  provisioner "mystery" {
    level = 3
    nested "a" { x = var.location }
  }
  post-processors {
    post-processor "manifest" { strip_path = true }
    post-processor "checksum" { keep_input_artifact = true }
  }
  post-processor "shell-local" { inline = ["ls"] }
}
"""


def test_a_whole_template() -> None:
    plan = read(AZURE)
    assert plan.required_version == ">= 1.8"
    assert plan.required_plugins[0].source == "github.com/hashicorp/azure"
    location, secret = plan.inputs
    assert (location.type, location.default, location.description) == (STRING, Literal("westeurope"), "Region")
    assert location.comments == ("where the image goes",)
    assert (secret.sensitive, secret.default, secret.type) == (True, None, None)
    assert plan.named[0].value == Template((Ref("input", "location"), Literal("-img")))
    source = plan.sources[0]
    settings = {name: setting.value for name, setting in source.settings.items()}
    assert settings["location"] == Ref("input", "location")
    assert settings["os_disk_size_gb"] == Literal(64)
    assert settings["keep_os_disk"] == Literal(True)
    assert settings["azure_tags"] == ObjectExpr(
        ((Literal("stage"), Literal("1")), (Literal("owner"), Ref("named", "name")))
    )
    assert settings["managed_image_name"] == Template((Literal("x-"), Call("go.timestamp", ())))
    assert settings["shared_image_gallery_destination.gallery_name"] == Literal("g")
    assert settings["shared_image_gallery_destination.target_region"] == ListExpr(
        (
            ObjectExpr(((Literal("name"), Literal("westeurope")), (Literal("replicas"), Literal(2)))),
            ObjectExpr(((Literal("name"), Literal("northeurope")),)),
        )
    )
    group = plan.groups[0]
    assert (group.name, group.sources[0].id) == ("linux", "azure-arm.image")
    shell, mystery = group.steps
    assert shell.name == "first"
    assert shell.only is not None and shell.only.value == ListExpr((Literal("azure-arm.image"),))
    assert shell.settings["inline"].value == ListExpr(
        (
            Template((Literal("echo "), Ref("input", "location"))),
            Template((Literal("id "), Ref("build", "User"))),
        )
    )
    assert shell.settings["execute_command"].value == Template(
        (Ref("command", "Vars"), Literal(" sudo -E sh '"), Ref("command", "Path"), Literal("'"))
    )
    assert shell.settings["max_retries"].value == Literal(3)
    assert shell.override["image"]["inline"].value == ListExpr((Literal("echo other"),))
    assert not mystery.settings
    level, nested = mystery.opaque.entries
    assert level.name == "level"  # type: ignore[union-attr]
    assert (nested.type, nested.labels) == ("nested", ("a",))  # type: ignore[union-attr]
    assert [[p.type for p in chain] for chain in group.post_processors] == [["manifest", "checksum"], ["shell-local"]]
    checksum = group.post_processors[0][1]
    assert checksum.keep_input_artifact is not None and checksum.keep_input_artifact.value == Literal(True)


def test_every_attribute_is_one_leaf_in_order() -> None:
    plan = read(AZURE)
    assert plan.origin is not None
    paths = [leaf.path for leaf in plan.origin.leaves]
    assert len(paths) == len(set(paths))
    assert paths[:6] == [
        "packer.required_version",
        "packer.required_plugins.azure",
        "variable.location.type",
        "variable.location.default",
        "variable.location.description",
        "variable.secret.sensitive",
    ]
    for path in (
        "locals.name",
        "source.azure-arm.image.vm_size",
        "source.azure-arm.image.shared_image_gallery_destination.target_region[1].name",
        "build[0].name",
        "build[0].provisioner[0].inline",
        "build[0].provisioner[1].nested.x",
        "build[0].post-processors[0].post-processor[1].keep_input_artifact",
        "build[0].post-processor[0].inline",
    ):
        assert path in paths
    from bakelift.translator.plan.usage import leaves_of

    held = {id(leaf) for leaf in leaves_of(plan)}
    assert [leaf.path for leaf in plan.origin.leaves if id(leaf) not in held] == []


def test_names_become_symbols_of_their_kind() -> None:
    plan = read(
        """
        variable "l" { default = ["a"] }
        data "http" "d" { url = "https://x" }
        locals {
          a = data.http.d.body
          b = path.root
          c = [for k, v in var.l : "${k}${v}"]
          d = try(var.nosuch, "x")
          e = var["l"]
          f = convert(var.l, list(string))
          g = data.http["d"].body
        }
        source "null" "n" { communicator = "none" }
        build {
          source "source.null.n" {}
          provisioner "shell-local" { inline = [source.name, build.ID, build.name, packer.version] }
        }
        """
    )
    named = {item.name: item.value for item in plan.named}
    assert named["a"] == Index(Ref("data", "http.d"), Literal("body"))
    assert named["b"] == Ref("path", "root")
    assert isinstance(named["c"], For) and named["c"].collection == Ref("input", "l")
    assert isinstance(named["d"], Call)
    assert named["e"] == Ref("input", "l")
    assert named["f"] == Call("convert", (Ref("input", "l"), Call("unknown:list", (Ref("name", "string"),))))
    assert isinstance(named["g"], Index)
    inline = plan.groups[0].steps[0].settings["inline"].value
    assert inline == ListExpr(
        (Ref("source", "name"), Ref("build", "ID"), Ref("group", "name"), Ref("packer", "version"))
    )


def test_dynamic_blocks_become_for_expressions() -> None:
    plan = read(
        """
        variable "tags" { default = {} }
        variable "plan" { default = null }
        source "azure-arm" "a" {
          os_type = "Linux"
          azure_tag {
            name  = "fixed"
            value = "1"
          }
          dynamic "azure_tag" {
            for_each = var.tags
            iterator = t
            content {
              name  = t.key
              value = upper(t.value)
            }
          }
          dynamic "plan_info" {
            for_each = var.plan == null ? [] : [var.plan]
            content {
              plan_name = plan_info.value.name
            }
          }
        }
        """
    )
    settings = plan.sources[0].settings
    tags = settings["azure_tag"].value
    assert isinstance(tags, Call) and tags.operation == "concat"
    loop = tags.args[1]
    assert isinstance(loop, For)
    assert (loop.key_name, loop.value_name, loop.collection) == ("t_key", "t", Ref("input", "tags"))
    assert loop.value == ObjectExpr(
        (
            (Literal("name"), Ref("bound", "t_key")),
            (Literal("value"), Call("upper", (Ref("bound", "t"),))),
        )
    )
    single = settings["plan_info"].value
    assert isinstance(single, For) and isinstance(single.collection, Conditional)
    assert single.value == ObjectExpr(((Literal("plan_name"), Index(Ref("bound", "plan_info"), Literal("name"))),))
    assert [leaf.path for leaf in settings["plan_info"].leaves] == [
        "source.azure-arm.a.dynamic.plan_info.for_each",
        "source.azure-arm.a.dynamic.plan_info.content.plan_name",
    ]


def test_dynamic_steps_and_sources_are_unrolled() -> None:
    plan = read(
        """
        variable "names" { default = ["one", "two"] }
        source "null" "a" { communicator = "none" }
        build {
          dynamic "source" {
            for_each = var.names
            labels   = ["null.a"]
            content { name = source.value }
          }
          dynamic "provisioner" {
            for_each = var.names
            labels   = ["shell-local"]
            content { inline = ["echo ${provisioner.value} ${provisioner.key}"] }
          }
        }
        """
    )
    group = plan.groups[0]
    assert [use.id for use in group.sources] == ["null.one", "null.two"]
    assert [step.settings["inline"].value for step in group.steps][1] == ListExpr(
        (Template((Literal("echo "), Literal("two"), Literal(" "), Literal(1))),)
    )


def test_names_may_use_the_build_s_name_and_variables() -> None:
    plan = read(
        """
        variable "v" { default = "x" }
        source "null" "a" { communicator = "none" }
        build {
          name    = "b-${var.v}"
          sources = [for n in ["a"] : "null.${n}"]
          provisioner "sleep" {
            name     = "${build.name}-1"
            duration = "1s"
          }
        }
        """
    )
    group = plan.groups[0]
    assert (group.name, group.sources[0].id, group.steps[0].name) == ("b-x", "null.a", "b-x-1")


def test_json_syntax() -> None:
    plan = read(
        """{
          "//": "a comment",
          "variable": {"v": {"type": "list(string)", "default": ["x"]}},
          "locals": {"l": "${var.v[0]}-${upper(\\"a\\")}"},
          "source": {"azure-arm": {"a": {
            "os_type": "Linux",
            "plan_info": {"plan_name": "n"},
            "azure_tag": [{"name": "a", "value": "1"}, {"name": "b", "value": "${local.l}"}],
            "azure_tags": {"x": "y"}
          }}},
          "build": [{"sources": ["azure-arm.a"], "provisioner": [{"shell": {"inline": ["echo {{.Vars}}"]}},
                                                                  {"sleep": {"duration": "5s"}}]}]
        }""",
        name="t.pkr.json",
    )
    assert plan.inputs[0].type == ListType(STRING)
    assert plan.named[0].value == Template(
        (Index(Ref("input", "v"), Literal(0)), Literal("-"), Call("upper", (Literal("a"),)))
    )
    settings = plan.sources[0].settings
    assert settings["plan_info.plan_name"].value == Literal("n")
    assert isinstance(settings["azure_tag"].value, ListExpr)
    assert settings["azure_tag"].value.items[1].entries[1][1] == Ref("named", "l")  # type: ignore[attr-defined]
    assert [step.type for step in plan.groups[0].steps] == ["shell", "sleep"]
    assert plan.origin is not None
    assert "build[0].provisioner[1].duration" in [leaf.path for leaf in plan.origin.leaves]


NULL = 'source "null" "a" { communicator = "none" }\n'


@pytest.mark.parametrize(
    ("text", "code", "words", "line"),
    [
        ('source "azure-arm" "a" {\n  vm_siz = "x"\n}', "packer/unknown-option", 'Did you mean "vm_size"?', 2),
        ('source "azure-arm" "a" {\n  plan_info = {}\n}', "packer/needs-block", 'block of type "plan_info"', 2),
        ('source "azure-arm" "a" {\n  azure_tags {\n }\n}', "packer/needs-attribute", "equals sign", 2),
        ('source "azure-arm" "a" {\n  username = "x"\n}', "packer/unknown-option", "username", 2),
        (
            'source "azure-arm" "a" {\n  spot {\n  }\n  spot {\n  }\n}',
            "packer/duplicate-block",
            "Only one spot block is allowed",
            4,
        ),
        ('source "azure-arm" "a" {\n  os_disk_size_gb = "x"\n}', "packer/wrong-type", "a number is required", 2),
        ('source "azure-arm" "a" {\n  keep_os_disk = "yes"\n}', "packer/wrong-type", "a bool is required", 2),
        (NULL + NULL, "packer/duplicate-source", "unique name", 2),
        ('variable "x" {}\nvariable "x" {}', "packer/duplicate-variable", "Duplicate x", 2),
        ("locals { a = 1 }\nlocals { a = 2 }", "packer/duplicate-local", "Duplicate a", 2),
        ('variable "x" {\n  default = upper("a")\n}', "packer/default", 'no function named "upper"', 2),
        ('variable "x" {\n  default = var.y\n}', "packer/default", "Variables may not be used here", 2),
        ('variable "x" {\n  type = list\n}', "hcl/type", "requires one argument", 2),
        (
            'variable "x" {\n  type = number\n  default = "abc"\n}',
            "packer/default-type",
            "a number is required",
            3,
        ),
        (
            'variable "x" {\n  validation {\n    condition = local.a\n    error_message = "No."\n  }\n}',
            "packer/validation",
            "var.x",
            3,
        ),
        (
            'variable "x" {\n  validation {\n    condition = var.x\n    error_message = "no"\n  }\n}',
            "packer/validation",
            "full sentence",
            4,
        ),
        ("locals {\n  a = local.b\n  b = local.a\n}", "packer/local-circle", "local.a", 2),
        ('locals {\n  a = nosuch("x")\n}', "packer/unknown-function", 'no function named "nosuch"', 2),
        ('locals {\n  a = env("HOME")\n}', "packer/unknown-function", "default of a variable", 2),
        ("locals {\n  a = foo.bar\n}", "packer/unknown-name", 'no variable named "foo"', 2),
        ('sourc "null" "b" {}', "packer/unknown-block", 'Did you mean "source"?', 1),
        (NULL + 'build {\n  sources = ["null.b"]\n}', "packer/unknown-source", "null.a", 3),
        (NULL + 'build {\n  sources = ["a"]\n}', "packer/bad-source-reference", "source.type.name", 3),
        (NULL + "build {\n}", "packer/no-source", "at least one source", 2),
        ('source "null" {}', "packer/labels", "2 labels (type, name)", 1),
        (
            NULL + 'build {\n  sources = ["null.a"]\n  provisioner "shell" {\n    pause_before = "10 minutes"\n  }\n}',
            "packer/bad-duration",
            "invalid duration",
            5,
        ),
        (
            NULL + 'build {\n  sources = ["null.a"]\n  provisioner "shell" {\n    inline = ["{{ nosuch }}"]\n  }\n}',
            "template/unknown-function",
            "",
            5,
        ),
    ],
)
def test_what_is_wrong_is_told(text: str, code: str, words: str, line: int) -> None:
    found = errors(text)
    assert [(c, at) for c, _, at in found] == [(code, line)]
    assert words in found[0][1]


def test_all_errors_of_all_files_are_told_together() -> None:
    files = [SourceFile("a.pkr.hcl", "locals { a = var.x }\n"), SourceFile("b.pkr.hcl", "build {}\nlocals { a = 2 }\n")]
    with pytest.raises(TemplateError) as caught:
        read_hcl(files, ".", ".")
    places = [(d.code, str(d.span)) for d in caught.value.diagnostics if d.severity == "error"]
    assert places == [
        ("packer/unknown-name", "a.pkr.hcl:1:14"),
        ("packer/duplicate-local", "b.pkr.hcl:2:10"),
        ("packer/no-source", "b.pkr.hcl:1:1"),
    ]


def test_an_unknown_option_is_kept_for_the_message_only() -> None:
    diagnostics = Diagnostics()
    plan = read(NULL + 'build {\n sources = ["null.a"]\n provisioner "shel" { a = "{{ jinja }}" }\n}', diagnostics)
    assert plan.groups[0].steps[0].type == "shel"
    warnings = {d.code: d for d in diagnostics}
    assert 'Did you mean to use "shell"?' in warnings["packer/unknown-component"].detail


def test_the_build_name_of_a_renamed_source_is_said_to_differ() -> None:
    text = (
        NULL
        + """build {
  source "null.a" {
    name = "b"
  }
  provisioner "shell-local" { inline = ["{{build_name}} ${source.name}"] }
}
"""
    )
    diagnostics = Diagnostics()
    read(text, diagnostics)
    assert [(d.code, d.span.line if d.span else 0) for d in diagnostics] == [("packer/build-name", 6)]
    diagnostics = Diagnostics()
    read(text.replace('"b"', '"a"'), diagnostics)
    assert len(diagnostics) == 0


#: Line of the error in each template that the reader (and not a later check) refuses.
BROKEN = {
    "50-hcl-syntax": 2,
    "51-unknown-block": 4,
    "52-unknown-source": 4,
    "53-unsupported-arg": 7,
    "54-undefined-var": 7,
    "56-var-type-mismatch": 3,
    "58-dup-variable": 2,
    "59-dup-source": 4,
    "60-unknown-func": 1,
    "63-wrong-attr-type": 7,
    "64-only-and-except": 8,
    "66-validation-message-bad": 5,
    "67-bad-source-ref": 5,
    "68-local-cycle": 2,
    "69-azure-missing-required": 6,
    "70-go-template-in-hcl": 7,
}
ACCEPTED = (
    "55-unset-var",
    "57-validation-fail",
    "61-unknown-provisioner",
    "62-required-version",
    "65-missing-build",
    "71-hcl-ok",
)


@pytest.mark.parametrize("name", [*BROKEN, *ACCEPTED])
def test_what_packer_refuses_is_refused_at_its_line(shared: Path, name: str) -> None:
    text = (shared / "oracles" / "packer-1.6.6" / "v-broken" / f"{name}.pkr.hcl").read_text()
    if name in ACCEPTED:
        read(text)
        return
    assert BROKEN[name] in [line for _, _, line in errors(text)]


def test_real_templates_end_in_a_plan_or_in_diagnostics(shared: Path) -> None:
    corpus = shared / "corpus"
    read_ones = 0
    for line in (corpus / "UNITS.tsv").read_text().splitlines()[1:]:
        kind_of, kind, unit = line.split("\t")[:3]
        if kind_of not in ("packer-azure", "packer-other") or "hcl" not in kind:
            continue
        path = corpus / kind_of / unit
        names = sorted(path.glob("*.pkr.hcl")) + sorted(path.glob("*.pkr.json")) if path.is_dir() else [path]
        files = [SourceFile(str(name), name.read_text(errors="replace")) for name in names]
        try:
            plan = read_hcl(files, str(path), str(path))
        except TemplateError as error:
            assert all(d.span is not None for d in error.diagnostics if d.severity == "error"), unit
            continue
        read_ones += 1
        assert plan.origin is not None
    assert read_ones > 190
