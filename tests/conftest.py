"""Where the tests find what they compare with."""

from __future__ import annotations

from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The top folder of the project."""
    return CHECKOUT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The oracles and the corpus beside the checkout; a test that wants them skips where they are absent."""
    folder = CHECKOUT.parent / "shared"
    if not (folder / "oracles").is_dir():
        pytest.skip("no ../shared folder with oracles and corpus beside the checkout")
    return folder
