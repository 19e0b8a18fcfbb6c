"""Law 6 through the front door: whatever stands in a file, the end is an output or a diagnostic.

A fixed seed damages templates; ``make soak`` does the same for as long as one likes.
"""

from __future__ import annotations

import importlib.util
import io
import json
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pytest

from bakelift.__main__ import main

HERE = Path(__file__).resolve().parent
BEFORE = "what stood here before\n"

#: Runs of each command here; a damaged template takes no longer than SECONDS.
RUNS = {"translate": 300, "to-hcl": 150, "fmt": 60, "console": 60, "build": 120}
SECONDS = 5.0

NULL = b"""
packer {
  required_version = ">= 1.6.0"
}

variable "name" {
  type    = string
  default = "first"
}

locals {
  both = [for s in ["a", "b"] : upper("${s}-${var.name}")]
}

source "null" "one" {
  communicator = "none"
}

build {
  name    = "damage"
  sources = ["source.null.one"]

  provisioner "shell-local" {
    environment_vars = ["WHO=${var.name}"]
    inline           = ["true"]
  }

  post-processor "shell-local" {
    inline = ["true", "# ${join(",", local.both)}"]
  }
}
"""
NULL_JSON = b"""
{
  "variables": {"name": "first", "other": "{{env `NO_SUCH_VARIABLE`}}"},
  "sensitive-variables": ["other"],
  "builders": [{"type": "null", "name": "one", "communicator": "none"}],
  "provisioners": [{"type": "shell-local", "inline": ["true"], "only": ["one"]}],
  "post-processors": [[{"type": "shell-local", "inline": ["# {{user `name`}}"]}]]
}
"""
IMAGE_BUILDER = b"""
{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "parameters": {"prefix": {"type": "string", "defaultValue": "web"}},
  "variables": {"image": "[format('{0}-img', parameters('prefix'))]"},
  "resources": [{
    "type": "Microsoft.VirtualMachineImages/imageTemplates",
    "apiVersion": "2024-02-01",
    "name": "web",
    "location": "[resourceGroup().location]",
    "identity": {"type": "UserAssigned", "userAssignedIdentities": {"[resourceId('a/b', 'c')]": {}}},
    "properties": {
      "buildTimeoutInMinutes": 60,
      "source": {"type": "PlatformImage", "publisher": "p", "offer": "o", "sku": "s", "version": "latest"},
      "customize": [
        {"type": "Shell", "name": "a", "inline": ["echo a", "[concat('echo ', parameters('prefix'))]"]},
        {"type": "File", "sourceUri": "https://example.com/x", "destination": "/tmp/x"}
      ],
      "distribute": [{
        "type": "ManagedImage", "runOutputName": "out", "location": "westeurope",
        "imageId": "[resourceId('Microsoft.Compute/images', variables('image'))]"
      }]
    }
  }]
}
"""
LINES = b"""
upper(var.name)
[for x in local.both : x if x != "q"]
{a = 1, b = [2, 3]}
"${var.name}-${1 + 2}"
{{user `name`}} {{isotime}}
jsondecode("[1, 2]")[0] == 1 ? "yes" : null
cidrsubnet("10.0.0.0/8", 8, 3)
variables
"""


AZURE = """
source "azure-arm" "a" {{
  image_publisher                   = "p"
  image_offer                       = "o"
  image_sku                         = "s"
  location                          = "westeurope"
  vm_size                           = "Standard_D2s_v5"
  os_type                           = "{os}"
  managed_image_name                = "a"
  managed_image_resource_group_name = "g"
}}
build {{
  sources = ["source.azure-arm.a"]
  provisioner "{step}" {{
    inline = {lines}
  }}
}}
"""


def load(name: str) -> ModuleType:
    """A module of the soak folder."""
    spec = importlib.util.spec_from_file_location(f"soak_{name}", HERE / "soak" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


mutations = load("mutations")


class Ended(NamedTuple):
    status: int
    out: str
    err: str


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ended]:
    """Runs a command line in an empty folder and holds it to what every command owes."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BAKELIFT_DEBUG", raising=False)
    monkeypatch.setenv("TMPDIR", str(tmp_path))

    def call(*words: str, stdin: bytes = b"") -> Ended:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), "utf-8", "surrogateescape"))
        start = time.process_time()
        status = main(words)
        taken = time.process_time() - start
        said = capsys.readouterr()
        assert status in (0, 1, 2, 3), words
        assert "[internal]" not in said.err, said.err
        assert "Traceback" not in said.err + said.out
        assert status == 0 or said.err.strip() or words[0] in ("build", "fmt"), "a failure without a word"
        assert taken < SECONDS, f"{taken:.1f} s"
        assert not list(tmp_path.glob("**/*.part")) and not list(tmp_path.glob("**/.*.part"))
        return Ended(status, said.out, said.err)

    return call


def damaged(command: str, seeds: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    """(file name, bytes) of RUNS damaged templates, the same each time."""
    rng = random.Random(f"damage {command}")
    others = [data for _, data in seeds] if command != "build" else []
    chosen = [rng.choice(seeds) for _ in range(RUNS[command])]
    return [(name, mutations.mutated(data, rng, others)) for name, data in chosen]


def packer_templates(checkout: Path) -> list[tuple[str, bytes]]:
    """Our own templates, and real ones where they are beside the checkout."""
    own = [p for p in sorted(checkout.glob("tests/translator/imagebuilder/cases/*/input.*")) if p.is_file()]
    corpus = checkout.parent / "shared" / "corpus" / "packer-azure"
    real = [p for p in sorted(corpus.rglob("*.pkr.hcl")) if p.stat().st_size < 12_000][::7]
    small = [p for p in sorted(corpus.rglob("*.json")) if 500 < p.stat().st_size < 12_000]
    real += [p for p in small if '"builders"' in p.read_text("utf-8", "replace")][::7]
    return [("t.json" if p.suffix == ".json" else "t.pkr.hcl", p.read_bytes()) for p in own + real]


def whole(path: Path) -> bool:
    """Whether a file holds all of one output, or what it held before."""
    text = path.read_text("ascii")
    if text == BEFORE:
        return True
    if path.suffix == ".json":
        json.loads(text)
    return text.endswith("\n")


def test_damaged_packer_templates(run: Callable[..., Ended], tmp_path: Path, checkout: Path) -> None:
    for name, data in damaged("translate", packer_templates(checkout)):
        (tmp_path / name).write_bytes(data)
        out, report = tmp_path / "out.json", tmp_path / "report.json"
        out.write_text(BEFORE)
        report.write_text(BEFORE)
        ended = run(
            "translate", "-force", "-missing-files", "placeholder", "-out", "out.json", "-report", "report.json", name
        )
        assert whole(out) and whole(report)
        assert ended.status in (0, 3) or out.read_text() == BEFORE


def test_damaged_image_builder_templates(run: Callable[..., Ended], tmp_path: Path, checkout: Path) -> None:
    cases = sorted(checkout.glob("tests/translator/imagebuilder/cases/*/expected.json"))
    seeds = [("t.json", IMAGE_BUILDER), *(("t.json", path.read_bytes()) for path in cases)]
    for name, data in damaged("to-hcl", seeds):
        (tmp_path / name).write_bytes(data)
        out = tmp_path / "out.pkr.hcl"
        out.write_text(BEFORE)
        ended = run("translate", "-force", "-out", "out.pkr.hcl", name)
        assert whole(out) or ended.status == 1
        assert ended.status in (0, 3) or out.read_text() == BEFORE


def test_damaged_files_are_formatted_or_left_alone(run: Callable[..., Ended], tmp_path: Path, checkout: Path) -> None:
    seeds = [(name, data) for name, data in packer_templates(checkout) if name.endswith(".hcl")]
    for name, data in damaged("fmt", seeds):
        path = tmp_path / name
        path.write_bytes(data)
        ended = run("fmt", name)
        if ended.status == 1:
            assert path.read_bytes() == data
        else:
            assert run("fmt", "-check", name).status == 0


def test_damaged_expressions_and_variable_files(run: Callable[..., Ended], tmp_path: Path) -> None:
    rng = random.Random("damage console")
    (tmp_path / "t.pkr.hcl").write_bytes(NULL)
    for _ in range(RUNS["console"]):
        (tmp_path / "v.pkrvars.hcl").write_bytes(b'name = "second"\n')
        assert run("console", "t.pkr.hcl", stdin=mutations.mutated(LINES, rng)).status == 0
        (tmp_path / "v.pkrvars.hcl").write_bytes(mutations.mutated(b'name = "second"\n', rng))
        assert run("console", "-json", "-var-file", "v.pkrvars.hcl", "t.pkr.hcl", stdin=b"var.name\n").status in (0, 1)


def test_damaged_templates_are_built_or_refused(run: Callable[..., Ended], tmp_path: Path) -> None:
    for name, data in damaged("build", [("t.pkr.hcl", NULL), ("t.json", NULL_JSON)]):
        (tmp_path / name).write_bytes(data)
        ended = run("build", "-color=false", name)
        assert ended.status == 0 or "rror" in ended.out + ended.err


@pytest.mark.parametrize(
    "line",
    ["\n" * 60_000, "if" + " " * 60_000 + "x", "rm " + " " * 60_000 + "x", "$unattend" * 7000, "a=\n" * 20_000,
     "sudo -sudo " * 6000, "9" * 60_000 + "s", "if ((" * 12_000, "{{" * 30_000, "\\" * 60_000, "'" * 60_000],
    ids=["newlines", "if", "rm", "unattend", "assignments", "sudo", "digits", "parentheses", "braces", "backslashes",
         "quotes"],
)  # fmt: skip
def test_hostile_lines_take_no_time(run: Callable[..., Ended], tmp_path: Path, line: str) -> None:
    for os_type, step in (("Linux", "shell"), ("Windows", "powershell")):
        lines = json.dumps(["echo first", line.replace("${", "$${"), "echo last"])
        (tmp_path / "t.pkr.hcl").write_text(AZURE.format(lines=lines, os=os_type, step=step))
        ended = run("translate", "-force", "-out", "out.json", "t.pkr.hcl")
        if ended.status in (0, 3):
            run("translate", "-force", "-out", "out.pkr.hcl", "out.json")


def test_a_duration_of_thousands_of_digits(run: Callable[..., Ended], tmp_path: Path) -> None:
    text = AZURE.format(lines='["true"]', os="Linux", step="shell")
    (tmp_path / "t.pkr.hcl").write_text(text.replace("inline =", 'pause_before = "' + "9" * 5000 + '"\n inline ='))
    assert run("translate", "t.pkr.hcl").status == 1


@pytest.mark.parametrize("kind", ["folder", "fifo", "empty", "device", "absent", "loop", "nul", "long"])
def test_templates_that_are_no_files(run: Callable[..., Ended], tmp_path: Path, kind: str) -> None:
    import os

    path = tmp_path / "t.pkr.hcl"
    name = str(path)
    if kind == "folder":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "loop":
        path.symlink_to(path)
    elif kind == "nul":
        name = "t\0.pkr.hcl"
    elif kind == "long":
        name = "t" * 5000 + ".pkr.hcl"
    for command in ("translate", "fmt", "console", "build"):
        ended = run(command, name)
        assert ended.status in (0, 1), (command, ended)
    assert run("translate", "-var-file", name, "t2.pkr.hcl").status == 1
