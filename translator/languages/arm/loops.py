"""For expressions and splats, as ``map``, ``filter`` and ``toObject`` with lambdas."""

from __future__ import annotations

from bakelift.translator.languages.arm.kinds import element_of, is_list, is_object, kind_of
from bakelift.translator.languages.arm.printer import Printer, Unprintable
from bakelift.translator.languages.arm.terms import Term, apply
from bakelift.translator.plan.expressions import For, Index, JoinedFor, Literal, Ref, Splat, transform
from bakelift.translator.plan.types import BOOL, STRING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.plan.expressions import Expr


def print_loop(printer: Printer, expr: For | Splat | JoinedFor) -> Term:
    if isinstance(expr, JoinedFor):
        if kind_of(expr.loop.value, printer.symbols) == BOOL:
            raise Unprintable("ARM joins bools as True and False", expr)
        return apply("join", _for(printer, expr.loop), "")
    if isinstance(expr, Splat):
        return _splat(printer, expr)
    return _for(printer, expr)


def _splat(printer: Printer, expr: Splat) -> Term:
    kind = kind_of(expr.target, printer.symbols)
    if not is_list(kind):
        raise Unprintable("a splat of what may be no list has no counterpart in ARM", expr)
    if expr.each == Ref("bound", "*"):
        return printer.term(expr.target)

    def rename(node: Expr) -> Expr | None:
        return Ref("bound", "x") if node == Ref("bound", "*") else None

    return apply("map", printer.term(expr.target), apply("lambda", "x", printer.term(transform(expr.each, rename))))


def _for(printer: Printer, expr: For) -> Term:
    kind = kind_of(expr.collection, printer.symbols)
    if is_object(kind):
        return _over_object(printer, expr)
    if not is_list(kind):
        raise Unprintable("ARM loops over lists and objects whose kind is known", expr)
    if expr.key_name is not None and (expr.key is not None or expr.condition is not None):
        raise Unprintable("this loop uses the index of its elements, which ARM cannot", expr)
    inner = Printer(printer.symbols.with_types({("bound", expr.value_name): element_of(kind)}))
    return _loop(inner, expr, printer.term(expr.collection), expr.value_name)


def _over_object(printer: Printer, expr: For) -> Term:
    kind = kind_of(expr.collection, printer.symbols)

    def entries(node: Expr) -> Expr | None:
        if node == Ref("bound", expr.value_name):
            return Index(Ref("bound", "e"), Literal("value"))
        if expr.key_name is not None and node == Ref("bound", expr.key_name):
            return Index(Ref("bound", "e"), Literal("key"))
        return None

    from bakelift.translator.plan.types import ObjectType

    entry = ObjectType({"key": STRING, "value": element_of(kind)})
    inner = Printer(printer.symbols.with_types({("bound", "e"): entry}))
    changed = expr.but(
        key=None if expr.key is None else transform(expr.key, entries),
        value=transform(expr.value, entries),
        condition=None if expr.condition is None else transform(expr.condition, entries),
        key_name=None,
    )
    return _loop(inner, changed, printer.named("items", expr.collection), "e")


def _loop(inner: Printer, expr: For, source: Term, name: str) -> Term:
    if expr.condition is not None:
        source = apply("filter", source, apply("lambda", name, inner.condition(expr.condition)))
    value = apply("lambda", name, inner.term(expr.value))
    if expr.key is not None:
        function = "groupBy" if expr.group else "toObject"
        return apply(function, source, apply("lambda", name, inner.term(expr.key)), value)
    if expr.key_name is not None:
        value = apply("lambda", name, expr.key_name, inner.term(expr.value))
    return apply("map", source, value)
