"""Who needs what for a build that runs directly in Azure: the caller alone, for each request and what it makes.

The order is that of azure-arm: group, deployment, connection, deallocation, capture, removal.
"""

from __future__ import annotations

from bakelift.runner.azure.preflight.facts import group_id, group_of
from bakelift.runner.azure.preflight.permissions import CALLED, BuiltIn, Need

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from bakelift.runner.azure.preflight.facts import Facts

#: What a deployment makes is asked of who deploys it, and what a resource is joined to of who joins it.
_DEPLOYING = "https://learn.microsoft.com/azure/azure-resource-manager/templates/deploy-cli#required-permissions"
_JOINING = "https://learn.microsoft.com/azure/role-based-access-control/permissions/networking"
_POLL = "https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations"
_IDENTITIES = "https://learn.microsoft.com/azure/role-based-access-control/permissions/identity"
_COMPUTE, _NETWORK, _RESOURCES = "Microsoft.Compute", "Microsoft.Network", "Microsoft.Resources"
_GROUPS = f"{_RESOURCES}/subscriptions/resourceGroups"
_GALLERIES = f"{_COMPUTE}/galleries/images"


def needs(facts: Facts) -> Iterator[Need]:
    yield from _builds(facts)
    yield from _network(facts)
    yield from _sources(facts)
    yield from _destinations(facts)
    for identity in facts.machine_identities:
        action = "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action"
        yield Need("caller", "identities", identity, action, _IDENTITIES)


def _scope(facts: Facts) -> str:
    """Where the build's resources are made: a group that does not exist yet is covered by its subscription alone."""
    return f"/subscriptions/{facts.subscription}" if facts.temporary else group_id(facts.subscription, facts.group)


def _builds(facts: Facts) -> Iterator[Need]:
    scope = _scope(facts)
    groups = ("read", "write", "delete") if facts.temporary else ("read",)
    called = [f"{_GROUPS}/{verb}" for verb in groups]
    called += [f"{_RESOURCES}/deployments/{verb}" for verb in ("validate/action", "write", "read")]
    called += [f"{_COMPUTE}/virtualMachines/{verb}" for verb in ("read", "deallocate/action", "delete")]
    called += [f"{_COMPUTE}/virtualMachines/generalize/action"]
    called += [f"{_NETWORK}/networkInterfaces/{verb}" for verb in ("read", "delete")]
    called += [f"{_COMPUTE}/disks/delete"]
    if not facts.temporary:
        called += [f"{_RESOURCES}/deployments/{verb}" for verb in ("operations/read", "delete")]
    for action in called:
        yield Need("caller", "builds", scope, action, CALLED)
    yield Need("caller", "builds", scope, f"{_RESOURCES}/deployments/operationStatuses/read", _POLL)
    made = [f"{_COMPUTE}/virtualMachines/write", f"{_COMPUTE}/disks/write", f"{_NETWORK}/networkInterfaces/write"]
    joined = [f"{_NETWORK}/networkInterfaces/join/action"]
    if facts.public_ip:
        made.append(f"{_NETWORK}/publicIPAddresses/write")
        joined.append(f"{_NETWORK}/publicIPAddresses/join/action")
    if not facts.subnet:
        made += [f"{_NETWORK}/virtualNetworks/write", f"{_NETWORK}/networkSecurityGroups/write"]
        joined += [f"{_NETWORK}/{kind}/join/action" for kind in ("virtualNetworks/subnets", "networkSecurityGroups")]
    if facts.key_vault:
        made += [f"Microsoft.KeyVault/vaults/{verb}" for verb in ("write", "secrets/write")]
        joined.append("Microsoft.KeyVault/vaults/deploy/action")
    for action in made:
        yield Need("caller", "builds", scope, action, _DEPLOYING)
    for action in joined:
        yield Need("caller", "builds", scope, action, _JOINING)


def _network(facts: Facts) -> Iterator[Need]:
    group = group_of(facts.subnet)
    if group:
        yield Need("caller", "network", group, f"{_NETWORK}/virtualNetworks/subnets/join/action", _JOINING)


def _sources(facts: Facts) -> Iterator[Need]:
    group = group_of(facts.source.id)
    if facts.source.kind == "gallery" and group:
        for kind in (f"{_GALLERIES}/read", f"{_GALLERIES}/versions/read"):
            yield Need("caller", "source images", group, kind)
    elif facts.source.kind == "managed" and group:
        yield Need("caller", "source images", group, f"{_COMPUTE}/images/read", _JOINING)


def _destinations(facts: Facts) -> Iterator[Need]:
    for destination in facts.destinations:
        group = group_of(destination.id)
        if not group:
            continue
        if destination.kind == "managed":
            for verb in ("read", "write", "delete"):
                yield Need("caller", "images", group, f"{_COMPUTE}/images/{verb}")
        elif destination.kind == "gallery":
            for action in ("read", "versions/read", "versions/write", "versions/delete"):
                yield Need("caller", "images", group, f"{_GALLERIES}/{action}")
        else:
            for verb in ("beginGetAccess/action", "endGetAccess/action"):
                yield Need("caller", "builds", _scope(facts), f"{_COMPUTE}/disks/{verb}")
            yield Need("caller", "blobs", destination.id, "Microsoft.Storage/storageAccounts/read")


def built_in(facts: Facts) -> Iterator[BuiltIn]:
    for destination in facts.destinations:
        if destination.kind == "vhd":
            page = "https://learn.microsoft.com/azure/storage/blobs/assign-azure-role-data-access"
            why = "the VHD is copied to a container of this account"
            yield BuiltIn("caller", "Storage Blob Data Contributor", destination.id, why, page)
