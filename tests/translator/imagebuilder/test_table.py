"""The rows: every option has one, and what they point at exists in the schemas."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from bakelift.translator.imagebuilder.lowering.others import STEPS
from bakelift.translator.imagebuilder.lowering.tools import TYPES
from bakelift.translator.imagebuilder.table import row, rows
from bakelift.translator.imagebuilder.table_customizers import KINDS
from bakelift.translator.imagebuilder.table_steps import POST_PROCESSORS, post_processor_rows, provisioner_rows
from bakelift.translator.imagebuilder.versions import API_VERSIONS, DEFAULT, has
from bakelift.translator.packer.tables.azure_arm import AZURE_ARM
from bakelift.translator.report import CLASSES


def test_every_option_of_the_builder_has_a_row() -> None:
    assert [name for name in AZURE_ARM.options if name not in rows()] == []


def test_every_option_that_plugins_ever_had_has_a_row(shared: Path) -> None:
    lines = (shared / "oracles" / "options.tsv").read_text().splitlines()
    options = [line.split("\t")[2] for line in lines if line.startswith("builder\tazure-arm\t")]
    assert len(options) > 150
    assert [name for name in options if row(name) is None] == []


@pytest.mark.parametrize("found", rows().values(), ids=lambda found: found.path)
def test_row_says_what_it_must(found: Any) -> None:
    assert re.fullmatch(r"aib/[a-z0-9-]+", found.code)
    assert found.advice or found.kind == "exact"
    assert not found.since or found.since in API_VERSIONS
    assert found.path.startswith(("template_identity", "subnet_id")) or not found.plain or found.to


def options(shared: Path, kind: str) -> list[tuple[str, str]]:
    """(type, option) of every component of a kind; what all take is with each."""
    lines = [line.split("\t") for line in (shared / "oracles" / "options.tsv").read_text().splitlines()[1:]]
    own = [(line[1], line[2]) for line in lines if line[0] == kind and line[1] != "*"]
    shared_by_all = [line[2] for line in lines if line[0] == kind and line[1] == "*"]
    return own + [(type, name) for type in dict.fromkeys(type for type, _ in own) for name in shared_by_all]


def test_every_option_of_a_provisioner_has_a_row(shared: Path) -> None:
    wanted = options(shared, "provisioner")
    assert len(wanted) > 400
    assert [(type, name) for type, name in wanted if name.partition(".")[0] not in provisioner_rows(type)] == []


def test_every_option_of_a_post_processor_has_a_row(shared: Path) -> None:
    wanted = options(shared, "post-processor")
    assert len(wanted) > 150
    assert [(type, name) for type, name in wanted if name not in post_processor_rows(type)] == []


def test_provisioners_that_packer_has_are_known(shared: Path) -> None:
    assert {type for type, _ in options(shared, "provisioner")} <= LOWERED | STEPS.keys() | TYPES


LOWERED = {"shell", "file", "sleep", "powershell", "windows-restart", "windows-shell", "windows-update"}
ROWS = [
    found
    for made, types in (
        (provisioner_rows, sorted(LOWERED | STEPS.keys() | TYPES)),
        (post_processor_rows, sorted(POST_PROCESSORS)),
    )
    for type in types
    for found in made(type).values()
]


def test_rows_of_steps_say_what_they_must() -> None:
    for found in ROWS:
        assert re.fullmatch(r"(aib|packer)/[a-z0-9-]+", found.code), found.path
        assert found.advice, found.path
        assert found.kind in CLASSES, found.path


def _schema(shared: Path, version: str) -> dict[str, Any]:
    path = shared / "oracles" / "imagebuilder" / "schemas" / f"{version}.json"
    return json.loads(path.read_text())["definitions"]  # type: ignore[no-any-return]


def test_properties_of_customizers_are_those_of_the_schema(shared: Path) -> None:
    definitions = _schema(shared, DEFAULT)
    for kind in KINDS:
        name = kind.type.replace("WindowsRestart", "Restart")
        known = set(definitions[f"ImageTemplate{name}Customizer"]["properties"]) | {"name"}
        assert {property for _, property in kind.properties} == known - {"type"}


#: Where the last but one word of a pointer is defined.
HOLDERS = {
    "properties": "ImageTemplateProperties",
    "source": "ImageTemplateSharedImageVersionSource",
    "vmProfile": "ImageTemplateVmProfile",
    "vnetConfig": "VirtualNetworkConfig",
    "*": "ImageTemplateSharedImageDistributor",
}


def test_properties_came_with_the_version_that_a_row_names(shared: Path) -> None:
    seen = 0
    for found in rows().values():
        holder, name = found.to.split("/")[-2:] if found.since else ("", "")
        if name == "uri":
            holder = "vhd"
        for version in API_VERSIONS[3:] if (holder and found.kind != "exact") or holder == "vmProfile" else ():
            definition = _schema(shared, version)[HOLDERS.get(holder, "ImageTemplateVhdDistributor")]
            assert (name in definition["properties"]) == has(version, found.since), (found.path, version)
            seen += 1
    assert seen > 20
