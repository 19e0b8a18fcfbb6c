"""What a build asks Azure before it makes anything: what the template names must be there, what it makes must not be.

Packer's order and sentences (packer-plugin-azure, ``builder.go``, ``resource_resolver.go``).
"""

from __future__ import annotations

import re

from bakelift.runner.errors import BuildError
from bakelift.runner.targets.azure import config as options
from bakelift.runner.targets.azure.calls import COMPUTE, DISKS, GALLERIES, NETWORK, RESOURCES, STORAGE, Absent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from bakelift.runner.targets.azure.calls import Azure
    from bakelift.runner.targets.azure.config import AzureConfig
    from bakelift.runner.ui import Ui

#: Regions with availability zones, as Packer has them.
_ZONED = (
    "westeurope australiaeast brazilsouth canadacentral centralindia centralus chinanorth3 eastasia eastus eastus2 "
    "francecentral germanywestcentral japaneast koreacentral northeurope norwayeast southafricanorth southcentralus "
    "southeastasia swedencentral switzerlandnorth uksouth usgovvirginia westus2 westus3"
)

_ZONES = "https://docs.microsoft.com/en-us/azure/availability-zones/"

_BASIC = (
    "A public IP address of the Basic SKU is asked for, which Azure has retired: leave public_ip_sku out, or say "
    "Standard."
)

#: A gallery's version that was made of a managed image: then that is the source.
_IMAGE_ID = re.compile(r"/subscriptions/[^/]*/resourceGroups/[^/]*/providers/Microsoft\.Compute/images/[^/]*\Z")

NO_SOURCE_NAME = "ERR_SOURCE_IMAGE_NAME_NOT_FOUND"


class Lookups:
    """``force``: what is in the way of a new image is removed. The configuration is filled in on the way."""

    def __init__(self, azure: Azure, config: AzureConfig, ui: Ui, force: bool) -> None:
        self._azure = azure
        self.config = config
        self._ui = ui
        self._force = force
        #: Whether the source image still has its users, so that the VM gets none.
        self.specialized = False
        #: Where the account of a VHD is.
        self.storage_location = ""

    async def all(self) -> None:
        """Raises BuildError for what is not there, or is in the way."""
        config = self.config
        await self._network()
        await self._managed_source()
        network = config.machine.network
        if not network.virtual_network and network.public_ip_sku == "Basic":
            self._ui.say(_BASIC)
        if config.managed_image is not None:
            await self._managed_image()
        if not config.own_group:
            await self._build_group()
        where = self.config.location
        if options.region(where) not in _ZONED.split():
            self._ui.say(f"WARNING: Zone resiliency may not be supported in {where}, checkout the docs at {_ZONES}")
        if config.vhd is not None:
            await self._storage()
        if config.gallery_image is not None:
            await self._gallery()
        if isinstance(config.source, options.GallerySource):
            await self._specialized(config.source)

    # -- what must be there -------------------------------------------------------------------------------------------

    async def _network(self) -> None:
        """The group and the subnet of a network that exists, where the template says neither."""
        network = self.config.machine.network
        if not network.virtual_network or network.resource_group:
            return
        name, azure = network.virtual_network, self._azure
        path = f"/subscriptions/{azure.subscription}/providers/Microsoft.Network/virtualNetworks"
        found = [
            item["id"].split("/")[4]
            for item in await azure.listed(path, NETWORK)
            if item["name"].lower() == name.lower()
        ]
        more = "please use virtual_network_subnet_name and virtual_network_resource_group_name to disambiguate"
        if not found:
            raise BuildError(f'Cannot find a resource group with a virtual network called "{name}"')
        if len(found) > 1:
            raise BuildError(f'Found multiple resource groups with a virtual network called "{name}", {more}')
        group = found[0]
        subnets = await azure.listed(f"{azure.id(group, 'Microsoft.Network/virtualNetworks', name)}/subnets", NETWORK)
        of = f'in the resource group "{group}" associated with the virtual network called "{name}"'
        if not subnets:
            raise BuildError(f"Cannot find a subnet {of}")
        if len(subnets) > 1:
            raise BuildError(f"Found multiple subnets {of}, {more}")
        network = network.but(resource_group=group, subnet=subnets[0]["name"])
        self.config = self.config.but(machine=self.config.machine.but(network=network))

    async def _managed_source(self) -> None:
        source = self.config.source
        if not isinstance(source, options.ManagedImageSource):
            return
        path = f"{self._azure.group_id(source.resource_group)}/providers/Microsoft.Compute/images"
        for image in await self._azure.listed(path, COMPUTE):
            if image["name"].lower() == source.name.lower():
                profile = (image.get("properties") or {}).get("storageProfile") or {}
                self.config = self.config.but(source=source.but(id=image["id"]))
                self._luns(profile.get("dataDisks"))
                return
        raise BuildError(f"Cannot find an image named '{source.name}' in the resource group '{source.resource_group}'")

    def _luns(self, disks: Any) -> None:
        found = tuple(int(disk["lun"]) for disk in disks or () if disk.get("lun") is not None)
        self.config = self.config.but(source_data_disk_luns=(*self.config.source_data_disk_luns, *found))

    async def _build_group(self) -> None:
        name = self.config.resource_group
        group = await self._azure.find(self._azure.group_id(name), RESOURCES)
        if group is None:
            raise BuildError(f"Cannot locate the existing build resource group {name}.")
        self.config = self.config.but(location=group["location"])

    async def _storage(self) -> None:
        vhd = self.config.vhd
        assert vhd is not None
        id = self._azure.id(vhd.resource_group, "Microsoft.Storage/storageAccounts", vhd.storage_account)
        account = await self._azure.get(id, STORAGE)
        endpoint = str(account["properties"]["primaryEndpoints"]["blob"]).rstrip("/")
        self.storage_location = account["location"]
        self.config = self.config.but(vhd=vhd.but(blob_endpoint=f"{endpoint}/"))

    async def _specialized(self, source: options.GallerySource) -> None:
        image = await self._azure.get(
            self._azure.id(
                source.resource_group,
                "Microsoft.Compute/galleries/images",
                f"{source.gallery}/{source.image}",
                source.subscription,
            ),
            GALLERIES,
        )
        self.specialized = image["properties"].get("osState") == "Specialized"

    # -- what must not be there ---------------------------------------------------------------------------------------

    async def _managed_image(self) -> None:
        image = self.config.managed_image
        assert image is not None
        group = image.resource_group
        own = self.config.own_group and group.lower() == self.config.resource_group.lower()
        if not own:
            try:
                await self._azure.get(self._azure.group_id(group), RESOURCES)
            except BuildError as problem:
                raise BuildError(
                    f"Cannot locate the managed image resource group {group}, received error {problem}"
                ) from None
        where = f"in the resource group {group}, use a different manage image name"
        await self._make_way("Microsoft.Compute/images", image.name, COMPUTE, "managed image", where)
        snapshots = [(image.os_disk_snapshot, "managed image os disk snapshot")] if image.os_disk_snapshot else []
        if image.data_disk_snapshot_prefix:
            count = len(self.config.machine.disks.data_sizes_gb)
            names = [f"{image.data_disk_snapshot_prefix}{number}" for number in range(count)]
            snapshots += [(name, "managed image data disk snapshot") for name in names]
        for name, what in snapshots:
            await self._make_way("Microsoft.Compute/snapshots", name, DISKS, what, where)

    async def _make_way(self, kind: str, name: str, version: str, what: str, where: str) -> None:
        """Removes what has the name of something that is to be made, or refuses."""
        image = self.config.managed_image
        assert image is not None
        id = self._azure.id(image.resource_group, kind, name)
        if await self._azure.find(id, version) is None:
            return
        if not self._force:
            raise BuildError(
                f"the {what} named {name} already exists {where} or use the -force option to automatically delete it."
            )
        self._ui.say(f"the {what} named {name} already exists, but deleting it due to -force flag")
        try:
            await self._azure.delete(id, version)
        except BuildError as problem:
            raise BuildError(f"failed to delete the {what} named {name} : {problem}") from None

    async def _gallery(self) -> None:
        image = self.config.gallery_image
        assert image is not None
        definition = self._azure.id(
            image.resource_group,
            "Microsoft.Compute/galleries/images",
            f"{image.gallery}/{image.image}",
            image.subscription,
        )
        try:
            await self._azure.get(definition, GALLERIES)
        except BuildError as problem:
            raise BuildError(
                f'failed to get image "{image.image}" from image gallery "{image.gallery}" in resource group '
                f'"{image.resource_group}": {problem}'
            ) from None
        id = f"{definition}/versions/{image.version}"
        if await self._azure.find(id, GALLERIES) is None:
            return
        said = f"{image.image}:{image.version}"
        if not self._force:
            raise BuildError(
                f"a gallery image version for image name:version {said} already exists in gallery {image.gallery}, use "
                "a different gallery image version or use the -force option to automatically delete it."
            )
        self._ui.say(
            f"a gallery image version for image name:version {said} already exists in gallery {image.gallery}, but "
            "deleting it due to -force flag"
        )
        try:
            await self._azure.delete(id, GALLERIES)
        except BuildError as problem:
            raise BuildError(
                f"failed to delete gallery image version for image name:version {said} in gallery {image.gallery}, "
                f"received error: {problem}"
            ) from None

    # -- the source ---------------------------------------------------------------------------------------------------

    async def source_name(self) -> str:
        """What the image is made from, as generated data has it. Finds the source's data disks."""
        source = self.config.source
        if isinstance(source, options.VhdSource):
            return source.uri
        if isinstance(source, options.ManagedImageSource):
            return source.id
        if isinstance(source, options.GallerySource):
            return await self._gallery_name(source)
        if isinstance(source, options.SharedGallerySource):
            return source.id
        id = (
            f"/subscriptions/{self._azure.subscription}/providers/Microsoft.Compute/locations/{self.config.location}"
            f"/publishers/{source.publisher}/ArtifactTypes/vmimage/offers/{source.offer}/skus/{source.sku}"
            f"/versions/{source.version}"
        )
        if self.config.machine.disks.data_sizes_gb:
            try:
                image = await self._azure.get(id, COMPUTE)
                self._luns((image.get("properties") or {}).get("dataDiskImages"))
            except BuildError as problem:
                self._ui.say(
                    "Warning: Failed to fetch PIR image details for data disk LUN extraction: "
                    f"{problem}, the output image will not contain source data disks"
                )
        return id

    async def _gallery_name(self, source: options.GallerySource) -> str:
        id = self._azure.id(
            source.resource_group,
            "Microsoft.Compute/galleries/images/versions",
            f"{source.gallery}/{source.image}/{source.version or 'latest'}",
            source.subscription,
        )
        try:
            version = await self._azure.get(id, GALLERIES)
        except Absent as problem:
            self._ui.say(f"The version of the source image is not found, so its name is not known: {problem}")
            return NO_SOURCE_NAME
        profile = (version.get("properties") or {}).get("storageProfile") or {}
        self._luns(profile.get("dataDiskImages"))
        parent = str((profile.get("source") or {}).get("id") or "")
        return parent if _IMAGE_ID.match(parent) else str(version.get("id") or NO_SOURCE_NAME)
