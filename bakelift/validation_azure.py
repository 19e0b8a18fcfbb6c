"""The checks of an Image Builder template: its API version, and the service's own rules, each at its place."""

from __future__ import annotations

import re

from bakelift.translator.diagnostics import Diagnostics, TemplateError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from bakelift.translator.diagnostics import Span
    from bakelift.translator.files import Files
    from bakelift.translator.languages.json.nodes import Node, Object

_PLACE = re.compile(r"(/[^:]*): ")


def check_image_builder(path: str, files: Files, found: Diagnostics) -> None:
    """``files``: what functions of Bicep may read."""
    root = _document(path, files)
    resources = root.get("resources")
    if resources is None:
        _check_resource(root, root, "", found)
        return
    for base, node in _resources(resources, "/resources"):
        _check_resource(root, node, base, found)


def _document(path: str, files: Files) -> Object:
    """The template as JSON; Bicep as the JSON that it is compiled to."""
    from bakelift.loading import is_bicep, read_source
    from bakelift.translator.languages.json.nodes import Object

    if is_bicep(path):
        from bakelift.translator.imagebuilder.bicep_reader import document_of

        return document_of(read_source(path), files)
    from bakelift.translator.languages.json.parser import parse_json

    root = parse_json(read_source(path), lenient=True)
    assert isinstance(root, Object)
    return root


def _resources(node: Node, base: str) -> list[tuple[str, Node]]:
    """(pointer, node) of every image template; resources are a list, or named in newer templates."""
    from bakelift.translator.languages.json.nodes import Array, Object

    if isinstance(node, Array):
        items = [(f"{base}/{index}", item) for index, item in enumerate(node)]
    else:
        assert isinstance(node, Object)
        items = [(f"{base}/{member.key}", member.value) for member in node]
    return [(where, item) for where, item in items if isinstance(item, Object) and _is_template(item.data())]


def _is_template(data: dict[str, Any]) -> bool:
    return str(data.get("type", "")).lower() == "microsoft.virtualmachineimages/imagetemplates"


def _check_resource(root: Node, resource: Node, base: str, found: Diagnostics) -> None:
    from bakelift.translator.imagebuilder.rules import check_resource
    from bakelift.translator.imagebuilder.versions import API_VERSIONS, DEFAULT

    data: Any = resource.data()
    version = data.get("apiVersion") or DEFAULT
    if isinstance(version, str) and not version.startswith("[") and version not in API_VERSIONS:
        known = f"They are {', '.join(API_VERSIONS)}."
        span = _node(root, f"{base}/apiVersion").span
        found.error("aib/api-version", f"There is no API version {version} of imageTemplates", known, span)
        return
    told = Diagnostics()
    try:
        check_resource(data, version if version in API_VERSIONS else DEFAULT, base, told, others=True)
    except (KeyError, AttributeError, TypeError):
        # The rules take the shape for granted, which the schema would refuse.
        found.error("aib/shape", "The image template has not the shape of one", "", resource.span)
    except TemplateError as error:
        told.extend(error.diagnostics)
    for diagnostic in told:
        place = _PLACE.match(diagnostic.summary)
        if place is None or diagnostic.span is not None:
            found.add(diagnostic.but(span=diagnostic.span or resource.span))
        else:
            found.add(diagnostic.but(summary=_sentence(diagnostic.summary, place), span=_span(root, place.group(1))))


def _sentence(summary: str, place: re.Match[str]) -> str:
    above, _, name = place.group(1).rpartition("/")
    if name.isdigit():
        name = f"{above.rpartition('/')[2]}[{name}]"
    return f"{name}: {summary[place.end() :]}"


def _span(root: Node, pointer: str) -> Span:
    return _node(root, pointer).span


def _node(root: Node, pointer: str) -> Node:
    """The node at a JSON pointer, or the last one on the way that is there."""
    from bakelift.translator.languages.json.nodes import Array, Object

    node = root
    for step in pointer.split("/")[1:]:
        below: Node | None = None
        if isinstance(node, Object):
            below = node.get(step)
        elif isinstance(node, Array) and step.isdigit() and int(step) < len(node.items):
            below = node.items[int(step)]
        if below is None:
            break
        node = below
    return node
