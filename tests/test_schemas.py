"""The schemas of image templates are made from the table of properties, which says what the official schemas say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from bakelift.schemas import image_templates
from bakelift.translator.imagebuilder.properties import (
    PROPERTIES,
    UNIONS,
    VERSIONS,
    kinds,
    unknown_fields,
)

NAMES = {"string": "str", "integer": "int", "boolean": "bool", "object": "obj"}


@pytest.mark.parametrize("version", VERSIONS)
def test_schemas_are_current(version: str) -> None:
    path = image_templates.FOLDER / f"{version}.schema.json"
    assert path.read_text() == image_templates.text(version), "make schemas"
    jsonschema.Draft202012Validator.check_schema(json.loads(path.read_text()))


class Official:
    """The properties of an official schema by path, its references and discriminators resolved."""

    def __init__(self, whole: dict[str, Any]) -> None:
        self.definitions = whole["definitions"]
        self.rows: dict[str, tuple[Any, ...]] = {}
        self.unions: dict[str, list[str]] = {}
        self.walk("", whole["resourceDefinitions"]["imageTemplates"])

    def resolved(self, node: dict[str, Any]) -> dict[str, Any]:
        """Without what says that an expression will do too, and without references."""
        while True:
            if "$ref" in node:
                node = self.definitions[node["$ref"].rsplit("/", 1)[1]]
            elif "oneOf" in node and not {"properties", "allOf"} & set(node):
                alternatives = [one for one in node["oneOf"] if "expression" not in one.get("$ref", "")]
                if len(alternatives) != 1:
                    return {**node, "oneOf": alternatives}
                node = alternatives[0]
            else:
                return node

    def parts(self, node: dict[str, Any]) -> tuple[dict[str, Any], set[str], list[dict[str, Any]]]:
        """Properties, required names, and the alternatives of a union."""
        properties, required, alternatives = dict(node.get("properties", {})), set(node.get("required", ())), []
        alternatives += [one for one in node.get("oneOf", []) if "properties" not in node or "allOf" in one]
        for part in node.get("allOf", []):
            own, demanded, more = self.parts(self.resolved(part) if "$ref" in part else part)
            properties, required, alternatives = {**properties, **own}, required | demanded, alternatives + more
        return properties, required, alternatives

    def walk(self, path: str, node: dict[str, Any]) -> None:
        properties, required, alternatives = self.parts(node)
        if alternatives:
            self.union(path, properties, required, alternatives)
            return
        for name, value in properties.items():
            if path or name not in ("type", "apiVersion", "resources"):
                self.row(f"{path}.{name}" if path else name, value, name in required)

    def union(self, path: str, common: dict[str, Any], required: set[str], alternatives: list[dict[str, Any]]) -> None:
        word = UNIONS[path.removesuffix("[]")][0]
        base = path.removesuffix("[]")
        for name, value in common.items():
            if name != word:
                self.row(f"{base}[].{name}", value, name in required)
        for one in alternatives:
            properties, own_required, _ = self.parts(self.resolved(one))
            said = self.resolved(properties[word])
            (kind,) = said.get("enum") or [said["const"]]
            self.unions.setdefault(base, []).append(kind)
            for name, value in properties.items():
                if name != word and name not in common:
                    self.row(f"{base}[{kind}].{name}", value, name in own_required)

    def row(self, path: str, value: dict[str, Any], required: bool) -> None:
        node = self.resolved(value)
        listed = node.get("type") == "array"
        of = self.resolved(node["items"]) if listed else node
        extra = of.get("additionalProperties")
        if self.parts(of)[2]:
            kind = "union"
        elif of.get("type") == "object" and not of.get("properties") and isinstance(extra, dict):
            kind = "map" if self.resolved(extra).get("type") == "string" else "ids"
        else:
            kind = NAMES[of["type"]]
        facts = (of.get("minimum"), of.get("maximum"), of.get("pattern") or "")
        self.rows[path] = (f"list:{kind}" if listed else kind, required, tuple(of.get("enum", ())), *facts)
        if kind in ("obj", "union"):
            self.walk(f"{path}[]" if listed else path, of)


@pytest.fixture(params=VERSIONS)
def official(request: pytest.FixtureRequest, shared: Path) -> tuple[str, Official]:
    text = (shared / "oracles" / "imagebuilder" / "schemas" / f"{request.param}.json").read_text()
    return request.param, Official(json.loads(text))


def test_the_table_says_what_the_official_schemas_say(official: tuple[str, Official]) -> None:
    version, theirs = official
    ours = {
        item.path: (
            item.type,
            item.demanded(version),
            item.choices(version),
            item.minimum,
            item.maximum,
            item.pattern,
        )
        for item in PROPERTIES
        if item.known(version)
    }
    assert {path: row[0:2] for path, row in ours.items()} == {path: row[0:2] for path, row in theirs.rows.items()}
    assert {path: (set(row[2]), *row[3:]) for path, row in ours.items()} == {
        path: (set(row[2]), *row[3:]) for path, row in theirs.rows.items()
    }
    assert {path: sorted(kinds(path, version)) for path in UNIONS if kinds(path, version)} == {
        path: sorted(found) for path, found in theirs.unions.items()
    }


def templates(folder: Path) -> list[tuple[str, dict[str, Any]]]:
    """Image templates that are expected of a translation, with the names of their files."""
    found = []
    for path in sorted(folder.rglob("*.json")):
        if not any(part.startswith("expected") for part in path.relative_to(folder).parts):
            continue
        data = json.loads(path.read_text())
        for resource in data.get("resources", []) if isinstance(data, dict) else []:
            if isinstance(resource, dict) and str(resource.get("type", "")).endswith("/imageTemplates"):
                found.append((f"{path.parent.name}/{path.name}", resource))
    return found


def test_what_we_write_is_valid_by_our_own_schemas(checkout: Path) -> None:
    cases = templates(checkout / "tests" / "bakelift" / "cases")
    cases += templates(checkout / "tests" / "translator" / "imagebuilder" / "cases")
    assert len(cases) > 15
    for name, resource in cases:
        version = resource["apiVersion"]
        path = image_templates.FOLDER / f"{version}.schema.json"
        errors = list(jsonschema.Draft202012Validator(json.loads(path.read_text())).iter_errors(resource))
        assert not errors, (name, errors[0].message, errors[0].json_path)
        assert not list(unknown_fields(resource, version)), name


def test_official_examples_are_valid(shared: Path) -> None:
    folder = shared / "oracles" / "imagebuilder" / "examples"
    count = 0
    for version in ("2024-02-01", "2025-10-01"):
        validator = jsonschema.Draft202012Validator(image_templates.schema(version))
        for path in sorted((folder / version).glob("*.json")):
            body = json.loads(path.read_text()).get("parameters", {}).get("parameters", {})
            if not isinstance(body, dict) or "source" not in body.get("properties", {}):
                continue
            errors = list(validator.iter_errors(body))
            assert not errors, (path.name, errors[0].message, errors[0].json_path)
            assert not list(unknown_fields(body, version))
            count += 1
    assert count


@pytest.mark.parametrize(
    ("properties", "version", "wrong"),
    [
        ({"optimise": {}}, "2024-02-01", [("/properties/optimise", "is no property of Image Builder")]),
        ({"optimize": {"vmboot": {}}}, "2024-02-01", [("/properties/optimize/vmboot", "is called vmBoot")]),
        ({"optimize": {}}, "2021-10-01", [("/properties/optimize", "came with API version 2022-07-01")]),
        (
            {"optimize": {"vmBoot": {"state": "enabled"}}},
            "2024-02-01",
            [("/properties/optimize/vmBoot/state", "'enabled' is none of Enabled, Disabled")],
        ),
        (
            {"customize": [{"type": "shell"}]},
            "2024-02-01",
            [
                (
                    "/properties/customize/0/type",
                    "'shell' is none of Shell, PowerShell, WindowsRestart, WindowsUpdate, File",
                )
            ],
        ),
        (
            {"customize": [{"type": "Shell", "script": "x"}]},
            "2024-02-01",
            [("/properties/customize/0/script", "is no property of Image Builder")],
        ),
        (
            {"distribute": [{"type": "VHD", "uri": "x", "runOutputName": "a"}]},
            "2021-10-01",
            [("/properties/distribute/0/uri", "came with API version 2022-07-01")],
        ),
        ({"optimize": "[parameters('x')]", "customize": "[variables('y')]"}, "2024-02-01", []),
        ({"validate": {"inVMValidations": [{"type": "File", "name": "x"}]}}, "2022-02-14", None),
    ],
)
def test_fields_that_a_version_has_not(
    properties: dict[str, Any], version: str, wrong: list[tuple[str, str]] | None
) -> None:
    found = list(unknown_fields({"location": "x", "identity": {}, "properties": properties}, version))
    if wrong is None:
        assert found == [("/properties/validate/inVMValidations/0/type", "'File' is none of Shell, PowerShell")]
    else:
        assert found == wrong


@pytest.mark.parametrize(
    ("schema", "pattern"), [("staging", "*staging.json"), ("lock", "*.lock.json"), ("report", "report.json")]
)
def test_what_we_write_beside_is_valid(schema: str, pattern: str, checkout: Path) -> None:
    validator = jsonschema.Draft202012Validator(
        json.loads((checkout / "schemas" / f"{schema}.schema.json").read_text())
    )
    found = sorted((checkout / "tests" / "bakelift" / "cases").glob(f"*/expected/out/{pattern}"))
    assert found
    for path in found:
        errors = list(validator.iter_errors(json.loads(path.read_text())))
        assert not errors, (path, errors[0].message)
