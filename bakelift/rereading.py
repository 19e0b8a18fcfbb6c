"""The account of a translation to Packer, by proof: what was written is read again and compared with what was meant."""

from __future__ import annotations

from bakelift.translator.diagnostics import Diagnostics, SourceFile, TemplateError
from bakelift.translator.packer.hcl_reader import read_hcl
from bakelift.translator.plan.normal import normal
from bakelift.translator.plan.usage import leaves_of
from bakelift.translator.report import Accounting, Report

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.plan.model import Plan

#: The parts of a Plan, each compared by itself, with what the HCL calls them.
_PARTS = {"inputs": "variable", "named": "locals", "sources": "source", "groups": "build", "data": "data"}


def account_by_reading(plan: Plan, text: str, path: str, diagnostics: Diagnostics) -> Report:
    """Every leaf of a part that reads back equal is exact; leaves of a part that does not are unsupported, and said."""
    accounting = Accounting(plan.origin.leaves if plan.origin else ())
    meant, again = normal(plan), _reread(text, path, diagnostics)
    for part, word in _PARTS.items():
        before, after = getattr(meant, part), getattr(again, part) if again is not None else None
        originals = getattr(plan, part)
        for number, original in enumerate(originals):
            same = after is not None and number < len(after) and before[number] == after[number]
            leaves = tuple(leaves_of(original))
            if same:
                accounting.say(leaves, "exact", "hcl/reads-back", "reads back equal", "observed", [word])
            else:
                summary = f"this {word} reads back differently from what was meant"
                accounting.say(leaves, "unsupported", "hcl/reads-back-different", summary, "observed")
    origin = plan.origin
    for leaf in accounting.unaccounted():
        accounting.say([leaf], "adapted", "hcl/envelope", "part of the envelope, which HCL writes in its own way")
    return Report(
        input={"format": origin.format if origin else "hcl", "path": origin.path if origin else ""},
        output={"format": "hcl", "path": path},
        selected={"builds": [use.id for group in plan.groups for use in group.sources], "of": _uses(plan)},
        frozen=(),
        items=tuple(accounting.items()),
        diagnostics=tuple(diagnostics),
    )


def _reread(text: str, path: str, diagnostics: Diagnostics) -> Plan | None:
    found = Diagnostics()
    try:
        return normal(read_hcl([SourceFile(path, text)], path, ".", found))
    except TemplateError as problem:
        diagnostics.extend(problem.diagnostics)
        return None


def _uses(plan: Plan) -> int:
    return sum(len(group.sources) for group in plan.groups)
