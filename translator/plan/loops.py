"""For expressions and splats."""

from __future__ import annotations

from bakelift.translator.diagnostics import fail
from bakelift.translator.plan.convert import assume
from bakelift.translator.plan.expressions import For, JoinedFor, Literal, Ref, Splat, template
from bakelift.translator.plan.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    ConversionError,
    Dynamic,
    ListType,
    MapType,
    ObjectType,
    SetType,
    TupleType,
)
from bakelift.translator.plan.unify import unify
from bakelift.translator.plan.values import Value, is_sequence, object_of, to_expr, tuple_of, unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from bakelift.translator.plan.expressions import Expr
    from bakelift.translator.plan.frame import Frame
    from bakelift.translator.plan.types import Type

_NO_MARKS: frozenset[str] = frozenset()


class _Undecided(Exception):
    """Which elements there are, or under which keys, is not known."""


def for_expression(node: For, frame: Frame) -> Value:
    collection = frame.value(node.collection)
    _check_iterable(collection, node)
    if collection.known and not isinstance(collection.type, Dynamic):
        try:
            return _unrolled(node, collection, frame)
        except _Undecided:
            pass
    return _symbolic(node, collection, frame)


def _check_iterable(collection: Value, node: For) -> None:
    span = node.collection.span or node.span
    if collection.null:
        detail = "A null value cannot be used as the collection in a 'for' expression."
        raise fail("hcl/for", "Iteration over null value", detail, span)
    of = collection.type
    if not isinstance(of, (ListType, SetType, TupleType, MapType, ObjectType, Dynamic)):
        detail = f"A value of type {of.name()} cannot be used as the collection in a 'for' expression."
        raise fail("hcl/for", "Iteration over non-iterable value", detail, span)


def _items(collection: Value) -> Iterator[tuple[Value, Value]]:
    raw = collection.raw
    if isinstance(raw, dict):
        for key, item in raw.items():
            yield Value(STRING, key), item
    elif isinstance(raw, tuple):
        by_value = isinstance(collection.type, SetType)
        for position, item in enumerate(raw):
            yield (item if by_value else Value(NUMBER, position)), item


def _unrolled(node: For, collection: Value, frame: Frame) -> Value:
    marks = collection.marks
    rows: list[Value] = []
    fields: dict[str, Value] = {}
    groups: dict[str, list[Value]] = {}
    for key, item in _items(collection):
        names = {node.value_name: item}
        if node.key_name is not None:
            names[node.key_name] = key
        inner = frame.bind(names)
        if node.condition is not None:
            wanted, condition_marks = _included(node, node.condition, inner)
            marks |= condition_marks
            if not wanted:
                continue
        if node.key is None:
            rows.append(inner.value(node.value))
            continue
        name, key_marks = _key(node, node.key, inner)
        marks |= key_marks
        value = inner.value(node.value)
        if node.group:
            groups.setdefault(name, []).append(value)
        elif name in fields:
            detail = (
                f"Two different items produced the key \"{name}\" in this 'for' expression. If duplicates are "
                "expected, use the ellipsis (...) after the value expression to enable grouping by key."
            )
            raise fail("hcl/for", "Duplicate object key", detail, node.key.span or node.span)
        else:
            fields[name] = value
    if node.key is None:
        return tuple_of(rows, marks)
    if node.group:
        fields = {name: tuple_of(values) for name, values in groups.items()}
    return object_of(fields, marks)


def _included(node: For, condition: Expr, inner: Frame) -> tuple[bool, frozenset[str]]:
    value = inner.value(condition)
    span = condition.span or node.span
    if value.null:
        detail = "The value of the 'if' clause must not be null."
        raise fail("hcl/for", "Invalid 'for' condition", detail, span)
    try:
        wanted = assume(value, BOOL)
    except ConversionError as error:
        detail = f"The 'if' clause value is invalid: {error}."
        raise fail("hcl/for", "Invalid 'for' condition", detail, span) from None
    if not wanted.known:
        raise _Undecided
    return bool(wanted.raw), wanted.marks


def _key(node: For, key: Expr, inner: Frame) -> tuple[str, frozenset[str]]:
    value = inner.value(key)
    span = key.span or node.span
    if value.null:
        detail = "Key expression in 'for' expression must not produce a null value."
        raise fail("hcl/for", "Invalid object key", detail, span)
    try:
        name = assume(value, STRING)
    except ConversionError as error:
        detail = f"The key expression produced an invalid result: {error}."
        raise fail("hcl/for", "Invalid object key", detail, span) from None
    if not name.known:
        raise _Undecided
    return str(name.raw), name.marks


def _symbolic(node: For, collection: Value, frame: Frame) -> Value:
    """The loop with all that is known folded into it."""
    names = [name for name in (node.key_name, node.value_name) if name is not None]
    fresh = {name: _fresh(name, frame) for name in names}
    element = _element_type(collection.type)
    bound = {node.value_name: unknown(Ref("bound", fresh[node.value_name]), element)}
    if node.key_name is not None:
        key_type = STRING if isinstance(collection.type, (MapType, ObjectType)) else DYNAMIC
        bound[node.key_name] = unknown(Ref("bound", fresh[node.key_name]), key_type)
    inner = frame.bind(bound)
    marks = collection.all_marks()
    parts: list[Expr | None] = []
    for part in (node.key, node.value, node.condition):
        if part is None:
            parts.append(None)
            continue
        left, left_marks = inner.folded(part)
        parts.append(left)
        marks |= left_marks
    key, value, condition = parts
    assert value is not None
    key_name = None if node.key_name is None else fresh[node.key_name]
    residual = For(key_name, fresh[node.value_name], to_expr(collection), key, value, condition, node.group, node.span)
    return unknown(residual, DYNAMIC, marks)


def _fresh(name: str, frame: Frame) -> str:
    """A name for a bound symbol that no loop around it uses: a folded body may mention theirs."""
    while name in frame.bound:
        name += "_"
    return name


def _element_type(of: Type) -> Type:
    if isinstance(of, (ListType, SetType, MapType)):
        return of.element
    if isinstance(of, TupleType) and of.elements:
        return unify(of.elements) or DYNAMIC
    return DYNAMIC


def joined_for(node: JoinedFor, frame: Frame) -> Value:
    """The template directive: the values as strings, one after the other."""
    value = for_expression(node.loop, frame)
    if not value.known:
        residual = value.raw.residual  # type: ignore[attr-defined]
        return unknown(JoinedFor(residual, node.span), STRING, value.marks)
    marks = value.marks
    parts: list[Expr] = []
    for item in value.elements():
        span = node.loop.value.span or node.span
        if item.null:
            detail = "An iteration result is null. Cannot include a null value in a string template."
            raise fail("hcl/template", "Invalid template interpolation value", detail, span)
        try:
            piece = assume(item, STRING)
        except ConversionError as error:
            detail = f"Cannot include one of the interpolation results into the string template: {error}."
            raise fail("hcl/template", "Invalid template interpolation value", detail, span) from None
        marks |= item.all_marks()
        parts.append(to_expr(piece))
    residual = template(parts, node.span)
    if isinstance(residual, Literal):
        return Value(STRING, residual.value, marks)
    return unknown(residual, STRING, marks)


def splat(node: Splat, frame: Frame) -> Value:
    target = frame.value(node.target)
    of = target.type
    sequence = is_sequence(of)
    if target.null:
        if not sequence:
            return tuple_of((), target.marks)
        detail = "Splat expressions (with the * symbol) cannot be applied to null sequences."
        raise fail("hcl/splat", "Splat of null value", detail, node.target.span or node.span)
    if not target.known:
        return _symbolic_splat(node, target, frame)
    items = target.elements() if sequence else (target.but(marks=_NO_MARKS),)
    values = [frame.bind({"*": item}).value(node.each) for item in items]
    if isinstance(of, (ListType, SetType)):
        element = unify([v.type for v in values]) if values else DYNAMIC
        if element is not None:
            return Value(ListType(element), tuple(values), target.marks)
    return tuple_of(values, target.marks)


def _symbolic_splat(node: Splat, target: Value, frame: Frame) -> Value:
    element = _element_type(target.type) if is_sequence(target.type) else target.type
    inner = frame.bind({"*": unknown(Ref("bound", "*"), element)})
    each = inner.value(node.each)
    residual = Splat(to_expr(target), to_expr(each), node.full, node.span)
    of: Type = DYNAMIC
    if isinstance(target.type, (ListType, SetType)):
        of = ListType(each.type)
    return unknown(residual, of, target.marks | each.all_marks())
