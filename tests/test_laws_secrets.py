"""Law 8: a sensitive value is in no output file, log, error, temporary file or process's arguments.

Every place that can give a value gives another one, all with MARK in them, which is then looked for everywhere.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bakelift.__main__ import main

MARK = "qx7wz9kf"

AZURE = """
variable "by_argument" {
  type      = string
  sensitive = true
}
variable "by_file" {
  type      = string
  sensitive = true
}
variable "by_json_file" {
  type      = string
  sensitive = true
}
variable "by_auto_file" {
  type      = string
  sensitive = true
}
variable "by_environment" {
  type      = string
  sensitive = true
  default   = env("LAW_EIGHT")
}
variable "by_default" {
  type      = string
  sensitive = true
  default   = "default-qx7wz9kf"
}
variable "whole" {
  type      = object({ user = string, password = string })
  sensitive = true
  default   = { user = "admin", password = "object-qx7wz9kf" }
}
variable "many" {
  type      = list(string)
  sensitive = true
  default   = ["list-qx7wz9kf"]
}
variable "plain_but_used" {
  type    = string
  default = ""
}

local "direct" {
  expression = "local-qx7wz9kf"
  sensitive  = true
}
locals {
  derived = upper("${var.by_argument}/${var.by_file}")
  encoded = base64encode(var.by_default)
}

source "azure-arm" "a" {
  client_id                         = "11111111-1111-1111-1111-111111111111"
  client_secret                     = CLIENT_SECRET
  winrm_password                    = "literal-qx7wz9kf"
  image_publisher                   = "p"
  image_offer                       = "o"
  image_sku                         = "s"
  location                          = "westeurope"
  vm_size                           = "Standard_D2s_v5"
  os_type                           = "Linux"
  managed_image_name                = "img"
  managed_image_resource_group_name = "rg"
  azure_tags = {
    plain = "yes"
  }
}

build {
  sources = ["source.azure-arm.a"]
  provisioner "shell" {
    environment_vars = ["A=${var.by_argument}", "B=${local.direct}", "C=${local.derived}", "D=${var.whole.password}"]
    inline           = ["echo ${var.by_file} ${var.by_json_file}", "echo ${var.many[0]} ${local.encoded}"]
  }
  provisioner "shell" {
    execute_command = "echo '${var.by_auto_file}' | sudo -S sh '{{ .Path }}'"
    inline          = ["echo ${var.by_environment} ${var.by_default}"]
  }
}
"""

LEGACY = {
    "variables": {
        "by_argument": "",
        "by_file": "",
        "by_environment": "{{env `LAW_EIGHT`}}",
        "by_default": "default-qx7wz9kf",
        "plain_but_used": "",
    },
    "sensitive-variables": ["by_argument", "by_file", "by_environment", "by_default"],
    "builders": [
        {
            "type": "azure-arm",
            "name": "a",
            "client_secret": "CLIENT_SECRET",
            "image_publisher": "p",
            "image_offer": "o",
            "image_sku": "s",
            "location": "westeurope",
            "vm_size": "Standard_D2s_v5",
            "os_type": "Linux",
            "managed_image_name": "img",
            "managed_image_resource_group_name": "rg",
        }
    ],
    "provisioners": [
        {
            "type": "shell",
            "environment_vars": ["A={{user `by_argument`}}", "B={{user `by_environment`}}"],
            "inline": ["echo {{user `by_file`}} {{user `by_default`}}"],
        }
    ],
}

NULL = """
variable "secret" {
  type      = string
  sensitive = true
}
variable "lines" {
  type      = string
  sensitive = true
  default   = "line-qx7wz9kf-1\\nline-qx7wz9kf-2"
}
locals {
  joined = "joined:${var.secret}"
  coded  = base64encode(var.secret)
}
source "null" "n" {
  communicator = "none"
}
build {
  sources = ["source.null.n"]
  provisioner "shell-local" {
    environment_vars = ["SECRET=${var.secret}"]
    inline = [
      "echo out $SECRET; echo err $SECRET >&2",
      "echo '${var.lines}'",
      "echo ${local.joined} ${local.coded}",
      "cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\\\0' ' ' >arguments",
      "set -x; test -n \\"$SECRET\\"",
      "exit STATUS",
    ]
  }
  post-processor "shell-local" {
    environment_vars = ["SECRET=${var.secret}"]
    inline           = ["echo post $SECRET"]
  }
}
"""


def needles() -> list[str]:
    """The secrets, as they are and as a template might have made them."""
    plain = [MARK, MARK.upper()]
    coded = [base64.b64encode(text.encode()).decode() for text in ("default-qx7wz9kf", "given-qx7wz9kf")]
    return [*plain, *coded]


def assert_nowhere(*texts: str) -> None:
    for text in texts:
        for needle in needles():
            at = text.find(needle)
            assert at < 0, f"{needle} in: {text[max(0, at - 200) : at + 50]}"


def assert_in_no_file(folder: Path, *known: str) -> None:
    """``known``: the files that were given."""
    for path in folder.rglob("*"):
        if path.is_file() and path.name not in known:
            assert_nowhere(path.read_text("utf-8", "replace"))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with variable files, and an environment, that give secrets."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("LAW_EIGHT", "environment-qx7wz9kf")
    monkeypatch.setenv("ARM_CLIENT_SECRET", "arm-qx7wz9kf")
    monkeypatch.setenv("PKR_VAR_by_environment", "packer-environment-qx7wz9kf")
    (tmp_path / "v.pkrvars.hcl").write_text('by_file = "file-qx7wz9kf"\n')
    (tmp_path / "v.pkrvars.json").write_text('{"by_json_file": "json-file-qx7wz9kf"}')
    (tmp_path / "v.json").write_text('{"by_file": "file-qx7wz9kf"}')
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "a.auto.pkrvars.hcl").write_text('by_auto_file = "auto-qx7wz9kf"\n')
    return tmp_path


GIVEN = ("v.pkrvars.hcl", "v.pkrvars.json", "v.json", "a.auto.pkrvars.hcl", "t.pkr.hcl", "t.json")


@pytest.mark.parametrize(
    "client_secret", ['"literal-qx7wz9kf"', "var.by_argument", "local.direct", "var.plain_but_used"]
)
@pytest.mark.parametrize("resolve", [False, True])
@pytest.mark.parametrize("shape", ["arm", "bicep", "resource"])
def test_translating_hcl(
    place: Path, capsys: pytest.CaptureFixture[str], client_secret: str, resolve: bool, shape: str
) -> None:
    (place / "t" / "t.pkr.hcl").write_text(AZURE.replace("CLIENT_SECRET", client_secret))
    words = ["translate", "-to", shape, "-var", "by_argument=given-qx7wz9kf", "-var", "plain_but_used=plain-qx7wz9kf"]
    words += ["-var-file", "v.pkrvars.hcl", "-var-file", "v.pkrvars.json", *(["-resolve"] if resolve else [])]
    for number, more in enumerate(
        (
            [],
            ["-out", "out.json", "-report", "r.json"],
            ["-out", "out/"],
            ["-partial", "-out", "p.json", "-report", "r.md"],
            ["-allow-secrets-inline", "-out", "a/", "-report", "a.html"],
            ["-secrets", "keyvault:image-secrets", "-out", "k/", "-report", "k.html"],
        )
    ):
        assert main([*words, *more, "t"]) in (0, 1, 3), number
        said = capsys.readouterr()
        assert "[internal]" not in said.err
        assert_nowhere(said.out, said.err)
        assert_in_no_file(place, *GIVEN)


@pytest.mark.parametrize("client_secret", ["literal-qx7wz9kf", "{{user `by_argument`}}", "{{user `plain_but_used`}}"])
@pytest.mark.parametrize("to", ["arm", "hcl", "json"])
def test_translating_legacy_json(place: Path, capsys: pytest.CaptureFixture[str], client_secret: str, to: str) -> None:
    template = json.dumps(LEGACY).replace("CLIENT_SECRET", client_secret)
    if to != "arm":
        # Between Packer's two languages a template stays what it says; what is given to it stays out all the same.
        template = template.replace("literal-qx7wz9kf", "").replace("default-qx7wz9kf", "")
    (place / "t.json").write_text(template)
    words = ["translate", "-to", to, "-var", "by_argument=given-qx7wz9kf", "-var", "plain_but_used=plain-qx7wz9kf"]
    for more in ([], ["-out", "out.x", "-report", "r.json"], ["-resolve", "-out", "o2", "-report", "r.md"]):
        assert main([*words, "-var-file", "v.json", *more, "t.json"]) in (0, 1, 2, 3)
        said = capsys.readouterr()
        assert "[internal]" not in said.err
        assert_nowhere(said.out, said.err)
        assert_in_no_file(place, *GIVEN)


@pytest.mark.parametrize(
    "broken",
    [
        'validation {\n condition = length(var.by_argument) > 99\n error_message = "No ${var.by_argument}."\n}',
        'validation {\n condition = tonumber(var.by_argument) > 99\n error_message = "A number."\n}',
    ],
)
def test_errors_of_validations(place: Path, capsys: pytest.CaptureFixture[str], broken: str) -> None:
    text = AZURE.replace("CLIENT_SECRET", '""').replace("sensitive = true\n", f"sensitive = true\n{broken}\n", 1)
    (place / "t" / "t.pkr.hcl").write_text(text)
    for command in ("translate", "console", "validate"):
        main([command, "-var", "by_argument=given-qx7wz9kf", "t"])
        said = capsys.readouterr()
        assert_nowhere(said.out, said.err)


@pytest.mark.parametrize(
    "expression",
    [
        "tonumber(var.secret)", "var.secret[0]", "var.secret.x", "jsondecode(var.secret)", "{(var.secret) = 1}.b",
        "regex(var.secret, \"a\")", "formatdate(var.secret, timestamp())", "file(var.secret)",
        "parseint(var.secret, 10)",
        "element([], var.secret)", "lookup({a = 1}, var.secret)", "base64decode(var.secret)", "[1][var.secret]",
        "cidrhost(var.secret, 1)", "upper(var.secret) + 1", "var.secret ? 1 : 2", "yamldecode(\"[${var.secret}\")",
        "templatefile(var.secret, {})", "timeadd(var.secret, \"1h\")", "index([], var.secret)", "keys(var.secret)",
        "format(\"%d\", var.secret)", "convert(var.secret, number)", "csvdecode(\"a,b\\n${var.secret}\")",
        "substr(var.secret, \"x\", 1)", "bcrypt(var.secret, var.secret)", "tobool(var.secret)", "abspath(var.secret)",
        "-var.secret", "!var.secret", "var.secret == var.secret", "{a = 1}[var.secret]", "range(var.secret)",
        "uuidv5(var.secret, \"a\")", "strrev(var.secret)", "vault(var.secret, \"x\")", "pathexpand(var.secret)",
    ],
)  # fmt: skip
def test_errors_of_expressions(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, expression: str
) -> None:
    """What goes wrong is told without the value. (What goes well may show it: whoever asks has typed it.)"""
    import io

    (place / "n.pkr.hcl").write_text(NULL.replace("STATUS", "0") + f"\nlocals {{\n  wrong = {expression}\n}}\n")
    for words in (["console"], ["console", "-json"]):
        monkeypatch.setattr(sys, "stdin", io.StringIO("local.wrong\n"))
        assert main([*words, "-var", "secret=given-qx7wz9kf", "n.pkr.hcl"]) in (0, 1)
        said = capsys.readouterr()
        if said.out.startswith(("Error", '{"error')) or said.err:
            assert_nowhere(said.out, said.err)
    assert main(["build", "-color=false", "-allow-local", "-var", "secret=given-qx7wz9kf", "n.pkr.hcl"]) in (0, 1)
    said = capsys.readouterr()
    assert_nowhere(said.out, said.err)


@pytest.mark.parametrize("status", ["0", "3"])
@pytest.mark.parametrize(
    "options", [[], ["-machine-readable"], ["-timestamp-ui"], ["-log-style", "classic"], ["-log-format", "json"]]
)
@pytest.mark.parametrize("giver", ["argument", "file", "environment"])
def test_building(place: Path, status: str, options: list[str], giver: str) -> None:
    (place / "n.pkr.hcl").write_text(NULL.replace("STATUS", status))
    environment = dict(os.environ)
    words = [sys.executable, "-m", "bakelift", "build", "-color=false", "-allow-local", *options]
    if giver == "argument":
        # Its own command line is the caller's choice: what is looked for is what bakelift starts.
        words = [
            sys.executable,
            "-c",
            f"{_MAIN}main(['build', '-color=false', '-allow-local', *{options!r}, '-var', V, 'n.pkr.hcl']))",
        ]
    elif giver == "file":
        (place / "v.pkrvars.hcl").write_text('secret = "given-qx7wz9kf"\n')
        words += ["-var-file", "v.pkrvars.hcl", "n.pkr.hcl"]
    else:
        environment["PKR_VAR_secret"] = "given-qx7wz9kf"
        words += ["n.pkr.hcl"]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode != 0) == (status != "0"), done.stdout + done.stderr
    assert "out <sensitive>" in done.stdout
    assert_nowhere(done.stdout, done.stderr)
    assert "bakelift" in (place / "arguments").read_text()
    assert_in_no_file(place, *GIVEN, "n.pkr.hcl")
    assert not list(place.glob("packer-shell*"))


_MAIN = "import sys; from bakelift.__main__ import main; V = 'secret=given-' + 'qx7' + 'wz9kf'; sys.exit("
