"""Packer to Image Builder and back, and Image Builder to Packer and back: nothing is lost that the report kept.

What may be lost is computed from the first report: leaves that it classed dropped, unsupported or approximated, and
what the service does itself, which is adapted and stands nowhere in the output.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bakelift.__main__ import main
from bakelift.disk import DiskFiles
from bakelift.loading import Loaded, WithScripts, load_template
from bakelift.packer_output import write_packer
from bakelift.translator.aside import put_back
from bakelift.translator.diagnostics import Diagnostics, SourceFile, TemplateError
from bakelift.translator.files import DictFiles
from bakelift.translator.imagebuilder.names import region
from bakelift.translator.imagebuilder.raising.plain import generalizing_step
from bakelift.translator.imagebuilder.reader import TemplateRead, read_template
from bakelift.translator.imagebuilder.translate import TranslateOptions, Translation, translate
from bakelift.translator.packer.hcl_reader import read_hcl
from bakelift.translator.packer.variables import bind_inputs
from bakelift.translator.plan.azure_view import azure_image
from bakelift.translator.plan.binding import StructureBinder
from bakelift.translator.plan.expressions import Expr, For, ListExpr, Literal, ObjectExpr, Ref, transform
from bakelift.translator.plan.images import Image, images
from bakelift.translator.plan.inlining import inline_named
from bakelift.translator.plan.model import Plan, Setting, Step
from bakelift.translator.plan.normal import normal, normal_expr
from bakelift.translator.plan.record import Record
from bakelift.translator.plan.usage import leaves_of
from bakelift.translator.plan.values import to_expr
from bakelift.translator.report import Item, Report

if TYPE_CHECKING:
    from bakelift.translator.files import Files
    from bakelift.translator.plan.binding_record import Bindings

PLACEHOLDER = TranslateOptions(missing_files="placeholder")
LOST = {"dropped", "unsupported", "approximated", "out_of_scope"}

#: Every so many of the complete units in the quick run.
STEP = 10
#: Of the 151 complete units, so many translate without a -var.
TRANSLATED = 147


class Trip:
    """A template of Packer's, the Image Builder template made of it, and what is read from that."""

    def __init__(self, path: Path, root: Path, folder: Path) -> None:
        self.loaded: Loaded = load_template(str(path), Diagnostics(), [str(root)])
        self.bindings = bind_inputs(self.loaded.plan, (), [], self.loaded.auto_files)
        self.made: Translation = translate(self.loaded.plan, self.bindings, self.loaded.files, PLACEHOLDER)
        output = self.made.outputs[0]
        self.text = output.text() if output.template is not None else ""
        self.folder = str(folder)
        if self.text:
            file = SourceFile(f"{folder}/image.json", self.text)
            self.read: TemplateRead = read_template(file, file.path, Diagnostics())
            scripts = DictFiles(self.read.files, folders=self.read.folders, executable=self.read.executable)
            self.files = WithScripts(DiskFiles(self.folder), scripts, self.folder)

    def written_again(self, plan: Plan) -> str:
        """The Image Builder template of a Plan that was read back."""
        output = translate(plan, bind_inputs(plan), self.files, PLACEHOLDER).outputs[0]
        return output.text() if output.template is not None else ""


def trips(units: list[tuple[Path, Path]], folder: Path) -> list[tuple[str, Trip]]:
    """Those of the units that translate without more being said."""
    found = []
    for path, root in units:
        try:
            trip = Trip(path, root, folder)
        except TemplateError:
            continue
        if trip.text:
            found.append((str(path), trip))
    return found


# -- Packer, Image Builder, Packer ------------------------------------------------------------------------------------


class Lost:
    """What the first report says is lost."""

    def __init__(self, report: Report) -> None:
        self.items = {(i.path, str(i.span)): i for i in report.items}

    def of(self, part: object) -> list[Item]:
        found = (self.items.get((leaf.path, str(leaf.span))) for leaf in leaves_of(part))
        return [item for item in found if item is not None]

    def has(self, part: object) -> bool:
        return any(i.kind in LOST or (i.kind == "adapted" and not i.to) for i in self.of(part))


def differences(trip: Trip) -> list[str]:
    """How the images of the Plan that came back differ from those that went, apart from what was lost."""
    lost = Lost(trip.made.report)
    plan, back = trip.loaded.plan, trip.read.plan
    went = [i for i in images(plan, inputs=trip.bindings.values) if i.type == "azure-arm"]
    came = list(images(back))
    if len(went) != len(came):
        return [f"{len(went)} images became {len(came)}"]
    frozen = [item for item in trip.made.report.frozen if "taken" not in item.came_from]
    known = {item.name for item in frozen if item.name in trip.bindings.values}
    values = {name: to_expr(trip.bindings.values[name]) for name in known}
    for item in plan.inputs:  # a default that is computed and no parameter is put in place
        if back.input(item.name) is None and item.default is not None and not isinstance(item.default, Literal):
            values.setdefault(item.name, item.default)
    found = []
    for before, after in zip(went, came, strict=True):
        one = Seen(plan, before, trip.bindings, trip.loaded.files, values, lost)
        two = Seen(back, after, bind_inputs(back), trip.files, values, None)
        found += [
            f"{name}: {said} became {two.facts.get(name)}"
            for name, said in one.facts.items()
            if said != two.facts.get(name)
        ]
        # What is new is what Packer takes by itself, or has to be told.
        found += [f"{name} is new" for name in two.facts if name not in one.facts and name not in one.lost | NEW]
        found += one.steps_unlike(two)
    return found


#: What comes back although nobody said it: Packer's default size of a VM, and where to build.
NEW = {"vm_size", "location"}


class Seen:
    """One image as it is built: what its view says, without what the report lost.

    ``values``: of the inputs that structure depends on, which are bound when translating.
    """

    def __init__(
        self, plan: Plan, image: Image, bindings: Bindings, files: Files, values: dict[str, Expr], lost: Lost | None
    ) -> None:
        self.binder = binder = StructureBinder(plan, bindings, image, files)
        self.disk = files
        self.values = values
        assert plan.origin is not None
        self.folders = [os.path.abspath(plan.origin.directory), plan.origin.directory]
        self.named = {item.name: item.value for item in plan.named}
        self.lost: set[str] = set()
        self.report = lost
        view = azure_image(image, binder, Diagnostics())
        self.facts: dict[str, object] = {}
        for name in ("os_type", "source", "location", "vm_size", "os_disk_size_gb", "identities", "network", "tags"):
            self.say(name, getattr(view, name))
        for output in view.outputs:
            self.say(type(output).__name__, output)
        for name, setting in view.rest.items():
            self.say(name, setting)
        regions = self.facts.get("GalleryOutput.regions")
        if isinstance(regions, ListExpr):  # the region of the build is one of them anyway
            away = tuple(item for item in regions.items if item != self.facts.get("location"))
            self.facts["GalleryOutput.regions"] = ListExpr(away) if away else None
        self.steps = list(image.steps)
        if self.steps and self.value_of(self.steps[-1]) in (GENERALIZING, GENERALIZING_WINDOWS):
            self.steps = self.steps[:-1]  # what Image Builder does itself

    def gone(self, part: Record | Setting) -> bool:
        if self.report is None:
            return False
        if isinstance(part, Step) and part.settings:
            return all(self.report.has(setting) for setting in part.settings.values())
        return self.report.has(part)

    def say(self, name: str, part: object) -> None:
        if isinstance(part, Setting):
            if self.gone(part):
                self.lost.add(name)
                return
            value = self.value(part.value)
            if value not in (None, Literal("latest"), ListExpr(())):
                self.facts[name] = regions(value) if name.endswith(("location", "regions")) else value
        elif isinstance(part, Record) and not isinstance(part, Expr):
            for field in part._fields:
                self.say(f"{name}.{field}", getattr(part, field))
        elif part is not None:
            self.facts[name] = part

    def value(self, expr: Expr) -> Expr:
        def visit(node: Expr) -> Expr | None:
            if isinstance(node, Ref) and node.kind == "input" and node.name in self.values:
                return self.values[node.name]
            if isinstance(node, Literal) and isinstance(node.value, str):
                for folder in self.folders:
                    if folder not in (".", "") and node.value.startswith(folder):
                        return Literal("FOLDER" + node.value.removeprefix(folder))
            return None

        for _ in range(2):
            expr = transform(self.binder.fold(inline_named(expr, self.named)), visit)
        return sorted_maps(normal_expr(expr))

    def value_of(self, step: Step) -> dict[str, Expr]:
        return {name: self.value(setting.value) for name, setting in step.settings.items()}

    def steps_unlike(self, other: Seen) -> list[str]:
        came = list(other.steps)
        found = []
        for number, one in enumerate(self.steps):
            if self.gone(one):  # it may have come back in part
                written = self.report is not None and any(item.to for item in self.report.of(one))
                while came and (came[0].name or "").startswith((f"{one.type}: ", f"{one.name}: ")):
                    came.pop(0)  # the uploads and commands that it stands for
                needed = sum(not self.gone(step) for step in self.steps[number:])
                if len(came) > needed and (is_placeholder(came[0]) or (written and came[0].type == one.type)):
                    came.pop(0)
                if came and written and is_restart(came[0]):
                    came.pop(0)
                continue
            if not came or came[0].type != one.type:
                return [*found, f"step {number}, {one.type}, became {came[0].type if came else None}"]
            two = came.pop(0)
            here, there = self.value_of(one), other.value_of(two)
            for name in sorted(here | there):
                if name in one.settings and (self.gone(one.settings[name]) or self.kept_apart(one.settings[name])):
                    continue
                if here.get(name) != there.get(name):
                    found.append(f"step {number} {name}: {here.get(name)} became {there.get(name)}")
                elif name in ("script", "scripts", "source"):
                    found += self.bytes_unlike(one.settings[name], other, two.settings[name], number)
        return found + [f"{step.type} is new" for step in came]

    def bytes_unlike(self, setting: Setting, other: Seen, theirs: Setting, number: int) -> list[str]:
        """The files that the step names, which have other bytes than those that came back."""
        return [
            f"step {number}: the bytes of {path} differ: {mine[-60:]!r} became {its[-60:]!r}"
            for (path, mine), (_, its) in zip(self.contents(setting), other.contents(theirs), strict=True)
            if mine != its
        ]

    def contents(self, setting: Setting) -> list[tuple[str, bytes]]:
        value = self.binder.fold(inline_named(setting.value, self.named))
        paths = value.items if isinstance(value, ListExpr) else (value,)
        names = [str(path.value) for path in paths if isinstance(path, Literal)]
        found = [(name, self.disk.find(name)) for name in names]
        return [(name, self.disk.read(name)) for name, place in found if place is not None and not place.directory]

    def kept_apart(self, setting: Setting) -> bool:
        """The build user's password: the service knows it."""
        codes = ("aib/sudo-password", "aib/elevated")
        return self.report is not None and any(i.code in codes for i in self.report.of(setting))


def is_restart(step: Step) -> bool:
    """What became of a restart at the end of a step."""
    inline = step.settings.get("inline")
    return "expect_disconnect" in step.settings and inline is not None and "sudo reboot" in str(inline.value)


def is_placeholder(step: Step) -> bool:
    words = ("bakelift: not found when this template was written", "bakelift: to be translated again with")
    return any(word in str(setting.value) for setting in step.settings.values() for word in words)


def regions(expr: Expr) -> Expr:
    """Regions as Azure spells them: ``West Europe`` is ``westeurope``."""

    def visit(node: Expr) -> Expr | None:
        return Literal(region(node.value)) if isinstance(node, Literal) and isinstance(node.value, str) else None

    return transform(expr, visit)


def sorted_maps(expr: Expr) -> Expr:
    """Maps have no order; a loop that copies a map is that map."""

    def visit(node: Expr) -> Expr | None:
        if isinstance(node, ObjectExpr):
            entries = ((sorted_maps(k), sorted_maps(v)) for k, v in node.entries)
            return ObjectExpr(tuple(sorted(entries, key=lambda entry: str(entry[0]))))
        if isinstance(node, For) and node.key_name is not None and node.condition is None:
            own = node.key == Ref("bound", node.key_name) and node.value == Ref("bound", node.value_name)
            return sorted_maps(node.collection) if own else None
        return None

    return transform(expr, visit)


def _generalizing(windows: bool) -> dict[str, Expr]:
    return {name: normal_expr(setting.value) for name, setting in generalizing_step(windows).settings.items()}


GENERALIZING, GENERALIZING_WINDOWS = _generalizing(False), _generalizing(True)


def report_differences(found: list[tuple[str, Trip]]) -> list[str]:
    return [f"{name}: {what}" for name, trip in found for what in differences(trip)]


def test_own_fixture(checkout: Path, tmp_path: Path) -> None:
    folder = checkout / "fixtures" / "web-server"
    trip = Trip(folder / "web.pkr.hcl", folder, tmp_path)
    assert differences(trip) == []
    assert trip.written_again(trip.read.plan) == trip.text


def test_real_templates_come_back(complete_units: list[tuple[Path, Path]], tmp_path: Path) -> None:
    assert report_differences(trips(complete_units[::STEP], tmp_path)) == []


@pytest.mark.slow
def test_all_real_templates_come_back(complete_units: list[tuple[Path, Path]], tmp_path: Path) -> None:
    found = trips(complete_units, tmp_path)
    assert len(found) >= TRANSLATED
    assert report_differences(found) == []


# -- Image Builder, Packer, Image Builder -----------------------------------------------------------------------------


def not_the_same(trip: Trip) -> list[str]:
    """How an Image Builder template differs after it went through Packer's HCL."""
    plan = trip.read.plan
    if trip.written_again(plan) != trip.text:
        return ["read and written again, the template differs"]
    told = Diagnostics()
    output = write_packer(plan, "hcl", f"{trip.folder}/image.pkr.hcl", None, told)
    wrong = [f"{i.path}: {i.summary}" for i in output.report.items if i.kind == "unsupported"]
    file = SourceFile(f"{trip.folder}/image.pkr.hcl", output.text)
    again = put_back(read_hcl([file], file.path, trip.folder)).but(required_plugins=())
    if normal(again, inline=True) != normal(plan, inline=True):
        wrong.append("the Plan differs")
    if trip.written_again(again) != trip.text:
        wrong.append("the Image Builder template differs")
    return wrong


def test_image_builder_templates_come_back(complete_units: list[tuple[Path, Path]], tmp_path: Path) -> None:
    found = trips(complete_units[::STEP], tmp_path)
    assert [f"{name}: {what}" for name, trip in found for what in not_the_same(trip)] == []


@pytest.mark.slow
def test_all_image_builder_templates_come_back(complete_units: list[tuple[Path, Path]], tmp_path: Path) -> None:
    found = trips(complete_units, tmp_path)
    assert len(found) >= TRANSLATED
    assert [f"{name}: {what}" for name, trip in found for what in not_the_same(trip)] == []


def uncommented(bicep: str) -> list[str]:
    return [line for line in bicep.splitlines() if not line.strip().startswith("//")]


@pytest.mark.parametrize("ending", ["json", "bicep"])
def test_through_files(ending: str, checkout: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same by the command line: the scripts lie beside the HCL, and are found there."""
    first, folder, second = tmp_path / f"one.{ending}", tmp_path / "packer", tmp_path / f"two.{ending}"
    source = checkout / "fixtures" / "web-server" / "web.pkr.hcl"
    assert main(["translate", str(source), "-out", str(first)]) == 0
    assert main(["translate", str(first), "-out", f"{folder}/"]) == 0
    assert (folder / "scripts" / "install-site.sh").read_bytes() == (
        source.parent / "scripts/install-site.sh"
    ).read_bytes()
    assert main(["translate", str(folder), "-out", str(second)]) == 0
    if ending == "json":
        assert json.loads(second.read_text()) == json.loads(first.read_text())
    else:
        assert uncommented(second.read_text()) == uncommented(first.read_text())
    capsys.readouterr()


@pytest.mark.parametrize("ending", ["json", "pkr.hcl"])
def test_clocks_in_variables_come_back(
    ending: str, checkout: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A legacy variable may ask the clock. Its parameter has the deployment's, and both are said again as they were."""
    case = (checkout / "tests/bakelift/cases/clock-variables/image.json").read_text()
    (tmp_path / "first.json").write_text(case.replace("{{timestamp}}", "{{isotime}}"))
    legs = [("first.json", "first.arm.json"), ("first.arm.json", f"back.{ending}"), (f"back.{ending}", "last.arm.json")]
    for source, target in legs:
        to = "arm" if "arm" in target else "json" if ending == "json" else "hcl"
        assert main(["translate", str(tmp_path / source), "-to", to, "-out", str(tmp_path / target)]) == 0
    capsys.readouterr()
    first, last = (json.loads((tmp_path / name).read_text()) for name in ("first.arm.json", "last.arm.json"))
    assert "dateTimeAdd(parameters('buildTime')" in first["parameters"]["stamp"]["defaultValue"]
    assert (last["parameters"], last["resources"]) == (first["parameters"], first["resources"])
