"""Makes the JSON Schemas of image templates, one an API version, from the table of properties (``make schemas``)."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from bakelift.translator.imagebuilder.properties import ENVELOPE, PROPERTIES, UNIONS, VERSIONS, Property, below, kinds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FOLDER = Path(__file__).parent / "imagebuilder"

#: A whole value may be an expression, which ARM works out at deployment.
_EXPRESSION = {"type": "string", "pattern": r"^\[[^\[].*\]$"}
_SCALARS = {"int": {"type": "integer"}, "bool": {"type": "boolean"}, "str": {"type": "string"}}
_TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}
_IDS = {"type": "object", "additionalProperties": {"type": "object"}}


def schema(version: str) -> dict[str, Any]:
    """The schema of an image template, in a deployment template or by itself (then without name and apiVersion)."""
    whole = _object("", None, version)
    whole["properties"]["type"] = {"const": "Microsoft.VirtualMachineImages/imageTemplates"}
    whole["properties"]["apiVersion"] = {"const": version}
    whole["properties"].update({name: {} for name in sorted(ENVELOPE - {"type", "apiVersion"})})
    whole["required"].remove("name")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Microsoft.VirtualMachineImages/imageTemplates, API version {version}",
        "description": "Made from bakelift's table of properties.",
        **whole,
    }


def text(version: str) -> str:
    return json.dumps(schema(version), indent=2) + "\n"


def _object(path: str, kind: str | None, version: str) -> dict[str, Any]:
    items = [item for item in below(path, kind) if item.known(version)]
    made: dict[str, Any] = {}
    required = []
    if kind is not None:
        word = UNIONS[path][0]
        made[word] = {"const": kind}
        required.append(word)
    for item in items:
        name = item.path.rpartition(".")[2]
        made[name] = _value(item, version)
        if item.demanded(version):
            required.append(name)
    return {"type": "object", "properties": made, "required": required, "additionalProperties": False}


def _value(item: Property, version: str) -> dict[str, Any]:
    listed = item.type.startswith("list:")
    of = item.type.removeprefix("list:")
    if of == "union":
        one: dict[str, Any] = {"oneOf": [_object(item.path, kind, version) for kind in kinds(item.path, version)]}
    elif of == "obj":
        one = _object(f"{item.path}[]" if listed else item.path, None, version)
    elif of in ("map", "ids"):
        one = dict(_TEXTS if of == "map" else _IDS)
    else:
        one = _scalar(item, of, version)
    if listed:
        return _or_expression({"type": "array", "items": one if of == "str" else _or_expression(one)})
    return one if one == {"type": "string"} else _or_expression(one)


def _scalar(item: Property, of: str, version: str) -> dict[str, Any]:
    one: dict[str, Any] = dict(_SCALARS[of])
    if item.values:
        return {"enum": list(item.choices(version))}
    for key, value in (("minimum", item.minimum), ("maximum", item.maximum), ("pattern", item.pattern or None)):
        if value is not None:
            one[key] = value
    return one


def _or_expression(one: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [one, _EXPRESSION]}


def main() -> int:
    """Writes the schemas below the folder that is named, or where this file stands."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(exist_ok=True)
    for version in VERSIONS:
        (folder / f"{version}.schema.json").write_text(text(version))
    print(f"{len(VERSIONS)} schemas of {len(PROPERTIES)} properties in {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
