"""Who needs what for a build by Image Builder.

What our own requests need follows from them (``runner/imagebuilder``); what the service does with the identity is
documented in :data:`PERMISSIONS`.
"""

from __future__ import annotations

from bakelift.runner.azure.preflight.facts import IDENTITY, group_of, subscription_of
from bakelift.runner.azure.preflight.findings import NETWORKING, PERMISSIONS, TEMPLATE
from bakelift.runner.azure.preflight.permissions import (
    ASSIGNING,
    BLOBS,
    CALLED,
    DEPLOYING,
    POLLING,
    BuiltIn,
    Need,
    keeping_blobs,
)
from bakelift.runner.azure.storage import place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from bakelift.runner.azure.preflight.facts import Facts

_TEMPLATES = "Microsoft.VirtualMachineImages/imageTemplates"
#: Of our own requests. Reading sees what is there and follows a run; deleting takes a template that was changed away.
_SUBMIT = (
    f"{_TEMPLATES}/read",
    f"{_TEMPLATES}/write",
    f"{_TEMPLATES}/delete",
    f"{_TEMPLATES}/run/action",
    f"{_TEMPLATES}/cancel/action",
    f"{_TEMPLATES}/runOutputs/read",
)
_LOG = (
    "Microsoft.Resources/subscriptions/resourceGroups/resources/read",
    "Microsoft.Storage/storageAccounts/read",
)
#: What may be done with blobs; who may not, is let in with the account's key where he may ask for that.
READ_BLOBS = f"{BLOBS}/read"
_IMAGES = ("Microsoft.Compute/images/read", "Microsoft.Compute/images/write", "Microsoft.Compute/images/delete")
_READ_GALLERY = (
    "Microsoft.Compute/galleries/read",
    "Microsoft.Compute/galleries/images/read",
    "Microsoft.Compute/galleries/images/versions/read",
)
_WRITE_GALLERY = (*_READ_GALLERY, "Microsoft.Compute/galleries/images/versions/write")
_SIGNING = "https://learn.microsoft.com/rest/api/storageservices/get-user-delegation-key"
_UPLOADING = "https://learn.microsoft.com/azure/storage/blobs/assign-azure-role-data-access"
_ASSIGN = "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action"


def needs(facts: Facts) -> Iterator[Need]:
    yield from _caller(facts)
    yield from _images(facts)
    yield from _network(facts)


def _caller(facts: Facts) -> Iterator[Need]:
    for action in _SUBMIT:
        # What a deployment makes is asked of who deploys it.
        evidence = DEPLOYING if facts.deployment and action == f"{_TEMPLATES}/write" else CALLED
        yield Need("caller", "image templates", facts.group_id, action, evidence)
    if facts.deployment:
        for verb in ("write", "read", "operations/read", "delete"):
            yield Need("caller", "deployments", facts.group_id, f"Microsoft.Resources/deployments/{verb}")
        poll = "Microsoft.Resources/deployments/operationStatuses/read"
        yield Need("caller", "deployments", facts.group_id, poll, POLLING)
    for identity in (facts.identity or IDENTITY, *facts.machine_identities):
        yield Need("caller", "identities", identity, _ASSIGN, ASSIGNING)
    # The service names the staging group when the template is created, unless the template does.
    staging = facts.staging or f"/subscriptions/{facts.subscription}"
    for action in _LOG:
        yield Need("caller", "run logs", staging, action)
    yield Need("caller", "run logs", staging, READ_BLOBS, data=True)
    if facts.copies_vhd:
        yield from _copying(facts, staging)


def _copying(facts: Facts, staging: str) -> Iterator[Need]:
    """Of copying a VHD out of the staging group. Azure reads it by a signature, which whoever may read blobs makes with
    such a key; a copy that does not become whole is removed.
    """
    for action in (*_LOG, "Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action"):
        yield Need("caller", "vhd source", staging, action)
    yield Need("caller", "vhd source", staging, READ_BLOBS, _SIGNING, data=True)
    yield from keeping_blobs("vhd container", container(facts, facts.vhd_to))


def _images(facts: Facts) -> Iterator[Need]:
    for destination in facts.destinations:
        group = group_of(destination.id)
        if not group:
            continue
        # An image of a gallery goes through a managed image in the same group.
        for action in (*_IMAGES, *(_WRITE_GALLERY if destination.kind == "gallery" else ())):
            yield Need("identity", "images", group, action, PERMISSIONS)
    source = facts.source
    group = group_of(source.id)
    if group and source.kind in ("managed", "gallery"):
        reads = _READ_GALLERY if source.kind == "gallery" else _IMAGES[:1]
        held = {group_of(d.id) for d in facts.destinations if d.kind == "gallery" or source.kind == "managed"}
        for action in reads if group not in held else ():
            yield Need("identity", "source images", group, action, PERMISSIONS)


def _network(facts: Facts) -> Iterator[Need]:
    for group in dict.fromkeys(group_of(subnet) for subnet in (facts.subnet, facts.container_subnet) if subnet):
        if group:
            yield Need("identity", "network", group, "Microsoft.Network/virtualNetworks/read", PERMISSIONS)
            yield Need(
                "identity", "network", group, "Microsoft.Network/virtualNetworks/subnets/join/action", NETWORKING
            )


def built_in(facts: Facts) -> Iterator[BuiltIn]:
    """Built-in roles, where the documents name them."""
    if facts.staging:
        why = "a staging resource group that the template names is the identity's to fill"
        yield BuiltIn("identity", "Contributor", facts.staging, why, TEMPLATE)
    for identity in facts.machine_identities:
        why = "the service gives this identity to the build VM"
        yield BuiltIn("identity", "Managed Identity Operator", identity, why, TEMPLATE)
    for scope in dict.fromkeys(container(facts, address) for address in facts.uploads):
        why = "scripts and files are uploaded there"
        yield BuiltIn("caller", "Storage Blob Data Contributor", scope, why, _UPLOADING)
    for scope in dict.fromkeys(container(facts, address) for address in facts.fetched):
        why = "the service fetches scripts and files from there"
        yield BuiltIn("identity", "Storage Blob Data Reader", scope, why, PERMISSIONS)
    for destination in facts.destinations:
        if destination.kind == "vhd" and destination.uri:
            scope = _account(facts, destination.uri)
            why = "the VHD goes there; the documents name no smaller role"
            yield BuiltIn("identity", "Storage Blob Data Contributor", scope, why, TEMPLATE)


def container(facts: Facts, address: str) -> str:
    """The resource id of the container that a blob's address, or a folder's, is in."""
    return f"{_account(facts, address)}/blobServices/default/containers/{place(f'{address}/').container}"


def _account(facts: Facts, address: str) -> str:
    """The resource id of the storage account of a blob's address; where its name alone is known, the line that asks."""
    at = place(address)
    known = dict(facts.accounts).get(at.service)
    return known or f"$(az storage account show -n {at.account} --query id -o tsv)"


def subscriptions(facts: Facts) -> tuple[str, ...]:
    """All subscriptions that the build touches."""
    ids = [facts.source.id, facts.identity, facts.subnet, *(d.id for d in facts.destinations)]
    return tuple(dict.fromkeys([facts.subscription, *(s for id in ids if (s := subscription_of(id)))]))
