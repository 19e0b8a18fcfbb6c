"""The complete units of real templates, for tests that go through all of them; and who judges what is written."""

from __future__ import annotations

import csv
import importlib.util
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def complete_units(shared: Path) -> list[tuple[Path, Path]]:
    """(template, its repository's folder) of every complete unit of Azure's."""
    corpus = shared / "corpus" / "packer-azure"
    with (shared / "corpus" / "UNITS.tsv").open() as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if row["class"] == "packer-azure"]
    return [(corpus / r["unit"], corpus / r["unit"].split("/")[0]) for r in rows if r["state"] == "complete"]


@pytest.fixture(scope="session")
def judge(shared: Path) -> Callable[[dict[str, object]], list[str]]:
    """The independent check of an Image Builder resource."""
    path = shared / "oracles" / "imagebuilder" / "check.py"
    spec = importlib.util.spec_from_file_location("independent_check", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.resource  # type: ignore[no-any-return]
