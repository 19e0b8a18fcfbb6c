"""Customizers and validators as Image Builder has them: what lowering makes and raising reads.

Texts are expressions, since a parameter may stand in them; an ``inline`` has one expression a line.
"""

from __future__ import annotations

from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.plan.expressions import Expr
    from bakelift.translator.plan.model import Leaf


class Customizer(Record):
    """Base. Each kind has a ``name``, and ``leaves``: what of the input it says.

    ``extra``: an object of the properties that a step cannot say (``false`` for a default, a name that is no text).
    """

    _aside = Record._aside | {"extra"}

    if TYPE_CHECKING:

        @property
        def name(self) -> Expr | None: ...

        @property
        def leaves(self) -> tuple[Leaf, ...]: ...

        @property
        def extra(self) -> Expr | None: ...


class Shell(Customizer):
    name: Expr | None = None
    inline: tuple[Expr, ...] | None = None
    script_uri: Expr | None = None
    sha256_checksum: Expr | None = None
    leaves: tuple[Leaf, ...] = ()
    extra: Expr | None = None


class PowerShell(Customizer):
    name: Expr | None = None
    inline: tuple[Expr, ...] | None = None
    script_uri: Expr | None = None
    sha256_checksum: Expr | None = None
    run_elevated: Expr | None = None
    run_as_system: Expr | None = None
    valid_exit_codes: Expr | None = None
    leaves: tuple[Leaf, ...] = ()
    extra: Expr | None = None


class File(Customizer):
    name: Expr | None = None
    source_uri: Expr | None = None
    destination: Expr | None = None
    sha256_checksum: Expr | None = None
    leaves: tuple[Leaf, ...] = ()
    extra: Expr | None = None


class WindowsRestart(Customizer):
    name: Expr | None = None
    restart_command: Expr | None = None
    restart_check_command: Expr | None = None
    restart_timeout: Expr | None = None
    leaves: tuple[Leaf, ...] = ()
    extra: Expr | None = None


class WindowsUpdate(Customizer):
    name: Expr | None = None
    search_criteria: Expr | None = None
    filters: Expr | None = None
    update_limit: Expr | None = None
    leaves: tuple[Leaf, ...] = ()
    extra: Expr | None = None
