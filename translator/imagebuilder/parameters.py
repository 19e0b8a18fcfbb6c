"""Parameters of a deployment template, made of a Plan's inputs and of what the template itself has to ask.

A definition is JSON whose defaults and allowed values are still expressions.
"""

from __future__ import annotations

import json

from bakelift.translator.imagebuilder.writer_clock import OWN
from bakelift.translator.languages.arm.kinds import is_list, is_object
from bakelift.translator.languages.arm.printer import printable
from bakelift.translator.languages.arm.values import expr_to_value
from bakelift.translator.plan.expressions import Call, Index, ListExpr, Literal, Ref
from bakelift.translator.plan.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    Dynamic,
    ListType,
    MapType,
    SetType,
)
from bakelift.translator.plan.values import to_expr

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from bakelift.translator.plan.binding import Bindings
    from bakelift.translator.plan.expressions import Expr
    from bakelift.translator.plan.model import Input
    from bakelift.translator.plan.types import ListType, MapType, Type
    from bakelift.translator.plan.values import Value

#: ARM type of each of HCL's primitives.
_TYPES: dict[Type, str] = {STRING: "string", BOOL: "bool", NUMBER: "int"}


def own(name: str) -> Ref:
    """A parameter that the writer makes itself."""
    return Ref("input", OWN + name)


def type_of(item: Input, bindings: Bindings) -> Type:
    """The type of an input: as declared, else that of its value, else text (what ``-var`` gives)."""
    if item.type is not None and not isinstance(item.type, Dynamic):
        return item.type
    value = bindings.values.get(item.name)
    if value is not None and not value.null and not isinstance(value.type, Dynamic):
        return value.type
    if isinstance(item.default, Literal) and isinstance(item.default.value, bool):
        return BOOL
    return STRING if item.type is None else DYNAMIC


def why_not_parameter(item: Input, bindings: Bindings) -> str | None:
    """Why an input cannot be a parameter of a deployment, so that its value has to be bound."""
    type = type_of(item, bindings)
    value = bindings.values.get(item.name)
    if isinstance(type, Dynamic):
        return "ARM parameters need a type"
    if isinstance(type, SetType):
        return "ARM has no sets"
    if value is not None and value.null:
        return "ARM parameters cannot be null"
    if type == NUMBER and value is not None and value.known and not isinstance(value.raw, int):
        return "ARM parameters are whole numbers"
    if (item.sensitive and type == NUMBER) or (item.sensitive and type == BOOL):
        return "only text and objects can be secure parameters"
    if item.sensitive and is_list(type):
        return "only text and objects can be secure parameters"
    return None


#: What the metadata of a frozen parameter says; its declared default and allowed values stand beside it.
FROZEN = "structure was decided with this value when the template was translated; another one means to translate again"


#: Of the metadata: what the variable is called that became a parameter of another name.
ORIGINAL_NAME = "packerName"


def definition(
    item: Input,
    bindings: Bindings,
    environment: str | None,
    default: Value | None,
    frozen: bool = False,
    expected: bool = False,
) -> dict[str, Any]:
    """The parameter of an input. ``environment``: what its default reads; ``default``: its known default.

    A default that only a deployment knows (``resourceGroup().location``) stays an expression. ``frozen``: structure was
    decided with the input's value, so no other one may be given. ``expected``: nothing can be built with its default,
    so the parameter has none.
    """
    kind = _arm_type(type_of(item, bindings))
    if item.sensitive:
        kind = "secureObject" if kind == "object" else "secureString"
    found: dict[str, Any] = {"type": kind}
    shown = not (item.sensitive or expected or environment is not None)
    if shown and default is not None:
        found["defaultValue"] = constant(default)
    elif shown and item.default is not None and printable(item.default) is None:
        found["defaultValue"] = item.default
    allowed = allowed_values(item)
    if allowed is not None:
        found["allowedValues"] = allowed
    metadata: dict[str, Any] = {}
    if item.description:
        metadata["description"] = item.description
    if environment is not None:
        metadata["environmentVariable"] = environment
    said = item.type is not None and item.type not in (ListType(DYNAMIC), MapType(DYNAMIC))
    if item.type is not None and said and kind in ("array", "object", "secureObject"):
        from bakelift.translator.plan.type_constraints import type_to_text

        metadata["type"] = type_to_text(item.type)
    if expected and isinstance(item.default, Literal):
        metadata["declaredDefault"] = expr_to_value(item.default)
    only = _only_value(item, bindings.values.get(item.name) if frozen else None)
    if only is not None:
        metadata |= _pinned(found, only)
    if metadata:
        found["metadata"] = metadata
    return found


def _only_value(item: Input, frozen: Value | None) -> Expr | None:
    """The one value that a parameter may have; None where it may have any, or is a secret."""
    if frozen is None:
        return item.pinned if isinstance(item.pinned, Literal) else None
    shown = isinstance(frozen.raw, (str, int)) and not (item.sensitive or frozen.sensitive)
    return constant(frozen) if shown else None


def _pinned(found: dict[str, Any], value: Expr) -> dict[str, Any]:
    """Lets a parameter have one value only; gives the metadata from which its declaration can be read again."""
    facts: dict[str, Any] = {"frozen": FROZEN}
    if "defaultValue" in found:
        facts["declaredDefault"] = expr_to_value(found["defaultValue"])
    if "allowedValues" in found:
        facts["declaredAllowed"] = json.dumps(expr_to_value(found["allowedValues"]))
    found["defaultValue"] = value
    found["allowedValues"] = ListExpr((value,))
    return facts


def _arm_type(type: Type) -> str:
    if is_list(type):
        return "array"
    return "object" if is_object(type) else _TYPES.get(type, "string")


def constant(value: Value) -> Expr:
    """A known value as an expression of a template."""
    return to_expr(value)


def file_value(value: Value) -> Any:
    """A value as JSON of a parameters file, where text stands as it is."""
    return expr_to_value(constant(value), expressions=False)


def allowed_values(item: Input) -> ListExpr | None:
    """``allowedValues`` of an input: what was read as such, or a validation ``contains([…], var.x)``."""
    values: Expr | None = item.allowed
    for rule in item.validations:
        found = _membership(rule.condition.value, item.name)
        values = values if found is None else found
    if not isinstance(values, ListExpr) or not all(isinstance(v, Literal) for v in values.items):
        return None
    return values


def _membership(condition: Expr, name: str) -> Expr | None:
    if isinstance(condition, Call) and condition.operation == "contains" and len(condition.args) == 2:
        values, what = condition.args
        return values if what == Ref("input", name) else None
    return None


def own_definition(name: str, default: Expr | None = None, **facts: str) -> dict[str, Any]:
    """A parameter that the writer makes itself. ``facts``: what stands in its metadata."""
    found: dict[str, Any] = {"type": "string"}
    if default is not None:
        found["defaultValue"] = default
    words = next(text for key, text in DESCRIPTIONS.items() if name.startswith(key))
    found["metadata"] = {"description": words, **facts}
    return found


#: What the template's own parameters are for. A reader knows them by these words.
DESCRIPTIONS = {
    "imageTemplateName": "Name of the image template.",
    "location": "Region of the image template, where Image Builder runs.",
    "identityId": "Resource id of the user-assigned managed identity that Image Builder works with.",
    "buildTime": "When the template was deployed. Packer asks the clock at each build.",
    "uniqueId": "A random id, made when the template was deployed. Packer makes one at each build.",
    "subnetName": "Name of the subnet of the build VM. Packer takes the only subnet of the network.",
    "virtualNetworkResourceGroupName": "Resource group of the build VM's network. Packer searches for it.",
}

#: Defaults of those that ARM computes.
UNIQUE_ID_DEFAULT: Expr = Call("arm.newGuid", ())
LOCATION_DEFAULT: Expr = Index(Call("arm.resourceGroup", ()), Literal("location"))


def build_time_default() -> Expr:
    """The default of ``buildTime``, which ARM computes."""
    from bakelift.translator.languages.arm.dates import RFC3339

    return Call("arm.utcNow", (Literal(RFC3339),))


def parameters_file(values: Mapping[str, Any]) -> dict[str, Any]:
    """A deployment's parameters file; whoever deploys asks for what has no value in it."""
    return {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#",
        "contentVersion": "1.0.0.0",
        "parameters": {name: {"value": value} for name, value in values.items()},
    }
