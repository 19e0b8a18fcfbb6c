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


GALLERY = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/galleries/g/images/i"
NETWORK = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks"


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        ({"distribute": []}, "at least one place"),
        ({"stagingResourceGroup": "staging"}, "is no resource group's id"),
        (
            {
                "customize": [
                    {"type": "Shell", "inline": ["x"]},
                    {"type": "File", "sourceUri": "x", "destination": "/etc/x"},
                ]
            },
            "not below /tmp",
        ),
        ({"customize": [{"type": "File", "sourceUri": "x", "destination": "/tmp/x/"}]}, "it has to name the file"),
        (
            {
                "vmProfile": {
                    "vnetConfig": {
                        "subnetId": f"{NETWORK}/a/subnets/x",
                        "containerInstanceSubnetId": f"{NETWORK}/b/subnets/y",
                    }
                }
            },
            "of the same network",
        ),
        (
            {
                "distribute": [
                    {
                        "type": "SharedImage",
                        "runOutputName": "a",
                        "galleryImageId": f"{GALLERY}/versions/1.0.0",
                        "versioning": {"scheme": "Latest"},
                    }
                ]
            },
            "asks to count it up",
        ),
        ({"optimize": {"vmBoot": {"state": "enabled"}}}, "'enabled' is none of Enabled, Disabled"),
        ({"errorHandling": {"onCustomizerFailure": "abort"}}, "is no property of Image Builder"),
    ],
)
def test_more_rules(properties: dict[str, Any], words: str) -> None:
    assert any(words in complaint for complaint in complaints(body(**properties))), complaints(body(**properties))


def test_rules_that_hold() -> None:
    sound = body(
        stagingResourceGroup="/subscriptions/s/resourceGroups/staging",
        customize=[
            {"type": "PowerShell", "inline": ["x"]},
            {"type": "File", "sourceUri": "x", "destination": "C:\\x\\y.txt"},
        ],
        vmProfile={
            "vnetConfig": {
                "subnetId": f"{NETWORK}/a/subnets/x",
                "containerInstanceSubnetId": f"{NETWORK.lower()}/A/subnets/y",
            }
        },
        optimize={"vmBoot": {"state": "Enabled"}},
    )
    assert complaints(sound) == []


def seen(version: str = DEFAULT, **properties: Any) -> list[tuple[str, str, str]]:
    found = Diagnostics()
    check_resource(body(**properties), version, "", found, others=True)
    return [(d.severity, d.code, d.summary) for d in found]


@pytest.mark.parametrize(
    ("type", "line", "words"),
    [
        ("Shell", "sudo rm -rf /tmp/*", "generalizes the image"),
        ("Shell", "rm -fr /tmp", "generalizes the image"),
        ("Shell", "sudo apt-get install nginx", "nobody answers"),
        ("Shell", "yum install httpd", "nobody answers"),
        ("Shell", "sudo reboot", "restarts the machine"),
        ("Shell", "echo done; shutdown -r now", "restarts the machine"),
        ("PowerShell", "Restart-Computer -Force", "WindowsRestart"),
        ("PowerShell", "Remove-Item -Recurse c:\\*", "generalizes the image"),
    ],
)
def test_lines_that_are_known_to_fail(type: str, line: str, words: str) -> None:
    ((severity, code, summary),) = seen(customize=[{"type": type, "inline": [line]}])
    assert (severity, code) == ("warning", "aib/trouble") and words in summary and line in summary


@pytest.mark.parametrize(
    "line",
    [
        "sudo rm -rf /tmp/site /tmp/*.deb",
        "sudo apt-get install -y nginx",
        "sudo apt-get -y install nginx",
        "DEBIAN_FRONTEND=noninteractive apt-get -qq install nginx",
        "apt-get update",
        "dnf -y install httpd",
        "echo reboot later > /etc/motd",
        "touch /var/run/reboot-required",
    ],
)
def test_lines_that_are_sound(line: str) -> None:
    assert seen(customize=[{"type": "Shell", "inline": [line]}]) == []


def test_other_troubles() -> None:
    update = {"type": "WindowsUpdate"}
    assert any("unexpected EOF" in s for _, _, s in seen(customize=[update]))
    assert seen(customize=[update], vmProfile={"vmSize": "Standard_D4s_v5"}) == []
    alone = {"type": "PowerShell", "inline": ["x"], "runElevated": True}
    assert any("stops responding" in s for _, _, s in seen(customize=[alone]))
    assert any("less than an hour" in s for _, _, s in seen(customize=[alone], buildTimeoutInMinutes=30))
    twice = [{"type": "Shell", "name": "a", "inline": ["x"]}] * 2
    assert any("as another is" in s for _, _, s in seen(customize=twice))


def test_fields_of_other_versions() -> None:
    known = {"type": "VHD", "runOutputName": "a", "aritfactTags": {}}
    assert ("error", "aib/rule") in [item[:2] for item in seen(distribute=[known])]
    assert [item[:2] for item in seen("2022-07-01", distribute=[known])] == [("warning", "aib/ignored-field")]
    exported = {"provisioningState": "Succeeded", "lastRunStatus": {}, "exactStagingResourceGroup": "x"}
    assert seen(**exported) == []


@pytest.mark.parametrize(("size", "count"), [("Standard_A1", 1), ("Standard_D1_v2", 1), ("Standard_D4s_v5", 0)])
def test_windows_updates_want_a_machine_of_some_size(size: str, count: int) -> None:
    found = complaints(body(customize=[{"type": "WindowsUpdate"}], vmProfile={"vmSize": size}))
    assert [line for line in found if "too small for Windows updates" in line] == found and len(found) == count
