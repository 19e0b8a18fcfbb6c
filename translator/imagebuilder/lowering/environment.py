"""environment_vars and env: the variables that a step sets, whose values may stay parameters."""

from __future__ import annotations

from bakelift.translator.imagebuilder.lowering.context import CannotLower
from bakelift.translator.imagebuilder.lowering.shell_spec import Variable, vault_secrets
from bakelift.translator.imagebuilder.lowering.step_reader import scalar_text
from bakelift.translator.plan.expressions import ListExpr, Literal, Ref, Template, template
from bakelift.translator.plan.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from bakelift.translator.imagebuilder.lowering.step_reader import StepReader
    from bakelift.translator.imagebuilder.lowering.vault import Vault
    from bakelift.translator.plan.expressions import Expr


def read_environment(reader: StepReader) -> tuple[tuple[Variable, ...], dict[str, object]]:
    """The variables, the last of a name winning and ``env`` over ``environment_vars``; and the names in their order."""
    found: dict[str, Variable] = {}
    facts: dict[str, object] = {}
    names = []
    for item in reader.items("environment_vars"):
        variable = _variable(item, reader)
        names.append(variable.name)
        found[variable.name] = variable
    if names:
        facts["environment_vars"] = names
    entries = reader.entries("env")
    for name, value in entries:
        found[name] = Variable(name, _known(template([value]), reader, "env"))
    if entries:
        facts["env"] = [name for name, _ in entries]
    return tuple(found.values()), facts


def _variable(item: Expr, reader: StepReader) -> Variable:
    item = _vaulted(item, reader, "environment_vars")
    reader.refuse_secrets(item, "environment_vars", parameter=True)
    reader.refuse_build_data(item, "environment_vars")
    folded = reader.context.binder.fold(item)
    parts = folded.parts if isinstance(folded, Template) else (folded,)
    first = parts[0]
    if not (isinstance(first, Literal) and isinstance(first.value, str) and "=" in first.value):
        text = reader.text_of(item, "environment_vars")
        parts = (Literal(text),)
        first = parts[0]
    assert isinstance(first, Literal)
    name, equals, value = str(first.value).partition("=")
    if not equals or not name:
        raise CannotLower(
            "packer/bad-environment-variable",
            f"environment variable not in format 'key=value': {first.value}",
            "Write it as NAME=value.",
            item.span or reader.span("environment_vars"),
        )
    rest = template([Literal(value), *parts[1:]])
    return Variable(name, str(rest.value) if isinstance(rest, Literal) else rest)


def _vaulted(value: Expr, reader: StepReader, option: str) -> Expr:
    """With the sensitive inputs as secrets of a vault, where one is given."""
    sensitive = reader.context.options.sensitive
    if not any(isinstance(node, Ref) and (node.kind, node.name) in sensitive for node in value.walk()):
        return value
    if reader.context.options.vault is None:
        if reader.context.options.allow_secrets:
            reader.say(option, "adapted", "aib/secret-inline", "as a parameter, whose value the image template shows")
        return value
    from bakelift.translator.imagebuilder.lowering.vault import from_vault

    found = from_vault(value, reader)
    if found is None:
        return value
    summary = f"fetched from the vault {reader.context.options.vault} when the image is built"
    reader.say(option, "adapted", "aib/secret-vault", summary)
    return found


def _known(value: Expr, reader: StepReader, option: str) -> str | Expr:
    value = _vaulted(value, reader, option)
    reader.refuse_secrets(value, option, parameter=True)
    reader.refuse_build_data(value, option)
    folded = reader.context.binder.fold(value)
    inner = folded.parts[0] if isinstance(folded, Template) and len(folded.parts) == 1 else folded
    if isinstance(inner, Literal):
        from bakelift.translator.plan.types import DYNAMIC

        return scalar_text(Value(DYNAMIC, inner.value)) or ""
    return folded


def vault_of(reader: StepReader, variables: Sequence[Variable]) -> Vault | None:
    """The vault that the variables' secrets are fetched from; None where they have none.

    Raises CannotLower when the build VM has no identity that could fetch them.
    """
    if not any(_has_secrets(variable) for variable in variables):
        return None
    from bakelift.translator.imagebuilder.lowering.vault import Vault

    context = reader.context
    assert context.options.vault is not None
    identities = context.identities
    if identities is None:
        raise CannotLower(
            "aib/secret-identity",
            "the build VM has no identity that could fetch secrets",
            'Give it one: user_assigned_managed_identities = ["/subscriptions/…/userAssignedIdentities/NAME"].',
            reader.step.span,
        )
    several = isinstance(identities, ListExpr) and len(identities.items) > 1
    first = identities.items[0] if several and isinstance(identities, ListExpr) else None
    chosen = str(first.value) if isinstance(first, Literal) else None
    return Vault(context.options.vault, chosen)


def vault_facts(reader: StepReader, variables: Sequence[Variable]) -> dict[str, object]:
    """What the marker line says of the variables' secrets."""
    vault = vault_of(reader, variables)
    if vault is None:
        return {}
    from bakelift.translator.imagebuilder.lowering.vault import facts_of

    return facts_of(vault, [(v.name, v.value) for v in variables], reader.context.vaulted)


def _has_secrets(variable: Variable) -> bool:
    return not isinstance(variable.value, str) and vault_secrets(variable.value)
