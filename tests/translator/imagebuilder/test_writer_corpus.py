"""Real templates: valid output, an account of every leaf, and the same template when it is read and written again."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bakelift.disk import DiskFiles
from bakelift.translator.diagnostics import Diagnostics, SourceFile, TemplateError
from bakelift.translator.files import DictFiles
from bakelift.translator.imagebuilder.reader import read_template
from bakelift.translator.imagebuilder.translate import TranslateOptions, Translation, translate
from bakelift.translator.packer.hcl_reader import read_hcl
from bakelift.translator.packer.json_reader import read_json
from bakelift.translator.packer.variables import bind_inputs

#: How many of the complete units give a template without any -var, at least.
ENOUGH = 75


def units(shared: Path) -> list[dict[str, str]]:
    with (shared / "corpus" / "UNITS.tsv").open() as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return [row for row in rows if row["class"] == "packer-azure" and row["state"] == "complete"]


def translated_unit(corpus: Path, row: dict[str, str]) -> Translation:
    unit = corpus / row["unit"]
    folder = unit if unit.is_dir() else unit.parent
    names = sorted(unit.glob("*.pkr.hcl")) if unit.is_dir() else [unit]
    sources = [SourceFile(str(name), name.read_text(encoding="utf-8-sig")) for name in names]
    legacy = row["kind"] == "json"
    plan = read_json(sources[0], str(unit), str(folder)) if legacy else read_hcl(sources, str(unit), str(folder))
    auto = [SourceFile(str(f), f.read_text()) for f in sorted(folder.glob("*.auto.pkrvars.hcl")) if unit.is_dir()]
    files = DiskFiles(str(folder), [str(corpus / row["unit"].split("/")[0])])
    options = TranslateOptions(missing_files="placeholder")
    return translate(plan, bind_inputs(plan, (), [], auto), files, options)


@pytest.fixture(scope="module")
def translations(shared: Path) -> dict[str, Translation]:
    """The units that can be translated without more being said, by name."""
    corpus = shared / "corpus" / "packer-azure"
    found = {}
    for row in units(shared):
        try:
            found[row["unit"]] = translated_unit(corpus, row)
        except TemplateError as problem:
            assert any(d.span is not None for d in problem.diagnostics), row["unit"]
    return found


def test_valid_and_accounted(
    translations: dict[str, Translation], judge: Callable[[dict[str, Any]], list[str]]
) -> None:
    written = 0
    for name, found in translations.items():
        assert [i.path for i in found.report.items if i.code == "report/unaccounted"] == [], name
        assert sum(found.report.counts().values()) == 2 * len(found.report.items), name
        for output in found.outputs:
            if output.template is not None:
                written += 1
                assert output.text().isascii()
                for resource in output.template["resources"]:
                    assert judge(resource) == [], name
            else:
                assert any(d.severity == "error" for d in found.diagnostics), name
    assert written >= ENOUGH


def test_read_and_written_again(translations: dict[str, Translation]) -> None:
    same = 0
    for name, found in translations.items():
        output = found.outputs[0]
        if output.template is None:
            continue
        text = output.text()
        read = read_template(SourceFile(name, text), name, Diagnostics())
        try:
            files = DictFiles(read.files)
            again = translate(read.plan, bind_inputs(read.plan), files, TranslateOptions())
        except TemplateError as problem:
            # A step whose file was missing, a directory, and a blob's resource group are not in the template.
            assert {d.code for d in problem.diagnostics if d.severity == "error"} <= {
                "files/missing",
                "plan/missing-inputs",
                "azure/destination-incomplete",
            }, name
            continue
        assert again.outputs[0].text() == text, name
        same += 1
    assert same > 50
