"""What a shell step does, as a :class:`ShellSpec`, and what that is lowered into, as a :class:`Shape`."""

from __future__ import annotations

from bakelift.translator.imagebuilder.lowering.names import last_part
from bakelift.translator.plan.expressions import Ref
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from bakelift.translator.imagebuilder.lowering.staging import Staged
    from bakelift.translator.imagebuilder.lowering.vault import Vault
    from bakelift.translator.plan.expressions import Expr

DEFAULT_COMMAND = "chmod +x {{.Path}}; {{.Vars}} {{.Path}}"
DEFAULT_COMMAND_WITH_FILE = "chmod +x {{.Path}}; . {{.EnvVarFile}} && {{.Path}}"
DEFAULT_SHEBANG = "/bin/sh -e"

#: Exit status that Packer's ssh communicator gives to a connection that was lost.
DISCONNECT = 2300218


class Variable(Record):
    """One environment variable. A value that only the deployment knows is an expression."""

    name: str
    value: str | Expr


class Script(Record):
    """A file to run. ``path``: as the marker line shows it; None: the inline lines.

    ``origin``: where it was read on disk; ``staged``: where it is fetched from, None when the text holds it.
    """

    data: bytes
    path: str | None = None
    origin: str | None = None
    staged: Staged | None = None

    @property
    def name(self) -> str:
        """The last part of its path."""
        return last_part(self.path or "")


class ShellSpec(Record):
    """What a shell provisioner does, with Packer's defaults applied where None does not say "default".

    ``inline`` has the items as rendered. ``shebang`` None: not said. ``command`` None: the default. ``facts``: what the
    marker line carries (options as written that the text does not show).
    """

    inline: tuple[str, ...] | None = None
    scripts: tuple[Script, ...] = ()
    variables: tuple[Variable, ...] = ()
    shebang: str | None = None
    command: Expr | None = None
    env_file: bool = False
    env_format: str | None = None
    remote_folder: str | None = None
    remote_file: str | None = None
    remote_path: str | None = None
    binary: bool = False
    skip_clean: bool = False
    exit_codes: tuple[int, ...] = ()
    retries: int = 0
    carry_on: bool = False
    pause_before: Decimal | None = None
    pause_after: Decimal | None = None
    timeout: Decimal | None = None
    vault: Vault | None = None
    facts: Mapping[str, object] = {}


class Unshaped(Exception):
    """The text cannot be written; says why."""


class Shape:
    """A lowered text: its lines, whether it is the plain shape, and the script that it holds."""

    __slots__ = ("lines", "path", "plain", "staged")

    def __init__(
        self, lines: tuple[Expr, ...], plain: bool, path: str | None = None, staged: tuple[Staged, ...] = ()
    ) -> None:
        self.lines = lines
        self.plain = plain
        self.path = path
        self.staged = staged


def vault_secrets(value: Expr) -> bool:
    """Whether a value has secrets of a vault in it."""
    return any(isinstance(node, Ref) and node.kind == "vault" for node in value.walk())


def fetched(spec: ShellSpec, prelude: list[str]) -> list[str]:
    """The secrets that the variables need; the lines that fetch them are added to the prelude."""
    if spec.vault is None:
        return []
    from bakelift.translator.imagebuilder.lowering.vault import secrets_of, shell_fetch

    secrets = secrets_of(*(variable.value for variable in sorted(spec.variables, key=lambda v: v.name)))
    prelude += shell_fetch(spec.vault, secrets)
    return secrets
