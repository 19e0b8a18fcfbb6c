"""Build blocks: sources, provisioners, post-processors."""

from __future__ import annotations

import re

from bakelift.translator.languages.hcl import nodes
from bakelift.translator.packer import tables
from bakelift.translator.packer.hcl_reader_fields import Fields
from bakelift.translator.packer.hcl_reader_state import comments_of
from bakelift.translator.packer.hcl_reader_unroll import constant, expanded
from bakelift.translator.plan.expressions import ListExpr, Literal, ObjectExpr
from bakelift.translator.plan.model import Body, BuildGroup, Leaf, PostProcessor, Setting, SourceUse, Step
from bakelift.translator.plan.suggest import did_you_mean, suggestion
from bakelift.translator.plan.types import STRING
from bakelift.translator.plan.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from bakelift.translator.diagnostics import Span
    from bakelift.translator.packer.hcl_reader_state import Reading
    from bakelift.translator.packer.tables.rows import Kind
    from bakelift.translator.plan.expressions import Expr
    from bakelift.translator.plan.model import Attribute, Block, Source

_IDENTIFIER = re.compile(r"[^\W\d][\w-]*")
_BLOCKS = (
    "dynamic",
    "error-cleanup-provisioner",
    "from",
    "hcp_packer_registry",
    "post-processor",
    "post-processors",
    "provisioner",
    "source",
)
_ATTRIBUTES = ("description", "name", "sources")
_BAD_REFERENCE = (
    "A source type is made of two or three parts that are split by a dot `.`; each part must start with a letter and "
    "may contain only letters, digits, underscores, and dashes. A valid source reference looks like: "
    "`source.type.name`"
)


class BuildReader:
    """Reads one build block. ``sources``: the declared ones by (type, name)."""

    def __init__(self, reading: Reading, sources: Mapping[tuple[str, str], Source]) -> None:
        self.reading = reading
        self.declared = sources
        self.uses: list[SourceUse] = []
        self.steps: list[Step] = []
        self.cleanup: Step | None = None
        self.chains: list[tuple[PostProcessor, ...]] = []
        self.opaque: list[Attribute | Block] = []
        self.leaves: list[Leaf] = []
        self.texts: dict[str, str | None] = {}
        self.referred = False

    def read(self, block: nodes.Block) -> BuildGroup:
        asked = len(self.reading.build_names)
        for item in block.body.items:
            if isinstance(item, nodes.Attribute):
                self.attribute(item)
        for item in expanded(self.reading, block.body, self.leaves):
            self.block(item)
        self.check_build_names(asked)
        if not self.referred:
            detail = "a build block must reference at least one source to be built"
            self.reading.error("packer/no-source", "missing source reference", detail, block.header_span)
        return BuildGroup(
            name=self.texts.get("name") or None,
            sources=tuple(self.uses),
            steps=tuple(self.steps),
            error_cleanup=self.cleanup,
            post_processors=tuple(self.chains),
            description=self.texts.get("description"),
            opaque=Body(tuple(self.opaque)),
            span=block.header_span,
            comments=comments_of(block),
            leaves=tuple(self.leaves),
        )

    def check_build_names(self, asked: int) -> None:
        """Warns where ``{{build_name}}`` would be another name than the one that a source has in this build."""
        renamed = [use for use in self.uses if use.name is not None and use.name != use.source]
        for span in self.reading.build_names[asked:] if renamed else ():
            use = renamed[0]
            detail = (
                f'Packer gives the name of the source block, "{use.source}", also where the build calls it '
                f'"{use.name}"; bakelift gives "{use.name}". Write the name that is meant, or ${{source.name}}.'
            )
            self.reading.diagnostics.warning("packer/build-name", "{{build_name}} of a renamed source", detail, span)

    # The block's own arguments

    def attribute(self, item: nodes.Attribute) -> None:
        if item.name not in _ATTRIBUTES:
            detail = f'An argument named "{item.name}" is not expected here.' + did_you_mean(item.name, _ATTRIBUTES)
            if item.name in _BLOCKS:
                detail += f' Did you mean to define a block of type "{item.name}"?'
            self.reading.error("packer/unknown-option", "Unsupported argument", detail, item.name_span)
            return
        self.leaves.append(self.reading.leaf(item))
        if item.name == "sources":
            self.referred = True
            self.sources(item)
        else:
            self.texts[item.name] = self.text(item)

    def text(self, item: nodes.Attribute) -> str | None:
        """An argument whose value the template's shape depends on, as text."""
        value = self.constant(self.reading.names.resolve(item.expr), item)
        if value is None or value == Literal(None):
            return None
        if not isinstance(value, Literal):
            self.wrong_type(item, "string required")
            return None
        if isinstance(value.value, bool):
            return "true" if value.value else "false"
        return str(value.value)

    def constant(self, expr: Expr, item: nodes.Attribute) -> Expr | None:
        """The value, bound now; None when it cannot be, which is told. The build's name may be used."""
        name = Value(STRING, self.texts.get("name") or "")
        return constant(self.reading, expr, item, {("group", "name"): name})

    def wrong_type(self, item: nodes.Attribute, problem: str) -> None:
        detail = f'Inappropriate value for attribute "{item.name}": {problem}.'
        self.reading.error("packer/wrong-type", "Incorrect attribute value type", detail, item.value_span)

    def sources(self, item: nodes.Attribute) -> None:
        value = self.constant(self.reading.names.resolve(item.expr), item)
        if value is None or value == Literal(None):
            return
        written = getattr(item.expr, "items", ())
        items = getattr(value, "items", None)
        if items is None:
            self.wrong_type(item, "list of string required")
            return
        for at, reference in enumerate(items):
            span = written[at].span if at < len(written) else None
            if isinstance(reference, Literal) and isinstance(reference.value, str):
                use = self.use(reference.value, span or item.value_span)
                if use is not None:
                    self.uses.append(use)
            else:
                self.wrong_type(item, f"element {at}: string required")

    def use(self, reference: str, span: Span) -> SourceUse | None:
        """A use of a declared source; None when the reference is wrong, which is told."""
        self.referred = True
        parts = reference.split(".")
        if len(parts) > 2:  # whatever the first part says
            parts = parts[1:]
        if len(parts) < 2 or not all(_IDENTIFIER.fullmatch(part) for part in parts[:2]):
            self.reading.error("packer/bad-source-reference", "Invalid source reference", _BAD_REFERENCE, span)
            return None
        type, name = parts[0], parts[1]
        if (type, name) not in self.declared:
            known = sorted(f"{t}.{n}" for t, n in self.declared)
            near = suggestion(f"{type}.{name}", known)
            detail = f'Did you mean to use "{near}"?' if near else f"Known: {', '.join(known) or 'none'}."
            self.reading.error("packer/unknown-source", f"Unknown source {type}.{name}", detail, span)
            return None
        return SourceUse(type, name, span=span)

    # Blocks

    def block(self, block: nodes.Block) -> None:
        kind = block.type
        if kind == "source":
            self.source(block)
        elif kind == "provisioner":
            step = self.step(block)
            if step is not None:
                self.steps.append(step)
        elif kind == "error-cleanup-provisioner":
            self.error_cleanup(block)
        elif kind == "post-processor":
            processor = self.post_processor(block)
            if processor is not None:
                self.chains.append((processor,))
        elif kind == "post-processors":
            self.chain(block)
        elif kind in ("hcp_packer_registry", "from"):
            self.opaque.append(opaque_block(self.reading, block))
        else:
            detail = f'Blocks of type "{kind}" are not expected here.' + did_you_mean(kind, _BLOCKS)
            if kind in _ATTRIBUTES:
                detail += f' Did you mean to define argument "{kind}"?'
            self.reading.error("packer/unknown-option", "Unsupported block type", detail, block.type_span)

    def label(self, block: nodes.Block, what: str) -> str | None:
        """The one label of a block; None when it is missing, which is told."""
        if len(block.labels) == 1:
            return block.labels[0].text
        if not block.labels:
            summary = f"Missing {what} for {block.type}"
            detail = f"All {block.type} blocks must have 1 labels ({what})."
            self.reading.error("packer/labels", summary, detail, block.header_span)
        else:
            summary = f"Extraneous label for {block.type}"
            detail = f"Only 1 labels ({what}) are expected for {block.type} blocks."
            self.reading.error("packer/labels", summary, detail, block.labels[1].span)
        return None

    def source(self, block: nodes.Block) -> None:
        self.referred = True
        reference = self.label(block, "reference")
        if reference is None:
            return
        use = self.use(reference, block.header_span)
        name: str | None = None
        given = block.body.attribute("name")
        if given is not None:
            self.leaves.append(self.reading.leaf(given))
            name = self.text(given) or None
        if use is None:
            return
        fields = Fields(self.reading, tables.component("builder", use.type))
        settings, opaque = fields.read(block.body, ("name",))
        source = self.declared[use.type, use.source]
        for twice in settings.keys() & source.settings.keys():
            setting = settings[twice]
            detail = f'Argument "{twice}" was already set at {source.settings[twice].span}.'
            self.reading.error("packer/duplicate-argument", "Duplicate argument", detail, setting.span)
        self.uses.append(use.but(name=name, settings=settings, opaque=opaque, span=block.header_span))

    def error_cleanup(self, block: nodes.Block) -> None:
        if self.cleanup is not None:
            summary = "Only one error-cleanup-provisioner is allowed"
            self.reading.error("packer/duplicate-block", summary, "", block.header_span)
            return
        self.cleanup = self.step(block)

    def step(self, block: nodes.Block) -> Step | None:
        """A provisioner."""
        type = self.label(block, "type")
        if type is None:
            return None
        meta = tables.meta("provisioner")
        component = self.known(type, "provisioner", block)
        fields = Fields(self.reading, component)
        found, leaves, name = self.meta(block, meta, fields)
        settings, opaque = fields.read(block.body, meta)
        override: dict[str, dict[str, Setting]] = {}
        given = block.body.attribute("override")
        if given is not None:
            override = self.override(given, fields)
            leaves.append(self.reading.leaf(given))
        return Step(
            type=type,
            settings={**settings, **{k: v for k, v in found.items() if k not in ("only", "except", "override")}},
            name=name,
            only=found.get("only"),
            excepted=found.get("except"),
            override=override,
            opaque=opaque,
            span=block.header_span,
            comments=comments_of(block),
            leaves=tuple(leaves),
        )

    def known(self, type: str, kind: Kind, block: nodes.Block) -> tables.Component | None:
        """The table of a component. One that no table knows may be a plugin's, or a slip of the pen."""
        component = tables.component(kind, type)
        if component is None:
            near = suggestion(type, tables.types(kind))
            detail = "Its options are carried as they stand."
            if near:
                detail = f'Did you mean to use "{near}"?'
            self.reading.diagnostics.warning(
                "packer/unknown-component", f'Unknown {block.type} type "{type}"', detail, block.labels[0].span
            )
        return component

    def meta(
        self, block: nodes.Block, rows: Mapping[str, tables.Option], fields: Fields
    ) -> tuple[dict[str, Setting], list[Leaf], str | None]:
        """The arguments that all components of a kind take: settings, the leaf of the name, the name."""
        found: dict[str, Setting] = {}
        leaves: list[Leaf] = []
        name: str | None = None
        for item in block.body.items:
            if not isinstance(item, nodes.Attribute) or item.name not in rows or item.name == "override":
                continue
            if item.name == "name":
                leaves.append(self.reading.leaf(item))
                name = self.text(item) or None
            else:
                found[item.name] = fields.setting(item, rows[item.name])
        if _said(found.get("only")) and _said(found.get("except")):
            summary = "only one of 'only' or 'except' may be specified"
            self.reading.error("packer/only-and-except", summary, "", found["except"].span)
        return found, leaves, name

    def override(self, item: nodes.Attribute, fields: Fields) -> dict[str, dict[str, Setting]]:
        """Settings by source name. Its shape must be known; its values may be expressions."""
        expr: Expr | None = self.reading.names.resolve(item.expr)
        if not isinstance(expr, ObjectExpr):
            expr = self.constant(expr, item) if expr is not None else None
        if not isinstance(expr, ObjectExpr):
            if expr is not None:
                summary = "provisioner's override block must be an HCL object"
                self.reading.error("packer/wrong-type", summary, "", item.value_span)
            return {}
        found: dict[str, dict[str, Setting]] = {}
        for key, value in expr.entries:
            name = str(key.value) if isinstance(key, Literal) else ""
            if not name or not isinstance(value, ObjectExpr):
                summary = f"provisioner's override.'{name}' block must be an HCL object"
                self.reading.error("packer/wrong-type", summary, "", value.span or item.value_span)
                continue
            settings: dict[str, Setting] = {}
            for option, inner in value.entries:
                if isinstance(option, Literal):
                    said = str(option.value)
                    known = fields.options("") if fields.known else {}
                    said = next((n for n in known if n.lower() == said.lower()), said)  # in whatever letters
                    setting = self.overriding(said, inner, item, fields)
                    if setting is not None:
                        settings[said] = setting
            found[name] = settings
        return found

    def overriding(self, name: str, value: Expr, item: nodes.Attribute, fields: Fields) -> Setting | None:
        leaf = (self.reading.leaf(item),)
        if not fields.known:
            return Setting(fields.rendered(value, name), leaf)
        options = fields.options("")
        row = options.get(name)
        if row is None:
            detail = f'An argument named "{name}" is not expected here.' + did_you_mean(name, options)
            where = value.span or item.value_span
            self.reading.error("packer/unknown-option", "Unsupported argument", detail, where)
            return None
        if row.value == "list" and isinstance(value, Literal) and value.value is not None:
            value = ListExpr((value,), value.span)  # decoded as a legacy template's options are
        return Setting(fields.value(item.but(name=name, expr=value), row, {}), leaf)

    def post_processor(self, block: nodes.Block) -> PostProcessor | None:
        type = self.label(block, "type")
        if type is None:
            return None
        meta = tables.meta("post-processor")
        component = self.known(type, "post-processor", block)
        fields = Fields(self.reading, component)
        found, leaves, name = self.meta(block, meta, fields)
        settings, opaque = fields.read(block.body, meta)
        return PostProcessor(
            type=type,
            settings=settings,
            name=name,
            only=found.get("only"),
            excepted=found.get("except"),
            keep_input_artifact=found.get("keep_input_artifact"),
            opaque=opaque,
            span=block.header_span,
            comments=comments_of(block),
            leaves=tuple(leaves),
        )

    def chain(self, block: nodes.Block) -> None:
        for item in block.body.items:
            wrong = isinstance(item, nodes.Attribute) or item.type not in ("post-processor", "dynamic")
            if wrong:
                what = item.name if isinstance(item, nodes.Attribute) else item.type
                span = item.name_span if isinstance(item, nodes.Attribute) else item.type_span
                detail = f'"{what}" is not expected here: a post-processors block holds post-processor blocks.'
                self.reading.error("packer/unknown-option", "Unsupported block type", detail, span)
        found = [
            self.post_processor(b)
            for b in expanded(self.reading, block.body, self.leaves)
            if b.type == "post-processor"
        ]
        chain = tuple(processor for processor in found if processor is not None)
        if chain:
            self.chains.append(chain)


def _said(setting: Setting | None) -> bool:
    """Whether an only or except is certainly not empty."""
    return setting is not None and bool(getattr(setting.value, "items", ()))


def opaque_block(reading: Reading, block: nodes.Block) -> Block:
    """A block that is carried as it stands."""
    from bakelift.translator.plan.model import Block

    inner = Fields(reading, None).opaque(block.body, (), {})
    return Block(block.type, block.label_texts, inner, None, block.header_span, comments_of(block))
