"""A Plan to Packer HCL2, as a person would write it.

The result is ASCII with LF line ends, laid out as ``packer fmt`` does, the same on each run. What HCL cannot say is an
error (``hcl/cannot-say``), all of them together.
"""

from __future__ import annotations

from bakelift.translator.diagnostics import Diagnostics, TemplateError
from bakelift.translator.languages.hcl.format import format_text
from bakelift.translator.languages.hcl.printer import can_print, print_expr
from bakelift.translator.languages.hcl.strings import is_identifier, quote
from bakelift.translator.packer import tables
from bakelift.translator.packer.hcl_writer_bodies import (
    BodyWriter,
    attribute_line,
    block_lines,
    comment_lines,
    paragraphs,
)
from bakelift.translator.packer.hcl_writer_names import sayable
from bakelift.translator.plan.expressions import Call, Expr, ListExpr, Literal, ObjectExpr, Ref
from bakelift.translator.plan.type_constraints import type_to_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from bakelift.translator.plan.model import (
        BuildGroup,
        DataSource,
        Input,
        NamedValue,
        Plan,
        PostProcessor,
        Setting,
        Source,
        SourceUse,
        Step,
    )


def write_hcl(plan: Plan) -> str:
    """The text of a ``.pkr.hcl`` file that means the Plan. Raises :class:`TemplateError`."""
    writer = _Writer(sayable(plan))
    text = "\n".join(writer.file())
    writer.diagnostics.stop_if_failed()
    return format_text(text + "\n") if text else ""


class _Writer:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.diagnostics = Diagnostics()

    def collect(self, write: Callable[[], list[str]]) -> list[str]:
        """Lines, or none when they cannot be written, which is noted: all that is wrong is told together."""
        try:
            return write()
        except TemplateError as error:
            self.diagnostics.extend(error.diagnostics)
            return []

    def file(self) -> list[str]:
        plan = self.plan
        # A legacy template is commented at its top, HCL where the comment stands; what is left over stands at the end.
        legacy = plan.origin is not None and plan.origin.format == "json"
        parts: list[list[str]] = [comment_lines(plan.comments) if legacy else [], self.packer()]
        parts += [self.collect(lambda item=item: self.variable(item)) for item in plan.inputs]  # type: ignore[misc]
        parts += self.locals()
        parts += [self.collect(lambda item=item: self.data(item)) for item in plan.data]  # type: ignore[misc]
        parts += [self.collect(lambda item=item: self.source(item)) for item in plan.sources]  # type: ignore[misc]
        parts.append(self.collect(lambda: BodyWriter(None, 0).opaque(plan.opaque, 0)))
        for at, group in enumerate(plan.groups):
            description = group.description or (plan.description if at == 0 else None)
            parts.append(self.build(group, description))
        parts.append([] if legacy else comment_lines(plan.comments))
        return paragraphs(parts)

    # The head

    def packer(self) -> list[str]:
        """The head. A plugin that is required twice is required in blocks of their own, as in files of their own."""
        plan = self.plan
        rounds: list[dict[str, list[str]]] = []
        for plugin in plan.required_plugins:
            said = (("source", plugin.source), ("version", plugin.version))
            fields = [f"{name} = {quote(text)}" for name, text in said if text is not None]
            free = next((plugins for plugins in rounds if plugin.name not in plugins), None)
            if free is None:
                rounds.append(free := {})
            free[plugin.name] = [f"{_key(plugin.name)} = {{", *fields, "}"]
        version = attribute_line("required_version", quote(plan.required_version)) if plan.required_version else []
        bodies = [block_lines("required_plugins", [line for lines in r.values() for line in lines]) for r in rounds]
        first = paragraphs([version, *bodies[:1]])
        return paragraphs([block_lines("packer", body) for body in (first, *bodies[1:]) if body])

    def variable(self, item: Input) -> list[str]:
        lines: list[str] = []
        if item.description is not None:
            lines += attribute_line("description", print_expr(Literal(item.description), indent=1))
        if item.type is not None:
            lines += attribute_line("type", type_to_text(item.type))
        if item.default is not None:
            lines += attribute_line("default", print_expr(item.default, indent=1))
        if item.sensitive:
            lines += attribute_line("sensitive", "true")
        rules = [
            block_lines(
                "validation",
                [
                    *attribute_line("condition", print_expr(rule.condition.value, indent=2), rule.condition.comments),
                    *attribute_line(
                        "error_message", print_expr(rule.error_message.value, indent=2), rule.error_message.comments
                    ),
                ],
            )
            for rule in item.validations
        ]
        if item.allowed is not None:
            rules.append(_allowed(item.name, item.allowed))
        return block_lines(f"variable {quote(item.name)}", paragraphs([lines, *rules]), item.comments)

    def locals(self) -> list[list[str]]:
        """Neighbouring locals in one block; a sensitive one has its own."""
        parts: list[list[str]] = []
        together: list[str] = []
        for item in self.plan.named:
            lines = self.collect(lambda item=item: self.local(item))  # type: ignore[misc]
            if item.sensitive:
                parts += [block_lines("locals", together)] if together else []
                together = []
                body = [*lines, *attribute_line("sensitive", "true")]
                parts.append(block_lines(f"local {quote(item.name)}", body, item.comments))
            else:
                together += lines
        return parts + ([block_lines("locals", together)] if together else [])

    def local(self, item: NamedValue) -> list[str]:
        """What only Go templates can say is written as one: the fields that use the local are rendered by Packer."""
        go = not can_print(item.value)
        value = print_expr(item.value, plugin_field=go, indent=1)
        if item.sensitive:
            return attribute_line("expression", value)
        return attribute_line(item.name, value, item.comments)

    def data(self, item: DataSource) -> list[str]:
        body = BodyWriter(tables.component("data", item.type), 1).opaque(item.body, 1)
        return block_lines(f"data {quote(item.type)} {quote(item.name)}", body, item.comments)

    def source(self, item: Source) -> list[str]:
        writer = BodyWriter(tables.component("builder", item.type), 1, in_source=True)
        body = writer.body(item.settings, item.opaque)
        return block_lines(f"source {quote(item.type)} {quote(item.name)}", body, item.comments)

    # Builds

    def build(self, group: BuildGroup, description: str | None) -> list[str]:
        head: list[str] = []
        if group.name is not None:
            head += attribute_line("name", quote(group.name))
        if description is not None:
            head += attribute_line("description", print_expr(Literal(description), indent=1))
        plain = 0
        while plain < len(group.sources) and _plain(group.sources[plain]):
            plain += 1
        references = tuple(Literal(f"source.{use.type}.{use.source}") for use in group.sources[:plain])
        if references:
            head += attribute_line("sources", print_expr(ListExpr(references), indent=1))
        parts = [head]
        parts += [self.collect(lambda use=use: self.use(use)) for use in group.sources[plain:]]  # type: ignore[misc]
        parts.append(self.collect(lambda: BodyWriter(None, 1).opaque(group.opaque, 1)))
        parts += [
            self.collect(lambda step=step: self.step("provisioner", step))  # type: ignore[misc]
            for step in group.steps
        ]
        if group.error_cleanup is not None:
            cleanup = group.error_cleanup
            parts.append(self.collect(lambda: self.step("error-cleanup-provisioner", cleanup)))
        parts += [
            self.collect(lambda chain=chain: self.chain(chain))  # type: ignore[misc]
            for chain in group.post_processors
        ]
        body = paragraphs(parts)
        return block_lines("build", body, group.comments) if body else []

    def use(self, use: SourceUse) -> list[str]:
        writer = BodyWriter(tables.component("builder", use.type), 2, in_source=True)
        name = attribute_line("name", quote(use.name)) if use.name is not None else []
        settings = writer.body(use.settings, use.opaque)
        return block_lines(f"source {quote(f'source.{use.type}.{use.source}')}", [*name, *settings])

    def step(self, kind: str, step: Step) -> list[str]:
        writer = BodyWriter(tables.component("provisioner", step.type), 2)
        body = _selection(writer, step.name, step.only, step.excepted) + writer.body(step.settings, step.opaque)
        if step.override:
            entries = tuple(
                (Literal(name), ObjectExpr(tuple((Literal(key), s.value) for key, s in settings.items())))
                for name, settings in step.override.items()
            )
            body += attribute_line("override", print_expr(ObjectExpr(entries), plugin_field=True, indent=2))
        return block_lines(f"{kind} {quote(step.type)}", body, step.comments)

    def chain(self, chain: tuple[PostProcessor, ...]) -> list[str]:
        if len(chain) == 1:
            return self.post_processor(chain[0], 2)
        return block_lines("post-processors", paragraphs([self.post_processor(item, 3) for item in chain]))

    def post_processor(self, item: PostProcessor, depth: int) -> list[str]:
        writer = BodyWriter(tables.component("post-processor", item.type), depth)
        body = _selection(writer, item.name, item.only, item.excepted)
        if item.keep_input_artifact is not None:
            body += writer.attribute("keep_input_artifact", item.keep_input_artifact, depth)
        body += writer.body(item.settings, item.opaque)
        return block_lines(f"post-processor {quote(item.type)}", body, item.comments)


def _selection(writer: BodyWriter, name: str | None, only: Setting | None, excepted: Setting | None) -> list[str]:
    lines = attribute_line("name", quote(name)) if name is not None else []
    for argument, setting in (("only", only), ("except", excepted)):
        if setting is not None:
            lines += writer.attribute(argument, setting, writer.depth)
    return lines


def _plain(use: SourceUse) -> bool:
    return use.name is None and not use.settings and not use.opaque


def _key(name: str) -> str:
    return name if is_identifier(name) else quote(name)


def _allowed(name: str, allowed: Expr) -> list[str]:
    """``allowedValues`` of a parameter as a rule."""
    condition = Call("contains", (allowed, Ref("input", name)))
    values = getattr(allowed, "items", ())
    shown = ", ".join(str(v.value) for v in values if isinstance(v, Literal))
    lines = attribute_line("condition", print_expr(condition, indent=2))
    lines += attribute_line("error_message", quote(f"The value of {name} must be one of: {shown}."))
    return block_lines("validation", lines)
