"""Every azure-arm image of the corpus: it is lowered whole, its shell texts are shell, and each comes back."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bakelift.disk import DiskFiles
from bakelift.translator.diagnostics import Diagnostics, SourceFile, TemplateError
from bakelift.translator.imagebuilder.customizers import Shell
from bakelift.translator.imagebuilder.lowering import LoweringOptions, lower_all
from bakelift.translator.imagebuilder.lowering.context import Context
from bakelift.translator.imagebuilder.raising import RaisingOptions, raise_steps
from bakelift.translator.packer.hcl_reader import read_hcl
from bakelift.translator.packer.json_reader import read_json
from bakelift.translator.packer.variables import bind_inputs
from bakelift.translator.plan.binding import StructureBinder
from bakelift.translator.plan.expressions import Literal
from bakelift.translator.plan.images import Image, images
from bakelift.translator.plan.model import Plan
from bakelift.translator.plan.secrets import sensitive_symbols
from bakelift.translator.report import Accounting


def units(corpus: Path) -> Iterator[tuple[str, Path, Plan]]:
    for row in (corpus / "UNITS.tsv").read_text().splitlines()[1:]:
        group, kind, unit = row.split("\t")[:3]
        if group != "packer-azure" or kind not in ("hcl-dir", "hcl-files", "json"):
            continue
        paths = [corpus / group / name for name in unit.split(",")]
        if kind == "hcl-dir":
            paths = sorted(paths[0].glob("*.pkr.hcl"))
        files = [SourceFile(str(path), path.read_text()) for path in paths]
        folder = str(paths[0].parent)
        try:
            plan = read_json(files[0], unit, folder) if kind == "json" else read_hcl(files, unit, folder)
        except TemplateError:
            continue
        yield unit, corpus / group / unit.split("/")[0], plan


def chosen(plan: Plan, files: DiskFiles) -> Iterator[tuple[Image, StructureBinder]]:
    try:
        known = bind_inputs(plan).values
        bindings = bind_inputs(plan, [f"{item.name}=x" for item in plan.inputs if item.name not in known])
        found = images(plan, inputs=bindings.values)
    except TemplateError:
        return
    for image in found:
        if image.type == "azure-arm":
            yield image, StructureBinder(plan, bindings, image, files)


@pytest.mark.slow
def test_every_image(shared: Path) -> None:
    lowered = 0
    for unit, root, plan in units(shared / "corpus"):
        folder = plan.origin.directory if plan.origin else "."
        files = DiskFiles(folder, [str(root)], cwd=folder)
        for image, binder in chosen(plan, files):
            os_type = image.settings.get("os_type")
            value = os_type.value if os_type is not None else Literal("Linux")
            windows = isinstance(value, Literal) and str(value.value).lower() == "windows"
            accounting = Accounting()
            options = LoweringOptions("placeholder", sensitive_symbols(plan))
            context = Context(binder, files, accounting, Diagnostics(), options, "image", image.type, windows)
            try:
                made = lower_all(image.steps, context)
            except TemplateError:
                continue  # a value that was made up does not fit
            for step in image.steps:
                for name, setting in step.settings.items():
                    assert all(accounting.said(leaf) for leaf in setting.leaves), f"{unit}: {name}"
            for customizer in made:
                if isinstance(customizer, Shell) and customizer.inline:
                    text = "\n".join(
                        str(line.value) if isinstance(line, Literal) else "x" for line in customizer.inline
                    )
                    checked = subprocess.run(["/bin/sh", "-n"], input=text.encode(), capture_output=True, check=False)
                    assert not checked.returncode, f"{unit}: {checked.stderr!r}\n{text}"
            edited = Diagnostics()
            raise_steps(made, edited, RaisingOptions(windows=windows))
            assert not list(edited), unit
            lowered += len(made)
    assert lowered > 1000
