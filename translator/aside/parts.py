"""What becomes of each thing that Image Builder says and Packer does not: its class, and what to do about it."""

from __future__ import annotations

import re

from bakelift.translator.plan.model import Input
from bakelift.translator.plan.types import STRING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from bakelift.translator.plan.model import Leaf
    from bakelift.translator.report import Class

GROUP = Input(
    "resource_group",
    STRING,
    None,
    "Resource group of the images. In Image Builder's template it is that of the deployment.",
)
VERSION = Input(
    "image_version",
    STRING,
    None,
    "Version of the image in the gallery, such as 1.0.0. Image Builder counts it up by itself.",
)
VHD_GROUP = Input(
    "vhd_resource_group",
    STRING,
    None,
    "Resource group of the storage account that takes the VHD. A blob's address does not tell it.",
)
STORAGE_ACCOUNT = Input(
    "vhd_storage_account",
    STRING,
    None,
    "Storage account that takes the VHD. Image Builder uses one of its own unless it is given an address.",
)
CONTAINER = Input("vhd_container", STRING, None, "Container of the storage account that takes the VHD.")

#: Settings that Packer wants beside one that is there, and a deployment or the service knows.
NEEDED: dict[str, tuple[tuple[str, Input], ...]] = {
    "managed_image_name": (("managed_image_resource_group_name", GROUP),),
    "custom_managed_image_name": (("custom_managed_image_resource_group_name", GROUP),),
    "shared_image_gallery.image_name": (("shared_image_gallery.resource_group", GROUP),),
    "shared_image_gallery_destination.image_name": (
        ("shared_image_gallery_destination.resource_group", GROUP),
        ("shared_image_gallery_destination.image_version", VERSION),
    ),
    "capture_container_name": (("storage_account", STORAGE_ACCOUNT), ("resource_group_name", VHD_GROUP)),
}
#: What Packer wants of a VHD of which Image Builder was told nothing.
VHD = (
    ("storage_account", STORAGE_ACCOUNT),
    ("capture_container_name", CONTAINER),
    ("resource_group_name", VHD_GROUP),
)

#: Whole resource ids, which Packer wants in parts: the option, and which segment of the id it is.
IDS: dict[str, tuple[tuple[str, int], ...]] = {
    "managed_image_id": (("managed_image_name", 8), ("managed_image_resource_group_name", 4)),
    "custom_managed_image_id": (("custom_managed_image_name", 8), ("custom_managed_image_resource_group_name", 4)),
    "shared_image_gallery_destination.id": (
        ("shared_image_gallery_destination.subscription", 2),
        ("shared_image_gallery_destination.resource_group", 4),
        ("shared_image_gallery_destination.gallery_name", 8),
        ("shared_image_gallery_destination.image_name", 10),
    ),
    "subnet_id": (
        ("virtual_network_resource_group_name", 4),
        ("virtual_network_name", 8),
        ("virtual_network_subnet_name", 10),
    ),
}

#: The id of a gallery's image definition, or of a version of it; and what Packer calls that.
GALLERY_ID = "shared_image_gallery_destination.id"
GALLERY_VERSION = "shared_image_gallery_destination.image_version"

#: What Image Builder takes for a VM that is told no size, for images of generation 2.
SERVICE_VM_SIZE = "Standard_D2ds_v4"

#: How Packer reaches a Windows build VM; Image Builder connects by itself, over the same port.
WINRM: dict[str, str | bool] = {
    "communicator": "winrm",
    "winrm_username": "packer",
    "winrm_use_ssl": True,
    "winrm_insecure": True,
    "winrm_timeout": "10m",
}

#: Whose credentials Packer works with; Image Builder has an identity for that.
LOGIN = ("use_azure_cli_auth", "Packer works as whoever is signed in to the Azure CLI.")

#: Beginnings of options, in the order in which a person would write them.
_ORDER = (
    "use_azure_cli_auth",
    "subscription_id",
    "os_type",
    "image_",
    "plan_info.",
    "custom_managed_image_",
    "shared_image_gallery.",
    "managed_image_",
    "shared_image_gallery_destination.",
    "shared_gallery_image_",
    "shared_image_gallery_",
    "capture_",
    "storage_account",
    "resource_group_name",
    "location",
    "vm_size",
    "os_disk_",
    "disk_",
    "virtual_network_",
    "user_assigned_",
    "communicator",
    "winrm_",
    "azure_tags",
)


def place(name: str) -> int:
    """Where an option stands in a source."""
    return next((number for number, start in enumerate(_ORDER) if name.startswith(start)), len(_ORDER))


#: Settings of Image Builder that Packer has no option for.
SETTINGS: dict[str, tuple[Class, str]] = {
    "template_identity": ("adapted", "Packer works with the credentials of whoever runs it"),
    "build_timeout_minutes": ("dropped", "Packer has no time limit for a build: set one where it runs"),
    "staging_resource_group": ("dropped", "Packer makes a temporary resource group of its own"),
    "proxy_vm_size": ("dropped", "Packer connects to its VM directly"),
    "container_instance_subnet_id": ("dropped", "Packer connects to its VM directly"),
    "error_handling": ("dropped", "Packer has -on-error instead"),
    "auto_run": ("dropped", "Packer builds when it is run"),
    "optimize": ("unsupported", "only the service can optimize an image for booting"),
    "validate": ("unsupported", "run the checks on a VM of the image after the build"),
    "managed_image_id": ("exact", "its parts are options"),
    "custom_managed_image_id": ("exact", "its parts are options"),
    "shared_image_gallery_destination.id": ("exact", "its parts are options"),
    "subnet_id": ("exact", "its parts are options"),
    "vhd_uri": ("approximated", "where the VHD goes has to be given"),
}
OTHER: tuple[Class, str] = ("unsupported", "say it with options that Packer has")

_KEPT = "It is kept for the way back"

#: Of the rest of a template, by path of the leaf; the first that matches counts: class, code, what is said.
_REST: tuple[tuple[str, Class, str, str], ...] = (
    (
        r"(.*\.)?(provisioningState|provisioningError\b.*|lastRunStatus\b.*|exactStagingResourceGroup|exactVersion"
        r"|principalId|clientId|systemData\b.*|etag|id)",
        "dropped",
        "aib/read-only",
        "an answer of Azure's, which no template needs",
    ),
    (
        r"(.*\.)?_generator\b.*",
        "dropped",
        "aib/generator",
        "the tool that wrote the file, and the hash of what it wrote",
    ),
    (
        r".*\.source\.(type|sourceUri|sourceURI|sha256Checksum)",
        "unsupported",
        "aib/iso-source",
        "an installation ISO, which neither Packer's azure-arm nor Image Builder builds from; an image took its place",
    ),
    (r".*\.source\..*", "exact", "packer/kept", "said by the options of the source. " + _KEPT),
    (
        r".*\.(imageId|galleryImageId|imageVersionId|subnetId|uri)",
        "exact",
        "packer/kept",
        "said by options, part by part. " + _KEPT + " as it was said",
    ),
    (
        r".*\.versioning\b.*",
        "adapted",
        "packer/versioning",
        "the service counts versions up; Packer is told one in a variable. " + _KEPT,
    ),
    (
        r".*(replicationRegions|targetRegions|storageAccountType)\b.*",
        "exact",
        "packer/kept",
        "said by the options of the gallery's destination. " + _KEPT,
    ),
    (r".*\.artifactTags\b.*", "exact", "packer/kept", "as tags of the image. " + _KEPT),
    (r".*\.distribute\[\d+\]\.type", "exact", "packer/kept", "as a destination"),
    (
        r".*\.distribute\[\d+\]\.location",
        "approximated",
        "packer/image-location",
        "Packer makes the image in the region of its build: copy it to another. " + _KEPT,
    ),
    (r".*\.runOutputName", "dropped", "packer/template-only", "the name of an output of the service. " + _KEPT),
    (r".*\.vmProfile\.userAssignedIdentities", "exact", "packer/kept", "none, as where Packer is told none. " + _KEPT),
    (r".*\.excludeFromLatest|.*\.replicationMode", "exact", "packer/kept", "Packer's default too. " + _KEPT),
    (
        r"resources(\[\d+\]|\.\w+)\.resources\b.*",
        "unsupported",
        "packer/trigger",
        "Packer builds when it is run: let a schedule or the pipeline of the source image run it. " + _KEPT,
    ),
    (
        r"(.*\.)?(apiVersion|name|type|tags\b.*|managedResourceTags\b.*|dependsOn|comments|condition|copy\b.*|identity\b.*)",
        "dropped",
        "packer/template-only",
        "about the image template itself, which Packer has none of. " + _KEPT,
    ),
)
_REST_OTHER: tuple[Class, str, str] = (
    "unsupported",
    "packer/no-option",
    "no property of an image template that Packer has an option for. " + _KEPT,
)

#: Of what stands around the image templates.
_AROUND: tuple[tuple[str, Class, str, str], ...] = (
    (r"outputs\b.*", "dropped", "packer/outputs", "Packer has no outputs. " + _KEPT),
    (
        r"resources\b.*",
        "dropped",
        "packer/other-resource",
        "another resource of the deployment, which Packer does not make: deploy it by itself. " + _KEPT,
    ),
    (r"parameters\b.*", "adapted", "packer/kept", "a detail of a parameter. " + _KEPT),
    (r"metadata\b.*|contentVersion|languageVersion", "dropped", "packer/template-only", "about the template. " + _KEPT),
)
_AROUND_OTHER: tuple[Class, str, str] = ("dropped", "packer/template-only", "about the deployment. " + _KEPT)


def of_rest(leaf: Leaf) -> tuple[Class, str, str]:
    """Class, code and words for a leaf of the rest of an image template."""
    return _of(leaf, _REST, _REST_OTHER)


def of_around(leaf: Leaf) -> tuple[Class, str, str]:
    """As :func:`of_rest`, for what stands around the image templates."""
    return _of(leaf, _AROUND, _AROUND_OTHER)


def answers(leaves: Iterable[Leaf]) -> list[Leaf]:
    """Those that only an answer of Azure's holds."""
    return [leaf for leaf in leaves if re.fullmatch(_REST[0][0], leaf.path)]


def nested(leaves: Iterable[Leaf]) -> list[Leaf]:
    """Those of a nested deployment."""
    inside = re.compile(r"resources\b.*\.properties\.(template|parameters|mode|expressionEvaluationOptions)\b.*")
    return [leaf for leaf in leaves if inside.fullmatch(leaf.path)]


def _of(
    leaf: Leaf, table: tuple[tuple[str, Class, str, str], ...], other: tuple[Class, str, str]
) -> tuple[Class, str, str]:
    path = re.sub(r"^.*\.template\.resources(\[\d+\]|\.\w+)", "resources[0]", leaf.path)
    for pattern, kind, code, words in table:
        if re.fullmatch(pattern, path):
            return kind, code, words
    return other
