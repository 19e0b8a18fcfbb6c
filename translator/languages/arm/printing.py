"""How ARM says the operations that are not one function of its own with the same arguments.

Each printer raises Unprintable where the meaning would differ. ``reading.py`` knows the same shapes.
"""

# ruff: noqa: ARG001 (all printers take the same arguments)
from __future__ import annotations

import re

from bakelift.translator.languages.arm.kinds import element_of, flat, is_list, is_object, kind_of
from bakelift.translator.languages.arm.printer import Unprintable
from bakelift.translator.languages.arm.printing_formats import (
    needs,
    print_format,
    print_formatdate,
    print_timeadd,
    text_literal,
)
from bakelift.translator.languages.arm.terms import Apply, Property, Text, apply
from bakelift.translator.plan.expressions import Call, Index, ListExpr, Literal, Ref
from bakelift.translator.plan.types import BOOL, NUMBER, STRING, Dynamic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from bakelift.translator.languages.arm.printer import Printer
    from bakelift.translator.languages.arm.terms import Term
    from bakelift.translator.plan.expressions import Expr

    Print = Callable[[Printer, Call], Term]


def _split(printer: Printer, expr: Call) -> Term:
    separator, text = expr.args
    needs(bool(text_literal(separator)), "split needs a constant separator to mean the same in ARM", expr)
    return printer.named("split", text, separator)


def _join(printer: Printer, expr: Call) -> Term:
    separator, *lists = expr.args
    for part in lists:
        needs(element_of(kind_of(part, printer.symbols)) != BOOL, "ARM joins bools as True and False", expr)
    whole = lists[0] if len(lists) == 1 else Call("concat", tuple(lists))
    return printer.named("join", whole, separator)


def _replace(printer: Printer, expr: Call) -> Term:
    needs(text_literal(expr.args[1]) != "", "replacing empty text differs in ARM", expr)
    return printer.named("replace", *expr.args)


def _go_replace_all(printer: Printer, expr: Call) -> Term:
    old, new, text = expr.args
    return _replace(printer, Call("replace", (text, old, new)))


def _go_replace(printer: Printer, expr: Call) -> Term:
    old, new, count, text = expr.args
    needs(isinstance(count, Literal) and count.value in (-1, "-1"), "ARM replaces every occurrence", expr)
    return _replace(printer, Call("replace", (text, old, new)))


def _go_split(printer: Printer, expr: Call) -> Term:
    text, separator, index = expr.args
    return printer.term(Index(Call("split", (separator, text)), index))


#: A class of single characters, or one literal: what nested replace() can say of a regular expression.
_CLASS = r"\[((?:[A-Za-z0-9 _:;,.@#%&=~<>/!-]|\\[-.\[\]])+)\]"
_PLAIN_TEXT = r"[A-Za-z0-9 _:;,@#%&=~<>/!-]+"


def _regex_replace(printer: Printer, expr: Call) -> Term:
    text, pattern, new = expr.args
    regex = text_literal(pattern)
    value = text_literal(new)
    if regex is None or value is None or "$" in value:
        raise Unprintable("ARM has no regular expressions", expr)
    found = re.fullmatch(_CLASS, regex)
    if found is None:
        needs(re.fullmatch(_PLAIN_TEXT, regex) is not None, "ARM has no regular expressions", expr)
        return _replace(printer, Call("replace", (text, pattern, new)))
    inside = found.group(1)
    ranged = re.search(r"[A-Za-z0-9]-[A-Za-z0-9]", inside)
    needs(ranged is None, "ARM has no regular expressions", expr)
    characters = re.sub(r"\\(.)", r"\1", inside)
    needs(value not in characters or value == "", "replacing one after another would differ", expr)
    result = printer.term(text)
    for character in characters:
        result = apply("replace", result, character, printer.term(new))
    return result


def _format(printer: Printer, expr: Call) -> Term:
    shape = text_literal(expr.args[0])
    needs(shape is not None, "the shape of format() must be constant", expr)
    return print_format(printer, expr, shape or "", expr.args[1:])


def _substr(printer: Printer, expr: Call) -> Term:
    text, start, count = expr.args
    source = printer.term(text)
    first = start.value if isinstance(start, Literal) else None
    needs(isinstance(first, int) and first >= 0, "the start of substr() must be a constant that is not negative", expr)
    assert isinstance(first, int)
    if first:
        source = apply("skip", source, first)
    if count == Literal(-1):
        return source if first else apply("skip", source, 0)
    return apply("take", source, printer.term(count))


def _slice(printer: Printer, expr: Call) -> Term:
    items, start, end = expr.args
    source = printer.term(items)
    if start != Literal(0):
        source = apply("skip", source, printer.term(start))
    if isinstance(start, Literal) and isinstance(end, Literal):
        return apply("take", source, int(str(end.value)) - int(str(start.value)))
    return apply("take", source, printer.term(end if start == Literal(0) else Call("subtract", (end, start))))


def _starts(printer: Printer, expr: Call) -> Term:
    text, prefix = (printer.term(arg) for arg in expr.args)
    return apply("equals", apply("take", text, apply("length", prefix)), prefix)


def _ends(printer: Printer, expr: Call) -> Term:
    text, suffix = (printer.term(arg) for arg in expr.args)
    return apply("equals", apply("skip", text, _rest(text, suffix)), suffix)


def _rest(text: Term, suffix: Term) -> Term:
    if isinstance(suffix, Text) and suffix.value.isascii():
        return apply("sub", apply("length", text), len(suffix.value))
    return apply("sub", apply("length", text), apply("length", suffix))


def _trimprefix(printer: Printer, expr: Call) -> Term:
    text, prefix = (printer.term(arg) for arg in expr.args)
    return apply("if", _starts(printer, expr), apply("skip", text, apply("length", prefix)), text)


def _trimsuffix(printer: Printer, expr: Call) -> Term:
    text, suffix = (printer.term(arg) for arg in expr.args)
    return apply("if", _ends(printer, expr), apply("take", text, _rest(text, suffix)), text)


def _coalesce(printer: Printer, expr: Call) -> Term:
    *first, last = expr.args
    for value in expr.args:
        kind = kind_of(value, printer.symbols)
        needs(kind == STRING or isinstance(kind, Dynamic), "coalesce of what is no text differs in ARM", expr)
    result = printer.term(last)
    for value in reversed(first):
        term = printer.term(value)
        result = apply("if", apply("not", apply("empty", term)), term, result)
    return result


def _concat(printer: Printer, expr: Call) -> Term:
    return printer.named("concat", *expr.args)


def _merge(printer: Printer, expr: Call) -> Term:
    if len(expr.args) == 1:
        return printer.term(expr.args[0])
    if all(flat(kind_of(arg, printer.symbols)) for arg in expr.args):
        return printer.named("union", *expr.args)
    return printer.named("shallowMerge", ListExpr(expr.args))


def _contains(printer: Printer, expr: Call) -> Term:
    target, item = expr.args
    if isinstance(target, Call) and target.operation == "keys":
        target = target.args[0]
    return printer.named("contains", target, item)


def _lookup(printer: Printer, expr: Call) -> Term:
    needs(len(expr.args) == 3, "lookup() without a default has no counterpart in ARM", expr)
    target, key, default = expr.args
    found = printer.index(Index(target, key))
    return apply("if", printer.named("contains", target, key), found, printer.term(default))


def _try(printer: Printer, expr: Call) -> Term:
    needs(len(expr.args) == 2 and isinstance(expr.args[0], Index), "ARM can only try to read a property", expr)
    target, default = expr.args
    path: list[Expr] = []
    while isinstance(target, Index):
        path.append(target.key)
        target = target.target
    return apply("coalesce", printer.named("tryGet", target, *reversed(path)), printer.term(default))


def _element(printer: Printer, expr: Call) -> Term:
    items, index = expr.args
    if index == Literal(0):
        return Property(printer.term(items), printer.term(index))  # any list's first: nothing to wrap around
    return Property(printer.term(items), apply("mod", printer.term(index), printer.named("length", items)))


def _distinct(printer: Printer, expr: Call) -> Term:
    return apply("union", printer.term(expr.args[0]), apply("createArray"))


def _compact(printer: Printer, expr: Call) -> Term:
    kept = apply("not", apply("empty", apply("lambdaVariables", "x")))
    return apply("filter", printer.term(expr.args[0]), apply("lambda", "x", kept))


def _range(printer: Printer, expr: Call) -> Term:
    if len(expr.args) == 1:
        return apply("range", 0, printer.term(expr.args[0]))
    needs(len(expr.args) == 2, "range() with a step has no counterpart in ARM", expr)
    start, end = expr.args
    return printer.named("range", start, Call("subtract", (end, start)))


def _items(part: str) -> Print:
    def show(printer: Printer, expr: Call) -> Term:
        entry = Property(apply("lambdaVariables", "e"), Text(part))
        return apply("map", printer.named("items", *expr.args), apply("lambda", "e", entry))

    return show


def _alltrue(printer: Printer, expr: Call) -> Term:
    return apply("not", apply("contains", printer.term(expr.args[0]), apply("false")))


def _anytrue(printer: Printer, expr: Call) -> Term:
    return apply("contains", printer.term(expr.args[0]), apply("true"))


def _arithmetic(function: str) -> Print:
    def show(printer: Printer, expr: Call) -> Term:
        return Apply(function, tuple([printer.number(arg) for arg in expr.args]))

    return show


def _negate(printer: Printer, expr: Call) -> Term:
    return apply("sub", 0, printer.number(expr.args[0]))


def _divide(printer: Printer, expr: Call) -> Term:
    raise Unprintable("ARM divides whole numbers only", expr)


def _floor(printer: Printer, expr: Call) -> Term:
    inner = expr.args[0]
    if isinstance(inner, Call) and inner.operation == "divide":
        return Apply("div", tuple([printer.number(arg) for arg in inner.args]))
    return printer.number(inner)


def _equal(printer: Printer, expr: Call) -> Term:
    return printer.named("equals", *expr.args)


def _not_equal(printer: Printer, expr: Call) -> Term:
    return apply("not", printer.named("equals", *expr.args))


def _not(printer: Printer, expr: Call) -> Term:
    return apply("not", printer.condition(expr.args[0]))


def _logical(function: str) -> Print:
    def show(printer: Printer, expr: Call) -> Term:
        args: list[Expr] = []
        node: Expr = expr
        while isinstance(node, Call) and node.operation == expr.operation and len(node.args) == 2:
            args.insert(0, node.args[1])
            node = node.args[0]
        args.insert(0, node)
        return Apply(function, tuple([printer.condition(arg) for arg in args]))

    return show


def _jsonencode(printer: Printer, expr: Call) -> Term:
    kind = kind_of(expr.args[0], printer.symbols)
    needs(is_list(kind) or is_object(kind), "ARM makes JSON text of lists and objects only", expr)
    return printer.named("string", expr.args[0])


def _urlencode(printer: Printer, expr: Call) -> Term:
    return apply("replace", printer.named("uriComponent", *expr.args), "%20", "+")


def _convert(printer: Printer, expr: Call) -> Term:
    value, type = expr.args
    word = type.name if isinstance(type, Ref) else ""
    if word == "string":
        return printer.part(value, alone=True)
    if word == "number":
        return printer.number(value) if kind_of(value, printer.symbols) == NUMBER else printer.named("int", value)
    if word == "bool":
        return printer.named("bool", value)
    raise Unprintable("ARM converts to text, whole numbers and bools only", expr)


def _uuidv5(printer: Printer, expr: Call) -> Term:
    needs(text_literal(expr.args[0]) == "11fb06fb-712d-4ddd-98c7-e71bbd588830", "guid() has one namespace", expr)
    return printer.named("guid", expr.args[1])


def _cidrsubnet(printer: Printer, expr: Call) -> Term:
    prefix, bits, number = (printer.term(arg) for arg in expr.args)
    length = Property(apply("parseCidr", prefix), Text("cidr"))
    return apply("cidrSubnet", prefix, apply("add", length, bits), number)


def _cidrhost(printer: Printer, expr: Call) -> Term:
    number = expr.args[1].value if isinstance(expr.args[1], Literal) else None
    needs(isinstance(number, int) and number >= 1, "cidrhost() needs a constant from 1", expr)
    assert isinstance(number, int)
    return apply("cidrHost", printer.term(expr.args[0]), number - 1)


def _go_printf(printer: Printer, expr: Call) -> Term:
    return _format(printer, expr)


def _basename(printer: Printer, expr: Call) -> Term:
    return apply("last", apply("split", printer.term(expr.args[0]), "/"))


PRINTERS: dict[str, Print] = {
    "split": _split,
    "join": _join,
    "replace": _replace,
    "regex_replace": _regex_replace,
    "formatdate": print_formatdate,
    "timeadd": print_timeadd,
    "format": _format,
    "substr": _substr,
    "slice": _slice,
    "startswith": _starts,
    "endswith": _ends,
    "trimprefix": _trimprefix,
    "trimsuffix": _trimsuffix,
    "coalesce": _coalesce,
    "concat": _concat,
    "merge": _merge,
    "contains": _contains,
    "strcontains": _contains,
    "lookup": _lookup,
    "try": _try,
    "element": _element,
    "distinct": _distinct,
    "compact": _compact,
    "range": _range,
    "keys": _items("key"),
    "values": _items("value"),
    "alltrue": _alltrue,
    "anytrue": _anytrue,
    "add": _arithmetic("add"),
    "subtract": _arithmetic("sub"),
    "multiply": _arithmetic("mul"),
    "modulo": _arithmetic("mod"),
    "negate": _negate,
    "divide": _divide,
    "floor": _floor,
    "less": _arithmetic("less"),
    "less_equal": _arithmetic("lessOrEquals"),
    "greater": _arithmetic("greater"),
    "greater_equal": _arithmetic("greaterOrEquals"),
    "equal": _equal,
    "not_equal": _not_equal,
    "not": _not,
    "and": _logical("and"),
    "or": _logical("or"),
    "jsonencode": _jsonencode,
    "urlencode": _urlencode,
    "convert": _convert,
    "uuidv5": _uuidv5,
    "cidrsubnet": _cidrsubnet,
    "cidrhost": _cidrhost,
    "basename": _basename,
    "go.replace_all": _go_replace_all,
    "go.replace": _go_replace,
    "go.split": _go_split,
    "go.printf": _go_printf,
    "go.upper": lambda printer, expr: printer.named("toUpper", *expr.args),
    "go.lower": lambda printer, expr: printer.named("toLower", *expr.args),
}
