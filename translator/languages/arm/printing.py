"""How ARM says the operations that are not one function of its own with the same arguments.

Each printer raises Unprintable where the meaning would differ. ``reading.py`` knows the same shapes.
"""

# ruff: noqa: ARG001 (all printers take the same arguments)
from __future__ import annotations

import re

from bakelift.translator.languages.arm.kinds import element_of, flat, is_list, is_object, kind_of
from bakelift.translator.languages.arm.printer import Unprintable, quoted
from bakelift.translator.languages.arm.printing_formats import (
    needs,
    print_format,
    print_formatdate,
    print_timeadd,
    text_literal,
)
from bakelift.translator.plan.expressions import Call, Index, ListExpr, Literal, Ref
from bakelift.translator.plan.types import BOOL, NUMBER, STRING, Dynamic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from bakelift.translator.languages.arm.printer import Printer
    from bakelift.translator.plan.expressions import Expr

    Print = Callable[[Printer, Call], str]


def _split(printer: Printer, expr: Call) -> str:
    separator, text = expr.args
    needs(bool(text_literal(separator)), "split needs a constant separator to mean the same in ARM", expr)
    return f"split({printer.text(text)}, {printer.text(separator)})"


def _join(printer: Printer, expr: Call) -> str:
    separator, *lists = expr.args
    for part in lists:
        needs(element_of(kind_of(part, printer.symbols)) != BOOL, "ARM joins bools as True and False", expr)
    whole = lists[0] if len(lists) == 1 else Call("concat", tuple(lists))
    return f"join({printer.text(whole)}, {printer.text(separator)})"


def _replace(printer: Printer, expr: Call) -> str:
    needs(text_literal(expr.args[1]) != "", "replacing empty text differs in ARM", expr)
    return printer.named("replace", *expr.args)


def _go_replace_all(printer: Printer, expr: Call) -> str:
    old, new, text = expr.args
    return _replace(printer, Call("replace", (text, old, new)))


def _go_replace(printer: Printer, expr: Call) -> str:
    old, new, count, text = expr.args
    needs(isinstance(count, Literal) and count.value in (-1, "-1"), "ARM replaces every occurrence", expr)
    return _replace(printer, Call("replace", (text, old, new)))


def _go_split(printer: Printer, expr: Call) -> str:
    text, separator, index = expr.args
    return printer.text(Index(Call("split", (separator, text)), index))


#: A class of single characters, or one literal: what nested replace() can say of a regular expression.
_CLASS = r"\[((?:[A-Za-z0-9 _:;,.@#%&=~<>/!-]|\\[-.\[\]])+)\]"
_PLAIN_TEXT = r"[A-Za-z0-9 _:;,@#%&=~<>/!-]+"


def _regex_replace(printer: Printer, expr: Call) -> str:
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
    result = printer.text(text)
    for character in characters:
        result = f"replace({result}, {quoted(character)}, {printer.text(new)})"
    return result


def _format(printer: Printer, expr: Call) -> str:
    shape = text_literal(expr.args[0])
    needs(shape is not None, "the shape of format() must be constant", expr)
    return print_format(printer, expr, shape or "", expr.args[1:])


def _substr(printer: Printer, expr: Call) -> str:
    text, start, count = expr.args
    source = printer.text(text)
    first = start.value if isinstance(start, Literal) else None
    needs(isinstance(first, int) and first >= 0, "the start of substr() must be a constant that is not negative", expr)
    if first:
        source = f"skip({source}, {first})"
    if count == Literal(-1):
        return source if first else f"skip({source}, 0)"
    return f"take({source}, {printer.text(count)})"


def _slice(printer: Printer, expr: Call) -> str:
    items, start, end = expr.args
    source = printer.text(items)
    if start != Literal(0):
        source = f"skip({source}, {printer.text(start)})"
    if isinstance(start, Literal) and isinstance(end, Literal):
        return f"take({source}, {int(str(end.value)) - int(str(start.value))})"
    return f"take({source}, {printer.text(end if start == Literal(0) else Call('subtract', (end, start)))})"


def _starts(printer: Printer, expr: Call) -> str:
    text, prefix = (printer.text(arg) for arg in expr.args)
    return f"equals(take({text}, length({prefix})), {prefix})"


def _ends(printer: Printer, expr: Call) -> str:
    text, suffix = (printer.text(arg) for arg in expr.args)
    return f"equals(skip({text}, sub(length({text}), length({suffix}))), {suffix})"


def _trimprefix(printer: Printer, expr: Call) -> str:
    text, prefix = (printer.text(arg) for arg in expr.args)
    return f"if({_starts(printer, expr)}, skip({text}, length({prefix})), {text})"


def _trimsuffix(printer: Printer, expr: Call) -> str:
    text, suffix = (printer.text(arg) for arg in expr.args)
    return f"if({_ends(printer, expr)}, take({text}, sub(length({text}), length({suffix}))), {text})"


def _coalesce(printer: Printer, expr: Call) -> str:
    *first, last = expr.args
    for value in expr.args:
        kind = kind_of(value, printer.symbols)
        needs(kind == STRING or isinstance(kind, Dynamic), "coalesce of what is no text differs in ARM", expr)
    result = printer.text(last)
    for value in reversed(first):
        text = printer.text(value)
        result = f"if(not(empty({text})), {text}, {result})"
    return result


def _concat(printer: Printer, expr: Call) -> str:
    return printer.named("concat", *expr.args)


def _merge(printer: Printer, expr: Call) -> str:
    if len(expr.args) == 1:
        return printer.text(expr.args[0])
    if all(flat(kind_of(arg, printer.symbols)) for arg in expr.args):
        return printer.named("union", *expr.args)
    return f"shallowMerge({printer.text(ListExpr(expr.args))})"


def _contains(printer: Printer, expr: Call) -> str:
    target, item = expr.args
    if isinstance(target, Call) and target.operation == "keys":
        target = target.args[0]
        return f"contains({printer.text(target)}, {printer.text(item)})"
    return printer.named("contains", target, item)


def _lookup(printer: Printer, expr: Call) -> str:
    needs(len(expr.args) == 3, "lookup() without a default has no counterpart in ARM", expr)
    target, key, default = expr.args
    found = printer.index(Index(target, key))
    return f"if(contains({printer.text(target)}, {printer.text(key)}), {found}, {printer.text(default)})"


def _try(printer: Printer, expr: Call) -> str:
    needs(len(expr.args) == 2 and isinstance(expr.args[0], Index), "ARM can only try to read a property", expr)
    target, default = expr.args
    path: list[str] = []
    while isinstance(target, Index):
        path.insert(0, printer.text(target.key))
        target = target.target
    return f"coalesce(tryGet({', '.join([printer.text(target), *path])}), {printer.text(default)})"


def _element(printer: Printer, expr: Call) -> str:
    items, index = expr.args
    return f"{printer.text(items)}[mod({printer.text(index)}, length({printer.text(items)}))]"


def _distinct(printer: Printer, expr: Call) -> str:
    return f"union({printer.text(expr.args[0])}, createArray())"


def _compact(printer: Printer, expr: Call) -> str:
    return f"filter({printer.text(expr.args[0])}, lambda('x', not(empty(lambdaVariables('x')))))"


def _range(printer: Printer, expr: Call) -> str:
    if len(expr.args) == 1:
        return f"range(0, {printer.text(expr.args[0])})"
    needs(len(expr.args) == 2, "range() with a step has no counterpart in ARM", expr)
    start, end = expr.args
    return f"range({printer.text(start)}, {printer.text(Call('subtract', (end, start)))})"


def _keys(printer: Printer, expr: Call) -> str:
    return f"map(items({printer.text(expr.args[0])}), lambda('e', lambdaVariables('e').key))"


def _values(printer: Printer, expr: Call) -> str:
    return f"map(items({printer.text(expr.args[0])}), lambda('e', lambdaVariables('e').value))"


def _alltrue(printer: Printer, expr: Call) -> str:
    return f"not(contains({printer.text(expr.args[0])}, false()))"


def _anytrue(printer: Printer, expr: Call) -> str:
    return f"contains({printer.text(expr.args[0])}, true())"


def _arithmetic(function: str) -> Print:
    def show(printer: Printer, expr: Call) -> str:
        return f"{function}({', '.join(printer.number(arg) for arg in expr.args)})"

    return show


def _negate(printer: Printer, expr: Call) -> str:
    return f"sub(0, {printer.number(expr.args[0])})"


def _divide(printer: Printer, expr: Call) -> str:
    raise Unprintable("ARM divides whole numbers only", expr)


def _floor(printer: Printer, expr: Call) -> str:
    inner = expr.args[0]
    if isinstance(inner, Call) and inner.operation == "divide":
        return f"div({', '.join(printer.number(arg) for arg in inner.args)})"
    return printer.number(inner)


def _equal(printer: Printer, expr: Call) -> str:
    return printer.named("equals", *expr.args)


def _not_equal(printer: Printer, expr: Call) -> str:
    return f"not({printer.named('equals', *expr.args)})"


def _not(printer: Printer, expr: Call) -> str:
    return f"not({printer.condition(expr.args[0])})"


def _logical(function: str) -> Print:
    def show(printer: Printer, expr: Call) -> str:
        args: list[Expr] = []
        node: Expr = expr
        while isinstance(node, Call) and node.operation == expr.operation and len(node.args) == 2:
            args.insert(0, node.args[1])
            node = node.args[0]
        args.insert(0, node)
        return f"{function}({', '.join(printer.condition(arg) for arg in args)})"

    return show


def _jsonencode(printer: Printer, expr: Call) -> str:
    kind = kind_of(expr.args[0], printer.symbols)
    needs(is_list(kind) or is_object(kind), "ARM makes JSON text of lists and objects only", expr)
    return printer.named("string", expr.args[0])


def _urlencode(printer: Printer, expr: Call) -> str:
    return f"replace(uriComponent({printer.text(expr.args[0])}), '%20', '+')"


def _convert(printer: Printer, expr: Call) -> str:
    value, type = expr.args
    word = type.name if isinstance(type, Ref) else ""
    if word == "string":
        return printer.part(value, alone=True)
    if word == "number":
        return printer.number(value) if kind_of(value, printer.symbols) == NUMBER else f"int({printer.text(value)})"
    if word == "bool":
        return f"bool({printer.text(value)})"
    raise Unprintable("ARM converts to text, whole numbers and bools only", expr)


def _uuidv5(printer: Printer, expr: Call) -> str:
    needs(text_literal(expr.args[0]) == "11fb06fb-712d-4ddd-98c7-e71bbd588830", "guid() has one namespace", expr)
    return f"guid({printer.text(expr.args[1])})"


def _cidrsubnet(printer: Printer, expr: Call) -> str:
    prefix, bits, number = (printer.text(arg) for arg in expr.args)
    return f"cidrSubnet({prefix}, add(parseCidr({prefix}).cidr, {bits}), {number})"


def _cidrhost(printer: Printer, expr: Call) -> str:
    number = expr.args[1].value if isinstance(expr.args[1], Literal) else None
    needs(isinstance(number, int) and number >= 1, "cidrhost() needs a constant from 1", expr)
    assert isinstance(number, int)
    return f"cidrHost({printer.text(expr.args[0])}, {number - 1})"


def _go_printf(printer: Printer, expr: Call) -> str:
    return _format(printer, expr)


def _basename(printer: Printer, expr: Call) -> str:
    return f"last(split({printer.text(expr.args[0])}, '/'))"


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
    "keys": _keys,
    "values": _values,
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
