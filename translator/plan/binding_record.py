"""Values of inputs, and the account of those that the structure of images depends on."""

from __future__ import annotations

from bakelift.translator.diagnostics import fail
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from bakelift.translator.plan.model import Plan
    from bakelift.translator.plan.values import Value
    from bakelift.translator.report import Frozen


class Bindings(Record):
    """Values of inputs, converted to their types, and where each came from.

    ``came_from``: ``default``, ``-var``, the name of a var file, or ``PKR_VAR_name``. An input without a value is in
    neither. ``environment``: for inputs whose default reads the environment, the variable's name.
    """

    values: Mapping[str, Value] = {}
    came_from: Mapping[str, str] = {}
    environment: Mapping[str, str] = {}


class _Need:
    """One input that structure depends on: what for, in order of asking."""

    def __init__(self) -> None:
        self.reasons: list[str] = []

    def add(self, reason: str) -> None:
        if reason not in self.reasons:
            self.reasons.append(reason)


class BindingRecord:
    """What was bound and what could not be, over all images of one translation."""

    def __init__(self, plan: Plan, bindings: Bindings) -> None:
        self.plan = plan
        self.bindings = bindings
        #: Values that count: without those of inputs that were taken to be given in spite of a default.
        self.values = dict(bindings.values)
        self._frozen: dict[str, _Need] = {}
        self._missing: dict[str, _Need] = {}
        self._assumed: dict[str, _Need] = {}
        self._left_out: dict[str, _Need] = {}
        for name, what in plan.origin.decided if plan.origin is not None else ():
            if name in bindings.values:
                self.freeze(name, what)

    def freeze(self, name: str, reason: str) -> None:
        self._frozen.setdefault(name, _Need()).add(reason)

    def miss(self, name: str, reason: str) -> None:
        self._missing.setdefault(name, _Need()).add(reason)

    def assume(self, name: str, reason: str) -> None:
        """An input is taken to be given: it has no value, or a default with which nothing could be built."""
        self.values.pop(name, None)
        self._assumed.setdefault(name, _Need()).add(reason)

    def leave_out(self, name: str, reason: str) -> None:
        """An input without a value is taken not to be given."""
        self._assumed.pop(name, None)
        self._left_out.setdefault(name, _Need()).add(reason)

    def missing(self) -> dict[str, tuple[str, ...]]:
        """The inputs that structure needs and that have no value, with what needs them."""
        return {name: tuple(need.reasons) for name, need in self._missing.items()}

    def assumed(self) -> dict[str, tuple[str, ...]]:
        """The inputs without value that were taken to be given."""
        return {name: tuple(need.reasons) for name, need in self._assumed.items()}

    def expected(self) -> frozenset[str]:
        """The inputs that have a default, and were taken to be given because it does not do."""
        return frozenset(self._assumed) & self.bindings.values.keys()

    def frozen(self) -> tuple[Frozen, ...]:
        """In the order of the template, then what was taken to be given. A sensitive input's value is not shown."""
        from bakelift.translator.report import Frozen

        found = []
        for item in self.plan.inputs:
            need = self._frozen.get(item.name)
            if need is not None:
                value = self.bindings.values[item.name]
                secret = item.sensitive or value.sensitive
                came_from = self.bindings.came_from.get(item.name, "default")
                shown = None if secret else shown_value(value)
                found.append(Frozen(item.name, shown, came_from, "; ".join(need.reasons), secret))
        for name, need in self._assumed.items():
            if name not in self._frozen and name not in self._missing:
                had = "default that does not do" if name in self.bindings.values else "no value"
                found.append(Frozen(name, None, f"{had}, taken to be given", "; ".join(need.reasons)))
        for name, need in self._left_out.items():
            if name not in self._assumed and name not in self._missing:
                found.append(Frozen(name, None, "no value, taken not to be given", "; ".join(need.reasons)))
        return tuple(found)

    def stop_if_missing(self) -> None:
        """Raises one TemplateError (``plan/missing-inputs``) that lists every missing ``-var``."""
        if not self._missing:
            return
        names = [item.name for item in self.plan.inputs if item.name in self._missing]
        names += [name for name in self._missing if name not in names]
        lines = [f"-var '{name}=VALUE'  ({'; '.join(self._missing[name].reasons)})" for name in names]
        first = self.plan.input(names[0])
        count = "a variable decides" if len(names) == 1 else f"{len(names)} variables decide"
        detail = "Structure cannot depend on a parameter of the deployment. Give:\n" + "\n".join(lines)
        summary = f"{count} what is built, and {'has' if len(names) == 1 else 'have'} no value: {', '.join(names)}"
        raise fail("plan/missing-inputs", summary, detail, first.span if first else None, tuple(names))


def shown_value(value: Value) -> str | None:
    """A value as text for the report; None when it is sensitive or not known."""
    if value.sensitive or not value.wholly_known():
        return None
    if value.null:
        return "null"
    from bakelift.translator.plan.values import to_python

    data = to_python(value)
    if isinstance(data, str):
        return data
    if isinstance(data, bool):
        return "true" if data else "false"
    import json

    return json.dumps(data, default=str, sort_keys=True)
