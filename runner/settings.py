"""A component's settings while it runs: evaluated on demand and decoded as Packer decodes them.

Decoding is weak, as in Packer: a number where text is wanted becomes text, ``"22"`` a number, a scalar a list of one.
Before the build's machine exists, its generated data has placeholders (:data:`PLACEHOLDERS`), so that everything can be
checked before anything happens; :meth:`Settings.bind` gives the same settings with what is known later.
"""

from __future__ import annotations

from bakelift.runner import durations
from bakelift.translator.diagnostics import fail
from bakelift.translator.plan.scope import Scope
from bakelift.translator.plan.types import STRING
from bakelift.translator.plan.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from bakelift.translator.diagnostics import Span, TemplateError
    from bakelift.translator.plan.model import Setting

#: Generated data that every builder has, by name, with what stands for it where a builder does not give it.
PLACEHOLDERS = {
    "ID": "ERR_ID_NOT_IMPLEMENTED_BY_BUILDER",
    "Host": "",
    "Port": "0",
    "User": "",
    "Password": "",
    "ConnType": "",
    "PackerRunUUID": "",
    "PackerHTTPIP": "ERR_HTTP_IP_NOT_IMPLEMENTED_BY_BUILDER",
    "PackerHTTPPort": "ERR_HTTP_PORT_NOT_IMPLEMENTED_BY_BUILDER",
    "PackerHTTPAddr": "ERR_HTTP_ADDR_NOT_IMPLEMENTED_BY_BUILDER",
    "SSHPublicKey": "",
    "SSHPrivateKey": "",
    "SSHPrivateKeyFile": "",
    "SSHAgentAuth": "false",
    "WinRMPassword": "",
}


def text_value(text: str) -> Value:
    return Value(STRING, text)


def build_symbols(data: Mapping[str, str]) -> dict[tuple[str, str], Value]:
    """The symbols of generated data, placeholders included."""
    return {("build", name): text_value(value) for name, value in {**PLACEHOLDERS, **data}.items()}


class Settings:
    """``where``: how a diagnostic names the component (``shell provisioner``)."""

    def __init__(
        self, settings: Mapping[str, Setting], scope: Scope, where: str = "", span: Span | None = None
    ) -> None:
        self._settings = settings
        self.scope = scope
        self.where = where
        self.span = span

    def bind(self, symbols: Mapping[tuple[str, str], Value]) -> Settings:
        """The same settings with more symbols bound."""
        old = self.scope
        scope = Scope(
            old.inputs, old.named, {**old.symbols, **symbols}, old.files, old.clock, old.environment, old.keep_named
        )
        return Settings(self._settings, scope, self.where, self.span)

    def names(self) -> tuple[str, ...]:
        return tuple(self._settings)

    def has(self, name: str) -> bool:
        """Whether an option is said, without evaluating it."""
        return name in self._settings

    def value(self, name: str) -> Value | None:
        """The evaluated option; None when it is not said, or null. What cannot be known is an error."""
        setting = self._settings.get(name)
        if setting is None:
            return None
        from bakelift.translator.plan.evaluate import evaluate

        value = evaluate(setting.value, self.scope)
        if not value.wholly_known():
            raise self._failure("build/value-unknown", name, f"depends on {_missing(value)}")
        return None if value.null else value

    def evaluated(self) -> dict[str, Value]:
        """Every option that is said, as far as it is known."""
        from bakelift.translator.plan.evaluate import evaluate

        return {name: evaluate(setting.value, self.scope) for name, setting in self._settings.items()}

    def given(self, name: str) -> bool:
        """Whether an option is said and neither null, "" nor an empty list: what Packer calls set."""
        value = self.value(name)
        return value is not None and value.raw not in ("", ())

    def text(self, name: str, default: str = "") -> str:
        value = self.value(name)
        return default if value is None else self._text(name, value)

    def boolean(self, name: str, default: bool = False) -> bool:
        value = self.value(name)
        if value is None or value.raw == "":
            return default
        if isinstance(value.raw, bool):
            return value.raw
        text = self._text(name, value).lower()
        if text in {"1", "t", "true"}:
            return True
        if text in {"0", "f", "false"}:
            return False
        raise self._failure("build/not-a-bool", name, f"must be true or false, not {text!r}")

    def integer(self, name: str, default: int = 0) -> int:
        value = self.value(name)
        if value is None or value.raw == "":
            return default
        return self._integer(name, value)

    def number(self, name: str, default: float = 0.0) -> float:
        """A number that need not be whole."""
        value = self.value(name)
        if value is None or value.raw == "":
            return default
        try:
            return float(self._text(name, value))
        except ValueError:
            raise self._failure("build/not-a-number", name, f"must be a number, not {value.raw!r}") from None

    def records(self, name: str) -> list[Settings]:
        """Repeated blocks (a list of objects, or one object), each as settings of its own."""
        from bakelift.translator.plan.model import Setting
        from bakelift.translator.plan.values import to_expr

        value = self.value(name)
        if value is None:
            return []
        found = []
        for item in value.raw if isinstance(value.raw, tuple) else (value,):
            if not isinstance(item.raw, dict):
                raise self._failure("build/not-a-map", name, "must be blocks, or a list of objects")
            fields = {key: Setting(to_expr(field)) for key, field in item.raw.items()}
            found.append(Settings(fields, self.scope, self.where, self._settings[name].span or self.span))
        return found

    def duration(self, name: str, default: float = 0.0) -> float:
        """Seconds. A number without unit is nanoseconds, as in Packer."""
        value = self.value(name)
        if value is None or value.raw == "":
            return default
        try:
            return durations.parse(self._text(name, value))
        except ValueError as error:
            raise self._failure("build/not-a-duration", name, f"is not a duration: {error}") from error

    def texts(self, name: str) -> list[str]:
        return [self._text(name, item) for item in self._items(name)]

    def integers(self, name: str) -> list[int]:
        return [self._integer(name, item) for item in self._items(name)]

    def mapping(self, name: str) -> dict[str, str]:
        value = self.value(name)
        if value is None:
            return {}
        if not isinstance(value.raw, dict):
            raise self._failure("build/not-a-map", name, "must be a map of strings")
        return {key: self._text(name, item) for key, item in value.raw.items()}

    def _items(self, name: str) -> tuple[Value, ...]:
        value = self.value(name)
        if value is None:
            return ()
        if isinstance(value.raw, tuple):
            return value.raw
        return (value,)

    def _integer(self, name: str, value: Value) -> int:
        try:
            return int(self._text(name, value), 0)
        except ValueError:
            raise self._failure("build/not-a-number", name, f"must be a whole number, not {value.raw!r}") from None

    def _text(self, name: str, value: Value) -> str:
        raw = value.raw
        if raw is None:
            return ""
        if isinstance(raw, bool):
            return "true" if raw else "false"
        if isinstance(raw, (tuple, dict)):
            raise self._failure("build/not-text", name, "must be text, not a list or a map")
        return str(raw)

    def _failure(self, code: str, name: str, problem: str) -> TemplateError:
        setting = self._settings.get(name)
        span = (setting.span if setting else None) or self.span
        return fail(code, f"{name} {problem}", f"This is an option of the {self.where}." if self.where else "", span)

    def failure(self, code: str, summary: str, detail: str = "", name: str = "") -> TemplateError:
        """A TemplateError about this component (at the option ``name``, when it is there), to be raised."""
        setting = self._settings.get(name)
        return fail(code, summary, detail, (setting.span if setting else None) or self.span)


def _missing(value: Value) -> str:
    """What an unknown value waits for, in words."""
    from bakelift.translator.plan.expressions import Ref
    from bakelift.translator.plan.values import to_expr

    for node in to_expr(value).walk():
        if isinstance(node, Ref) and node.kind == "data":
            return f"data.{node.name}, which is not known: -allow-network asks data sources of type http"
    return "something that has no value here"
