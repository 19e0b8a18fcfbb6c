"""Version constraints as Packer's templates write them: ``>= 1.7.0, < 2.0.0``, ``~> 1.8``.

The rules are those of github.com/hashicorp/go-version: missing parts are zeros; ``~>`` holds all given parts but the
last; a prerelease fits only a constraint that names a prerelease of the same version.
"""

from __future__ import annotations

import re

from bakelift.translator.plan.record import Record

_WORDS = r"[0-9A-Za-z~-]*(?:\.[0-9A-Za-z~-]+)*"
#: Numbers, a prerelease (after a hyphen, or beginning with a letter), and metadata, which counts for nothing.
_VERSION = re.compile(rf"v?(\d+(?:\.\d+)*)(?:-(\d{_WORDS})|-?([A-Za-z~-]{_WORDS}))?(?:\+{_WORDS})?")
_CONSTRAINT = re.compile(r"(=|!=|>=|<=|~>|>|<|)\s*(\S+)")


class Version(Record):
    """``parts``: the numbers as given; ``prerelease`` "": a release."""

    parts: tuple[int, ...]
    prerelease: str = ""

    def key(self) -> tuple[tuple[int, ...], bool, tuple[tuple[bool, int, str], ...]]:
        """What versions are ordered by: a release is younger than its prereleases."""
        numbers = list(self.parts)
        while len(numbers) > 1 and numbers[-1] == 0:
            numbers.pop()
        words = self.prerelease.split(".") if self.prerelease else []
        return (
            tuple(numbers),
            not self.prerelease,
            tuple((not word.isdigit(), int(word) if word.isdigit() else 0, word) for word in words),
        )


def parse_version(text: str) -> Version:
    """Raises ValueError."""
    found = _VERSION.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"Malformed version: {text}")
    return Version(tuple(int(part) for part in found.group(1).split(".")), found.group(2) or found.group(3) or "")


def allows(constraints: str, version: Version) -> bool:
    """Whether a version fulfils all of the constraints. Raises ValueError for what is no constraint."""
    fulfilled = [_fulfils(text.strip(), version) for text in constraints.split(",")]  # each is read, so each is checked
    return all(fulfilled)


def _fulfils(text: str, version: Version) -> bool:
    found = _CONSTRAINT.fullmatch(text)
    if found is None:
        raise ValueError(f"Malformed constraint: {text}")
    operator, wanted = found.group(1), parse_version(found.group(2))
    have, want = version.key(), wanted.key()
    if operator in ("", "="):
        return have == want
    if operator == "!=":
        return have != want
    if version.prerelease and not (wanted.prerelease and version.parts == wanted.parts):
        return False
    if operator == "~>":
        held = wanted.parts[:-1]
        return have >= want and (*version.parts, *(0,) * len(held))[: len(held)] == held
    return {">": have > want, ">=": have >= want, "<": have < want, "<=": have <= want}[operator]


def wrong_requirement(source: str, constraints: str) -> tuple[str, str] | None:
    """What is wrong with the requirement of a plugin: (summary, detail). Packer's hcl2template/addrs/plugin.go."""
    texts = [text.strip() for text in constraints.split(",")]
    for text in texts:
        found = _CONSTRAINT.fullmatch(text)
        try:
            if found is None:
                raise ValueError(f"Malformed constraint: {text}")
            if parse_version(found.group(2)).prerelease:
                return "Invalid version constraint", f'Unsupported prerelease for constraint "{constraints}".'
        except ValueError as problem:
            return "Invalid version constraint", f'{problem}. Constraints look like ">= 1.2.0, < 2.0.0".'
    wrong = _wrong_source(source)
    if wrong is None:
        return None
    return "Failed to parse source", f'{wrong} A valid source is "github.com/hashicorp/azure".'


def _wrong_source(source: str) -> str | None:
    parts = source.split("/")
    if "://" in source or "?" in source or "#" in source:
        return "It has no scheme, no query and no fragment."
    if len(parts) < 3:
        return "It has at least a host and a path with 2 components."
    if not all(parts):
        return "No part of it is empty."
    if parts[-1].startswith("packer-plugin-"):
        return "The prefix packer-plugin- is left out."
    return None
