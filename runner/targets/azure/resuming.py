"""What a build that was killed has left in Azure: found by its tags, and removed before the image is built anew."""

from __future__ import annotations

from functools import partial

from bakelift.runner.targets.azure.building import DISK, VIRTUAL_MACHINE, persistently
from bakelift.runner.targets.azure.calls import DISKS, RESOURCES, version_of
from bakelift.runner.targets.azure.undoing import IMAGE_TAG, RUN_TAG

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from bakelift.runner.targets.azure.calls import Azure
    from bakelift.runner.targets.azure.config import AzureConfig
    from bakelift.runner.ui import Ui

_NIC = "Microsoft.Network/networkInterfaces"

#: Machines hold interfaces and disks; interfaces hold addresses and subnets; subnets hold security groups.
_ORDER = (VIRTUAL_MACHINE, _NIC, DISK, "Microsoft.Network/virtualNetworks")


async def remove_leftovers(azure: Azure, config: AzureConfig, run: str, image: str, ui: Ui) -> None:
    """Removes what this run has made for this image before it was interrupted. Raises BuildError."""
    # Groups and resources are all listed: told to look for a tag, Azure leaves the tags out of its answer.
    for group in await azure.listed(f"/subscriptions/{azure.subscription}/resourcegroups", RESOURCES):
        if _of(group, image, run):
            ui.say(f"Deleting what the interrupted build left: resource group {group['name']}")
            await end_access(azure, group["name"])
            await persistently(partial(azure.delete_group, group["name"]), azure.session.poll)
    if config.own_group:
        return
    group_id = azure.group_id(config.resource_group)
    deployments = f"{group_id}/providers/Microsoft.Resources/deployments"
    found = [each for each in await azure.listed(deployments, RESOURCES) if _of(each, image, run)]
    for each in found:
        await azure.stop_deployment(config.resource_group, each["name"])
    resources = await azure.listed(f"{group_id}/resources", RESOURCES)
    for resource in sorted((each for each in resources if _of(each, image, run) and version_of(each["id"])), key=place):
        ui.say(f"Deleting what the interrupted build left: {resource['id']}")
        if kind_of(resource) == DISK.lower():
            await azure.revoke_access(config.resource_group, resource["name"])
        await persistently(partial(azure.delete, resource["id"], version_of(resource["id"])), azure.session.poll)
    for each in found:
        ui.say(f"Deleting what the interrupted build left: deployment {each['name']}")
        await azure.delete_deployment(config.resource_group, each["name"])


async def end_access(azure: Azure, group: str) -> None:
    """A disk that may be read cannot be deleted, nor can its group."""
    path = f"{azure.group_id(group)}/providers/Microsoft.Compute/disks"
    for disk in await azure.listed(path, DISKS):
        if (disk.get("properties") or {}).get("diskState") == "ActiveSAS":
            await azure.revoke_access(group, disk["name"])


def _of(item: dict[str, Any], image: str, run: str) -> bool:
    tags = item.get("tags") or {}
    return tags.get(IMAGE_TAG) == image and tags.get(RUN_TAG) == run


def kind_of(resource: dict[str, Any]) -> str:
    return "/".join(resource["id"].lower().partition("/providers/")[2].split("/")[:2])


def place(resource: dict[str, Any]) -> int:
    kinds = [kind.lower() for kind in _ORDER]
    kind = kind_of(resource)
    return kinds.index(kind) if kind in kinds else len(kinds)
