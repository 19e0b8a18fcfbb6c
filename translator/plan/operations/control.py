"""Logic, comparison, ``try``, ``can``, ``convert`` and the environment."""

from __future__ import annotations

from bakelift.translator.diagnostics import TemplateError, fail
from bakelift.translator.plan.convert import convert
from bakelift.translator.plan.expressions import Call
from bakelift.translator.plan.operations.failure import NotKnownError
from bakelift.translator.plan.types import (
    BOOL,
    DYNAMIC,
    STRING,
    ConversionError,
    ListType,
    MapType,
    Primitive,
    SetType,
    has_dynamic,
    type_from_expr,
)
from bakelift.translator.plan.values import Value, to_expr, unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.plan.expressions import Expr, Ref
    from bakelift.translator.plan.frame import Frame
    from bakelift.translator.plan.scope import Scope
    from bakelift.translator.plan.types import Type


def negation(val: bool) -> bool:
    return not val


def conjunction(a: Value, b: Value) -> Value:
    """Both sides are evaluated, and must be bools; a known false decides."""
    return _logic(a, b, decisive=False)


def disjunction(a: Value, b: Value) -> Value:
    return _logic(a, b, decisive=True)


def _logic(a: Value, b: Value, decisive: bool) -> Value:
    for side in (a, b):
        if side.known and side.raw is decisive:
            return Value(BOOL, decisive)
    if not (a.known and b.known):
        raise NotKnownError
    return Value(BOOL, not decisive)


def equal(a: Value, b: Value) -> Value:
    same = equals(a, b)
    if same is None:
        raise NotKnownError
    return Value(BOOL, same, a.all_marks() | b.all_marks())


def not_equal(a: Value, b: Value) -> Value:
    same = equal(a, b)
    return same.but(raw=not same.raw)


def equals(a: Value, b: Value) -> bool | None:
    """HCL's ``==``: types must be the same (a list is no tuple); null equals null. None when it is not known."""
    if not a.known or not b.known:
        return None
    if a.null or b.null:
        return a.null and b.null
    if not _comparable(a.type, b.type):
        return False
    left, right = a.raw, b.raw
    if isinstance(left, tuple) and isinstance(right, tuple):
        if len(left) != len(right):
            return False
        return _all(equals(x, y) for x, y in zip(left, right, strict=True))
    if isinstance(left, dict) and isinstance(right, dict):
        if left.keys() != right.keys():
            return False
        return _all(equals(left[k], right[k]) for k in left)
    return left == right


def _all(results: object) -> bool | None:
    """False when one is, else None when one is not known."""
    known: bool | None = True
    for result in results:  # type: ignore[attr-defined]
        if result is False:
            return False
        if result is None:
            known = None
    return known


def _comparable(a: Type, b: Type) -> bool:
    """Whether values of two types may be equal; elements are compared one by one."""
    if isinstance(a, Primitive) or isinstance(b, Primitive):
        return a == b
    if isinstance(a, (ListType, SetType, MapType)) and type(a) is type(b):
        return has_dynamic(a) or has_dynamic(b) or a == b
    return type(a) is type(b)


def can(frame: Frame, node: Call) -> Value:
    """Whether an expression succeeds: known only when its value is wholly known, or fails already."""
    argument = _only(node, ("expression",))[0]
    try:
        with frame.scope.recording() as uses:
            value = frame.value(argument)
    except TemplateError:
        return Value(BOOL, False)
    _replay(frame, uses)
    if value.wholly_known():
        return Value(BOOL, True)
    return unknown(Call("can", (to_expr(value),), False, node.span), BOOL, value.all_marks())


def attempt(frame: Frame, node: Call) -> Value:
    """``try``: the first expression that succeeds."""
    failures: list[str] = []
    args = node.args
    for position, argument in enumerate(args):
        try:
            with frame.scope.recording() as uses:
                value = frame.value(argument)
        except TemplateError as error:
            for diagnostic in error.diagnostics:
                where = f" (at {diagnostic.span})" if diagnostic.span else ""
                failures.append(f"- {diagnostic.summary}{where}\n  {diagnostic.detail}\n")
            continue
        _replay(frame, uses)
        if value.wholly_known():
            return value
        # It may fail yet: what follows stays, as written, for the day when it does.
        rest = tuple(frame.folded(other)[0] for other in args[position + 1 :])
        residual = Call("try", (to_expr(value), *rest), False, node.span)
        return unknown(residual, DYNAMIC, value.all_marks())
    if not args:
        message = "at least one argument is required"
    else:
        last = "At least one expression must produce a successful result"
        message = f"no expression succeeded:\n{''.join(failures)}\n{last}"
    detail = f'Call to function "try" failed: {message}.'
    raise fail("hcl/call", "Error in function call", detail, node.span)


def _replay(frame: Frame, uses: list[tuple[str, Ref]]) -> None:
    for use in uses:
        frame.scope.used(*use)


def _only(node: Call, names: tuple[str, ...]) -> tuple[Expr, ...]:
    if len(node.args) < len(names):
        missing = names[len(node.args)]
        detail = f'Function "{node.operation}" expects {len(names)} argument(s). Missing value for "{missing}".'
        raise fail("hcl/argument-count", "Not enough function arguments", detail, node.span)
    if len(node.args) > len(names):
        detail = f'Function "{node.operation}" expects only {len(names)} argument(s).'
        raise fail("hcl/argument-count", "Too many function arguments", detail, node.args[len(names)].span)
    return node.args


def convert_call(frame: Frame, node: Call) -> Value:
    """``convert(value, type)``: its second argument is a type constraint."""
    argument, constraint = _only(node, ("value", "type"))
    target = type_from_expr(constraint)
    value = frame.value(argument)
    try:
        converted = convert(value, target)
        if value.known:
            return converted
        residual = Call("convert", (to_expr(value), constraint), False, node.span)
        return unknown(residual, converted.type, value.marks)
    except ConversionError as error:
        detail = f'Invalid value for "value" parameter: {error}.'
        raise fail("hcl/argument", "Invalid function argument", detail, argument.span or node.span) from None


def environment(scope: Scope, key: str) -> Value:
    """An environment variable, "" when unset; symbolic where the scope has no environment."""
    if scope.environment is None:
        raise NotKnownError
    return Value(STRING, scope.environment.get(key, ""))
