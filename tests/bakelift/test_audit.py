"""``bakelift audit``: the golden survey of ``audit/tree`` in every format, and what a survey must never do.

``BAKELIFT_UPDATE=1 pytest …`` writes what is expected anew; look at it before you commit it.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from bakelift.__main__ import main
from bakelift.audits import ENDINGS, FORMATS
from bakelift.audits.rows import cell

HERE = Path(__file__).parent / "audit"
TREE = HERE / "tree"
#: Surveys that the documentation shows.
EXAMPLES = {"markdown": "audit.md", "html": "audit.html"}
AZURE = """source "azure-arm" "a" {
  image_publisher                   = "p"
  image_offer                       = "o"
  image_sku                         = "s"
  os_type                           = "Linux"
  vm_size                           = "Standard_D2s_v5"
  location                          = "westeurope"
  managed_image_name                = "img"
  managed_image_resource_group_name = "rg"
}
build {
  sources = ["source.azure-arm.a"]
  provisioner "shell" {
    inline = ["true"]
  }
}
"""


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the example tree, which is the current folder."""
    here = tmp_path / "tree"
    shutil.copytree(TREE, here)
    monkeypatch.chdir(here)
    monkeypatch.setenv("NO_COLOR", "1")
    return here


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def survey(capsys: pytest.CaptureFixture[str], *words: str, status: int = 0) -> dict[str, Any]:
    assert main(["audit", "-format", "json", *words]) == status
    said = capsys.readouterr()
    assert "Traceback" not in said.err and "[internal]" not in said.err
    found: dict[str, Any] = json.loads(said.out)
    return found


def by_path(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {item["path"]: item for item in found["templates"]}


@pytest.mark.parametrize("format", FORMATS)
def test_golden(tree: Path, checkout: Path, format: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "-format", format, "."]) == 0
    said = capsys.readouterr()
    kept = {f"survey.{format}": said.out, "stderr": said.err}
    for name, text in kept.items():
        if os.environ.get("BAKELIFT_UPDATE"):
            (HERE / "expected" / name).write_bytes(text.encode())
        assert text.encode() == (HERE / "expected" / name).read_bytes()
    assert "qx7wz9kf" not in said.out  # the signature of an address
    if format in EXAMPLES:
        example = checkout / "docs" / "examples" / EXAMPLES[format]
        if os.environ.get("BAKELIFT_UPDATE"):
            example.write_text(said.out)
        assert example.read_text() == said.out


def test_json_is_valid_by_its_schema(tree: Path, checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    schema = json.loads((checkout / "schemas" / "audit.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for to in ("arm", "bicep", "hcl", "json"):
        errors = list(validator.iter_errors(survey(capsys, "-to", to, ".")))
        assert not errors, (to, errors[0].message, errors[0].json_path)


def assert_adds_up(found: dict[str, Any]) -> None:
    """Everything in the totals is a sum over the templates."""
    templates = found["templates"]
    counts = found["counts"]
    verdicts = Counter(item["verdict"].replace("-", "_") for item in templates)
    assert {k: v for k, v in counts["templates"].items() if v and k != "total"} == dict(verdicts)
    assert counts["templates"]["total"] == len(templates) == len(by_path(found))
    for name, number in counts["settings"].items():
        assert number == sum(item["counts"][name] for item in templates), name
    for item in templates:
        of = item["counts"]
        assert of["total"] == of["automatic"] + of["review"] + of["manual"] + of["out_of_scope"], item["path"]
        assert of["waived"] <= of["review"] + of["manual"]
        left = sum(code["settings"] for code in item["codes"])
        assert left == of["review"] + of["manual"] - of["waived"], item["path"]
        assert (item["verdict"] == "needs-values") == bool(item["missing_variables"])
        assert bool(item["diagnostics"]) or item["verdict"] not in ("needs-values", "unreadable"), item["path"]
        for image in item["images"]:
            aside = found["to"] == "arm" and image["type"] != "azure-arm"
            assert (image["counts"] is None) == (aside or not of["total"]), item["path"]
            assert all(number <= of[name] for name, number in (image["counts"] or {}).items()), item["path"]
        if item["verdict"] == "automatic":
            assert not item["codes"] and item["written"]
    for code in found["codes"]:
        having = [i for i in templates if any(c["code"] == code["code"] for c in i["codes"])]
        assert (
            code["templates"] == len(having)
            and code["paths"] == [i["path"] for i in having]
            and code["alone"] <= len(having)
        )
        assert code["settings"] == sum(c["settings"] for i in having for c in i["codes"] if c["code"] == code["code"])
        assert code["way_out"] and code["meaning"]
    aside = [item["path"] for item in templates if item["verdict"] in ("out-of-scope", "there")]
    assert sorted(found["order"] + aside) == sorted(by_path(found))
    packers = [item for item in templates if item["format"] in ("hcl", "json")]
    built = Counter(image["type"] for item in packers for image in item["images"])
    assert {use["name"]: use["count"] for use in found["builder_types"]} == dict(built)


def test_totals_add_up(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for to in ("arm", "hcl"):
        assert_adds_up(survey(capsys, "-to", to, "."))


def test_counts_are_those_of_translate(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    compared = 0
    for path, item in by_path(survey(capsys, ".")).items():
        if item["verdict"] not in ("automatic", "review", "manual"):
            continue
        words = ["translate", "-root", ".", "-missing-files", "placeholder", "-out", "../out/", "-force"]
        status = main([*words, path])
        said = capsys.readouterr().err.splitlines()[-1]
        of = item["counts"]
        line = f"{of['automatic']} automatic, {of['review']} to review, {of['manual']} manual"
        waived = f" ({of['waived']} waived)" if of["waived"] else ""
        assert said == (line + waived if item["written"] else "Nothing was written."), path
        assert (status in (0, 3)) == item["written"]
        compared += 1
    assert compared == 6


def test_the_name_of_the_output_says_the_format(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for ending, format in ENDINGS.items():
        assert main(["audit", ".", "-out", f"../survey{ending}"]) == 0
        assert capsys.readouterr().out == ""
        expected = HERE / "expected" / f"survey.{format}"
        assert Path(f"../survey{ending}").read_bytes() == expected.read_bytes()
    assert main(["audit", ".", "-out", "../survey.txt"]) == 0
    assert Path("../survey.txt").read_bytes() == (HERE / "expected" / "survey.table").read_bytes()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_has_a_width_and_colours(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "90")
    monkeypatch.setenv("TERM", "xterm-256color")
    shown = {}
    for colour in ("", "1"):
        monkeypatch.setenv("NO_COLOR", colour)
        stream = Terminal()
        monkeypatch.setattr("sys.stdout", stream)
        assert main(["audit", "."]) == 0
        shown[colour] = stream.getvalue()
    plain = re.sub(r" *$", "", re.sub(r"\x1b\[[0-9;]*m", "", shown[""]), flags=re.MULTILINE)
    assert "\x1b[" in shown[""] and "\x1b" not in shown["1"]
    assert plain == shown["1"] and max(map(len, plain.splitlines())) <= 90
    assert "legacy/copy/worker.json" in plain and "Not inventoried" in plain


def test_progress_is_for_terminals(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    assert main(["audit", "."]) == 0
    assert re.search(r"\b\d+/11\b", stream.getvalue()) and "1 already there" in stream.getvalue()
    monkeypatch.setenv("CI", "true")
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    assert main(["audit", "."]) == 0
    assert stream.getvalue().startswith("10 templates: ") and stream.getvalue().count("\n") == 1


# -- what is found, and what is made of it


def test_values_go_to_the_templates_that_have_the_variable(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "-format", "json", "-var", "flavour=full", "-var", "nobody=1", "."]) == 0
    said = capsys.readouterr()
    needs = by_path(json.loads(said.out))["needs/needs.pkr.hcl"]
    assert needs["verdict"] != "needs-values" and needs["images"][0]["steps"] == {"shell": 1}
    assert "no template has the variable nobody of -var" in said.err and "flavour" not in said.err
    found = survey(capsys, "-var-file", "web/us.pkrvars.hcl", ".")
    assert by_path(found)["web"]["images"][0]["regions"] == ["westus", "northeurope", "westus2"]


def test_choosing_builds(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = survey(capsys, "-only", "web.*,azure-arm.api", ".")
    assert {path for path, item in by_path(found).items() if item["images"]} == {
        "web",
        "api/api.pkr.hcl",
        "done/web.json",
    }
    assert [image["name"] for image in by_path(found)["api/api.pkr.hcl"]["images"]] == ["azure-arm.api"]
    reasons = {item["reason"]: item["count"] for item in found["not_inventoried"]}
    assert reasons["not-selected"] > 2


def test_a_file_that_is_named_is_a_template(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = survey(capsys, "api/api.pkr.hcl", "api", "infra/package.json")
    paths = by_path(found)
    assert list(paths) == ["api/api.pkr.hcl", "infra/package.json"]
    assert paths["infra/package.json"]["verdict"] == "unreadable"


def test_there_has_to_be_something(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "empty").mkdir()
    assert main(["audit", "empty"]) == 1
    assert "[audit/no-template]" in capsys.readouterr().err
    assert main(["audit", "nowhere"]) == 1
    assert "there is no file or folder nowhere [files/missing]" in capsys.readouterr().err
    (place / "a.pkr.hcl").write_text(AZURE)
    assert len(survey(capsys, ".", "nowhere", status=1)["templates"]) == 1


@pytest.mark.parametrize("words", [[], ["-format", "xml", "."], ["-var", "x", "."], ["-nope", "."]])
def test_misuse(place: Path, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", *words]) == 2
    assert "bakelift audit -help says more" in capsys.readouterr().err


def test_options_that_no_template_can_be_translated_with(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "a.pkr.hcl").write_text(AZURE)
    assert main(["audit", "-api-version", "1999-01-01", "."]) == 1
    assert main(["audit", "-var-file", "gone.pkrvars.hcl", "."]) == 1
    assert "Traceback" not in capsys.readouterr().err


def test_options_of_the_team_that_do_not_go_together(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "a.pkr.hcl").write_text(AZURE)
    (place / "bakelift.toml").write_text('[image-builder]\nsecrets = "my-vault"\n')
    (item,) = survey(capsys, ".")["templates"]
    assert item["verdict"] == "unreadable" and item["codes"][0]["code"] == "audit/options"


def test_a_defect_stops_nothing(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import bakelift.loading

    (place / "a.pkr.hcl").write_text(AZURE)
    (place / "b").mkdir()
    (place / "b" / "b.pkr.hcl").write_text(AZURE)
    real = bakelift.loading.load_template

    def broken(path: str, *more: Any) -> Any:
        if path.startswith("b"):
            raise KeyError("a secret qx7wz9kf")
        return real(path, *more)

    monkeypatch.setattr(bakelift.loading, "load_template", broken)
    found = survey(capsys, ".")
    assert [item["verdict"] for item in found["templates"]] == ["automatic", "unreadable"]
    assert found["templates"][1]["codes"][0]["code"] == "audit/internal"
    assert "qx7wz9kf" not in json.dumps(found)


# -- what others may have put there


def test_a_hostile_tree(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outside = place / "outside"
    outside.mkdir()
    (outside / "secret.pkr.hcl").write_text('locals {\n  a = "qx7wz9kf"\n}\n')
    (outside / "secret.txt").write_text("qx7wz9kf")
    top = place / "top"
    top.mkdir()
    (top / "good.pkr.hcl").write_text(AZURE)
    (top / "loop").symlink_to(top, target_is_directory=True)
    (top / "a").mkdir()
    (top / "a" / "up").symlink_to("..", target_is_directory=True)
    (top / "gone.json").symlink_to("nowhere.json")
    (top / "link.json").symlink_to(outside / "secret.pkr.hcl")
    (top / "binary.json").write_bytes(bytes(range(256)) * 100)
    (top / "binary2.json").write_bytes(b'{"builders": [' + bytes(range(256)))
    os.mkfifo(top / "pipe.json")
    os.mkfifo(top / "pipe.pkr.hcl")
    with (top / "huge.json").open("wb") as file:
        file.write(b'{"builders": [')
        file.truncate(200 * 1024 * 1024)
    deep = top / "deep.json"
    deep.write_text('{"builders": [' + "[" * 100_000)
    linked = top / "linked"
    linked.mkdir()
    (linked / "a.pkr.hcl").write_text(AZURE)
    (linked / "b.pkr.hcl").symlink_to(outside / "secret.pkr.hcl")
    reader = top / "reader"
    reader.mkdir()
    (reader / "r.pkr.hcl").write_text(AZURE.replace('["true"]', '[file("../../outside/secret.txt")]'))
    names = top / "names\x1b[31m\n=cmd|'<img>"
    names.mkdir()
    (names / "n.pkr.hcl").write_text(AZURE)
    found = survey(capsys, "top")
    paths = by_path(found)
    verdicts = {path: item["verdict"] for path, item in paths.items()}
    assert verdicts.pop(f"top/{names.name}/n.pkr.hcl") == "automatic"
    assert verdicts.pop("top/good.pkr.hcl") == "automatic"
    assert set(verdicts) == {"top/binary2.json", "top/huge.json", "top/deep.json", "top/linked", "top/reader/r.pkr.hcl"}
    assert set(verdicts.values()) == {"unreadable"}
    codes = {path: paths[path]["codes"][0]["code"] for path in verdicts}
    assert codes["top/linked"] == "files/outside-root" and codes["top/reader/r.pkr.hcl"] == "files/outside-root"
    assert codes["top/huge.json"] == "files/too-large"
    reasons = {item["reason"]: item["count"] for item in found["not_inventoried"]}
    assert reasons == {"link": 4, "special": 2, "json": 1}
    assert "qx7wz9kf" not in json.dumps(found)
    for format in ("table", "csv", "markdown", "html"):
        assert main(["audit", "-format", format, "top"]) == 0
        said = capsys.readouterr()
        assert "qx7wz9kf" not in said.out
        # The cells of a spreadsheet may have any character.
        assert "\x1b" not in said.out or format == "csv"
        assert "<img>" not in said.out or format != "html"


@pytest.fixture
def deep(place: Path) -> Iterator[Path]:
    """The innermost of 1050 folders. They are too deep for Python's own ways to remove them."""
    inner = "d"
    for _ in range(1050):
        os.mkdir(inner)
        inner += "/d"
    yield Path(inner).parent
    subprocess.run(["rm", "-r", str(place / "d")], check=True)


def test_a_deep_tree(deep: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (deep / "t.pkr.hcl").write_text(AZURE)
    (item,) = survey(capsys, ".")["templates"]
    assert item["verdict"] == "automatic"


def test_names_that_are_no_text(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkdir(b"n\xff")
    Path(os.fsdecode(b"n\xff/t.pkr.hcl")).write_text(AZURE)
    for format in FORMATS:
        # A survey that was written into the tree is none of its templates.
        assert main(["audit", "-format", format, "-out", f"out.{format}", "."]) == 0
        said = capsys.readouterr()
        assert "1 template: 1 automatic" in said.err
        assert "t.pkr.hcl" in Path(f"out.{format}").read_text()


def test_folders_that_cannot_be_opened(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (place / "closed").mkdir()
    (place / "open").mkdir()
    (place / "open" / "a.pkr.hcl").write_text(AZURE)
    real = os.scandir

    def scandir(path: str) -> Any:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", path)
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    found = survey(capsys, ".")
    assert list(by_path(found)) == ["open/a.pkr.hcl"]
    assert {"unreadable"} == {item["reason"] for item in found["not_inventoried"]}
    assert found["not_inventoried"][0]["examples"] == ["closed"]


@pytest.mark.slow
def test_many_files(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(100):
        folder = place / f"f{number}"
        folder.mkdir()
        for name in range(100):
            (folder / f"{name}.json").write_text("{}")
    (place / "a.pkr.hcl").write_text(AZURE)
    found = survey(capsys, ".")
    assert len(found["templates"]) == 1
    assert found["not_inventoried"][0]["count"] == 10_000


def test_secrets_are_in_no_survey(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (
        AZURE.replace('"img"', '"img-${var.token}"').replace('"rg"', "local.group").replace('"o"', '"o-given-qx7wz9kf"')
    )
    text += """
variable "token" {
  type      = string
  sensitive = true
}
variable "many" {
  type      = list(string)
  sensitive = true
  default   = ["default-qx7wz9kf"]
}
locals {
  group = upper(var.token)
}
"""
    (place / "t").mkdir()
    (place / "t" / "t.pkr.hcl").write_text(text)
    (place / "t" / "x.auto.pkrvars.hcl").write_text('token = "given-qx7wz9kf"\n')
    legacy = {
        "variables": {"token": "given-qx7wz9kf", "made": "{{user `token`}}-x"},
        "sensitive-variables": ["token"],
        "builders": [{"type": "azure-arm", "image_publisher": "{{user `made`}}", "image_offer": "given-qx7wz9kf"}],
    }
    (place / "l.json").write_text(json.dumps(legacy))
    for format in FORMATS:
        assert main(["audit", "-format", format, "."]) == 0
        said = capsys.readouterr()
        assert not re.search("qx7wz9kf", said.out + said.err, re.IGNORECASE), format


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert cell(text) == f"'{text}"
    assert cell(-1) == "-1" and cell("a=1") == "a=1"


def test_rows_are_rfc_4180(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = place / '=a,"b"\nc'
    folder.mkdir()
    (folder / "t.pkr.hcl").write_text(AZURE)
    assert main(["audit", "-format", "csv", "."]) == 0
    text = capsys.readouterr().out
    header, row = csv.reader(io.StringIO(text, newline=""), strict=True)
    assert len(header) == len(row) and row[0] == '\'=a,"b"\nc/t.pkr.hcl'
    assert text.startswith(",".join(header) + "\r\n") and text.endswith("\r\n")


# -- real templates


def last_line(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    status = main(["translate", *words])
    return status, capsys.readouterr().err.rstrip("\n").rpartition("\n")[2]


@pytest.mark.slow
@pytest.mark.parametrize(("to", "least"), [("arm", 160), ("hcl", 300)])
def test_the_corpus_is_surveyed_as_it_is_translated(
    shared: Path, to: str, least: int, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every template of the corpus is in the survey, with the counts of its translation."""
    corpus = shared / "corpus"
    found = survey(capsys, "-to", to, "-root", str(corpus), str(corpus))
    assert_adds_up(found)
    templates = by_path(found)
    with (corpus / "UNITS.tsv").open() as file:
        units = {str(corpus / row["class"] / row["unit"]) for row in csv.DictReader(file, delimiter="\t")}
    # A folder with one template is that template; templates without a build are none.
    left = [path for item in found["not_inventoried"] for path in item["examples"]]
    assert len(templates) + sum(i["count"] for i in found["not_inventoried"] if i["reason"] == "no-build") >= len(units)
    assert left
    compared = 0
    for path, item in templates.items():
        if item["verdict"] in ("out-of-scope", "there"):
            continue
        words = ["-to", to, "-root", str(corpus), "-missing-files", "placeholder", "-force", "-out", "out/", path]
        status, line = last_line(capsys, *words)
        of = item["counts"]
        if item["written"]:
            assert status in (0, 3), path
            assert line == f"{of['automatic']} automatic, {of['review']} to review, {of['manual']} manual", path
            assert (status == 3) == (item["verdict"] == "manual"), path
        else:
            assert status == 1, path
        compared += item["written"]
        shutil.rmtree("out", ignore_errors=True)
    assert compared >= least


@pytest.mark.slow
@pytest.mark.parametrize("format", ["table", "csv", "markdown", "html"])
def test_the_corpus_in_every_format(shared: Path, format: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "-format", format, str(shared / "corpus")]) == 0
    said = capsys.readouterr()
    assert "audit/internal" not in said.out
    assert "Azure" in said.out or format == "csv"


# -- the documentation


def test_the_page_shows_a_real_survey(checkout: Path) -> None:
    (shown,) = re.findall(r"```\n(.*?)```", (checkout / "docs" / "audit.md").read_text(), re.DOTALL)
    assert (HERE / "expected" / "survey.table").read_text().startswith(shown)
    for word in ("automatic", "to review", "manual", "needs values", "cannot be read", "out of scope", "already there"):
        assert f"\n| {word} |" in (checkout / "docs" / "audit.md").read_text()
