"""The service's rules: what is refused before it is written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bakelift.translator.diagnostics import Diagnostics
from bakelift.translator.imagebuilder.rules import check_deployment, check_resource
from bakelift.translator.imagebuilder.versions import DEFAULT

IDENTITY = {"type": "UserAssigned", "userAssignedIdentities": {"/x": {}}}


def body(**properties: Any) -> dict[str, Any]:
    whole = {
        "source": {"type": "PlatformImage", "publisher": "p", "offer": "o", "sku": "s", "version": "latest"},
        "distribute": [{"type": "VHD", "runOutputName": "a"}],
        **properties,
    }
    return {"location": "eastus", "identity": IDENTITY, "properties": whole}


def complaints(resource: dict[str, Any]) -> list[str]:
    found = Diagnostics()
    check_resource(resource, DEFAULT, "", found)
    return [d.summary for d in found]


def test_a_sound_resource() -> None:
    assert complaints(body(buildTimeoutInMinutes=6)) == []


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        ({"buildTimeoutInMinutes": 5}, "0 or 6 to 960"),
        ({"buildTimeoutInMinutes": 961}, "0 or 6 to 960"),
        ({"customize": [{"type": "Shell"}]}, "either inline or scriptUri"),
        ({"customize": [{"type": "Shell", "inline": [], "scriptUri": "x"}]}, "either inline or scriptUri"),
        ({"customize": [{"type": "PowerShell", "inline": [], "runAsSystem": True}]}, "runAsSystem needs runElevated"),
        ({"customize": [{"type": "Shell", "scriptUri": "x", "sha256Checksum": "A" * 64}]}, "lower case"),
        ({"customize": [{"type": "shell", "inline": []}]}, "no type of customizer"),
        ({"customize": [{"type": "File", "sourceUri": "x"}]}, "sourceUri and destination"),
        ({"source": {"type": "PlatformImage", "publisher": "p"}}, "has no offer"),
        ({"distribute": [{"type": "VHD", "runOutputName": "a"}] * 2}, "there twice"),
        ({"distribute": [{"type": "VHD", "runOutputName": "a b"}]}, "is no name"),
        (
            {"distribute": [{"type": "SharedImage", "runOutputName": "a", "targetRegions": [{"name": "x"}] * 2}]},
            "a target region twice",
        ),
        (
            {
                "distribute": [
                    {
                        "type": "SharedImage",
                        "runOutputName": "a",
                        "targetRegions": [{"name": "x", "replicaCount": 0}],
                        "replicationRegions": [],
                    }
                ]
            },
            "both targetRegions and replicationRegions",
        ),
        ({"vmProfile": {"vnetConfig": {"containerInstanceSubnetId": "/a"}}}, "needs subnetId"),
        (
            {"vmProfile": {"vnetConfig": {"containerInstanceSubnetId": "/a", "subnetId": "/a", "proxyVmSize": "x"}}},
            "must be another subnet",
        ),
    ],
)
def test_broken_rules(properties: dict[str, Any], words: str) -> None:
    assert any(words in complaint for complaint in complaints(body(**properties)))


def test_limits_of_a_deployment() -> None:
    found = Diagnostics()
    template = {"parameters": {str(i): {} for i in range(257)}, "resources": [body(x="y" * 1024 * 1024)]}
    check_deployment(template, DEFAULT, found)
    codes = [d.code for d in found]
    assert codes.count("aib/limit") == 1 and "aib/too-large" in codes


def test_official_examples_break_no_rule(shared: Path, judge: Callable[[dict[str, Any]], list[str]]) -> None:
    for version in (DEFAULT, "2025-10-01"):
        folder = shared / "oracles" / "imagebuilder" / "examples" / version
        for name in ("CreateImageTemplateLinux.json", "CreateImageTemplateWindows.json"):
            resource = json.loads((folder / name).read_text())["parameters"]["parameters"]
            found = Diagnostics()
            check_resource(resource, version, "", found)
            assert list(found) == []
