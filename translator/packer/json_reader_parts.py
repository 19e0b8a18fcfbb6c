"""Builders, provisioners and post-processors of a legacy JSON template."""

from __future__ import annotations

from bakelift.translator.diagnostics import Span
from bakelift.translator.languages.json.nodes import Array, Member, Node, Object, Scalar
from bakelift.translator.packer import tables
from bakelift.translator.packer.json_reader_fields import Fields
from bakelift.translator.packer.json_reader_state import expected, holds_objects, text_of
from bakelift.translator.packer.json_reader_types import decoded, duration
from bakelift.translator.plan.expressions import Expr, ListExpr, Literal
from bakelift.translator.plan.model import PostProcessor, Setting, Source, SourceUse, Step
from bakelift.translator.plan.suggest import did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from bakelift.translator.packer.json_reader_state import Reading

    Naming = Callable[[Scalar], str]

_BUILDER_KEYS = ("type", "name")
_STEP_KEYS = ("type", "only", "except", "override", "pause_before", "max_retries", "timeout")
_NO_PAUSE = (Literal("0"), Literal("0s"), Literal(""))
_POST_KEYS = ("type", "name", "only", "except", "keep_input_artifact")


class Builder:
    """A builder as the rest of the template names it: ``raw`` is its name before rendering."""

    def __init__(self, raw: str, source: Source, use: SourceUse) -> None:
        self.raw = raw
        self.source = source
        self.use = use


class Parts:
    """Reads the parts that name each other. ``render_name``: the name of a builder whose text is a template."""

    def __init__(self, reading: Reading, render_name: Naming) -> None:
        self.reading = reading
        self.render_name = render_name
        self.builders: dict[str, Builder] = {}

    # Builders

    def read_builders(self) -> list[Builder]:
        for number, node in enumerate(self.objects("builders"), 1):
            if node is not None:
                self._builder(node, number)
        return list(self.builders.values())

    def objects(self, key: str) -> Iterable[Object | None]:
        """The items of a root list; None for one that is no object, which is told."""
        node = self.reading.root.get(key)
        if node is None or node.kind == "null":
            return
        if not isinstance(node, Array):
            detail = f"Write a list, even of one: [ … ] around the {node.kind}."
            self.reading.error("json/wrong-type", expected(key, "slice", node), detail, node.span)
            return
        for at, item in enumerate(node):
            if isinstance(item, Object):
                yield item
            else:
                self.reading.error("json/wrong-type", f"'{key}[{at}]' expected a map, got '{item.kind}'", "", item.span)
                yield None

    def _builder(self, node: Object, number: int) -> None:
        reading = self.reading
        keys = _lowered(node, _BUILDER_KEYS)
        type = self._word(keys.get("type"))
        if not type:
            detail = "Every builder says its type, such as azure-arm."
            reading.error("json/missing-type", f"builder {number}: missing 'type'", detail, _head(node))
            return
        name_node = keys["name"].value if "name" in keys else None
        raw = self._word(keys.get("name")) or type
        if raw in self.builders:
            reading.error(
                "json/duplicate-builder",
                f"builder {number}: builder with name '{raw}' already exists",
                f'Give one of them another "name"; the first stands at {self.builders[raw].source.span}.',
                keys["name"].span if "name" in keys else _head(node),
            )
            return
        name = self.render_name(name_node) if isinstance(name_node, Scalar) and "{{" in raw else raw
        fields = Fields(reading, tables.component("builder", type), "builder")
        settings, opaque = fields.read(node, _spelled(keys))
        leaves = reading.leaves_of(*(m.value for m in keys.values()))
        source = Source(type, name, settings, opaque, _head(node), leaves=leaves)
        self.builders[raw] = Builder(raw, source, SourceUse(type, name, span=_head(node)))

    # Provisioners

    def read_steps(self) -> tuple[Step, ...]:
        steps = []
        for number, node in enumerate(self.objects("provisioners"), 1):
            step = self._step(node, f"provisioner {number}", True) if node is not None else None
            if step is not None:
                steps.append(step)
        return tuple(steps)

    def read_cleanup(self) -> Step | None:
        node = self.reading.root.get("error-cleanup-provisioner")
        if node is None or node.kind == "null":
            return None
        if not isinstance(node, Object):
            summary = f"'error-cleanup-provisioner' expected a map, got '{node.kind}'"
            self.reading.error("json/wrong-type", summary, "", node.span)
            return None
        return self._step(node, "On Error Cleanup Provisioner error", False)

    def _step(self, node: Object, where: str, selectable: bool) -> Step | None:
        reading = self.reading
        keys = _lowered(node, _STEP_KEYS)
        type = self._word(keys.get("type"))
        if not type:
            detail = "Every provisioner says its type, such as shell."
            reading.error("json/missing-type", f"{where}: Provisioner missing 'type'", detail, _head(node))
            return None
        fields = Fields(reading, tables.component("provisioner", type), "provisioner")
        settings, opaque = fields.read(node, _spelled(keys))
        meta, ignored = self._meta(keys, where)
        # Packer runs an error-cleanup-provisioner for every builder, whatever it says.
        only, excepted = self._selection(keys, where, weak=True) if selectable else (None, None)
        override = self._override(keys.get("override"), fields, where)
        said = [keys[name].value for name in ("type", *ignored) if name in keys]
        if not selectable:
            said += [keys[name].value for name in ("only", "except") if name in keys]
        return Step(
            type,
            {**settings, **meta},
            only=only,
            excepted=excepted,
            override=override,
            opaque=opaque,
            span=_head(node),
            leaves=reading.leaves_of(*said),
        )

    def _meta(self, keys: Mapping[str, Member], where: str) -> tuple[dict[str, Setting], list[str]]:
        """pause_before, timeout and max_retries as settings; names of those without effect."""
        settings: dict[str, Setting] = {}
        ignored: list[str] = []
        for name in ("pause_before", "timeout"):
            if name in keys:
                setting = self._duration(keys[name], where)
                if setting is not None:
                    settings[name] = setting
        pause = settings.get("pause_before")
        if (
            pause is not None
            and "timeout" in settings
            and pause.value not in (Literal("0"), Literal("0s"), Literal(""))
        ):
            del settings["timeout"]
            ignored.append("timeout")
            self.reading.warning(
                "json/timeout-ignored",
                f"{where}: timeout has no effect beside pause_before",
                "In a legacy JSON template Packer drops the timeout of a provisioner that has a pause_before.",
                keys["timeout"].span,
            )
        if "max_retries" in keys:
            settings["max_retries"] = self._retries(keys["max_retries"], where)
        return settings, ignored

    def _duration(self, member: Member, where: str) -> Setting | None:
        node = member.value
        if isinstance(node, Scalar) and node.value is None:
            return None
        if not isinstance(node, Scalar):
            self._decode_error(where, f"'{member.key}' expected a duration, got '{node.kind}'", member, "")
            return None

        def tell(problem: str, _: Expr) -> None:
            detail = "A duration has a unit: 30s, 5m, 1h30m."
            self._decode_error(where, f"error decoding '{member.key}': {problem}", member, detail)

        return Setting(duration(Literal(node.value, node.span), tell), self.reading.leaves_of(node))

    def _decode_error(self, where: str, problem: str, member: Member, detail: str) -> None:
        code = "json/bad-duration" if "time:" in problem else "json/wrong-type"
        self.reading.error(code, f"{where}: Error decoding provisioner: {problem}", detail, member.value.span)

    def _retries(self, member: Member, where: str) -> Setting:
        fields = Fields(self.reading, tables.component("provisioner", "shell"), "provisioner")
        expr = fields.raw(member.value, member.key, False)

        def tell(problem: str, _: Expr) -> None:
            summary = f"{where}: `max_retries` must be a valid integer: {problem}"
            self.reading.error("json/wrong-type", summary, "", member.value.span)

        value = decoded(expr, tables.meta("provisioner")["max_retries"], tell)
        if isinstance(value, Literal) and not isinstance(value.value, (int, str, type(None))):
            tell(f'strconv.Atoi: parsing "{value.value}": invalid syntax', value)
        return Setting(value, self.reading.leaves_of(member.value))

    def _override(self, member: Member | None, fields: Fields, where: str) -> dict[str, Mapping[str, Setting]]:
        if member is None or member.value.kind == "null":
            return {}
        node = member.value
        if not isinstance(node, Object):
            if not (isinstance(node, Array) and not node.items):
                self._decode_error(where, f"'override' expected a map, got '{node.kind}'", member, "")
            return {}
        found: dict[str, Mapping[str, Setting]] = {}
        for one in node:
            builder = self.builders.get(one.key)
            if builder is None:
                summary = f"{where}: override '{one.key}' doesn't exist"
                self._no_builder(summary, one.key, one.key_span)
            elif not isinstance(one.value, Object):
                self._decode_error(where, f"override '{one.key}' expected a map, got '{one.value.kind}'", one, "")
            else:
                found[builder.source.name] = fields.read_override(one.value)
        return found

    # Selection

    def _selection(self, keys: Mapping[str, Member], where: str, weak: bool) -> tuple[Setting | None, Setting | None]:
        only = self._names(keys.get("only"), where, weak)
        excepted = self._names(keys.get("except"), where, weak)
        if only and excepted and _items(only) and _items(excepted):
            summary = f"{where}: only one of 'only' or 'except' may be specified"
            self.reading.error("json/only-and-except", summary, "", keys["except"].key_span)
        return only, excepted

    def _names(self, member: Member | None, where: str, weak: bool) -> Setting | None:
        """Builder names as ids of sources (``type.name``). They are compared as written, not rendered."""
        if member is None or member.value.kind == "null":
            return None
        node = member.value
        if isinstance(node, Array):
            items: tuple[Node, ...] = node.items
        elif weak and isinstance(node, Scalar):
            items = (node,)
        else:
            summary = f"{where}: {expected(member.key, 'slice', node)}"
            self.reading.error("json/wrong-type", summary, "", node.span)
            return None
        ids: list[Expr] = []
        for item in items:
            name = text_of(item)
            if name is None:
                summary = f"{where}: {expected(member.key, 'string', item)}"
                self.reading.error("json/wrong-type", summary, "", item.span)
                continue
            builder = self.builders.get(name)
            if builder is None:
                self._no_builder(
                    f"{where}: '{member.key.lower()}' specified builder '{name}' not found", name, item.span
                )
            ids.append(Literal(builder.use.id if builder is not None else name, item.span))
        return Setting(ListExpr(tuple(ids), node.span), self.reading.leaves_of(node))

    def _no_builder(self, summary: str, name: str, span: Span) -> None:
        known = ", ".join(f'"{raw}"' for raw in self.builders) or "none"
        detail = f"The builders of this template are {known}.{did_you_mean(name, self.builders)}"
        self.reading.error("json/unknown-builder", summary, detail, span)

    # Post-processors

    def read_chains(self) -> tuple[tuple[PostProcessor, ...], ...]:
        node = self.reading.root.get("post-processors")
        if node is None or node.kind == "null":
            return ()
        if not isinstance(node, Array):
            detail = f"Write a list, even of one: [ … ] around the {node.kind}."
            self.reading.error("json/wrong-type", expected("post-processors", "slice", node), detail, node.span)
            return ()
        chains = []
        shared = None if holds_objects(node) else node
        for i, item in enumerate(node, 1):
            members = item.items if isinstance(item, Array) else (item,)
            chain = [self._post(one, f"post-processor {i}.{j}") for j, one in enumerate(members, 1)]
            found = [post for post in chain if post is not None]
            names = shared or (item if isinstance(item, Array) and not holds_objects(item) else None)
            if names is not None:  # a list of names alone is one leaf, which every one of them says
                found = [post.but(leaves=self.reading.leaves_of(names)) for post in found]
            if found:
                chains.append(tuple(found))
        return tuple(chains)

    def _post(self, node: Node, where: str) -> PostProcessor | None:
        reading = self.reading
        name = text_of(node)
        if name is not None:
            return PostProcessor(name, {}, span=node.span, leaves=reading.leaves_of(node))
        if isinstance(node, Array):
            summary = f"{where}: sequence not allowed to be nested in a sequence"
            reading.error("json/nested-chain", summary, "A chain is a list of post-processors.", node.span)
            return None
        if not isinstance(node, Object):
            reading.error("json/wrong-type", f"{where}: Unknown format: {node.kind}", "", node.span)
            return None
        keys = _lowered(node, _POST_KEYS)
        type = text_of(keys["type"].value) if "type" in keys else None
        if not type:
            detail = "Every post-processor says its type, such as manifest."
            reading.error("json/missing-type", f"{where}: type is required", detail, _head(node))
            return None
        settings, opaque = Fields(reading, tables.component("post-processor", type), "post-processor").read(
            node, _spelled(keys)
        )
        only, excepted = self._selection(keys, where, weak=False)
        said = [keys[key].value for key in ("type", "name") if key in keys]
        return PostProcessor(
            type,
            settings,
            name=self._post_name(keys.get("name"), where),
            only=only,
            excepted=excepted,
            keep_input_artifact=self._keep(keys.get("keep_input_artifact"), where),
            opaque=opaque,
            span=_head(node),
            leaves=reading.leaves_of(*said),
        )

    def _post_name(self, member: Member | None, where: str) -> str | None:
        if member is None or member.value.kind == "null":
            return None
        name = text_of(member.value)
        if name is None:
            summary = f"{where}: {expected('name', 'string', member.value)}"
            self.reading.error("json/wrong-type", summary, "", member.value.span)
        return name or None

    def _keep(self, member: Member | None, where: str) -> Setting | None:
        if member is None or member.value.kind == "null":
            return None
        node = member.value
        if not (isinstance(node, Scalar) and isinstance(node.value, bool)):
            summary = f"{where}: {expected('keep_input_artifact', 'bool', node)}"
            self.reading.error("json/wrong-type", summary, "Write true or false, without quotes.", node.span)
            return None
        return Setting(Literal(node.value, node.span), self.reading.leaves_of(node))

    # Small things

    def _word(self, member: Member | None) -> str:
        """The text of a type or name; numbers are taken as text, as Packer does."""
        if member is None or not isinstance(member.value, Scalar) or member.value.value is None:
            return ""
        value = member.value.value
        return value if isinstance(value, str) else str(value)


def _lowered(node: Object, names: tuple[str, ...]) -> dict[str, Member]:
    """The members that are meta keys, by their lower-case names: Packer does not mind the case of keys."""
    found: dict[str, Member] = {}
    for member in node:
        name = member.key.lower()
        if name in names and (name not in found or member.key == name):
            found[name] = member
    return found


def _spelled(keys: Mapping[str, Member]) -> set[str]:
    return {member.key for member in keys.values()}


def _items(setting: Setting) -> bool:
    return isinstance(setting.value, ListExpr) and bool(setting.value.items)


def _head(node: Object) -> Span:
    """Where an object is shown: its opening brace."""
    return Span(node.file, node.start, node.start + 1)
