"""The account of a translation to Packer, by proof: what was written is read again and compared with what was meant."""

from __future__ import annotations

from bakelift.translator.diagnostics import Diagnostics, SourceFile, TemplateError
from bakelift.translator.plan.expressions import Expr
from bakelift.translator.plan.model import Attribute, Block, Setting
from bakelift.translator.plan.normal import normal
from bakelift.translator.plan.record import Record
from bakelift.translator.plan.usage import leaves_of
from bakelift.translator.report import Accounting, Report

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from bakelift.translator.aside import Told
    from bakelift.translator.plan.model import Plan

#: The parts of a Plan that are compared, with what HCL calls them.
_PARTS = {"inputs": "variable", "named": "locals", "data": "data", "sources": "source", "groups": "build"}

#: Leaves around the images, by the end of their path in a template: what legacy JSON makes of them.
#: What is said of a setting that reads back equal, and of one that does not, and of the envelope, by format.
_CODES = {
    "hcl": ("hcl/reads-back", "hcl/reads-back-different", "hcl/envelope"),
    "json": ("json/reads-back", "json/reads-back-different", "json/envelope"),
}
_NO_PLUGINS = "a legacy JSON template requires no plugins: install them with packer plugins install"


def account_by_reading(
    plan: Plan,
    text: str,
    path: str,
    diagnostics: Diagnostics,
    format: str = "hcl",
    told: tuple[Told, ...] = (),
    meant: Plan | None = None,
) -> Report:
    """Every setting that reads back equal is exact; what does not is unsupported, and said.

    ``meant``: the Plan in the words in which it was written, where these are others. ``told``: what is known of some
    leaves before: what Packer has no word for, and was set aside.
    """
    accounting = Accounting(plan.origin.leaves if plan.origin else ())
    returned = plan.origin.returned if plan.origin is not None else ()
    accounting.say(returned, "exact", "packer/kept", "it keeps what Packer has no word for, here as there")
    for known in told:
        accounting.say(known.leaves, known.kind, known.code, known.summary)
    again = _reread(text, path, format, diagnostics)
    written = _comparable(plan if meant is None else meant, format)
    for part, word in _PARTS.items():
        before = _keyed(getattr(written, part))
        after = _keyed(getattr(again, part)) if again is not None else {}
        for key, item in before.items():
            _compare(accounting, item, after.get(key), f"{word}{key}", format)
    if format == "json":
        said = "legacy JSON has no locals: the value stands wherever it is used"
        accounting.say(leaves_of(plan.named), "adapted", "json/put-in-place", said, "documented")
        plugins = [leaf for leaf in plan.leaves if "required_plugins" in leaf.path]
        accounting.say(plugins, "dropped", "json/plugins", _NO_PLUGINS, "documented")
    for leaf in accounting.unaccounted():
        accounting.say([leaf], "adapted", _CODES[format][2], "part of the envelope, said in the format's own way")
    origin = plan.origin
    builds = [use.id for group in plan.groups for use in group.sources]
    return Report(
        input={"format": origin.format if origin else "hcl", "path": origin.path if origin else ""},
        output={"format": format, "path": path},
        selected={"builds": builds, "of": len(builds)},
        frozen=(),
        items=tuple(accounting.items()),
        diagnostics=tuple(diagnostics),
    )


def _compare(accounting: Accounting, before: object, after: object, address: str, format: str) -> None:
    """Says of each setting whether it came back."""
    if before == after:
        accounting.say(leaves_of(before), "exact", _CODES[format][0], "reads back equal", "observed", [address])
        return
    if isinstance(before, Record) and not isinstance(before, (Setting, Expr)) and type(before) is type(after):
        for field in before._compared:
            _compare(accounting, getattr(before, field), getattr(after, field), address, format)
        own = getattr(before, "leaves", ())
        accounting.say(own, "exact", _CODES[format][0], "reads back equal", "observed", [address])
    elif isinstance(before, dict) and isinstance(after, dict):
        for key, value in before.items():
            _compare(accounting, value, after.get(key), f"{address}.{key}", format)
    elif isinstance(before, tuple) and isinstance(after, tuple) and len(before) == len(after):
        for number, (one, other) in enumerate(zip(before, after, strict=True)):
            place = f".{one.name}" if isinstance(one, Attribute) else f".{one.type}" if isinstance(one, Block) else None
            _compare(accounting, one, other, f"{address}{place or f'[{number}]'}", format)
    else:
        summary = "reads back differently from what was meant"
        accounting.say(leaves_of(before), "unsupported", _CODES[format][1], summary, "observed")


def _keyed(parts: tuple[Record, ...]) -> dict[str, Record]:
    """Parts by their name, or their number where they have none."""
    return dict(_keys(parts))


def _keys(parts: tuple[Record, ...]) -> Iterator[tuple[str, Record]]:
    for number, part in enumerate(parts):
        name = getattr(part, "name", None)
        type = getattr(part, "type", None)
        if name is None or hasattr(part, "steps"):
            yield f"[{number}]", part
        else:
            yield f".{type}.{name}" if isinstance(type, str) else f".{name}", part


def _comparable(plan: Plan, format: str) -> Plan:
    """Normal form, in words that the format has."""
    if format == "hcl":
        return normal(plan)
    from bakelift.translator.packer.json_writer_values import go_form
    from bakelift.translator.plan.rewriting import rewrite

    return rewrite(normal(plan, inline=True), go_form)


def _reread(text: str, path: str, format: str, diagnostics: Diagnostics) -> Plan | None:
    from bakelift.translator.aside import put_back

    found = Diagnostics()
    try:
        file = SourceFile(path, text)
        if format == "hcl":
            from bakelift.translator.packer.hcl_reader import read_hcl
            from bakelift.translator.packer.refused import CARRIED

            again = read_hcl([file], path, ".", found, carried=CARRIED)
        else:
            from bakelift.translator.packer.json_reader import read_json

            again = read_json(file, path, ".", found)
    except TemplateError as problem:
        diagnostics.extend(problem.diagnostics)
        return None
    return _comparable(put_back(again), format)
