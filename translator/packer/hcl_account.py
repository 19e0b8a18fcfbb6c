"""What writing a Plan as HCL changes, for the report: computed defaults, names, blocks that are guessed."""

from __future__ import annotations

from bakelift.translator.aside import Told
from bakelift.translator.packer import tables
from bakelift.translator.plan.expressions import ObjectExpr
from bakelift.translator.plan.model import Attribute, Block
from bakelift.translator.plan.usage import leaves_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.packer.tables.rows import Kind
    from bakelift.translator.plan.model import Plan, PostProcessor, Source, Step


def told_of_hcl(before: Plan, after: Plan) -> list[Told]:
    """What differs between a Plan and the same Plan in HCL's words."""
    return [*_computed(before, after), *_renamed(before, after), *_guessed(before)]


def _computed(before: Plan, after: Plan) -> list[Told]:
    """Variables whose default HCL has to compute in a local."""
    changed = [a for a, b in zip(before.inputs, after.inputs, strict=False) if a.default != b.default]
    summary = "a variable's default cannot be computed in HCL: a local of the same name does it"
    return [Told(item.leaves, "adapted", "hcl/computed-default", summary) for item in changed]


def _renamed(before: Plan, after: Plan) -> list[Told]:
    """Sources whose names no label of HCL can be, or whose names the input computes."""
    told = []
    for old, new in zip(before.sources, after.sources, strict=False):
        leaves = tuple(leaf for leaf in old.leaves if leaf.path.endswith(".name"))
        if any(leaf.span is not None and "{{" in leaf.span.text for leaf in leaves):
            summary = f"HCL computes no names: the source is called {new.name}, whatever the variables say"
            told.append(Told(leaves, "approximated", "hcl/source-name", summary))
        elif old.name != new.name:
            told.append(Told(leaves or old.leaves, "adapted", "hcl/source-name", f"HCL calls the source {new.name}"))
    return told


def _guessed(plan: Plan) -> list[Told]:
    """Objects of legacy JSON that become blocks or maps although no table says so."""
    if plan.origin is None or plan.origin.format != "json":
        return []
    parts: list[tuple[Kind, Source | Step | PostProcessor]] = [("builder", source) for source in plan.sources]
    for group in plan.groups:
        parts += [("provisioner", step) for step in (*group.steps, group.error_cleanup) if step is not None]
        parts += [("post-processor", post) for chain in group.post_processors for post in chain]
    told = []
    for kind, part in parts:
        entries = [entry for entry in part.opaque.entries if isinstance(entry, Block) or _is_map(entry)]
        if not entries:
            continue
        component = tables.component(kind, part.type)
        for entry in entries:
            name, form = (entry.type, "block") if isinstance(entry, Block) else (entry.name, "map")
            if component is None:
                summary = f"no table knows whether {name} of {part.type} is a block or a map: it is written as a {form}"
                told.append(Told(tuple(leaves_of(entry)), "approximated", "hcl/guessed-block", summary))
    return told + [found for kind, part in parts for found in _strangers(kind, part)]


def _strangers(kind: Kind, part: Source | Step | PostProcessor) -> list[Told]:
    """Options that the component's table has not: of an older plugin, or misspelt."""
    component = tables.component(kind, part.type)
    if component is None or not component.opaque:
        return []
    known = {*component.options, *tables.meta(kind)}
    told = []
    for entry in part.opaque.entries:
        name = entry.type if isinstance(entry, Block) else entry.name
        if name not in known:
            summary = f"no version of {part.type} that bakelift knows has {name}: today's Packer may refuse it in HCL"
            told.append(Told(tuple(leaves_of(entry)), "approximated", "hcl/unknown-option", summary))
    return told


def _is_map(entry: Attribute) -> bool:
    return isinstance(entry.setting.value, ObjectExpr) and bool(entry.setting.value.entries)
