"""Bodies of components as HCL lines: which option is an attribute, a block, or repeated blocks.

Lines come without indentation; the formatter lays them out.
"""

from __future__ import annotations

from bakelift.translator.languages.hcl.printer import print_expr
from bakelift.translator.languages.hcl.strings import is_identifier, quote
from bakelift.translator.packer import tables
from bakelift.translator.plan.expressions import Call, Expr, For, Index, ListExpr, Literal, ObjectExpr, Ref, transform
from bakelift.translator.plan.model import Attribute, Setting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bakelift.translator.packer.tables.rows import Component, Option
    from bakelift.translator.plan.model import Block, Body

#: Options whose text is a command template: HCL has no names for its holes.
_COMMANDS = frozenset({"execute_command", "elevated_execute_command"})


def comment_lines(comments: Iterable[str]) -> list[str]:
    """Comments before an item; written text is ASCII, so other characters are escaped as in strings."""
    lines: list[str] = []
    for comment in comments:
        for line in comment.splitlines() or [""]:
            shown = line.rstrip().encode("ascii", "backslashreplace").decode()
            lines.append(f"# {shown}".rstrip())
    return lines


def attribute_line(name: str, value: str, comments: Iterable[str] = ()) -> list[str]:
    return [*comment_lines(comments), f"{name} = {value}"]


def block_lines(header: str, body: list[str], comments: Iterable[str] = ()) -> list[str]:
    """``header { … }``; an empty one on one line."""
    before = comment_lines(comments)
    if not body:
        return [*before, f"{header} {{}}"]
    return [*before, f"{header} {{", *body, "}"]


def missing(name: str) -> list[str]:
    """Instead of a setting that only another format has."""
    return comment_lines([f"Packer has no option for {name}."])


def paragraphs(parts: Iterable[list[str]]) -> list[str]:
    """Parts with an empty line between them."""
    lines: list[str] = []
    for part in parts:
        if part:
            lines += ["", *part] if lines else part
    return lines


class BodyWriter:
    """Writes settings and opaque bodies of one component. ``depth``: nesting of its body's lines in the file.

    ``in_source``: the body is a source's, where HCL has no ``build`` symbols. What a component whose table is whole
    (``closed``) has no option for, is left out with a comment that says so.
    """

    def __init__(self, component: Component | None, depth: int, in_source: bool = False) -> None:
        self.options: Mapping[str, Option] = component.options if component is not None else {}
        self.by_setting = {option.setting: option for option in self.options.values()}
        self.meta = tables.meta(component.kind) if component is not None else {}
        self.closed = component is not None and not component.opaque
        self.depth = depth
        self.in_source = in_source

    def body(self, settings: Mapping[str, Setting], opaque: Body | None = None) -> list[str]:
        """The lines of a body: attributes, then blocks, then what the tables do not know, in its own order."""
        named = {self._name(key): setting for key, setting in settings.items()}
        known = self.section("", named, self.depth)
        return paragraphs([known, self.opaque(opaque, self.depth)]) if opaque else known

    def _name(self, key: str) -> str:
        option = self.by_setting.get(key)
        return option.name if option is not None else key

    def section(self, path: str, settings: Mapping[str, Setting], depth: int) -> list[str]:
        """Attributes, then blocks, of a body; names with dots are inside blocks. ``path``: the body's, with a dot."""
        attributes: list[str] = []
        blocks: list[str | list[str]] = []
        nested: dict[str, dict[str, Setting]] = {}
        for name, setting in settings.items():
            head, dot, rest = name.partition(".")
            option = self.options.get(path + name)
            if self.unknown(path, name):
                attributes += missing(path + name)
            elif dot:
                if head not in nested:
                    nested[head] = {}
                    blocks.append(head)
                nested[head][rest] = setting
            elif option is not None and option.form != "attribute":
                blocks += self.repeated(name, path + name, setting.value, depth, setting.comments, {})
            else:
                attributes += self.attribute(name, setting, depth)
        parts = [
            block_lines(item, self.section(f"{path}{item}.", nested[item], depth + 1))
            if isinstance(item, str)
            else item
            for item in blocks
        ]
        return paragraphs([attributes, *parts])

    def unknown(self, path: str, name: str) -> bool:
        """Whether Packer has no such option; a name below another is looked up where it stands."""
        known = path + name in self.options or path + name.partition(".")[0] in self.options
        return self.closed and not known and not (path == "" and name in self.meta)

    def attribute(self, name: str, setting: Setting, depth: int) -> list[str]:
        return attribute_line(name, self.value(name, setting.value, depth), setting.comments)

    def value(self, name: str, value: Expr, depth: int) -> str:
        option = self.options.get(name)
        return print_expr(
            value,
            plugin_field=True,
            command=self.in_source or name in _COMMANDS,
            again=option is not None and option.rendered_again,
            lines=name == "inline",
            indent=depth,
        )

    # Blocks of known components

    def repeated(
        self, type: str, path: str, value: Expr, depth: int, comments: Iterable[str], bound: Mapping[str, Expr]
    ) -> list[list[str]]:
        """Blocks from a list of objects, a loop over objects, or several of these concatenated."""
        if isinstance(value, Call) and value.operation == "concat" and not value.expand:
            found = [lines for arg in value.args for lines in self.repeated(type, path, arg, depth, (), bound)]
        elif isinstance(value, ListExpr):
            found = [lines for item in value.items for lines in self.repeated(type, path, item, depth, (), bound)]
        elif isinstance(value, ObjectExpr):
            found = [block_lines(type, self.fields(path, value, depth + 1, bound))]
        elif isinstance(value, For) and value.key is None and isinstance(value.value, ObjectExpr):
            found = [self.dynamic(type, path, value, depth, bound)]
        else:
            found = [self.from_objects(type, path, value, depth, bound)]
        if found:
            found[0] = [*comment_lines(comments), *found[0]]
        return found

    def fields(self, path: str, value: ObjectExpr, depth: int, bound: Mapping[str, Expr]) -> list[str]:
        """The body of a block that the Plan has as an object."""
        lines: list[str] = []
        blocks: list[list[str]] = []
        for key, field in value.entries:
            name = str(key.value) if isinstance(key, Literal) else ""
            option = self.options.get(f"{path}.{name}")
            if self.unknown(f"{path}.", name):
                lines += missing(f"{path}.{name}")
            elif option is not None and option.form != "attribute":
                blocks += self.repeated(name, f"{path}.{name}", field, depth, (), bound)
            else:
                lines += attribute_line(name, self.value(name, substituted(field, bound), depth))
        return paragraphs([lines, *blocks])

    def dynamic(self, type: str, path: str, loop: For, depth: int, bound: Mapping[str, Expr]) -> list[str]:
        """``dynamic "type" { … }``; its iterator is an object with key and value."""
        iterator = loop.value_name
        collection = loop.collection
        if loop.condition is not None:
            collection = For(loop.key_name, iterator, collection, None, Ref("bound", iterator), loop.condition)
            if loop.key_name is not None:
                collection = collection.but(key=Ref("bound", loop.key_name))
        lines = attribute_line("for_each", self.value("for_each", substituted(collection, bound), depth + 1))
        if iterator != type:
            lines += attribute_line("iterator", iterator)
        inside = {**bound, iterator: Index(Ref("name", iterator), Literal("value"))}
        if loop.key_name is not None:
            inside[loop.key_name] = Index(Ref("name", iterator), Literal("key"))
        assert isinstance(loop.value, ObjectExpr)
        content = block_lines("content", self.fields(path, loop.value, depth + 2, inside))
        return block_lines(f"dynamic {quote(type)}", paragraphs([lines, content]))

    def from_objects(self, type: str, path: str, value: Expr, depth: int, bound: Mapping[str, Expr]) -> list[str]:
        """A dynamic block over objects that only an expression gives: every option, null where it is absent."""
        prefix = f"{path}."
        names = [name[len(prefix) :] for name in self.options if name.startswith(prefix)]
        element = Index(Ref("name", type), Literal("value"))
        entries = tuple(
            (Literal(name), Call("try", (Index(element, Literal(name)), Literal(None))))
            for name in names
            if "." not in name
        )
        lines = attribute_line("for_each", self.value("for_each", substituted(value, bound), depth + 1))
        content = block_lines("content", self.fields(path, ObjectExpr(entries), depth + 2, {}))
        return block_lines(f"dynamic {quote(type)}", paragraphs([lines, content]))

    # Opaque bodies

    def opaque(self, body: Body, depth: int) -> list[str]:
        """Attributes and blocks in their order; an empty line before and after a block."""
        parts: list[list[str]] = [[]]
        for entry in body.entries:
            if isinstance(entry, Attribute):
                parts[-1] += self.attribute(entry.name, entry.setting, depth)
            else:
                parts += [self.opaque_block(entry, depth), []]
        return paragraphs(parts)

    def opaque_block(self, block: Block, depth: int) -> list[str]:
        labels = "".join(f" {quote(label)}" for label in block.labels)
        if block.dynamic is None:
            body = self.opaque(block.body, depth + 1)
            return block_lines(f"{block.type}{labels}", body, block.comments)
        lines: list[str] = []
        for name, setting in block.dynamic.items():
            value = setting.value
            bare = name == "iterator" and isinstance(value, Literal) and is_identifier(str(value.value))
            shown = str(value.value) if bare and isinstance(value, Literal) else self.value(name, value, depth + 1)
            lines += attribute_line(name, shown, setting.comments)
        content = block_lines("content", self.opaque(block.body, depth + 2))
        return block_lines(f"dynamic {quote(block.type)}{labels}", paragraphs([lines, content]), block.comments)


def substituted(expr: Expr, bound: Mapping[str, Expr]) -> Expr:
    """With bound names replaced, except where a for expression binds them anew."""
    if not bound:
        return expr

    def visit(node: Expr) -> Expr | None:
        if isinstance(node, Ref) and node.kind == "bound":
            return bound.get(node.name)
        if isinstance(node, For):
            inner = {name: to for name, to in bound.items() if name not in (node.key_name, node.value_name)}
            return node.but(
                collection=substituted(node.collection, bound),
                key=substituted(node.key, inner) if node.key is not None else None,
                value=substituted(node.value, inner),
                condition=substituted(node.condition, inner) if node.condition is not None else None,
            )
        return None

    return transform(expr, visit)
