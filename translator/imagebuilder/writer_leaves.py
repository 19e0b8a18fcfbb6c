"""Leaves of one image on their way into the template: folded, said with parameters, or bound where ARM cannot."""

from __future__ import annotations

from bakelift.translator.imagebuilder.table import Row, row
from bakelift.translator.imagebuilder.writer_clock import AT_DEPLOYMENT, BUILD_TIME, OWN, hoist, reads_clock
from bakelift.translator.languages.arm.kinds import kind_of
from bakelift.translator.plan.binding import inline_named
from bakelift.translator.plan.expressions import Call, Expr, Index, ListExpr, Literal, ObjectExpr, Ref, transform
from bakelift.translator.plan.types import BOOL, NUMBER, STRING
from bakelift.translator.plan.usage import referenced_inputs
from bakelift.translator.plan.values import Value, to_expr

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.diagnostics import Diagnostics, Span
    from bakelift.translator.imagebuilder.writer_symbols import TemplateSymbols
    from bakelift.translator.plan.binder import Binder
    from bakelift.translator.plan.model import Leaf, Setting
    from bakelift.translator.plan.scope import Clock
    from bakelift.translator.plan.types import Type
    from bakelift.translator.report import Accounting, Class

_LOOKED_UP = "a parameter, for whoever deploys to look up; Packer asks the data source at each build"


class Leaves:
    """Resolves the leaves of one image and keeps their account. ``bind_all``: nothing may stay symbolic.

    ``clock``: for clock calls that may not stay symbolic; None: they are an error then.
    """

    def __init__(
        self,
        symbols: TemplateSymbols,
        binder: Binder,
        accounting: Accounting,
        diagnostics: Diagnostics,
        base: str,
        version: str,
        bind_all: bool = False,
        clock: Clock | None = None,
        as_said: bool = False,
    ) -> None:
        self.symbols = symbols
        self.binder = binder
        self.accounting = accounting
        self.diagnostics = diagnostics
        self.base = base
        self.version = version
        self.bind_all = bind_all
        self.clock = clock
        self.named = symbols.plan.values()
        #: An image template's own expressions are written as they were said, where that can be.
        self.as_said = as_said

    # -- values -------------------------------------------------------------------------------------------------------

    def expr(self, value: Expr, reason: str, span: Span | None = None) -> Expr | None:
        """What is written for a leaf; None when it is null or empty, or cannot be said (then that was told)."""
        if self.bind_all:
            return self._bound(value, reason, span, None)
        folded = self._prepared(value)
        problem = self.symbols.problem(folded)
        if problem is not None:
            inlined = self.inlined(folded)
            if self.symbols.problem(inlined) is None:
                folded = inlined
            else:
                partly = self._without_refused(value, reason, problem)
                if partly is None:
                    return self._bound(value, reason, span, problem)
                folded = partly
        nothing = folded == Literal(None) or (folded == Literal("") and not self.as_said)
        return None if nothing else folded

    def _without_refused(self, value: Expr, reason: str, problem: str) -> Expr | None:
        """The expression with those inputs bound that no parameter can be; None when that does not make it sayable."""
        names = referenced_inputs(value, self.named)
        refused = [name for name in names if name in self.symbols.refused and name in self.symbols.bindings.values]
        if not refused or len(refused) == len(names):
            return None
        partly = self._prepared(self.binder.fold_with(value, refused, f"{reason}: {problem}"))
        return partly if self.symbols.problem(partly) is None else None

    def given(self, setting: Setting | None, reason: str) -> Expr | None:
        return None if setting is None else self.expr(setting.value, reason, setting.span)

    def number(self, setting: Setting | None, reason: str) -> Expr | None:
        """As :meth:`given`, for a property that is a whole number: a parameter that is text is converted."""
        return self.converted(self.given(setting, reason), NUMBER, "arm.int")

    def flag(self, setting: Setting | None, reason: str) -> Expr | None:
        """As :meth:`given`, for a property that is a bool."""
        return self.converted(self.given(setting, reason), BOOL, "arm.bool")

    def converted(self, expr: Expr | None, type: Type, operation: str) -> Expr | None:
        if expr is None or kind_of(expr, self.symbols.symbols) != STRING:
            return expr
        if not isinstance(expr, Literal):
            return Call(operation, (expr,), span=expr.span)
        from bakelift.translator.plan.convert import convert
        from bakelift.translator.plan.types import ConversionError

        try:
            return Literal(convert(Value(STRING, expr.value), type).raw, expr.span)  # type: ignore[arg-type]
        except ConversionError:
            return expr

    def bindable(self, value: Expr) -> bool:
        """Whether every input that an expression needs has a value."""
        return referenced_inputs(value, self.named) <= set(self.symbols.bindings.values)

    def _prepared(self, value: Expr) -> Expr:
        folded = hoist(value if self.as_said else self.binder.fold(value), self.symbols.unique_id)
        if isinstance(folded, Literal):
            return folded
        refs = [node for node in folded.walk() if isinstance(node, Ref)]
        if BUILD_TIME in refs:
            self.symbols.build_time()
        for node in refs:
            if node.kind == "named":
                self._decide(node.name)
        if not any(node.kind in ("named", "data") for node in refs):
            return folded

        def visit(node: Expr) -> Expr | None:
            if isinstance(node, Ref) and node.kind == "named" and self.symbols.variables.get(node.name) is None:
                return self.inlined(node)
            return _looked_up(node, self.symbols)

        return transform(folded, visit)

    def _decide(self, name: str) -> None:
        """Whether a named value becomes a variable, once."""
        if name in self.symbols.variables or name not in self.named:
            return
        self.symbols.add_variable(name, None)  # while it is being decided
        if ("named", name) in self.symbols.sensitive:
            return
        value = self._prepared(self.named[name])
        self.symbols.add_variable(name, value if self.symbols.problem(value) is None else None)

    def inlined(self, expr: Expr) -> Expr:
        """The expression without named values, folded again."""
        whole = self.binder.fold(inline_named(expr, self.named))
        whole = hoist(inline_named(whole, self.named), self.symbols.unique_id)
        whole = transform(whole, lambda node: _looked_up(node, self.symbols))
        if BUILD_TIME in whole.walk():
            self.symbols.build_time()
        return whole

    def _bound(self, value: Expr, reason: str, span: Span | None, problem: str | None) -> Expr | None:
        why = reason if problem is None else f"{reason}: {problem}"
        found = self.binder.value(value, why)
        if found.sensitive:
            self.diagnostics.error(
                "aib/secret-in-output",
                f"{reason} would write a sensitive value into the output",
                "It cannot stay a parameter" + (f": {problem}." if problem else " in this output."),
                span,
            )
            return None
        expr = to_expr(found)
        if reads_clock(expr):
            expr = self._clocked(expr)
        if (found.wholly_known() or self._constant(expr)) and self.symbols.problem(expr) is None:
            return None if expr in (Literal(None), Literal("")) else expr
        if not self.bind_all:
            expr = self.inlined(expr)
            if self.symbols.problem(expr) is None:
                return expr
        inputs = [node.name for node in expr.walk() if isinstance(node, Ref) and node.kind == "input"]
        if any(not name.startswith(OWN) for name in inputs):
            return None  # the binder has noted the missing input
        self.diagnostics.error("aib/unsayable", f"{reason} cannot be written", _sentence(problem, self.bind_all), span)
        return None

    def _clocked(self, expr: Expr) -> Expr:
        """Clock calls bound to the clock, where nothing may stay symbolic."""
        if not self.bind_all or self.clock is None:
            return expr
        from bakelift.translator.plan.evaluate import evaluate
        from bakelift.translator.plan.scope import Scope

        return to_expr(evaluate(expr, Scope(clock=self.clock)))

    def _constant(self, expr: Expr) -> bool:
        return all(isinstance(node, (Literal, ListExpr, ObjectExpr)) for node in expr.walk())

    # -- accounts -----------------------------------------------------------------------------------------------------

    def say(self, setting: Setting | None, path: str, *to: str, kind: Class | None = None) -> None:
        """Puts a setting's leaves into the class of its row; ``to`` are pointers inside the resource."""
        if setting is None:
            return
        found = row(path) or Row(path, "unsupported", "aib/unknown-option", "not an option that bakelift knows")
        advice, code, chosen = found.advice, found.code, kind or found.kind
        if self.as_said and to and chosen in ("adapted", "approximated"):
            chosen, code, advice = "exact", "aib/exact", ""  # the same property of the same kind of template
        elif chosen in ("exact", "adapted") and self._is_clocked(setting.value):
            chosen, code, advice = "approximated", "aib/deploy-time", AT_DEPLOYMENT
        elif chosen in ("exact", "adapted") and self._is_looked_up(setting.value):
            chosen, code, advice = "approximated", "aib/data-source-parameter", _LOOKED_UP
        self.account(setting.leaves, chosen, code, advice, found, to)

    def newer(self, setting: Setting | None, path: str, since: str, kind: Class = "unsupported") -> None:
        """Says of a setting that an API version later than the one that is written has a property for it."""
        if setting is None:
            return
        found = row(path) or Row(path, kind, "aib/newer-version")
        summary = f"API version {since} has a property for it, {self.version} has not"
        self.account(setting.leaves, kind, "aib/newer-version", summary, found, ())
        self.diagnostics.warning(
            "aib/newer-version",
            f"{path} needs API version {since}, and {self.version} is written",
            f"Choose it with -api-version {since}, or a later one; or leave the setting out.",
            setting.span,
        )

    def account(
        self, leaves: tuple[Leaf, ...], kind: Class, code: str, advice: str, found: Row, to: tuple[str, ...]
    ) -> None:
        self.accounting.say(leaves, kind, code, advice, found.evidence, [self.base + pointer for pointer in to])

    def _is_looked_up(self, value: Expr) -> bool:
        whole = inline_named(value, self.named)
        return any(isinstance(node, Ref) and node.kind == "data" for node in whole.walk())

    def _is_clocked(self, value: Expr) -> bool:
        return reads_clock(value) or reads_clock(inline_named(self.binder.fold(value), self.named))


def _looked_up(node: Expr, symbols: TemplateSymbols) -> Expr | None:
    """A parameter in place of one attribute of a data source."""
    if isinstance(node, Index) and isinstance(node.target, Ref) and node.target.kind == "data":
        key = node.key
        if isinstance(key, Literal) and isinstance(key.value, str):
            return symbols.ask_data(node.target.name, key.value)
    return None


def _sentence(problem: str | None, bind_all: bool) -> str:
    if bind_all:
        return "A bare resource has no expressions: the value has to be known when translating."
    if not problem:
        return ""
    name = "." in problem.partition(" ")[0]  # packer.version
    return f"{problem if name else problem[:1].upper() + problem[1:]}."
