"""Takes out of a Plan what Packer cannot say, and keeps it."""

from __future__ import annotations

import json
import re

from bakelift.translator.aside import KEPT, Aside, Told, parts
from bakelift.translator.aside.hidden import hide
from bakelift.translator.aside.outputs import split_outputs
from bakelift.translator.aside.values import arm, to_expr
from bakelift.translator.aside.words import asks_azure, clock, name_for, root_of, sayable
from bakelift.translator.packer import tables
from bakelift.translator.packer.hcl_writer_names import constant
from bakelift.translator.plan.expressions import Call, Expr, Index, Literal, Opaque, Ref, transform
from bakelift.translator.plan.inlining import inline_named
from bakelift.translator.plan.model import Attribute, Body, Input, NamedValue, Setting
from bakelift.translator.plan.normal import normal_expr
from bakelift.translator.plan.types import STRING
from bakelift.translator.plan.usage import leaves_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from bakelift.translator.plan.model import BuildGroup, Leaf, Plan, Source, Step

_COMMENT = (
    "What only Image Builder can say, as it says it. Packer does nothing with this;\n"
    "bakelift puts it back when it translates this template to Image Builder."
)
_REST = "image_template"
_DEPLOYMENT = "deployment"
_EXTRA = "customizer"


def set_aside(plan: Plan, as_comment: bool = False) -> Aside:
    """The Plan in words that Packer has. ``as_comment``: for legacy JSON, which has no named values."""
    work = _Setter(plan, as_comment)
    return Aside(work.done(), tuple(work.told))


class _Setter:
    def __init__(self, plan: Plan, as_comment: bool) -> None:
        self.plan = plan
        self.as_comment = as_comment
        self.told: list[Told] = []
        self.kept: dict[str, dict[str, Any]] = {}
        self.taken = {item.name.lower() for item in plan.inputs}
        self.made: dict[Expr, Input] = {}
        origin = plan.origin.format if plan.origin is not None else ""
        kept = any(_REST in source.settings for source in plan.sources)
        #: Sources whose VHD has no address.
        self.vhds: set[str] = set()
        self.of_image_builder = kept or origin in ("arm", "resource", "bicep")

    def keep(self, what: str, name: str, value: object) -> None:
        self.kept.setdefault(what, {})[name] = value

    def done(self) -> Plan:
        from bakelift.translator.plan.rewriting import rewrite

        plan = self.around(self.plan)
        if self.as_comment and self.of_image_builder:
            from bakelift.translator.aside.legacy import keep_words

            keep_words(plan, self.keep)
        before = plan
        plan = split_outputs(plan, self.keep)
        self.told_of_split(before)
        self.vhds = set(self.kept.pop("asked_vhd", {}))
        plan = plan.but(
            sources=tuple(self.source(source) for source in plan.sources),
            inputs=tuple(self.input(item) for item in plan.inputs),
            groups=tuple(self.group(group, number) for number, group in enumerate(plan.groups)),
        )
        if self.of_image_builder:
            plan, hidden = hide(plan, self.keep)
            summary = "only the image template uses it, which Packer has none of. It is kept for the way back"
            self.tell(hidden, "adapted", "packer/kept", summary)
        plan = rewrite(plan, self.words)
        plan = plan.but(inputs=(*plan.inputs, *self.made.values()))
        if not self.kept:
            return plan
        if self.as_comment:
            return plan.but(comments=(*plan.comments, json.dumps({KEPT: self.kept}, ensure_ascii=True)))
        return plan.but(named=(*plan.named, NamedValue(KEPT, to_expr(self.kept), comments=(_COMMENT,))))

    def told_of_split(self, before: Plan) -> None:
        """Each distribution that got a source of its own is built by itself."""
        rests = {source.id: source.settings.get(_REST) for source in before.sources}
        for note in self.kept.get("outputs", {}).values():
            rest = rests.get(note["of"])
            leaves = rest.leaves if rest is not None else ()
            mine = tuple(leaf for leaf in leaves if f".distribute[{note['at']}]." in leaf.path)
            summary = (
                "Packer builds this distribution by itself, on a VM of its own; Image Builder distributes one build"
            )
            self.tell(mine, "approximated", "packer/own-build", summary)

    def tell(self, leaves: tuple[Leaf, ...], kind: Any, code: str, summary: str) -> None:
        if leaves:
            self.told.append(Told(leaves, kind, code, summary))

    def tell_each(self, leaves: tuple[Leaf, ...], of: Any) -> None:
        alike: dict[tuple[Any, str, str], list[Leaf]] = {}
        for leaf in leaves:
            alike.setdefault(of(leaf), []).append(leaf)
        for (kind, code, words), mine in alike.items():
            self.tell(tuple(mine), kind, code, words)

    # -- around the images --------------------------------------------------------------------------------------------

    def around(self, plan: Plan) -> Plan:
        """Without what stood around the image templates of a deployment."""
        left = []
        for entry in plan.opaque.entries:
            if isinstance(entry, Attribute) and entry.name == _DEPLOYMENT and self.of_image_builder:
                self.kept[_DEPLOYMENT] = arm(entry.setting.value)
                self.tell_each(entry.setting.leaves, parts.of_around)
            else:
                left.append(entry)
        if plan.origin is not None and plan.origin.format in ("arm", "resource"):
            held = {id(leaf) for leaf in leaves_of(plan)}
            around = tuple(leaf for leaf in parts.nested(plan.origin.leaves) if id(leaf) not in held)
            known = {id(leaf) for leaf in around}
            answers = tuple(leaf for leaf in parts.answers(plan.origin.leaves) if id(leaf) not in known)
            self.tell_each(answers, parts.of_rest)
            summary = "stands around the image template in a nested deployment, which only it is taken out of"
            self.tell(around, "dropped", "packer/other-resource", summary)
        return plan.but(opaque=Body(tuple(left))) if len(left) < len(plan.opaque.entries) else plan

    # -- sources and steps --------------------------------------------------------------------------------------------

    def source(self, source: Source) -> Source:
        component = tables.component("builder", source.type)
        if component is None or component.opaque:
            return source
        known = {option.setting for option in component.options.values()}
        left: dict[str, Setting] = {}
        for name, setting in source.settings.items():
            value = None if name in known else arm(setting.value)
            if value is None:
                left[name] = setting
                continue
            self.kept.setdefault("settings", {}).setdefault(source.id, {})[name] = value
            if name == _REST:
                self.tell_each(setting.leaves, parts.of_rest)
                continue
            kind, advice = parts.SETTINGS.get(name, parts.OTHER)
            if name in parts.IDS:
                self.of_id(source.id, name, setting, left, known)
                self.tell(setting.leaves, kind, "packer/kept", advice)
            else:
                summary = f"Packer has no {name}: {advice}. It is kept for the way back"
                self.tell(setting.leaves, kind, "packer/no-option", summary)
        if source.type == "azure-arm":
            self.beside(source, left)
        if self.of_image_builder:
            self.reaching(source, left)
            left = dict(sorted(left.items(), key=lambda item: parts.place(item[0])))
        return source.but(settings=left)

    def reaching(self, source: Source, left: dict[str, Setting]) -> None:
        """How Packer reaches Azure and its VM, which Image Builder sees to by itself."""
        login, words = parts.LOGIN
        if not any(name in left for name in ("client_id", "client_secret", "tenant_id", login)):
            self.add(source.id, login, Setting(Literal(True), comments=(words,)), left)
        system = left.get("os_type")
        if system is not None and system.value == Literal("Windows") and "communicator" not in left:
            for name, value in parts.WINRM.items():
                self.add(source.id, name, Setting(Literal(value)), left)

    def of_id(self, id: str, name: str, setting: Setting, left: dict[str, Setting], known: set[str]) -> None:
        """The parts of a resource id that is said whole, which Packer wants one by one."""
        for option, segment in parts.IDS[name]:
            if option in known or option.partition(".")[0] in {word.partition(".")[0] for word in known}:
                value = Index(Call("split", (Literal("/"), setting.value)), Literal(segment))
                self.add(id, option, Setting(value, setting.leaves), left)
        if name == parts.GALLERY_ID and parts.GALLERY_VERSION not in left and self.says_version(setting.value):
            version = Index(Call("split", (Literal("/"), setting.value)), Literal(12))
            self.add(id, parts.GALLERY_VERSION, Setting(version, setting.leaves), left)

    def says_version(self, id: Expr) -> bool:
        """Whether the id of a gallery's image is that of a version, whatever the version is called."""
        whole = inline_named(id, self.plan.values())
        texts = [node.value for node in whole.walk() if isinstance(node, Literal) and isinstance(node.value, str)]
        return any(re.search(r"/versions(/|$)", text, re.IGNORECASE) for text in texts)

    def beside(self, source: Source, left: dict[str, Setting]) -> None:
        """What Packer has to be told beside what there is."""
        for name in list(left):
            for needed, item in parts.NEEDED.get(name, ()):
                if needed not in left:
                    self.add(source.id, needed, Setting(self.needed(item)), left)
        if _REST not in source.settings and source.id not in self.kept.get("outputs", {}):
            return
        if source.id in self.vhds:
            for needed, item in parts.VHD:
                if needed not in left:
                    self.add(source.id, needed, Setting(self.needed(item)), left)
        if "vm_size" not in left:
            words = "Packer would take an older and smaller one than Image Builder."
            self.add(source.id, "vm_size", Setting(Literal(parts.SERVICE_VM_SIZE), comments=(words,)), left)

    def add(self, id: str, name: str, setting: Setting, left: dict[str, Setting]) -> None:
        left[name] = setting
        self.kept.setdefault("added", {}).setdefault(id, {})[name] = True

    def needed(self, item: Input) -> Expr:
        """A variable for what Packer has to be told."""
        key = Opaque("azure", item.name)
        if key not in self.made:
            name, number = item.name, 2
            while name.lower() in self.taken:
                name, number = f"{item.name}_{number}", number + 1
            self.taken.add(name.lower())
            self.keep("asked", name, True)
            self.made[key] = item.but(name=name)
        return Ref("input", self.made[key].name)

    def group(self, group: BuildGroup, number: int) -> BuildGroup:
        return group.but(steps=tuple(self.step(step, f"{number}.{at}") for at, step in enumerate(group.steps)))

    def step(self, step: Step, place: str) -> Step:
        """Without the properties of its customizer that say nothing to Packer."""
        extra = step.settings.get(_EXTRA)
        if extra is None:
            return step
        self.keep("steps", place, {"name": step.name, "customizer": arm(extra.value)})
        return step.but(settings={name: setting for name, setting in step.settings.items() if name != _EXTRA})

    # -- variables ----------------------------------------------------------------------------------------------------

    def input(self, item: Input) -> Input:
        if item.pinned is not None:
            value = arm(item.pinned)
            if value is not None:
                self.keep("pinned", item.name, value)
            item = item.but(pinned=None)
        if item.placeholder is not None:
            self.keep("placeholders", item.name, item.placeholder)
            item = item.but(placeholder=None)
        if item.default is None or not asks_azure(item.default):
            if self.of_image_builder and item.default is not None and not constant(item.default):
                self.keep("defaults", item.name, arm(item.default))
            return item
        text = arm(item.default)
        if text is None:
            return item
        self.keep("defaults", item.name, text)
        said = transform(normal_expr(item.default), clock)
        if sayable(said):
            summary = f"made when Packer runs; {text} is made when the template is deployed"
            self.tell(item.leaves, "approximated", "packer/clock", summary)
            return item.but(default=said)
        summary = f"only a deployment can compute {text}: the variable has to be given"
        self.tell(item.leaves, "adapted", "packer/deployment-default", summary)
        words = item.description or f"Required here; in Image Builder's template it is {text}."
        if item.description is None:
            self.keep("undescribed", item.name, True)
        return item.but(default=None, description=words)

    def words(self, node: Expr) -> Expr | None:
        """An expression that only a deployment knows, as a clock call of Packer's or as a variable."""
        if isinstance(node, Call) and node.operation.startswith("arm."):
            moment = clock(node)
            if moment is not None and sayable(moment):
                return moment
            tidy = normal_expr(node)
            if tidy is not node and not isinstance(tidy, Call):
                return transform(tidy, self.words)
        if root_of(node) and not sayable(node):
            return self.variable(node)
        return None

    def variable(self, node: Expr) -> Expr:
        found = self.made.get(node)
        if found is None:
            text = arm(node)
            if text is None:
                return node
            name = base = name_for(node)
            number = 2
            while name.lower() in self.taken:
                name, number = f"{base}_{number}", number + 1
            self.taken.add(name.lower())
            self.keep("values", name, text)
            found = Input(name, STRING, None, f"What only a deployment knows: {text} in Image Builder's template.")
            self.made[node] = found
        return Ref("input", found.name, node.span)
