"""Bicep and ARM's JSON are two spellings of one deployment: a parser that is not ours finds the same values in both,
and so does our reader.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bakelift.loading import load_template
from bakelift.translator.diagnostics import Diagnostics, SourceFile, TemplateError
from bakelift.translator.files import DictFiles, NoFiles
from bakelift.translator.imagebuilder.bicep_reader import read_bicep
from bakelift.translator.imagebuilder.reader import read_template
from bakelift.translator.imagebuilder.translate import TranslateOptions, Translation, translate
from bakelift.translator.languages.arm import Symbols, text_to_expr
from bakelift.translator.packer.hcl_reader import read_hcl
from bakelift.translator.packer.variables import bind_inputs
from bakelift.translator.plan.expressions import Call, Expr, Template, template, transform
from bakelift.translator.plan.normal import normal
from bakelift.translator.plan.types import BOOL, DYNAMIC, NUMBER, STRING, ListType, MapType

#: Every so many of the complete units in the quick run.
STEP = 12
#: Of the complete units, so many give a template without a -var.
ENOUGH = 110

BICEP = TranslateOptions(shape="bicep", missing_files="placeholder")
_TYPES = {
    "string": STRING,
    "securestring": STRING,
    "int": NUMBER,
    "bool": BOOL,
    "array": ListType(DYNAMIC),
    "object": MapType(DYNAMIC),
    "secureobject": MapType(DYNAMIC),
}


def differences(bicep: str, arm: dict[str, Any], tree: Any) -> list[str]:
    """Where the values that tree-sitter finds are not those of the ARM template."""
    assert not tree.has_errors(bicep)
    parameters = arm["parameters"]
    types = {("input", name): _TYPES[facts["type"].lower()] for name, facts in parameters.items()}
    symbols = Symbols(types=types)
    wanted = {key: arm[key] for key in ("parameters", "variables", "resources") if key in arm}
    return list(_compared(tree.template_of(bicep), wanted, "", symbols))


def _compared(found: Any, wanted: Any, place: str, symbols: Symbols) -> Iterator[str]:
    if isinstance(found, dict) and isinstance(wanted, dict):
        own = {_said(key, symbols): value for key, value in found.items()}
        other = {_said(key, symbols): value for key, value in wanted.items()}
        # a decorator stands before its parameter: within a definition the order says nothing
        if (list if place.count("/") != 2 else set)(own) != (list if place.count("/") != 2 else set)(other):
            yield f"{place}: {list(own)} and {list(other)}"
        for key in own.keys() & other.keys():
            yield from _compared(own[key], other[key], f"{place}/{getattr(key, 'value', key)}", symbols)
    elif isinstance(found, list) and isinstance(wanted, list):
        if len(found) != len(wanted):
            yield f"{place}: {len(found)} and {len(wanted)} elements"
        for index, (one, two) in enumerate(zip(found, wanted, strict=False)):
            yield from _compared(one, two, f"{place}/{index}", symbols)
    elif isinstance(found, str) and isinstance(wanted, str):
        if found != wanted and _said(found, symbols) != _said(wanted, symbols):
            yield f"{place}: {found} and {wanted}"
    elif found != wanted or isinstance(found, bool) != isinstance(wanted, bool):
        yield f"{place}: {found!r} and {wanted!r}"


def _said(text: str, symbols: Symbols) -> Expr:
    """What ARM's text says, where a hole converts as ``string`` does."""

    def visit(node: Expr) -> Expr | None:
        if isinstance(node, Template):
            parts = [
                part.args[0] if isinstance(part, Call) and part.operation == "arm.string" else part
                for part in node.parts
            ]
            return template([transform(part, visit) for part in parts])
        return None

    return transform(text_to_expr(text, None, symbols), visit)


def same_when_read(bicep: str, arm: dict[str, Any]) -> bool:
    """Whether both read as the same Plan, and the same scripts."""
    one = read_bicep(SourceFile("image.bicep", bicep), "image.bicep", Diagnostics(), NoFiles())
    two = read_template(SourceFile("image.json", json.dumps(arm)), "image.json", Diagnostics())
    return normal(one.plan) == normal(two.plan) and one.files == two.files


def checked(name: str, found: Translation, tree: Any) -> int:
    """Compares the outputs of a translation; how many there were."""
    number = 0
    for output in found.outputs:
        if output.template is None or output.bicep is None:
            continue
        number += 1
        assert output.bicep.isascii() and "\r" not in output.bicep, name
        assert differences(output.bicep, output.template, tree) == [], name
        assert same_when_read(output.bicep, output.template), name
    return number


Units = list[dict[str, str]]
Translate = Callable[[dict[str, str], TranslateOptions], Translation]


def _checked_units(units: Units, translated_unit: Translate, tree: Any) -> int:
    number = 0
    for row in units:
        try:
            found = translated_unit(row, BICEP)
        except TemplateError:
            continue
        number += checked(row["unit"], found, tree)
    return number


def test_real_templates_quickly(complete_units: Units, translated_unit: Translate, bicep_tree: Any) -> None:
    assert _checked_units(complete_units[::STEP], translated_unit, bicep_tree) > 5


@pytest.mark.slow
def test_real_templates(complete_units: Units, translated_unit: Translate, bicep_tree: Any) -> None:
    assert _checked_units(complete_units, translated_unit, bicep_tree) >= ENOUGH


TRICKY = r"""
variable "a-b"       { default = "x" }
variable "a_b"       { default = "y" }
variable "resourceGroup" { default = "rg" }
variable "description"   { default = "d" }
variable "flag" {
  type    = bool
  default = true
}
variable "null" { default = "word" }
variable "n" {
  type    = number
  default = 12345678901
}
variable "tags" {
  type    = map(string)
  default = { "a b" = "1", "[x]" = "[y]" }
}
variable "regions" {
  type    = list(string)
  default = ["westeurope"]
}
variable "secret" {
  type      = string
  sensitive = true
}
locals {
  name  = "${var.a-b}{}-${var.n}-${var.flag}"
  upper = { for k, v in var.tags : upper(k) => "$${v}${v}" }
  first = var.flag && var.a_b != "z" ? lower(var.a-b) : trimprefix(var.a_b, "p")
  safe  = try(var.tags.missing.deeper, "none")
  odd   = { "-" = "$${x} 'q' \\ é", first = local.first, safe = local.safe }
}
source "azure-arm" "i" {
  os_type         = "Linux"
  image_publisher = "canonical"
  image_offer     = "ubuntu-24_04-lts"
  image_sku       = "server"
  location        = "westeurope"
  vm_size         = "Standard_D2s_v5"

  managed_image_name                = local.name
  managed_image_resource_group_name = var.resourceGroup
  azure_tags                        = merge(var.tags, local.upper, local.odd)
}
build {
  sources = ["source.azure-arm.i"]
  provisioner "shell" {
    environment_vars = ["D=${var.description}", "N=${var.null}"]
    inline = [
      "[[ -f /x ]] && echo 'one' \"two\" '''three'''",
      "printf '%s\\n' \"$D\" \"$${N}\" '",
      "  indented\t",
      "[ -n x ]",
      "'",
      "''",
      "$${",
      "\\",
    ]
  }
}
"""


def tricky() -> Translation:
    plan = read_hcl([SourceFile("t.pkr.hcl", TRICKY)], "t.pkr.hcl", ".", Diagnostics())
    return translate(plan, bind_inputs(plan), NoFiles(), BICEP)


def test_names_and_texts_that_need_care(bicep_tree: Any) -> None:
    found = tricky()
    assert checked("tricky", found, bicep_tree) == 1
    text = found.outputs[0].bicep or ""
    assert "az.resourceGroup()" not in text  # nothing asks for it here
    assert "@sys.description(" in text
    assert "param a_b string" in text and "param a_b2 string" in text
    assert "param null2 string" in text or "param null_ string" in text


def test_without_errors_there_is_the_same_text_each_time() -> None:
    assert tricky().outputs[0].text() == tricky().outputs[0].text()


def _image_builder_units(shared: Path) -> list[Path]:
    """Real Image Builder templates, in every shape."""
    corpus = shared / "corpus" / "aib"
    with (shared / "corpus" / "UNITS.tsv").open() as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return [corpus / row["unit"] for row in rows if row["class"] == "aib"]


def _come_back(paths: list[Path], tree: Any) -> int:
    """How many give a Bicep file; it is read and written again as the same text."""
    number = 0
    for path in paths:
        try:
            loaded = load_template(str(path), Diagnostics())
            bindings = bind_inputs(loaded.plan, (), [], loaded.auto_files)
            (output,) = translate(loaded.plan, bindings, loaded.files, BICEP).outputs
        except TemplateError:
            continue  # what parts it has depends on parameters that nobody gives here
        if output.bicep is None:
            continue
        assert not tree.has_errors(output.bicep), path
        read = read_bicep(SourceFile("x.bicep", output.bicep), "x.bicep", Diagnostics(), NoFiles())
        files = DictFiles(read.files, folders=read.folders, executable=read.executable)
        (again,) = translate(read.plan, bind_inputs(read.plan), files, BICEP).outputs
        assert again.bicep == output.bicep, path
        number += 1
    return number


def test_real_image_builder_templates_quickly(shared: Path, bicep_tree: Any) -> None:
    assert _come_back(_image_builder_units(shared)[::STEP], bicep_tree) > 5


@pytest.mark.slow
def test_real_image_builder_templates(shared: Path, bicep_tree: Any) -> None:
    assert _come_back(_image_builder_units(shared), bicep_tree) >= ENOUGH
