"""What an Azure image build is, typed: the parts of an exploded image that Azure and Image Builder have words for.

Every field is a :class:`~.model.Setting`, so that its leaves are known wherever it is written; None: not said (in
Packer an empty string means not said).
"""

from __future__ import annotations

from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal

    from bakelift.translator.plan.images import Image
    from bakelift.translator.plan.model import Setting

    OsType = Literal["Linux", "Windows"]


class PurchasePlan(Record):
    """The plan of a paid marketplace image."""

    name: Setting
    product: Setting
    publisher: Setting
    promotion_code: Setting | None = None


class PlatformImage(Record):
    """A marketplace image. ``version`` None: latest."""

    publisher: Setting
    offer: Setting
    sku: Setting
    version: Setting | None = None
    plan: PurchasePlan | None = None


class ManagedImageSource(Record):
    """A managed image: by name and resource group, or by whole resource id."""

    name: Setting | None = None
    resource_group: Setting | None = None
    id: Setting | None = None


class GallerySource(Record):
    """A version of a compute gallery's image: by names, or by whole id (also a community or direct shared one)."""

    subscription: Setting | None = None
    resource_group: Setting | None = None
    gallery: Setting | None = None
    definition: Setting | None = None
    version: Setting | None = None
    id: Setting | None = None
    community_id: Setting | None = None
    direct_shared_id: Setting | None = None


class VhdSource(Record):
    """A VHD blob."""

    uri: Setting


class ManagedImageOutput(Record):
    """Distribution to a managed image. ``id``: the whole resource id, where that is how it was said."""

    name: Setting | None = None
    resource_group: Setting | None = None
    location: Setting | None = None
    id: Setting | None = None
    run_output_name: Setting | None = None
    tags: Setting | None = None


class GalleryOutput(Record):
    """Distribution to a version of a gallery's image definition. ``id``: the definition's or version's resource id.

    ``regions``: a list of region names; ``target_regions``: a list of objects with name, replicas,
    storage_account_type.
    """

    subscription: Setting | None = None
    resource_group: Setting | None = None
    gallery: Setting | None = None
    definition: Setting | None = None
    version: Setting | None = None
    id: Setting | None = None
    regions: Setting | None = None
    target_regions: Setting | None = None
    storage_account_type: Setting | None = None
    replica_count: Setting | None = None
    exclude_from_latest: Setting | None = None
    run_output_name: Setting | None = None
    tags: Setting | None = None


class VhdOutput(Record):
    """Distribution to a VHD blob. ``uri``: the blob's address where that is how it was said."""

    resource_group: Setting | None = None
    storage_account: Setting | None = None
    container: Setting | None = None
    name_prefix: Setting | None = None
    uri: Setting | None = None
    run_output_name: Setting | None = None
    tags: Setting | None = None


class Network(Record):
    """Where the build VM stands: by names, or by the subnet's id."""

    virtual_network: Setting | None = None
    subnet: Setting | None = None
    resource_group: Setting | None = None
    subnet_id: Setting | None = None


class AzureImage(Record):
    """One image for Azure. ``rest``: the settings of the source that no field above took, by their Plan name.

    ``unset``: settings that were said but say nothing (empty text, null, a block that a condition leaves out). Made by
    :func:`bakelift.translator.plan.azure_view.azure_image`.
    """

    image: Image
    os_type: OsType
    source: PlatformImage | ManagedImageSource | GallerySource | VhdSource | None
    outputs: tuple[ManagedImageOutput | GalleryOutput | VhdOutput, ...]
    location: Setting | None = None
    vm_size: Setting | None = None
    os_disk_size_gb: Setting | None = None
    identities: Setting | None = None
    network: Network | None = None
    tags: Setting | None = None
    os_type_setting: Setting | None = None
    rest: Mapping[str, Setting] = {}
    unset: Mapping[str, Setting] = {}
