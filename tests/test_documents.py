"""What the documents show is what the program does."""

from __future__ import annotations

import json
import re
from pathlib import Path

import bakelift


def test_the_readme_shows_a_real_translation(checkout: Path) -> None:
    readme = (checkout / "README.md").read_text()
    fixture = checkout / "fixtures" / "web-server" / "web.pkr.hcl"
    made = bakelift.dump(bakelift.load(fixture), "arm")
    (resource,) = json.loads(made.text)["resources"]
    shown = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", readme, re.DOTALL)]
    assert shown == [resource["properties"]["customize"][1]]
    before = re.findall(r"```hcl\n(.*?)```", readme, re.DOTALL)
    source = "\n".join(line.strip() for line in fixture.read_text().splitlines())
    assert all("\n".join(line.strip() for line in block.strip().splitlines()) in source for block in before)
    assert made.report.summary_line() in readme


def test_the_support_matrix_is_that_of_the_tables(checkout: Path) -> None:
    from bakelift.support_page import text

    assert (checkout / "docs" / "support.md").read_text() == text(), "make schemas writes it anew"


def test_links_of_the_documents_lead_somewhere(checkout: Path) -> None:
    for document in [checkout / "README.md", *(checkout / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)\)", document.read_text()):
            if "://" not in target:
                assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_no_pattern_uses_what_old_pythons_match_wrongly(checkout: Path) -> None:
    """Possessive quantifiers and atomic groups are wrong in Python 3.11.0 to 3.11.4."""
    wrong = re.compile(r"[\w\])}][*+?]\+[^+\s\"'=]|\(\?>")
    for top in ("bakelift", "translator", "runner"):
        for path in (checkout / top).rglob("*.py"):
            for line in path.read_text().splitlines():
                if "re.compile(" in line or line.lstrip().startswith(("|", "(?P<")):
                    assert not wrong.search(line), f"{path}: {line}"


def test_the_configuration_that_is_shown_is_one(checkout: Path, tmp_path: Path) -> None:
    from bakelift.configuration import KEYS, read

    (shown,) = re.findall(r"```toml\n(.*?)```", (checkout / "docs" / "teams.md").read_text(), re.DOTALL)
    path = tmp_path / "bakelift.toml"
    path.write_text(shown)
    found = read(str(path))
    assert set(found.data) == set(KEYS[""]) and set(found.data["image-builder"]) == set(KEYS["image-builder"])
    assert found.waivers[0].until == "2026-12-31"
