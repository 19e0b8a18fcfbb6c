"""Role-based access control beside :mod:`fake_arm`: what the caller may do, role assignments, role definitions.

It also says which action a request needs, by the rules of Azure's resource manager: GET is read, PUT write, DELETE
delete, and POST the action that its path ends in.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import fake_arm

VERSION = "2022-04-01"
_GROUP = "Microsoft.Resources/subscriptions/resourceGroups"


class Authorization:
    """``caller``: permissions of who asks, at every scope. ``assignments``: of principals, as (principal, scope, role).

    ``roles``: permissions by the name of a role.
    """

    def __init__(self, arm: fake_arm.Arm) -> None:
        self.caller: list[dict[str, Any]] = [{"actions": ["*"], "notActions": []}]
        self.assignments: list[tuple[str, str, str]] = []
        self.roles: dict[str, list[dict[str, Any]]] = {}
        arm.parts.insert(0, self.answer)

    def answer(self, handler: fake_arm.Handler, path: str) -> bool:
        scope, found, what = path.partition("/providers/microsoft.authorization/")
        if not found or handler.command != "GET":
            return False
        query = {name: values[0] for name, values in parse_qs(urlsplit(handler.path).query).items()}
        if query.get("api-version") != VERSION:
            handler.refuse(400, "InvalidApiVersion", f"no such API version for {path}")
        elif what == "permissions":
            handler.answer(200, {"value": self.caller})
        elif what == "roleassignments":
            handler.answer(200, {"value": list(self.assigned(scope, query.get("$filter", "")))})
        elif what.startswith("roledefinitions/"):
            name = what.removeprefix("roledefinitions/").replace("-", " ")
            role = next(role for role in self.roles if role.lower() == name)
            handler.answer(200, {"properties": {"roleName": role, "permissions": self.roles[role]}})
        else:
            return False
        return True

    def assigned(self, scope: str, filter: str) -> Any:
        """Those at, above and below a scope, as Azure lists them."""
        wanted = re.fullmatch(r"assignedTo\('([^']+)'\)", filter)
        assert wanted is not None, "assignments are asked for of one principal"
        for principal, place, role in self.assignments:
            at = place.lower()
            if principal == wanted[1] and (scope.startswith(at) or at.startswith(scope)):
                id = f"/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/{role.replace(' ', '-')}"
                yield {"properties": {"principalId": principal, "scope": place, "roleDefinitionId": id}}


def action(method: str, path: str) -> str:
    """The action that a request needs."""
    verb = {"GET": "read", "HEAD": "read", "PUT": "write", "PATCH": "write", "DELETE": "delete"}.get(method, "")
    group = re.fullmatch(r"(?i)/subscriptions/[^/]+/resourceGroups(?:/[^/]+(/resources)?)?", path)
    if group is not None:
        return f"{_GROUP}/resources/read" if group[1] else f"{_GROUP}/{verb}"
    if re.fullmatch(r"(?i)/subscriptions/[^/]+/resourceGroups/[^/]+/deployments/[^/]+/operations", path):
        return "Microsoft.Resources/deployments/operations/read"  # its path has no provider
    words = path.rpartition("/providers/")[2].split("/")
    provider, rest = words[0], words[1:]
    if method == "POST":
        kinds, last = rest[:-1:2], rest[-1]
        return "/".join((provider, *kinds, last, "action"))
    kinds = rest[::2]
    return "/".join((provider, *kinds, verb))
