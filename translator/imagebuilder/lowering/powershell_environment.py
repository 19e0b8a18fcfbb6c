"""What a PowerShell customizer's text sets before its script runs: ``$env:X = '…'`` lines, the secrets of a vault."""

from __future__ import annotations

import re

from bakelift.translator.imagebuilder.lowering import text as t
from bakelift.translator.imagebuilder.lowering.environment import vault_facts, vault_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bakelift.translator.imagebuilder.lowering.shell_spec import Variable
    from bakelift.translator.imagebuilder.lowering.step_reader import StepReader
    from bakelift.translator.plan.expressions import Expr


def environment_values(reader: StepReader, variables: Sequence[Variable], body: str) -> dict[str, str | Expr]:
    """The variables of a script, those that Packer sets itself where it may look at them."""
    values: dict[str, str | Expr] = {v.name: v.value for v in variables}
    if re.search(r"PACKER_|(?i:env:(?![a-z_]))|(?i:GetEnvironmentVariables)|(?m:^[^\S\n]*[.&]\s)", body):
        context = reader.context
        values = {"PACKER_BUILDER_TYPE": context.builder_type, "PACKER_BUILD_NAME": context.build_name, **values}
    return values


def environment_prelude(
    reader: StepReader, variables: tuple[Variable, ...], values: Mapping[str, str | Expr], holes: list[Expr]
) -> tuple[list[str], dict[str, object]]:
    """The lines that set variables, and what the marker line says of the secrets in them."""
    made: list[str] = []
    vault = vault_of(reader, variables)
    secrets: list[str] = []
    if vault is not None:
        from bakelift.translator.imagebuilder.lowering.vault import secrets_of, windows_fetch, windows_value

        ordered = sorted(variables, key=lambda variable: variable.name)
        secrets = secrets_of(*(variable.value for variable in ordered))
        made += windows_fetch(vault, secrets)
    for name in sorted(values):
        value = values[name]
        if secrets and not isinstance(value, str) and secrets_of(value):
            made.append(f"{variable(name)} = {windows_value(value, secrets, holes)}")
        else:
            made.append(f"{variable(name)} = {t.powershell_word(value, holes)}")
    return made, vault_facts(reader, variables)


def variable(name: str) -> str:
    """An environment variable as PowerShell names it."""
    return f"$env:{name}" if re.fullmatch(r"[A-Za-z0-9_]+", name) else "${env:" + name + "}"
