"""Evaluation of expressions: HCL's semantics (hclsyntax and go-cty), with partial knowledge.

What is known is computed; what is not stays an expression, folded around what is known.
"""

from __future__ import annotations

from bakelift.translator.diagnostics import TemplateError, fail
from bakelift.translator.plan.convert import assume, convert
from bakelift.translator.plan.expressions import (
    Call,
    Conditional,
    For,
    Index,
    JoinedFor,
    ListExpr,
    Literal,
    ObjectExpr,
    Opaque,
    Ref,
    Splat,
    Template,
    template,
)
from bakelift.translator.plan.frame import Frame
from bakelift.translator.plan.types import BOOL, DYNAMIC, NUMBER, STRING, ConversionError, Dynamic
from bakelift.translator.plan.values import SENSITIVE, Unknown, Value, object_of, to_expr, tuple_of, unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from bakelift.translator.plan.expressions import Expr
    from bakelift.translator.plan.scope import Scope
    from bakelift.translator.plan.types import Type

_NO_MARKS: frozenset[str] = frozenset()


def evaluate(expr: Expr, scope: Scope) -> Value:
    """The value of an expression. Raises TemplateError, with the span of the node that fails.

    What depends on symbols that the scope does not bind is unknown: ``to_expr`` gives what is left of it.
    """
    try:
        return _evaluate(expr, Frame(scope, _evaluate, {}))
    except RecursionError:
        detail = "The expression is nested too deeply to be evaluated; name parts of it as locals."
        raise fail("hcl/too-deep", "Expression nested too deeply", detail, expr.span) from None


#: Parts that a value, or what is left of its expression, may have: more is a template that means harm, or a mistake.
LARGEST = 250_000


def _evaluate(node: Expr, frame: Frame) -> Value:
    value = _RULES[type(node)](node, frame)
    if value.size > LARGEST:
        raise _too_large(node)
    return value


def _too_large(node: Expr) -> TemplateError:
    return fail("hcl/too-large", "Value too large", f"The value has more than {LARGEST:,} parts.", node.span)


def _literal(node: Literal, _: object = None) -> Value:
    raw = node.value
    if raw is None:
        return Value(DYNAMIC, None)
    if isinstance(raw, str):
        return Value(STRING, raw)
    return Value(BOOL if isinstance(raw, bool) else NUMBER, raw)


def _list(node: ListExpr, frame: Frame) -> Value:
    return tuple_of(frame.value(item) for item in node.items)


def _object(node: ObjectExpr, frame: Frame) -> Value:
    fields: dict[str, Value] = {}
    pairs: list[tuple[Value, Value]] = []
    marks = _NO_MARKS
    known = True
    for key_node, value_node in node.entries:
        key = frame.value(key_node)
        value = frame.value(value_node)
        pairs.append((key, value))
        if key.null:
            detail = "Can't use a null value as a key."
            raise fail("hcl/object-key", "Null value as key", detail, key_node.span or node.span)
        try:
            name = assume(key, STRING)
        except ConversionError as error:
            detail = f"Can't use this value as a key: {error}."
            raise fail("hcl/object-key", "Incorrect key type", detail, key_node.span or node.span) from None
        marks |= key.marks
        if name.known:
            fields[str(name.raw)] = value
        else:
            known = False
    if known:
        return object_of(fields, marks)
    size = 1
    for _, value in pairs:
        marks |= value.all_marks()
        size += value.size
    return unknown(ObjectExpr(tuple((to_expr(k), to_expr(v)) for k, v in pairs), node.span), DYNAMIC, marks, size)


def _template(node: Template, frame: Frame) -> Value:
    marks = _NO_MARKS
    size = 1
    parts: list[Expr] = []
    for part in node.parts:
        if type(part) is Literal and type(part.value) is str and len(node.parts) > 1:
            # Text as it stands: most of what templates are made of.
            size += 1 + len(part.value) // 1000
            parts.append(part if part.span is not None else Literal(part.value, node.span))
            continue
        value = frame.value(part)
        size += value.size
        if size > LARGEST:
            raise _too_large(node)
        span = part.span or node.span
        if value.null:
            detail = "The expression result is null. Cannot include a null value in a string template."
            raise fail("hcl/template", "Invalid template interpolation value", detail, span)
        try:
            text = assume(value, STRING)
        except ConversionError as error:
            detail = f"Cannot include the given value in a string template: {error}."
            raise fail("hcl/template", "Invalid template interpolation value", detail, span) from None
        marks |= value.all_marks()
        parts.append(Literal(text.raw, span) if isinstance(text.raw, str) else to_expr(value))
    if len(parts) == 1 and value.type == STRING:
        return value
    merged = template(parts, node.span)
    if isinstance(merged, Literal):
        return Value(STRING, merged.value, marks)
    return unknown(merged, STRING, marks, size)


def _ref(node: Ref, frame: Frame) -> Value:
    scope = frame.scope
    kind, name = node.kind, node.name
    if kind == "bound" and name in frame.bound:
        return frame.bound[name]
    if kind == "input":
        scope.used(name, node)
        if name in scope.inputs:
            return scope.inputs[name]
    elif kind == "named" and name in scope.named:
        return _named(node, name, scope)
    elif kind == "data" and (key := f"data.{name}") in scope.named:
        return _named(node, key, scope)
    value = scope.symbols.get((kind, name))
    if value is not None:
        return value
    if kind == "name":
        detail = f'There is no variable named "{name}".'
        raise fail("hcl/unknown-variable", "Unknown variable", detail, node.span)
    return unknown(node)


def _named(node: Ref, name: str, scope: Scope) -> Value:
    """A named value, or known data: evaluated once, its uses of inputs told again at each use."""
    if name not in scope.named_values:
        if name in scope.in_progress:
            chain = [*scope.in_progress[scope.in_progress.index(name) :], name]
            detail = f"{' -> '.join(chain)}: a named value cannot depend on itself."
            raise fail("plan/cycle", "Cycle in named values", detail, node.span)
        scope.in_progress.append(name)
        found: Value | TemplateError
        try:
            with scope.recording() as uses:
                found = evaluate(scope.named[name], scope)
            if name in scope.sensitive_named:
                found = found.marked(frozenset({SENSITIVE}))
            if scope.keep_named and node.kind == "named":
                found = _referring(found, Ref("named", name))
        except TemplateError as error:
            found = error
        finally:
            scope.in_progress.pop()
        # Each input once: what is used through others doubles at every step otherwise.
        scope.named_values[name] = (found, list({used: (used, ref) for used, ref in reversed(uses)}.values())[::-1])
    result, used = scope.named_values[name]
    for use in used:
        scope.used(*use)
    if isinstance(result, TemplateError):
        raise result
    return result


def _referring(value: Value, way: Expr) -> Value:
    """A value whose unknown parts are said by their way from a named value, instead of spelled out."""
    if value.wholly_known():
        return value
    raw = value.raw
    if isinstance(raw, tuple):
        items = tuple(_referring(item, Index(way, Literal(i))) for i, item in enumerate(raw))
        return Value(value.type, items, value.marks, way)
    if isinstance(raw, dict):
        fields = {key: _referring(item, Index(way, Literal(key))) for key, item in raw.items()}
        return Value(value.type, fields, value.marks, way)
    return unknown(way, value.type, value.marks)


def _index(node: Index, frame: Frame) -> Value:
    from bakelift.translator.plan.access import index

    # Long traversals lean to the left: walked, not recursed into.
    chain = [node]
    while isinstance(chain[-1].target, Index):
        chain.append(chain[-1].target)
    first = chain[-1].target
    value = whole = frame.value(first)
    keys = []
    while chain:
        step = chain.pop()
        keys.append((frame.value(step.key), step))
        value = index(value, keys[-1][0], step)
    if isinstance(value.raw, Unknown) and whole.known and _keeps(first, frame):
        # A table that a symbol chooses from is not written out in place of its name.
        rest = first
        for key, step in keys:
            rest = Index(rest, to_expr(key), step.span)
        return unknown(rest, value.type, value.all_marks(), value.size)
    return value


def _keeps(node: Expr, frame: Frame) -> bool:
    return frame.scope.keep_named and isinstance(node, Ref) and node.kind == "named"


def _conditional(node: Conditional, frame: Frame) -> Value:
    condition = frame.value(node.condition)
    span = node.condition.span or node.span
    if condition.null:
        detail = "The condition value is null. Conditions must either be true or false."
        raise fail("hcl/condition", "Null condition", detail, span)
    try:
        chosen = assume(condition, BOOL)
    except ConversionError:
        detail = "The condition expression must be of type bool."
        raise fail("hcl/condition", "Incorrect condition type", detail, span) from None
    if not chosen.known:
        return _undecided(node, condition, frame)
    taken, other = (node.then, node.otherwise) if chosen.raw else (node.otherwise, node.then)
    value = frame.value(taken)
    return _unified(node, value, _aside(other, frame), bool(chosen.raw)).marked(condition.marks)


def _aside(node: Expr, frame: Frame) -> Value | None:
    """The value of the branch that is not taken, for its type; None when it fails, which does not matter."""
    if isinstance(node, Literal):
        return _literal(node)
    try:
        with frame.scope.recording():
            return frame.value(node)
    except TemplateError:
        return None


def _unified(node: Conditional, value: Value, other: Value | None, then: bool) -> Value:
    """The taken branch, converted to the type that both branches share."""
    if other is None or (isinstance(value.type, Dynamic) and not value.null):
        return value
    if isinstance(other.type, Dynamic) or value.type == other.type:
        return value
    common: Type | None = other.type
    if not (value.null and isinstance(value.type, Dynamic)):
        common = _unify([value.type, other.type])
    if common is None:
        types = (value.type, other.type) if then else (other.type, value.type)
        detail = f"The true and false result expressions must have consistent types. {_difference(*types)}."
        raise fail("hcl/condition", "Inconsistent conditional result types", detail, node.span)
    try:
        return convert(value, common)
    except ConversionError as error:
        detail = f"The {'true' if then else 'false'} result value has the wrong type: {error}."
        branch = node.then if then else node.otherwise
        raise fail("hcl/condition", "Inconsistent conditional result types", detail, branch.span or node.span) from None


def _difference(then: Type, otherwise: Type) -> str:
    from bakelift.translator.plan.fitting import mismatch

    if then.name() != otherwise.name():
        return f"The 'true' value is {then.name()}, but the 'false' value is {otherwise.name()}"
    return f"The 'true' and the 'false' value differ inside: {mismatch(otherwise, then)}"


def _undecided(node: Conditional, condition: Value, frame: Frame) -> Value:
    marks = condition.marks
    size = condition.size
    branches: list[Expr] = []
    types: list[Type] = []
    for branch in (node.then, node.otherwise):
        try:
            value = frame.value(branch)
        except TemplateError:
            # It matters only if it is taken.
            branches.append(frame.closed(branch))
            types.append(DYNAMIC)
            continue
        marks |= value.all_marks()
        branches.append(to_expr(value))
        types.append(value.type)
        size += value.size
    residual = Conditional(to_expr(condition), branches[0], branches[1], node.span)
    return unknown(residual, _unify(types) or DYNAMIC, marks, size)


def _unify(types: list[Type]) -> Type | None:
    from bakelift.translator.plan.unify import unify

    return unify(types)


def _opaque(node: Opaque, _: Frame) -> Value:
    return unknown(node)


# Rules of expressions that many templates do not have are loaded when the first one is met.


def _call(node: Call, frame: Frame) -> Value:
    from bakelift.translator.plan.calls import call

    _RULES[Call] = call
    return call(node, frame)


def _loop(node: Expr, frame: Frame) -> Value:
    from bakelift.translator.plan.loops import for_expression, joined_for, splat

    _RULES.update({Splat: splat, For: for_expression, JoinedFor: joined_for})
    return _RULES[type(node)](node, frame)


_RULES: dict[type[Expr], Callable[..., Value]] = {
    Literal: _literal,
    ListExpr: _list,
    ObjectExpr: _object,
    Template: _template,
    Ref: _ref,
    Index: _index,
    Splat: _loop,
    Call: _call,
    Conditional: _conditional,
    For: _loop,
    JoinedFor: _loop,
    Opaque: _opaque,
}
