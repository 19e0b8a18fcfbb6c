"""Reads an exploded image as an Azure image build: which source, which destinations, which network.

The rules are those of Packer's azure-arm builder (its config.go), in the order of its checks. Diagnostics:
``azure/no-source``, ``azure/source-conflict``, ``azure/source-incomplete``, ``azure/plan-incomplete``,
``azure/no-destination``, ``azure/destination-incomplete``, ``azure/no-location``, ``azure/location-conflict``,
``azure/network-incomplete``, ``azure/no-os-type``, ``azure/os-type-invalid``, ``azure/duplicate-block``.
"""

from __future__ import annotations

from bakelift.translator.plan.azure import (
    AzureImage,
    GalleryOutput,
    GallerySource,
    ManagedImageOutput,
    ManagedImageSource,
    Network,
    PlatformImage,
    PurchasePlan,
    VhdOutput,
    VhdSource,
)
from bakelift.translator.plan.azure_options import AzureOptions
from bakelift.translator.plan.merging import merged_tags

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.diagnostics import Diagnostics
    from bakelift.translator.plan.azure import OsType
    from bakelift.translator.plan.binder import Binder
    from bakelift.translator.plan.images import Image
    from bakelift.translator.plan.model import Setting

    Source = PlatformImage | ManagedImageSource | GallerySource | VhdSource
    Output = ManagedImageOutput | GalleryOutput | VhdOutput

ONE_SOURCE = (
    "Specify either a VHD (image_url), Image Reference (image_publisher, image_offer, image_sku), a Managed Disk "
    "(custom_managed_disk_image_name, custom_managed_disk_resource_group_name), or a Shared Gallery Image "
    "(shared_image_gallery)"
)
A_DESTINATION = (
    "A capture_container_name, managed_image_name and managed_image_resource_group_name, or "
    "shared_image_gallery_destination must be specified"
)
LOCATION = (
    "Specify either a location to create the resource group in or an existing build_resource_group_name, but not both."
)
_MANAGED = ("managed_image_name", "managed_image_resource_group_name")
_GALLERY = "shared_image_gallery_destination.gallery_name"
_DESTINATION_PARTS = (
    "shared_image_gallery_destination.resource_group",
    _GALLERY,
    "shared_image_gallery_destination.image_name",
    "shared_image_gallery_destination.image_version",
)


def azure_image(image: Image, binder: Binder, diagnostics: Diagnostics) -> AzureImage:
    """The typed view of an azure-arm image; what contradicts itself or lacks a part is told to ``diagnostics``.

    Values stay expressions; only what structure depends on is asked of ``binder``. With an error told, ``source`` may
    be None and ``outputs`` empty.
    """
    return _Reader(image, binder, diagnostics).read()


class _Reader(AzureOptions):
    def read(self) -> AzureImage:
        os_type_setting, os_type = self.os_type()
        source = self.source()
        outputs = self.outputs()
        self.check_location()
        tags = merged_tags(self.take("azure_tags"), self.take("azure_tag"))
        return AzureImage(
            image=self.image,
            os_type=os_type,
            source=source,
            outputs=outputs,
            location=self.take("location"),
            vm_size=self.take("vm_size"),
            os_disk_size_gb=self.take("os_disk_size_gb"),
            identities=self.take("user_assigned_managed_identities"),
            network=self.network(),
            tags=tags,
            os_type_setting=os_type_setting,
            rest=self.left,
            unset=self.unset,
        )

    def os_type(self) -> tuple[Setting | None, OsType]:
        setting = self.take("os_type")
        if setting is None:
            detail = self.empty("os_type") or 'It is "Linux" or "Windows".'
            self.error("azure/no-os-type", "An os_type must be specified", detail)
            return None, "Linux"
        text = self.binder.text(setting.value, "os_type")
        if text is None:
            return setting, "Linux"
        found: OsType | None = {"linux": "Linux", "windows": "Windows"}.get(text.lower())  # type: ignore[assignment]
        if found is None:
            self.error(
                "azure/os-type-invalid", f'The os_type "{text}" is invalid', 'It is "Linux" or "Windows".', setting
            )
            return setting, "Linux"
        return setting, found

    def source(self) -> Source | None:
        gallery = "shared_image_gallery."
        by_name = tuple(
            gallery + n for n in ("gallery_name", "community_gallery_image_id", "direct_shared_gallery_image_id")
        )
        kinds = {
            "vhd": ("image_url",),
            "platform": ("image_publisher", "image_offer", "image_sku"),
            "managed": ("custom_managed_image_name", "custom_managed_image_resource_group_name"),
            "gallery": by_name,
            "id": (gallery + "id",),
        }
        found = {kind: at for kind, names in kinds.items() if (at := self.first(names)) is not None}
        if not found and self.of_image_builder:
            whole = self.take("custom_managed_image_id")
            return ManagedImageSource(id=whole) if whole is not None else None
        if not found and self.expect_one(
            [
                kinds["platform"],
                kinds["managed"],
                (gallery + "resource_group", gallery + "gallery_name", gallery + "image_name"),
                kinds["id"],
            ],
            "the image has no other source",
        ):
            found = {kind: at for kind, names in kinds.items() if (at := self.first(names)) is not None}
        if not found:
            stray = self.first(name for name in self.left if name.startswith(gallery))
            if stray is not None:
                self.error(
                    "azure/source-incomplete", "A shared_image_gallery.gallery_name must be specified", "", stray
                )
            else:
                self.error("azure/no-source", "The image is made from nothing", ONE_SOURCE + ".")
            return None
        if len(found) > 1 and not self.binder.demand(found.values(), "which source image is meant"):
            said = ", ".join(sorted(name for names in kinds.values() for name in names if name in self.left))
            detail = f"The template sets {said}. An option counts when it is neither null nor an empty text."
            self.error("azure/source-conflict", ONE_SOURCE, detail, list(found.values())[-1])
            return None
        readers = {
            "vhd": self.vhd,
            "platform": self.platform,
            "managed": self.managed,
            "gallery": self.gallery,
            "id": self.gallery,
        }
        return readers[next(iter(found))]()

    def vhd(self) -> Source | None:
        return VhdSource(self.left.pop("image_url"))

    def platform(self) -> Source | None:
        names = ("image_publisher", "image_offer", "image_sku")
        plan = self.purchase_plan()
        if not self.need("azure/source-incomplete", names, sole=True):
            return None
        if any(name not in self.left for name in names):
            return None
        publisher, offer, sku = (self.left.pop(name) for name in names)
        return PlatformImage(publisher, offer, sku, self.take("image_version"), plan)

    def purchase_plan(self) -> PurchasePlan | None:
        names = ("plan_info.plan_name", "plan_info.plan_product", "plan_info.plan_publisher")
        if self.first((*names, "plan_info.plan_promotion_code")) is None:
            return None
        if not self.need("azure/plan-incomplete", names):
            return None
        if any(n not in self.left for n in names):
            return None
        name, product, publisher = (self.left.pop(n) for n in names)
        return PurchasePlan(name, product, publisher, self.take("plan_info.plan_promotion_code"))

    def managed(self) -> Source | None:
        names = ("custom_managed_image_name", "custom_managed_image_resource_group_name")
        if not self.need("azure/source-incomplete", names, sole=True):
            return None
        return ManagedImageSource(self.take(names[0]), self.take(names[1]))

    def gallery(self) -> Source | None:
        block = "shared_image_gallery."
        community = self.take(block + "community_gallery_image_id")
        direct = self.take(block + "direct_shared_gallery_image_id")
        whole = self.take(block + "id")
        if whole is not None or community is not None or direct is not None:
            for name in ("subscription", "resource_group", "gallery_name", "image_name", "image_version"):
                extra = self.left.get(block + name)
                if extra is not None:
                    which = (
                        "id"
                        if whole
                        else "community_gallery_image_id"
                        if community
                        else "direct_shared_gallery_image_id"
                    )
                    summary = f"When setting {block}{which}, {block}{name} must not be specified"
                    self.error("azure/source-conflict", summary, "", extra)
            return GallerySource(id=whole, community_id=community, direct_shared_id=direct)
        wanted = (block + n for n in ("subscription", "resource_group", "image_name"))
        if not self.need("azure/source-incomplete", wanted, sole=True):
            return None
        return GallerySource(
            subscription=self.take(block + "subscription"),
            resource_group=self.take(block + "resource_group"),
            gallery=self.take(block + "gallery_name"),
            definition=self.take(block + "image_name"),
            version=self.take(block + "image_version"),
        )

    def outputs(self) -> tuple[Output, ...]:
        skip = self.left.get("skip_create_image")
        skipped = skip is not None and self.binder.value(skip.value, "skip_create_image").raw is True
        if not skipped:
            self.expect_destination()
        makers = (self.managed_output(), self.gallery_output(), self.vhd_output())
        found = tuple(output for output, _ in makers if output is not None)
        if not skipped and not self.of_image_builder and not any(tried for _, tried in makers):
            self.error("azure/no-destination", A_DESTINATION, "The template builds an image and keeps it nowhere.")
        return () if skipped else found

    def destinations(self) -> list[str]:
        """The options that say a destination, one for each kind that is asked for."""
        found = [name for name in (_GALLERY, "capture_container_name") if name in self.left]
        return [*found, *(["managed_image_name"] if self.first(_MANAGED) is not None else [])]

    def expect_destination(self) -> None:
        """Where no destination is given and one kind of it is there with empty defaults, that one is meant."""
        if not self.destinations() and not self.of_image_builder:
            self.expect_one(
                (_MANAGED, _DESTINATION_PARTS, ("capture_container_name", "resource_group_name", "storage_account")),
                "the image has no other destination",
            )

    def managed_output(self) -> tuple[Output | None, bool]:
        """The output, and whether the template asks for one of this kind."""
        whole = self.take("managed_image_id")
        if whole is not None:
            return ManagedImageOutput(id=whole), True
        said = self.first(_MANAGED)
        if said is None or (not self.of_image_builder and self.left_out(said)):
            return None, False
        if not self.need("azure/destination-incomplete", _MANAGED, sole=len(self.destinations()) == 1):
            return None, True
        return ManagedImageOutput(name=self.take(_MANAGED[0]), resource_group=self.take(_MANAGED[1])), True

    def left_out(self, said: Setting) -> bool:
        """Whether a managed image is not meant: half of it is empty, nobody gave the other half, and there is another
        destination.
        """
        empty = next((name for name in _MANAGED if name not in self.left), None)
        if empty is None or len(self.destinations()) < 2 or self.binder.certain([said]):
            return False
        if empty in self.unset and not self.binder.expectable(self.unset[empty]):
            return False
        other = next(name for name in _MANAGED if name != empty)
        self.binder.leave_out(said, f"no managed image is made, since {empty} is empty")
        self.unset[other] = self.left.pop(other)
        self.diagnostics.note(
            "azure/destination-left-out",
            f"No managed image is made: {empty} is empty",
            f"{other} has no value either, and the template has another destination. Give both with -var for a "
            "managed image.",
            said.span or self.where,
        )
        return True

    def gallery_output(self) -> tuple[Output | None, bool]:
        block = "shared_image_gallery_destination."
        if self.first(name for name in self.left if name.startswith(block)) is None:
            return None, False
        if _GALLERY in self.unset and self.destinations():
            return None, False  # Packer looks at the block only when it names a gallery
        summary = "{article} {short} must be specified for shared_image_gallery_destination"
        sole = len(self.destinations()) < 2
        if not self.need("azure/destination-incomplete", _DESTINATION_PARTS, summary, sole):
            return None, True
        return (
            GalleryOutput(
                id=self.take(block + "id"),
                subscription=self.take(block + "subscription"),
                resource_group=self.take(block + "resource_group"),
                gallery=self.take(block + "gallery_name"),
                definition=self.take(block + "image_name"),
                version=self.take(block + "image_version"),
                regions=self.take(block + "replication_regions"),
                target_regions=self.take(block + "target_region"),
                storage_account_type=self.take(block + "storage_account_type"),
                replica_count=self.take("shared_image_gallery_replica_count"),
                exclude_from_latest=self.take("shared_gallery_image_version_exclude_from_latest"),
            ),
            True,
        )

    def vhd_output(self) -> tuple[Output | None, bool]:
        place = ("resource_group_name", "storage_account")
        whole = self.take("vhd_uri")
        if whole is not None:
            return VhdOutput(uri=whole), True
        if self.first(("capture_container_name", "capture_name_prefix", *place)) is None:
            return None, False
        wanted = ("capture_container_name", *place)
        if not self.need("azure/destination-incomplete", wanted):
            return None, True
        return (
            VhdOutput(
                resource_group=self.take("resource_group_name"),
                storage_account=self.take("storage_account"),
                container=self.take("capture_container_name"),
                name_prefix=self.take("capture_name_prefix"),
            ),
            True,
        )

    def check_location(self) -> None:
        """Where the build runs decides nothing else: what Packer refuses is a warning here, as a writer can ask."""
        location, group = self.left.get("location"), self.left.get("build_resource_group_name")
        if location is None and group is None:
            said = self.empty("location", "build_resource_group_name")
            self.diagnostics.warning("azure/no-location", LOCATION, said or "Neither is set.", self.where)
        elif location is not None and group is not None and self.binder.certain((location, group)):
            self.diagnostics.warning("azure/location-conflict", LOCATION, "Both are set.", group.span or self.where)

    def network(self) -> Network | None:
        prefix = "virtual_network_"
        name = self.take(prefix + "name")
        subnet, group = self.take(prefix + "subnet_name"), self.take(prefix + "resource_group_name")
        if name is not None:
            return Network(virtual_network=name, subnet=subnet, resource_group=group)
        for option, setting in (("resource_group_name", group), ("subnet_name", subnet)):
            if setting is not None:
                summary = f"If {prefix}{option} is specified, so must virtual_network_name"
                self.error("azure/network-incomplete", summary, "", setting)
        return None
