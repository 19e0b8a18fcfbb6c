"""The complete units of real templates, for tests that go through all of them."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def complete_units(shared: Path) -> list[tuple[Path, Path]]:
    """(template, its repository's folder) of every complete unit of Azure's."""
    corpus = shared / "corpus" / "packer-azure"
    with (shared / "corpus" / "UNITS.tsv").open() as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if row["class"] == "packer-azure"]
    return [(corpus / r["unit"], corpus / r["unit"].split("/")[0]) for r in rows if r["state"] == "complete"]
