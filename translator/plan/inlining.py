"""Named values put in place of their names, without growing beyond bounds."""

from __future__ import annotations

from bakelift.translator.diagnostics import fail
from bakelift.translator.plan.expressions import Expr, transform, value_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping
    from typing import TypeVar

    Key = TypeVar("Key", bound=Hashable)

#: More nodes than this are not put in place: values that double each other grow without end.
MAX_NODES = 1_000_000
#: Named values that lie deeper in each other are refused.
MAX_DEPTH = 100


def inline_named(expr: Expr, named: Mapping[str, Expr]) -> Expr:
    """The expression with every named value put in place (a circle is left as it stands).

    Raises TemplateError (``plan/too-large``) when the result would be absurdly large or deep.
    """
    check_size(expr, named, value_name)
    done: dict[str, Expr] = {}

    def put(node: Expr, inside: tuple[str, ...]) -> Expr:
        def visit(part: Expr) -> Expr | None:
            name = value_name(part)
            if name is None or name not in named or name in inside:
                return None
            if name not in done:
                whole = put(named[name], (*inside, name))
                if inside:
                    return whole  # a circle may have been cut short here; elsewhere it is not
                done[name] = whole
            return done[name]

        return transform(node, visit)

    return put(expr, ())


def check_size(expr: Expr, values: Mapping[Key, Expr], key_of: Callable[[Expr], Key | None]) -> None:
    """Refuses an expression that would be too large, or too deep, with ``values`` put in place of their symbols.

    ``key_of``: the key of a node among ``values``, if it is a symbol of that kind.
    """
    sizes: dict[Key, int] = {}

    def size(node: Expr, inside: tuple[Key, ...]) -> int:
        if len(inside) > MAX_DEPTH:
            raise _refused(expr)
        total = 0
        for part in node.walk():
            total += 1
            key = key_of(part)
            if key is not None and key in values and key not in inside:
                if key not in sizes:
                    sizes[key] = size(values[key], (*inside, key))
                total += sizes[key]
            if total > MAX_NODES:
                raise _refused(expr)
        return total

    size(expr, ())


def _refused(expr: Expr) -> Exception:
    detail = "Its named values use each other so often, or so deeply, that it cannot be written out."
    return fail("plan/too-large", "The expression is too large", detail, expr.span)
