"""The whole way from a template's text to Image Builder templates, without the front door."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

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
    path = shared / "oracles" / "imagebuilder" / "check.py"
    spec = importlib.util.spec_from_file_location("independent_check", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.resource  # type: ignore[no-any-return]


@pytest.fixture(scope="session")
def case() -> Callable[[Path, Translate], Translation]:
    """A golden folder, translated: ``input.pkr.hcl`` or ``input.json``, ``options.json``, and scripts beside them."""

    def run(folder: Path, run_translation: Translate) -> Translation:
        hcl = folder / "input.pkr.hcl"
        source = hcl if hcl.exists() else folder / "input.json"
        options = folder / "options.json"
        words = json.loads(options.read_text()) if options.exists() else {}
        scripts = folder / "scripts"
        files = {f"scripts/{p.name}": p.read_text() for p in sorted(scripts.glob("*"))} if scripts.is_dir() else {}
        words["vars"] = tuple(words.get("vars", ()))
        return run_translation(source.read_text(), "hcl" if hcl.exists() else "json", files=files, **words)

    return run
