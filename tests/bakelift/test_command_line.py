"""Packer's habits on the command line, and what a person sees who gets it wrong."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bakelift.__main__ import COMMANDS, main
from bakelift.arguments import VARIABLES, Command, Option, Usage, parse

COMMAND = Command(
    "translate",
    "Translates.",
    "TEMPLATE",
    (*VARIABLES, Option("force", "overwrite"), Option("to", "format", "FORMAT", choices=("arm", "hcl"))),
    "bakelift translate x",
)


def test_one_dash_two_dashes_before_and_after() -> None:
    parsed = parse(COMMAND, ["-var", "a=-1", "x.hcl", "-force", "--only=a,b", "--var", "c=d", "-to", "arm"])
    assert parsed.positionals == ["x.hcl"]
    assert parsed.texts("var") == ["a=-1", "c=d"]
    assert parsed.names("only") == ["a", "b"]
    assert parsed.flag("force") and parsed.text("to") == "arm"


def test_a_flag_does_not_swallow_what_follows() -> None:
    assert parse(COMMAND, ["-force", "x.hcl"]).positionals == ["x.hcl"]
    assert not parse(COMMAND, ["-force=false", "x.hcl"]).flag("force")


def test_a_value_may_begin_with_a_dash() -> None:
    assert parse(COMMAND, ["-var", "-x=1", "t"]).texts("var") == ["-x=1"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["-nly", "a", "x"], "did you mean -only"),
        (["x", "y"], "takes TEMPLATE, not: x y"),
        ([], "takes TEMPLATE"),
        (["-to", "q", "x"], "takes one of"),
        (["-force=maybe", "x"], "true or false"),
        (["x", "-var"], "-var needs a value"),
    ],
)
def test_misuse_is_explained(words: list[str], says: str) -> None:
    with pytest.raises(Usage, match=says):
        parse(COMMAND, words)


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-help"]) == 0
    out = capsys.readouterr().out
    assert all(f"  {name} " in out for name in COMMANDS)
    assert main([]) == 1


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_help_with_an_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name, "-help"]) == 0
    out = capsys.readouterr().out
    assert f"usage: bakelift {name}" in out and "example:" in out


def test_an_unknown_command_is_suggested(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trnslate"]) == 2
    assert "Did you mean translate?" in capsys.readouterr().err


def test_statuses_of_misuse(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["translate", "-nosuch", "x"]) == 2
    assert main(["build", "-nosuch", "x"]) == 1
    capsys.readouterr()


def test_a_missing_template_is_said_in_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["translate", "nosuch.pkr.hcl"]) == 1
    assert "there is no template nosuch.pkr.hcl" in capsys.readouterr().err


def test_law_9_importing_loads_nothing_heavy(tmp_path: Path) -> None:
    heavy = (
        "azure",
        "jsonschema",
        "jinja2",
        "rich",
        "asyncio",
        "requests",
        "asyncssh",
        "dataclasses",
        "typing",
        "inspect",
    )
    program = (
        "import sys, bakelift, bakelift.translator, bakelift.__main__, bakelift.arguments\n"
        f"print([m for m in {heavy!r} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_translating_loads_only_what_it_needs(tmp_path: Path) -> None:
    """A template of the common kind: no module that takes long to load, and none that only another job needs."""
    unwanted = (
        *("argparse", "asyncio", "dataclasses", "decimal", "difflib", "gettext", "hashlib", "importlib.metadata"),
        *("inspect", "jinja2", "jsonschema", "locale", "logging", "numbers", "pathlib", "rich", "subprocess"),
        *("tempfile", "typing", "uuid"),
        "bakelift.runner",
        "bakelift.translator.imagebuilder.lowering.powershell",
        "bakelift.translator.imagebuilder.raising",
        "bakelift.translator.imagebuilder.reader",
        "bakelift.translator.languages.arm.parser",
        "bakelift.translator.languages.hcl.printer",
        "bakelift.translator.packer.hcl_writer",
        "bakelift.translator.packer.json_reader",
    )
    (tmp_path / "image.pkr.hcl").write_text(
        'source "azure-arm" "image" {\n'
        '  os_type = "Linux"\n'
        '  image_publisher = "canonical"\n'
        '  image_offer = "ubuntu-24_04-lts"\n'
        '  image_sku = "server"\n'
        '  location = "westeurope"\n'
        '  managed_image_name = "web"\n'
        '  managed_image_resource_group_name = "images"\n'
        "}\n"
        'build {\n  sources = ["source.azure-arm.image"]\n'
        '  provisioner "shell" {\n    inline = ["echo hello"]\n  }\n}\n'
    )
    program = (
        "import sys\n"
        "before = set(sys.modules)\n"
        "from bakelift.__main__ import main\n"
        "status = main(['translate', 'image.pkr.hcl', '-out', 'out.json'])\n"
        f"print(status, [m for m in {unwanted!r} if m in sys.modules and m not in before])"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "0 []", done.stderr
