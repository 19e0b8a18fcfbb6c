"""A parameter's value never becomes code: whole templates, their text as a deployment makes it, run or read by words.

The evaluator of ARM's expressions and the reader of PowerShell's words are the test's own.
"""

from __future__ import annotations

import random
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SOURCE = """
variable "tier" {{ type = string }}
source "azure-arm" "web" {{
  os_type         = "{os}"
  image_publisher = "p"
  image_offer     = "o"
  image_sku       = "s"
  location        = "westeurope"
  vm_size         = "Standard_D2s_v5"

  managed_image_name                = "web"
  managed_image_resource_group_name = "images"
}}
build {{
  sources = ["source.azure-arm.web"]
{step}
}}
"""
DECLARED = 'variable "tier" {{ type = string }}'
PIECES = [
    *"'\"`$\\;&|<>(){}[]*?!#~%^=\n\t ",
    "$(touch pwned)",
    "`touch pwned`",
    "'; touch pwned; '",
    '"; touch pwned; "',
    "]",
    "[",
    "${HOME}",
    "\u2018",
    "\u2019; New-Item pwned; \u2019",
    "\u201b",
    "\u201c",
    "'@",
    "\n'@\n",
    "EOF",
    "\nBAKELIFT\n",
    "{0}",
    "'''",
    "\\'",
    "@'",
    "\u00e9",
    "a b",
]


def hostile(count: int) -> list[str]:
    chance = random.Random(20240607)
    return ["".join(chance.choices(PIECES, k=chance.randint(1, 7))) for _ in range(count)]


HOSTILE = hostile(100)


def deployed(line: str, value: str) -> str:
    """A string of the template as ARM evaluates it; the only parameter has the value."""
    if not (line.startswith("[") and line.endswith("]")):
        return line
    if line.startswith("[["):
        return line[1:]
    words = re.findall(r"'(?:[^']|'')*'|\w+|[(),]", line[1:-1])
    found, rest = _call(words, value)
    assert rest == [], line
    return found


def _call(words: list[str], value: str) -> tuple[str, list[str]]:
    first, *rest = words
    if first.startswith("'"):
        return first[1:-1].replace("''", "'"), rest
    args: list[str] = []
    assert rest.pop(0) == "("
    while rest[0] != ")":
        found, rest = _call(rest, value)
        args.append(found)
        if rest[0] == ",":
            rest.pop(0)
    rest.pop(0)
    if first == "parameters":
        assert args == ["tier"]
        return value, rest
    if first == "replace":
        return args[0].replace(args[1], args[2]), rest
    if first == "concat":
        return "".join(args), rest
    assert first == "format", first
    shape = re.sub(r"\{\{|\}\}|\{(\d+)\}", lambda m: args[int(m[1]) + 1] if m[1] else m[0][0], args[0])
    return shape, rest


def texts(found: Any, value: str) -> list[str]:
    """The scripts of the customizers, as Image Builder gets them."""
    template = found.outputs[0].template
    assert template is not None, [str(d) for d in found.diagnostics]
    customizers = template["resources"][0]["properties"]["customize"]
    return ["\n".join(deployed(line, value) for line in item["inline"]) + "\n" for item in customizers]


SHELL_STEPS = {
    "lines of their own": """
  provisioner "shell" {
    environment_vars = ["TIER=${var.tier}", "LONG=a ${var.tier} z"]
    inline           = ["printf '%s|%s' \\"$TIER\\" \\"$LONG\\""]
  }""",
    "env": """
  provisioner "shell" {
    env    = { TIER = var.tier, LONG = "a ${var.tier} z" }
    inline = ["printf '%s|%s' \\"$TIER\\" \\"$LONG\\""]
  }""",
    "a script": """
  provisioner "shell" {
    environment_vars = ["TIER=${var.tier}", "LONG=a ${var.tier} z"]
    script           = "scripts/show.sh"
  }""",
    "another shell": """
  provisioner "shell" {
    environment_vars = ["TIER=${var.tier}", "LONG=a ${var.tier} z"]
    inline_shebang   = "/bin/bash -eu"
    inline           = ["printf '%s|%s' \\"$TIER\\" \\"$LONG\\""]
  }""",
    "an execute command": """
  provisioner "shell" {
    environment_vars = ["TIER=${var.tier}", "LONG=a ${var.tier} z"]
    execute_command  = "chmod +x {{.Path}}; env {{.Vars}} {{.Path}}"
    script           = "scripts/show.sh"
  }""",
    "a file of variables": """
  provisioner "shell" {
    environment_vars = ["TIER=${var.tier}", "LONG=a ${var.tier} z"]
    use_env_var_file = true
    script           = "scripts/show.sh"
  }""",
    "tries": """
  provisioner "shell" {
    environment_vars = ["TIER=${var.tier}", "LONG=a ${var.tier} z"]
    max_retries      = 2
    inline           = ["printf '%s|%s' \\"$TIER\\" \\"$LONG\\""]
  }""",
}


@pytest.mark.parametrize("step", SHELL_STEPS)
def test_shell(step: str, translated: Callable[..., Any], tmp_path: Path) -> None:
    _same_in_shell(step, HOSTILE[:10], translated, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("step", SHELL_STEPS)
def test_shell_with_every_value(step: str, translated: Callable[..., Any], tmp_path: Path) -> None:
    _same_in_shell(step, HOSTILE, translated, tmp_path)


def _same_in_shell(step: str, values: list[str], translated: Callable[..., Any], tmp_path: Path) -> None:
    scripts = tmp_path / "scripts"
    scripts.mkdir()
    template = SOURCE.format(os="Linux", step="%STEP%")
    script = '#!/bin/sh\nprintf \'%s|%s\' "$TIER" "$LONG"\n'
    found = translated(template.replace("%STEP%", SHELL_STEPS[step]), files={"scripts/show.sh": script})
    for value in values:
        (text,) = texts(found, value)
        text = text.replace("/tmp/script_", f"{scripts}/script_").replace("/tmp/varfile_", f"{scripts}/varfile_")
        # Values with a final newline keep it: the shell's own $(…) would not.
        done = subprocess.run(
            ["/bin/sh", "-e", "-c", text],
            cwd=tmp_path,
            env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "SHELL": "/bin/sh"},
            capture_output=True,
            timeout=20,
            check=False,
        )
        assert done.stdout.decode() == f"{value}|a {value} z", (value, text, done.stderr)
        assert list(tmp_path.rglob("*")) == [scripts], value


# -- PowerShell -------------------------------------------------------------------------------------------------------

QUOTES = "'\u2018\u2019\u201a\u201b"


def words(text: str) -> list[tuple[str, str]]:
    """PowerShell's words: ("text", value) for single-quoted strings, ("code", …) for all else.

    Between single quotes, two quotes of any kind are one; a quote of any kind that stands alone ends the string.
    Source: PowerShell's tokenizer, ScanStringLiteral.
    """
    found: list[tuple[str, str]] = []
    code = ""
    at = 0
    while at < len(text):
        if text[at] not in QUOTES:
            code += text[at]
            at += 1
            continue
        found.append(("code", code))
        code, value = "", ""
        at += 1
        while True:
            assert at < len(text), f"a string without end: {value!r}"
            if text[at] in QUOTES:
                if at + 1 < len(text) and text[at + 1] in QUOTES:
                    value += text[at]
                    at += 2
                    continue
                break
            value += text[at]
            at += 1
        found.append(("text", value))
        at += 1
    return [*found, ("code", code)]


WINDOWS_STEP = """
  provisioner "powershell" {
    environment_vars = ["TIER=${var.tier}", "LONG=a ${var.tier} z"]
    inline           = ["Write-Output $env:TIER"]
  }"""


def test_powershell(translated: Callable[..., Any]) -> None:
    found = translated(SOURCE.format(os="Windows", step="%STEP%").replace("%STEP%", WINDOWS_STEP))
    for value in HOSTILE:
        (text,) = texts(found, value)
        body = text.split("\n", 1)[1]  # without the marker line, which is a comment
        read = [word for word in words(body) if word != ("code", "")]
        assert read == [
            ("code", "$env:LONG = "),
            ("text", f"a {value} z"),
            ("code", "\n$env:TIER = "),
            ("text", value),
            ("code", "\nWrite-Output $env:TIER\n"),
        ], (value, text)


def test_the_marker_line_is_one_comment_whatever_the_value(translated: Callable[..., Any]) -> None:
    found = translated(SOURCE.format(os="Windows", step="%STEP%").replace("%STEP%", WINDOWS_STEP))
    first = found.outputs[0].template["resources"][0]["properties"]["customize"][0]["inline"][0]
    assert first.startswith("# bakelift: ")
    assert "parameters" not in first


def test_values_that_are_known_are_quoted_the_same_way(translated: Callable[..., Any], tmp_path: Path) -> None:
    for value in HOSTILE[:12]:
        plain = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("${", "$${")
        step = f"""
  provisioner "shell" {{
    environment_vars = ["TIER={plain.replace("%{", "%%{")}"]
    inline           = ["printf '%s' \\"$TIER\\""]
  }}"""
        if "{{" in value or "\t" in value:
            continue
        found = translated(SOURCE.replace(DECLARED, "").format(os="Linux", step=step))
        (text,) = texts(found, "unused")
        done = subprocess.run(["/bin/sh", "-e", "-c", text], cwd=tmp_path, capture_output=True, timeout=20, check=False)
        assert done.stdout.decode() == value, (value, text)
        assert list(tmp_path.iterdir()) == []
