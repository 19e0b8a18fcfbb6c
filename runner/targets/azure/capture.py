"""What becomes of the machine: snapshots, a managed image, a version in a gallery, VHDs.

The order and the sentences are Packer's (packer-plugin-azure, ``step_capture_image.go``,
``step_publish_to_shared_image_gallery.go``, ``step_snapshot_*.go``).
"""

from __future__ import annotations

from bakelift.runner.errors import BuildError
from bakelift.runner.targets.azure import config as options
from bakelift.runner.targets.azure import undoing as undo
from bakelift.runner.targets.azure.artifact import Outputs
from bakelift.runner.targets.azure.building import persistently
from bakelift.runner.targets.azure.calls import COMPUTE, DISKS, GALLERIES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from bakelift.runner.targets.azure.building import Building
    from bakelift.runner.targets.azure.calls import Azure
    from bakelift.runner.targets.azure.config import AzureConfig, GalleryImage, ManagedImage, TargetRegion, Vhd
    from bakelift.runner.targets.azure.undoing import Undoing
    from bakelift.runner.ui import Ui


class Capture:
    """``outputs``: what has been made so far. ``storage_location``: of the account of a VHD."""

    def __init__(
        self, azure: Azure, config: AzureConfig, building: Building, undoing: Undoing, storage_location: str
    ) -> None:
        self._azure = azure
        self._config = config
        self._building = building
        self._undoing = undoing
        self.outputs = Outputs(storage_location=storage_location)
        #: Ids of everything that is ready: it stays when the build fails afterwards.
        self.ready: list[str] = []

    async def all(self, ui: Ui) -> Outputs:
        """Raises BuildError."""
        config = self._config
        await self._snapshots(ui)
        if config.skip_create_image:
            return self.outputs
        ui.say(f" -> Compute ResourceGroupName : '{config.resource_group}'")
        ui.say(f" -> Compute Name              : '{config.names.compute}'")
        ui.say(f" -> Compute Location          : '{config.location}'")
        image = config.gallery_image
        if image is not None and image.specialized:
            ui.say("Skipping generalization of Compute Gallery Image")
        else:
            ui.say("Generalizing machine ...")
            await self._azure.generalize(config.resource_group, config.names.compute)
            if config.managed_image is not None:
                await self._managed_image(ui, config.managed_image)
            if config.vhd is not None:
                await self._vhds(ui, config.vhd)
        if image is not None:
            await self._publish(ui, image)
        return self.outputs

    async def _make(self, id: str, version: str, body: dict[str, Any], patience: float | None = None) -> None:
        """Makes something that stays; when that fails, what there is of it goes."""

        async def remove(ui: Ui) -> None:
            if await persistently(lambda: self._azure.find(id, version), self._azure.session.poll) is not None:
                ui.say(f"Deleting what there is of {id}, which is not done")
                await persistently(lambda: self._azure.delete(id, version), self._azure.session.poll)

        made = self._undoing.add(id, undo.remove_resource(id), remove)
        await self._azure.put(id, version, body, patience)
        self._undoing.drop(made)
        self.ready.append(id)

    # -- snapshots ----------------------------------------------------------------------------------------------------

    async def _snapshots(self, ui: Ui) -> None:
        image, disks = self._config.managed_image, self._building.disks
        self.outputs = self.outputs.but(os_disk=disks.system)
        if image is None:
            return
        if image.os_disk_snapshot:
            ui.say("Snapshotting OS disk ...")
            ui.say(f" -> OS Disk     : '{disks.system}'")
            await self._snapshot(ui, image, disks.system, image.os_disk_snapshot)
        if image.data_disk_snapshot_prefix:
            ui.say("Snapshotting data disk(s) ...")
            for number, disk in enumerate(disks.data):
                ui.say(f" -> Data Disk   : '{disk}'")
                await self._snapshot(ui, image, disk, f"{image.data_disk_snapshot_prefix}{number}")

    async def _snapshot(self, ui: Ui, image: ManagedImage, disk: str, name: str) -> None:
        id = self._azure.id(image.resource_group, "Microsoft.Compute/snapshots", name)
        properties = {"creationData": {"createOption": "Copy", "sourceResourceId": disk}}
        await self._make(id, DISKS, self._body(properties))
        found = await self._azure.get(id, DISKS)
        ui.say(f" -> Snapshot ID : '{found['id']}'")

    def _body(self, properties: dict[str, Any]) -> dict[str, Any]:
        return {"location": self._config.location, "tags": dict(self._config.tags), "properties": properties}

    # -- images -------------------------------------------------------------------------------------------------------

    async def _managed_image(self, ui: Ui, image: ManagedImage) -> None:
        ui.say("Capturing image ...")
        ui.say(f" -> Image ResourceGroupName   : '{image.resource_group}'")
        ui.say(f" -> Image Name                : '{image.name}'")
        ui.say(f" -> Image Location            : '{self._config.location}'")
        id = self._azure.id(image.resource_group, "Microsoft.Compute/images", image.name)
        properties = {
            "sourceVirtualMachine": {"id": self._building.machine_id},
            "storageProfile": {"zoneResilient": image.zone_resilient},
        }
        await self._make(id, COMPUTE, self._body(properties))
        self.outputs = self.outputs.but(image=id)

    async def _publish(self, ui: Ui, image: GalleryImage) -> None:
        config, machine = self._config, self._building.machine_id
        managed = self.outputs.image
        regions = options.target_regions(config)
        ui.say("Publishing to Shared Image Gallery ...")
        ui.say(f" -> Source ID used for SIG publish        : '{managed or machine}'")
        ui.say(f" -> SIG publish resource group            : '{image.resource_group}'")
        ui.say(f" -> SIG gallery name                      : '{image.gallery}'")
        ui.say(f" -> SIG image name                        : '{image.image}'")
        ui.say(f" -> SIG image version                     : '{image.version}'")
        if image.confidential_encryption:
            ui.say(f" -> SIG Confidential VM Encryption Type   : '{image.confidential_encryption}'")
        ui.say(f" -> SIG target regions                    : '[{' '.join(region.name for region in regions)}]'")
        if any(region.disk_encryption_set for region in regions):
            for number, region in enumerate(regions, 1):
                ui.say(f"   -> Region {number} DES Id                     : '{region.disk_encryption_set}'")
        ui.say(f" -> SIG storage account type              : '{image.storage_account_type}'")
        ui.say(f" -> SIG image version endoflife date      : '{image.end_of_life}'")
        ui.say(f" -> SIG image version exclude from latest : '{str(image.exclude_from_latest).lower()}'")
        if image.shallow:
            ui.say(" -> Creating SIG Image with Shallow Replication")
        kind, name = "Microsoft.Compute/galleries/images/versions", f"{image.gallery}/{image.image}/{image.version}"
        id = self._azure.id(image.resource_group, kind, name, image.subscription)
        source = {"id": managed} if managed else {"virtualMachineId": machine}
        profile = {
            "targetRegions": [_region(image, region) for region in regions],
            "excludeFromLatest": image.exclude_from_latest,
            "replicaCount": _count(options.replicas(config)),
            "replicationMode": "Shallow" if image.shallow else "Full",
            "storageAccountType": image.storage_account_type or "Standard_LRS",
        }
        if image.end_of_life:
            profile["endOfLifeDate"] = image.end_of_life
        properties = {"storageProfile": {"source": source}, "publishingProfile": profile}
        await self._make(id, GALLERIES, self._body(properties), image.timeout)
        found = await self._azure.get(id, GALLERIES)
        self.outputs = self.outputs.but(version=str(found["id"]))
        ui.say(f" -> Shared Gallery Image Version ID : '{self.outputs.version}'")

    # -- VHDs ---------------------------------------------------------------------------------------------------------

    async def _vhds(self, ui: Ui, vhd: Vhd) -> None:
        config = self._config
        machine = await self._azure.get(self._building.machine_id, COMPUTE)
        ui.say(f" -> VM Internal ID            : '{(machine.get('properties') or {}).get('vmId', '')}'")
        ui.say("OS Disk ...")
        ui.say(f" -> osDiskName                : '{config.names.os_disk}'")
        await self._vhd(ui, vhd, config.names.os_disk)
        count = len(config.machine.disks.data_sizes_gb)
        if count:
            ui.say("Data Disk ...")
            ui.say(f" -> dataDiskName              : '{config.names.data_disk}'")
        for number in range(1, count + 1):
            await self._vhd(ui, vhd, f"{config.names.data_disk}-{number}")

    async def _vhd(self, ui: Ui, vhd: Vhd, disk: str) -> None:
        from bakelift.runner.targets.azure import vhd_copy

        azure, group = self._azure, self._config.resource_group
        name = f"{vhd.name_prefix}{disk}.vhd"
        address = f"{vhd.blob_endpoint}{vhd.container}/{name}"

        async def revoke(ui: Ui) -> None:
            ui.say("Revoking access ...")
            await persistently(lambda: azure.revoke_access(group, disk), azure.session.poll)

        async def remove(ui: Ui) -> None:
            ui.say(f"Deleting what there is of {address}, which is not done")
            await vhd_copy.remove(azure, vhd, name)

        ui.say("Capturing VHD ...")
        id = azure.id(group, "Microsoft.Compute/disks", disk)
        self._undoing.add(f"access to disk {disk}", f"az disk revoke-access --ids {id}", revoke)
        source = await azure.grant_access(group, disk, int(vhd.sas_duration))
        ui.say("Copying VHD to Storage Account ...")
        ui.say(f" -> Storage Container Name    : '{vhd.container}'")
        ui.say(f" -> VHD Name                  : '{name}'")
        made = self._undoing.add(address, f"az storage blob delete --blob-url {address}", remove)
        try:
            await vhd_copy.copy(azure, vhd, name, source)
        except BuildError as problem:
            raise BuildError(f"failed to copy to storage with err : error copying: {problem}") from None
        self._undoing.drop(made)
        self.ready.append(address)
        self.outputs = self.outputs.but(vhds=(*self.outputs.vhds, address))


def _count(replicas: int) -> int:
    return min(100, max(1, replicas))


def _region(image: GalleryImage, region: TargetRegion) -> dict[str, Any]:
    found: dict[str, Any] = {"name": region.name, "regionalReplicaCount": _count(region.replicas)}
    encryption, key = image.confidential_encryption, region.disk_encryption_set
    if key and not encryption:
        found["encryption"] = {"osDiskImage": {"diskEncryptionSetId": key}}
    elif key and encryption == "EncryptedWithCmk":
        profile = {"confidentialVMEncryptionType": encryption, "secureVMDiskEncryptionSetId": key}
        found["encryption"] = {"osDiskImage": {"securityProfile": profile}}
    elif not key and encryption in ("EncryptedVMGuestStateOnlyWithPmk", "EncryptedWithPmk"):
        found["encryption"] = {"osDiskImage": {"securityProfile": {"confidentialVMEncryptionType": encryption}}}
    return found
