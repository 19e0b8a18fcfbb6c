"""``bakelift validate``: Packer's verdicts, the same defect at the right line, and the forms in which it is told."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from bakelift.__main__ import main

#: Templates that Packer 1.6.6 rejects (and 65, which Packer rejects since 1.7): what we say, and at which line.
BROKEN = {
    "01-json-syntax.json": ("json/syntax", 3),
    "02-unknown-root-key.json": ("json/unknown-root-key", 1),
    "03-no-builders.json": ("packer/no-builders", 1),
    "04-unknown-builder.json": ("packer/unknown-component", 1),
    "05-unknown-provisioner.json": ("packer/unknown-component", 1),
    "06-missing-type.json": ("json/missing-type", 1),
    "07-dup-builder-name.json": ("json/duplicate-builder", 1),
    "08-required-var.json": ("packer/unset-variable", 1),
    "09-undefined-user-var.json": ("packer/unset-variable", 1),
    "10-undefined-user-in-builder.json": ("build/no-login", 1),
    "11-env-outside-vars.json": ("template/function-not-allowed", 1),
    "12-bad-engine-func.json": ("template/unknown-function", 1),
    "13-bad-engine-syntax.json": ("template/syntax", 1),
    "14-unknown-config-key.json": ("json/unknown-option", 1),
    "15-shell-no-script.json": ("build/no-script", 1),
    "16-shell-missing-file.json": ("build/bad-script", 1),
    "17-bad-duration.json": ("json/bad-duration", 1),
    "18-bad-type.json": ("json/wrong-type", 1),
    "19-min-version.json": ("packer/version", 1),
    "20-only-unknown-build.json": ("json/unknown-builder", 1),
    "21-override-unknown.json": ("json/unknown-builder", 1),
    "22-null-missing-host.json": ("packer/no-username", 1),
    "23-dup-json-key.json": ("json/duplicate-field", 1),
    "24-comment-nonstring.json": ("json/comment-type", 1),
    "25-inner-underscore-key.json": ("json/unknown-option", 1),
    "30-azure-empty.json": ("azure/no-destination", 1),
    "31-azure-sources-conflict.json": ("azure/source-conflict", 1),
    "32-azure-location-and-build-rg.json": ("azure/location-conflict", 1),
    "33-azure-bad-values.json": ("azure/bad-name", 1),
    "34-azure-sig-dest.json": ("azure/destination-incomplete", 1),
    "35-azure-plan.json": ("azure/plan-incomplete", 1),
    "36-azure-unknown-key.json": ("json/unknown-option", 1),
    "37-azure-sig-source.json": ("azure/source-incomplete", 1),
    "38-azure-vhd-only.json": ("azure/destination-incomplete", 1),
    "50-hcl-syntax.pkr.hcl": ("hcl/multi-line-string", 2),
    "51-unknown-block.pkr.hcl": ("packer/unknown-block", 4),
    "52-unknown-source.pkr.hcl": ("packer/unknown-source", 4),
    "53-unsupported-arg.pkr.hcl": ("packer/unknown-option", 7),
    "54-undefined-var.pkr.hcl": ("packer/unknown-name", 7),
    "55-unset-var.pkr.hcl": ("packer/unset-variable", 1),
    "56-var-type-mismatch.pkr.hcl": ("packer/default-type", 3),
    "57-validation-fail.pkr.hcl": ("packer/validation-failed", 3),
    "58-dup-variable.pkr.hcl": ("packer/duplicate-variable", 2),
    "59-dup-source.pkr.hcl": ("packer/duplicate-source", 4),
    "60-unknown-func.pkr.hcl": ("packer/unknown-function", 1),
    "61-unknown-provisioner.pkr.hcl": ("packer/unknown-component", 6),
    "62-required-version.pkr.hcl": ("packer/version", 1),
    "63-wrong-attr-type.pkr.hcl": ("packer/wrong-type", 7),
    "64-only-and-except.pkr.hcl": ("packer/only-and-except", 8),
    "65-missing-build.pkr.hcl": ("packer/no-build", 1),
    "66-validation-message-bad.pkr.hcl": ("packer/validation", 5),
    "67-bad-source-ref.pkr.hcl": ("packer/bad-source-reference", 5),
    "68-local-cycle.pkr.hcl": ("packer/local-circle", 2),
    "69-azure-missing-required.pkr.hcl": ("packer/unknown-option", 6),
    "70-go-template-in-hcl.pkr.hcl": ("template/unknown-function", 7),
}
VALID = ("39-ok.json", "71-hcl-ok.pkr.hcl")
#: Those that Packer rejects with -syntax-only too.
SYNTAX = ("01", "02", "06", "07", "17", "23", "24", "50", "51", "56", "58", "62", "66")
_GROUP = r'"^[^_\\W][\\w-._\\(\\)]{0,89}$"'
_IMAGE = r'"^[^_\\W][\\w-._)]{0,79}$"'
_CLOSED = "and not end with a '-' or '.'."
#: Of 33, what Packer since azure 1.x says too: a managed image beside a VHD, and no capture_name_prefix, are fine now.
AZURE_VALUES = [
    "A capture_container_name must not end with a hyphen, e.g. '-'.",
    "A capture_container_name must not contain consecutive hyphens, e.g. '--'.",
    'A capture_container_name must satisfy the regular expression "^[a-z0-9][a-z0-9\\\\-]{2,62}$".',
    f"The setting managed_image_resource_group_name must match the regular expression {_GROUP}, {_CLOSED}",
    f"The setting managed_image_name must match the regular expression {_IMAGE}, {_CLOSED}",
    "If virtual_network_subnet_name is specified, so must virtual_network_name",
    "The setting allowed_inbound_ip_addresses must only contain valid IP addresses or CIDR blocks",
    'The os_type "Solaris" is invalid',
    'The managed_image_storage_account_type "Gold" is invalid',
    'The disk_caching_type "Fast" is invalid',
]

NULL = 'source "null" "a" {\n  communicator = "none"\n}\n'
BUILD = 'build {\n  sources = ["null.a"]\n'


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, list[dict[str, object]]]:
    """Status and diagnostics of a validation."""
    status = main(["validate", "-format", "json", *words])
    out = capsys.readouterr().out
    diagnostics: list[dict[str, object]] = json.loads(out)["diagnostics"]
    return status, diagnostics


def summaries(diagnostics: list[dict[str, object]], severity: str = "error") -> list[object]:
    return [d["summary"] for d in diagnostics if d["severity"] == severity]


def codes(diagnostics: list[dict[str, object]], severity: str = "error") -> list[object]:
    return [d["code"] for d in diagnostics if d["severity"] == severity]


@pytest.fixture
def broken(shared: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = shared / "oracles" / "packer-1.6.6" / "v-broken"
    monkeypatch.chdir(folder)
    return folder


def test_every_case_is_listed(broken: Path) -> None:
    cases = {p.name for p in broken.iterdir() if not p.name.endswith(".out")}
    assert cases == {*BROKEN, *VALID}
    assert len(cases) == 57


@pytest.mark.parametrize("name", BROKEN)
def test_the_same_defect_at_the_same_line(name: str, broken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, diagnostics = said(capsys, name)
    code, line = BROKEN[name]
    assert status == 1
    found = [(d["code"], d["span"]["line"]) for d in diagnostics if d["severity"] == "error"]  # type: ignore[index]
    assert (code, line) in found
    verdict = (broken / f"{name}.validate.out").read_text().rstrip()
    assert verdict.endswith("exit=0" if name.startswith("65") else "exit=1")


@pytest.mark.parametrize("name", VALID)
def test_what_packer_accepts(name: str, broken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", name]) == 0
    assert capsys.readouterr().out == "The configuration is valid.\n"


def test_only_the_syntax(broken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rejected = [name for name in sorted([*BROKEN, *VALID]) if main(["validate", "-syntax-only", name])]
    assert tuple(name[:2] for name in rejected) == SYNTAX
    assert "Syntax-only check passed. Everything looks okay.\n" in capsys.readouterr().out


def test_all_errors_of_a_component_are_told(broken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert summaries(said(capsys, "33-azure-bad-values.json")[1]) == AZURE_VALUES
    assert summaries(said(capsys, "16-shell-missing-file.json")[1]) == [
        "Only one of script or scripts can be specified.",
        "Bad script 'missing.sh': stat missing.sh: no such file or directory",
        "Environment variable not in format 'key=value': FOO",
        "Environment variable not in format 'key=value': =x",
    ]
    assert len(summaries(said(capsys, "22-null-missing-host.json")[1])) == 4


#: Other oracles: the command line, the status, and what is said. A template whose second rendering fails (b23) is
#: accepted by ``packer validate`` and fails in ``packer build``; here both say so.
OTHERS = (
    ("m-misc", ["b.json"], 0, []),
    ("m-misc", ["d.pkr.hcl"], 0, []),
    ("m-misc", ["e.pkr.json"], 0, []),
    ("m-misc", ["f.pkr.hcl"], 0, []),
    ("m-misc", ["-var", "flag=maybe", "d.pkr.hcl"], 1, ["Variables not allowed"]),
    ("m-misc", ["nosuch.json"], 1, ["there is no template nosuch.json"]),
    ("m-misc", ["nosuch.pkr.hcl"], 1, ["there is no template nosuch.pkr.hcl"]),
    ("m-misc", ["empty"], 1, ["there is no template in empty"]),
    ("m-misc", ["."], 1, ["Duplicate source block"]),
    ("b23-double-interpolation", ["template.json"], 1, ['function "x" not defined']),
    ("b24-hcl-for-heredoc", ["template.pkr.hcl"], 0, []),
    ("h-go-templates-in-hcl", ["t.pkr.hcl"], 0, []),
    (
        "h-go-templates-in-hcl",
        ["fails.pkr.hcl"],
        1,
        [
            "error calling template_dir: template path not available",
            "error calling user: there are no user variables in HCL: write ${var.NAME}",
        ],
    ),
    ("p-var-precedence/json", ["t.json"], 0, []),
    (
        "p-var-precedence/json",
        ["nonstring.json"],
        1,
        ["variable n: '' expected type 'string', got unconvertible type 'float64'"],
    ),
    ("p-var-precedence/hcl", ["-var", "n=abc", "t.pkr.hcl"], 1, ["Invalid argument value for -var variable"]),
    ("p-var-precedence/hcl", ["-var", "nosuch=1", "t.pkr.hcl"], 1, ["Undefined -var variable"]),
    ("b14-hcl-basic", ["-except", "*", "build.pkr.hcl"], 0, []),
)


@pytest.mark.parametrize(("folder", "words", "status", "expected"), OTHERS)
def test_other_oracles(
    shared: Path,
    folder: str,
    words: list[str],
    status: int,
    expected: list[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(shared / "oracles" / "packer-1.6.6" / folder, copy)
    monkeypatch.chdir(copy)
    got, diagnostics = said(capsys, *words)
    assert (got, summaries(diagnostics)) == (status, expected)


def test_undeclared_values_are_warned_of(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = shared / "oracles" / "packer-1.6.6" / "p-var-precedence" / "hcl"
    words = ["-var-file", str(folder / "vf2.pkrvars.json"), str(folder / "t.pkr.hcl")]
    assert codes(said(capsys, *words)[1], "warning") == ["packer/undeclared-variable"]
    assert said(capsys, "-warn-undeclared-var=false", *words) == (0, [])


# Forms


@pytest.fixture
def two_defects(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A template with an error, and a warning."""
    text = NULL + BUILD + '  provisioner "shell" {\n    only = ["null.b"]\n  }\n'
    (tmp_path / "two.pkr.hcl").write_text(text + '  provisioner "file" {\n    source = "x, y"\n  }\n}\n')
    monkeypatch.chdir(tmp_path)
    return "two.pkr.hcl"


def test_text_is_in_the_form_of_diagnostics(two_defects: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", two_defects]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Error: Destination must be specified. [build/no-destination]\n\n  on two.pkr.hcl:9:" in captured.err
    assert "Warning: 'only' names a source that this build has not: null.b" in captured.err
    # Warnings first: what stopped the work stands above the prompt.
    assert captured.err.index("Warning") < captured.err.index("Error")


def test_json_counts(two_defects: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "-format=json", two_defects]) == 1
    data = json.loads(capsys.readouterr().out)
    assert (data["version"], data["valid"]) == (1, False)
    assert data["counts"] == {"error": 2, "warning": 1, "note": 0}


def test_github_annotations(two_defects: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "-format=github", two_defects]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("::warning file=two.pkr.hcl,line=7,endLine=7,col=13,endColumn=21,title='only' names a")
    assert any(
        line.startswith("::error file=two.pkr.hcl,line=10,") and "Bad source 'x%2C y'%3A" in line for line in lines
    )


def test_sarif(two_defects: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "-format=sarif", two_defects]) == 1
    log = json.loads(capsys.readouterr().out)
    run = log["runs"][0]
    assert log["version"] == "2.1.0"
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    region = run["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 7, "startColumn": 13, "endLine": 7, "endColumn": 21}


@pytest.mark.parametrize(("fail_on", "status"), [("none", 0), ("error", 0), ("warning", 1), ("note", 1)])
def test_what_fails(fail_on: str, status: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "w.pkr.hcl").write_text(
        NULL + BUILD + '  provisioner "shell-local" {\n    except = ["null.z"]\n    inline = ["true"]\n  }\n}\n'
    )
    assert main(["validate", "-fail-on", fail_on, str(tmp_path / "w.pkr.hcl")]) == status
    assert capsys.readouterr().err.startswith("Warning: 'except' names a source that this build has not: null.z")


def test_misuse_is_1(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate"]) == 1
    assert main(["validate", "-format=xml", "x.json"]) == 1
    assert "usage: bakelift validate" in capsys.readouterr().err


# What is checked


def checked(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, *words: str) -> list[dict[str, object]]:
    (tmp_path / "t.pkr.hcl").write_text(text)
    return said(capsys, *words, str(tmp_path / "t.pkr.hcl"))[1]


def test_computed_values_must_fit_their_options(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = 'variable "lines" {\n  default = "echo"\n}\nvariable "wait" {\n  default = "soon"\n}\n' + NULL + BUILD
    text += '  provisioner "shell-local" {\n    inline = var.lines\n    pause_before = var.wait\n  }\n}\n'
    assert codes(checked(tmp_path, capsys, text)) == ["packer/wrong-type", "build/not-a-duration"]


def test_an_error_of_two_images_is_told_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (
        NULL + NULL.replace('"a"', '"b"') + 'build {\n  sources = ["null.a", "null.b"]\n  provisioner "shell" {}\n}\n'
    )
    assert codes(checked(tmp_path, capsys, text)) == ["build/no-script"]


def test_what_a_data_source_gives_is_not_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = 'data "http" "x" {\n  url = "http://127.0.0.1/"\n}\n' + NULL + BUILD
    text += '  provisioner "shell-local" {\n    inline = [data.http.x.body]\n  }\n}\n'
    assert checked(tmp_path, capsys, text) == []


def test_a_plugin_that_the_template_requires_may_have_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plugin = '    {} = {{\n      source = "github.com/me/{}"\n      version = ">= 1"\n    }}\n'.format("dust", "dust")
    text = "packer {\n  required_plugins {\n" + plugin + "  }\n}\n" + NULL + BUILD
    found = checked(tmp_path, capsys, text + '  provisioner "dust-off" {\n    x = 1\n  }\n}\n')
    assert [(d["severity"], d["code"]) for d in found] == [("warning", "packer/unknown-component")]
    found = checked(tmp_path, capsys, NULL + BUILD + '  provisioner "shel" {}\n}\n')
    assert [(d["code"], d["detail"]) for d in found] == [("packer/unknown-component", 'Did you mean to use "shell"?')]


def test_secrets_are_not_quoted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = 'variable "key" {\n  sensitive = true\n  default = "s3cr3t-path"\n}\n' + NULL + BUILD
    found = checked(tmp_path, capsys, text + '  provisioner "shell" {\n    script = var.key\n  }\n}\n')
    assert summaries(found) == ["Bad script '<sensitive>': stat <sensitive>: no such file or directory"]


def test_only_some_builds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = NULL + 'source "null" "bad" {}\nbuild {\n  sources = ["null.a", "null.bad"]\n}\n'
    assert checked(tmp_path, capsys, text, "-only", "null.a") == []
    assert "packer/no-username" in codes(checked(tmp_path, capsys, text))


def test_an_image_builder_template(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    template = {
        "type": "Microsoft.VirtualMachineImages/imageTemplates",
        "apiVersion": "2024-02-01",
        "name": "web",
        "location": "westeurope",
        "identity": {"type": "UserAssigned", "userAssignedIdentities": {"/subscriptions/s/resourceGroups/g": {}}},
        "properties": {
            "buildTimeoutInMinutes": 3,
            "source": {"type": "PlatformImage", "publisher": "p", "offer": "o", "sku": "s", "version": "latest"},
            "customize": [{"type": "Shell", "name": "x", "inline": ["true"], "scriptUri": "https://x/y.sh"}],
            "distribute": [{"type": "VHD", "runOutputName": "web"}],
        },
    }
    path = tmp_path / "aib.json"
    path.write_text(json.dumps(template, indent=1))
    status, found = said(capsys, str(path))
    assert status == 1
    assert [(d["summary"], d["span"]["line"]) for d in found if d["severity"] == "error"] == [  # type: ignore[index]
        ("buildTimeoutInMinutes: is 3; the service takes 0 or 6 to 960", 13),
        ("customize[0]: needs either inline or scriptUri", 22),
        ("A Shell customizer has inline and scriptUri", 28),
    ]
    template["apiVersion"] = "2031-01-01"
    path.write_text(json.dumps(template, indent=1))
    assert codes(said(capsys, str(path))[1]) == ["aib/api-version", "arm/script"]
