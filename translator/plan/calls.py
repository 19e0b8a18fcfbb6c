"""Calls of operations: arguments are evaluated, converted and checked as HCL does, then the implementation runs."""

from __future__ import annotations

from bakelift.translator.diagnostics import TemplateError, fail
from bakelift.translator.plan.convert import assume, convert
from bakelift.translator.plan.expressions import Call
from bakelift.translator.plan.operations.failure import ArgumentError, NotKnownError, OperationError
from bakelift.translator.plan.operations.table import SYMBOLIC_PREFIXES, names, operation
from bakelift.translator.plan.suggest import did_you_mean
from bakelift.translator.plan.types import BOOL, DYNAMIC, ConversionError, Dynamic
from bakelift.translator.plan.values import (
    SENSITIVE,
    Value,
    from_python,
    is_sequence,
    to_expr,
    to_python,
    unknown,
    unmarked,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from bakelift.translator.diagnostics import Diagnostic, Span
    from bakelift.translator.plan.frame import Frame
    from bakelift.translator.plan.operations.signature import Operation

#: Operators, with what messages call their operands.
OPERANDS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("negate", "not"), ("unary",)),
    **dict.fromkeys(
        (
            "add",
            "subtract",
            "multiply",
            "divide",
            "modulo",
            "and",
            "or",
            "equal",
            "not_equal",
            "less",
            "less_equal",
            "greater",
            "greater_equal",
        ),
        ("left", "right"),
    ),
}


_LOGICAL = ("and", "or")

#: Reasons quote the arguments: with a sensitive one among them, none is given.
HIDDEN = "an argument is sensitive, so the reason is not shown"


def call(node: Call, frame: Frame) -> Value:
    # A chain of operators leans to the left, as deep as it is long: it is walked, not recursed into.
    chain = [node]
    while _leans(chain[-1]):
        chain.append(chain[-1].args[0])  # type: ignore[arg-type]
    first: Value | TemplateError | None = None
    while chain:
        part = chain.pop()
        try:
            first = _logical(part, frame, first) if part.operation in _LOGICAL else _call(part, frame, first)
        except TemplateError as error:
            if not chain or chain[-1].operation not in _LOGICAL:
                raise
            first = error
    assert isinstance(first, Value)
    return first


def _leans(node: Call) -> bool:
    first = node.args[0] if len(node.args) == 2 else None
    return node.operation in OPERANDS and isinstance(first, Call) and first.operation in OPERANDS


def _logical(node: Call, frame: Frame, first: Value | TemplateError | None) -> Value:
    """``&&``, ``||``: a side that decides alone makes the other's error, or null, not matter (hclsyntax 2.24)."""
    sides: list[Value | TemplateError] = []
    spans = [arg.span or node.span for arg in node.args]
    for index, arg in enumerate(node.args):
        try:
            side = frame.value(arg) if index or first is None else first
        except TemplateError as error:
            side = error
        if isinstance(side, Value):
            try:
                side = assume(side, BOOL)
            except ConversionError as error:
                raise _unfit_operand(node.operation, index, error, spans[index]) from None
        sides.append(side)
    values = [side for side in sides if isinstance(side, Value)]
    decisive = node.operation == "or"
    if any(side.raw is decisive for side in values):
        return Value(BOOL, decisive, _all_marks(values))
    problems = [diagnostic for side in sides if isinstance(side, TemplateError) for diagnostic in side.diagnostics]
    if problems:
        raise TemplateError(*problems)
    return _call(node, frame, values[0], values[1:])


def _call(node: Call, frame: Frame, first: Value | TemplateError | None, rest: Sequence[Value] = ()) -> Value:
    """``first``, ``rest``: arguments that have been evaluated."""
    row = operation(node.operation)
    if row is None:
        return _unlisted(node, frame)
    if row.form == "lazy":
        return row.load()(frame, node)  # type: ignore[no-any-return]
    given: list[Value] = [*([first] if isinstance(first, Value) else []), *rest]
    given += [frame.value(arg) for arg in node.args[len(given) :]]
    spans = [arg.span or node.span for arg in node.args]
    if node.expand:
        spread = _spread(given, spans)
        if spread is not None:
            residual = Call(row.name, tuple(map(to_expr, given)), True, node.span)
            return unknown(residual, row.result, spread, _size(given))
    _check_count(row, node, len(given), spans)
    args = _arguments(row, node, given, spans)
    return apply(row, args, given, node, frame, spans)


def apply(
    row: Operation, args: list[Value], given: list[Value], node: Call, frame: Frame, spans: list[Span | None]
) -> Value:
    """Runs an operation on converted arguments; ``given``: the same before conversion, for the residual."""
    deep = row.form not in {"shapes", "partial"}
    marks = frozenset().union(*((v.all_marks() if deep else v.marks) for v in args)) if args else frozenset()
    residual = Call(node.operation, tuple(map(to_expr, given)), False, node.span)
    if row.form == "symbolic" or not (
        row.form == "partial" or all(v.wholly_known() if deep else v.known for v in args)
    ):
        return unknown(residual, row.result, marks | _all_marks(given), _size(given))
    try:
        result = _run(row, args, frame)
    except NotKnownError:
        return unknown(residual, row.result, _all_marks(given), _size(given))
    except OperationError as error:
        if SENSITIVE in _all_marks(given):
            raise failed_call(row.name, HIDDEN, node.span) from None
        raise _failed(row, node, error, spans) from None
    except TemplateError:
        if SENSITIVE in _all_marks(given):
            raise failed_call(row.name, HIDDEN, node.span) from None
        raise
    return result.marked(marks) if marks else result


def _run(row: Operation, args: list[Value], frame: Frame) -> Value:
    implementation = row.load()
    if row.form in {"shapes", "partial"}:
        return implementation(*args)  # type: ignore[no-any-return]
    if row.form == "values":
        return implementation(*map(unmarked, args))  # type: ignore[no-any-return]
    plain = map(to_python, args)
    raw = implementation(frame.scope, *plain) if row.form == "scoped" else implementation(*plain)
    value = raw if isinstance(raw, Value) else from_python(raw)
    return value if isinstance(row.result, Dynamic) else convert(value, row.result)


def _size(values: list[Value]) -> int:
    return 1 + sum(value.size for value in values)


def _all_marks(values: list[Value]) -> frozenset[str]:
    return frozenset().union(*(v.all_marks() for v in values)) if values else frozenset()


def _spread(given: list[Value], spans: list[Span | None]) -> frozenset[str] | None:
    """Puts the elements of the last argument in its place; the marks when it is not known, so cannot be."""
    last = given[-1]
    summary = "Invalid expanding argument value"
    if last.null:
        detail = "The expanding argument (indicated by ...) must not be null."
        raise fail("hcl/argument", summary, detail, spans[-1])
    if not is_sequence(last.type) and not isinstance(last.type, Dynamic):
        detail = "The expanding argument (indicated by ...) must be of a tuple, list, or set type."
        raise fail("hcl/argument", summary, detail, spans[-1])
    if not last.known:
        return _all_marks(given)
    items = last.elements()
    given[-1:] = [item.marked(last.marks) for item in items]
    spans[-1:] = [spans[-1]] * len(items)
    return None


def _check_count(row: Operation, node: Call, count: int, spans: list[Span | None]) -> None:
    shown = shown_name(row.name)
    fewest = row.required
    if count < fewest:
        qualifier = " at least" if row.rest is not None or len(row.parameters) > fewest else ""
        missing = row.parameters[count].name
        detail = f'Function "{shown}" expects{qualifier} {fewest} argument(s). Missing value for "{missing}".'
        raise fail("hcl/argument-count", "Not enough function arguments", detail, node.span)
    if row.rest is None and count > len(row.parameters):
        detail = f'Function "{shown}" expects only {len(row.parameters)} argument(s).'
        raise fail("hcl/argument-count", "Too many function arguments", detail, spans[len(row.parameters)])


def _arguments(row: Operation, node: Call, given: list[Value], spans: list[Span | None]) -> list[Value]:
    """The arguments converted to their parameters' types; says of every one that does not fit."""
    args: list[Value] = []
    problems: list[Diagnostic] = []
    for index, value in enumerate(given):
        try:
            args.append(_argument(row, node, index, value, spans[index]))
        except TemplateError as error:
            problems += error.diagnostics
    if problems:
        raise TemplateError(*problems)
    return args


def _argument(row: Operation, node: Call, index: int, value: Value, span: Span | None) -> Value:
    parameter = row.parameter(index)
    try:
        converted = assume(value, parameter.type)
    except ConversionError as error:
        if row.name in OPERANDS:
            raise _unfit_operand(row.name, index, error, span) from None
        raise _bad_argument(parameter.name, str(error), span) from None
    if converted.null and not parameter.nullable:
        message = "argument must not be null"
        if row.name in OPERANDS:
            raise fail("hcl/operation", "Operation failed", f"Error during operation: {message}.", node.span)
        raise _bad_argument(parameter.name, message, span)
    return converted


def _unfit_operand(operation: str, index: int, error: ConversionError, span: Span | None) -> TemplateError:
    detail = f"Unsuitable value for {OPERANDS[operation][index]} operand: {error}."
    return fail("hcl/operand", "Invalid operand", detail, span)


def _bad_argument(name: str, message: str, span: Span | None) -> TemplateError:
    detail = f'Invalid value for "{name}" parameter: {message}.'
    return fail("hcl/argument", "Invalid function argument", detail, span)


def _failed(row: Operation, node: Call, error: OperationError, spans: list[Span | None]) -> TemplateError:
    if row.name in OPERANDS:
        return fail("hcl/operation", "Operation failed", f"Error during operation: {error}.", node.span)
    if isinstance(error, ArgumentError):
        span = spans[error.index] if error.index < len(spans) else node.span
        return _bad_argument(row.parameter(error.index).name, str(error), span)
    return failed_call(row.name, str(error), node.span)


def failed_call(name: str, message: str, span: Span | None) -> TemplateError:
    """The error of a call that its implementation refused."""
    detail = f'Call to function "{shown_name(name)}" failed: {message}.'
    return fail("hcl/call", "Error in function call", detail, span)


def shown_name(name: str) -> str:
    """An operation's name as its language writes it."""
    return name.split(".", 1)[1] if name.startswith(SYMBOLIC_PREFIXES) else name


def _unlisted(node: Call, frame: Frame) -> Value:
    """An operation without a row: a function that nobody has, or one of another language that only it can run."""
    if node.operation.startswith(SYMBOLIC_PREFIXES):
        values = [frame.value(arg) for arg in node.args]
        residual = Call(node.operation, tuple(map(to_expr, values)), node.expand, node.span)
        return unknown(residual, DYNAMIC, _all_marks(values), _size(values))
    wrong = node.operation.removeprefix("unknown:")
    if "::" in wrong:
        namespace = wrong[: wrong.rindex("::") + 2]
        detail = f'There are no functions in namespace "{namespace}".'
    else:
        detail = f'There is no function named "{wrong}".{did_you_mean(wrong, names())}'
    raise fail("hcl/unknown-function", "Call to unknown function", detail, node.span)
