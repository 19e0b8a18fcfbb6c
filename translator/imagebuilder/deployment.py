"""A deployment template before it is spelled: expressions still stand at its leaves.

One lowering, several printers: ARM JSON here, Bicep in :mod:`.bicep_writer`.
"""

from __future__ import annotations

from bakelift.translator.languages.arm import Unprintable, expr_to_value
from bakelift.translator.plan.expressions import Expr
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from bakelift.translator.diagnostics import Diagnostics
    from bakelift.translator.languages.arm import Symbols

    #: JSON whose leaves may be expressions; None is left out.
    Draft = Any

_SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"


class Resource(Record):
    """A resource of a deployment. ``symbol``: its symbolic name in Bicep; before it is arranged, the wanted one."""

    symbol: str
    draft: Mapping[str, Draft]


class Deployment(Record):
    """``parameters``: definitions by name (:mod:`.parameters`); ``variables``: by name; ``symbols``: of all of them.

    ``around``: what stood around the image templates of the template that was read (:mod:`.reader_envelope`).
    """

    parameters: Mapping[str, Draft]
    variables: Mapping[str, Expr]
    resources: tuple[Resource, ...]
    symbols: Symbols
    around: Mapping[str, Expr] = {}


def deployment_template(deployment: Deployment, diagnostics: Diagnostics) -> dict[str, Any]:
    """The deployment as ARM JSON."""
    symbols = deployment.symbols
    template: dict[str, Any] = {"$schema": _SCHEMA, "contentVersion": "1.0.0.0"}
    template["parameters"] = rendered(deployment.parameters, symbols, diagnostics)
    if deployment.variables:
        template["variables"] = rendered(deployment.variables, symbols, diagnostics)
    template["resources"] = rendered([resource.draft for resource in deployment.resources], symbols, diagnostics)
    return template


def rendered(draft: Draft, symbols: Symbols, diagnostics: Diagnostics, expressions: bool = True) -> Any:
    """JSON of a draft; what is None is left out, and what cannot be said is an error and left out."""
    if isinstance(draft, Expr):
        try:
            return expr_to_value(draft, symbols, expressions)
        except Unprintable as problem:
            reason = problem.reason
            diagnostics.error("aib/unsayable", "A value cannot be written", reason[:1].upper() + reason[1:], draft.span)
            return None
    if isinstance(draft, dict):
        found = {key: rendered(value, symbols, diagnostics, expressions) for key, value in draft.items()}
        return {key: value for key, value in found.items() if value is not None}
    if isinstance(draft, list):
        return [rendered(value, symbols, diagnostics, expressions) for value in draft]
    return draft
