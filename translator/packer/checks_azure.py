"""Rules of the azure-arm builder, in the order of its own checks: what must be said, and what must not be together."""

from __future__ import annotations

from bakelift.translator.packer import checks_azure_values as values
from bakelift.translator.packer.checks_communicator import COMMUNICATOR, kind
from bakelift.translator.plan.azure_view import A_DESTINATION, LOCATION, ONE_SOURCE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.packer.checks import Check, Rule

_GALLERY = "shared_image_gallery."
_DESTINATION = "shared_image_gallery_destination."
_PLATFORM = ("image_publisher", "image_offer", "image_sku")
_CUSTOM = ("custom_managed_image_name", "custom_managed_image_resource_group_name")
_BY_NAME = tuple(_GALLERY + n for n in ("gallery_name", "community_gallery_image_id", "direct_shared_gallery_image_id"))
_MANAGED = ("managed_image_name", "managed_image_resource_group_name")
_STORAGE = ("storage_account", "resource_group_name")
_PLAN = ("plan_info.plan_name", "plan_info.plan_product", "plan_info.plan_publisher")
_PAIRS = (_MANAGED, _STORAGE)
#: Options of which only one may be set.
_EXCLUSIVE = (
    (
        ("temp_resource_group_name", "build_resource_group_name"),
        "azure/location-conflict",
        "The settings temp_resource_group_name and build_resource_group_name cannot both be defined.",
    ),
    (
        ("user_data", "user_data_file"),
        "azure/several-data",
        "Only one of user_data or user_data_file can be specified.",
    ),
    (
        ("custom_data", "custom_data_file"),
        "azure/several-data",
        "Only one of custom_data or custom_data_file can be specified.",
    ),
    (
        (_DESTINATION + "replication_regions", _DESTINATION + "target_region"),
        "azure/several-regions",
        "`replication_regions` can not be defined alongside `target_region`",
    ),
    (
        ("shared_image_gallery_replica_count", _DESTINATION + "target_region"),
        "azure/several-regions",
        "`shared_image_gallery_replica_count` can not be defined alongside `target_region`",
    ),
    (
        ("virtual_network_name", "public_ip_sku"),
        "azure/network-conflict",
        "If virtual_network_name is specified, public_ip_sku cannot be specified, since a new network will not be "
        "created",
    ),
    (
        ("virtual_network_name", "allowed_inbound_ip_addresses"),
        "azure/network-conflict",
        "If virtual_network_name is specified, allowed_inbound_ip_addresses cannot be specified",
    ),
)


def missing(check: Check, code: str, *names: str, detail: str = "") -> None:
    """Tells of each of these options that is not set."""
    for name in names:
        if not check.options.given(name):
            check.error(code, f"{'An' if name[0] in 'aeiou' else 'A'} {name} must be specified", detail)


def authentication(check: Check) -> None:
    """Azure's command line, a managed identity, or a whole set of a service principal's."""
    options = check.options
    if options.boolean("use_azure_cli_auth"):
        return
    secrets = check.given("client_secret", "client_jwt", "client_cert_path")
    tokens = check.given("oidc_request_url", "oidc_request_token")
    if not secrets and not tokens and not options.given("tenant_id"):
        return
    named = len(check.given("subscription_id", "client_id")) == 2
    if named and len(secrets) == 1:
        path = options.text("client_cert_path")
        if path and not check.accessible(path):
            summary = "client_cert_path is not an accessible file"
            check.error("azure/authentication", summary, f"stat {path}: no such file or directory", "client_cert_path")
    elif not (named and len(tokens) == 2):
        check.error(
            "azure/authentication",
            "No valid set of authentication values specified",
            "A service principal needs subscription_id, client_id and one of client_secret, client_cert_path, "
            "client_jwt, or both oidc_request_url and oidc_request_token. The managed identity of the machine that "
            "runs Packer is used when none of these secrets and no tenant_id is set; use_azure_cli_auth uses az login.",
            (secrets or tokens or ["tenant_id"])[0],
        )


def some_destination(check: Check) -> None:
    given = check.options.given
    if check.options.boolean("skip_create_image") or given("capture_container_name"):
        return
    if len(check.given(*_MANAGED)) < 2 and not given(_DESTINATION + "gallery_name"):
        stray = [n for n in ("resource_group", "image_name", "image_version") if given(_DESTINATION + n)]
        detail = "The template builds an image and keeps it nowhere."
        if stray:
            detail = "shared_image_gallery_destination counts when it has a gallery_name."
        check.error("azure/no-destination", A_DESTINATION, detail)


def pairs(check: Check) -> None:
    for pair in _PAIRS:
        said = check.given(*pair)
        if len(said) == 1:
            summary = f"{pair[0]} and {pair[1]} must be specified together"
            check.error("azure/destination-incomplete", summary, name=said[0])


def exclusive(check: Check) -> None:
    for names, code, summary in _EXCLUSIVE:
        if len(check.given(*names)) > 1:
            check.error(code, summary, name=names[1])


def one_source(check: Check) -> None:
    kinds = (("image_url",), _PLATFORM, _CUSTOM, _BY_NAME, (_GALLERY + "id",))
    said = [check.given(*names) for names in kinds]
    said = [names for names in said if names]
    if len(said) > 1:
        listed = ", ".join(name for names in said for name in names)
        check.error("azure/source-conflict", ONE_SOURCE, f"The template sets {listed}.", said[-1][0])
    if check.options.given("image_url"):
        other = check.given(*_PLATFORM, "image_version")
        if other:
            summary = (
                "An image_url must not be specified if image_publisher, image_offer, image_sku, or image_version is "
                "specified"
            )
            check.error("azure/source-conflict", summary, name=other[0])
        if check.options.given("managed_image_resource_group_name"):
            summary = "A managed image must be created from a managed image, it cannot be created from a VHD."
            check.error("azure/source-conflict", summary, name="image_url")


def whole_source(check: Check) -> None:
    """Every part of the kind of source that is meant; nothing at all means an image of the marketplace."""
    given = check.options.given
    code = "azure/source-incomplete"
    if len(check.given(*_BY_NAME[1:])) == 2:
        summary = "Cannot specify both community gallery and direct shared gallery as a source"
        check.error("azure/source-conflict", summary, name=_BY_NAME[2])
    elif check.given(*_BY_NAME[1:]):
        return
    elif given(_BY_NAME[0]):
        missing(check, code, *(_GALLERY + n for n in ("subscription", "resource_group", "image_name")))
    elif given(_GALLERY + "id"):
        for part in ("subscription", "resource_group", "image_name", "image_version"):
            if given(_GALLERY + part):
                summary = f"When setting shared_image_gallery.id, {_GALLERY}{part} must not be specified"
                check.error("azure/source-conflict", summary, name=_GALLERY + part)
    elif not given("image_url") and not given("custom_managed_image_name"):
        detail = "" if check.given(*_PLATFORM) else f"{ONE_SOURCE}."
        missing(check, code, *_PLATFORM, detail=detail)
    elif not given("image_url") and not given("image_publisher"):
        missing(check, code, _CUSTOM[1], *reversed(_MANAGED))


def only_for_galleries(check: Check) -> None:
    """What only an image version of a gallery can have, and a managed image or a VHD cannot."""
    options = check.options
    kept = check.given("capture_container_name", "capture_name_prefix", "managed_image_name")
    code, detail = "azure/gallery-only", "Only what is published directly to a Shared Image Gallery can have it."
    if kept and options.text("security_type") == "ConfidentialVM":
        check.error(code, f"A 'ConfidentialVM' cannot be kept by {kept[0]}", detail, "security_type")
    if kept and options.given("disk_encryption_set_id"):
        check.error(code, f"A disk_encryption_set_id is not allowed with {kept[0]}", detail, "disk_encryption_set_id")
    if check.given(*_MANAGED):
        for name in ("secure_boot_enabled", "vtpm_enabled", _DESTINATION + "specialized"):
            if options.boolean(name):
                check.error(code, f"A managed image can not have {name}", detail, name)


def key_vault(check: Check) -> None:
    if check.options.boolean("skip_create_build_key_vault") and kind(check).lower() != "winrm":
        summary = "Communicator type must be winrm when skip_create_build_key_vault is set"
        check.error("azure/key-vault", summary, name="skip_create_build_key_vault")


def location(check: Check) -> None:
    said = check.given("location", "build_resource_group_name")
    if not said:
        check.error("azure/no-location", LOCATION, "Neither is set.")
    elif len(said) == 2:
        check.error("azure/location-conflict", LOCATION, "Both are set.", "build_resource_group_name")


def storage(check: Check) -> None:
    if check.options.boolean("skip_create_image") or check.given(*_MANAGED, _DESTINATION + "gallery_name"):
        return
    missing(check, "azure/destination-incomplete", *_STORAGE)


def gallery_destination(check: Check) -> None:
    options = check.options
    if not options.given(_DESTINATION + "gallery_name"):
        return
    for name, summary in (
        ("resource_group", "A resource_group must be specified for shared_image_gallery_destination"),
        ("image_name", "An image_name must be specified for shared_image_gallery_destination"),
        ("image_version", "An image_version must be specified for shared_image_gallery_destination"),
    ):
        if not options.given(_DESTINATION + name):
            check.error("azure/destination-incomplete", summary)
    if options.boolean(_DESTINATION + "use_shallow_replication"):
        regions = options.value(_DESTINATION + "target_region") or options.value(_DESTINATION + "replication_regions")
        if regions is not None and len(regions.elements()) > 1:
            summary = "With `use_shallow_replication` there can be only one region, that of the build"
            check.error("azure/shallow-replication", summary, name=_DESTINATION + "use_shallow_replication")
        if options.integer("shared_image_gallery_replica_count") > 1:
            summary = "When using shallow replication the replica count can only be 1"
            check.error("azure/shallow-replication", summary, name="shared_image_gallery_replica_count")


def network(check: Check) -> None:
    if check.options.given("virtual_network_name"):
        return
    for name in check.given("virtual_network_resource_group_name", "virtual_network_subnet_name"):
        check.error("azure/network-incomplete", f"If {name} is specified, so must virtual_network_name", name=name)


def disks(check: Check) -> None:
    luns, sizes = check.options.integers("disk_additional_luns"), check.options.integers("disk_additional_size")
    code, name = "azure/disks", "disk_additional_luns"
    if luns and len(luns) != len(sizes):
        summary = "disk_additional_luns must have the same number of entries as disk_additional_size"
        check.error(code, summary, f"There are {len(luns)} and {len(sizes)}.", name)
    for lun in luns:
        if lun < 0:
            check.error(code, f"disk_additional_luns values must be non-negative, got {lun}", name=name)
    for lun in sorted({lun for lun in luns if luns.count(lun) > 1}):
        check.error(code, f"disk_additional_luns contains duplicate LUN {lun}", name=name)


def confidential(check: Check) -> None:
    """Encryption of a confidential VM, and of the image version that is made of it."""
    options = check.options
    machine = options.text("security_encryption_type")
    image = options.text(_DESTINATION + "confidential_vm_image_encryption_type")
    if machine and options.text("security_type") != "ConfidentialVM":
        summary = 'security_encryption_type must be unset if the security_type is not set to "ConfidentialVM"'
        check.error("azure/confidential", summary, name="security_encryption_type")
    fitting = {
        "DiskWithVMGuestState": ("EncryptedWithPmk", "EncryptedWithCmk"),
        "VMGuestStateOnly": ("EncryptedVMGuestStateOnlyWithPmk",),
    }.get(machine)
    if image and fitting and image not in fitting:
        summary = f'security_encryption_type "{machine}" does not match the image\'s "{image}"'
        check.error("azure/confidential", summary, f"It goes with {' or '.join(fitting)}.", "security_encryption_type")


def plan_info(check: Check) -> None:
    said = check.given(*_PLAN, "plan_info.plan_promotion_code")
    if said and len(check.given(*_PLAN)) < 3:
        summary = (
            "if either plan_name, plan_product, plan_publisher, or plan_promotion_code are defined then plan_name, "
            "plan_product, and plan_publisher must be defined"
        )
        check.error("azure/plan-incomplete", summary, name=said[0])


def os_type(check: Check) -> None:
    if not check.options.given("os_type"):
        check.error("azure/no-os-type", "An os_type must be specified", 'It is "Linux" or "Windows".')


def spot(check: Check) -> None:
    if check.options.given("spot.max_price") and not check.options.given("spot.eviction_policy"):
        summary = "A spot.max_price without a spot.eviction_policy is invalid"
        check.error("azure/spot", summary, 'It is "Delete" or "Deallocate".', "spot.max_price")


def data_files(check: Check) -> None:
    for name in ("custom_data_file", "user_data_file"):
        path = check.options.text(name)
        if path and check.files.find(path) is None:
            check.error("build/bad-source", f"open {path}: no such file or directory", name=name)


def winrm_password(check: Check) -> None:
    password = check.options.text("winrm_password")
    if not password or kind(check).lower() != "winrm":
        return
    classes = (str.isupper, str.islower, str.isdigit, lambda c: not c.isalnum())
    if not 8 <= len(password) <= 123 or sum(any(map(of, password)) for of in classes) < 3:
        summary = 'The supplied "winrm_password" is too simple'
        detail = "It has 8 to 123 characters, of three of these kinds: capitals, small letters, digits, others."
        check.error("azure/password", summary, detail, "winrm_password")


RULES: tuple[Rule, ...] = (
    data_files,
    winrm_password,
    *COMMUNICATOR,
    authentication,
    values.identities,
    some_destination,
    pairs,
    values.container_hyphens,
    exclusive,
    one_source,
    only_for_galleries,
    whole_source,
    key_vault,
    location,
    storage,
    values.patterns,
    gallery_destination,
    network,
    values.addresses,
    disks,
    confidential,
    plan_info,
    os_type,
    spot,
    values.choices,
    values.licence,
    values.tags,
)
