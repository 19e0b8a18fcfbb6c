"""Texts for the HCL tests."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def hcl_corpus(shared: Path) -> dict[str, str]:
    """Every real ``.pkr.hcl`` and ``.pkrvars.hcl`` file: text by path; line ends as they are."""
    found = {}
    for pattern in ("*.pkr.hcl", "*.pkrvars.hcl"):
        for path in sorted((shared / "corpus").rglob(pattern)):
            if path.is_file():
                found[str(path.relative_to(shared))] = path.read_bytes().decode()
    return found
