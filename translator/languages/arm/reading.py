"""What a call of an ARM function means: the operation of the tree, by pattern where several functions say one thing."""

# ruff: noqa: ARG001, ARG005 (all readers take the same arguments)
from __future__ import annotations

import re

from bakelift.translator.diagnostics import fail
from bakelift.translator.languages.arm.functions import FUNCTIONS
from bakelift.translator.languages.arm.kinds import PLAIN, flat, is_list, is_object, kind_of
from bakelift.translator.languages.arm.reading_loops import date_add, mapped, to_object
from bakelift.translator.plan.expressions import (
    FALSE,
    NULL,
    TRUE,
    Call,
    Conditional,
    Index,
    ListExpr,
    Literal,
    ObjectExpr,
    Ref,
    Template,
    template,
)
from bakelift.translator.plan.types import BOOL, NUMBER, STRING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from bakelift.translator.diagnostics import Span
    from bakelift.translator.languages.arm.kinds import Symbols
    from bakelift.translator.plan.expressions import Expr

    Reader = Callable[[list[Expr], Span | None, Symbols], Expr | None]

#: Namespaces of ARM's own functions; any other is of the template's user functions.
_NAMESPACES = {"sys", "az"}


def call(name: str, args: list[Expr], span: Span | None = None, symbols: Symbols = PLAIN) -> Expr:
    """The node of a call. A function that ARM does not have is ``unknown:NAME``. Raises TemplateError."""
    namespace, _, bare = name.rpartition(".")
    if namespace and namespace.lower() not in _NAMESPACES:
        return Call(f"unknown:{name}", tuple(args), span=span)
    row = FUNCTIONS.get(bare.lower())
    if row is None:
        return Call(f"unknown:{name}", tuple(args), span=span)
    reader = _READERS.get(row.name)
    if reader is not None:
        found = reader(args, span, symbols)
        if found is not None:
            return found
        return Call(f"arm.{row.name}", tuple(args), span=span)
    if row.order and len(args) != len(row.order):
        wanted = f"{len(row.order)} argument{'s' if len(row.order) > 1 else ''}"
        raise fail("arm/arguments", f"{row.name}() takes {wanted}, and has {len(args)}", span=span)
    if row.order:
        args = [args[row.order.index(i)] for i in range(len(row.order))]
    return Call(row.operation, tuple(args), span=span)


def _one_name(name: str, args: list[Expr], span: Span | None) -> str | None:
    if len(args) != 1:
        raise fail("arm/arguments", f"{name}() takes one name", span=span)
    first = args[0]
    return first.value if isinstance(first, Literal) and isinstance(first.value, str) else None


def _reference(function: str, kind: str) -> Reader:
    def read(args: list[Expr], span: Span | None, symbols: Symbols) -> Expr | None:
        name = _one_name(function, args, span)
        return None if name is None else Ref(kind, name, span)  # type: ignore[arg-type]

    return read


def _text_part(part: Expr, symbols: Symbols) -> Expr:
    """A part of text: ``string(x)`` and ``toLower(string(b))`` are the conversions that a template makes itself."""
    if isinstance(part, Call) and part.operation == "lower":
        inner = part.args[0]
        if isinstance(inner, Template) and len(inner.parts) == 1 and kind_of(inner.parts[0], symbols) == BOOL:
            return inner.parts[0]
    if isinstance(part, Template) and len(part.parts) == 1:
        return part.parts[0]
    if kind_of(part, symbols) == BOOL:  # ARM's own conversion, where a template's is in lower case
        if isinstance(part, Literal):
            return Literal("True" if part.value else "False", part.span)
        return Conditional(part, Literal("True"), Literal("False"), part.span)
    return part


def _concat(args: list[Expr], span: Span | None, symbols: Symbols) -> Expr | None:
    kinds = [kind_of(arg, symbols) for arg in args]
    if any(is_list(kind) for kind in kinds):
        return Call("concat", tuple(args), span=span)
    if STRING in kinds:
        return template([_text_part(arg, symbols) for arg in args], span)
    return None


_HOLE = re.compile(r"\{\{|\}\}|\{(\d+)(?:,(-?\d+))?(?::([^{}]*))?\}")


def _format(args: list[Expr], span: Span | None, symbols: Symbols) -> Expr | None:
    first = args[0] if args else NULL
    if not isinstance(first, Literal) or not isinstance(first.value, str):
        return None
    parts: list[Expr] = []
    at = 0
    for hole in _HOLE.finditer(first.value):
        text = first.value[at : hole.start()]
        if "{" in text or "}" in text:
            return None
        parts.append(Literal(text))
        at = hole.end()
        if hole.group(1) is None:
            parts.append(Literal(hole.group(0)[0]))
            continue
        index = int(hole.group(1)) + 1
        if index >= len(args):
            raise fail("arm/arguments", f"The format {first.value!r} asks for more arguments than there are", span=span)
        if hole.group(2) or hole.group(3):
            return _padded(first.value, args)
        parts.append(_text_part(args[index], symbols))
    rest = first.value[at:]
    if "{" in rest or "}" in rest:
        return None
    return template([*parts, Literal(rest)], span)


def _padded(text: str, args: list[Expr]) -> Expr | None:
    """``format`` with widths, as HCL's verbs say them: ``{0,10}`` → ``%10s``, ``{1:D3}`` → ``%03d``."""
    verbs: list[str] = []
    values: list[Expr] = []
    at = 0
    for hole in _HOLE.finditer(text):
        verbs.append(text[at : hole.start()].replace("%", "%%"))
        at = hole.end()
        if hole.group(1) is None:
            verbs.append(hole.group(0)[0])
            continue
        width, style = hole.group(2), hole.group(3)
        if style and (width or not re.fullmatch(r"D\d+", style)):
            return None
        verbs.append(f"%0{style[1:]}d" if style else f"%{width}s" if width else "%s")
        values.append(args[int(hole.group(1)) + 1])
    verbs.append(text[at:].replace("%", "%%"))
    return Call("format", (Literal("".join(verbs)), *values))


def _string(args: list[Expr], span: Span | None, symbols: Symbols) -> Expr | None:
    if len(args) != 1:
        raise fail("arm/arguments", f"string() takes one argument, and has {len(args)}", span=span)
    kind = kind_of(args[0], symbols)
    if is_list(kind) or is_object(kind):
        return Call("jsonencode", (args[0],), span=span)
    # of a bool only in lower case is it what a template makes of it: see _lower
    return Template((args[0],), span) if kind in (STRING, NUMBER, BOOL) else None


def _lower(args: list[Expr], span: Span | None, symbols: Symbols) -> Expr | None:
    if len(args) != 1:
        raise fail("arm/arguments", f"toLower() takes one argument, and has {len(args)}", span=span)
    inner = args[0]
    if isinstance(inner, Template) and len(inner.parts) == 1 and kind_of(inner.parts[0], symbols) == BOOL:
        return inner
    return Call("lower", (inner,), span=span)


def _if(args: list[Expr], span: Span | None, symbols: Symbols) -> Expr | None:
    if len(args) != 3:
        raise fail("arm/arguments", f"if() takes three arguments, and has {len(args)}", span=span)
    condition, then, otherwise = args
    if isinstance(condition, Call):
        if condition.operation == "not" and condition.args == (Call("arm.empty", (then,)),):
            rest = otherwise.args if isinstance(otherwise, Call) and otherwise.operation == "coalesce" else (otherwise,)
            return Call("coalesce", (then, *rest), span=span)
        asked = condition.operation in {"contains", "arm.contains"} and isinstance(then, Index)
        if asked and condition.args == tuple(then.children()):
            return Call("lookup", (*condition.args, otherwise), span=span)
        if condition.operation == "equal" and isinstance(condition.args[0], Call):
            affix = _affix(condition, then, otherwise)
            if affix is not None:
                return affix
    return Conditional(condition, then, otherwise, span)


def _affix(condition: Call, then: Expr, otherwise: Expr) -> Expr | None:
    """``trimprefix`` as it is printed: ``if(equals(take(s, length(p)), p), skip(s, length(p)), s)``."""
    head, wanted = condition.args
    assert isinstance(head, Call)
    size = Call("length", (wanted,))
    if head.operation in {"arm.take", "substr"} and head.args[0] == otherwise:
        taken = head.args[1] if head.operation == "arm.take" else head.args[2]
        rest = then.args if isinstance(then, Call) and then.operation in {"arm.skip", "substr"} else ()
        if taken == size and rest[:2] == (otherwise, size):
            return Call("trimprefix", (otherwise, wanted))
    return None


def _many(operation: str) -> Reader:
    def read(args: list[Expr], span: Span | None, symbols: Symbols) -> Expr | None:
        if len(args) < 2:
            raise fail("arm/arguments", f"{operation}() takes two arguments or more", span=span)
        found = args[0]
        for arg in args[1:]:
            found = Call(operation, (found, arg), span=span)
        return found

    return read


def _not(args: list[Expr], span: Span | None, symbols: Symbols) -> Expr | None:
    if len(args) != 1:
        raise fail("arm/arguments", f"not() takes one argument, and has {len(args)}", span=span)
    inner = args[0]
    if isinstance(inner, Call) and inner.operation == "equal":
        return Call("not_equal", inner.args, span=span)
    return Call("not", (inner,), span=span)


def _contains(args: list[Expr], span: Span | None, symbols: Symbols) -> Expr | None:
    if len(args) == 2:
        kind = kind_of(args[0], symbols)
        if is_list(kind):
            return Call("contains", tuple(args), span=span)
        if kind == STRING:
            return Call("strcontains", tuple(args), span=span)
    return None


def _take(args: list[Expr], span: Span | None, symbols: Symbols) -> Expr | None:
    if len(args) != 2:
        return None
    whole, count = args
    inner = whole.args if isinstance(whole, Call) and whole.operation == "arm.skip" else None
    if inner is None and isinstance(whole, Call) and whole.operation == "substr" and whole.args[2] == Literal(-1):
        inner = whole.args[:2]
    target, start = inner or (whole, Literal(0))
    if kind_of(target, symbols) == STRING and _is_position(start):
        return Call("substr", (target, start, count), span=span)
    return None


def _skip(args: list[Expr], span: Span | None, symbols: Symbols) -> Expr | None:
    if len(args) == 2 and kind_of(args[0], symbols) == STRING and _is_position(args[1]):
        return Call("substr", (args[0], args[1], Literal(-1)), span=span)
    return None


def _is_position(start: Expr) -> bool:
    """Whether HCL's substr starts where ARM's skip does: it counts a negative start from the end."""
    return isinstance(start, Literal) and isinstance(start.value, int) and start.value >= 0


def _union(args: list[Expr], span: Span | None, symbols: Symbols) -> Expr | None:
    kinds = [kind_of(arg, symbols) for arg in args]
    if len(args) == 2 and is_list(kinds[0]) and args[1] == ListExpr(()):
        return Call("distinct", (args[0],), span=span)
    return Call("merge", tuple(args), span=span) if kinds and all(flat(kind) for kind in kinds) else None


def _shallow_merge(args: list[Expr], span: Span | None, symbols: Symbols) -> Expr | None:
    if len(args) == 1 and isinstance(args[0], ListExpr):
        return Call("merge", args[0].items, span=span)
    return None


def _create_object(args: list[Expr], span: Span | None, symbols: Symbols) -> Expr | None:
    if len(args) % 2:
        raise fail("arm/arguments", "createObject() takes pairs of a key and a value", span=span)
    return ObjectExpr(tuple(zip(args[::2], args[1::2], strict=True)), span)


def _coalesce(args: list[Expr], span: Span | None, symbols: Symbols) -> Expr | None:
    if len(args) == 2 and isinstance(args[0], Call) and args[0].operation == "arm.tryGet" and len(args[0].args) > 1:
        target, *path = args[0].args
        for key in path:
            target = Index(target, key)
        return Call("try", (target, args[1]), span=span)
    return None


def _range(args: list[Expr], span: Span | None, symbols: Symbols) -> Expr | None:
    return Call("range", (args[1],), span=span) if len(args) == 2 and args[0] == Literal(0) else None


def _int(args: list[Expr], span: Span | None, symbols: Symbols) -> Expr | None:
    return Literal(args[0].value, span) if len(args) == 1 and _is_int(args[0]) else None  # type: ignore[attr-defined]


def _is_int(expr: Expr) -> bool:
    return isinstance(expr, Literal) and kind_of(expr) == NUMBER


def _json(args: list[Expr], span: Span | None, symbols: Symbols) -> Expr | None:
    """``json('0.5')`` is how an expression says a number that is not a small whole one."""
    if len(args) == 1 and isinstance(args[0], Literal) and isinstance(args[0].value, str):
        text = args[0].value
        if text == "null":
            return NULL
        if re.fullmatch(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", text):
            from bakelift.translator.plan.values import number

            return Literal(number(text), span)  # type: ignore[arg-type]
    return Call("jsondecode", tuple(args), span=span)


def _constant(value: Expr) -> Reader:
    return lambda args, span, symbols: value if not args else None


_READERS: dict[str, Reader] = {
    "parameters": _reference("parameters", "input"),
    "variables": _reference("variables", "named"),
    "lambdaVariables": _reference("lambdaVariables", "bound"),
    "concat": _concat,
    "format": _format,
    "string": _string,
    "toLower": _lower,
    "if": _if,
    "and": _many("and"),
    "or": _many("or"),
    "not": _not,
    "contains": _contains,
    "take": _take,
    "skip": _skip,
    "union": _union,
    "shallowMerge": _shallow_merge,
    "createArray": lambda args, span, symbols: ListExpr(tuple(args), span),
    "createObject": _create_object,
    "coalesce": _coalesce,
    "range": _range,
    "int": _int,
    "json": _json,
    "dateTimeAdd": date_add,
    "map": mapped,
    "toObject": to_object,
    "true": _constant(TRUE),
    "false": _constant(FALSE),
    "null": _constant(NULL),
}
