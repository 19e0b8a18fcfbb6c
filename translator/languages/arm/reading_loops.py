"""Dates and lambdas of ARM, as ``formatdate``, ``timeadd`` and for expressions."""

# ruff: noqa: ARG001 (all readers take the same arguments)
from __future__ import annotations

import re

from bakelift.translator.languages.arm import dates
from bakelift.translator.plan.expressions import Call, For, Index, Literal, Ref, transform

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.diagnostics import Span
    from bakelift.translator.languages.arm.kinds import Symbols
    from bakelift.translator.plan.expressions import Expr

_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")


def date_add(args: list[Expr], span: Span | None, symbols: Symbols) -> Expr | None:
    if len(args) != 3 or not all(isinstance(a, Literal) and isinstance(a.value, str) for a in args[1:]):
        return None
    duration, format = str(args[1].value), str(args[2].value)  # type: ignore[attr-defined]
    found = _DURATION.fullmatch(duration)
    hcl = dates.to_hcl(format)
    if found is None or hcl is None or len(duration) < 3:
        return None
    days, hours, minutes, seconds = (int(group or 0) for group in found.groups())
    hours += 24 * days
    time = args[0]
    if hours or minutes or seconds:
        text = "".join(f"{n}{unit}" for n, unit in ((hours, "h"), (minutes, "m"), (seconds, "s")) if n)
        time = Call("timeadd", (time, Literal(text)), span=span)
        if format == dates.RFC3339:
            return time
    return Call("formatdate", (Literal(hcl), time), span=span)


class _Lambda:
    """The parts of a call of ``lambda``: its variables and its body."""

    def __init__(self, node: Expr) -> None:
        assert isinstance(node, Call)
        *names, self.body = node.args
        self.names = [str(n.value) for n in names if isinstance(n, Literal)]

    @staticmethod
    def of(node: Expr) -> _Lambda | None:
        fits = isinstance(node, Call) and node.operation == "arm.lambda" and len(node.args) in (2, 3)
        return _Lambda(node) if fits else None


def mapped(args: list[Expr], span: Span | None, symbols: Symbols) -> Expr | None:
    function = _Lambda.of(args[1]) if len(args) == 2 else None
    if function is None:
        return None
    condition = None
    source = args[0]
    if isinstance(source, Call) and source.operation == "arm.filter" and len(source.args) == 2:
        test = _Lambda.of(source.args[1])
        if test is not None and test.names == function.names:
            source, condition = source.args[0], test.body
    if isinstance(source, Call) and source.operation == "arm.items" and len(function.names) == 1:
        return _over_items(source.args[0], function.names[0], None, function.body, condition, span)
    key_name = function.names[1] if len(function.names) == 2 else None
    return For(key_name, function.names[0], source, None, function.body, condition, span=span)


def to_object(args: list[Expr], span: Span | None, symbols: Symbols) -> Expr | None:
    key = _Lambda.of(args[1]) if len(args) > 1 else None
    value = _Lambda.of(args[2]) if len(args) == 3 else None
    if key is None or value is None or key.names != value.names or len(key.names) != 1:
        return None
    source = args[0]
    if isinstance(source, Call) and source.operation == "arm.items":
        return _over_items(source.args[0], key.names[0], key.body, value.body, None, span)
    return For(None, key.names[0], source, key.body, value.body, None, span=span)


def _over_items(
    collection: Expr, entry: str, key: Expr | None, value: Expr, condition: Expr | None, span: Span | None
) -> Expr | None:
    """``for k, v in m``: a lambda over ``items(m)`` whose variable is used by its key and value only."""
    names = {"key": "k", "value": "v"}

    def visit(node: Expr) -> Expr | None:
        if isinstance(node, Index) and node.target == Ref("bound", entry) and isinstance(node.key, Literal):
            name = names.get(str(node.key.value))
            return Ref("bound", name) if name else None
        return None

    parts = [None if part is None else transform(part, visit) for part in (key, value, condition)]
    if any(Ref("bound", entry) in part.walk() for part in parts if part is not None):
        return None
    assert parts[1] is not None
    return For("k", "v", collection, parts[0], parts[1], parts[2], span=span)
