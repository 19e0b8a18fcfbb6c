"""Data blocks of an HCL template, and what they give as far as nobody has to be asked.

Packer's own ``null`` data source gives back its input (datasource/null/data.go); all others look for something, on the
network mostly, so what they give stays symbolic.
"""

from __future__ import annotations

import re

from bakelift.translator.languages.hcl import nodes
from bakelift.translator.packer import tables
from bakelift.translator.packer.hcl_reader_fields import Fields
from bakelift.translator.packer.hcl_reader_state import comments_of
from bakelift.translator.packer.hcl_reader_variables import label
from bakelift.translator.plan.expressions import Expr, Literal, ObjectExpr, Template
from bakelift.translator.plan.model import Attribute, Body, DataSource
from bakelift.translator.plan.types import STRING, MapType, ObjectType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.packer.hcl_reader_state import Reading
    from bakelift.translator.packer.tables.rows import Component

#: What an http data source may be asked with (datasource/http/data.go).
METHODS = ("HEAD", "GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH")
#: Names that mean nothing in a data source.
WITHOUT = ("source", "build")
_HTTP = ObjectType({"body": STRING, "request_headers": MapType(STRING), "url": STRING})


def read_data(reading: Reading, block: nodes.Block, known: dict[tuple[str, str], DataSource]) -> None:
    """A ``data`` block, put among ``known``."""
    if not label(reading, block, "type", "name"):
        return
    type, name = block.label_texts
    earlier = known.get((type, name))
    if earlier is not None:
        detail = (
            f"This data source block has the same type and name as a previous block declared at {earlier.span}. "
            "Each data source must have a unique name per builder type."
        )
        reading.error("packer/duplicate-data", "Duplicate data source block", detail, block.header_span)
        return
    component = tables.component("data", type)
    if component is not None and not component.opaque:
        _check(reading, block, component)
    for text in block.labels:
        if not re.fullmatch(r"[^\W\d][\w-]*", text.text):
            detail = "A name starts with a letter and contains only letters, digits, underscores, and dashes."
            reading.error("packer/bad-name", "Invalid data source name", detail, text.span)
    body = Fields(reading, None, WITHOUT).opaque(block.body, (), {})
    value = _given_back(body) if type == "null" else None
    gives = _HTTP if type == "http" else None
    known[type, name] = DataSource(type, name, body, block.header_span, comments_of(block), value, gives)


def _check(reading: Reading, block: nodes.Block, component: Component) -> None:
    """The arguments of a data source of Packer's own are those that it has, of their types."""
    Fields(reading, component, WITHOUT).read(block.body)
    for option in component.options.values():
        given = block.body.attribute(option.name)
        if option.required and (given is None or given.expr in (Literal(""), Literal(None))):
            span = block.header_span if given is None else given.value_span
            reading.error("packer/missing-argument", f"The `{option.name}` must be specified", "", span)
    method = block.body.attribute("method") if component.type == "http" else None
    if method is not None and isinstance(method.expr, Literal) and method.expr.value not in (*METHODS, "", None):
        summary = f"the `method` must be one of {' '.join(METHODS)}"
        reading.error("data/method", summary, "They are written in capitals.", method.value_span)


def _given_back(body: Body) -> Expr | None:
    """What a null data source gives: its input as text."""
    for entry in body.entries:
        if isinstance(entry, Attribute) and entry.name == "input":
            text = entry.setting.value
            return ObjectExpr(((Literal("output"), Template((text,), text.span)),), text.span)
    return None
