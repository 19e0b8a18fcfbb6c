"""Options that say what an image is made from, and what becomes of it."""

from __future__ import annotations

import re

from bakelift.runner.targets.azure import config as azure
from bakelift.translator.plan.azure_view import ONE_SOURCE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.runner.settings import Settings
    from bakelift.runner.targets.azure.config import Source

_GALLERY = "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.Compute/galleries/{}/images/{}"
_GALLERY_VERSION = re.compile(
    _GALLERY.replace(".", r"\.").replace("{}", "([^/]+)") + "/versions/([^/]+)", re.IGNORECASE
)


def source(settings: Settings) -> Source:
    text, gallery = settings.text, "shared_image_gallery."
    if text("image_url"):
        return azure.VhdSource(text("image_url"))
    if text("custom_managed_image_name"):
        group = text("custom_managed_image_resource_group_name")
        return azure.ManagedImageSource(text("custom_managed_image_name"), group)
    if text("image_publisher"):
        version = text("image_version") or "latest"
        return azure.MarketplaceSource(text("image_publisher"), text("image_offer"), text("image_sku"), version)
    if text(f"{gallery}gallery_name"):
        return _gallery_by_name(settings)
    if text(f"{gallery}id"):
        return _gallery_by_id(settings, text(f"{gallery}id"))
    if text(f"{gallery}community_gallery_image_id"):
        return azure.SharedGallerySource(text(f"{gallery}community_gallery_image_id"), "community")
    if text(f"{gallery}direct_shared_gallery_image_id"):
        return azure.SharedGallerySource(text(f"{gallery}direct_shared_gallery_image_id"), "direct")
    raise settings.failure("azure/no-source", "The image is made from nothing", f"{ONE_SOURCE}.")


def _gallery_by_name(settings: Settings) -> azure.GallerySource:
    parts = ("subscription", "resource_group", "gallery_name", "image_name", "image_version")
    subscription, group, gallery, image, version = (settings.text(f"shared_image_gallery.{part}") for part in parts)
    id = _GALLERY.format(subscription, group, gallery, image) + (f"/versions/{version}" if version else "")
    return azure.GallerySource(subscription, group, gallery, image, version, id)


def _gallery_by_id(settings: Settings, id: str) -> azure.GallerySource:
    found = _GALLERY_VERSION.fullmatch(id)
    if found is None:
        raise settings.failure(
            "azure/gallery-id",
            "shared_image_gallery.id is not the id of a version of a gallery's image",
            f"It looks like {_GALLERY.format('SUBSCRIPTION', 'GROUP', 'GALLERY', 'IMAGE')}/versions/1.0.0. The "
            f'template says "{id}".',
            "shared_image_gallery.id",
        )
    subscription, group, gallery, image, version = found.groups()
    return azure.GallerySource(subscription, group, gallery, image, version, id)


def managed_image(settings: Settings) -> azure.ManagedImage | None:
    if not settings.text("managed_image_name"):
        return None
    return azure.ManagedImage(
        name=settings.text("managed_image_name"),
        resource_group=settings.text("managed_image_resource_group_name"),
        zone_resilient=settings.boolean("managed_image_zone_resilient"),
        os_disk_snapshot=settings.text("managed_image_os_disk_snapshot_name"),
        data_disk_snapshot_prefix=settings.text("managed_image_data_disk_snapshot_prefix"),
    )


def gallery_image(settings: Settings) -> azure.GalleryImage | None:
    block = "shared_image_gallery_destination."
    if not settings.text(f"{block}gallery_name"):
        return None
    return azure.GalleryImage(
        resource_group=settings.text(f"{block}resource_group"),
        gallery=settings.text(f"{block}gallery_name"),
        image=settings.text(f"{block}image_name"),
        version=settings.text(f"{block}image_version"),
        subscription=settings.text(f"{block}subscription"),
        replication_regions=tuple(settings.texts(f"{block}replication_regions")),
        target_regions=tuple(
            azure.TargetRegion(
                azure.region(each.text("name")), each.integer("replicas"), each.text("disk_encryption_set_id")
            )
            for each in settings.records(f"{block}target_region")
        ),
        storage_account_type=settings.text(f"{block}storage_account_type"),
        specialized=settings.boolean(f"{block}specialized"),
        shallow=settings.boolean(f"{block}use_shallow_replication"),
        confidential_encryption=settings.text(f"{block}confidential_vm_image_encryption_type"),
        replicas=settings.integer("shared_image_gallery_replica_count"),
        end_of_life=settings.text("shared_gallery_image_version_end_of_life_date"),
        exclude_from_latest=settings.boolean("shared_gallery_image_version_exclude_from_latest"),
        timeout=settings.duration("shared_image_gallery_timeout") or 3600.0,
    )


def vhd(settings: Settings) -> azure.Vhd | None:
    if not settings.text("storage_account"):
        return None
    return azure.Vhd(
        storage_account=settings.text("storage_account"),
        resource_group=settings.text("resource_group_name"),
        container=settings.text("capture_container_name"),
        name_prefix=settings.text("capture_name_prefix"),
        sas_duration=settings.duration("sas_token_duration") or 86400.0,
    )


def tags(settings: Settings, plan: azure.Plan | None) -> dict[str, str]:
    """Those of the template, and the plan, which whoever makes a VM of the image must know."""
    found = settings.mapping("azure_tags")
    if plan is not None:
        found |= {
            "PlanInfo": plan.name,
            "PlanProduct": plan.product,
            "PlanPublisher": plan.publisher,
            "PlanPromotionCode": plan.promotion_code,
        }
    return found
