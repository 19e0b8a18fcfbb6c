"""The names of one deployment template: parameters and variables, taken into it when something uses them."""

from __future__ import annotations

from bakelift.translator.imagebuilder.names import Names, words
from bakelift.translator.imagebuilder.parameters import (
    ORIGINAL_NAME,
    UNIQUE_ID_DEFAULT,
    build_time_default,
    definition,
    file_value,
    own_definition,
    type_of,
    why_not_parameter,
)
from bakelift.translator.imagebuilder.writer_clock import BUILD_TIME, OWN, hoist, reads_clock
from bakelift.translator.languages.arm import Symbols, Unprintable, expr_to_value, kind_of
from bakelift.translator.plan.binding import default_environment
from bakelift.translator.plan.expressions import Ref
from bakelift.translator.plan.secrets import SECRET_DATA
from bakelift.translator.plan.types import STRING
from bakelift.translator.plan.usage import referenced_inputs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any

    from bakelift.translator.plan.binding import Bindings
    from bakelift.translator.plan.expressions import Call, Expr
    from bakelift.translator.plan.model import Input, Plan
    from bakelift.translator.plan.values import Value


class TemplateSymbols:
    """What the expressions of one template may name. ``symbols`` prints with them.

    ``bicep``: parameters, variables and resources share one space of names, which are identifiers.
    """

    def __init__(
        self, plan: Plan, bindings: Bindings, sensitive: frozenset[tuple[str, str]], bicep: bool = False
    ) -> None:
        plan = plan.but(inputs=tuple(_typed(item, plan, bindings) for item in plan.inputs))
        self.bindings = bindings
        self.sensitive = sensitive
        names = Names(bicep)
        parameters = {item.name: names.give(item.name) for item in plan.inputs}
        self._names = names
        variable_names = names if bicep else Names()
        variables = {item.name: variable_names.give(item.name) for item in plan.named}
        types = {("input", item.name): type_of(item, bindings) for item in plan.inputs}
        self.symbols = Symbols(parameters, variables, types)
        self.variables: dict[str, Expr | None] = {}
        self.own: dict[str, dict[str, Any]] = {}
        self._ids: dict[tuple[str, int], Ref] = {}
        self.refused = {
            item.name: reason for item in plan.inputs if (reason := why_not_parameter(item, bindings)) is not None
        }
        self.plan = plan.but(inputs=tuple(self._clocked(item) for item in plan.inputs))

    def _clocked(self, item: Input) -> Input:
        """An input whose default reads the clock (a legacy template's may), with the deployment's clock in it."""
        if item.default is None or not reads_clock(item.default):
            return item
        default = hoist(item.default, self.unique_id)
        if BUILD_TIME in default.walk():
            self.build_time()
        return item.but(default=default)

    # -- what the template asks itself --------------------------------------------------------------------------------

    def ask(self, key: str, default: Expr | None = None, **facts: str) -> Ref:
        """A parameter of the template's own; ``key`` is its name unless an input has that one."""
        ref = Ref("input", OWN + key)
        if key not in self.own:
            self.own[key] = own_definition(key, default, **facts)
            free = key if self._names.free(key) else f"template{key[:1].upper()}{key[1:]}"
            self.symbols.parameters[ref.name] = self._names.give(free)
            self.symbols.types["input", ref.name] = STRING
        return ref

    def resource_name(self, wanted: str) -> str:
        """The symbolic name of a resource."""
        return self._names.give(wanted)

    def build_time(self) -> Ref:
        return self.ask(BUILD_TIME.name.removeprefix(OWN), default=build_time_default())

    def unique_id(self, node: Call) -> Ref:
        """The parameter of one place that makes a random id; the same place has the same one."""
        place = (node.span.file.path, node.span.start) if node.span is not None else ("", 0)
        if place not in self._ids:
            number = len(self._ids) + 1
            self._ids[place] = self.ask("uniqueId" if number == 1 else f"uniqueId{number}", default=UNIQUE_ID_DEFAULT)
        return self._ids[place]

    def ask_data(self, source: str, attribute: str) -> Ref:
        """A parameter for what a data source finds (``source`` is TYPE.NAME): whoever deploys looks it up."""
        whole = f"data.{source}.{attribute}"
        key = words(whole)
        key = key[:1].lower() + key[1:]
        ref = Ref("input", OWN + key)
        if key not in self.own:
            secret = source.partition(".")[0] in SECRET_DATA
            self.own[key] = {
                "type": "secureString" if secret else "string",
                "metadata": {"description": f"What {whole} finds. Packer looks it up at each build."},
            }
            self.symbols.parameters[ref.name] = self._names.give(key)
            self.symbols.types["input", ref.name] = STRING
        return ref

    # -- what can be said ---------------------------------------------------------------------------------------------

    def problem(self, expr: Expr) -> str | None:
        """Why an expression cannot stand in the template; None when it can."""
        for node in expr.walk():
            if isinstance(node, Ref) and node.kind == "input" and node.name in self.refused:
                return self.refused[node.name]
        try:
            expr_to_value(expr, self.symbols)
        except Unprintable as problem:
            return problem.reason
        return None

    def add_variable(self, name: str, value: Expr | None) -> None:
        """Decides a named value: an expression that can be said, or None: it is put in place wherever it is used."""
        self.variables[name] = value
        if value is not None:
            self.symbols.types["named", name] = kind_of(value, self.symbols)

    def follows(self, item: Input) -> bool:
        """Whether an input's default is written as it is made of others, so that it follows what these are given."""
        if item.default is None or item.sensitive or not (named := referenced_inputs(item.default, {})):
            return False
        return not any(("input", name) in self.sensitive for name in named) and self.problem(item.default) is None

    # -- the template's parts -----------------------------------------------------------------------------------------

    def used(self, written: list[Expr]) -> tuple[set[str], set[str]]:
        """The parameters and variables that expressions use, through variables too."""
        inputs: set[str] = set()
        named: set[str] = set()
        waiting = list(written)
        while waiting:
            for node in waiting.pop().walk():
                if isinstance(node, Ref) and node.kind == "input" and node.name not in inputs:
                    inputs.add(node.name)
                    item = self.plan.input(node.name)
                    if item is not None and item.default is not None and self.follows(item):
                        waiting.append(item.default)
                elif isinstance(node, Ref) and node.kind == "named" and node.name not in named:
                    named.add(node.name)
                    value = self.variables.get(node.name)
                    if value is not None:
                        waiting.append(value)
        return inputs, named

    def parameters(self, used: set[str], first: tuple[str, ...], frozen: Collection[str] = ()) -> dict[str, Any]:
        """Own parameters that introduce the template, the inputs in their order, then the rest of its own.

        ``frozen``: inputs that structure was decided with.
        """
        found: dict[str, Any] = {}
        names = self.symbols.parameters
        for start in first:
            for key, facts in self.own.items():
                if OWN + key in used and key.startswith(start):
                    found[names[OWN + key]] = facts
        for item in self.plan.inputs:
            if item.name in used:
                found[names[item.name]] = definition(
                    item,
                    self.bindings,
                    default_environment(item),
                    self._bound_default(item, frozen),
                    item.name in frozen,
                    self._is_expected(item.name),
                )
                if names[item.name] != item.name:
                    found[names[item.name]].setdefault("metadata", {})[ORIGINAL_NAME] = item.name
        for key, facts in self.own.items():
            if OWN + key in used:
                found.setdefault(names[OWN + key], facts)
        return found

    def _bound_default(self, item: Input, frozen: Collection[str]) -> Value | None:
        return None if item.name not in frozen and self.follows(item) else self._default(item.name)

    def bound_defaults(self, used: set[str], frozen: Collection[str]) -> frozenset[str]:
        """The inputs whose defaults are made of others, and are written as their values are now."""
        return frozenset(
            item.name
            for item in self.plan.inputs
            if item.name in used
            and item.default is not None
            and referenced_inputs(item.default, {})
            and self._bound_default(item, frozen) is not None
        )

    def _is_expected(self, name: str) -> bool:
        """Whether an input has a default that does not do: whoever deploys gives another value."""
        return name in self.bindings.came_from and name not in self.bindings.values

    def _default(self, name: str) -> Value | None:
        """The declared default of an input, evaluated; None when there is none that is known."""
        item = self.plan.input(name)
        if item is None or item.default is None:
            return None
        if self.bindings.came_from.get(name) == "default":
            return self.bindings.values.get(name)
        from bakelift.translator.plan.convert import convert
        from bakelift.translator.plan.evaluate import evaluate
        from bakelift.translator.plan.scope import Scope
        from bakelift.translator.plan.types import ConversionError

        value = evaluate(item.default, Scope())
        try:
            value = value if item.type is None else convert(value, item.type)
        except ConversionError:
            return None
        return value if value.wholly_known() and not value.null else None

    def named_values(self, used: set[str]) -> dict[str, Expr]:
        return {
            self.symbols.variables[item.name]: value
            for item in self.plan.named
            if item.name in used and (value := self.variables.get(item.name)) is not None
        }

    def given(self, used: set[str]) -> tuple[dict[str, Any], list[str]]:
        """Values for the parameters file, of inputs that somebody gave; and the sensitive ones, to be given later."""
        values: dict[str, Any] = {}
        secrets: list[str] = []
        for item in self.plan.inputs:
            if item.name not in used:
                continue
            name = self.symbols.parameters[item.name]
            if item.sensitive or ("input", item.name) in self.sensitive:
                secrets.append(name)
                continue
            value = self.bindings.values.get(item.name)
            given = self.bindings.came_from.get(item.name, "default") != "default"
            if given and value is not None and value.wholly_known() and not value.sensitive:
                values[name] = file_value(value)
        secure = [key for key, facts in self.own.items() if OWN + key in used and facts["type"] == "secureString"]
        return values, [*secrets, *(self.symbols.parameters[OWN + key] for key in secure)]


def _typed(item: Input, plan: Plan, bindings: Bindings) -> Input:
    """An input that says neither type nor value, with the type of the option that it is given to."""
    if item.type is not None or item.default is not None or item.name in bindings.values:
        return item
    from bakelift.translator.packer.tables.azure_arm import AZURE_ARM
    from bakelift.translator.plan.types import ListType, MapType

    kinds = {"list": ListType(STRING), "map": MapType(STRING)}
    for source in plan.sources:
        for name, setting in source.settings.items():
            option = AZURE_ARM.options.get(name)
            if setting.value == Ref("input", item.name) and option is not None and option.value in kinds:
                return item.but(type=kinds[option.value])
    return item
