"""API versions of Microsoft.VirtualMachineImages/imageTemplates, oldest first.

Source: Azure/azure-resource-manager-schemas, one Microsoft.VirtualMachineImages.json a version.
"""

from __future__ import annotations

API_VERSIONS = (
    "2018-02-01-preview",
    "2019-02-01-preview",
    "2019-05-01-preview",
    "2020-02-14",
    "2021-10-01",
    "2022-02-14",
    "2022-07-01",
    "2023-07-01",
    "2024-02-01",
    "2025-10-01",
)

#: What is written unless another is asked for.
DEFAULT = "2024-02-01"

#: Older ones are refused: the service wants an identity from everybody, and the preview versions cannot say one.
OLDEST_WRITTEN = "2020-02-14"

BUILD_VM_IDENTITIES = "2021-10-01"
VALIDATORS = "2022-02-14"
TARGET_REGIONS = "2022-07-01"
TRIGGERS = "2022-07-01"
VERSIONING = "2022-07-01"
VHD_URI = "2022-07-01"
#: `versions/latest` of a gallery image, and images of directly shared galleries (release notes).
GALLERY_LATEST = "2022-07-01"
MANAGED_RESOURCE_TAGS = "2024-02-01"
DATA_DISKS = "2025-10-01"
#: From here on the service refuses a field that it does not know (release notes, May 2024).
STRICT_FIELDS = "2024-02-01"
REPLICATION_MODE = "2025-10-01"


def has(version: str, since: str) -> bool:
    """Whether a version has what came with another."""
    return API_VERSIONS.index(version) >= API_VERSIONS.index(since)
