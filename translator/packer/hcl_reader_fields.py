"""Bodies of components: attributes and blocks to settings by the option tables, or to opaque bodies."""

from __future__ import annotations

from bakelift.translator.diagnostics import TemplateError
from bakelift.translator.languages.go_template.functions import HCL_FIELDS, Functions
from bakelift.translator.languages.go_template.reading import COMMAND_HOLES, parse_expression
from bakelift.translator.languages.hcl import nodes
from bakelift.translator.packer.hcl_reader_state import comments_of
from bakelift.translator.packer.hcl_reader_types import fitted
from bakelift.translator.plan.expressions import Call, Expr, For, ListExpr, Literal, ObjectExpr, Ref
from bakelift.translator.plan.model import Attribute, Block, Body, Leaf, Setting
from bakelift.translator.plan.suggest import did_you_mean, suggestion

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from bakelift.translator.diagnostics import Span
    from bakelift.translator.packer.hcl_reader_state import Reading
    from bakelift.translator.packer.tables.rows import Component, Option

    Iterators = Mapping[str, str | None]

_COMMANDS = ("execute_command", "elevated_execute_command")
_ANY_FUNCTION = Functions(HCL_FIELDS.refused, others=True)


class Dynamic:
    """The parts of a dynamic block: ``for_each``, the iterator's name, and what it repeats."""

    def __init__(self, block: nodes.Block, type: str, for_each: nodes.Attribute, iterator: str, content: nodes.Block):
        self.block = block
        self.type = type
        self.for_each = for_each
        self.iterator = iterator
        self.content = content


class Fields:
    """Reads the bodies of one component. ``component`` None or opaque: all goes to the opaque body, in order."""

    def __init__(self, reading: Reading, component: Component | None, without: Collection[str] = ()) -> None:
        self.reading = reading
        self.component = component
        self.without = without
        self.known = component is not None and not component.opaque
        self.functions = HCL_FIELDS if self.known else _ANY_FUNCTION

    def read(self, body: nodes.Body, skip: Collection[str] = ()) -> tuple[dict[str, Setting], Body]:
        """Settings by their Plan names, and what the tables do not know. ``skip``: attributes that were read apart."""
        if not self.known:
            return {}, self.opaque(body, skip, {})
        settings: dict[str, Setting] = {}
        entries: list[Attribute | Block] = []
        self._into(settings, entries, body, "", skip)
        return settings, Body(tuple(entries))

    # Known components

    def options(self, prefix: str) -> dict[str, Option]:
        assert self.component is not None
        return {name: o for name, o in self.component.nested(prefix.rstrip(".")).items() if not o.json_only}

    def _into(
        self,
        settings: dict[str, Setting],
        entries: list[Attribute | Block],
        body: nodes.Body,
        prefix: str,
        skip: Collection[str],
    ) -> None:
        options = self.options(prefix)
        parts: dict[str, list[tuple[Expr, tuple[Leaf, ...], tuple[str, ...]]]] = {}
        plain: dict[str, list[nodes.Block]] = {}
        for item in body.items:
            if isinstance(item, nodes.Attribute):
                if item.name in skip:
                    continue
                option = options.get(item.name)
                if option is None or option.form != "attribute":
                    self._unknown_attribute(item, option, options, bool(prefix), entries)
                else:
                    settings[option.setting] = self.setting(item, option)
                continue
            dynamic = self.dynamic(item) if item.type == "dynamic" else None
            if item.type == "dynamic" and dynamic is None:
                continue
            name = dynamic.type if dynamic is not None else item.type
            option = options.get(name)
            if option is None or option.form == "attribute":
                self._unknown_block(item, name, option, options, entries)
                continue
            value: Expr
            if dynamic is not None:
                value, leaves = self._loop(dynamic, f"{prefix}{name}.", {})
                parts.setdefault(name, []).append((value, leaves, comments_of(item)))
            elif option.form == "blocks":
                value, leaves = self._object(item.body, f"{prefix}{name}.", {})
                parts.setdefault(name, []).append((value, leaves, comments_of(item)))
            else:
                plain.setdefault(name, []).append(item)
        for name, found in plain.items():
            for extra in found[1:]:
                self._duplicate(name, found[0], extra)
            if name in parts:  # beside a dynamic block of the same type: one of several
                value, leaves = self._object(found[0].body, f"{prefix}{name}.", {})
                parts[name].insert(0, (value, leaves, comments_of(found[0])))
            else:
                self._into(settings, entries, found[0].body, f"{prefix}{name}.", ())
        for name, pieces in parts.items():
            leaves = tuple(leaf for _, more, _ in pieces for leaf in more)
            comments = tuple(text for _, _, more in pieces for text in more)
            settings[options[name].setting] = Setting(_joined([value for value, _, _ in pieces]), leaves, comments)

    def setting(self, item: nodes.Attribute, option: Option) -> Setting:
        return Setting(self.value(item, option, {}), (self.reading.leaf(item),), comments_of(item))

    def value(self, item: nodes.Attribute, option: Option, iterators: Iterators) -> Expr:
        """The value of an attribute: names resolved, Go templates read, constants in the option's type."""
        expr = self.reading.names.resolve(item.expr, iterators, self.without)
        expr = self.rendered(expr, option.name.rpartition(".")[2], option.rendered_again)
        told: list[str] = []

        def tell(problem: str, where: Expr) -> None:
            if not told:
                told.append(problem)
                if problem.startswith("time:"):
                    summary, code = f"error decoding '{item.name}'", "packer/bad-duration"
                    detail = f"{problem}. A duration has a unit: 30s, 5m, 1h30m."
                else:
                    summary, code = "Incorrect attribute value type", "packer/wrong-type"
                    detail = f'Inappropriate value for attribute "{item.name}": {problem}.'
                self.reading.error(code, summary, detail, where.span or item.value_span)

        return fitted(expr, option, tell)

    def rendered(self, expr: Expr, name: str, again: bool = False) -> Expr:
        """With the Go templates in its texts read. An unknown component's text stays as it is when it is none."""
        holes = COMMAND_HOLES if name in _COMMANDS else ()
        try:
            found = parse_expression(expr, self.functions, holes=holes, again=again)
            if found is not expr:
                before = {id(node) for node in expr.walk()}
                symbol = Ref("source", "name")
                self.reading.build_names += [n.span for n in found.walk() if n == symbol and id(n) not in before]
            return found
        except TemplateError as error:
            if self.known:
                self.reading.diagnostics.extend(error.diagnostics)
            else:
                first = error.diagnostics[0]
                summary = f"{name} is kept as text: {first.summary}"
                self.reading.diagnostics.warning("packer/text-kept", summary, first.detail, first.span)
            return expr

    def _object(self, body: nodes.Body, prefix: str, iterators: Iterators) -> tuple[ObjectExpr, tuple[Leaf, ...]]:
        """The body of a repeated block as an object."""
        options = self.options(prefix)
        fields: dict[str, Expr] = {}
        leaves: list[Leaf] = []
        inner: dict[str, list[Expr]] = {}
        for item in body.items:
            if isinstance(item, nodes.Attribute):
                option = options.get(item.name)
                if option is None or option.form != "attribute":
                    self._unknown_attribute(item, option, options, True, [])
                    continue
                fields[item.name] = self.value(item, option, iterators)
                leaves.append(self.reading.leaf(item))
                continue
            dynamic = self.dynamic(item) if item.type == "dynamic" else None
            name = dynamic.type if dynamic is not None else item.type
            option = options.get(name)
            if option is None or option.form == "attribute":
                if item.type != "dynamic" or dynamic is not None:
                    self._unknown_block(item, name, option, options, [])
                continue
            value: Expr
            if dynamic is not None:
                value, more = self._loop(dynamic, f"{prefix}{name}.", iterators)
            else:
                value, more = self._object(item.body, f"{prefix}{name}.", iterators)
            leaves += more
            if option.form == "block" and dynamic is None and name not in inner:
                fields[name] = value
            else:
                inner.setdefault(name, []).append(value)
        for name, values in inner.items():
            fields[name] = _joined(values)
        return ObjectExpr(tuple((Literal(name), value) for name, value in fields.items()), body.span), tuple(leaves)

    def _loop(self, dynamic: Dynamic, prefix: str, iterators: Iterators) -> tuple[For, tuple[Leaf, ...]]:
        """A dynamic block as a For expression over objects."""
        name = dynamic.iterator
        key_name = f"{name}_key"
        collection = self.reading.names.resolve(dynamic.for_each.expr, iterators, self.without)
        inside = {**iterators, name: key_name}
        value, leaves = self._object(dynamic.content.body, prefix, inside)
        keyed = any(isinstance(n, Ref) and n.kind == "bound" and n.name == key_name for n in value.walk())
        own = tuple(self.reading.leaf(a) for a in dynamic.block.body.items if isinstance(a, nodes.Attribute))
        loop = For(key_name if keyed else None, name, collection, None, value, None, False, dynamic.block.span)
        return loop, own + leaves

    # Dynamic blocks

    def dynamic(self, block: nodes.Block) -> Dynamic | None:
        """Takes a dynamic block apart; None when it is told to be wrong."""
        return dynamic_parts(self.reading, block)

    # Opaque bodies

    def opaque(self, body: nodes.Body, skip: Collection[str], iterators: Iterators) -> Body:
        """A body as it stands, with its expressions read."""
        entries: list[Attribute | Block] = []
        for item in body.items:
            if isinstance(item, nodes.Attribute):
                if item.name not in skip:
                    entries.append(self.opaque_attribute(item, iterators))
                continue
            dynamic = self.dynamic(item) if item.type == "dynamic" else None
            if dynamic is not None:
                entries.append(self._opaque_dynamic(dynamic, iterators))
            elif item.type != "dynamic":
                inner = self.opaque(item.body, (), iterators)
                entries.append(Block(item.type, item.label_texts, inner, None, item.header_span, comments_of(item)))
        return Body(tuple(entries))

    def opaque_attribute(self, item: nodes.Attribute, iterators: Iterators) -> Attribute:
        expr = self.reading.names.resolve(item.expr, iterators, self.without)
        expr = self.rendered(expr, item.name)
        return Attribute(item.name, Setting(expr, (self.reading.leaf(item),), comments_of(item)))

    def _opaque_dynamic(self, dynamic: Dynamic, iterators: Iterators) -> Block:
        arguments: dict[str, Setting] = {}
        for item in dynamic.block.body.items:
            if isinstance(item, nodes.Attribute):
                leaf = (self.reading.leaf(item),)
                if item.name == "iterator":
                    arguments["iterator"] = Setting(Literal(dynamic.iterator, item.value_span), leaf, comments_of(item))
                else:
                    expr = self.reading.names.resolve(item.expr, iterators, self.without)
                    arguments[item.name] = Setting(expr, leaf, comments_of(item))
        inner = self.opaque(dynamic.content.body, (), {**iterators, dynamic.iterator: None})
        block = dynamic.block
        return Block(dynamic.type, (), inner, arguments, block.header_span, comments_of(block))

    # What is wrong

    def _unknown_attribute(
        self,
        item: nodes.Attribute,
        option: Option | None,
        options: Mapping[str, Option],
        nested: bool,
        entries: list[Attribute | Block],
    ) -> None:
        detail = f'An argument named "{item.name}" is not expected here.'
        code = "packer/unknown-option"
        if option is not None:
            code = "packer/needs-block"
            detail += f' Did you mean to define a block of type "{item.name}"?'
        else:
            detail += did_you_mean(item.name, (n for n, o in options.items() if o.form == "attribute"))
            if suggestion(item.name, options) is None:
                detail += _newer(self.component)
        self.reading.error(code, "Unsupported argument", detail, item.name_span)
        if not nested:
            entries.append(self.opaque_attribute(item, {}))

    def _unknown_block(
        self,
        item: nodes.Block,
        name: str,
        option: Option | None,
        options: Mapping[str, Option],
        entries: list[Attribute | Block],
    ) -> None:
        detail = f'Blocks of type "{name}" are not expected here.'
        code = "packer/unknown-option"
        if option is not None:
            code = "packer/needs-attribute"
            detail += f' Did you mean to define argument "{name}"? If so, use the equals sign to assign it a value.'
        else:
            detail += did_you_mean(name, (n for n, o in options.items() if o.form != "attribute"))
        self.reading.error(code, "Unsupported block type", detail, item.type_span)
        inner = self.opaque(item.body, (), {}) if item.type != "dynamic" else Body()
        entries.append(Block(item.type, item.label_texts, inner, None, item.header_span, comments_of(item)))

    def _duplicate(self, name: str, first: nodes.Block, extra: nodes.Block) -> None:
        detail = f"Only one {name} block is allowed. Previous definition was at {first.header_span}."
        self.reading.error("packer/duplicate-block", f"Duplicate {name} block", detail, extra.header_span)


def _newer(component: Component | None) -> str:
    return f" No version of {component.type} that bakelift knows has it." if component is not None else ""


def _joined(values: list[Expr]) -> Expr:
    """Blocks one after the other: objects make a list, loops are concatenated with them."""
    parts: list[Expr] = []
    for value in values:
        if isinstance(value, For):
            parts.append(value)
        elif parts and isinstance(parts[-1], ListExpr):
            parts[-1] = ListExpr((*parts[-1].items, value), parts[-1].span)
        else:
            parts.append(ListExpr((value,), value.span))
    return parts[0] if len(parts) == 1 else Call("concat", tuple(parts))


def dynamic_parts(reading: Reading, block: nodes.Block) -> Dynamic | None:
    """The parts of ``dynamic "type" { for_each … content { … } }``, or None with the reason told."""

    def wrong(summary: str, detail: str, span: Span) -> None:
        reading.error("packer/bad-dynamic", summary, detail, span)

    if len(block.labels) != 1:
        wrong("Missing name for dynamic block", "A dynamic block has one label: the type to make.", block.header_span)
        return None
    type = block.labels[0].text
    for_each = block.body.attribute("for_each")
    contents = list(block.body.blocks_of("content"))
    if for_each is None:
        wrong(
            "Missing required argument",
            'The argument "for_each" is required, but no definition was found.',
            block.header_span,
        )
        return None
    if len(contents) != 1:
        detail = "A dynamic block has exactly one content block, which says what is repeated."
        wrong(f"{'Missing' if not contents else 'Duplicate'} content block", detail, block.header_span)
        return None
    for item in _strangers(block.body.items):
        detail = f'"{item}" is not expected in a dynamic block: it has for_each, iterator, labels and content.'
        wrong("Unsupported argument", detail, block.header_span)
    iterator = type
    given = block.body.attribute("iterator")
    if given is not None:
        name = given.expr.name if isinstance(given.expr, Ref) else getattr(given.expr, "value", None)
        if not isinstance(name, str):
            wrong("Invalid expression", "The iterator is a single variable name.", given.value_span)
            return None
        iterator = name
    return Dynamic(block, type, for_each, iterator, contents[0])


def _strangers(items: Iterable[nodes.Attribute | nodes.Block]) -> list[str]:
    found = []
    for item in items:
        if isinstance(item, nodes.Attribute):
            if item.name not in ("for_each", "iterator", "labels"):
                found.append(item.name)
        elif item.type != "content":
            found.append(item.type)
    return found
