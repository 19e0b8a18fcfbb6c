"""Outputs are written whole or not at all, and an edited one is not lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bakelift.__main__ import main
from bakelift.output import is_own, refuse_edited, stamp, stamp_text, write_file
from bakelift.translator.diagnostics import TemplateError


def test_a_file_is_written_beside_and_renamed(tmp_path: Path) -> None:
    target = tmp_path / "new" / "out.json"
    write_file(str(target), "a\n")
    write_file(str(target), "b\n")
    assert target.read_bytes() == b"b\n"
    assert [p.name for p in target.parent.iterdir()] == ["out.json"]


def test_a_stamped_template_is_known_until_it_is_edited(tmp_path: Path) -> None:
    template: dict[str, object] = {"$schema": "s", "contentVersion": "1.0.0.0", "resources": []}
    text = json.dumps(stamp(template))
    assert is_own(text)
    target = tmp_path / "t.json"
    target.write_text(text)
    refuse_edited(str(target), "another", force=False)
    edited = text.replace('"resources": []', '"resources": [1]')
    assert not is_own(edited)
    target.write_text(edited)
    with pytest.raises(TemplateError) as caught:
        refuse_edited(str(target), "another", force=False)
    assert caught.value.diagnostics[0].code == "files/edited"
    refuse_edited(str(target), "another", force=True)
    refuse_edited(str(target), edited, force=False)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"metadata": 1}', '{"metadata": {"_generator": {"name": "bicep"}}}'])
def test_other_texts_are_not_ours(text: str) -> None:
    assert not is_own(text)


@pytest.mark.parametrize("comment", ["#", "//"])
def test_hcl_and_bicep_are_stamped_in_their_last_line(comment: str) -> None:
    text = stamp_text('build {\n  sources = ["null.a"]\n}\n', comment)
    assert text.endswith("}\n\n" + text.splitlines()[-1] + "\n") and f"\n{comment} Written by bakelift" in text
    assert is_own(text)
    assert not is_own(text.replace("null.a", "null.b"))
    assert not is_own(text + f"{comment} more\n")


def test_parameters_that_were_edited_are_kept(
    checkout: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["translate", str(checkout / "fixtures" / "web-server" / "web.pkr.hcl"), "-out", str(tmp_path / "w.json")]
    assert main([*words, "-var", "release=1"]) == 0
    parameters = tmp_path / "w.parameters.json"
    assert json.loads(parameters.read_text())["parameters"] == {"release": {"value": "1"}}
    parameters.write_text(parameters.read_text().replace('"1"', '"7"'))
    assert main([*words, "-var", "release=2"]) == 0
    assert "is kept as it stands" in capsys.readouterr().err
    assert '"7"' in parameters.read_text()
    assert main([*words, "-var", "release=2", "-force"]) == 0
    assert '"2"' in parameters.read_text()


def test_a_folder_gets_its_report_anew_each_time(checkout: Path, tmp_path: Path) -> None:
    words = ["translate", str(checkout / "fixtures" / "web-server" / "web.pkr.hcl"), "-out", f"{tmp_path}/"]
    assert main(words) == 0
    first = (tmp_path / "report.md").read_text()
    (tmp_path / "report.md").write_text("old")
    assert main(words) == 0
    assert (tmp_path / "report.md").read_text() == first


def test_a_legacy_template_is_known_again_until_it_is_edited() -> None:
    from bakelift.output import stamp_legacy

    text = stamp_legacy('{\n  "builders": []\n}\n')
    assert json.loads(text)["_generator"].startswith("Written by bakelift ")
    assert is_own(text)
    assert not is_own(text.replace("[]", "[1]"))
    assert not is_own('{\n  "builders": []\n}\n')
