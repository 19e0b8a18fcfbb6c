"""bakelift.toml, waivers, locks, parallel runs: what teams with many templates have in common."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import jsonschema
import pytest

from bakelift.__main__ import main
from bakelift.configuration import configuration
from bakelift.translator.diagnostics import Diagnostic, Diagnostics, SourceFile, Span, TemplateError
from bakelift.translator.report import Item, Report
from bakelift.waivers import waived

IMAGE = """
variable "size" {}
variable "gallery" {
  default = "old"
}
source "azure-arm" "web" {
  os_type         = "Linux"
  image_publisher = "canonical"
  image_offer     = "ubuntu-24_04-lts"
  image_sku       = "server"
  location        = "westeurope"
  vm_size         = var.size
  OUTPUT
}
build {
  sources = ["source.azure-arm.web"]
}
"""
MANAGED = 'managed_image_name = "web"\n  managed_image_resource_group_name = "images"'
GALLERY = (
    "shared_image_gallery_destination {\n"
    '    resource_group = "images"\n    gallery_name = var.gallery\n'
    '    image_name = "web"\n    image_version = "1.0.0"\n'
    '    replication_regions = ["West US", "westus2", "northeurope"]\n  }'
)
VHD = (
    'storage_account = "images"\n  capture_container_name = "vhds"\n  capture_name_prefix = "web"\n'
    '  resource_group_name = "storage"'
)


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a template two folders below it."""
    folder = tmp_path / "top" / "linux" / "web"
    folder.mkdir(parents=True)
    (folder / "web.pkr.hcl").write_text(IMAGE.replace("OUTPUT", MANAGED))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "top"


def translated(tree: Path, *words: str) -> dict[str, object]:
    out = tree / "out.json"
    out.unlink(missing_ok=True)
    status = main(["translate", "top/linux/web/web.pkr.hcl", "-root", "top", "-out", str(out), *words])
    assert status == 0
    (resource,) = json.loads(out.read_text())["resources"]
    return resource  # type: ignore[no-any-return]


def test_the_nearest_file_counts(tree: Path) -> None:
    (tree / "bakelift.toml").write_text('[image-builder]\napi-version = "2022-07-01"\n')
    assert translated(tree, "-var", "size=x")["apiVersion"] == "2022-07-01"
    (tree / "linux" / "bakelift.toml").write_text('[image-builder]\napi-version = "2023-07-01"\n')
    assert translated(tree, "-var", "size=x")["apiVersion"] == "2023-07-01"
    assert translated(tree, "-var", "size=x", "-api-version", "2025-10-01")["apiVersion"] == "2025-10-01"


def test_never_one_above_the_root(tree: Path) -> None:
    (tree.parent / "bakelift.toml").write_text("nonsense\n")
    assert translated(tree, "-var", "size=x")["apiVersion"] == "2024-02-01"
    assert configuration(str(tree / "linux"), [str(tree)]) is None
    with pytest.raises(TemplateError, match="config/syntax"):
        configuration(str(tree / "linux"), [str(tree.parent)])


def test_a_git_work_tree_is_a_root(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if shutil.which("git") is None:
        pytest.skip("needs git")
    subprocess.run(["git", "init", "-q", str(tree)], check=True)
    (tree / "bakelift.toml").write_text('[image-builder]\ntemplate-name = "it-{name}"\n')
    assert main(["translate", "top/linux/web/web.pkr.hcl", "-var", "size=x"]) == 0
    assert '"defaultValue": "it-web"' in capsys.readouterr().out


def test_a_link_out_of_the_root_is_refused(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tree.parent / "secret.toml").write_text("")
    (tree / "bakelift.toml").symlink_to(tree.parent / "secret.toml")
    assert main(["translate", "top/linux/web/web.pkr.hcl", "-root", "top", "-var", "size=x"]) == 1
    assert "[files/outside-root]" in capsys.readouterr().err


def test_shared_variable_files_come_first(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tree / "bakelift.toml").write_text('var-files = ["common.pkrvars.hcl"]\n')
    (tree / "common.pkrvars.hcl").write_text('size = "Standard_D2s_v5"\nof_another_template = 1\n')
    (tree.parent / "own.pkrvars.hcl").write_text('size = "Standard_D8s_v5"\nslip = 1\n')
    words = ["translate", "top/linux/web/web.pkr.hcl", "-root", "top", "-resolve"]
    assert main(words) == 0
    said = capsys.readouterr()
    assert '"vmSize": "Standard_D2s_v5"' in said.out and "of_another_template" not in said.err
    assert main([*words, "-var-file", "own.pkrvars.hcl"]) == 0
    said = capsys.readouterr()
    assert '"vmSize": "Standard_D8s_v5"' in said.out and "slip" in said.err


def test_other_commands_know_the_file_too(tree: Path, checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tree / "bakelift.toml").write_text(
        'var-files = ["common.pkrvars.hcl"]\n[[waiver]]\ncode = "x"\nreason = "y"\nuntil = 2999-01-01\n'
    )
    (tree / "common.pkrvars.hcl").write_text('size = "Standard_D2s_v5"\nof_another_template = 1\n')
    assert main(["validate", "top/linux/web/web.pkr.hcl", "-root", "top"]) == 0
    assert "of_another_template" not in capsys.readouterr().err
    assert main(["inspect", "-json", "top/linux/web/web.pkr.hcl", "-root", "top"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["configuration"]["path"] == "top/bakelift.toml"
    schema = json.loads((checkout / "schemas" / "plan.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(data)


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("x = [", "config/syntax", "is no TOML"),
        ("\xff", "config/syntax", "is no TOML"),
        ("var_files = []", "config/unknown", "Did you mean var-files?"),
        ('[image-builder]\nidentiy = "x"', "config/unknown", "Did you mean identity?"),
        ('var-files = "x"', "config/type", "has to be a list"),
        ("var-files = [1]", "config/type", "something else than text"),
        ("[image-builder]\nidentity = 1", "config/type", "has to be text"),
        ('[image-builder]\ntemplate-name = "all"', "config/type", "It has to have {name} in it"),
        ('[galleries]\nold = "new"', "config/type", "is mapped to no name"),
        ('waiver = ["x"]', "config/type", "has to be a table"),
        ('[[waiver]]\ncode = "x"', "config/waiver", "has no reason"),
        ('[[waiver]]\ncode = "x"\nreason = "y"\nuntil = "soon"', "config/waiver", "has to be a day"),
    ],
)
def test_what_it_may_not_say(text: str, code: str, words: str, tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tree / "bakelift.toml").write_bytes(text.encode("latin-1"))
    assert main(["translate", "top/linux/web/web.pkr.hcl", "-root", "top", "-var", "size=x"]) == 1
    err = capsys.readouterr().err
    assert f"[{code}]" in err and words in " ".join(err.split()), err


def test_galleries_and_regions_are_mapped(tree: Path) -> None:
    (tree / "linux/web/web.pkr.hcl").write_text(IMAGE.replace("OUTPUT", GALLERY))
    (tree / "bakelift.toml").write_text(
        '[galleries.old]\nname = "new"\nsubscription = "s2"\n'
        '[regions]\nwestus = "westus2"\n"West Europe" = "swedencentral"\n'
    )
    resource = translated(tree, "-var", "size=x")
    assert resource["location"] == "swedencentral"
    (output,) = resource["properties"]["distribute"]  # type: ignore[index]
    group = "/subscriptions/s2/resourceGroups/images"
    assert output["galleryImageId"] == f"{group}/providers/Microsoft.Compute/galleries/new/images/web/versions/1.0.0"
    assert [region["name"] for region in output["targetRegions"]] == ["westus2", "northeurope", "swedencentral"]


@pytest.mark.parametrize(
    ("output", "named"), [(MANAGED, "'web-parallel'"), (VHD, "vhds/web-parallel.vhd"), (GALLERY, "")]
)
def test_a_parallel_run_meets_nothing_of_the_other(output: str, named: str, tree: Path) -> None:
    (tree / "linux/web/web.pkr.hcl").write_text(IMAGE.replace("OUTPUT", output))
    resource = translated(tree, "-var", "size=x", "-parallel-run")
    text = json.dumps(resource)
    assert named in text and "bakelift-parallel-run" in text
    (made,) = resource["properties"]["distribute"]  # type: ignore[index]
    assert made["artifactTags"]["bakelift-parallel-run"] == "true"
    if output is GALLERY:
        assert made["excludeFromLatest"] is True and made["versioning"] == {"scheme": "Latest", "major": 0}
        assert "1.0.0" not in text


# -- waivers ----------------------------------------------------------------------------------------------------------


def item(text: str, word: str, code: str = "aib/x", path: str = "source.azure-arm.web.spot") -> Item:
    file = SourceFile("t.pkr.hcl", text)
    at = text.index(word)
    return Item("unsupported", code, "", "documented", path, Span(file, at, at + len(word)))


def judged(*items: Item) -> tuple[set[int], list[Diagnostic]]:
    diagnostics = Diagnostics()
    return waived(Report({}, {}, {}, (), items), None, "2026-01-01", diagnostics), list(diagnostics)


@pytest.mark.parametrize(
    ("text", "accepted"),
    [
        ("a = 1 # bakelift:accept aib/x because\n", True),
        ("a = 1 // bakelift:accept aib/x because\n", True),
        ("# bakelift:accept aib/x because\na = 1\n", True),
        ("# bakelift:accept aib/x because\nblock {\n  b = 2\n  a = 1\n}\n", True),
        ("# bakelift:accept aib/x because\nblock {\n  b = 2\n}\na = 1\n", False),
        ("b = 2 # bakelift:accept aib/x because\na = 1\n", False),
        ("# bakelift:accept aib/x because\n\na = 1\n", False),
        ("a = 1 # bakelift:accept aib/y because\n", False),
        ("a = 1 # bakelift:accept aib/x\n", False),
    ],
)
def test_comments_accept_what_they_stand_beside(text: str, accepted: bool) -> None:
    found, told = judged(item(text, "a = 1"))
    assert found == ({0} if accepted else set())
    assert bool(told) != accepted


def test_a_value_of_several_lines_is_accepted_at_its_end() -> None:
    text = "a = [\n  1,\n] # bakelift:accept aib/x because\n"
    assert judged(item(text, "a = [\n  1,\n]"))[0] == {0}


def test_what_counts_for_nothing_is_not_waived() -> None:
    text = "a = 1 # bakelift:accept aib/x because\n"
    found, told = judged(item(text, "a = 1").but(kind="adapted"))
    assert not found and [d.code for d in told] == ["waiver/unused"]


# -- locks ------------------------------------------------------------------------------------------------------------


def test_a_lock_notices_what_changed(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tree / "linux" / "web"
    (folder / "a.sh").write_text("echo a\n")
    text = (
        (folder / "web.pkr.hcl")
        .read_text()
        .replace(
            '["source.azure-arm.web"]\n',
            '["source.azure-arm.web"]\n  provisioner "shell" {\n    script = "a.sh"\n  }\n',
        )
    )
    (folder / "web.pkr.hcl").write_text(text)
    words = [
        "translate",
        "top/linux/web/web.pkr.hcl",
        "-root",
        "top",
        "-var",
        "size=x",
        "-out",
        "o.json",
        "-lock",
        "l.json",
    ]
    assert main(words) == 0
    assert main([*words, "-check"]) == 0
    lock = json.loads(Path("l.json").read_text())
    assert [entry["path"] for entry in lock["inputs"]] == ["top/linux/web/a.sh", "top/linux/web/web.pkr.hcl"]
    (folder / "a.sh").write_text("echo b\n")
    capsys.readouterr()
    assert main([*words, "-check"]) == 3
    err = capsys.readouterr().err
    assert "l.json: top/linux/web/a.sh changed" in err and "web.pkr.hcl changed" not in err


def test_a_lock_knows_the_files_of_values_and_of_the_team(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tree / "bakelift.toml").write_text('var-files = ["shared.pkrvars.hcl"]\n')
    (tree / "shared.pkrvars.hcl").write_text('size = "Standard_D2s_v5"\n')
    Path("own.pkrvars.hcl").write_text('size = "Standard_D4s_v5"\n')
    words = ["translate", "top/linux/web/web.pkr.hcl", "-root", "top", "-var-file", "own.pkrvars.hcl"]
    words += ["-out", "o.json", "-lock", "l.json"]
    assert main(words) == 0
    paths = [entry["path"] for entry in json.loads(Path("l.json").read_text())["inputs"]]
    assert paths == ["own.pkrvars.hcl", "top/bakelift.toml", "top/linux/web/web.pkr.hcl", "top/shared.pkrvars.hcl"]
    (tree / "bakelift.toml").write_text(
        'var-files = ["shared.pkrvars.hcl"]\n\n[image-builder]\napi-version = "2023-07-01"\n'
    )
    assert main([*words, "-check"]) == 3
    assert "l.json: top/bakelift.toml changed" in capsys.readouterr().err


def test_a_lock_holds_no_secret(tree: Path) -> None:
    folder = tree / "linux" / "web"
    text = 'variable "kind" {\n  sensitive = true\n}\n' + (folder / "web.pkr.hcl").read_text().replace(
        '"server"', 'var.kind == "s3cr3t" ? "server" : "other"'
    )
    (folder / "web.pkr.hcl").write_text(text)
    words = ["translate", "top/linux/web/web.pkr.hcl", "-root", "top", "-var", "size=x", "-var", "kind=tok3n"]
    main([*words, "-out", "o.json", "-lock", "l.json", "-partial"])
    assert "tok3n" not in Path("l.json").read_text()
