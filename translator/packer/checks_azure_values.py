"""What single options of azure-arm may hold: a row for each, with Packer's pattern or list, and its sentence."""

from __future__ import annotations

import re

from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.packer.checks import Check

_MANAGED_NAME = r"^[^_\W][\w-._)]{0,79}$"
_GROUP_NAME = r"^[^_\W][\w-._\(\)]{0,89}$"
_BY_PATTERN = "The setting {name} must match the regular expression {pattern}, and not end with a '-' or '.'."
_INVALID = 'The {name} "{value}" is invalid'
_CHARACTERS = "The setting {name} must only contain characters from a-z, A-Z, 0-9 and {others}"


class Pattern(Record):
    """A text option. ``shown``: the pattern as Packer writes it; ``closed``: it must not end with ``-`` or ``.``."""

    name: str
    pattern: str
    summary: str
    shown: str = ""
    closed: bool = False

    def accepts(self, value: str) -> bool:
        return re.fullmatch(self.pattern, value, re.ASCII) is not None and not (self.closed and value[-1:] in "-.")


class Choice(Record):
    """An option with a few values. ``cased``: they count as written."""

    name: str
    values: tuple[str, ...]
    summary: str = _INVALID
    cased: bool = True

    def accepts(self, value: str) -> bool:
        if self.cased:
            return value in self.values
        return value.lower() in [known.lower() for known in self.values]


# Packer's pattern means by [\w-._)] the characters of words, and - . _ ).
_MANAGED = r"[^_\W][\w\-.)]{0,79}"
_GROUP = r"[^_\W][\w\-.()]{0,89}"
PATTERNS = (
    Pattern(
        "capture_container_name",
        r"[a-z0-9][a-z0-9\-]{2,62}",
        "A capture_container_name must satisfy the regular expression {pattern}.",
        r"^[a-z0-9][a-z0-9\-]{2,62}$",
    ),
    Pattern("temp_resource_group_name", _GROUP, _BY_PATTERN, _GROUP_NAME, closed=True),
    Pattern("build_resource_group_name", _GROUP, _BY_PATTERN, _GROUP_NAME, closed=True),
    Pattern("managed_image_resource_group_name", _GROUP, _BY_PATTERN, _GROUP_NAME, closed=True),
    Pattern("managed_image_name", _MANAGED, _BY_PATTERN, _MANAGED_NAME, closed=True),
    Pattern(
        "shared_image_gallery_destination.image_version",
        r"[0-9]+\.[0-9]+\.[0-9]+",
        "An image_version must be specified for shared_image_gallery_destination and must follow the "
        "Major(int).Minor(int).Patch(int) format",
    ),
    Pattern(
        "managed_image_os_disk_snapshot_name",
        r"[A-Za-z0-9_]{1,79}",
        _CHARACTERS.format(name="{name}", others="_ and the maximum length is 80 characters"),
    ),
    Pattern(
        "managed_image_data_disk_snapshot_prefix",
        r"[A-Za-z0-9_]{1,59}",
        _CHARACTERS.format(name="{name}", others="_ and the maximum length (excluding the prefix) is 60 characters"),
    ),
    Pattern(
        "custom_resource_build_prefix",
        r"[A-Za-z0-9][A-Za-z0-9-]{0,9}",
        _CHARACTERS.format(name="{name}", others="- and the maximum length is 10 characters"),
    ),
)
CHOICES = (
    Choice("os_type", ("Linux", "Windows"), cased=False),
    Choice("managed_image_storage_account_type", ("Standard_LRS", "StandardSSD_LRS", "Premium_LRS")),
    Choice(
        "shared_image_gallery_destination.storage_account_type",
        ("Standard_LRS", "Standard_ZRS", "Premium_LRS"),
    ),
    Choice("disk_caching_type", ("None", "ReadOnly", "ReadWrite")),
    Choice("disk_controller_type", ("SCSI", "NVMe"), cased=False),
    Choice("public_ip_sku", ("Basic", "Standard"), cased=False),
    Choice("spot.eviction_policy", ("Delete", "Deallocate")),
    Choice("security_type", ("TrustedLaunch", "ConfidentialVM")),
    Choice("security_encryption_type", ("VMGuestStateOnly", "DiskWithVMGuestState")),
    Choice(
        "shared_image_gallery_destination.confidential_vm_image_encryption_type",
        ("EncryptedWithCmk", "EncryptedVMGuestStateOnlyWithPmk", "EncryptedWithPmk"),
    ),
)
#: license_type, by operating system.
LICENSES = {"linux": ("RHEL_BYOS", "SLES_BYOS"), "windows": ("Windows_Client", "Windows_Server")}


def patterns(check: Check) -> None:
    for row in PATTERNS:
        value = check.text(row.name)
        if value and not row.accepts(value):
            summary = row.summary.format(name=row.name, pattern=_quoted(row.shown))
            check.error("azure/bad-name", summary, f'The template says "{value}".', row.name)


def choices(check: Check) -> None:
    for row in CHOICES:
        value = check.text(row.name)
        if value and not row.accepts(value):
            summary = row.summary.format(name=row.name, value=value)
            code = "azure/os-type-invalid" if row.name == "os_type" else "azure/bad-choice"
            check.error(code, summary, f"It is one of {', '.join(row.values)}.", row.name)


def container_hyphens(check: Check) -> None:
    name = check.options.text("capture_container_name")
    if name.endswith("-"):
        summary = "A capture_container_name must not end with a hyphen, e.g. '-'."
        check.error("azure/bad-name", summary, name="capture_container_name")
    if "--" in name:
        summary = "A capture_container_name must not contain consecutive hyphens, e.g. '--'."
        check.error("azure/bad-name", summary, name="capture_container_name")


def licence(check: Check) -> None:
    system, value = check.options.text("os_type").lower(), check.options.text("license_type")
    known = LICENSES.get(system)
    if known and value and value.lower() not in [name.lower() for name in known]:
        summary = f'The license_type "{value}" is invalid for {system.title()}'
        check.error("azure/bad-choice", summary, f"It is {' or '.join(known)}.", "license_type")


def addresses(check: Check) -> None:
    import ipaddress

    for text in check.options.texts("allowed_inbound_ip_addresses"):
        try:
            ipaddress.ip_network(text, strict=False)
        except ValueError:
            summary = "The setting allowed_inbound_ip_addresses must only contain valid IP addresses or CIDR blocks"
            check.error("azure/bad-address", summary, f'"{text}" is neither.', "allowed_inbound_ip_addresses")
            return


_IDENTITY = re.compile(
    r"/subscriptions/[^/]+/resourcegroups/[^/]+/providers/microsoft\.managedidentity/userassignedidentities/[^/]+",
    re.IGNORECASE,
)


def identities(check: Check) -> None:
    for text in check.options.texts("user_assigned_managed_identities"):
        if not _IDENTITY.fullmatch(text):
            summary = "user_assigned_managed_identities must hold whole resource ids"
            detail = (
                "A whole id is /subscriptions/SUBSCRIPTION/resourceGroups/GROUP/providers/Microsoft.ManagedIdentity/"
                f'userAssignedIdentities/NAME. The template says "{text}".'
            )
            check.error("azure/bad-identity", summary, detail, "user_assigned_managed_identities")


def tags(check: Check) -> None:
    found = check.options.mapping("azure_tags") if check.options.has("azure_tags") else {}
    if len(found) > 50:
        check.error("azure/tags", f"a max of 50 tags are supported, but {len(found)} were provided", name="azure_tags")
    for name, value in found.items():
        if len(name) > 512:
            check.error("azure/tags", f"the tag name {name[:40]}… exceeds the 512 character limit", name="azure_tags")
        if len(value) > 256:
            check.error("azure/tags", f"the value of tag {name} exceeds the 256 character limit", name="azure_tags")


def _quoted(pattern: str) -> str:
    return '"' + pattern.replace("\\", "\\\\") + '"'
