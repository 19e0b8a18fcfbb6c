"""What the service says of an image template that is not as its API version has it: exact names, at every depth.

From 2024-02-01 on it refuses unknown fields and other cases. What is submitted by itself is no deployment: nobody would
work out an expression in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

FOLDER = Path(__file__).resolve().parents[2] / "schemas" / "imagebuilder"
_TYPE = "Microsoft.VirtualMachineImages/imageTemplates"


@cache
def _validator(version: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads((FOLDER / f"{version}.schema.json").read_text()))


def judge(version: str, path: str, body: dict[str, Any]) -> str | None:
    """For :attr:`fake_arm.Arm.judges`."""
    expressions = [text for text in _texts(body.get("properties", {})) if text.startswith("[") and text.endswith("]")]
    if any(text.startswith(("[parameters(", "[variables(", "[format(", "[concat(")) for text in expressions):
        return f"an expression that nobody works out: {expressions[0]}"
    unknown = sorted(set(body) - {"location", "tags", "identity", "properties"})
    if unknown:
        return f"unknown field {unknown[0]!r}"
    whole = {**body, "type": _TYPE, "apiVersion": version, "name": path.rpartition("/")[2]}
    error = next(iter(sorted(_validator(version).iter_errors(whole), key=lambda e: -len(e.absolute_path))), None)
    if error is None or version < "2024-02-01":
        return None
    where = "/".join(map(str, error.absolute_path))
    return f"Unmarshalling entity encountered error: {where}: {error.message[:300]}"


def _texts(data: object) -> Iterator[str]:
    if isinstance(data, dict):
        for name, value in data.items():
            if name != "inline":
                yield from _texts(value)
    elif isinstance(data, list):
        for item in data:
            yield from _texts(item)
    elif isinstance(data, str):
        yield data
