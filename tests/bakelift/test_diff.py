"""``bakelift diff``: what a change of a template means for the image."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from bakelift.__main__ import main
from bakelift.differences.markdown import ANCHOR

Diff = Callable[..., tuple[int, dict[str, object]]]


@pytest.fixture
def web(checkout: Path, tmp_path: Path) -> Callable[[str], Path]:
    """Copies of the fixture, by name: folders that are templates."""

    def copy(name: str) -> Path:
        shutil.copytree(checkout / "fixtures" / "web-server", tmp_path / name)
        return tmp_path / name

    return copy


@pytest.fixture
def diff(checkout: Path, capsys: pytest.CaptureFixture[str]) -> Diff:
    """Runs the command and gives its status and its JSON, which is by its schema."""
    schema = json.loads((checkout / "schemas" / "diff.schema.json").read_text())

    def run(*words: object) -> tuple[int, dict[str, object]]:
        capsys.readouterr()
        status = main(["diff", "-format", "json", *map(str, words)])
        data = json.loads(capsys.readouterr().out)
        jsonschema.validate(data, schema)
        return status, data

    return run


def edit(path: Path, *changes: tuple[str, str]) -> None:
    text = path.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)


def shown(data: dict[str, object], *keys: str) -> list[tuple[object, ...]]:
    changes = data["changes"]
    assert isinstance(changes, list)
    return [tuple(change[key] for key in keys) for change in changes]


def test_the_same_is_status_0(web: Callable[[str], Path], diff: Diff) -> None:
    status, data = diff(web("a"), web("b"))
    assert status == 0
    assert data["changes"] == [] and data["not_comparable"] == []


def test_a_setting(web: Callable[[str], Path], diff: Diff) -> None:
    a, b = web("a"), web("b")
    edit(b / "web.pkr.hcl", ("Standard_D2s_v5", "Standard_D4s_v5"))
    status, data = diff(a, b)
    assert status == 1
    assert shown(data, "class", "severity", "consequence", "path", "before", "after") == [
        (
            "size/cost",
            "medium",
            "in-place",
            "source.azure-arm.ubuntu.vm_size",
            '"Standard_D2s_v5"',
            '"Standard_D4s_v5"',
        )
    ]


def test_a_line_of_a_script_stands_at_its_place_in_the_script(web: Callable[[str], Path], diff: Diff) -> None:
    a, b = web("a"), web("b")
    edit(b / "scripts" / "install-site.sh", ("install -d -m 0755 /opt/web", "install -d -m 0700 /opt/web"))
    status, data = diff(a, b)
    assert status == 1
    [(kind, path, span, lines, consequence)] = shown(data, "class", "path", "span", "lines", "consequence")
    assert (kind, path, consequence) == ("script", "build[0].provisioner[1].script", "re-create")
    assert isinstance(span, dict) and span["file"].endswith("install-site.sh") and span["line"] == 4
    [hunk] = lines  # type: ignore[misc]
    changed = [line for line in hunk["lines"] if line[0] != " "]
    assert changed == ["-install -d -m 0755 /opt/web", "+install -d -m 0700 /opt/web"]


def test_a_moved_step_is_one_line(web: Callable[[str], Path], diff: Diff) -> None:
    a, b = web("a"), web("b")
    text = (a / "web.pkr.hcl").read_text()
    start = text.index('  provisioner "file" {')
    end = text.index('  provisioner "shell" {')
    step = text[start:end]
    last = text.index('  provisioner "shell" {', end + 10)
    (b / "web.pkr.hcl").write_text(text[:start] + text[end:last] + step + text[last:])
    status, data = diff(a, b)
    assert status == 1
    assert shown(data, "kind", "code") == [("moved", "diff/moved")]


def test_a_variable_names_what_it_decides(web: Callable[[str], Path], diff: Diff) -> None:
    a, b = web("a"), web("b")
    edit(b / "web.pkr.hcl", ('"West Europe"', '"North Europe"'))
    _, data = diff(a, b)
    [(kind, path, affects)] = shown(data, "class", "path", "affects")
    assert (kind, path) == ("distribution", "variable.location.default")
    assert affects == ["source.azure-arm.ubuntu.location"]


def test_values_of_one_side(web: Callable[[str], Path], diff: Diff) -> None:
    a, b = web("a"), web("b")
    status, data = diff("-var-b", "location=eastus", a, b)
    assert status == 1
    assert shown(data, "path", "before", "after") == [("variable.location.default", '"West Europe"', '"eastus"')]
    assert diff("-var", "location=eastus", a, b)[0] == 0


def test_naming_a_literal_is_cosmetic(web: Callable[[str], Path], diff: Diff) -> None:
    a, b = web("a"), web("b")
    edit(b / "web.pkr.hcl", ('"Standard_D2s_v5"', "var.size"))
    with (b / "web.pkr.hcl").open("a") as file:
        file.write('\nvariable "size" {\n  default = "Standard_D2s_v5"\n}\n')
    _, data = diff(a, b)
    assert {kind for (kind,) in shown(data, "class")} == {"cosmetic"}
    assert ("diff/same-value", "none") in shown(data, "code", "consequence")


def test_a_local_put_in_place_is_no_difference(web: Callable[[str], Path], diff: Diff) -> None:
    a, b = web("a"), web("b")
    edit(b / "web.pkr.hcl", ('"Standard_D2s_v5"', "local.size"), ("locals {", 'locals {\n  size = "Standard_D2s_v5"'))
    assert diff(a, b) == (0, diff(a, b)[1])


@pytest.mark.parametrize("to", ["arm", "resource", "json"])
def test_a_translation_is_no_difference(
    web: Callable[[str], Path], diff: Diff, to: str, capsys: pytest.CaptureFixture[str]
) -> None:
    a = web("a")
    known = ('env("ARM_SUBSCRIPTION_ID")', '"00000000-0000-0000-0000-000000000001"')
    edit(a / "web.pkr.hcl", known, ("web-${local.stamp}", "web-1"))
    out = a / "image.json"
    assert main(["translate", "-to", to, "-out", str(out), str(a)]) == 0
    for pair in ((a, out), (out, a)):
        status, data = diff(*pair)
        assert shown(data, "path", "summary", "before", "after") == []
        assert status == 0
        assert data["not_comparable"]
        assert diff("-strict", *pair)[0] == 1


def test_a_change_is_found_across_formats_at_its_place(web: Callable[[str], Path], diff: Diff) -> None:
    a, b = web("a"), web("b")
    out = a / "image.json"
    assert main(["translate", "-out", str(out), str(a)]) == 0
    edit(b / "web.pkr.hcl", ("Standard_D2s_v5", "Standard_D4s_v5"))
    status, data = diff(out, b)
    assert status == 1
    [(path, span)] = shown(data, "path", "span")
    assert path == "source.azure-arm.ubuntu.vm_size"
    assert isinstance(span, dict) and (span["file"], span["line"]) == (str(b / "web.pkr.hcl"), 57)


WEAKENED = {
    "diff/unpinned": (
        ('image_sku       = "server"', 'image_sku       = "server"\n  image_version   = "24.4.1"'),
        ('image_sku       = "server"', 'image_sku       = "server"\n  image_version   = "latest"'),
    ),
    "diff/public-network": (
        ('os_type         = "Linux"', 'os_type = "Linux"\n  virtual_network_name = "build"'),
        ('os_type         = "Linux"', 'os_type = "Linux"'),
    ),
    "diff/wider-identity": (
        ('os_type         = "Linux"', 'os_type = "Linux"\n  user_assigned_managed_identities = ["/id/a"]'),
        ('os_type         = "Linux"', 'os_type = "Linux"\n  user_assigned_managed_identities = ["/id/a", "/id/b"]'),
    ),
    "diff/secret-inlined": (
        ("client_secret   = var.client_secret", "client_secret   = var.client_secret"),
        ("client_secret   = var.client_secret", 'client_secret   = "hunter2hunter2"'),
    ),
    "diff/secret-shown": (("sensitive = true", "sensitive = true"), ("sensitive = true", "sensitive = false")),
}


@pytest.mark.parametrize("code", WEAKENED)
def test_what_weakens_an_image_is_named(web: Callable[[str], Path], diff: Diff, code: str) -> None:
    a, b = web("a"), web("b")
    for folder, change in zip((a, b), WEAKENED[code], strict=True):
        edit(folder / "web.pkr.hcl", change)
    _, data = diff(a, b)
    assert ("security", "high", code) in shown(data, "class", "severity", "code")
    assert "hunter2" not in json.dumps(data)


SCRIPTS = {
    "diff/checksum-removed": ('echo "$SUM  /tmp/t" | sha256sum -c -\n', ""),
    "diff/http": ("", "curl -fsSO http://mirror.example.com/t.tgz\n"),
    "diff/unchecked-download": ("", "curl -fsSL https://get.example.com | sudo bash\n"),
}


@pytest.mark.parametrize("code", SCRIPTS)
def test_scripts_that_trust_more_are_named(web: Callable[[str], Path], diff: Diff, code: str) -> None:
    a, b = web("a"), web("b")
    for folder, line in zip((a, b), SCRIPTS[code], strict=True):
        with (folder / "scripts" / "install-site.sh").open("a") as file:
            file.write(line)
    _, data = diff(a, b)
    assert shown(data, "class", "code") == [("security", code)]


def test_values_of_sensitive_variables_are_hidden(
    web: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    a, b = web("a"), web("b")
    for folder, value in ((a, "one-secret-value"), (b, "other-secret-value")):
        with (folder / "web.pkr.hcl").open("a") as file:
            file.write(f'\nvariable "token" {{\n  sensitive = true\n  default   = "{value}"\n}}\n')
        edit(folder / "web.pkr.hcl", ('role    = "web"', f'role = "{value}"\n    token = var.token'))
    for format in ("text", "markdown", "json", "html", "github", "sarif"):
        assert main(["diff", "-format", format, str(a), str(b)]) == 1
        told = capsys.readouterr()
        assert "secret-value" not in told.out + told.err
        assert "token" in told.out, "that it changed is said"


def test_broken_input_is_trouble(web: Callable[[str], Path], capsys: pytest.CaptureFixture[str]) -> None:
    a, b = web("a"), web("b")
    edit(b / "web.pkr.hcl", ("locals {", "locals {{"))
    assert main(["diff", str(a), str(b)]) == 2
    told = capsys.readouterr()
    assert told.out == "" and "web.pkr.hcl:41" in told.err
    assert main(["diff", str(a)]) == 2
    assert main(["diff", str(a), str(a / "absent.json")]) == 2


# -- a repository ----------------------------------------------------------------------------------------------------


@pytest.fixture
def repository(web: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two templates that share a script; the second commit changes it, and one of them."""
    top = tmp_path / "repository"
    top.mkdir()
    for name in ("one", "two"):
        web(name).rename(top / name)
        edit(
            top / name / "web.pkr.hcl",
            (
                'provisioner "file" {',
                'provisioner "shell" {\n    script = "${path.root}/../common.sh"\n  }\n\n  provisioner "file" {',
            ),
        )
    (top / "common.sh").write_text("#!/bin/sh\nset -e\napt-get update\n")
    monkeypatch.chdir(top)
    commit(top, "first")
    (top / "common.sh").write_text("#!/bin/sh\nset -e\napt-get update -q\n")
    edit(top / "two" / "web.pkr.hcl", ("Standard_D2s_v5", "Standard_D4s_v5"))
    commit(top, "second")
    return top


def commit(top: Path, message: str) -> None:
    names = ["-c", "user.name=Someone", "-c", "user.email=someone@example.com"]
    if not (top / ".git").exists():
        subprocess.run(["git", "init", "-q", "-b", "main", str(top)], check=True)
    subprocess.run(["git", "-C", str(top), "add", "-A"], check=True)
    subprocess.run(["git", "-C", str(top), *names, "commit", "-q", "-m", message], check=True)


def test_a_shared_script_is_one_change(repository: Path, diff: Diff) -> None:
    status, data = diff("-git", "HEAD~1...HEAD")
    assert status == 1
    assert shown(data, "code", "templates") == [
        ("diff/script", ["one/web.pkr.hcl", "two/web.pkr.hcl"]),
        ("diff/changed", ["two/web.pkr.hcl"]),
    ]
    [(span,)] = shown(data, "span")[:1]
    assert isinstance(span, dict) and (span["file"], span["line"]) == ("common.sh", 3)


def test_the_work_tree_a_path_and_a_new_template(repository: Path, diff: Diff) -> None:
    shutil.copytree(repository / "one", repository / "three")
    _, data = diff("-git", "HEAD")
    assert data["templates"] == [{"path": "three/web.pkr.hcl", "status": "added"}]
    _, data = diff("-git", "HEAD~1..HEAD", "one")
    assert data["templates"] == [{"path": "one/web.pkr.hcl", "status": "changed"}]


def test_a_file_of_a_revision(repository: Path, diff: Diff) -> None:
    status, data = diff("git:HEAD~1:two/web.pkr.hcl", "two/web.pkr.hcl")
    assert status == 1
    assert shown(data, "code") == [("diff/script",), ("diff/changed",)]


def test_a_template_that_cannot_be_read_does_not_hide_the_others(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(repository / "one" / "web.pkr.hcl", ("locals {", "locals {{"))
    commit(repository, "third")
    assert main(["diff", "-git", "HEAD~2...HEAD", "-format", "markdown"]) == 2
    told = capsys.readouterr()
    assert "one/web.pkr.hcl" in told.out and "Standard_D4s" in told.out
    assert "one/web.pkr.hcl:41" in told.err


@pytest.mark.parametrize("name", ["no-such-revision...HEAD", "--output=x...HEAD", ""])
def test_revisions_that_are_none(repository: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "-git", name]) == 2
    assert "[git/" in capsys.readouterr().err
    assert not (repository / "x").exists()


def test_markdown_keeps_the_severest_within_its_limit(
    web: Callable[[str], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    a, b = web("a"), web("b")
    script = b / "scripts" / "install-site.sh"
    script.write_text(script.read_text() + "".join(f"echo `line` {number} *stars*\n" for number in range(100_000)))
    edit(b / "web.pkr.hcl", ('image_sku       = "server"', 'image_sku       = "pro"'))
    assert main(["diff", "-format", "markdown", str(a), str(b)]) == 1
    text = capsys.readouterr().out
    assert len(text) <= 65_000
    assert text.startswith(ANCHOR)
    assert '`"server"` → `"pro"`' in text
    assert "1 more" in text


@pytest.mark.slow
def test_sarif_is_by_its_official_schema(
    web: Callable[[str], Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The schema is in a package of its authors."""
    if shutil.which("npm") is None:
        pytest.skip("no npm to fetch SARIF's schema with")
    words = ["npm", "pack", "--silent", "@microsoft/jest-sarif"]
    packed = subprocess.run(words, cwd=tmp_path, capture_output=True, check=False)
    if packed.returncode:
        pytest.skip("SARIF's schema cannot be fetched")
    subprocess.run(["tar", "-xzf", str(next(tmp_path.glob("*.tgz")))], cwd=tmp_path, check=True)
    schema = json.loads(next((tmp_path / "package").rglob("sarif-2.1.0*.json")).read_text())
    a, b = web("a"), web("b")
    edit(b / "web.pkr.hcl", ("Standard_D2s_v5", "Standard_D4s_v5"))
    edit(b / "scripts" / "install-site.sh", ("set -eu", "set -e"))
    capsys.readouterr()
    assert main(["diff", "-format", "sarif", str(a), str(b)]) == 1
    jsonschema.validate(json.loads(capsys.readouterr().out), schema)
