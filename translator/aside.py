"""What Packer has no word for, set aside before a Plan is written as Packer, and put back when it is read again.

Three things: settings that only Image Builder has, defaults that only a deployment can compute
(``resourceGroup().location``), and other expressions that only a deployment knows. They are kept as Image Builder
says them, in a named value that nothing uses (HCL) or a comment (legacy JSON); Packer gets variables in their place.
"""

from __future__ import annotations

import json
import re

from bakelift.translator.languages.hcl.printer import can_print
from bakelift.translator.packer import tables
from bakelift.translator.plan.expressions import (
    Call,
    Expr,
    Index,
    ListExpr,
    Literal,
    ObjectExpr,
    Opaque,
    Ref,
    transform,
)
from bakelift.translator.plan.model import Input, NamedValue, Setting
from bakelift.translator.plan.normal import normal_expr
from bakelift.translator.plan.record import Record
from bakelift.translator.plan.types import STRING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from bakelift.translator.plan.model import Leaf, Plan
    from bakelift.translator.report import Class

#: The named value (HCL) or the key in a comment (legacy JSON) that keeps what was set aside.
KEPT = "bakelift"

_COMMENT = (
    "What only Image Builder can say, as it says it. Packer does nothing with this;\n"
    "bakelift puts it back when it translates this template to Image Builder."
)

_GROUP = Input(
    "resource_group",
    STRING,
    None,
    "Resource group of the images. In Image Builder's template it is that of the deployment.",
)
_VERSION = Input(
    "image_version",
    STRING,
    None,
    "Version of the image in the gallery, such as 1.0.0. Image Builder counts it up by itself.",
)

#: What Packer has to be told beside a setting, and a deployment or the service knows.
_NEEDED = {
    "managed_image_name": (("managed_image_resource_group_name", _GROUP),),
    "custom_managed_image_name": (("custom_managed_image_resource_group_name", _GROUP),),
    "shared_image_gallery.image_name": (("shared_image_gallery.resource_group", _GROUP),),
    "shared_image_gallery_destination.image_name": (
        ("shared_image_gallery_destination.resource_group", _GROUP),
        ("shared_image_gallery_destination.image_version", _VERSION),
    ),
}

#: Settings of Image Builder that Packer has no option for: what becomes of them, and what to do about it.
_SETTINGS: dict[str, tuple[Class, str]] = {
    "template_identity": ("adapted", "Packer works with the credentials of whoever runs it"),
    "build_timeout_minutes": ("dropped", "Packer has no time limit for a build: set one where it runs"),
    "staging_resource_group": (
        "dropped",
        "Packer makes a temporary resource group of its own",
    ),
    "proxy_vm_size": ("dropped", "Packer connects to its VM directly"),
    "container_instance_subnet_id": ("dropped", "Packer connects to its VM directly"),
    "error_handling": ("dropped", "Packer has -on-error instead"),
    "auto_run": ("dropped", "Packer builds when it is run"),
    "optimize": ("unsupported", "only the service can optimize an image for booting"),
    "validate": ("unsupported", "run the checks on a VM of the image after the build"),
}
_OTHER: tuple[Class, str] = ("unsupported", "say it with options that Packer has")


class Told(Record):
    """What becomes of some leaves that Packer has no word for."""

    leaves: tuple[Leaf, ...]
    kind: Class
    code: str
    summary: str


class Aside(Record):
    """A Plan that Packer can say, and what was taken out of it."""

    plan: Plan
    told: tuple[Told, ...]


def set_aside(plan: Plan, as_comment: bool = False) -> Aside:
    """The Plan in words that Packer has. ``as_comment``: for legacy JSON, which has no named values."""
    work = _Setter(plan)
    return Aside(work.done(as_comment), tuple(work.told))


class _Setter:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.told: list[Told] = []
        self.kept: dict[str, dict[str, Any]] = {
            "settings": {},
            "defaults": {},
            "pinned": {},
            "values": {},
            "added": {},
            "asked": {},
        }
        self.taken = {item.name.lower() for item in plan.inputs}
        self.made: dict[Expr, Input] = {}

    def done(self, as_comment: bool) -> Plan:
        from bakelift.translator.plan.rewriting import rewrite

        plan = self.plan.but(
            sources=tuple(s.but(settings=self.settings(s.type, s.id, s.settings)) for s in self.plan.sources),
            inputs=tuple(self.input(item) for item in self.plan.inputs),
        )
        plan = rewrite(plan, self.words)
        plan = plan.but(inputs=(*plan.inputs, *self.made.values()))
        kept = {what: entries for what, entries in self.kept.items() if entries}
        if not kept:
            return plan
        if as_comment:
            return plan.but(comments=(*plan.comments, json.dumps({KEPT: kept}, ensure_ascii=True)))
        return plan.but(named=(*plan.named, NamedValue(KEPT, _to_expr(kept), comments=(_COMMENT,))))

    def settings(self, type: str, id: str, settings: Any) -> dict[str, Setting]:
        component = tables.component("builder", type)
        if component is None or component.opaque:
            return dict(settings)
        known = {option.setting for option in component.options.values()}
        left: dict[str, Setting] = {}
        for name, setting in settings.items():
            value = None if name in known else _arm(setting.value)
            if value is None:
                left[name] = setting
                for needed, item in _NEEDED.get(name, ()) if type == "azure-arm" else ():
                    if needed not in settings:
                        left[needed] = Setting(self.needed(item))
                        self.kept["added"].setdefault(id, {})[needed] = True
                continue
            self.kept["settings"].setdefault(id, {})[name] = value
            kind, advice = _SETTINGS.get(name, _OTHER)
            summary = f"Packer has no {name}: {advice}. It is kept for the way back"
            self.told.append(Told(setting.leaves, kind, "packer/no-option", summary))
        return left

    def needed(self, item: Input) -> Expr:
        """A variable for what Packer has to be told."""
        key = Opaque("azure", item.name)
        if key not in self.made:
            name, number = item.name, 2
            while name.lower() in self.taken:
                name, number = f"{item.name}_{number}", number + 1
            self.taken.add(name.lower())
            self.kept["asked"][name] = True
            self.made[key] = item.but(name=name)
        return Ref("input", self.made[key].name)

    def input(self, item: Input) -> Input:
        if item.pinned is not None:
            value = _arm(item.pinned)
            if value is not None:
                self.kept["pinned"][item.name] = value
            item = item.but(pinned=None)
        if item.default is None or not _asks_azure(item.default):
            return item
        text = _arm(item.default)
        if text is None:
            return item
        self.kept["defaults"][item.name] = text
        said = transform(normal_expr(item.default), _clock)
        if _sayable(said):
            summary = f"made when Packer runs; {text} is made when the template is deployed"
            self.told.append(Told(item.leaves, "approximated", "packer/clock", summary))
            return item.but(default=said)
        summary = f"only a deployment can compute {text}: the variable has to be given"
        self.told.append(Told(item.leaves, "adapted", "packer/deployment-default", summary))
        words = item.description or f"Required here; in Image Builder's template it is {text}."
        if item.description is None:
            self.kept.setdefault("undescribed", {})[item.name] = True
        return item.but(default=None, description=words)

    def words(self, node: Expr) -> Expr | None:
        """An expression that only a deployment knows, as a clock call of Packer's or as a variable."""
        if isinstance(node, Call) and node.operation.startswith("arm."):
            clock = _clock(node)
            if clock is not None and _sayable(clock):
                return clock
            tidy = normal_expr(node)
            if tidy is not node and not isinstance(tidy, Call):
                return transform(tidy, self.words)
        if _root_of(node) and not _sayable(node):
            return self.variable(node)
        return None

    def variable(self, node: Expr) -> Expr:
        found = self.made.get(node)
        if found is None:
            text = _arm(node)
            if text is None:
                return node
            name = base = _name(node)
            number = 2
            while name.lower() in self.taken:
                name, number = f"{base}_{number}", number + 1
            self.taken.add(name.lower())
            self.kept["values"][name] = text
            found = Input(name, STRING, None, f"What only a deployment knows: {text} in Image Builder's template.")
            self.made[node] = found
        return Ref("input", found.name, node.span)


def _sayable(expr: Expr) -> bool:
    return can_print(expr, plugin_field=True)


def _root_of(node: Expr) -> bool:
    """Whether a node is ARM's own call, or looks something up in one."""
    while isinstance(node, Index):
        node = node.target
    return isinstance(node, Call) and node.operation.startswith(("arm.", "unknown:"))


def _asks_azure(expr: Expr) -> bool:
    return any(isinstance(n, Call) and n.operation.startswith(("arm.", "unknown:")) for n in expr.walk())


def _clock(node: Expr) -> Expr | None:
    """Clock calls of a deployment as Packer's."""
    from bakelift.translator.languages.arm import dates

    if not isinstance(node, Call):
        return None
    now = Call("timestamp", (), span=node.span)
    if node.operation == "arm.newGuid":
        return Call("uuidv4", (), span=node.span)
    if node.operation == "arm.utcNow":
        format = node.args[0] if node.args else Literal("yyyyMMddTHHmmssZ")
        text = format.value if isinstance(format, Literal) and isinstance(format.value, str) else None
        layout = dates.to_hcl(text) if text is not None else None
        if layout is None:
            return None
        return now if text == dates.RFC3339 else Call("formatdate", (Literal(layout), now), span=node.span)
    if node.operation == "arm.dateTimeToEpoch" and node.args == (now,):
        return Call("go.timestamp", (), span=node.span)
    return None


def _name(node: Expr) -> str:
    """A variable's name for what a call gives: the last thing looked up in it, else the function."""
    if isinstance(node, Index) and isinstance(node.key, Literal) and isinstance(node.key.value, str):
        word = node.key.value
        word = {"location": "location", "id": "resource_id", "name": "resource_name"}.get(word, word)
    else:
        while isinstance(node, Index):
            node = node.target
        assert isinstance(node, Call)
        word = node.operation.partition(".")[2] or node.operation.partition(":")[2]
    word = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", word).lower()
    word = re.sub(r"[^a-z0-9_]+", "_", word).strip("_")
    return word if word[:1].isalpha() else f"value_{word}".rstrip("_")


def _arm(expr: Expr) -> Any:
    """What an ARM template says for an expression; None where it says nothing."""
    from bakelift.translator.languages.arm import Unprintable, expr_to_value

    try:
        return expr_to_value(expr)
    except Unprintable:
        return None


def _to_expr(data: Any) -> Expr:
    if isinstance(data, dict):
        return ObjectExpr(tuple((Literal(key), _to_expr(value)) for key, value in data.items()))
    if isinstance(data, list):
        return ListExpr(tuple(_to_expr(item) for item in data))
    return Literal(data)


# -- the way back -----------------------------------------------------------------------------------------------------


def put_back(plan: Plan) -> Plan:
    """The Plan with what was set aside in its place again; the same Plan where nothing was."""
    kept, plan = _find(plan)
    if not kept:
        return plan
    from bakelift.translator.plan.rewriting import rewrite

    plan = _declared_defaults(plan, kept)
    values = {name: _read(text) for name, text in _entries(kept, "values").items()}

    def visit(node: Expr) -> Expr | None:
        return values.get(node.name) if isinstance(node, Ref) and node.kind == "input" else None

    plan = rewrite(plan, visit) if values else plan
    made = {*values, *_entries(kept, "asked")}
    plan = plan.but(inputs=tuple(item for item in plan.inputs if item.name not in made))
    settings, added = _entries(kept, "settings"), _entries(kept, "added")
    sources = []
    for source in plan.sources:
        own = {name: Setting(_read(value)) for name, value in _entries(settings, source.id).items()}
        left = {n: s for n, s in source.settings.items() if n not in _entries(added, source.id)}
        sources.append(source.but(settings={**left, **own}))
    return plan.but(sources=tuple(sources))


def _declared_defaults(plan: Plan, kept: dict[str, Any]) -> Plan:
    """Inputs with their defaults again; a local that chose between a value and the default is the input again."""
    from bakelift.translator.plan.rewriting import rewrite

    defaults, pinned, bare = (_entries(kept, what) for what in ("defaults", "pinned", "undescribed"))
    chosen = {
        item.name: condition.name
        for item in plan.named
        if (condition := chooses(item.value)) is not None and condition.name in defaults
    }
    inputs = []
    for item in plan.inputs:
        changes: dict[str, Any] = {}
        if item.name in defaults and item.default in (None, Literal(None)):
            changes["default"] = _read(defaults[item.name])
        if item.name in pinned:
            changes["pinned"] = _read(pinned[item.name])
        if item.name in bare:
            changes["description"] = None
        inputs.append(item.but(**changes))

    def visit(node: Expr) -> Expr | None:
        if isinstance(node, Ref) and node.kind == "named" and node.name in chosen:
            return Ref("input", chosen[node.name], node.span)
        return None

    plan = plan.but(inputs=tuple(inputs), named=tuple(item for item in plan.named if item.name not in chosen))
    return rewrite(plan, visit) if chosen else plan


def chooses(value: Expr) -> Ref | None:
    """The input of ``var.x == null ? DEFAULT : var.x``."""
    from bakelift.translator.plan.expressions import Conditional

    if not isinstance(value, Conditional) or not isinstance(value.otherwise, Ref):
        return None
    own = value.otherwise
    return own if own.kind == "input" and value.condition == Call("equal", (own, Literal(None))) else None


def _find(plan: Plan) -> tuple[dict[str, Any], Plan]:
    """What a Plan keeps, and the Plan without it."""
    for item in plan.named:
        if item.name == KEPT:
            data = _to_data(item.value)
            if isinstance(data, dict):
                return data, plan.but(named=tuple(n for n in plan.named if n is not item))
    for comment in plan.comments:
        if comment.lstrip().startswith(f'{{"{KEPT}":'):
            try:
                data = json.loads(comment)[KEPT]
            except (ValueError, KeyError, TypeError):
                continue
            if isinstance(data, dict):
                return data, plan.but(comments=tuple(c for c in plan.comments if c is not comment))
    return {}, plan


def _entries(data: dict[str, Any], name: str) -> dict[str, Any]:
    found = data.get(name)
    return found if isinstance(found, dict) else {}


def _to_data(expr: Expr) -> Any:
    if isinstance(expr, ObjectExpr):
        return {str(key.value): _to_data(value) for key, value in expr.entries if isinstance(key, Literal)}
    if isinstance(expr, ListExpr):
        return [_to_data(item) for item in expr.items]
    return expr.value if isinstance(expr, Literal) else None


def _read(data: Any) -> Expr:
    """An ARM value as an expression. What somebody broke by hand is text, and no more."""
    from bakelift.translator.diagnostics import SourceFile
    from bakelift.translator.languages.arm import value_to_expr
    from bakelift.translator.languages.json.parser import parse_json

    return value_to_expr(parse_json(SourceFile(KEPT, json.dumps(data, default=str))))
