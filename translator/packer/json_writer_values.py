"""Expressions as the values of a legacy JSON template: JSON where they are constant, else Go templates in strings."""

from __future__ import annotations

import re

from bakelift.translator.languages.go_template.functions import is_text
from bakelift.translator.languages.go_template.printer import Unprintable, print_template
from bakelift.translator.packer.json_reader_fields import HOLES, rendered_again
from bakelift.translator.plan.expressions import (
    Call,
    Conditional,
    Expr,
    Index,
    ListExpr,
    Literal,
    ObjectExpr,
    Ref,
    Template,
    transform,
)
from bakelift.translator.plan.inlining import inline_named
from bakelift.translator.plan.normal import normal_expr

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bakelift.translator.diagnostics import Span
    from bakelift.translator.packer.tables.rows import Option

    Data = str | int | float | bool | None | list["Data"] | dict[str, "Data"]


class Values:
    """``named``: what the template calls locals. ``cannot_say`` hears what has no form; ``refused`` counts it."""

    def __init__(self, named: Mapping[str, Expr], cannot_say: Callable[[str, Span | None], None]) -> None:
        self.named = named
        self._tell = cannot_say
        self.refused = 0

    def cannot_say(self, what: str, span: Span | None) -> None:
        self.refused += 1
        self._tell(what, span)

    def inlined(self, expr: Expr) -> Expr:
        return normal_expr(inline_named(expr, self.named) if self.named else expr)

    def data(self, expr: Expr, option: Option | None, name: str) -> Data:
        """The value of an option."""
        return self._data(go_form(self.inlined(expr)), name, rendered_again(name, option))

    def text(self, expr: Expr, what: str, span: Span | None) -> Data:
        """The text of a variable, which is all that it can be."""
        expr = go_form(self.inlined(expr))
        if isinstance(expr, Literal) and not isinstance(expr.value, str):
            return _number_text(expr)
        return self._template(expr, what, span, False, False)

    def _data(self, expr: Expr, name: str, again: bool) -> Data:
        if isinstance(expr, Literal) and not isinstance(expr.value, str):
            value = expr.value
            return value if value is None or isinstance(value, (bool, int)) else float(value)
        if isinstance(expr, ListExpr):
            return [self._data(item, name, again) for item in expr.items]
        if isinstance(expr, ObjectExpr):
            return {self._key(key, name): self._data(value, name, again) for key, value in expr.entries}
        return self._template(split_text(expr), name, expr.span, again, name in HOLES)

    def _key(self, key: Expr, name: str) -> str:
        if isinstance(key, Literal) and isinstance(key.value, str):
            return key.value
        self.cannot_say(f"a computed key in {name}", key.span)
        return str(getattr(key, "value", "?"))

    def _template(self, expr: Expr, name: str, span: Span | None, again: bool, command: bool) -> str:
        try:
            return print_template(expr, again=again, command=command)
        except Unprintable as problem:
            if isinstance(problem.expr, Literal):
                what = f"literal {{{{ in {name}, which Packer renders until nothing is left to render"
            else:
                what = f"{name}: {_named(problem.expr)} has no Go template"
            self.cannot_say(what, problem.expr.span or span)
            return ""


def _number_text(expr: Literal) -> Data:
    value = expr.value
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def split_text(expr: Expr) -> Expr:
    """A text that Packer splits at its commas where a list is wanted, from the list that it makes."""
    if isinstance(expr, Call) and expr.operation == "compact" and len(expr.args) == 1:
        inner = expr.args[0]
        if isinstance(inner, Call) and inner.operation == "split" and inner.args[0] == Literal(","):
            return inner.args[1]
    return expr


def go_form(expr: Expr) -> Expr:
    """Operations of HCL as the ones that Go templates have, where these mean the same."""

    def visit(node: Expr) -> Expr | None:
        if isinstance(node, Call) and node.operation == "replace" and len(node.args) == 3 and not node.expand:
            text, old, new = (go_form(arg) for arg in node.args)
            return Call("go.replace_all", (old, new, text), span=node.span)
        if isinstance(node, Index) and isinstance(node.target, Call) and node.target.operation == "split":
            separator, text = (go_form(arg) for arg in node.target.args)
            return Call("go.split", (text, separator, go_form(node.key)), span=node.span)
        if isinstance(node, Ref) and (node.kind, node.name) == ("path", "root"):
            return Ref("path", "template_dir", node.span)
        if isinstance(node, Conditional):
            return _branches(node)
        return _clock(node)

    return transform(expr, visit)


def _branches(node: Conditional) -> Expr | None:
    """A choice that Go templates can make: by comparing texts, and what is built of that."""
    if node.then == Literal(None) and node.condition == Call("equal", (node.otherwise, Literal(""))):
        return node.otherwise  # empty text unsets an option by itself
    condition = _condition(node.condition)
    if condition is None:
        return None
    return Conditional(Call("go.truth", (condition,)), go_form(node.then), go_form(node.otherwise), node.span)


_LOGIC = {"equal": "go.eq", "not_equal": "go.ne", "and": "go.and", "or": "go.or", "not": "go.not"}


def _condition(node: Expr) -> Expr | None:
    """A condition in Go's words; a variable that is true or false in HCL is text here."""
    if isinstance(node, Ref) and node.kind == "input":
        return Call("go.eq", (node, Literal("true")), span=node.span)
    if not isinstance(node, Call) or node.operation not in _LOGIC:
        return None
    if node.operation in ("equal", "not_equal"):
        texts = [_text_operand(arg) for arg in node.args]
        found = [text for text in texts if text is not None]
    else:
        found = [part for part in map(_condition, node.args) if part is not None]
    return Call(_LOGIC[node.operation], tuple(found), span=node.span) if len(found) == len(node.args) else None


def _text_operand(node: Expr) -> Expr | None:
    if isinstance(node, Literal):
        return node if isinstance(node.value, str) else Literal(str(_number_text(node) or ""), node.span)
    node = go_form(node)
    return node if isinstance(node, (Ref, Template)) or (isinstance(node, Call) and is_text(node)) else None


_UNIX_TIME = Index(Call("rfc3339_parse", (Call("timestamp", ()),)), Literal("unix"))

#: The digits of the time, as many a template names its images.
_DIGITS = tuple(
    Call("regex_replace", (Call(clock, ()), Literal("[- TZ:]"), Literal(""))) for clock in ("timestamp", "go.isotime")
)

#: Elements of a Go layout by HCL's.
_LAYOUT = {
    "YYYY": "2006",
    "YY": "06",
    "MMMM": "January",
    "MMM": "Jan",
    "MM": "01",
    "M": "1",
    "DD": "02",
    "D": "2",
    "EEEE": "Monday",
    "EEE": "Mon",
    "hh": "15",
    "HH": "03",
    "H": "3",
    "mm": "04",
    "ss": "05",
    "AA": "PM",
    "Z": "Z07:00",
    "ZZZZ": "-0700",
    "ZZZZZ": "-07:00",
}


def _clock(node: Expr) -> Expr | None:
    """The time as it is now: in HCL at each call, in Go templates when Packer started."""
    if node == Call("timestamp", ()):
        return Call("go.isotime", (), span=node.span)
    if node == Call("uuidv4", ()):
        return Call("go.uuid", (), span=node.span)
    if node == _UNIX_TIME:
        return Call("go.timestamp", (), span=node.span)
    if node in _DIGITS:
        return Call("go.isotime", (Literal("20060102150405"),), span=node.span)
    if not isinstance(node, Call) or node.operation != "formatdate" or len(node.args) != 2:
        return None
    format, moment = node.args
    if moment not in (Call("timestamp", ()), Call("go.isotime", ())):
        return None
    if not isinstance(format, Literal) or not isinstance(format.value, str):
        return None
    layout = go_layout(format.value)
    return None if layout is None else Call("go.isotime", (Literal(layout),), span=node.span)


_PIECE = re.compile(
    r"'(?P<quoted>(?:[^']|'')*)'|(?P<verb>(?P<letter>[a-zA-Z])(?P=letter)*)|(?P<other>[^a-zA-Z'])", re.DOTALL
)


def go_layout(format: str) -> str | None:
    """The Go layout of a format of HCL's ``formatdate``; None where no layout says just that."""
    from bakelift.translator.languages.arm import dates

    layout = ""
    for quoted, verb, other in _pieces(format):
        if verb and verb not in _LAYOUT:
            return None
        layout += _LAYOUT[verb] if verb else quoted.replace("''", "'") or other
    meant, said = dates.from_hcl(format), dates.from_go(layout)
    return layout if meant is not None and meant == said else None


def _pieces(format: str) -> list[tuple[str, str, str]]:
    """(quoted text, verb, other character), one of them each."""
    found = _PIECE.finditer(format)
    return [(m["quoted"] or "", m["verb"] or "", m["other"] or "") for m in found]


def _named(expr: Expr) -> str:
    """How a message calls an expression."""
    if isinstance(expr, Call):
        return f"the function {expr.operation}"
    if isinstance(expr, Ref):
        return f"{expr.kind} {expr.name}"
    return "this text" if isinstance(expr, Template) else "this expression"
