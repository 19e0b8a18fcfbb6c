"""What symbols mean while an expression is evaluated."""

from __future__ import annotations

from bakelift.translator.files import NoFiles

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from bakelift.translator.diagnostics import TemplateError
    from bakelift.translator.files import Files
    from bakelift.translator.plan.expressions import Expr, Ref
    from bakelift.translator.plan.values import Value

    Uses = list[tuple[str, Ref]]


class Clock:
    """Time and identity for functions that ask: ``now`` is seconds since 1970 (fractions kept), fixed for a run."""

    __slots__ = ("now", "uuid")

    def __init__(self, now: float, uuid: Callable[[], str]) -> None:
        self.now = now
        self.uuid = uuid


class Scope:
    """Binds symbols. What is not bound stays symbolic: its value is unknown with the symbol as residual.

    ``inputs``: values of variables (a missing one is symbolic). ``named``: expressions of named values and of known
    data (``Plan.values``), evaluated once on first use; with ``keep_named`` a named value whose value is not wholly
    known stays a reference; those in ``sensitive_named`` are marked. ``symbols``: values by (kind, name) for every
    other kind of Ref. An input or symbol of a known type that has no value yet is bound to
    ``unknown(Ref(...), TYPE, MARKS)``. ``clock`` None: time and uuids stay symbolic (a translation does not know them).
    ``environment`` None: ``env()`` stays symbolic.
    ``on_input`` hears of each input used, not of those that only the branch that a conditional does not take mentions;
    for those behind a named value it hears at each use.
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
        sensitive_named: Iterable[str] = (),
    ) -> None:
        self.inputs = dict(inputs or {})
        self.named = dict(named or {})
        self.symbols = dict(symbols or {})
        self.files: Files = files or NoFiles()
        self.clock = clock
        self.environment = environment
        self.keep_named = keep_named
        self.on_input = on_input
        self.sensitive_named = frozenset(sensitive_named)
        #: What named values gave: a value or the error, with the inputs that were used for it.
        self.named_values: dict[str, tuple[Value | TemplateError, Uses]] = {}
        self.in_progress: list[str] = []
        self._recordings: list[Uses] = []

    def used(self, name: str, ref: Ref) -> None:
        """Notes the use of an input: for the recording that is running, else for ``on_input``."""
        if self._recordings:
            self._recordings[-1].append((name, ref))
        elif self.on_input is not None:
            self.on_input(name, ref)

    def recording(self) -> Recording:
        """Within it, uses of inputs are only collected: ``with scope.recording() as uses``."""
        return Recording(self._recordings)

    def but(
        self,
        inputs: Mapping[str, Value] | None = None,
        symbols: Mapping[tuple[str, str], Value] | None = None,
    ) -> Scope:
        """A scope with more inputs or symbols bound; named values are evaluated anew."""
        return Scope(
            {**self.inputs, **(inputs or {})},
            self.named,
            {**self.symbols, **(symbols or {})},
            self.files,
            self.clock,
            self.environment,
            self.keep_named,
            self.on_input,
            self.sensitive_named,
        )


class Recording:
    """Collects the uses of inputs while it is open."""

    __slots__ = ("_stack",)

    def __init__(self, stack: list[Uses]) -> None:
        self._stack = stack

    def __enter__(self) -> Uses:
        uses: Uses = []
        self._stack.append(uses)
        return uses

    def __exit__(self, *_: object) -> None:
        self._stack.pop()
