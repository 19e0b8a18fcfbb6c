"""Actions of Azure's role-based access control, who needs them where, and role definitions made of them."""

from __future__ import annotations

import hashlib

from bakelift.runner.azure.preflight.facts import IDENTITY
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

#: The evidence for an action that our own requests need.
CALLED = "called by bakelift"
#: Pages that say what Azure asks of who deploys, polls, and hands an identity to something.
DEPLOYING = "https://learn.microsoft.com/azure/azure-resource-manager/templates/deploy-cli#required-permissions"
POLLING = "https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations"
ASSIGNING = "https://learn.microsoft.com/azure/role-based-access-control/permissions/identity"
BLOBS = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs"


class Need(Record):
    """That ``who`` (identity: the template's; caller: who runs bakelift) may do ``action`` at ``scope``.

    ``topic``: what it is about; a topic becomes a role. ``data``: an action on data. ``evidence``: :data:`CALLED`, or
    the page that says that Azure asks for it.
    """

    who: str
    topic: str
    scope: str
    action: str
    evidence: str = CALLED
    data: bool = False


def keeping_blobs(topic: str, scope: str) -> Iterator[Need]:
    """Of a caller who makes blobs, looks at them, and removes what does not become whole."""
    for verb in ("read", "write", "delete"):
        yield Need("caller", topic, scope, f"{BLOBS}/{verb}", data=True)


class BuiltIn(Record):
    """A built-in role that somebody needs, since Azure documents no smaller one. ``why``: as a clause."""

    who: str
    role: str
    scope: str
    why: str
    evidence: str


class Role(Record):
    """A custom role. ``assigned``: the scopes it is assigned at; ``evidence``: of each action.

    ``by_key``: its data actions are not needed by who may list the keys of the storage account.
    """

    who: str
    topic: str
    name: str
    description: str
    actions: tuple[str, ...]
    data_actions: tuple[str, ...]
    scopes: tuple[str, ...]
    assigned: tuple[str, ...]
    evidence: tuple[tuple[str, str], ...]
    by_key: bool = False

    def definition(self) -> dict[str, Any]:
        """As ``az role definition create --role-definition`` takes it."""
        return {
            "Name": self.name,
            "IsCustom": True,
            "Description": self.description,
            "Actions": list(self.actions),
            "NotActions": [],
            "DataActions": list(self.data_actions),
            "NotDataActions": [],
            "AssignableScopes": list(self.scopes),
        }

    def file(self) -> str:
        """A name for the file that the definition goes into."""
        return f"role-{self.who}-{self.topic}.json".replace(" ", "-")

    def commands(self, identity: str) -> tuple[str, ...]:
        assignee = assignee_of(self.who, identity)
        made = f"az role definition create --role-definition @{self.file()}"
        return (made, *(assignment(assignee, self.name, scope) for scope in self.assigned))


def assignee_of(who: str, identity: str) -> str:
    """What ``az role assignment create`` is told of who gets a role."""
    if who == "identity":
        return f"--assignee-object-id $(az identity show --ids {identity} --query principalId -o tsv)"
    return "--assignee <object-id-of-who-runs-bakelift>"


def assignment(assignee: str, role: str, scope: str) -> str:
    kind = " --assignee-principal-type ServicePrincipal" if "object-id $" in assignee else ""
    return f'az role assignment create {assignee}{kind} --role "{role}" --scope {scope}'


#: What a role is for, by who and topic; its name is made of them.
TOPICS = {
    ("identity", "images"): "Lets Image Builder, with the identity of an image template, keep images.",
    ("identity", "source images"): "Lets Image Builder, with the identity of an image template, read source images.",
    ("identity", "network"): "Lets Image Builder, with the identity of an image template, join a network.",
    ("caller", "image templates"): "Lets bakelift submit, run, follow and delete image templates.",
    ("caller", "deployments"): "Lets bakelift deploy templates that hold image templates.",
    ("caller", "identities"): "Lets bakelift hand an identity to an image template or a build VM.",
    ("caller", "run logs"): "Lets bakelift read the log of a run in its staging resource group.",
    ("caller", "vhd source"): "Lets bakelift have VHDs copied out of a staging resource group.",
    ("caller", "vhd container"): "Lets bakelift have VHDs copied into a container.",
    ("caller", "builds"): "Lets bakelift make a build VM with what belongs to it, and remove it.",
    ("caller", "images"): "Lets bakelift keep images.",
    ("caller", "source images"): "Lets bakelift read source images.",
    ("caller", "network"): "Lets bakelift put a build VM into a network.",
    ("caller", "blobs"): "Lets bakelift write a VHD into a storage account.",
}


#: Topics whose blobs the account's key opens as well: who may ask for that needs no right to its data.
BY_KEY = ("run logs", "vhd source", "blobs")


def roles(needs: Iterable[Need]) -> tuple[Role, ...]:
    """A role for each topic; where its scopes need different actions, one for each set of them."""
    by: dict[tuple[str, str], dict[str, dict[str, Need]]] = {}
    for need in needs:
        by.setdefault((need.who, need.topic), {}).setdefault(need.scope, {}).setdefault(need.action.lower(), need)
    found: list[Role] = []
    for (who, topic), scopes in by.items():
        sets: dict[tuple[str, ...], list[str]] = {}
        for scope, wanted in scopes.items():
            sets.setdefault(tuple(sorted(wanted)), []).append(scope)
        for number, (keys, places) in enumerate(sets.items(), 1):
            wanted = scopes[places[0]]
            listed = [wanted[key] for key in keys]
            # Names are one per tenant: what asks for the same at the same places has the same one.
            digest = hashlib.sha256(repr((keys, sorted(places))).encode()).hexdigest()[:6]
            name = f"bakelift {who}: {topic} {digest}"
            found.append(
                Role(
                    who,
                    topic if len(sets) == 1 else f"{topic} {number}",
                    name,
                    TOPICS[who, topic],
                    tuple(need.action for need in listed if not need.data),
                    tuple(need.action for need in listed if need.data),
                    tuple(dict.fromkeys(_assignable(place) for place in places)),
                    tuple(places),
                    tuple((need.action, need.evidence) for need in listed),
                    topic in BY_KEY,
                )
            )
    return tuple(found)


def _assignable(scope: str) -> str:
    """Where a custom role may be assignable: a subscription or a resource group, no smaller thing."""
    words = scope.split("/")
    if scope == IDENTITY:
        return "<resource-group-id-of-the-identity>"
    if scope.startswith("$("):
        return "<resource-group-id-of-the-storage-account>"
    return "/".join(words[:5]) if len(words) > 5 else scope
