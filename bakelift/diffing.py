"""The two sides of a comparison: read, and brought into one format where theirs differ."""

from __future__ import annotations

import re

from bakelift.translator.diagnostics import Diagnostics
from bakelift.translator.diff.model import Change, Difference, NotComparable
from bakelift.translator.diff.sides import Place, Side, Whence
from bakelift.translator.plan.model import SourceUse
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Literal

    from bakelift.loading import Loaded
    from bakelift.translator.diagnostics import Diagnostic
    from bakelift.translator.imagebuilder.customizers import Customizer
    from bakelift.translator.plan.binding import Bindings
    from bakelift.translator.plan.model import Plan, Source
    from bakelift.translator.report import Report

    Which = Literal["a", "b"]
    Covers = Mapping[int, tuple[Customizer, ...]]

#: Classes of leaves that another format has no word for.
_LOST = ("dropped", "unsupported", "approximated", "out_of_scope")

#: What stands in the output in another place, or says nothing of an image.
_SAID_ELSEWHERE = ("/envelope", "/put-in-place", "aib/bound")


class Template(Record):
    """A template that was read, with the values of its variables."""

    loaded: Loaded
    bindings: Bindings

    @property
    def world(self) -> str:
        """``packer`` or ``imagebuilder``."""
        return "packer" if self.loaded.is_packer else "imagebuilder"

    @property
    def format(self) -> str:
        assert self.loaded.plan.origin is not None
        return self.loaded.plan.origin.format


def open_side(
    path: str,
    variables: Sequence[str] = (),
    var_files: Sequence[str] = (),
    roots: Sequence[str] = (),
    diagnostics: Diagnostics | None = None,
) -> Template:
    """Reads one side. Raises TemplateError."""
    from bakelift.loading import load_template, read_source
    from bakelift.translator.packer.variables import bind_inputs

    told = diagnostics if diagnostics is not None else Diagnostics()
    loaded = load_template(path, told, roots)
    told.stop_if_failed()
    files = [read_source(name) for name in var_files]
    bindings = bind_inputs(loaded.plan, variables, files, loaded.auto_files, None, told, False)
    return Template(loaded, bindings)


def difference(a: Template, b: Template) -> Difference:
    """What changes from one template to the other, and what cannot be compared because only one format has it."""
    if a.world == b.world == "packer":
        return _of_packer(a, b)
    sides, reports = [], []
    for one, other in ((a, b), (b, a)):
        if one.world == "imagebuilder":
            sides.append((_side(one), one.loaded.covers))
            reports.append(_packer_report(one, "hcl") if other.world == "packer" else None)
        else:
            shape = "resource" if other.format == "resource" else "arm"
            side, covers, report = _lifted(one, shape, _api_version(other))
            sides.append((side, covers))
            reports.append(report)
    changes = _fewest(*sides[0], *sides[1])
    if a.world == b.world:
        return Difference(changes)
    return _across(changes, _lost(reports[0]), _lost(reports[1]))


def _of_packer(a: Template, b: Template) -> Difference:
    from bakelift.translator.diff.compare import compare

    if a.format == b.format:
        return Difference(compare(_side(a), _side(b)))
    hcl: Which = "a" if a.format == "hcl" else "b"
    template = a if hcl == "a" else b
    lost = _lost(_packer_report(template, "json"))
    own = _from_own_files(template)
    found = []
    for legacy in (False, True):
        one, two = (_side(item, _common(item, legacy)) for item in (a, b))
        found.append(_without_what_hcl_alone_says(compare(one, two), hcl, lost, own))
        if not found[-1].changes:
            break
    return min(found, key=lambda difference: _weight(difference.changes))


def _fewest(a: Side, covers_a: Covers, b: Side, covers_b: Covers) -> tuple[Change, ...]:
    """The changes between two Image Builder templates, in the words in which there are fewer of them.

    A lowered text is compared as the step that it was; where somebody edited one, customizers are compared instead.
    """
    from bakelift.translator.diff.compare import compare
    from bakelift.translator.imagebuilder.raising.described import described

    best: tuple[Change, ...] | None = None
    for everything in (False, True):
        one = a.of(described(a.plan, covers_a, everything))
        two = b.of(described(b.plan, covers_b, everything))
        found = compare(one, two)
        if best is None or _weight(found) < _weight(best):
            best = found
        if not best:
            break
    assert best is not None
    return best


def _weight(changes: tuple[Change, ...]) -> tuple[int, int]:
    return len(changes), sum(len(hunk.lines) for change in changes for hunk in change.hunks)


def _side(template: Template, plan: Plan | None = None) -> Side:
    """A side in its own words, or in those of another Plan that says the same."""
    loaded = template.loaded
    return Side(plan or loaded.plan, template.bindings, loaded.files, embedded=loaded.scripts is not None)


def _common(template: Template, legacy: bool) -> Plan:
    """A Packer Plan in words that both of its languages have, without locals: HCL as legacy JSON would say it
    (``legacy``), or legacy JSON as HCL would.
    """
    from bakelift.translator.packer.json_writer_values import go_form
    from bakelift.translator.plan.normal import normal
    from bakelift.translator.plan.rewriting import rewrite

    plan = template.loaded.plan
    if legacy and template.format == "hcl":
        from bakelift.packer_output import known_scope
        from bakelift.translator.packer.json_shape import legacy_shape

        plan, _ = legacy_shape(plan, known_scope(plan, template.bindings, template.loaded.files))
    elif not legacy and template.format == "json":
        from bakelift.translator.packer.hcl_writer_names import sayable

        plan = sayable(plan)
    return rewrite(normal(_a_source_each(plan), inline=True), go_form)


def _a_source_each(plan: Plan) -> Plan:
    """With a source for each image, as legacy JSON has it: a build that renames one, or adds to it, has its own."""
    sources: dict[str, Source] = {}
    groups = []
    for group in plan.groups:
        uses = []
        for use in group.sources:
            source = plan.source(use.type, use.source)
            if source is None:
                continue
            own = source.but(name=use.local_name, settings={**source.settings, **use.settings})
            sources[own.id] = own
            uses.append(SourceUse(use.type, use.local_name, span=use.span))
        groups.append(group.but(sources=tuple(uses)))
    return plan.but(sources=tuple(sources.values()), groups=tuple(groups))


# -- from Packer to Image Builder ------------------------------------------------------------------------------------


def _lifted(template: Template, shape: str, api_version: str) -> tuple[Side, Covers, Report]:
    """A Packer template as Image Builder would have it, with the way back to its leaves.

    A bare resource has no expressions; where the template needs them, it is compared as a deployment template.
    """
    from bakelift.loading import WithScripts
    from bakelift.translator.diagnostics import SourceFile, TemplateError
    from bakelift.translator.files import DictFiles
    from bakelift.translator.imagebuilder.reader import read_template
    from bakelift.translator.imagebuilder.translate import TranslateOptions, translate
    from bakelift.translator.packer.variables import bind_inputs

    told = Diagnostics()
    options = TranslateOptions(shape=shape, api_version=api_version, missing_files="placeholder", partial=True)
    try:
        made = translate(template.loaded.plan, template.bindings, template.loaded.files, options, told)
    except TemplateError:
        if shape == "arm":
            raise
        return _lifted(template, "arm", api_version)
    output = made.outputs[0]
    if output.template is None:
        raise TemplateError(*told)
    disk = template.loaded.disk
    path = f"{disk.directory}/image.json"
    given = output.parameters_text()
    beside = [SourceFile(f"{disk.directory}/image.parameters.json", given)] if given is not None else []
    read = read_template(SourceFile(path, output.text()), path, Diagnostics(), beside)
    scripts = DictFiles(read.files, folders=read.folders, executable=read.executable)
    files = WithScripts(disk, scripts, disk.directory)
    bindings = bind_inputs(read.plan, (), [], beside)
    side = Side(read.plan, bindings, files, _whence(made.report), embedded=True)
    return side, read.covers, made.report


def _whence(report: Report) -> Whence:
    whence = Whence()
    for item in report.items:
        for pointer in item.to:
            whence.add(dotted(pointer), Place(item.path, item.span))
    return whence


def dotted(pointer: str) -> str:
    """The path of a leaf, from a JSON pointer: ``/resources/0/name`` is ``resources[0].name``."""
    parts = (part.replace("~1", "/").replace("~0", "~") for part in pointer.strip("/").split("/"))
    path = ""
    for part in parts:
        path += f"[{part}]" if part.isdigit() else f".{part}" if path else part
    return path


def _api_version(template: Template) -> str:
    """The version of an Image Builder template, so that both say what it has; the default where it says none."""
    from bakelift.translator.imagebuilder.versions import API_VERSIONS, DEFAULT, OLDEST_WRITTEN, has

    for leaf in template.loaded.plan.origin.leaves if template.loaded.plan.origin is not None else ():
        text = leaf.span.text if leaf.span is not None else ""
        found = re.search(r"20\d\d-\d\d-\d\d(-preview)?", text) if "apiVersion" in leaf.path or "@" in text else None
        if found is not None and found.group() in API_VERSIONS and has(found.group(), OLDEST_WRITTEN):
            return found.group()
    return DEFAULT


# -- what one format alone can say -----------------------------------------------------------------------------------

#: What only HCL says of a variable, by the end of a change's summary.
_HCL_VARIABLE = (": type", ": description", ": validation", ": sensitive")


def _without_what_hcl_alone_says(
    changes: Iterable[Change], hcl: Which, lost: dict[tuple[str, str], NotComparable], own: set[str]
) -> Difference:
    """Between HCL and legacy JSON: types, descriptions, names of builds and steps, plugins, data sources are HCL's
    alone, and what JSON has no words for; and values from files that a folder of HCL reads by itself (``own``).
    """
    kept: list[Change] = []
    found = [item.but(side=hcl) for item in lost.values()]
    paths = {item.path for item in found}
    starts = {(item.span.file.path, item.span.line) for item in found if item.span is not None}
    gone = "removed" if hcl == "a" else "added"
    for change in changes:
        if _unsayable(change, gone) or change.summary in own:
            span = change.old_span if hcl == "a" else change.span
            summary = f"{change.summary}: legacy JSON has none"
            found.append(NotComparable(hcl, "diff/only-hcl", change.path, summary, span))
            continue
        same = change.kind_of == "cosmetic" and change.code in ("diff/same-value", "diff/default")
        # In the place of what it cannot say, the JSON has something else, or nothing.
        if not same and not _within(change.path, paths) and _start(change, hcl) not in starts:
            kept.append(change)
    return Difference(tuple(kept), tuple(found))


def _from_own_files(template: Template) -> set[str]:
    """Summaries of changes of variables that get their value from a file that is read without being named."""
    endings = (".auto.pkrvars.hcl", ".auto.pkrvars.json")
    return {f"variable {n}: value" for n, came in template.bindings.came_from.items() if came.endswith(endings)}


def _start(change: Change, hcl: Which) -> tuple[str, int] | None:
    """File and line of a change in the HCL."""
    span = change.old_span if hcl == "a" or change.kind == "removed" else change.span
    return (span.file.path, span.line) if span is not None else None


def _unsayable(change: Change, gone: str) -> bool:
    """Whether a change is of something that legacy JSON never says."""
    if change.code == "diff/variable":
        null = change.summary.endswith(": default") and _name(change.before) is None and _name(change.after) is None
        return null or change.summary.endswith(_HCL_VARIABLE)
    if change.code == "diff/renamed":
        return None in (_name(change.before), _name(change.after))
    if change.kind != gone:
        return False
    return change.code in ("diff/template", "diff/data") or change.summary in ("build: name", "build: description")


def _within(path: str, lost: Iterable[str]) -> bool:
    """Whether a path is one of those, or holds or is held by one."""
    return any(path == one or path.startswith(f"{one}.") or one.startswith(f"{path}.") for one in lost)


def _name(value: object) -> object:
    return getattr(value, "value", value)


def _packer_report(template: Template, format: str) -> Report | None:
    """What Packer has no word for, of a template that is translated to it; None where that cannot be told."""
    from bakelift.packer_output import write_packer
    from bakelift.translator.diagnostics import TemplateError

    try:
        made = write_packer(template.loaded.plan, format, "-", template.loaded.scripts, Diagnostics(), alone=True)
    except TemplateError:
        return None
    return made.report


def _lost(report: Report | None) -> dict[tuple[str, str], NotComparable]:
    """The leaves of a template that the other format has no word for, by path and place."""
    found = {}
    for item in report.items if report is not None else ():
        if item.kind in _LOST or (item.kind == "adapted" and not item.to and not item.code.endswith(_SAID_ELSEWHERE)):
            lost = item.kind in _LOST
            found[item.path, str(item.span)] = NotComparable(
                "a", item.code, item.path, item.summary if lost else f"{item.summary} (by other means)", item.span
            )
    return found


def _across(
    changes: Iterable[Change],
    lost_a: dict[tuple[str, str], NotComparable],
    lost_b: dict[tuple[str, str], NotComparable],
) -> Difference:
    """Without the changes that come from what one format cannot say."""
    by_path: dict[Which, dict[str, NotComparable]] = {
        "a": {item.path: item for item in lost_a.values()},
        "b": {item.path: item for item in lost_b.values()},
    }
    kept = []
    for change in changes:
        side: Which | None = "b" if change.kind == "added" else "a" if change.kind == "removed" else None
        if side is not None and change.path in by_path[side]:
            continue
        if change.summary.endswith(": image_template.apiVersion"):
            continue  # Packer has none; the comparison takes that of the other side, as far as it is known
        kept.append(change)
    listed = [item.but(side="a") for item in lost_a.values()] + [item.but(side="b") for item in lost_b.values()]
    return Difference(tuple(kept), tuple(listed))


def warnings(told: Iterable[Diagnostic]) -> list[Diagnostic]:
    """What reading a side had to say that concerns a comparison."""
    return [item for item in told if item.severity != "note"]
