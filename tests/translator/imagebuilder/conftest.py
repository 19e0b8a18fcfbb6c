"""The whole way from a template's text to Image Builder templates, without the front door."""

from __future__ import annotations

import csv
import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bakelift.disk import DiskFiles
from bakelift.translator.diagnostics import SourceFile
from bakelift.translator.files import DictFiles
from bakelift.translator.imagebuilder.translate import TranslateOptions, Translation, translate
from bakelift.translator.packer.hcl_reader import read_hcl
from bakelift.translator.packer.json_reader import read_json
from bakelift.translator.packer.variables import bind_inputs
from bakelift.translator.plan.scope import Clock

Translate = Callable[..., Translation]


@pytest.fixture(scope="session")
def translated() -> Translate:
    """``translated(text, format="hcl", vars=(), files={}, **options)``; ``now`` is a clock in seconds."""

    def run(
        text: str, format: str = "hcl", vars: tuple[str, ...] = (), files: dict[str, str] | None = None, **options: Any
    ) -> Translation:
        name = "input.pkr.hcl" if format == "hcl" else "input.json"
        file = SourceFile(name, text)
        plan = read_hcl([file], name, ".") if format == "hcl" else read_json(file, name, ".")
        if "now" in options:
            options["clock"] = Clock(float(options.pop("now")), lambda: "00000000-0000-4000-8000-000000000000")
        world = DictFiles({path: content.encode() for path, content in (files or {}).items()})
        return translate(plan, bind_inputs(plan, vars), world, TranslateOptions(**options))

    return run


@pytest.fixture(scope="session")
def judge(shared: Path) -> Callable[[dict[str, Any]], list[str]]:
    """The independent check of one image template resource: its complaints."""
    return _module(shared / "oracles" / "imagebuilder" / "check.py").resource  # type: ignore[no-any-return]


@pytest.fixture(scope="session")
def bicep_tree() -> Any:
    """``has_errors(text)`` and ``template_of(text)`` by a Bicep parser that is not ours."""
    pytest.importorskip("tree_sitter_bicep")
    return _module(Path(__file__).parent / "bicep_tree.py")


def _module(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def complete_units(shared: Path) -> list[dict[str, str]]:
    """Real Packer templates that are whole: rows of the list of units."""
    with (shared / "corpus" / "UNITS.tsv").open() as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return [row for row in rows if row["class"] == "packer-azure" and row["state"] == "complete"]


@pytest.fixture(scope="session")
def translated_unit(shared: Path) -> Callable[[dict[str, str], TranslateOptions], Translation]:
    """A unit, translated without a value being given; TemplateError when it needs one."""
    corpus = shared / "corpus" / "packer-azure"

    def run(row: dict[str, str], options: TranslateOptions) -> Translation:
        unit = corpus / row["unit"]
        folder = unit if unit.is_dir() else unit.parent
        names = sorted(unit.glob("*.pkr.hcl")) if unit.is_dir() else [unit]
        sources = [SourceFile(str(name), name.read_text(encoding="utf-8-sig")) for name in names]
        legacy = row["kind"] == "json"
        plan = read_json(sources[0], str(unit), str(folder)) if legacy else read_hcl(sources, str(unit), str(folder))
        auto = [SourceFile(str(f), f.read_text()) for f in sorted(folder.glob("*.auto.pkrvars.hcl")) if unit.is_dir()]
        files = DiskFiles(str(folder), [str(corpus / row["unit"].split("/")[0])])
        return translate(plan, bind_inputs(plan, (), [], auto), files, options)

    return run


@pytest.fixture(scope="session")
def case() -> Callable[[Path, Translate], Translation]:
    """A golden folder, translated: ``input.pkr.hcl`` or ``input.json``, ``options.json``, and scripts beside them."""

    def run(folder: Path, run_translation: Translate) -> Translation:
        hcl = folder / "input.pkr.hcl"
        source = hcl if hcl.exists() else folder / "input.json"
        options = folder / "options.json"
        words = json.loads(options.read_text()) if options.exists() else {}
        scripts = folder / "scripts"
        found = sorted(path for path in scripts.rglob("*") if path.is_file())
        files = {str(path.relative_to(folder)): path.read_text() for path in found}
        words["vars"] = tuple(words.get("vars", ()))
        return run_translation(source.read_text(), "hcl" if hcl.exists() else "json", files=files, **words)

    return run
