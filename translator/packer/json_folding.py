"""What legacy JSON has no words for, worked out while translating: HCL's functions, loops and dynamic blocks.

Only the smallest parts that Go templates cannot say are replaced by their values, so that variables stay variables
wherever they can. A value that came from the default of a variable no longer follows it, which is told.
"""

from __future__ import annotations

from bakelift.translator.aside import Told
from bakelift.translator.diagnostics import TemplateError
from bakelift.translator.languages.go_template.printer import printable
from bakelift.translator.packer.json_writer_values import go_form, split_text
from bakelift.translator.plan.dynamic import elements
from bakelift.translator.plan.evaluate import evaluate
from bakelift.translator.plan.expressions import (
    Call,
    Expr,
    Index,
    ListExpr,
    Literal,
    ObjectExpr,
    Ref,
    Template,
    template,
)
from bakelift.translator.plan.inlining import inline_named
from bakelift.translator.plan.model import Attribute, Block, Body, Setting
from bakelift.translator.plan.normal import normal_expr
from bakelift.translator.plan.record import Record
from bakelift.translator.plan.rewriting import rewritten
from bakelift.translator.plan.scope import Scope
from bakelift.translator.plan.usage import leaves_of, referenced_inputs
from bakelift.translator.plan.values import to_expr

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.plan.model import Leaf, Plan

_CODE = "json/worked-out"


def folded(plan: Plan, scope: Scope) -> tuple[Plan, list[Told]]:
    """The Plan with values in place of what Go templates cannot say. ``scope``: what is known of its variables."""
    folder = _Folder({item.name: item.value for item in plan.named}, scope)
    changed = {part: folder.part(getattr(plan, part)) for part in ("sources", "groups")}
    return plan.but(**changed), folder.told


class _Folder:
    def __init__(self, named: dict[str, Expr], scope: Scope) -> None:
        self.named = named
        self.scope = scope
        self.told: list[Told] = []
        self.used: set[str] = set()
        self.changed = False

    def part(self, part: object) -> object:
        """A record, or a collection of records, with every setting worked out as far as need be."""
        if isinstance(part, Setting):
            return self.setting(part)
        if isinstance(part, Body):
            return self.body(part)
        if isinstance(part, tuple):
            return tuple(self.part(item) for item in part)
        if isinstance(part, dict):
            return {key: self.part(value) for key, value in part.items()}
        if isinstance(part, Record) and not isinstance(part, Expr):
            return part.mapped(self.part)
        return part

    def setting(self, setting: Setting) -> Setting:
        inlined = go_form(normal_expr(inline_named(setting.value, self.named)))
        self.used, self.changed = set(), False
        value = self.value(inlined)
        if not self.changed:
            return setting
        self.tell(setting.leaves)
        return setting.but(value=value)

    def tell(self, leaves: tuple[Leaf, ...]) -> None:
        if self.used:
            names = ", ".join(sorted(self.used))
            summary = f"worked out with the value of {names}, which it no longer follows"
            self.told.append(Told(leaves, "approximated", _CODE, summary))
        else:
            self.told.append(Told(leaves, "adapted", _CODE, "worked out, as legacy JSON has no such function"))

    def value(self, node: Expr) -> Expr:
        if isinstance(node, ListExpr):
            return node.but(items=tuple(self.value(item) for item in node.items))
        if isinstance(node, ObjectExpr):
            return node.but(entries=tuple((self.value(key), self.value(value)) for key, value in node.entries))
        if isinstance(node, Template):
            return template([self.value(part) for part in node.parts], node.span)
        if isinstance(node, Literal) or printable(split_text(node)):
            return node
        joined = self.joined(node)
        if joined is not None:
            return joined
        try:
            found = go_form(normal_expr(to_expr(evaluate(node, self.scope))))
        except TemplateError:
            return node
        if not _sayable(found):
            return node  # what is left of it has no form either, so it is told as it stood
        self.changed = True
        self.used |= referenced_inputs(node, {}) - referenced_inputs(found, {})
        return found.but(span=node.span)

    def joined(self, node: Expr) -> Expr | None:
        """Lists and maps that HCL puts together, whatever their elements are; None when they are not all known."""
        if not isinstance(node, Call) or node.operation not in ("concat", "merge") or node.expand:
            return None
        parts = [self.value(arg) for arg in node.args]
        if node.operation == "concat" and all(isinstance(part, ListExpr) for part in parts):
            self.changed = True
            return ListExpr(tuple(item for part in parts for item in part.children()), node.span)
        entries: dict[object, tuple[Expr, Expr]] = {}
        for part in parts:
            if not isinstance(part, ObjectExpr) or not all(isinstance(key, Literal) for key, _ in part.entries):
                return None
            entries |= {key.value: (key, value) for key, value in part.entries if isinstance(key, Literal)}
        self.changed = True
        return ObjectExpr(tuple(entries.values()), node.span)

    # Opaque bodies

    def body(self, body: Body) -> Body:
        entries: list[Attribute | Block] = []
        for entry in body.entries:
            if isinstance(entry, Attribute):
                entries.append(entry.but(setting=self.setting(entry.setting)))
            elif entry.dynamic is None:
                entries.append(entry.but(body=self.body(entry.body)))
            else:
                entries += self.unrolled(entry)
        return Body(tuple(entries))

    def unrolled(self, block: Block) -> list[Block]:
        """A dynamic block, once for each element; as it stands when these are not known."""
        assert block.dynamic is not None
        over = block.dynamic.get("for_each")
        if over is None or "labels" in block.dynamic:
            return [block]
        inlined = inline_named(over.value, self.named)
        try:
            collection = evaluate(inlined, self.scope)
        except TemplateError:
            return [block]
        if not collection.wholly_known():
            return [block]
        named = block.dynamic.get("iterator")
        iterator = named.value.value if named is not None and isinstance(named.value, Literal) else block.type
        self.used = referenced_inputs(inlined, {})
        self.tell(tuple(leaves_of((block.dynamic, block.body))))
        return [
            Block(block.type, (), self.body(_element(block.body, str(iterator), key, value)), span=block.span)
            for key, value in elements(collection)
        ]


def _sayable(node: Expr) -> bool:
    if isinstance(node, ListExpr):
        return all(_sayable(item) for item in node.items)
    if isinstance(node, ObjectExpr):
        return all(isinstance(key, Literal) and _sayable(value) for key, value in node.entries)
    return isinstance(node, Literal) or printable(node)


def _element(body: Body, iterator: str, key: Expr, value: Expr) -> Body:
    """The body of a dynamic block for one element."""

    def visit(node: Expr) -> Expr | None:
        if not isinstance(node, Index) or not isinstance(node.target, Ref) or not isinstance(node.key, Literal):
            return None
        own = node.target.name == iterator and node.target.kind in ("name", "bound")
        return {"key": key, "value": value}.get(str(node.key.value)) if own else None

    done = rewritten(body, visit)
    assert isinstance(done, Body)
    return done
