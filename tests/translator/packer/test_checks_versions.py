"""Version constraints, as github.com/hashicorp/go-version has them."""

from __future__ import annotations

import pytest

from bakelift.translator.packer.checks_versions import allows, parse_version

CASES = (
    (">= 1.7.0", "1.16.0", True),
    (">= 1.7.0, < 2.0.0", "1.16.0", True),
    (">= 99.0", "1.16.0", False),
    ("< 1.7", "1.16.0", False),
    ("~> 1.8", "1.16.0", True),
    ("~> 1.8.0", "1.16.0", False),
    ("~> 1", "2.0", True),
    ("1.16", "1.16.0", True),
    ("= 1.16.0", "1.16.1", False),
    ("!= 1.16.0", "1.16.0", False),
    ("> v1.9", "1.10", True),
    (">= 1.16.0-beta1", "1.16.0", True),
    (">= 1.0.0", "1.16.0-dev", False),
    (">= 1.16.0-alpha", "1.16.0-dev", True),
    ("<= 1.16.0", "1.16.0", True),
)


@pytest.mark.parametrize(("constraints", "version", "expected"), CASES)
def test_constraints(constraints: str, version: str, expected: bool) -> None:
    assert allows(constraints, parse_version(version)) is expected


@pytest.mark.parametrize("text", ["", ">=", "latest", ">= 1.x", "1.0,"])
def test_what_is_no_constraint(text: str) -> None:
    with pytest.raises(ValueError, match="Malformed"):
        allows(text, parse_version("1.0"))
