"""A preflight of templates from public repositories, both ways: it says something of each, by its schema."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import jsonschema
import pytest
from preflight_cloud import IDENTITY

from bakelift.__main__ import main


@pytest.mark.parametrize("way", ["imagebuilder", "azure"])
@pytest.mark.parametrize("part", range(4))
def test_templates_of_public_repositories(
    shared: Path, checkout: Path, capsys: pytest.CaptureFixture[str], way: str, part: int
) -> None:
    with (shared / "corpus" / "UNITS.tsv").open() as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if row["class"] in ("packer-azure", "aib")]
    schema = json.loads((checkout / "schemas" / "preflight.schema.json").read_text())
    valid = jsonschema.Draft202012Validator(schema)
    said = 0
    for row in rows[part * 6 :: 24]:
        folder = shared / "corpus" / row["class"]
        path, root = folder / row["unit"], folder / row["unit"].split("/")[0]
        words = ["preflight", "-on", way, "-format", "json", "-identity", IDENTITY, "-root", str(root), str(path)]
        assert main(words) in (0, 1)
        out = capsys.readouterr()
        assert "[internal]" not in out.err
        if out.out:
            valid.validate(json.loads(out.out))
            said += 1
    assert said > 3
