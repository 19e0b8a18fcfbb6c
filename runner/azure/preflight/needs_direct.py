"""Who needs what for a build that runs directly in Azure: the caller alone, for each request and what it makes.

The order is that of azure-arm: group, deployment, connection, deallocation, capture, removal.
"""

from __future__ import annotations

from bakelift.runner.azure.preflight.facts import GROUP, OWN, group_id, group_of
from bakelift.runner.azure.preflight.permissions import ASSIGNING, DEPLOYING, POLLING, BuiltIn, Need, keeping_blobs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from bakelift.runner.azure.preflight.facts import Facts

#: What a resource is joined to is asked of who joins it.
_JOINING = "https://learn.microsoft.com/azure/role-based-access-control/permissions/networking"
_COMPUTE, _NETWORK, _RESOURCES = "Microsoft.Compute", "Microsoft.Network", "Microsoft.Resources"
#: Of the deployment: it is stopped when the build ends before it, and its operations tell what it made.
_DEPLOYMENT = tuple(
    f"{_RESOURCES}/deployments/{verb}"
    for verb in ("validate/action", "write", "read", "operations/read", "cancel/action", "delete")
)
_GROUPS = f"{_RESOURCES}/subscriptions/resourceGroups"
_VAULTS = "Microsoft.KeyVault/vaults"
_GALLERIES = f"{_COMPUTE}/galleries/images"


def needs(facts: Facts) -> Iterator[Need]:
    scope = _scope(facts)
    for action in (*_group(facts), *_DEPLOYMENT, *_machine(facts)):
        yield Need("caller", "builds", scope, action)
    yield Need("caller", "builds", scope, f"{_RESOURCES}/deployments/operationStatuses/read", POLLING)
    for action in _made(facts):
        yield Need("caller", "builds", scope, action, DEPLOYING)
    for action in _joined(facts):
        yield Need("caller", "builds", scope, action, _JOINING)
    yield from _network(facts)
    yield from _sources(facts)
    yield from _destinations(facts)
    for identity in facts.machine_identities:
        action = "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action"
        yield Need("caller", "identities", identity, action, ASSIGNING)


def _scope(facts: Facts) -> str:
    """Where the build's resources are made: a group that does not exist yet is covered by its subscription alone."""
    return f"/subscriptions/{facts.subscription}" if facts.temporary else group_id(facts.subscription, facts.group)


def _group(facts: Facts) -> list[str]:
    """Of the resource group, and of what ``-resume`` looks for there after a build was killed."""
    if facts.temporary:
        return [f"{_GROUPS}/{verb}" for verb in ("read", "write", "delete")] + [f"{_COMPUTE}/disks/read"]
    return [f"{_GROUPS}/read", f"{_GROUPS}/resources/read"]


def _machine(facts: Facts) -> list[str]:
    """Of the machine and what belongs to it: looked at, switched off, generalized, removed."""
    verbs = ("read", "deallocate/action", "generalize/action", "delete")
    found = [f"{_COMPUTE}/virtualMachines/{verb}" for verb in verbs]
    found += [f"{_NETWORK}/networkInterfaces/delete", f"{_COMPUTE}/disks/delete"]
    if facts.public_ip:
        found += [f"{_NETWORK}/publicIPAddresses/{verb}" for verb in ("read", "delete")]
    else:
        found.append(f"{_NETWORK}/networkInterfaces/read")
    if not facts.subnet:
        found += [f"{_NETWORK}/{kind}/delete" for kind in ("virtualNetworks", "networkSecurityGroups")]
    if facts.run_command:
        found += [f"{_COMPUTE}/virtualMachines/runCommands/{verb}" for verb in ("write", "read", "delete")]
    found += [f"{_VAULTS}/secrets/read"] if facts.vault else []
    found += [f"{_VAULTS}/secrets/write"] if facts.vault not in ("", OWN) else []
    found += [f"{_VAULTS}/{verb}" for verb in ("read", "delete")] if facts.vault == OWN else []
    read = any(destination.kind == "vhd" for destination in facts.destinations)
    found += [f"{_COMPUTE}/disks/beginGetAccess/action"] if read else []
    # Access that a killed build may have left is ended by the next one.
    found += [f"{_COMPUTE}/disks/endGetAccess/action"] if read or not facts.temporary else []
    return found


def _made(facts: Facts) -> list[str]:
    """What the deployment makes."""
    found = [f"{_COMPUTE}/virtualMachines/write", f"{_COMPUTE}/disks/write", f"{_NETWORK}/networkInterfaces/write"]
    found += [f"{_NETWORK}/publicIPAddresses/write"] if facts.public_ip else []
    if not facts.subnet:
        found += [f"{_NETWORK}/virtualNetworks/write", f"{_NETWORK}/networkSecurityGroups/write"]
    found += [f"{_VAULTS}/{verb}" for verb in ("write", "secrets/write")] if facts.vault == OWN else []
    return found


def _joined(facts: Facts) -> list[str]:
    """What the deployment's resources are joined to."""
    found = [f"{_NETWORK}/networkInterfaces/join/action"]
    found += [f"{_NETWORK}/publicIPAddresses/join/action"] if facts.public_ip else []
    found += [f"{_VAULTS}/deploy/action"] if facts.vault else []
    if not facts.subnet:
        found += [f"{_NETWORK}/{kind}/join/action" for kind in ("virtualNetworks/subnets", "networkSecurityGroups")]
    return found


def _network(facts: Facts) -> Iterator[Need]:
    group = group_of(facts.subnet)
    join = f"{_NETWORK}/virtualNetworks/subnets/join/action"
    if facts.subnet.endswith("/subnets/") or GROUP in facts.subnet:
        # Its group is not said: it is looked for by its name.
        scope = f"/subscriptions/{facts.subscription}"
        for action in (f"{_NETWORK}/virtualNetworks/read", f"{_NETWORK}/virtualNetworks/subnets/read"):
            yield Need("caller", "network", scope, action)
        yield Need("caller", "network", scope, join, _JOINING)
    elif group:
        yield Need("caller", "network", group, join, _JOINING)


def _sources(facts: Facts) -> Iterator[Need]:
    source, group = facts.source, group_of(facts.source.id)
    if source.kind == "gallery" and group:
        for kind in ("read", "versions/read"):
            yield Need("caller", "source images", group, f"{_GALLERIES}/{kind}")
    elif source.kind == "managed" and group:
        yield Need("caller", "source images", group, f"{_COMPUTE}/images/read")
    elif source.kind == "platform" and facts.data_disks:
        action = f"{_COMPUTE}/locations/publishers/artifacttypes/offers/skus/versions/read"
        yield Need("caller", "source images", f"/subscriptions/{facts.subscription}", action)


def _destinations(facts: Facts) -> Iterator[Need]:
    """Deleting is for what is not done when the build ends, and for what is in the way (``-force``)."""
    for destination in facts.destinations:
        group = group_of(destination.id)
        if not group:
            continue
        if destination.kind == "managed":
            yield Need("caller", "images", group, f"{_GROUPS}/read")
            for kind in ("images", "snapshots") if facts.snapshots else ("images",):
                for verb in ("read", "write", "delete"):
                    yield Need("caller", "images", group, f"{_COMPUTE}/{kind}/{verb}")
        elif destination.kind == "gallery":
            for action in ("read", "versions/read", "versions/write", "versions/delete"):
                yield Need("caller", "images", group, f"{_GALLERIES}/{action}")
        else:
            yield Need("caller", "blobs", destination.id, "Microsoft.Storage/storageAccounts/read")
            yield from keeping_blobs("blobs", destination.id)


def built_in(_facts: Facts) -> Iterator[BuiltIn]:
    """None: all that a direct build needs has an action."""
    yield from ()
