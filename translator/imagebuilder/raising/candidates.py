"""What a lowered text may have been: a step made from its marker line and its lines, to be checked by lowering it."""

from __future__ import annotations

from bakelift.translator.files import Entry
from bakelift.translator.imagebuilder.lowering.vault import secret_inputs
from bakelift.translator.plan.expressions import Expr
from bakelift.translator.plan.model import Setting, Step
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from bakelift.translator.imagebuilder.raising.facts import Facts


class Candidate(Record):
    """A step, the files that it names (bytes by path; trees by folder), and what lowering has to know besides.

    Paths are as the marker lines show them. ``last``: the step's text lost its generalization, so it was the image's
    last; ``number``: 0, or the number that names of left-behind files were made from. ``secrets``: the inputs that are
    secrets of ``vault``, fetched by ``identity``. ``own``: elevation is said in the service's way, not in Packer's.
    ``rewritten``: the script with which Image Builder generalizes is written again, since a step had removed it.
    """

    step: Step
    files: dict[str, bytes] = {}
    folders: dict[str, tuple[Entry, ...]] = {}
    executable: frozenset[str] = frozenset()
    build_name: str = ""
    builder_type: str = ""
    last: bool = False
    number: int = 0
    vault: str | None = None
    identity: str | None = None
    secrets: tuple[str, ...] = ()
    own: bool = True
    rewritten: bool = False


def settings(values: Mapping[str, Expr | None]) -> dict[str, Setting]:
    """Expressions as the settings of a step; those that are None are not said."""
    return {name: Setting(value) for name, value in values.items() if value is not None}


def vault_of(facts: Facts) -> dict[str, Any]:
    """What a candidate has to know of the vault that its secrets are in."""
    vault, identity = facts.get("vault"), facts.get("identity")
    return {
        "vault": vault if isinstance(vault, str) else None,
        "identity": identity if isinstance(identity, str) else None,
        "secrets": tuple(secret_inputs(facts.get("secrets"))),
    }
