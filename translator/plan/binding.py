"""Structure binding: what cannot depend on a deployment's parameters is decided when translating."""

from __future__ import annotations

from bakelift.translator.diagnostics import TemplateError, fail
from bakelift.translator.plan.binding_record import BindingRecord, Bindings, shown_value
from bakelift.translator.plan.binding_templates import Braced
from bakelift.translator.plan.expressions import (
    Call,
    Conditional,
    Expr,
    Literal,
    Ref,
    value_name,
)
from bakelift.translator.plan.inlining import inline_named
from bakelift.translator.plan.scope import Scope
from bakelift.translator.plan.types import STRING
from bakelift.translator.plan.usage import referenced_inputs
from bakelift.translator.plan.values import Unknown, Value, to_expr, unknown

__all__ = [
    "BindingRecord",
    "Bindings",
    "StructureBinder",
    "default_environment",
    "default_values",
    "inline_named",
    "scope_of",
    "shown_value",
]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bakelift.translator.files import Files
    from bakelift.translator.plan.images import Image
    from bakelift.translator.plan.model import BuildGroup, Input, Plan, Setting, SourceUse
    from bakelift.translator.report import Frozen


def default_environment(item: Input) -> str | None:
    """The environment variable that an input's default is, or is made from; None when it reads none."""
    if item.default is None:
        return None
    for node in item.default.walk():
        if isinstance(node, Call) and node.operation == "env" and node.args:
            name = getattr(node.args[0], "value", None)
            if isinstance(name, str):
                return name
    return None


def default_values(inputs: Iterable[Input]) -> dict[str, Value]:
    """The defaults of inputs, converted to their types; what reads the environment, or does not fit, has no value."""
    from bakelift.translator.plan.convert import convert
    from bakelift.translator.plan.evaluate import evaluate
    from bakelift.translator.plan.types import ConversionError

    values = {}
    for item in inputs:
        if item.default is not None:
            value = evaluate(item.default, Scope())
            if value.wholly_known():
                try:
                    values[item.name] = convert(value, item.type) if item.type is not None else value
                except ConversionError:
                    continue
    return values


def data_symbols(plan: Plan) -> dict[tuple[str, str], Value]:
    """What data sources give whose answers are not known, of their types."""
    return {
        ("data", name): unknown(Ref("data", name), data.gives)
        for data in plan.data
        if data.value is None and data.gives is not None and (name := f"{data.type}.{data.name}")
    }


def scope_of(
    plan: Plan,
    inputs: Mapping[str, Value],
    files: Files | None = None,
    group: BuildGroup | None = None,
    use: SourceUse | None = None,
    **more: object,
) -> Scope:
    """The scope of a Plan's expressions: its named values, its paths, and, for an image, its source and build."""
    symbols = data_symbols(plan)
    if plan.origin is not None:
        symbols["path", "root"] = Value(STRING, plan.origin.directory)
    if files is not None:
        symbols["path", "cwd"] = Value(STRING, files.cwd)
        if plan.origin is not None:
            symbols["path", "template_dir"] = Value(STRING, _absolute(plan.origin.directory, files.cwd))
    if use is not None:
        symbols["source", "name"] = Value(STRING, use.local_name)
        symbols["source", "type"] = Value(STRING, use.type)
    if group is not None:
        symbols["group", "name"] = Value(STRING, group.name or "")
    return Scope(inputs=inputs, named=plan.values(), symbols=symbols, files=files, **more)  # type: ignore[arg-type]


def _absolute(path: str, cwd: str) -> str:
    if path.startswith("/") or path[1:3] in (":/", ":\\"):
        return path
    parts = [part for part in path.replace("\\", "/").split("/") if part not in ("", ".")]
    base = [part for part in cwd.split("/") if part]
    for part in parts:
        if part == "..":
            base = base[:-1]
        else:
            base.append(part)
    return ("" if base and base[0].endswith(":") else "/") + "/".join(base)


class StructureBinder:
    """A :class:`Binder` for one image. ``record``: shared between the images of one translation, so that an input that
    several need is listed once.
    """

    def __init__(
        self,
        plan: Plan,
        bindings: Bindings,
        image: Image | None = None,
        files: Files | None = None,
        record: BindingRecord | None = None,
    ) -> None:
        self.plan = plan
        self.bindings = bindings
        self.record = record if record is not None else BindingRecord(plan, bindings)
        group = image.group if image is not None else None
        use = image.use if image is not None else None
        self._place = (files, group, use)
        self._symbolic = scope_of(plan, {}, files, group, use, keep_named=True)
        self._braced = Braced(plan, bindings.values, self.record.freeze)
        self._used: list[str] = []
        self._bound = scope_of(
            plan, bindings.values, files, group, use, on_input=lambda name, _ref: self._used.append(name)
        )

    def fold(self, expr: Expr) -> Expr:
        """What is known folded. A named value that depends on inputs stays a reference to it."""
        if type(expr) is Literal:
            return expr
        from bakelift.translator.plan.evaluate import evaluate

        return to_expr(evaluate(self._braced.read(expr), self._symbolic))

    def fold_with(self, expr: Expr, names: Iterable[str], reason: str) -> Expr:
        """As :meth:`fold`, with some inputs bound: what hangs on them is put in place, the rest stays symbolic."""
        from bakelift.translator.plan.evaluate import evaluate
        from bakelift.translator.plan.normal import without_nothing

        bound = {name: self.record.values[name] for name in names if name in self.record.values}
        for name in bound:
            self.record.freeze(name, reason)
        named = self._bound.named
        mine = {name: value for name, value in named.items() if referenced_inputs(value, named) & bound.keys()}
        files, group, use = self._place
        scope = scope_of(self.plan, bound, files, group, use, keep_named=True)
        return without_nothing(to_expr(evaluate(self._braced.read(inline_named(expr, mine)), scope)))

    def value(self, expr: Expr, reason: str) -> Value:
        """The value with inputs bound; every input that took part is frozen, or missing, for ``reason``."""
        result, used = self._evaluate(expr)
        for name in used:
            if name in self.record.values:
                self.record.freeze(name, reason)
        for name in self._unset(result):
            self.record.miss(name, reason)
        return result

    def unset(self, expr: Expr) -> tuple[str, ...]:
        """Inputs without value that keep an expression from being known."""
        return tuple(self._unset(self._evaluate(expr)[0]))

    def text(self, expr: Expr, reason: str) -> str | None:
        """The value as text; None when it is null, or not known."""
        value = self.value(expr, reason)
        if value.null or not value.known:
            return None
        from bakelift.translator.plan.convert import convert
        from bakelift.translator.plan.types import ConversionError

        try:
            raw = convert(value, STRING).raw
        except ConversionError as error:
            summary = f"{reason} must be text"
            raise fail("plan/not-text", summary, f"{str(error).capitalize()}.", expr.span) from None
        return raw if isinstance(raw, str) else None

    def present(self, setting: Setting | None, record: bool = True) -> bool:
        """Whether an option is set: not when it is null, "", or always an empty list or map.

        When inputs decide that it is not, or decide between branches, they are frozen. A list or map that is an input's
        may be empty now and not at deployment, so it counts as set.
        """
        if setting is None:
            return False
        reason = f"whether {setting.leaves[0].path if setting.leaves else 'an option'} is set"
        try:
            result, used = self._evaluate(setting.value)
        except TemplateError:
            if not self._only_defaults():
                raise
            for name in self._blamed(setting.value) if record else ():
                self.record.assume(name, reason)
            return True  # with the defaults it is nothing; whoever builds it gives something else
        if result.known:
            given = not _unset_value(result) or (bool(used) and result.raw in ((), {}))
            deciding = used if not given else self._deciding(setting.value, used)
            for name in deciding if record else ():
                if name in self.record.values:
                    self.record.freeze(name, reason)
            return given
        for name in self._unset(result) if record else ():
            self.record.assume(name, reason)
        return True

    def certain(self, settings: Iterable[Setting]) -> bool:
        """Whether nothing of these settings hangs on an input without a value."""
        return not any(self._unset(self._evaluate(setting.value)[0]) for setting in settings)

    def expectable(self, setting: Setting) -> bool:
        """Whether a setting is empty only because of empty defaults of inputs."""
        self._evaluate(setting.value)
        return bool(self._empty_defaults())

    def expect(self, setting: Setting, reason: str) -> None:
        """Takes the inputs with empty defaults that make a setting empty to be given."""
        self._evaluate(setting.value)
        for name in self._empty_defaults():
            self.record.assume(name, reason)

    def leave_out(self, setting: Setting, reason: str) -> None:
        """Takes the inputs without value of a setting not to be given after all."""
        for name in self._unset(self._evaluate(setting.value)[0]):
            self.record.leave_out(name, reason)

    def _empty_defaults(self) -> list[str]:
        """The inputs of what was evaluated last whose default says nothing; none when somebody gave one of them."""
        if not self._only_defaults():
            return []
        values = self.record.values
        return [name for name in dict.fromkeys(self._used) if name in values and _unset_value(values[name])]

    def demand(self, settings: Iterable[Setting | None], reason: str) -> bool:
        """Turns what was assumed of these settings into missing inputs; False when nothing was assumed of them."""
        found = False
        for setting in settings:
            if setting is not None:
                result, _ = self._evaluate(setting.value)
                for name in self._unset(result):
                    self.record.miss(name, reason)
                    found = True
        return found

    @property
    def frozen(self) -> tuple[Frozen, ...]:
        return self.record.frozen()

    @property
    def expected(self) -> frozenset[str]:
        return self.record.expected()

    def stop_if_missing(self) -> None:
        self.record.stop_if_missing()

    def _evaluate(self, expr: Expr) -> tuple[Value, list[str]]:
        from bakelift.translator.plan.evaluate import evaluate

        self._used = []
        for name in self.record.expected() & self._bound.inputs.keys():
            del self._bound.inputs[name]
        self._bound.named_values.clear()  # named values are evaluated anew, so that their inputs are heard of
        try:
            result = evaluate(self._braced.read(expr), self._bound)
        except TemplateError as error:
            raise self._explained(error) from None
        return result, list(dict.fromkeys(self._used))

    def _only_defaults(self) -> bool:
        """Whether what was evaluated last used inputs, and all of them with their defaults."""
        return bool(self._used) and all(
            self.bindings.came_from.get(name, "default") == "default" for name in self._used
        )

    def _blamed(self, expr: Expr) -> list[str]:
        """The one input whose default makes an expression fail, where one alone does; else all that it uses."""
        used = list(dict.fromkeys(self._used))
        inputs = self._bound.inputs
        for name in used:
            value = inputs.pop(name, None)
            if value is None:
                continue
            try:
                self._evaluate(expr)
            except TemplateError:
                continue
            else:
                return [name]
            finally:
                inputs[name] = value
        return used

    def _explained(self, error: TemplateError) -> TemplateError:
        """The error with the values of the inputs that led to it."""
        said = []
        for item in self.plan.inputs:
            if item.name in self._used and item.name in self.bindings.values and not item.sensitive:
                shown = shown_value(self.bindings.values[item.name])
                came_from = self.bindings.came_from.get(item.name, "default")
                said.append(f'{item.name} = "{shown}" ({came_from})' if shown is not None else f"{item.name} = null")
        if not said:
            return error
        hint = f"It was computed with {', '.join(said)}; -var gives another value."
        first = error.diagnostics[0]
        detail = f"{first.detail} {hint}" if first.detail else hint
        return TemplateError(first.but(detail=detail), *error.diagnostics[1:])

    def _unset(self, result: Value) -> list[str]:
        """Inputs without a value that keep a result from being known."""
        found: dict[str, None] = {}
        waiting = [result]
        while waiting:
            value = waiting.pop()
            if isinstance(value.raw, Unknown):
                for name in sorted(referenced_inputs(value.raw.residual, self._bound.named)):
                    if name not in self.record.values and self.plan.input(name) is not None:
                        found[name] = None
            waiting.extend(value.elements())
        return list(found)

    def _deciding(self, expr: Expr, used: list[str]) -> list[str]:
        """Inputs on which it depends whether an expression gives anything: those that stand in conditions.

        A parameter that is itself the value may change at deployment without changing the structure.
        """
        conditions: set[str] = set()
        seen: set[str] = set()
        waiting = [expr]
        while waiting:
            for node in waiting.pop().walk():
                if isinstance(node, Conditional):
                    conditions |= referenced_inputs(node.condition, self._bound.named)
                elif isinstance(node, Call) and node.operation in ("coalesce", "try", "lookup", "go.if"):
                    conditions |= referenced_inputs(node, self._bound.named)
                elif (name := value_name(node)) is not None and name not in seen:
                    seen.add(name)
                    if name in self._bound.named:
                        waiting.append(self._bound.named[name])
        return [name for name in used if name in conditions]


def _unset_value(value: Value) -> bool:
    """Whether Packer takes a value for "not said": null, an empty text, an empty list or map."""
    return value.raw is None or value.raw in ("", (), {})
