"""What real Packers say to what is written: the installed one when the test runs, today's one as it once did.

Today's Packer and its Azure plugin are not here; ``verdicts.json`` beside this file keeps what they said, with a hash
of the text that they said it of. A text that has changed since has no verdict.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bakelift.loading import load_template
from bakelift.packer_output import write_packer
from bakelift.translator.diagnostics import Diagnostics, SourceFile, TemplateError
from bakelift.translator.packer.hcl_reader import read_hcl
from bakelift.translator.packer.refused import CARRIED
from bakelift.translator.plan.expressions import Literal
from bakelift.translator.plan.types import BOOL, NUMBER

if TYPE_CHECKING:
    from bakelift.translator.plan.model import Plan

CASES = Path(__file__).parent / "cases"
VERDICTS = json.loads((Path(__file__).parent / "verdicts.json").read_text())

#: What HCL has had only since a later Packer than 1.6.6.
YOUNGER = re.compile(
    r"legacy_|rfc3339_parse|^local \"|error-cleanup-provisioner|^data \"|templatefile|strcontains|regexall",
    re.MULTILINE,
)


#: What Packer says when HCL is not what it has to be, whatever the values are.
STRUCTURE = (
    r"Unsupported (argument|block)|Invalid (expression|reference)|Call to unknown|Incorrect attribute|not defined"
)


@pytest.mark.parametrize("name", sorted(VERDICTS["cases"]))
def test_todays_packer_takes_golden_outputs(name: str) -> None:
    path = CASES / name
    said = VERDICTS["cases"][name]
    if hashlib.sha256(path.read_bytes()).hexdigest() != said["sha256"]:
        pytest.skip("the text has changed since Packer judged it")
    assert said["verdict"] == "valid"


def test_todays_packer_takes_what_real_templates_become(shared: Path) -> None:
    """What it refuses is refused in the input too: values that nobody gave, files that are not there."""
    judged = 0
    for name, said in VERDICTS["corpus"].items():
        diagnostics = Diagnostics()
        plan = load_template(str(shared / "corpus" / name), diagnostics).plan
        made = write_packer(plan, "hcl", "x.pkr.hcl", None, diagnostics)
        if hashlib.sha256(made.text.encode()).hexdigest() == said["sha256"]:
            judged += 1
            refused = re.search(STRUCTURE, said["verdict"])
            # A plugin's option or function of other times is no success either way.
            told = {item.code for item in made.report.items} & {"hcl/unknown-option", "hcl/plugin-function"}
            assert not refused or told, (name, said["verdict"])
    if not judged:
        pytest.skip("all texts have changed since Packer judged them")


# -- the installed Packer ---------------------------------------------------------------------------------------------


def units(shared: Path) -> list[Path]:
    lines = (shared / "corpus" / "UNITS.tsv").read_text().splitlines()[1:]
    return [shared / "corpus" / row[0] / row[2] for row in (line.split("\t") for line in lines) if row[1] == "json"]


def beside(unit: Path, folder: Path) -> None:
    """A folder with what stands beside a template, so that what it names is found."""
    folder.mkdir()
    for entry in unit.parent.iterdir():
        if not entry.name.endswith((".pkr.hcl", ".pkr.json")):
            (folder / entry.name).symlink_to(entry)


def given(plan: Plan) -> list[str]:
    """A value for each variable that must be given."""
    found = []
    for item in plan.inputs:
        if item.default is None:
            value = {BOOL: "true", NUMBER: "1"}.get(item.type, "x") if item.type is not None else "x"  # type: ignore[call-overload]
            found += ["-var", f"{item.name}={value}"]
    return found


def validated(packer: str, folder: Path, name: str, variables: list[str]) -> str:
    """What ``packer validate`` says; nothing when it takes the template."""
    words = [packer, "validate", *variables, name]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    return "" if done.returncode == 0 else (done.stdout + done.stderr)


@pytest.fixture(scope="module")
def packer() -> str:
    found = shutil.which("packer")
    if found is None:
        pytest.skip("packer is not installed")
    return found


#: Builders that the installed Packer has.
OF_OLD = {"azure-arm", "docker", "file", "null", "qemu"}


#: What 1.6.6 says when it crashes itself: its sleep provisioner cannot be used from HCL.
CRASH = "missing method FlatMapstructure"


@pytest.mark.slow
def test_what_packer_takes_as_json_it_takes_as_written(shared: Path, tmp_path: Path, packer: str) -> None:
    """In both languages; HCL without what is younger than the installed Packer."""
    as_hcl = as_json = 0
    for number, unit in enumerate(units(shared)):
        diagnostics = Diagnostics()
        try:
            plan = load_template(str(unit), diagnostics).plan
        except TemplateError:
            continue
        if diagnostics.failed or {source.type for source in plan.sources} - OF_OLD:
            continue
        folder = tmp_path / str(number)
        beside(unit, folder)
        if validated(packer, folder, unit.name, given(plan)):
            continue
        (folder / "written.json").write_text(write_packer(plan, "json", "written.json", None, Diagnostics()).text)
        said = validated(packer, folder, "written.json", given(plan))
        assert not said, (unit, said)
        as_json += 1
        text = write_packer(plan, "hcl", "x.pkr.hcl", None, Diagnostics()).text
        if YOUNGER.search(text):
            continue
        (folder / "x.pkr.hcl").write_text(re.sub(r"^packer \{\n(.*\n)*?\}\n", "", text, flags=re.MULTILINE))
        wanted = load_template(str(folder / "x.pkr.hcl"), Diagnostics()).plan
        said = validated(packer, folder, "x.pkr.hcl", given(wanted))
        if CRASH in said:
            continue
        assert not said, (unit, said)
        as_hcl += 1
    assert as_json > 30
    assert as_hcl > 20


def test_packer_lays_out_golden_outputs_the_same(packer: str, tmp_path: Path) -> None:
    found = sorted(CASES.glob("*/expected/out/*.pkr.hcl"))
    for number, path in enumerate(found):
        (tmp_path / f"{number}.pkr.hcl").write_bytes(path.read_bytes())
    done = subprocess.run([packer, "fmt", "-check", str(tmp_path)], check=False, capture_output=True, text=True)
    assert done.stdout == ""
    assert len(found) > 4


def test_an_independent_reader_sees_the_same_values() -> None:
    hcl2 = pytest.importorskip("hcl2")
    seen = 0
    for path in sorted(CASES.glob("*/expected/out/*.pkr.hcl")):
        data = hcl2.loads(path.read_text())
        diagnostics = Diagnostics()
        plan = read_hcl([SourceFile(path.name, path.read_text())], path.name, ".", diagnostics, carried=CARRIED)
        assert [_name(block) for block in data.get("variable", [])] == [item.name for item in plan.inputs]
        for block, item in zip(data.get("variable", []), plan.inputs, strict=True):
            default = block[next(iter(block))].get("default")
            if isinstance(item.default, Literal) and isinstance(item.default.value, (bool, int)):
                assert default == item.default.value
            elif isinstance(item.default, Literal) and isinstance(item.default.value, str):
                assert default.strip('"') == item.default.value
        steps = [step for build in data.get("build", []) for step in build.get("provisioner", [])]
        assert [_name(step) for step in steps] == [step.type for group in plan.groups for step in group.steps]
        seen += len(steps)
    assert seen > 10


def _name(block: dict[str, object]) -> str:
    return next(iter(block)).strip('"')
