"""What a build leaves in Azure, as Packer's builder says it at the end."""

from __future__ import annotations

from bakelift.runner.targets import Artifact
from bakelift.runner.targets.azure import config as options
from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.runner.targets.azure.config import AzureConfig

BUILDER = "Azure.ResourceManagement.VMImage"


class Outputs(Record):
    """What was made. ``image``, ``version``: resource ids; ``vhds``: addresses, of the OS disk first."""

    image: str = ""
    version: str = ""
    vhds: tuple[str, ...] = ()
    os_disk: str = ""
    storage_location: str = ""


def artifact(config: AzureConfig, outputs: Outputs) -> Artifact:
    lines = [f"OSType: {config.os_type}", *_managed(config, outputs), *_vhd(outputs), *_gallery(config, outputs)]
    kept = outputs.os_disk if config.machine.disks.keep_os_disk and outputs.image else ""
    id = kept or outputs.image or outputs.version or (outputs.vhds[0] if outputs.vhds else "UNKNOWN ID")
    return Artifact(BUILDER, id, f"{BUILDER}:\n\n" + "".join(f"{line}\n" for line in lines))


def _managed(config: AzureConfig, outputs: Outputs) -> list[str]:
    image = config.managed_image
    if image is None:
        return []
    lines = [
        f"ManagedImageResourceGroupName: {image.resource_group}",
        f"ManagedImageName: {image.name}",
        f"ManagedImageId: {outputs.image}",
        f"ManagedImageLocation: {config.location}",
    ]
    if image.os_disk_snapshot:
        lines.append(f"ManagedImageOSDiskSnapshotName: {image.os_disk_snapshot}")
    if image.data_disk_snapshot_prefix:
        lines.append(f"ManagedImageDataDiskSnapshotPrefix: {image.data_disk_snapshot_prefix}")
    if config.machine.disks.keep_os_disk:
        lines.append(f"OSDiskUri: {outputs.os_disk}")
    return lines


def _vhd(outputs: Outputs) -> list[str]:
    if not outputs.vhds:
        return []
    first, *more = outputs.vhds
    lines = [f"StorageAccountLocation: {outputs.storage_location}", f"VHDOSDiskUri: {first}"]
    return lines + [f"AdditionalDiskUri (datadisk-{number}): {uri}" for number, uri in enumerate(more, 1)]


def _gallery(config: AzureConfig, outputs: Outputs) -> list[str]:
    image = config.gallery_image
    if image is None or not outputs.version:
        return []
    regions = ", ".join(region.name for region in options.target_regions(config))
    return [
        f"ManagedImageSharedImageGalleryId: {outputs.version}",
        f"SharedImageGalleryResourceGroup: {image.resource_group}",
        f"SharedImageGalleryName: {image.gallery}",
        f"SharedImageGalleryImageName: {image.image}",
        f"SharedImageGalleryImageVersion: {image.version}",
        f"SharedImageGalleryReplicatedRegions: {regions}",
    ]
