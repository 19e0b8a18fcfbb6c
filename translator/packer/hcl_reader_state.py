"""What the parts of the HCL reader share: diagnostics, the template's leaves, its names, values for structure."""

from __future__ import annotations

from bakelift.translator.languages.hcl.nodes import Attribute, Block
from bakelift.translator.packer.hcl_reader_names import Names
from bakelift.translator.plan.model import Leaf

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from bakelift.translator.diagnostics import Diagnostics, Span
    from bakelift.translator.languages.hcl.nodes import Body, File
    from bakelift.translator.packer.tables.rows import Component
    from bakelift.translator.plan.expressions import Expr
    from bakelift.translator.plan.model import Input, NamedValue
    from bakelift.translator.plan.values import Value

    InputValues = Callable[[tuple[Input, ...]], Mapping[str, Value]]

#: Blocks of a build that may stand several times: their leaves' paths have a number.
_NUMBERED = frozenset({"provisioner", "post-processor", "post-processors", "source", "validation", "dynamic"})


class Reading:
    """One reading of one template."""

    def __init__(self, files: Iterable[File], path: str, directory: str, diagnostics: Diagnostics) -> None:
        self.files = list(files)
        self.path = path
        self.directory = directory
        self.diagnostics = diagnostics
        self.names = Names(diagnostics)
        self.leaves: list[Leaf] = []
        self.inputs: list[Input] = []
        self.named: list[NamedValue] = []
        self.input_values: InputValues | None = None
        #: Where a Go template asks for the name of the source: Packer gives it the source block's, renamed or not.
        self.build_names: list[Span | None] = []
        #: Inputs whose values the template's shape depends on, each with what it decides.
        self.decided: dict[tuple[str, str], None] = {}
        self._by_attribute: dict[int, Leaf] = {}
        self._copies: list[Attribute] = []
        self._index()

    def leaf(self, attribute: Attribute) -> Leaf:
        """The leaf of an attribute of the template."""
        return self._by_attribute[id(attribute)]

    def share_leaf(self, attribute: Attribute, copy: Attribute) -> None:
        """Makes a copy of an attribute stand for the same leaf. The copy must live as long as the reading."""
        self._by_attribute[id(copy)] = self._by_attribute[id(attribute)]
        self._copies.append(copy)

    def error(self, code: str, summary: str, detail: str = "", span: Span | None = None) -> None:
        self.diagnostics.error(code, summary, detail, span)

    def note_decided(self, expr: Expr, what: str) -> None:
        """Keeps which inputs decided the shape of the template."""
        from bakelift.translator.plan.usage import referenced_inputs

        for name in sorted(referenced_inputs(expr, {item.name: item.value for item in self.named})):
            self.decided[name, what] = None

    def structural(self, expr: Expr, symbols: Mapping[tuple[str, str], Value] | None = None) -> Value:
        """A value that the shape of the template depends on, with variables bound as they are known now.

        Raises TemplateError; the value may be unknown.
        """
        from bakelift.translator.plan.binding import default_values
        from bakelift.translator.plan.evaluate import evaluate
        from bakelift.translator.plan.scope import Scope
        from bakelift.translator.plan.types import STRING
        from bakelift.translator.plan.values import Value

        inputs = tuple(self.inputs)
        values = self.input_values(inputs) if self.input_values is not None else default_values(inputs)
        known = {("path", "root"): Value(STRING, self.directory), **(symbols or {})}
        return evaluate(expr, Scope(values, {item.name: item.value for item in self.named}, known))

    # Leaves

    def _index(self) -> None:
        """Gives every attribute of the template its leaf, in order."""
        builds = 0
        for file in self.files:
            for item in file.body.items:
                if isinstance(item, Attribute):
                    self._add(item, item.name)
                elif item.type == "build":
                    self._walk(item.body, f"build[{builds}]", None)
                    builds += 1
                else:
                    name = ".".join((item.type, *item.label_texts))
                    self._walk(item.body, name, _component(item))

    def _add(self, attribute: Attribute, path: str) -> None:
        leaf = Leaf(path, attribute.span)
        self._by_attribute[id(attribute)] = leaf
        self.leaves.append(leaf)

    def _walk(self, body: Body, prefix: str, component: Component | None, inside: str = "") -> None:
        counts: dict[str, int] = {}
        for block in body.blocks:
            counts[_kind(block)] = counts.get(_kind(block), 0) + 1
        seen: dict[str, int] = {}
        for item in body.items:
            if isinstance(item, Attribute):
                self._add(item, f"{prefix}.{item.name}")
                continue
            kind = _kind(item)
            at = seen.get(kind, 0)
            seen[kind] = at + 1
            option = component.options.get(inside + kind) if component is not None else None
            repeated = option is not None and option.form == "blocks"
            numbered = repeated or item.type in _NUMBERED or counts[kind] > 1
            if item.type == "dynamic" and counts[kind] == 1:
                numbered = False
            path = f"{prefix}.{kind}" + (f"[{at}]" if numbered else "")
            if item.type in ("provisioner", "error-cleanup-provisioner", "post-processor"):
                self._walk(item.body, path, _component(item))
            elif component is not None:
                self._walk(item.body, path, component, f"{inside}{kind}.")
            else:
                self._walk(item.body, path, None)


def _kind(block: Block) -> str:
    if block.type == "dynamic":
        return ".".join(("dynamic", *block.label_texts))
    return block.type


def _component(block: Block) -> Component | None:
    from bakelift.translator.packer import tables

    if not block.labels:
        return None
    type = block.labels[0].text
    if block.type == "source":
        return tables.component("builder", type)
    if block.type == "data":
        return tables.component("data", type)
    if block.type in ("provisioner", "error-cleanup-provisioner"):
        return tables.component("provisioner", type)
    return tables.component("post-processor", type) if block.type == "post-processor" else None


def comments_of(item: Attribute | Block) -> tuple[str, ...]:
    """The texts of the comments before and behind an item."""
    return tuple(comment.text for comment in (*item.comments, *item.trailing))
