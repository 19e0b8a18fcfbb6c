"""What the nodes of a Go template mean in the expression tree."""

from __future__ import annotations

from bakelift.translator.languages.go_template.functions import (
    BY_NAME,
    CHANGING,
    RENAMED,
    WITHOUT_MEANING,
    Row,
    is_text,
)
from bakelift.translator.languages.go_template.lexer import ESCAPE_ADVICE
from bakelift.translator.languages.go_template.nodes import (
    Action,
    Chain,
    Command,
    Constant,
    Control,
    Field,
    Function,
    Node,
    Pipeline,
    Text,
    Variable,
)
from bakelift.translator.plan.expressions import (
    Call,
    Conditional,
    Expr,
    Index,
    Literal,
    Opaque,
    Ref,
    template,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bakelift.translator.diagnostics import Span, TemplateError
    from bakelift.translator.languages.go_template.functions import Functions
    from bakelift.translator.languages.go_template.lexer import Source

#: The operation of a condition: whether Go takes a value for true (it is not false, 0, "", nil, or empty).
TRUTH = "go.truth"


class _NoMeaning(Exception):
    """The construct has no form in the tree; it is kept as text."""


class _Scope:
    """``dot``: what ``.`` is, None for the template's data. ``variables``: what ``$x`` stands for."""

    def __init__(self, dot: Expr | None = None, variables: Mapping[str, Expr] | None = None) -> None:
        self.dot = dot
        self.variables = dict(variables or {})

    @property
    def plain(self) -> bool:
        """Nothing is bound, so text that is kept means here what it means anywhere."""
        return self.dot is None and not self.variables


class Meaning:
    """Reads the nodes of one template. ``holes``: names of ``{{.X}}`` that the command template binds."""

    def __init__(self, source: Source, functions: Functions, holes: frozenset[str]) -> None:
        self.source = source
        self.functions = functions
        self.holes = holes

    # Functions

    def check_function(self, function: Function) -> None:
        """Raises for a name that Packer does not define, as Go does while it parses."""
        if function.name in BY_NAME:
            refused = self.functions.refused.get(function.name, "")
            if "not defined" in refused:
                detail = f"{function.name} exists only in the options of Azure builders. {ESCAPE_ADVICE}"
                raise self.wrong("template/unknown-function", refused, function, detail)
            return
        if function.name in WITHOUT_MEANING or self.functions.others:
            return
        detail = ESCAPE_ADVICE
        if function.name in RENAMED:
            detail = f"It is called {RENAMED[function.name]} now."
        raise self.wrong("template/unknown-function", f'function "{function.name}" not defined', function, detail)

    def wrong(self, code: str, summary: str, node: Node, detail: str = "") -> TemplateError:
        return self.source.wrong(summary, node.start, node.end, detail, code)

    def span(self, node: Node) -> Span | None:
        return self.source.place(node.start, node.end)

    # Nodes

    def template(self, nodes: Sequence[Node], span: Span | None) -> Expr:
        """The whole template: text, whatever its value."""
        try:
            found = self.nodes(nodes, _Scope())
        except _NoMeaning:
            return self.kept(0, len(self.source.text), span)
        return self.text(found, span)

    def text(self, found: list[Expr], span: Span | None = None) -> Expr:
        """Parts of a text as one; a lone part that is text needs no conversion."""
        if len(found) == 1 and _gives_text(found[0], self.source):
            return found[0]
        return template(found, span)

    def nodes(self, nodes: Sequence[Node], scope: _Scope) -> list[Expr]:
        found: list[Expr] = []
        for node in nodes:
            try:
                expr = self.node(node, scope)
            except _NoMeaning:
                if not scope.plain or (isinstance(node, Action) and node.pipeline.declares):
                    raise
                expr = self.kept(node.start, node.end, self.span(node))
            if expr is not None:
                found.append(expr)
        return found

    def node(self, node: Node, scope: _Scope) -> Expr | None:
        if isinstance(node, Text):
            value = node.value
            return value.but(span=self.span(node)) if isinstance(value, Literal) and value.span is None else value
        if isinstance(node, Action):
            pipeline = node.pipeline
            if pipeline.assigns:
                raise _NoMeaning
            value = self.pipeline(pipeline, scope)
            if not pipeline.declares:
                return _printed(value)
            self.declare(pipeline, value, scope)
            return None
        assert isinstance(node, Control)
        return self.control(node, scope)

    def declare(self, pipeline: Pipeline, value: Expr, scope: _Scope) -> None:
        """A variable stands for its expression, which must therefore give the same value each time."""
        if any(isinstance(n, Call) and n.operation in CHANGING for n in value.walk()):
            raise _NoMeaning
        scope.variables.update(dict.fromkeys(pipeline.declares, value))

    def control(self, node: Control, scope: _Scope) -> Expr:
        pipeline = node.pipeline
        if node.keyword not in ("if", "with") or pipeline is None or pipeline.assigns:
            raise _NoMeaning
        value = self.pipeline(pipeline, scope)
        inner = _Scope(value if node.keyword == "with" else scope.dot, scope.variables)
        outer = _Scope(scope.dot, scope.variables)
        if pipeline.declares:
            self.declare(pipeline, value, inner)
            self.declare(pipeline, value, outer)
        then = self.text(self.nodes(node.body, inner))
        otherwise = self.text(self.nodes(node.otherwise, outer))
        return Conditional(Call(TRUTH, (value,)), then, otherwise, self.span(node))

    def kept(self, start: int, end: int, span: Span | None) -> Expr:
        """Text that only Go can say. It cannot be kept when another language's expressions stand in it."""
        inside = [at for at in self.source.holes if start <= at < end]
        if inside:
            raise self.source.wrong(
                "an interpolation stands inside a Go construct that has no counterpart",
                inside[0],
                inside[0] + 1,
                "range, define, template, call and variables that change are kept as they are written, "
                "which needs text without interpolations.",
                "template/interpolation-in-action",
            )
        return Opaque("go", self.source.text[start:end], span)

    # Pipelines

    def pipeline(self, node: Pipeline, scope: _Scope) -> Expr:
        value: Expr | None = None
        for command in node.commands:
            value = self.command(command, value, scope)
        assert value is not None
        return value

    def command(self, command: Command, piped: Expr | None, scope: _Scope) -> Expr:
        first = command.words[0]
        args = command.words[1:]
        if isinstance(first, Function):
            given = [self.operand(word, scope) for word in args] + ([piped] if piped is not None else [])
            return self.call(first, given, command)
        if args or piped is not None:
            text = self.source.text[first.start : first.end]
            message = f"can't give argument to non-function {text}"
            raise self.wrong("template/arguments", message, command)
        return self.operand(first, scope)

    def operand(self, node: Node, scope: _Scope) -> Expr:
        if isinstance(node, Constant):
            value = node.value
            return value.but(span=self.span(node)) if isinstance(value, Literal) else value
        if isinstance(node, Function):
            return self.call(node, [], node)
        if isinstance(node, Pipeline):
            if node.declares:
                raise _NoMeaning
            return self.pipeline(node, scope)
        if isinstance(node, Chain):
            return _indexed(self.operand(node.target, scope), node.names, self.span(node))
        if isinstance(node, Variable) and node.name != "$":
            return _indexed(scope.variables[node.name], node.names, self.span(node))
        assert isinstance(node, (Field, Variable))
        if isinstance(node, Field) and scope.dot is not None:
            return _indexed(scope.dot, node.names, self.span(node))
        if not node.names:
            raise _NoMeaning
        kind = "command" if node.names[0] in self.holes else "build"
        return _indexed(Ref(kind, node.names[0], self.span(node)), node.names[1:], self.span(node))  # type: ignore[arg-type]

    def call(self, function: Function, args: list[Expr], node: Node) -> Expr:
        name = function.name
        row = BY_NAME.get(name)
        if row is None:
            if name in WITHOUT_MEANING:
                raise _NoMeaning
            return Call(f"unknown:{name}", tuple(args), span=self.span(node))
        if name in self.functions.refused:
            reason = self.functions.refused[name]
            detail = "A variable can hold it: give the variable this as its default, and use the variable here."
            if name in ("user", "template_dir"):
                detail = "Legacy JSON templates have it, HCL templates do not."
            raise self.wrong("template/function-not-allowed", f"error calling {name}: {reason}", node, detail)
        self.check_arguments(row, args, node)
        if row.operation == "go.print" and all(_gives_text(arg, self.source) for arg in args):
            return self.text(args, self.span(node))
        if row.ref is None:
            return Call(row.operation, tuple(args), span=self.span(node))
        kind, symbol = row.ref
        if symbol is None:
            argument = args[0]
            if not (isinstance(argument, Literal) and isinstance(argument.value, str)):
                raise _NoMeaning
            symbol = argument.value
        return Ref(kind, symbol, self.span(node))

    def check_arguments(self, row: Row, args: list[Expr], node: Node) -> None:
        """Go checks number and types when it calls; here they are known before."""
        if not row.takes(len(args)):
            most = len(row.parameters)
            wanted = f"at least {most - row.optional}" if row.rest else str(most)
            message = f"wrong number of args for {row.name}: want {wanted} got {len(args)}"
            raise self.wrong("template/arguments", message, node, _USAGE.get(row.name, ""))
        for kind, arg in zip(row.parameters, args, strict=False):
            if not isinstance(arg, Literal) or kind == "a":
                continue
            fits = isinstance(arg.value, str) if kind == "s" else type(arg.value) is int
            if not fits:
                wanted = "string" if kind == "s" else "integer"
                message = f"expected {wanted}; found {_shown(arg)}"
                raise self.wrong("template/arguments", message, node, _USAGE.get(row.name, ""))


_USAGE = {
    "replace": "It is written {{replace OLD NEW COUNT TEXT}}; a count of -1 replaces all.",
    "replace_all": "It is written {{replace_all OLD NEW TEXT}}.",
    "split": "It is written {{split TEXT SEPARATOR INDEX}}.",
}


def _shown(literal: Literal) -> str:
    value = literal.value
    if isinstance(value, str):
        return f'"{value}"'
    return "nil" if value is None else str(value).lower()


def _indexed(target: Expr, names: tuple[str, ...], span: Span | None) -> Expr:
    for name in names:
        target = Index(target, Literal(name), span)
    return target


def _printed(value: Expr) -> Expr:
    """How an action writes a constant: whole numbers and booleans as HCL does."""
    if isinstance(value, Literal) and not isinstance(value.value, str) and value.value is not None:
        if isinstance(value.value, bool):
            return Literal("true" if value.value else "false", value.span)
        if isinstance(value.value, int):
            return Literal(str(value.value), value.span)
    return value


def _gives_text(expr: Expr, source: Source) -> bool:
    """Whether an expression that is a whole template is text by itself, without a Template to convert it."""
    return is_text(expr) or any(expr is hole for hole in source.holes.values())
