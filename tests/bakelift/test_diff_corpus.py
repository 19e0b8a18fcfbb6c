"""Real templates and ``diff``: no difference to their own translations; a changed leaf is found at its place."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bakelift.__main__ import main
from bakelift.diffing import Template, difference, open_side
from bakelift.translator.diagnostics import TemplateError
from bakelift.translator.plan.expressions import Expr, Literal
from bakelift.translator.plan.model import Input, NamedValue, Setting

#: Every so many of the complete units in the quick run.
STEP = 25
#: What a setting names instead of saying it: a change of it is no change of one value.
PATHS = frozenset({"script", "scripts", "source", "sources", "playbook_file", "galaxy_file", "custom_data_file"})


@pytest.fixture(scope="module")
def units(complete_units: list[tuple[Path, Path]], tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Path, Path]]:
    """Copies that may be changed: (template, its repository's folder)."""
    top = tmp_path_factory.mktemp("corpus")
    copied: dict[Path, Path] = {}
    found = []
    for unit, root in complete_units:
        if root not in copied:
            copied[root] = top / root.name
            shutil.copytree(root, copied[root], symlinks=True)
            for path in copied[root].rglob("*"):
                if not path.is_symlink():
                    path.chmod(path.stat().st_mode | 0o200)
        found.append((copied[root] / unit.relative_to(root), copied[root]))
    return found


def unlike(unit: Path, root: Path, to: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """How a template differs from its translation, in both directions."""
    beside = unit if unit.is_dir() else unit.parent
    out = beside / f"translation.{'pkr.hcl' if to == 'hcl' else 'bicep' if to == 'bicep' else 'json'}"
    words = ["translate", "-to", to, "-missing-files", "placeholder", "-root", str(root), "-force", "-out", str(out)]
    try:
        main([*words, str(unit)])
        capsys.readouterr()
        if not out.exists():
            return []
        sides = [open_side(str(path), roots=[str(root)]) for path in (unit, out)]
        found = []
        for old, new in (sides, sides[::-1]):
            changes = difference(old, new).changes
            found += [f"{unit} {to}: {c.path}: {c.summary}: {c.before} {c.after} {c.hunks}" for c in changes]
        return found
    finally:
        out.unlink(missing_ok=True)
        out.with_suffix(".parameters.json").unlink(missing_ok=True)


@pytest.mark.parametrize("to", ["arm", "bicep", "hcl", "json"])
def test_own_translations(units: list[tuple[Path, Path]], to: str, capsys: pytest.CaptureFixture[str]) -> None:
    chosen = [unit for unit in units if to != "hcl" or unit[0].suffix == ".json"][::STEP]
    assert [line for unit, root in chosen for line in unlike(unit, root, to, capsys)] == []


@pytest.mark.slow
@pytest.mark.parametrize("to", ["arm", "bicep", "hcl", "json"])
def test_all_own_translations(units: list[tuple[Path, Path]], to: str, capsys: pytest.CaptureFixture[str]) -> None:
    chosen = [unit for unit in units if to != "hcl" or unit[0].suffix == ".json"]
    assert [line for unit, root in chosen for line in unlike(unit, root, to, capsys)] == []


# -- one changed leaf ------------------------------------------------------------------------------------------------


def literals(template: Template) -> list[Literal]:
    """Texts and numbers of the leaves that can be changed one by one."""
    plan = template.loaded.plan
    leaves: list[Setting | Input | NamedValue | Expr] = []
    for source in plan.sources:
        leaves += [s for name, s in source.settings.items() if name not in ("communicator", "os_type", *PATHS)]
    for group in plan.groups:
        for step in group.steps:
            leaves += [s for name, s in step.settings.items() if s.leaves and name not in PATHS]
    leaves += [item for item in plan.inputs if not item.sensitive]
    leaves += plan.named
    found = []
    for leaf in leaves:
        value = leaf.default if isinstance(leaf, Input) else leaf if isinstance(leaf, Expr) else leaf.value
        for node in value.walk() if value is not None else ():
            plain = (
                isinstance(node, Literal) and isinstance(node.value, (str, int)) and not isinstance(node.value, bool)
            )
            if plain and node.value != "" and node.span is not None and "\n" not in node.span.text:
                found.append(node)
    return found  # type: ignore[return-value]


def changed(text: str, value: object) -> str:
    """Another value in the place of a literal."""
    if isinstance(value, int):
        return str(value + 7)
    return f"{text[:-1]}q{text[-1]}" if text[:1] in ('"', "'") else f"{text}q"


def mutations(units: list[tuple[Path, Path]], count: int, seed: int) -> Iterator[str]:
    """What is wrong with how each of some changes is told."""
    chance = random.Random(seed)
    opened: dict[Path, Template] = {}
    while count:
        unit, root = chance.choice(units)
        try:
            if unit not in opened:
                opened[unit] = open_side(str(unit), roots=[str(root)])
            old = opened[unit]
        except TemplateError:
            continue
        found = literals(old)
        if not found:
            continue
        node = chance.choice(found)
        assert node.span is not None
        file, start, end = node.span.file, node.span.start, node.span.end
        path = Path(file.path)
        before = path.read_bytes()
        after = changed(file.text[start:end], node.value)
        try:
            path.write_text(file.text[:start] + after + file.text[end:])
            new = open_side(str(unit), roots=[str(root)])
            told = difference(old, new).changes
        except TemplateError:
            continue  # the change broke the template
        finally:
            path.write_bytes(before)
        count -= 1
        line = file.position(start)[0]
        place = told[0].span if len(told) == 1 else None
        if place is None or place.file.path != file.path or place.line > line:
            yield f"{path}:{line}: {node.span.text} -> {after}: {[(c.path, c.summary, str(c.span)) for c in told]}"


def test_a_changed_leaf_is_told_alone_and_at_its_place(units: list[tuple[Path, Path]]) -> None:
    assert list(mutations(units, 60, 1)) == []


@pytest.mark.slow
def test_many_changed_leaves(units: list[tuple[Path, Path]]) -> None:
    assert list(mutations(units, 2000, 2)) == []
