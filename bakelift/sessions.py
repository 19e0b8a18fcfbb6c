"""What the commands that take a template have in common: reading it, binding its variables, choosing its images."""

from __future__ import annotations

from bakelift.loading import load_template, read_source
from bakelift.translator.diagnostics import Diagnostics

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from bakelift.arguments import Parsed
    from bakelift.configuration import Configuration
    from bakelift.loading import Loaded
    from bakelift.translator.diagnostics import Diagnostic
    from bakelift.translator.plan.binding import Bindings
    from bakelift.translator.plan.images import Image
    from bakelift.translator.plan.model import Plan
    from bakelift.translator.plan.scope import Clock, Scope


class Session:
    """A template that was read, with the values of its variables."""

    def __init__(
        self,
        loaded: Loaded,
        bindings: Bindings,
        diagnostics: Diagnostics,
        environment: Mapping[str, str] | None,
        clock: Clock | None = None,
        configuration: Configuration | None = None,
    ) -> None:
        self.configuration = configuration
        self.loaded = loaded
        self.bindings = bindings
        self.diagnostics = diagnostics
        self.environment = environment
        self.clock = clock

    @property
    def plan(self) -> Plan:
        return self.loaded.plan

    def images(self, parsed: Parsed) -> tuple[Image, ...]:
        """Those that -only and -except choose."""
        from bakelift.translator.plan.images import images

        return images(self.plan, parsed.texts("only"), parsed.texts("except"), self.bindings.values, self.diagnostics)

    def scope(self) -> Scope:
        """For evaluating expressions as a build would."""
        from bakelift.translator.plan.binding import scope_of

        now = self.clock or clock()
        return scope_of(self.plan, self.bindings.values, self.loaded.files, clock=now, environment=self.environment)


def open_template(
    parsed: Parsed,
    environment: Mapping[str, str] | None = None,
    require: bool = False,
    clock: Clock | None = None,
    carried: Collection[str] = (),
) -> Session:
    """Reads the template that a command line names, and binds what -var and -var-file say.

    ``environment`` None: ``env()`` and ``PKR_VAR_`` are not looked at, since a translation must not depend on them.
    ``clock``: for variables of legacy templates that ask for the time; without it they have no value.
    ``carried``: codes of errors that do not stop a legacy template from being read.
    """
    diagnostics = Diagnostics()
    loaded = load_template(parsed.positionals[0], diagnostics, parsed.texts("root"), parsed.texts("var-file"))
    origin = loaded.plan.origin
    diagnostics.stop_if_failed(carried if origin is not None and origin.format == "json" else ())
    shared = configuration_of(loaded)
    bindings = bind(loaded, parsed, diagnostics, environment, require, clock, shared)
    session = Session(loaded, bindings, diagnostics, environment, clock, shared)
    ask_data(session, parsed)
    return session


def configuration_of(loaded: Loaded) -> Configuration | None:
    """The bakelift.toml that counts for a template: its folder's, or one further up, below the root."""
    from bakelift.disk import DiskFiles

    files = loaded.disk
    if not isinstance(files, DiskFiles) or not holds_configuration(files.directory, files.roots):
        return None
    from bakelift.configuration import configuration

    return configuration(files.directory, files.roots)


def holds_configuration(directory: str, roots: Sequence[str]) -> bool:
    """Whether a bakelift.toml stands there or further up: looked at before anything is loaded to read one."""
    import os

    at = os.path.realpath(directory)
    while True:
        if os.path.isfile(os.path.join(at, "bakelift.toml")):
            return True
        if at in roots or at == os.path.dirname(at) or not any(at.startswith(root) for root in roots):
            return False
        at = os.path.dirname(at)


def _of_others(diagnostic: Diagnostic, shared: Configuration) -> bool:
    """Whether it tells that a shared variable file has variables of other templates too."""
    files = shared.var_files
    span = diagnostic.span
    return diagnostic.code == "packer/undeclared-variable" and span is not None and span.file.path in files


def ask_data(session: Session, parsed: Parsed) -> None:
    """With -allow-network, asks the data sources of a Packer template. Raises TemplateError when one fails."""
    if parsed.flag("allow-network") and session.plan.data:
        from bakelift.asking import asked

        session.loaded.plan = asked(session)
        session.diagnostics.stop_if_failed()


def bind(
    loaded: Loaded,
    parsed: Parsed,
    diagnostics: Diagnostics,
    environment: Mapping[str, str] | None,
    require: bool,
    clock: Clock | None,
    shared: Configuration | None,
) -> Bindings:
    """The values of a template's variables, of shared variable files first."""
    from bakelift.translator.packer.variables import bind_inputs

    names = (*(shared.var_files if shared is not None else ()), *parsed.texts("var-file"))
    files = [read_source(path) for path in names]
    told = diagnostics if shared is None else Diagnostics()
    found = bind_inputs(loaded.plan, parsed.texts("var"), files, loaded.auto_files, environment, told, require, clock)
    if shared is not None:
        diagnostics.extend(d for d in told if not _of_others(d, shared))
    return found


def clock_of(parsed: Parsed) -> Clock:
    """The clock that -seed says, else that of this run. Raises Usage for a seed that is no time but looks like one."""
    seed = parsed.text("seed")
    if seed is None:
        return clock()
    from bakelift.arguments import Usage
    from bakelift.seeds import seeded

    try:
        return seeded(seed)
    except ValueError as problem:
        raise Usage(f"-seed {seed}: {problem}") from None


def clock() -> Clock:
    """The time of this run, and fresh uuids."""
    import time

    from bakelift.translator.plan.scope import Clock

    return Clock(time.time(), _uuid)


def _uuid() -> str:
    import uuid

    return str(uuid.uuid4())
