"""Which symbols of a Plan hold secrets: those that are said to, and what is made of them."""

from __future__ import annotations

from bakelift.translator.plan.expressions import Expr, Literal, Ref

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.plan.model import Plan

#: Data sources that read secrets.
SECRET_DATA = frozenset(
    {
        "amazon-parameterstore",
        "amazon-secretsmanager",
        "azure-keyvaultsecret",
        "googlecompute-parametermanager",
        "googlecompute-secretsmanager",
    }
)


def sensitive_symbols(plan: Plan) -> frozenset[tuple[str, str]]:
    """The inputs, named values and data of a Plan that hold secrets, directly or because they are made from one."""
    found = {("input", item.name) for item in plan.inputs if item.sensitive}
    found |= {("named", item.name) for item in plan.named if item.sensitive}
    found |= {("data", f"{data.type}.{data.name}") for data in plan.data if data.type in SECRET_DATA}
    made: dict[tuple[str, str], Expr] = {("named", item.name): item.value for item in plan.named}
    made |= {
        ("input", item.name): item.default
        for item in plan.inputs
        if item.default is not None and not isinstance(item.default, Literal)
    }
    grown = bool(found)
    while grown:
        grown = False
        for key, expr in made.items():
            if key not in found and any(isinstance(n, Ref) and (n.kind, n.name) in found for n in expr.walk()):
                found.add(key)
                grown = True
    return frozenset(found)


def with_secrets_marked(plan: Plan) -> Plan:
    """A legacy template's Plan whose inputs are sensitive too where their defaults are made of sensitive ones.

    Packer hides the values of the variables that a template lists, wherever they occur. A deployment's own parameters
    stay as they are declared.
    """
    if plan.origin is None or plan.origin.format != "json" or not any(item.sensitive for item in plan.inputs):
        return plan
    secrets = sensitive_symbols(plan)
    marked = (item.but(sensitive=item.sensitive or ("input", item.name) in secrets) for item in plan.inputs)
    return plan.but(inputs=tuple(marked))
