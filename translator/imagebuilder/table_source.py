"""The rows of azure-arm's options: source, destination, machine, network, credentials, communicator."""

from __future__ import annotations

from bakelift.translator.imagebuilder.table import Row
from bakelift.translator.imagebuilder.versions import DATA_DISKS, REPLICATION_MODE, TARGET_REGIONS, VHD_URI

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bakelift.translator.report import Class, Evidence

_SOURCE = "/properties/source"
_VM = "/properties/vmProfile"
_OUT = "/properties/distribute/*"
_PLAN = f"{_SOURCE}/planInfo"


def _exact(path: str, to: str, since: str = "", plain: bool = True) -> Row:
    return Row(path, "exact", "aib/exact", "", to, plain, since, "schema")


def _part(path: str, to: str, advice: str) -> Row:
    """A setting that becomes part of a resource id."""
    return Row(path, "exact", "aib/resource-id", advice, to, evidence="schema")


def _group(kind: Class, code: str, advice: str, paths: str, evidence: Evidence = "documented") -> list[Row]:
    return [Row(path, kind, code, advice, evidence=evidence) for path in paths.split()]


_EXACT = [
    _exact("image_publisher", f"{_SOURCE}/publisher"),
    _exact("image_offer", f"{_SOURCE}/offer"),
    _exact("image_sku", f"{_SOURCE}/sku"),
    _exact("image_version", f"{_SOURCE}/version"),
    _exact("plan_info.plan_name", f"{_PLAN}/planName"),
    _exact("plan_info.plan_product", f"{_PLAN}/planProduct"),
    _exact("plan_info.plan_publisher", f"{_PLAN}/planPublisher"),
    _exact("vm_size", f"{_VM}/vmSize"),
    _exact("os_disk_size_gb", f"{_VM}/osDiskSizeGB"),
    _exact("user_assigned_managed_identities", f"{_VM}/userAssignedIdentities", "2021-10-01"),
    _exact("shared_gallery_image_version_exclude_from_latest", f"{_OUT}/excludeFromLatest"),
]

_IDS = [
    _part("custom_managed_image_name", f"{_SOURCE}/imageId", "the name in the source image's resource id"),
    _part("custom_managed_image_resource_group_name", f"{_SOURCE}/imageId", "the group in the source's resource id"),
    *(
        _part(f"shared_image_gallery.{name}", f"{_SOURCE}/imageVersionId", "part of the source version's resource id")
        for name in ["subscription", "resource_group", "gallery_name", "image_name", "image_version", "id"]
    ),
    Row(
        "shared_image_gallery.direct_shared_gallery_image_id",
        "exact",
        "aib/direct-shared-source",
        "Image Builder reads images of a directly shared gallery",
        f"{_SOURCE}/imageVersionId",
        since=TARGET_REGIONS,
    ),
    _part("managed_image_name", f"{_OUT}/imageId", "the name in the image's resource id"),
    _part("managed_image_resource_group_name", f"{_OUT}/imageId", "the group in the image's resource id"),
    *(
        _part(f"shared_image_gallery_destination.{name}", f"{_OUT}/galleryImageId", "part of the gallery's resource id")
        for name in ["subscription", "resource_group", "gallery_name", "image_name", "image_version"]
    ),
    _part("virtual_network_name", f"{_VM}/vnetConfig/subnetId", "the network in the subnet's resource id"),
    _part("virtual_network_subnet_name", f"{_VM}/vnetConfig/subnetId", "the subnet in its resource id"),
    _part("virtual_network_resource_group_name", f"{_VM}/vnetConfig/subnetId", "the group in the subnet's resource id"),
]

_ADAPTED = [
    Row(
        "location",
        "exact",
        "aib/location",
        "also where Image Builder itself runs; regions are written as Azure spells them",
        "/location",
        evidence="schema",
    ),
    Row(
        "os_type",
        "adapted",
        "aib/os-type",
        "Image Builder takes the operating system from the source image; the customizers were chosen by it",
    ),
    Row(
        "azure_tags",
        "adapted",
        "aib/tags",
        "on the image (artifactTags), on the image template, and on what the build makes (managedResourceTags)",
        f"{_OUT}/artifactTags",
    ),
    Row("azure_tag", "adapted", "aib/tags", "merged with azure_tags", f"{_OUT}/artifactTags"),
    Row(
        "shared_image_gallery_destination.replication_regions",
        "adapted",
        "aib/target-regions",
        "as targetRegions; the region of the build is added, as Packer does",
        f"{_OUT}/targetRegions",
        since=TARGET_REGIONS,
    ),
    *(
        Row(path, "adapted", "aib/target-regions", "on every entry of targetRegions", f"{_OUT}/targetRegions")
        for path in (
            "shared_image_gallery_destination.storage_account_type",
            "shared_image_gallery_replica_count",
        )
    ),
    *(
        Row(path, "adapted", "aib/target-regions", advice, f"{_OUT}/targetRegions")
        for path, advice in (
            ("shared_image_gallery_destination.target_region", "an entry of targetRegions"),
            ("shared_image_gallery_destination.target_region.name", "the name of an entry of targetRegions"),
            ("shared_image_gallery_destination.target_region.replicas", "replicaCount of an entry of targetRegions"),
        )
    ),
    Row(
        "shared_image_gallery_destination.use_shallow_replication",
        "exact",
        "aib/replication-mode",
        "as replicationMode, which API version 2025-10-01 brought: older versions replicate in full",
        f"{_OUT}/replicationMode",
        since=REPLICATION_MODE,
        evidence="schema",
    ),
    Row(
        "disk_additional_size",
        "approximated",
        "aib/data-disks",
        "additionalDataDisks (API version 2025-10-01) keeps the sizes; numbers and caching are the service's",
        "/properties/additionalDataDisks",
        since=DATA_DISKS,
        evidence="unverified",
    ),
    *(
        Row(
            path,
            "approximated",
            "aib/vhd-uri",
            "the blob is named by its address; Packer appends a random part to the name, a second run here does not",
            f"{_OUT}/uri",
            since=VHD_URI,
        )
        for path in ("storage_account", "capture_container_name", "capture_name_prefix")
    ),
    Row("resource_group_name", "dropped", "aib/vhd-group", "a blob's address needs no resource group"),
    Row(
        "build_resource_group_name",
        "approximated",
        "aib/build-resource-group",
        "deploy the template into this group: its region becomes the template's. Image Builder makes its own staging "
        "group; stagingResourceGroup wants an empty group, so it is not the same",
    ),
    *_group(
        "adapted",
        "aib/credentials",
        "Image Builder uses the identity of the image template, and whoever deploys it their own",
        "client_id client_secret client_cert_path client_cert_password client_jwt object_id tenant_id "
        "subscription_id oidc_request_token oidc_request_url use_azure_cli_auth metadata_host cloud_environment_name",
    ),
    *_group(
        "adapted",
        "aib/communicator",
        "Image Builder connects to the build VM by itself, with ssh or WinRM over https",
        "communicator pause_before_connecting ssh_host ssh_port ssh_username ssh_password ssh_keypair_name "
        "temporary_key_pair_name temporary_key_pair_type temporary_key_pair_bits ssh_ciphers ssh_clear_authorized_keys "
        "ssh_key_exchange_algorithms ssh_private_key_file ssh_certificate_file ssh_timeout ssh_wait_timeout "
        "ssh_agent_auth ssh_disable_agent_forwarding ssh_handshake_attempts ssh_bastion_host ssh_bastion_port "
        "ssh_bastion_agent_auth ssh_bastion_username ssh_bastion_password ssh_bastion_interactive "
        "ssh_bastion_private_key_file ssh_bastion_certificate_file ssh_file_transfer_method ssh_proxy_host "
        "ssh_proxy_port ssh_proxy_username ssh_proxy_password ssh_keep_alive_interval ssh_read_write_timeout "
        "ssh_remote_tunnels ssh_local_tunnels ssh_public_key ssh_private_key winrm_username winrm_password winrm_host "
        "winrm_no_proxy winrm_port winrm_timeout winrm_use_ssl winrm_insecure winrm_use_ntlm winrm_expiration_time "
        "username build_key_vault_name build_key_vault_secret_name build_key_vault_sku skip_create_build_key_vault",
    ),
    *_group(
        "approximated",
        "aib/ssh-pty",
        "Image Builder's scripts run without a terminal",
        "ssh_pty",
    ),
]

_APPROXIMATED = [
    Row(
        "image_url",
        "approximated",
        "aib/vhd-source",
        "Image Builder builds from no VHD: the deployment makes a managed image of it when it is deployed, and a VHD "
        "that is replaced later is read by the next deployment only. A bare resource has no place for that: make the "
        "managed image first (az image create --source URI), and name that as the source",
        f"{_SOURCE}/imageId",
        evidence="documented",
    ),
]

_DROPPED = [
    *_group(
        "dropped",
        "aib/temporary-names",
        "Image Builder names what it makes for the build, in a resource group of its own",
        "temp_resource_group_name temp_compute_name temp_nic_name temp_os_disk_name custom_resource_build_prefix",
    ),
    *_group(
        "dropped",
        "aib/packer-run",
        "about Packer's own waiting and cleaning, which the service does itself",
        "async_resourcegroup_delete polling_duration_timeout shared_image_gallery_timeout sas_token_duration",
    ),
    *_group(
        "dropped",
        "aib/build-network",
        "about how Packer reaches its VM; Image Builder's build VM has no public address",
        "private_virtual_network_with_public_ip allowed_inbound_ip_addresses public_ip_sku",
    ),
    *_group(
        "dropped",
        "aib/build-machine",
        "a property of the build VM only, which Image Builder chooses itself",
        "accelerated_networking disk_caching_type disk_controller_type boot_diag_storage_account encryption_at_host",
    ),
    *_group(
        "approximated",
        "aib/spot",
        "Image Builder builds on a VM of the usual price",
        "spot spot.eviction_policy spot.max_price",
    ),
    Row(
        "plan_info.plan_promotion_code",
        "dropped",
        "aib/plan-promotion",
        "Image Builder's purchase plan has no promotion code",
    ),
    Row(
        "disk_additional_luns",
        "approximated",
        "aib/data-disks",
        "the service numbers the data disks itself",
    ),
    Row(
        "shared_gallery_image_version_end_of_life_date",
        "unsupported",
        "aib/end-of-life",
        "set it on the image version after the build: az sig image-version update --set "
        "publishingProfile.endOfLifeDate=DATE",
    ),
    *_group(
        "unsupported",
        "aib/managed-image-options",
        "Image Builder's managed images have no such option; a compute gallery has storage types and zones",
        "managed_image_storage_account_type managed_image_zone_resilient",
    ),
    *_group(
        "unsupported",
        "aib/build-disks",
        "Image Builder keeps no disk and no snapshot of its build VM; make one of the gallery's version after the "
        "build: az disk create --gallery-image-reference ID",
        "managed_image_os_disk_snapshot_name managed_image_data_disk_snapshot_prefix keep_os_disk",
    ),
]

_UNSUPPORTED = [
    Row(
        "shared_image_gallery.community_gallery_image_id",
        "unsupported",
        "aib/community-source",
        "Image Builder does not say that it reads community galleries: copy the version into a gallery of your own",
        f"{_SOURCE}/imageVersionId",
        evidence="unverified",
    ),
    Row(
        "skip_create_image",
        "unsupported",
        "aib/skip-create-image",
        "Image Builder always distributes; to try a template, distribute to a gallery image that nobody uses",
    ),
    Row(
        "shared_image_gallery_destination.specialized",
        "unsupported",
        "aib/specialized",
        "Image Builder makes generalized images only, which a definition for specialized ones refuses: distribute to "
        "one for generalized images, or build this image with Packer",
    ),
    *_group(
        "unsupported",
        "aib/disk-encryption-set",
        "Image Builder encrypts with platform keys",
        "disk_encryption_set_id shared_image_gallery_destination.target_region.disk_encryption_set_id",
    ),
    *_group(
        "unsupported",
        "aib/security-type",
        "Image Builder has no such setting: it is the image definition in the gallery that says what its VMs may be "
        "(TrustedLaunchSupported, ConfidentialVMSupported)",
        "secure_boot_enabled vtpm_enabled security_type security_encryption_type "
        "shared_image_gallery_destination.confidential_vm_image_encryption_type",
    ),
    *_group(
        "approximated",
        "aib/license-type",
        "the build VM costs its usual price, without Azure Hybrid Benefit; the image is the same",
        "license_type",
    ),
    *_group(
        "unsupported",
        "aib/custom-data",
        "Image Builder's build VM takes no custom data: do in a first customizer what cloud-init would do",
        "custom_data custom_data_file user_data user_data_file custom_script",
    ),
]

#: Blocks as a whole, for dynamic ones that are left out.
_BLOCKS = [
    *_group(
        "adapted",
        "aib/block",
        "whether the block is there was decided when translating",
        "plan_info shared_image_gallery shared_image_gallery_destination azure_tag.name azure_tag.value",
    ),
]

#: What only Image Builder has, under the Plan's names.
_OWN = [
    _exact("template_identity", "/identity"),
    _exact("build_timeout_minutes", "/properties/buildTimeoutInMinutes"),
    _exact("staging_resource_group", "/properties/stagingResourceGroup", "2022-02-14"),
    _exact("proxy_vm_size", f"{_VM}/vnetConfig/proxyVmSize", "2021-10-01"),
    _exact("container_instance_subnet_id", f"{_VM}/vnetConfig/containerInstanceSubnetId", "2024-02-01"),
    _exact("subnet_id", f"{_VM}/vnetConfig/subnetId"),
    _exact("optimize", "/properties/optimize", "2022-07-01"),
    _exact("validate", "/properties/validate", "2022-02-14"),
    _exact("error_handling", "/properties/errorHandling", "2023-07-01"),
    _exact("image_template", "", plain=False),
    _exact("managed_image_id", f"{_OUT}/imageId", plain=False),
    _exact("shared_image_gallery_destination.id", f"{_OUT}/galleryImageId", plain=False),
    _exact("vhd_uri", f"{_OUT}/uri", VHD_URI, plain=False),
    _exact("custom_managed_image_id", f"{_SOURCE}/imageId", plain=False),
    _exact("auto_run", "/properties/autoRun", "2024-02-01"),
]

ROWS: dict[str, Row] = {
    row.path: row for row in (*_EXACT, *_IDS, *_ADAPTED, *_APPROXIMATED, *_DROPPED, *_UNSUPPORTED, *_BLOCKS, *_OWN)
}
