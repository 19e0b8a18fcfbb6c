"""Whether the identity is there, and whether it and the caller may do what the roles have."""

from __future__ import annotations

import re

from bakelift.runner.azure.preflight.findings import PERMISSIONS, TEMPLATE, Finding
from bakelift.runner.azure.preflight.permissions import assignee_of, assignment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from bakelift.runner.azure.preflight.live.asker import Asker
    from bakelift.runner.azure.preflight.offline import Preflight
    from bakelift.runner.azure.preflight.permissions import Role

_IDENTITIES = "2023-01-31"
_AUTHORIZATION = "2022-04-01"
_ROLES = "Microsoft.Authorization"
_KEYS = "Microsoft.Storage/storageAccounts/listKeys/action"
#: Roles that hold every other one here.
_ABOVE = ("owner", "contributor")


def ask(found: Preflight, asker: Asker) -> None:
    answers = [_caller(role, asker) for role in found.roles if role.who == "caller"]
    identities = dict.fromkeys(facts.identity for facts in found.every if facts.identity.startswith("/"))
    for identity in identities:
        principal = _principal(identity, asker)
        if not principal:
            answers.append(False)
            continue
        answers += [_identity(role, identity, principal, asker) for role in found.roles if role.who == "identity"]
        _built_in(found, identity, principal, asker)
    needed = {role.who for role in found.roles}
    if answers and all(answers) and ("identity" not in needed or identities):
        asker.settle("preflight/roles")


def _principal(identity: str, asker: Asker) -> str:
    missing = Finding(
        "error",
        "preflight/identity-missing",
        f"There is no identity {identity}",
        TEMPLATE,
        "Make it, or name another; an identity that was deleted and made anew has to be assigned its roles anew.",
        commands=("az identity create -g <resource-group> -n <name> --query id -o tsv",),
    )
    found = asker.wanted(identity, _IDENTITIES, missing)
    return str(((found or {}).get("properties") or {}).get("principalId", ""))


def _caller(role: Role, asker: Asker) -> bool:
    """Whether Azure said what the caller may do at each of the scopes."""
    answered = True
    for scope in role.assigned:
        if not scope.startswith("/") or "<" in scope:
            answered = False
            continue
        listed = asker.listed(f"{scope}/providers/{_ROLES}/permissions", _AUTHORIZATION, absent=None)
        if listed is None:
            answered = False
            continue
        lacking = missing(role.actions, listed)
        if not (role.by_key and not missing((_KEYS,), listed)):
            lacking += missing(role.data_actions, listed, data=True)
        if lacking:
            asker.tell(
                "error",
                "preflight/caller-lacks",
                f"This login may not do {', '.join(lacking)} at {scope}",
                PERMISSIONS,
                "Assign it the role, whose definition is printed.",
                commands=(assignment(assignee_of("caller", ""), role.name, scope),),
            )
    return answered


def _identity(role: Role, identity: str, principal: str, asker: Asker) -> bool:
    answered = True
    for scope in role.assigned:
        permissions = _held(scope, principal, asker)
        if permissions is None:
            answered = False
            continue
        lacking = missing(role.actions, [p for held in permissions.values() for p in held])
        if lacking:
            asker.tell(
                "error",
                "preflight/identity-lacks",
                f"The identity {identity} may not do {', '.join(lacking)} at {scope}",
                PERMISSIONS,
                "Assign it the role, whose definition is printed; it takes some minutes until it counts.",
                commands=(assignment(assignee_of("identity", identity), role.name, scope),),
            )
    return answered


def _built_in(found: Preflight, identity: str, principal: str, asker: Asker) -> None:
    answered = True
    for one in found.built_in:
        mine = one.who == "identity" and one.scope.startswith("/")
        permissions = _held(one.scope, principal, asker) if mine else None
        if permissions is None:
            answered = False
        elif not {one.role.lower(), *_ABOVE} & {name.lower() for name in permissions}:
            asker.tell(
                "error",
                "preflight/identity-lacks",
                f"The identity {identity} has not the role {one.role} at {one.scope}: {one.why}",
                one.evidence,
                "Assign it once; it takes some minutes until it counts.",
                commands=(assignment(assignee_of("identity", identity), one.role, one.scope),),
            )
    if answered:
        asker.settle("preflight/built-in-role")


def _held(scope: str, principal: str, asker: Asker) -> dict[str, list[dict[str, Any]]] | None:
    """The permissions of each role that a principal has at a scope, by the role's name; None when nobody says."""
    query = f"&$filter=assignedTo('{principal}')"
    listed = asker.listed(f"{scope}/providers/{_ROLES}/roleAssignments", _AUTHORIZATION, query)
    if listed is None:
        return None
    found: dict[str, list[dict[str, Any]]] = {}
    for item in listed:
        properties = item.get("properties") or {}
        at = str(properties.get("scope", "/")).rstrip("/").lower()
        if scope.lower() != at and not scope.lower().startswith(f"{at}/"):
            continue  # of something below
        role = asker.get(str(properties.get("roleDefinitionId", "")), _AUTHORIZATION, absent={})
        if role is None:
            return None
        own = role.get("properties") or {}
        found[str(own.get("roleName", ""))] = own.get("permissions") or []
    return found


def missing(actions: Iterable[str], permissions: Sequence[Mapping[str, Any]], data: bool = False) -> list[str]:
    """The actions that no permission holds. A permission holds what its actions match and its notActions do not;
    actions on data are a kind of their own, which not even an owner has.
    """
    kinds = ("dataActions", "notDataActions") if data else ("actions", "notActions")
    return [action for action in actions if not any(_holds(permission, action, *kinds) for permission in permissions)]


def _holds(permission: Mapping[str, Any], action: str, kind: str, against: str) -> bool:
    wanted = any(_matches(pattern, action) for pattern in permission.get(kind) or ())
    return wanted and not any(_matches(pattern, action) for pattern in permission.get(against) or ())


def _matches(pattern: str, action: str) -> bool:
    """``*`` stands for any text."""
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), action, re.IGNORECASE) is not None
