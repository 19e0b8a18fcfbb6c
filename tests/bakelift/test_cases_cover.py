"""The golden folders show everything that the tables know, and an independent check accepts what they expect.

What has to be there is asked of the tables: a new customizer, property, API version, option or format fails here until
a folder shows it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bakelift.__main__ import main
from bakelift.commands.translate import FORMATS
from bakelift.translator.imagebuilder.lowering.others import STEPS
from bakelift.translator.imagebuilder.lowering.tools import TYPES
from bakelift.translator.imagebuilder.properties import PROPERTIES, UNIONS, VERSIONS, kinds
from bakelift.translator.imagebuilder.table import rows
from bakelift.translator.imagebuilder.table_customizers import KINDS
from bakelift.translator.imagebuilder.table_steps import POST_PROCESSORS, post_processor_rows, provisioner_rows
from bakelift.translator.imagebuilder.versions import GALLERY_LATEST, has
from bakelift.translator.packer.tables.azure_arm import AZURE_ARM

CASES = Path(__file__).parent / "cases"
OTHERS = Path(__file__).parent.parent / "translator" / "imagebuilder" / "cases"
IMAGE_TEMPLATE = "Microsoft.VirtualMachineImages/imageTemplates"

#: Steps that are lowered by their own module; the other types are asked of the tables.
LOWERED = ("shell", "file", "sleep", "powershell", "windows-restart", "windows-shell", "windows-update")


@cache
def expected() -> list[tuple[str, dict[str, Any]]]:
    """Every image template that a golden folder expects, with the folder's name."""
    found = []
    paths = [path for top in (CASES, OTHERS) for path in sorted(top.glob("*/**/*.json"))]
    for path in paths:
        words = path.relative_to(CASES if path.is_relative_to(CASES) else OTHERS).parts
        if not any(word.startswith("expected") for word in words) or "parameters" in path.name:
            continue
        data = json.loads(path.read_text())
        if not isinstance(data, dict):
            continue
        listed = data.get("resources", [data] if "properties" in data else [])
        listed = list(listed.values()) if isinstance(listed, dict) else listed
        found += [
            (words[0], item) for item in listed if isinstance(item, dict) and "source" in item.get("properties", {})
        ]
    return found


@cache
def texts(pattern: str) -> str:
    """All files of the golden folders that have such names."""
    paths = [path for top in (CASES, OTHERS) for path in sorted(top.glob(pattern))]
    return "\n".join(path.read_text() for path in paths)


def walked(data: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """(path, kind) of what a template says, in the words of the table of properties; the kind of a union's objects."""
    if path in UNIONS:
        word = UNIONS[path][0]
        for item in data if isinstance(data, list) else [data]:
            if isinstance(item, dict) and isinstance(item.get(word), str):
                yield path, item[word]
                for name, value in item.items():
                    own = f"{path}[{item[word]}].{name}"
                    yield from walked(value, own if own in PATHS else f"{path}[].{name}")
        return
    yield path, ""
    if isinstance(data, list) and f"{path}[].name" not in PATHS and data and isinstance(data[0], dict):
        for item in data:
            for name, value in item.items():
                yield from walked(value, f"{path}[].{name}")
    elif isinstance(data, list):
        for item in data:
            for name, value in item.items() if isinstance(item, dict) else ():
                yield from walked(value, f"{path}[].{name}")
    elif isinstance(data, dict):
        for name, value in data.items():
            yield from walked(value, f"{path}.{name}" if path else name)


PATHS = {item.path for item in PROPERTIES}


@cache
def seen() -> frozenset[tuple[str, str]]:
    return frozenset(found for _, template in expected() for found in walked(template))


def test_an_independent_check_accepts_what_is_expected(judge: Callable[[dict[str, Any]], list[str]]) -> None:
    whole = [
        (name, item) for name, item in expected() if "<" not in json.dumps(item.get("properties", {}).get("source"))
    ]
    assert len(whole) > 60
    assert [(name, judge(item)) for name, item in whole if judge(item)] == []


def test_every_property_is_written_somewhere() -> None:
    assert sorted(PATHS - {path for path, _ in seen()}) == []


def test_every_kind_of_source_customizer_validator_and_distribution_is_written_somewhere() -> None:
    wanted = {(path, kind) for path in UNIONS for kind in kinds(path, VERSIONS[-1])}
    assert {kind.type for kind in KINDS} <= {kind for _, kind in wanted}
    assert sorted(wanted - seen()) == []


def test_every_api_version_and_format_has_a_folder() -> None:
    assert set(VERSIONS) <= {item.get("apiVersion") for _, item in expected()}
    commands = texts("*/command")
    outs = {path.name for path in CASES.glob("*/expected/out/*")}
    shown = set(re.findall(r"-to (\w+)", commands))
    shown |= {"bicep" for name in outs if name.endswith(".bicep")} | {"hcl" for name in outs if name.endswith(".hcl")}
    shown |= {"arm" for _, item in expected() if item.get("type") == IMAGE_TEMPLATE}
    assert set(FORMATS) <= shown


def test_what_is_newer_than_the_version_is_reported_with_its_version() -> None:
    since = {row.since for row in rows().values() if row.since and row.path.partition(".")[0] in AZURE_ARM.options}
    assert since
    said = set(re.findall(r"needs API version (\S+), and", texts("*/expected/stderr")))
    assert sorted(version for version in since - said if has(version, VERSIONS[1])) == []


@pytest.mark.parametrize("kind", ["provisioner", "post-processor"])
def test_every_type_of_step_has_a_folder(kind: str) -> None:
    wanted = {*LOWERED, *STEPS, *TYPES} if kind == "provisioner" else set(POST_PROCESSORS)
    shown = set(re.findall(rf'\b{kind}\s+"([\w-]+)"', texts("*/*.pkr.hcl")))
    assert sorted(wanted - shown) == []


def test_every_answer_of_the_tables_has_been_given() -> None:
    found = [row for row in rows().values() if row.path.partition(".")[0] in AZURE_ARM.options]
    found += [row for type in (*LOWERED, *STEPS, *TYPES) for row in provisioner_rows(type).values()]
    found += [row for type in POST_PROCESSORS for row in post_processor_rows(type).values()]
    # Of what is the same in the output, no report says more.
    wanted = {row.code: row.path for row in found if row.kind != "exact"}
    said = "\n".join(texts(pattern) for pattern in ("*/expected/**/report.*", "*/expected/stderr", "*/report.json"))
    assert {code: path for code, path in wanted.items() if not re.search(rf"\b{code}\b(?!-)", said)} == {}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("folder", ["own-linux", "own-windows"])
def test_an_image_template_is_written_in_every_version(
    folder: str,
    version: str,
    judge: Callable[[dict[str, Any]], list[str]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out, report = tmp_path / "out.json", tmp_path / "report.json"
    words = ["-to", "arm", "-api-version", version, "-out", str(out), "-report", str(report)]
    status = main(["translate", str(CASES / folder / "template.json"), *words])
    said = capsys.readouterr().err
    if not has(version, GALLERY_LATEST) and folder == "own-windows":
        assert status == 1 and "latest version of a gallery's image needs API version" in said
        return
    (resource,) = json.loads(out.read_text())["resources"]
    assert judge(resource) == [] and resource["apiVersion"] == version
    left = [item for item in json.loads(report.read_text())["items"] if item["code"] == "aib/newer-version"]
    assert (status == 3) == bool(left) == ("needs API version" in said)
    whole = json.loads((CASES / folder / "template.json").read_text())
    given = {path for path, _ in walked(whole.get("resources", [whole])[0])}
    written = {path for path, _ in walked(resource)}
    older = {item.path for item in PROPERTIES if item.known(version)} & given
    assert older - written <= {"name"}, "what the version has is written"
