"""Real templates: valid output, an account of every leaf, and the same template when it is read and written again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bakelift.translator.diagnostics import Diagnostics, SourceFile, TemplateError
from bakelift.translator.files import DictFiles
from bakelift.translator.imagebuilder.reader import read_template
from bakelift.translator.imagebuilder.translate import TranslateOptions, Translation, translate
from bakelift.translator.packer.variables import bind_inputs

#: How many of the complete units give a template without any -var, at least.
ENOUGH = 75


@pytest.fixture(scope="module")
def translations(
    complete_units: list[dict[str, str]], translated_unit: Callable[[dict[str, str], TranslateOptions], Translation]
) -> dict[str, Translation]:
    """The units that can be translated without more being said, by name."""
    found = {}
    for row in complete_units:
        try:
            found[row["unit"]] = translated_unit(row, TranslateOptions(missing_files="placeholder"))
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
                    # Beside the image templates there are managed images, made of VHDs.
                    assert resource["type"] == "Microsoft.Compute/images" or judge(resource) == [], name
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
            files = DictFiles(read.files, folders=read.folders, executable=read.executable)
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
