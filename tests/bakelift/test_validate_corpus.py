"""Real templates: each is valid or rejected at a place, and Packer itself gives the same verdict where it can."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from bakelift.__main__ import main

#: Accepted here and refused by 1.6.6, which is older than what they use: required_plugins, OIDC, ``specialized``, and
#: an image version without replication_regions (the region of the build stands for them now).
YOUNGER = {
    "rathoelvis76__azure-packer-demo",
    "hashicorp__packer-plugin-azure/example/github-oidc-example.pkr.hcl",
    "hashicorp__packer-plugin-azure@38f93ff23d/builder/azure/arm/testdata/arm_linux_generalized.pkr.hcl",
    "hashicorp__packer-plugin-azure@38f93ff23d/builder/azure/arm/testdata/windows_sig.pkr.hcl",
}


def complete(shared: Path, *classes: str) -> list[tuple[str, Path, Path]]:
    """(unit, its path, its repository's folder) of the complete units of Packer's."""
    with (shared / "corpus" / "UNITS.tsv").open() as file:
        rows = [r for r in csv.DictReader(file, delimiter="\t") if r["class"] in classes and r["state"] == "complete"]
    tops = [shared / "corpus" / r["class"] for r in rows]
    return [(r["unit"], top / r["unit"], top / r["unit"].split("/")[0]) for r, top in zip(rows, tops, strict=True)]


def verdict(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, list[dict[str, object]]]:
    status = main(["validate", "-format", "json", *words])
    captured = capsys.readouterr()
    assert captured.err == "", words
    return status, json.loads(captured.out)["diagnostics"]


def test_every_template_is_valid_or_rejected_at_a_place(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    units = complete(shared, "packer-azure", "packer-other")
    assert len(units) == 325
    valid = 0
    for unit, path, root in units:
        status, diagnostics = verdict(capsys, "-root", str(root), str(path))
        errors = [d for d in diagnostics if d["severity"] == "error"]
        assert status == bool(errors), unit
        assert all(d["span"] for d in errors), (unit, errors)
        valid += not errors
    # Most of the rest name variables that the command line must give, or scripts that their repositories do not keep.
    assert valid >= 120


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("packer") is None, reason="no packer on this machine")
def test_packer_gives_the_same_verdict(
    shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment = {**os.environ, "CHECKPOINT_DISABLE": "1", "PACKER_NO_COLOR": "1", "HOME": str(tmp_path)}
    accepted, different = 0, set()
    for unit, path, root in complete(shared, "packer-azure"):
        monkeypatch.chdir(path.parent if path.is_file() else path)
        name = path.name if path.is_file() else "."
        given = _required(path) if name.endswith(".json") else []
        words = ["packer", "validate", *given, name]
        packer = subprocess.run(words, env=environment, capture_output=True, check=False, timeout=60)
        status, _ = verdict(capsys, "-root", str(root), *given, name)
        accepted += status == 0
        if packer.returncode != status:
            assert status == 0, (unit, packer.stdout)
            different.add(unit)
    assert different == YOUNGER
    assert accepted >= 35


def _required(path: Path) -> list[str]:
    """A -var for each variable that a legacy template leaves open."""
    variables = json.loads(path.read_text()).get("variables", {})
    return [word for name, value in variables.items() if value is None for word in ("-var", f"{name}=x1")]
