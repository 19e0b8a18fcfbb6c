"""Which class and severity a change of a setting has: a row for settings that begin alike, the first that fits wins."""

from __future__ import annotations

from bakelift.translator.plan.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.diff.model import Class, Severity


class Rule(Record):
    """``prefix``: beginning of a setting's Plan path."""

    prefix: str
    kind: Class
    severity: Severity


_ROWS: tuple[tuple[Class, Severity, str], ...] = (
    (
        "source",
        "high",
        "image_publisher image_offer image_sku image_version image_url custom_managed_image_ shared_image_gallery. "
        "plan_info os_type",
    ),
    (
        "security",
        "high",
        "secure_boot_enabled vtpm_enabled security_type security_encryption_type encryption_at_host "
        "disk_encryption_set_id shared_image_gallery_destination.confidential_vm_image_encryption_type "
        "shared_image_gallery_destination.target_region.disk_encryption_set_id",
    ),
    ("identity", "high", "user_assigned_managed_identities template_identity"),
    (
        "identity",
        "low",
        "client_ object_id tenant_id subscription_id oidc_ use_azure_cli_auth cloud_environment_name metadata_host "
        "build_key_vault_ skip_create_build_key_vault",
    ),
    (
        "network",
        "medium",
        "virtual_network_ subnet_id container_instance_subnet_id proxy_vm_size private_virtual_network_with_public_ip "
        "allowed_inbound_ip_addresses public_ip_sku accelerated_networking",
    ),
    (
        "size/cost",
        "medium",
        "vm_size os_disk_size_gb disk_ spot license_type managed_image_storage_account_type "
        "shared_image_gallery_replica_count shared_image_gallery_destination.storage_account_type "
        "shared_image_gallery_destination.target_region.replicas shared_image_gallery_destination.replication_regions "
        "shared_image_gallery_destination.target_region additional_data_disks build_timeout_minutes keep_os_disk",
    ),
    (
        "distribution",
        "medium",
        "managed_image_ shared_image_gallery shared_gallery_image_version capture_ resource_group_name storage_account "
        "skip_create_image location distribute sas_token_duration",
    ),
    ("script", "medium", "custom_data user_data custom_script custom_data_file user_data_file validate optimize"),
    ("metadata", "low", "azure_tag image_template.tags"),
    ("script", "medium", "image_template.properties.optimize image_template.properties.validate"),
    ("identity", "high", "image_template.identity"),
    ("source", "high", "image_template.properties.source"),
    ("size/cost", "medium", "image_template.properties.vmProfile image_template.properties.buildTimeoutInMinutes"),
    ("distribution", "medium", "image_template.properties.distribute image_template.location"),
    (
        "metadata",
        "info",
        "temp_ build_resource_group_name custom_resource_build_prefix boot_diag_storage_account winrm_expiration_time "
        "async_resourcegroup_delete polling_duration_timeout staging_resource_group auto_run error_handling",
    ),
)

_RULES = tuple(Rule(prefix, kind, severity) for kind, severity, names in _ROWS for prefix in names.split())

#: How the build machine is reached decides nothing about the image.
_COMMUNICATOR = ("ssh_", "winrm_", "communicator", "pause_before_connecting", "username")


def of_setting(path: str) -> tuple[Class, Severity]:
    """Of a setting of a source."""
    for rule in _RULES:
        if path.startswith(rule.prefix):
            return rule.kind, rule.severity
    if path.startswith(_COMMUNICATOR):
        return "metadata", "info"
    return "metadata", "low"


#: Settings of a step that say when and how often it runs, or what it is called; all others are its work.
_AROUND: dict[str, tuple[Class, Severity]] = {
    "name": ("cosmetic", "info"),
    "pause_before": ("metadata", "info"),
    "pause_after": ("metadata", "info"),
    "timeout": ("metadata", "low"),
    "max_retries": ("metadata", "low"),
    "start_retry_timeout": ("metadata", "info"),
    "restart_timeout": ("metadata", "low"),
}


def of_step_setting(name: str) -> tuple[Class, Severity]:
    """Of a setting of a step."""
    return _AROUND.get(name, ("script", "medium"))
