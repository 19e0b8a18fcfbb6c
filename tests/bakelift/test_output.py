"""Outputs are written whole or not at all, and an edited one is not lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bakelift.output import is_own, refuse_edited, stamp, write_file
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
