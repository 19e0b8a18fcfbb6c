"""Small templates and what Packer 1.16 says of them: each was run through its ``validate``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bakelift.__main__ import main

SOURCE = 'source "null" "a" {\n  communicator = "none"\n}\n'
BUILD = SOURCE + 'build {\n  sources = ["null.a"]\n}\n'


def step(body: str) -> str:
    return SOURCE + f'build {{\n  sources = ["null.a"]\n  provisioner "shell-local" {{\n{body}\n  }}\n}}\n'


def variable(body: str) -> str:
    return f'variable "o" {{\n{body}\n}}\n' + BUILD


def requires(body: str) -> str:
    return f"packer {{\n  required_plugins {{\n    {body}\n  }}\n}}\n" + BUILD


ACCEPTED = {
    "an optional attribute": variable("type = object({ a = optional(string), b = optional(number, 3) })\ndefault = {}"),
    "a default made of operators": variable('default = true ? "a" : "b"'),
    "a bool as text": variable('default = "x"\nsensitive = "true"'),
    "a condition that asks for a file": variable(
        'default = "x"\nvalidation {\n  condition = !fileexists(var.o)\n  error_message = "It is there."\n}'
    ),
    "an unused source with a slip": 'source "null" "b" {\n  bogus = 1\n}\n' + BUILD,
    "an unused source of an unknown builder": 'source "nope" "b" {\n  bogus = 1\n}\n' + BUILD,
    "a source that no build can name": 'source "null" "1a" {\n  communicator = "none"\n}\n' + BUILD,
    "an override that is decoded weakly": step('inline = ["x"]\noverride = {\n  a = { inline = "y" }\n}'),
    "an override in other letters": step('inline = ["x"]\noverride = {\n  a = { INLINE = ["y"] }\n}'),
    "continue_on_error": step('inline = ["x"]\ncontinue_on_error = true'),
    "a null option": step('inline = ["x"]\nenv = null'),
    "what the other side decides": BUILD + "locals {\n  a = true || null\n  b = upper(1, 2) && false\n}\n",
    "a local behind 30 others": BUILD
    + "locals {\n"
    + "".join(f"  a{n} = local.a{n + 1}\n" for n in range(30))
    + "  a30 = 1\n}\n",
    "data that needs a local": BUILD + 'data "null" "x" {\n  input = local.a\n}\nlocals {\n  a = "q"\n}\n',
    "a label of HCL's own": step('inline = ["x"]').replace('"shell-local"', "shell-local"),
    "dynamic of nothing": BUILD.replace(
        "]\n}", ']\n  dynamic "provisioner" {\n    for_each = {}\n    labels = ["shell-local"]\n    content {}\n  }\n}'
    ),
    "a plugin": requires('x = { version = ">= 1, < 2.0.0", source = "github.com/a/b" }'),
}
#: text, code, line
REJECTED = {
    "optional outside an object": (variable('type = list(optional(string))\ndefault = ["x"]'), "hcl/type", 2),
    "a call in the default of an attribute": (
        variable('type = object({ a = optional(string, upper("x")) })\ndefault = {}'),
        "hcl/type",
        2,
    ),
    "no bool": (variable('default = "x"\nsensitive = "maybe"'), "packer/wrong-type", 3),
    "a message with a variable": (
        variable('default = "x"\nvalidation {\n  condition = var.o == "x"\n  error_message = "Not ${var.o}."\n}'),
        "packer/validation",
        5,
    ),
    "a message that is a number": (
        variable('default = "x"\nvalidation {\n  condition = var.o == "x"\n  error_message = 5\n}'),
        "packer/validation",
        5,
    ),
    "a condition that is no bool": (
        variable('default = "x"\nvalidation {\n  condition = var.o\n  error_message = "Bad."\n}'),
        "packer/validation",
        4,
    ),
    "a condition that is null": (
        variable('default = "x"\nvalidation {\n  condition = var.o == "x" ? null : true\n  error_message = "Bad."\n}'),
        "packer/validation",
        4,
    ),
    "data in a circle": (
        'data "null" "x" {\n  input = data.null.y.output\n}\ndata "null" "y" {\n  input = data.null.x.output\n}\n'
        + BUILD,
        "packer/local-circle",
        1,
    ),
    "data of another type": ('data "null" "x" {\n  input = ["a"]\n}\n' + BUILD, "packer/wrong-type", 2),
    "data whose name is none": ('data "null" "1x" {\n  input = "a"\n}\n' + BUILD, "packer/bad-name", 1),
    "data with an unknown Go function": (
        'data "null" "x" {\n  input = "{{nofunc}}"\n}\n' + BUILD,
        "template/unknown-function",
        2,
    ),
    "what http does not give": (
        'data "http" "x" {\n  url = "http://127.0.0.1/"\n}\nlocals {\n  a = data.http.x.nope\n}\n' + BUILD,
        "hcl/attribute",
        5,
    ),
    "an unknown method": (
        'data "http" "x" {\n  url    = "http://127.0.0.1/"\n  method = "get"\n}\n' + BUILD,
        "data/method",
        3,
    ),
    "generated data in a local": ("locals {\n  a = build.ID\n}\n" + BUILD, "packer/unknown-name", 2),
    "the build's name in a source": (
        BUILD.replace('communicator = "none"', "communicator = build.name"),
        "packer/unknown-name",
        2,
    ),
    "what no build gives": (step('inline = ["${build.nope}"]'), "packer/unknown-name", 7),
    "for_each of a text": (
        BUILD.replace(
            "]\n}",
            ']\n  dynamic "provisioner" {\n    for_each = "x"\n    labels = ["shell-local"]\n    content {}\n  }\n}',
        ),
        "packer/bad-dynamic",
        7,
    ),
    "null in a list": (step('inline = ["a", null]'), "packer/wrong-type", 7),
    "null in a map": (step('inline = ["a"]\nenv = { A = null }'), "packer/wrong-type", 8),
    "a reference as a key": (BUILD + 'locals {\n  k = "x"\n  a = { local.k = 1 }\n}\n', "hcl/ambiguous-key", 9),
    "an override of what only a step has": (
        step('inline = ["x"]\noverride = {\n  a = { pause_before = "5s" }\n}'),
        "packer/unknown-option",
        9,
    ),
    "a plugin without a source": (requires('x = { version = ">= 1" }'), "packer/required-plugins", 3),
    "a plugin without a version": (requires('x = { source = "github.com/a/b" }'), "packer/required-plugins", 3),
    "a plugin as a text": (requires('x = ">= 1"'), "packer/required-plugins", 3),
    "a plugin with no version": (
        requires('x = { version = "banana", source = "github.com/a/b" }'),
        "packer/required-plugins",
        3,
    ),
    "a plugin from nowhere": (requires('x = { version = ">= 1", source = "a" }'), "packer/required-plugins", 3),
}
#: Packer accepts these, and then runs a script with "<unknown>" in it.
STRICTER = {
    "the source's name in a local": ("locals {\n  a = source.name\n}\n" + BUILD, "packer/unknown-name", 2),
    "a name that nothing has, where it does not matter": (
        "locals {\n  a = true || foo.bar\n}\n" + BUILD,
        "packer/unknown-name",
        2,
    ),
}


def errors(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str) -> tuple[int, list[tuple[str, int]]]:
    path = tmp_path / "t.pkr.hcl"
    path.write_text(text)
    status = main(["validate", "-format", "json", str(path)])
    told = json.loads(capsys.readouterr().out)["diagnostics"]
    return status, [(d["code"], d["span"]["line"]) for d in told if d["severity"] == "error"]


@pytest.mark.parametrize("what", ACCEPTED)
def test_accepted(what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert errors(tmp_path, capsys, ACCEPTED[what]) == (0, [])


@pytest.mark.parametrize("what", [*REJECTED, *STRICTER])
def test_rejected(what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text, code, line = {**REJECTED, **STRICTER}[what]
    status, told = errors(tmp_path, capsys, text)
    assert status == 1
    assert (code, line) in told
    assert len(told) <= 2


def legacy(step: str = '"inline": ["x"]', more: str = "") -> str:
    steps = f'"provisioners": [{{"type": "shell-local", {step}}}]'
    return f'{{"builders": [{{"type": "null", "communicator": "none"}}],\n{steps}{more}}}'


LEGACY = {
    "a cleanup step for builders that are not there": (
        legacy(more=', "error-cleanup-provisioner": {"type": "shell-local", "inline": ["x"], "only": ["zz"]}'),
        None,
    ),
    "a field that a template gives no value": (legacy('"inline": ["{{.Nope}}"]'), None),
    "what build does not have": (legacy('"inline": ["{{build `Nope`}}"]'), "template/not-available"),
    "half a retry": (legacy('"inline": ["x"], "max_retries": 1.5'), "json/wrong-type"),
    "the builder's name in a variable": (
        legacy(more=', "variables": {"a": "{{build_name}}"}'),
        "template/not-available",
    ),
}


@pytest.mark.parametrize("what", LEGACY)
def test_legacy(what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text, code = LEGACY[what]
    path = tmp_path / "t.json"
    path.write_text(text)
    status = main(["validate", "-format", "json", str(path)])
    told = [d["code"] for d in json.loads(capsys.readouterr().out)["diagnostics"] if d["severity"] == "error"]
    assert (status, told) == ((1, [code]) if code else (0, []))
