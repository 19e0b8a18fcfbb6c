"""``*.pkr.json``: HCL's JSON syntax, made into the nodes of the native syntax.

JSON does not say what is a block; Packer's schemas do (hashicorp/hcl, json/spec.md). A block's labels are nested
objects, several blocks of a type an array. In components that no table knows every member is an attribute.
"""

from __future__ import annotations

from bakelift.translator.diagnostics import Diagnostics, SourceFile, fail
from bakelift.translator.languages.hcl import nodes
from bakelift.translator.languages.json.nodes import Array, Object, Scalar
from bakelift.translator.languages.json.parser import parse_json
from bakelift.translator.packer import tables
from bakelift.translator.packer.json_values import json_expr

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from bakelift.translator.diagnostics import Span
    from bakelift.translator.languages.json.nodes import Member, Node
    from bakelift.translator.packer.tables.rows import Kind
    from bakelift.translator.plan.expressions import Expr

#: Number of labels by block type, at the root and inside other blocks; what is not listed is an attribute.
_ROOT = {
    "build": 0,
    "communicator": 2,
    "data": 2,
    "hcp_packer_registry": 0,
    "local": 1,
    "locals": 0,
    "packer": 0,
    "source": 2,
    "variable": 1,
    "variables": 0,
}
_BUILD = {
    "dynamic": 1,
    "error-cleanup-provisioner": 1,
    "hcp_packer_registry": 0,
    "post-processor": 1,
    "post-processors": 0,
    "provisioner": 1,
    "source": 1,
}
_INSIDE: Mapping[str, Mapping[str, int]] = {
    "build": _BUILD,
    "packer": {"required_plugins": 0},
    "post-processors": {"post-processor": 1, "dynamic": 1},
    "variable": {"validation": 0},
}
_COMPONENTS: Mapping[str, Kind] = {
    "source": "builder",
    "provisioner": "provisioner",
    "error-cleanup-provisioner": "provisioner",
    "post-processor": "post-processor",
    "data": "data",
}


def parse_json_file(file: SourceFile) -> nodes.File:
    """The tree of a file, as :func:`bakelift.translator.languages.hcl.parser.parse_file` gives it.

    Raises TemplateError: JSON errors, and ``hcl/json-block`` where a block is neither an object nor a list of objects.
    """
    root = parse_json(file, duplicates=True)
    if isinstance(root, Array):
        items = [item for part in root for item in _body(part, _ROOT, "", "").items]
        body = nodes.Body(tuple(items), root.span)
    else:
        body = _body(root, _ROOT, "", "")
    return nodes.File(body, (), file)


def _body(node: Node, blocks: Mapping[str, int], component: str, prefix: str) -> nodes.Body:
    """``component``: "kind type" of the component whose body this is, or "" outside; ``prefix``: of its options."""
    if not isinstance(node, Object):
        detail = f"A block's content is an object; this is {'an array' if isinstance(node, Array) else node.kind}."
        raise fail("hcl/json-block", "Incorrect JSON value type", detail, node.span)
    items: list[nodes.Attribute | nodes.Block] = []
    problems = Diagnostics()
    for member in node:
        if member.key == "//":
            continue
        labels = _labels(member.key, blocks, component, prefix)
        if labels is None:
            items.append(_attribute(member))
        else:
            items += _blocks(member, labels, component, prefix, problems)
    problems.stop_if_failed()
    return nodes.Body(tuple(items), node.span)


def _labels(key: str, blocks: Mapping[str, int], component: str, prefix: str) -> int | None:
    """How many labels a block of this name has; None for an attribute."""
    if not component:
        return blocks.get(key)
    if key == "dynamic":
        return 1
    kind, _, type = component.partition(" ")
    table = tables.component(kind, type)  # type: ignore[arg-type]
    option = table.options.get(prefix + key) if table is not None else None
    return 0 if option is not None and option.form != "attribute" else None


def _attribute(member: Member) -> nodes.Attribute:
    return nodes.Attribute(member.key, json_expr(member.value), member.span, member.key_span, member.value.span)


def _blocks(member: Member, labels: int, component: str, prefix: str, problems: Diagnostics) -> list[nodes.Block]:
    """The blocks that a member makes, its labels taken from nested objects."""
    found: list[nodes.Block] = []

    def descend(node: Node, said: tuple[nodes.Label, ...], place: Span) -> None:
        if isinstance(node, Array):
            for item in node:
                descend(item, said, place)
        elif len(said) < labels:
            if not isinstance(node, Object):
                detail = f"A {member.key} block needs {labels} labels, as nested objects."
                problems.error("hcl/json-block", "Incorrect JSON value type", detail, node.span)
                return
            for inner in node:
                if inner.key != "//":
                    descend(inner.value, (*said, nodes.Label(inner.key, True, inner.key_span)), inner.key_span)
        elif isinstance(node, Scalar) and node.value is None:
            return
        else:
            found.append(_block(member, said, node, place, component, prefix))

    descend(member.value, (), member.key_span)
    return found


def _block(
    member: Member, labels: tuple[nodes.Label, ...], node: Node, place: Span, component: str, prefix: str
) -> nodes.Block:
    type = member.key
    if component:
        if type == "dynamic":
            body = _dynamic(node, component, f"{prefix}{labels[0].text}.")
        else:
            body = _body(node, {}, component, f"{prefix}{type}.")
    elif type == "dynamic":
        body = _dynamic_step(node, labels[0].text)
    elif type in _COMPONENTS and labels:
        body = _body(node, {}, f"{_COMPONENTS[type]} {labels[0].text}", "")
    else:
        body = _body(node, _INSIDE.get(type, {}), "", "")
    if type == "variable":
        body = _with_type(body)
    return nodes.Block(type, labels, body, node.span, member.key_span, place)


def _dynamic(node: Node, component: str, prefix: str) -> nodes.Body:
    """The body of a dynamic block in a component: its content is that of the block it makes."""
    body = _body(node, {"content": 0}, "", "")
    content = node.get("content") if isinstance(node, Object) else None
    if content is None:
        return body
    inner = _body(content, {}, component, prefix)
    items = [i.but(body=inner) if isinstance(i, nodes.Block) and i.type == "content" else i for i in body.items]
    return body.but(items=tuple(items))


def _dynamic_step(node: Node, type: str) -> nodes.Body:
    """The body of a dynamic block in a build. What it makes has labels that are not known yet: all attributes."""
    body = _body(node, {"content": 0}, "", "")
    content = node.get("content") if isinstance(node, Object) else None
    if content is None or type not in _INSIDE:
        return body
    inner = _body(content, _INSIDE[type], "", "")
    items = [i.but(body=inner) if isinstance(i, nodes.Block) and i.type == "content" else i for i in body.items]
    return body.but(items=tuple(items))


def _with_type(body: nodes.Body) -> nodes.Body:
    """A variable's type is an expression in a text: ``"list(string)"``."""
    from bakelift.translator.languages.hcl.parser import parse_expression
    from bakelift.translator.plan.expressions import Literal, transform

    items: list[nodes.Attribute | nodes.Block] = []
    for item in body.items:
        made = item
        if isinstance(item, nodes.Attribute) and item.name == "type" and isinstance(item.expr, Literal):
            span = item.value_span
            parsed = parse_expression(SourceFile(f"{span.file.path}:{span.line}", str(item.expr.value)))

            def at_place(node: Expr, span: Span = span) -> Expr | None:
                return node.but(span=span) if not any(True for _ in node.children()) else None

            made = item.but(expr=transform(parsed, at_place))
        items.append(made)
    return body.but(items=tuple(items))
