"""What symbols mean while an expression is evaluated."""

from __future__ import annotations

from bakelift.translator.files import NoFiles

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bakelift.translator.files import Files
    from bakelift.translator.plan.expressions import Expr, Ref
    from bakelift.translator.plan.values import Value


class Clock:
    """Time and identity for functions that ask: ``now`` is seconds since 1970 (fractions kept), fixed for a run."""

    __slots__ = ("now", "uuid")

    def __init__(self, now: float, uuid: Callable[[], str]) -> None:
        self.now = now
        self.uuid = uuid


class Scope:
    """Binds symbols. What is not bound stays symbolic: its value is unknown with the symbol as residual.

    ``inputs``: values of variables (a missing one is symbolic). ``named``: expressions of named values, evaluated once
    on first use; with ``keep_named`` a named value whose value is not wholly known stays a reference. ``symbols``:
    values by (kind, name) for every other kind of Ref. ``clock`` None: time and uuids stay symbolic (a translation
    does not know them). ``environment`` None: ``env()`` stays symbolic. ``on_input`` hears of each input used.
    """

    def __init__(
        self,
        inputs: Mapping[str, Value] | None = None,
        named: Mapping[str, Expr] | None = None,
        symbols: Mapping[tuple[str, str], Value] | None = None,
        files: Files | None = None,
        clock: Clock | None = None,
        environment: Mapping[str, str] | None = None,
        keep_named: bool = False,
        on_input: Callable[[str, Ref], None] | None = None,
    ) -> None:
        self.inputs = dict(inputs or {})
        self.named = dict(named or {})
        self.symbols = dict(symbols or {})
        self.files: Files = files or NoFiles()
        self.clock = clock
        self.environment = environment
        self.keep_named = keep_named
        self.on_input = on_input
        self.named_values: dict[str, Value] = {}
        self.in_progress: list[str] = []
