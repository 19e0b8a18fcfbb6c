"""Writes a Plan as a legacy Packer JSON template."""

from __future__ import annotations

import json

from bakelift.translator.diagnostics import Diagnostics
from bakelift.translator.packer.json_writer_values import Values
from bakelift.translator.plan.expressions import ListExpr, Literal
from bakelift.translator.plan.model import Attribute, Block

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bakelift.translator.diagnostics import Span
    from bakelift.translator.packer.json_writer_values import Data
    from bakelift.translator.packer.tables.rows import Component, Kind, Option
    from bakelift.translator.plan.model import (
        Body,
        BuildGroup,
        Input,
        Plan,
        PostProcessor,
        Setting,
        Source,
        SourceUse,
        Step,
    )


_WAY_OUT = "Where it depends on variables, give them values (-var NAME=VALUE): it is worked out while translating."
_DATA = "-allow-network asks http data sources while translating; of others, put what they give into a variable."


def write_json(plan: Plan, diagnostics: Diagnostics | None = None) -> str:
    """The text of a legacy JSON template that says what the Plan says: ASCII, LF, keys in a fixed order.

    What such a template cannot say is left out and told, as ``json/cannot-say`` errors in ``diagnostics``; without it
    they are raised together as a TemplateError. Named values are put in place, since there are no locals.
    """
    told = diagnostics if diagnostics is not None else Diagnostics()
    data = _Writer(plan, told).template()
    if diagnostics is None:
        told.stop_if_failed()
    return json.dumps(data, indent=2, ensure_ascii=True) + "\n"


class _Writer:
    def __init__(self, plan: Plan, diagnostics: Diagnostics) -> None:
        self.plan = plan
        self.diagnostics = diagnostics
        self.values = Values(plan.values(), self.cannot_say)
        #: Builder names by the id of their source.
        self.names: dict[str, str] = {}

    def cannot_say(self, what: str, span: Span | None = None, way_out: str = _WAY_OUT) -> None:
        self.diagnostics.error("json/cannot-say", f"a legacy JSON template cannot say {what}", way_out, span)

    def template(self) -> dict[str, Data]:
        plan = self.plan
        found: dict[str, Data] = {}
        for number, text in enumerate(plan.comments):
            if text.startswith('{"bakelift":'):
                found["_bakelift"] = text
                continue
            found["_comment" if number == 0 else f"_comment{number + 1}"] = text.strip().lstrip("#/ ")
        found |= _comments(plan)
        if plan.description is not None:
            found["description"] = plan.description
        if plan.required_version is not None:
            self.version(found, plan.required_version)
        if plan.inputs:
            found["variables"] = {item.name: self.default(item) for item in plan.inputs}
        sensitive: list[Data] = [item.name for item in plan.inputs if item.sensitive]
        if sensitive:
            found["sensitive-variables"] = sensitive
        for source in plan.data:
            self.cannot_say(f"data sources (data.{source.type}.{source.name})", source.span, _DATA)
        for entry in plan.opaque.entries:
            self.cannot_say("a root block", entry.span if isinstance(entry, Block) else entry.setting.span)
        if len(plan.groups) > 1:
            self.cannot_say("more than one build block", plan.groups[1].span)
        for group in plan.groups[:1]:
            self.group(found, group)
        return found

    def version(self, found: dict[str, Data], constraint: str) -> None:
        """``>= 1.4.0`` is min_packer_version; other constraints have no form."""
        text = constraint.strip()
        if text.startswith(">=") and "," not in text:
            found["min_packer_version"] = text[2:].strip()
        else:
            self.cannot_say(f"the version constraint {constraint!r}")

    def default(self, item: Input) -> Data:
        if item.validations or item.allowed is not None:
            self.cannot_say(f"which values the variable {item.name} may have", item.span)
        if item.default is None or item.default == Literal(None):
            return None
        return self.values.text(item.default, f"the default of {item.name}", item.span)

    # The build

    def group(self, found: dict[str, Data], group: BuildGroup) -> None:
        if group.name is not None:
            self.cannot_say(f"the name of a build ({group.name})", group.span)
        builders: list[Data] = []
        for use in group.sources:
            source = self.plan.source(use.type, use.source)
            if source is not None:
                builders.append(self.builder(source, use))
        found["builders"] = builders
        steps: list[Data] = [self.step(step) for step in group.steps]
        if steps:
            found["provisioners"] = steps
        if group.error_cleanup is not None:
            found["error-cleanup-provisioner"] = self.step(group.error_cleanup)
        chains: list[Data] = []
        for chain in group.post_processors:
            posts: list[Data] = [self.post(post) for post in chain]
            chains.append(posts[0] if len(posts) == 1 else posts)
        if chains:
            found["post-processors"] = chains

    def builder(self, source: Source, use: SourceUse) -> Data:
        name = use.local_name
        if name in self.names.values():
            name = use.id
        self.names[use.id] = name
        found: dict[str, Data] = {"type": use.type}
        if name != use.type:
            found["name"] = name
        self.body(found, "builder", use.type, {**source.settings, **use.settings}, source.opaque)
        self.opaque(found, use.opaque, None)
        return found

    def step(self, step: Step) -> Data:
        found: dict[str, Data] = {"type": step.type}
        self.selection(found, step.only, step.excepted)
        self.body(found, "provisioner", step.type, step.settings, step.opaque)
        if step.override:
            overrides: dict[str, Data] = {}
            for name, settings in step.override.items():
                one: dict[str, Data] = {}
                self.settings(one, _component("provisioner", step.type), settings)
                overrides[self.local(name)] = one
            found["override"] = overrides
        return found

    def post(self, post: PostProcessor) -> Data:
        found: dict[str, Data] = {"type": post.type}
        if post.name is not None:
            found["name"] = post.name
        self.selection(found, post.only, post.excepted)
        if post.keep_input_artifact is not None:
            value = self.values.data(post.keep_input_artifact.value, None, "keep_input_artifact")
            found["keep_input_artifact"] = value
        self.body(found, "post-processor", post.type, post.settings, post.opaque)
        return found

    def local(self, name: str) -> str:
        """The builder that a source's local name stands for."""
        ids = [id for id in self.names if id.partition(".")[2] == name]
        return self.names[ids[0]] if len(ids) == 1 else name

    def selection(self, found: dict[str, Data], only: Setting | None, excepted: Setting | None) -> None:
        for key, setting in (("only", only), ("except", excepted)):
            if setting is None:
                continue
            value = self.values.inlined(setting.value)
            items = value.items if isinstance(value, ListExpr) else ()
            if not isinstance(value, ListExpr) or not all(isinstance(item, Literal) for item in items):
                self.cannot_say(f"{key} of something that is not a list of names", setting.span)
                continue
            ids = [str(item.value) for item in items if isinstance(item, Literal)]
            found[key] = [self.names.get(id, id) for id in ids]

    # Bodies

    def body(
        self, found: dict[str, Data], kind: Kind, type: str, settings: Mapping[str, Setting], opaque: Body
    ) -> None:
        component = _component(kind, type)
        self.settings(found, component, settings)
        self.opaque(found, opaque, component)

    def settings(self, found: dict[str, Data], component: Component | None, settings: Mapping[str, Setting]) -> None:
        """Settings by their option names; dotted ones nest."""
        options = {option.setting: option for option in component.options.values()} if component is not None else {}
        for key, setting in settings.items():
            option = options.get(key)
            path = (option.name if option is not None else key).split(".") if component is not None else [key]
            refused = self.values.refused
            value = self.values.data(setting.value, option, path[-1])
            if self.values.refused != refused:
                continue  # told; what is left of it would say something else
            place = found
            for part in path[:-1]:
                inner = place.setdefault(part, {})
                assert isinstance(inner, dict)
                place = inner
            place[path[-1]] = value

    def opaque(self, found: dict[str, Data], body: Body, component: Component | None, prefix: str = "") -> None:
        options: Mapping[str, Option] = component.options if component is not None else {}
        blocks: dict[str, list[Data]] = {}
        for entry in body.entries:
            if isinstance(entry, Attribute):
                option = options.get(prefix + entry.name)
                found[entry.name] = self.values.data(entry.setting.value, option, entry.name)
                continue
            if entry.labels or entry.dynamic is not None:
                self.cannot_say("a dynamic block" if entry.dynamic is not None else "a block with labels", entry.span)
                continue
            inner: dict[str, Data] = {}
            self.opaque(inner, entry.body, component, f"{prefix}{entry.type}.")
            blocks.setdefault(entry.type, []).append(inner)
            found[entry.type] = _one_or_all(blocks[entry.type])


def _comments(plan: Plan) -> dict[str, Data]:
    """Comments of parts, which a legacy template has at its root alone, under keys that say what they are about."""
    parts: list[tuple[str, tuple[str, ...]]] = [(f"variable {item.name}", item.comments) for item in plan.inputs]
    parts += [(f"local {item.name}", item.comments) for item in plan.named]
    parts += [(f"builder {source.name}", source.comments) for source in plan.sources]
    for group in plan.groups:
        parts += [(f"provisioner {n} {step.type}", step.comments) for n, step in enumerate(group.steps, 1)]
        posts = [post for chain in group.post_processors for post in chain]
        parts += [(f"post-processor {n} {post.type}", post.comments) for n, post in enumerate(posts, 1)]
    return {f"_{name}": "\n".join(texts) for name, texts in parts if texts}


def _one_or_all(blocks: Sequence[Data]) -> Data:
    return blocks[0] if len(blocks) == 1 else list(blocks)


def _component(kind: Kind, type: str) -> Component | None:
    from bakelift.translator.packer.tables import component

    return component(kind, type)
