"""Image templates that people wrote by hand of a Packer template: ours agree with theirs on what both say.

They have one customizer for each script of a step, elevate as the system, restart and update with the service's own
customizers, and leave generalizing to the service.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from bakelift.__main__ import main

CASE = Path(__file__).parent / "cases" / "migrated-by-hand"
GENERALIZES = re.compile(r"(?i)sysprep(?:\.exe)?['\"]?\s.*/generalize|waagent\b.*-deprovision")

#: (Packer template, image template that its people made of it) in the folder of pairs.
PAIRS = [
    (
        "kkamegawa__windowsjpimagebuilder/images/windows2019.json",
        "kkamegawa__windowsjpimagebuilder/windows2019image.json",
    ),
    (
        "lenvolk__images-using-azure-image-builder/ADOImageBuilder/packer/packerchoco.json",
        "lenvolk__images-using-azure-image-builder/LenVolk/AIB-Choco.json",
    ),
    (
        "lenvolk__images-using-azure-image-builder/ADOImageBuilder/packer/packer_optimization.json",
        "lenvolk__images-using-azure-image-builder/LenVolk/AIB-ChocoWin11.json",
    ),
]


def customizers(template: dict[str, Any]) -> list[dict[str, Any]]:
    resources = [r for r in template.get("resources", [template]) if "source" in r.get("properties", {})]
    found: list[dict[str, Any]] = resources[0]["properties"]["customize"]
    return found


def scripts(listed: list[dict[str, Any]]) -> list[str]:
    """Base names of the scripts that are customizers of their own, in order, as files of Windows compare."""
    names = [
        str(c.get("scriptUri") or c.get("name", "")).rsplit("/", 1)[-1] for c in listed if c["type"] == "PowerShell"
    ]
    return [name.lower() for name in names if name.lower().endswith(".ps1")]


def lines(listed: list[dict[str, Any]]) -> str:
    return "\n".join(line for c in listed for line in c.get("inline", ()) if isinstance(line, str))


def make_up(folder: Path, path: str) -> None:
    """A file of this name where there is none; one of Windows' is looked for by its name with the backslash too."""
    for name in {path, path.replace("\\", "/")}:
        whole = folder / name
        if not whole.exists():
            whole.parent.mkdir(parents=True, exist_ok=True)
            whole.write_text(f"Write-Output '{whole.name}'\n")


@pytest.fixture(params=PAIRS, ids=lambda pair: pair[0].split("/")[-1])
def pair(
    request: pytest.FixtureRequest, shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> tuple[dict[str, Any], list[dict[str, Any]], list[dict[str, Any]]]:
    """Packer's template, the customizers that we make of it, and theirs. Scripts that the pair lost are made up."""
    packer, theirs = (shared / "corpus" / "pairs" / name for name in request.param)
    template = json.loads(packer.read_text(encoding="utf-8-sig"))
    shutil.copytree(packer.parent, tmp_path / "in")
    for step in template["provisioners"]:
        for path in step.get("scripts", ()) if "direction" not in step else ():
            make_up(tmp_path / "in", re.sub(r"\{\{\s*template_dir\s*\}\}/", "", path))
        if step["type"] == "file" and step.get("direction") != "download":
            make_up(tmp_path / "in", re.sub(r"\{\{\s*template_dir\s*\}\}/", "", step["source"]))
    out = tmp_path / "out.json"
    words = ["-allow-secrets-inline", "-root", str(tmp_path / "in"), "-out", str(out)]
    status = main(["translate", *words, str(tmp_path / "in" / packer.name)])
    assert status in (0, 3), capsys.readouterr().err
    hand = json.loads(theirs.read_text(encoding="utf-8-sig"))
    return template, customizers(json.loads(out.read_text())), customizers(hand)


Pair = tuple[dict[str, Any], list[dict[str, Any]], list[dict[str, Any]]]


def test_each_script_is_a_customizer_of_its_own(pair: Pair) -> None:
    template, ours, theirs = pair
    named = [
        re.split(r"[\\/]", path)[-1].lower()
        for step in template["provisioners"]
        if step["type"] == "powershell"
        for path in step.get("scripts", ())
    ]
    made = scripts(ours)
    assert [name for name in named if "sysprep" not in name] == [name for name in made if "sysprep" not in name]
    both = [name for name in scripts(theirs) if name in made]
    assert [name for name in made if name in both] == both, "in the same order"


def test_elevated_steps_run_as_the_system(pair: Pair) -> None:
    template, ours, theirs = pair
    wanted = [step for step in template["provisioners"] if step.get("elevated_user")]
    count = sum(len(step.get("scripts", ())) or 1 for step in wanted)
    elevated = [c for c in ours if c.get("runElevated") is True]
    assert len(elevated) == count and all(c["runAsSystem"] is True for c in elevated)
    assert any(c.get("runElevated") is True for c in theirs)


def test_nobody_generalizes_and_restarts_are_the_service_s(pair: Pair) -> None:
    template, ours, theirs = pair
    assert not GENERALIZES.search(lines(ours)) and not GENERALIZES.search(lines(theirs))
    restarts = [step for step in template["provisioners"] if step["type"] == "windows-restart"]
    made = [c for c in ours if c["type"] == "WindowsRestart"]
    assert [step.get("restart_timeout") for step in restarts] == [c.get("restartTimeout") for c in made]


def test_our_folder_agrees_with_what_people_write() -> None:
    template = json.loads((CASE / "expected" / "out" / "agents.json").read_text())
    shown = []
    for customizer in customizers(template):
        kept = {k: v for k, v in customizer.items() if k not in ("name", "sha256Checksum")}
        if "scriptUri" in kept:
            kept["scriptUri"] = kept["scriptUri"].rsplit("/", 1)[-1]
        shown.append(kept)
    assert shown == json.loads((CASE / "by-hand.json").read_text())
