"""Dynamic blocks of steps and sources: a Plan has steps, not loops of them, so they are unrolled when read."""

from __future__ import annotations

from bakelift.translator.diagnostics import TemplateError
from bakelift.translator.languages.hcl import nodes
from bakelift.translator.packer.hcl_reader_fields import dynamic_parts
from bakelift.translator.plan.expressions import Index, Literal, Ref, transform
from bakelift.translator.plan.values import to_expr

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from bakelift.translator.packer.hcl_reader_state import Reading
    from bakelift.translator.plan.expressions import Expr
    from bakelift.translator.plan.model import Leaf
    from bakelift.translator.plan.values import Value

#: Arguments that decide what there is in a template, and what they decide.
_DECIDES = {
    "sources": "which sources a build uses",
    "for_each": "the blocks that a dynamic block makes",
    "labels": "the blocks that a dynamic block makes",
}


def constant(
    reading: Reading,
    expr: Expr,
    item: nodes.Attribute,
    symbols: Mapping[tuple[str, str], Value] | None = None,
) -> Expr | None:
    """The value of a resolved expression, bound now; None when it cannot be, which is told at ``item``."""
    try:
        value = reading.structural(expr, symbols)
    except TemplateError as error:
        reading.diagnostics.extend(error.diagnostics)
        return None
    if not value.wholly_known():
        detail = "It decides what is built, so it must be known when the template is read. Give its variables values."
        reading.error("packer/not-constant", f"The value of {item.name} is not known", detail, item.value_span)
        return None
    if item.name in _DECIDES and not isinstance(expr, Literal):
        reading.note_decided(expr, _DECIDES[item.name])
    return to_expr(value)


def expanded(reading: Reading, body: nodes.Body, leaves: list[Leaf]) -> list[nodes.Block]:
    """The blocks of a body, dynamic ones repeated. ``leaves`` gets those of the dynamic blocks themselves."""
    found: list[nodes.Block] = []
    for block in body.blocks:
        found += _repeated(reading, block, leaves) if block.type == "dynamic" else [block]
    return found


def _repeated(reading: Reading, block: nodes.Block, leaves: list[Leaf]) -> list[nodes.Block]:
    dynamic = dynamic_parts(reading, block)
    if dynamic is None:
        return []
    own = [item for item in block.body.items if isinstance(item, nodes.Attribute)]
    leaves += [reading.leaf(item) for item in own]
    collection = constant(reading, reading.names.resolve(dynamic.for_each.expr), dynamic.for_each)
    if collection is None:
        return []
    if isinstance(collection, Literal):
        what = {str: "string", bool: "bool", type(None): "null"}.get(type(collection.value), "number")
        detail = f"Cannot use a {what} value in for_each. An iterable collection is required."
        span = dynamic.for_each.value_span
        reading.error("packer/bad-dynamic", "Invalid dynamic for_each value", detail, span)
        return []
    from bakelift.translator.plan.dynamic import elements

    labels = block.body.attribute("labels")
    made = []
    for key, value in elements(reading.structural(collection)):
        iterator = (dynamic.iterator, key, value)
        texts = _labels(reading, labels, iterator) if labels is not None else ()
        content = dynamic.content
        made.append(
            content.but(
                type=dynamic.type,
                labels=tuple(nodes.Label(text, True, content.type_span) for text in texts),
                body=_unrolled(reading, content.body, iterator),
                type_span=block.type_span,
                header_span=block.header_span,
            )
        )
    return made


def _labels(reading: Reading, item: nodes.Attribute, iterator: tuple[str, Expr, Expr]) -> tuple[str, ...]:
    value = constant(reading, reading.names.resolve(_with_element(item.expr, iterator)), item)
    return tuple(str(getattr(part, "value", "")) for part in getattr(value, "items", ()))


def _unrolled(reading: Reading, body: nodes.Body, iterator: tuple[str, Expr, Expr]) -> nodes.Body:
    """A copy of a dynamic block's content for one element; its attributes keep their leaves."""
    items: list[nodes.Attribute | nodes.Block] = []
    for item in body.items:
        if isinstance(item, nodes.Attribute):
            copy = item.but(expr=_with_element(item.expr, iterator))
            reading.share_leaf(item, copy)
            items.append(copy)
        else:
            items.append(item.but(body=_unrolled(reading, item.body, iterator)))
    return body.but(items=tuple(items))


def _with_element(expr: Expr, iterator: tuple[str, Expr, Expr]) -> Expr:
    """An expression of the parser with ``NAME.value`` and ``NAME.key`` replaced."""
    name, key, value = iterator

    def visit(node: Expr) -> Expr | None:
        if isinstance(node, Index) and node.target == Ref("name", name) and isinstance(node.key, Literal):
            return {"value": value, "key": key}.get(str(node.key.value))
        return None

    return transform(expr, visit)
