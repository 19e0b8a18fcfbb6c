"""Options of the build VM: its size, disks, network, security, and what it is given to begin with."""

from __future__ import annotations

import base64

from bakelift.runner.targets.azure import config as azure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.runner.settings import Settings
    from bakelift.translator.files import Files


def machine(settings: Settings, files: Files) -> azure.Machine:
    return azure.Machine(
        size=settings.text("vm_size") or "Standard_A1",
        disks=_disks(settings),
        network=_network(settings),
        security=_security(settings),
        spot=_spot(settings),
        plan=_plan(settings),
        identities=tuple(settings.texts("user_assigned_managed_identities")),
        custom_data=_data(settings, files, "custom_data"),
        user_data=_data(settings, files, "user_data"),
        custom_script=_custom_script(settings),
        boot_diagnostics_account=settings.text("boot_diag_storage_account"),
        license_type=_license_type(settings),
    )


def _disks(settings: Settings) -> azure.Disks:
    return azure.Disks(
        os_size_gb=max(0, settings.integer("os_disk_size_gb")),
        data_sizes_gb=tuple(settings.integers("disk_additional_size")),
        luns=tuple(settings.integers("disk_additional_luns")),
        caching=settings.text("disk_caching_type") or "ReadWrite",
        controller=settings.text("disk_controller_type"),
        encryption_set=settings.text("disk_encryption_set_id"),
        storage_account_type=settings.text("managed_image_storage_account_type") or "Standard_LRS",
        keep_os_disk=settings.boolean("keep_os_disk"),
    )


def _network(settings: Settings) -> azure.Network:
    return azure.Network(
        virtual_network=settings.text("virtual_network_name"),
        subnet=settings.text("virtual_network_subnet_name"),
        resource_group=settings.text("virtual_network_resource_group_name"),
        public_ip=settings.boolean("private_virtual_network_with_public_ip"),
        public_ip_sku=settings.text("public_ip_sku").title() or "Standard",
        allowed_addresses=tuple(settings.texts("allowed_inbound_ip_addresses")),
        accelerated=_maybe(settings, "accelerated_networking"),
    )


def _security(settings: Settings) -> azure.Security:
    type, encryption = settings.text("security_type"), settings.text("security_encryption_type")
    if type == "ConfidentialVM" and not encryption:
        encryption = "VMGuestStateOnly"
    return azure.Security(
        secure_boot=settings.boolean("secure_boot_enabled"),
        vtpm=settings.boolean("vtpm_enabled"),
        type=type,
        encryption=encryption,
        encryption_at_host=_maybe(settings, "encryption_at_host"),
    )


def _maybe(settings: Settings, name: str) -> bool | None:
    return settings.boolean(name) if settings.given(name) else None


def _spot(settings: Settings) -> azure.Spot | None:
    policy = settings.text("spot.eviction_policy")
    return azure.Spot(policy, settings.number("spot.max_price") or -1.0) if policy else None


def _plan(settings: Settings) -> azure.Plan | None:
    parts = ("plan_name", "plan_product", "plan_publisher", "plan_promotion_code")
    name, *rest = (settings.text(f"plan_info.{part}") for part in parts)
    return azure.Plan(name, *rest) if name else None


def _license_type(settings: Settings) -> str:
    """As Azure writes it: Packer looks at no case."""
    known = ("RHEL_BYOS", "SLES_BYOS", "Windows_Client", "Windows_Server")
    said = settings.text("license_type")
    return next((name for name in known if name.lower() == said.lower()), said)


def _custom_script(settings: Settings) -> str:
    script = settings.text("custom_script")
    if script and settings.text("os_type").lower() == "linux":
        raise settings.failure(
            "azure/custom-script",
            "custom_script was set, but this build targets Linux",
            "Only Windows runs it. On Linux, cloud-init runs custom_data.",
            "custom_script",
        )
    return script


def _data(settings: Settings, files: Files, name: str) -> str:
    """Base64, as it is said or of a file's bytes."""
    path = settings.text(f"{name}_file")
    return base64.b64encode(files.read(path)).decode() if path else settings.text(name)
