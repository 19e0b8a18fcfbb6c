"""Which options every other builder, provisioner, post-processor and data source takes, and how HCL says them.

Facts from the plugins' own declarations (their FlatConfig types). An entry holds a set of components and the options
that exactly these have in common, as words ``name=code``: ``s`` string, ``n`` number, ``b`` bool, ``ls ln ll`` lists of
strings, numbers, lists of strings, ``m ms`` maps, ``B`` a block, ``R`` repeated blocks; options inside blocks are
dotted. Components are ``builder:TYPE``, ``provisioner:TYPE``, ``post-processor:TYPE`` or ``data:TYPE``.
"""

from __future__ import annotations

GROUPS: tuple[tuple[str, str], ...] = (
    (
        "builder:amazon-chroot",
        "device_path=s nvme_device_path=s root_device_name=s root_volume_encrypt_boot=b root_volume_kms_key_id=s "
        "root_volume_size=n root_volume_tag=R root_volume_tag.key=s root_volume_tag.value=s root_volume_tags=ms "
        "root_volume_type=s",
    ),
    (
        "builder:amazon-chroot builder:amazon-ebs builder:amazon-ebssurrogate builder:amazon-ebsvolume "
        "builder:amazon-instance",
        "ena_support=b source_ami=s source_ami_filter=B source_ami_filter.filters=ms "
        "source_ami_filter.include_deprecated=b source_ami_filter.most_recent=b source_ami_filter.owners=ls "
        "sriov_support=b",
    ),
    (
        "builder:amazon-chroot builder:amazon-ebs builder:amazon-ebssurrogate builder:amazon-ebsvolume "
        "builder:amazon-instance builder:googlecompute builder:openstack data:amazon-ami data:amazon-parameterstore "
        "data:amazon-secretsmanager data:hcp-packer-artifact data:hcp-packer-image post-processor:amazon-import",
        "region=s",
    ),
    (
        "builder:amazon-chroot builder:amazon-ebs builder:amazon-ebssurrogate builder:amazon-ebsvolume "
        "builder:amazon-instance builder:openstack data:amazon-ami data:amazon-parameterstore "
        "data:amazon-secretsmanager post-processor:amazon-import",
        "token=s",
    ),
    (
        "builder:amazon-chroot builder:amazon-ebs builder:amazon-ebssurrogate builder:amazon-ebsvolume "
        "builder:amazon-instance data:amazon-ami data:amazon-parameterstore data:amazon-secretsmanager "
        "post-processor:amazon-import",
        "access_key=s assume_role=B assume_role.duration_seconds=n assume_role.external_id=s assume_role.policy=s "
        "assume_role.policy_arns=ls assume_role.role_arn=s assume_role.session_name=s assume_role.tags=ms "
        "assume_role.transitive_tag_keys=ls aws_polling=B aws_polling.delay_seconds=n aws_polling.max_attempts=n "
        "custom_endpoint_ec2=s decode_authorization_messages=b mfa_code=s secret_key=s shared_credentials_file=s "
        "skip_credential_validation=b skip_metadata_api_check=b vault_aws_engine=B vault_aws_engine.engine_name=s "
        "vault_aws_engine.name=s vault_aws_engine.role_arn=s vault_aws_engine.ttl=s",
    ),
    (
        "builder:amazon-chroot builder:amazon-ebs builder:amazon-ebssurrogate builder:amazon-ebsvolume "
        "builder:amazon-instance data:amazon-ami data:amazon-parameterstore data:amazon-secretsmanager "
        "post-processor:amazon-import post-processor:vagrant-cloud post-processor:vagrant-registry",
        "insecure_skip_tls_verify=b",
    ),
    (
        "builder:amazon-chroot builder:amazon-ebs builder:amazon-ebssurrogate builder:amazon-ebsvolume "
        "builder:amazon-instance data:amazon-ami data:amazon-parameterstore data:amazon-secretsmanager "
        "post-processor:amazon-import post-processor:vsphere",
        "max_retries=n",
    ),
    (
        "builder:amazon-chroot builder:amazon-ebs builder:amazon-ebssurrogate builder:amazon-ebsvolume "
        "builder:amazon-instance data:amazon-ami data:amazon-parameterstore data:amazon-secretsmanager "
        "post-processor:amazon-import provisioner:inspec",
        "profile=s",
    ),
    (
        "builder:amazon-chroot builder:amazon-ebs builder:amazon-ebssurrogate builder:amazon-instance",
        "ami_block_device_mappings=R ami_block_device_mappings.delete_on_termination=b "
        "ami_block_device_mappings.device_name=s ami_block_device_mappings.encrypted=b "
        "ami_block_device_mappings.iops=n ami_block_device_mappings.kms_key_id=s "
        "ami_block_device_mappings.no_device=b ami_block_device_mappings.snapshot_id=s "
        "ami_block_device_mappings.throughput=n ami_block_device_mappings.virtual_name=s "
        "ami_block_device_mappings.volume_size=n ami_block_device_mappings.volume_type=s ami_product_codes=ls "
        "ami_regions=ls ami_virtualization_type=s deregistration_protection=B deregistration_protection.enabled=b "
        "deregistration_protection.with_cooldown=b encrypt_boot=b force_deregister=b kms_key_id=s "
        "region_kms_key_ids=ms skip_region_validation=b skip_save_build_region=b snapshot_copy_duration_minutes=n "
        "snapshot_groups=ls snapshot_tag=R snapshot_tag.key=s snapshot_tag.value=s snapshot_tags=ms snapshot_users=ls "
        "tag.key=s tag.value=s",
    ),
    (
        "builder:amazon-chroot builder:amazon-ebs builder:amazon-ebssurrogate builder:amazon-instance "
        "builder:googlecompute",
        "deprecate_at=s",
    ),
    (
        "builder:amazon-chroot builder:amazon-ebs builder:amazon-ebssurrogate builder:amazon-instance "
        "builder:virtualbox-vm",
        "force_delete_snapshot=b",
    ),
    (
        "builder:amazon-chroot builder:amazon-ebs builder:amazon-ebssurrogate builder:amazon-instance "
        "data:vsphere-virtualmachine",
        "tag=R",
    ),
    (
        "builder:amazon-chroot builder:amazon-ebs builder:amazon-ebssurrogate builder:amazon-instance "
        "post-processor:amazon-import",
        "ami_description=s ami_groups=ls ami_name=s ami_org_arns=ls ami_ou_arns=ls ami_users=ls imds_support=s tags=ms",
    ),
    (
        "builder:amazon-chroot builder:amazon-ebssurrogate",
        "ami_architecture=s uefi_data=s",
    ),
    (
        "builder:amazon-chroot builder:amazon-ebssurrogate builder:amazon-instance",
        "tpm_support=s",
    ),
    (
        "builder:amazon-chroot builder:amazon-ebssurrogate post-processor:amazon-import",
        "boot_mode=s",
    ),
    (
        "builder:amazon-chroot builder:azure-chroot",
        "chroot_mounts=ll command_wrapper=s copy_files=ls from_scratch=b mount_options=ls mount_partition=s "
        "mount_path=s post_mount_commands=ls pre_mount_commands=ls",
    ),
    (
        "builder:amazon-ebs",
        "fast_launch=B fast_launch.enable_fast_launch=b fast_launch.max_parallel_launches=n "
        "fast_launch.region_launch_templates=R fast_launch.region_launch_templates.enable_fast_launch=b "
        "fast_launch.region_launch_templates.region=s fast_launch.region_launch_templates.template_id=s "
        "fast_launch.region_launch_templates.template_name=s fast_launch.region_launch_templates.template_version=n "
        "fast_launch.target_resource_count=n fast_launch.template_id=s fast_launch.template_name=s "
        "fast_launch.template_version=n no_ephemeral=b skip_create_ami=b",
    ),
    (
        "builder:amazon-ebs builder:amazon-ebssurrogate",
        "run_volume_tag.name=s skip_ami_run_tags=b",
    ),
    (
        "builder:amazon-ebs builder:amazon-ebssurrogate builder:amazon-ebsvolume",
        "run_volume_tag=R run_volume_tag.value=s run_volume_tags=ms",
    ),
    (
        "builder:amazon-ebs builder:amazon-ebssurrogate builder:amazon-ebsvolume builder:amazon-instance",
        "associate_public_ip_address=b block_duration_minutes=n capacity_reservation_group_arn=s "
        "capacity_reservation_id=s capacity_reservation_preference=s disable_stop_instance=b ebs_optimized=b "
        "enable_nitro_enclave=b enable_t2_unlimited=b enable_unlimited_credits=b fleet_tag=R fleet_tag.key=s "
        "fleet_tag.value=s fleet_tags=ms iam_instance_profile=s instance_type=s license_specifications=R "
        "license_specifications.license_configuration_request=B "
        "license_specifications.license_configuration_request.license_configuration_arn=s metadata_options=B "
        "metadata_options.http_endpoint=s metadata_options.http_put_response_hop_limit=n "
        "metadata_options.http_tokens=s metadata_options.instance_metadata_tags=s pause_before_ssm=s placement=B "
        "placement.host_id=s placement.host_resource_group_arn=s placement.tenancy=s run_tag=R run_tag.key=s "
        "run_tag.value=s run_tags=ms security_group_filter=B security_group_filter.filter=R "
        "security_group_filter.filter.name=s security_group_filter.filter.value=s security_group_filter.filters=ms "
        "security_group_id=s security_group_ids=ls session_manager_port=n shutdown_behavior=s "
        "skip_profile_validation=b spot_allocation_strategy=s spot_instance_types=ls spot_price=s "
        "spot_price_auto_product=s spot_tag=R spot_tag.key=s spot_tag.value=s spot_tags=ms subnet_filter=B "
        "subnet_filter.filter=R subnet_filter.filter.name=s subnet_filter.filter.value=s subnet_filter.filters=ms "
        "subnet_filter.most_free=b subnet_filter.random=b subnet_id=s "
        "temporary_iam_instance_profile_policy_document=B temporary_iam_instance_profile_policy_document.Statement=R "
        "temporary_iam_instance_profile_policy_document.Statement.Action=ls "
        "temporary_iam_instance_profile_policy_document.Statement.Effect=s "
        "temporary_iam_instance_profile_policy_document.Statement.Resource=ls "
        "temporary_iam_instance_profile_policy_document.Version=s temporary_security_group_source_cidrs=ls "
        "temporary_security_group_source_public_ip=b tenancy=s vpc_filter=B vpc_filter.filter=R "
        "vpc_filter.filter.name=s vpc_filter.filter.value=s vpc_filter.filters=ms vpc_id=s",
    ),
    (
        "builder:amazon-ebs builder:amazon-ebssurrogate builder:amazon-ebsvolume builder:amazon-instance "
        "builder:azure-dtl builder:docker builder:googlecompute builder:hyperv-iso builder:hyperv-vmcx "
        "builder:openstack builder:qemu builder:vagrant builder:virtualbox-iso builder:virtualbox-ovf "
        "builder:virtualbox-vm builder:vmware-iso builder:vmware-vmx builder:vsphere-clone builder:vsphere-iso "
        "builder:vsphere-supervisor",
        "communicator=s pause_before_connecting=s ssh_agent_auth=b ssh_bastion_agent_auth=b "
        "ssh_bastion_certificate_file=s ssh_bastion_host=s ssh_bastion_interactive=b ssh_bastion_password=s "
        "ssh_bastion_port=n ssh_bastion_private_key_file=s ssh_bastion_username=s ssh_certificate_file=s "
        "ssh_ciphers=ls ssh_clear_authorized_keys=b ssh_disable_agent_forwarding=b ssh_file_transfer_method=s "
        "ssh_handshake_attempts=n ssh_host=s ssh_keep_alive_interval=s ssh_key_exchange_algorithms=ls "
        "ssh_keypair_name=s ssh_local_tunnels=ls ssh_password=s ssh_port=n ssh_private_key=ln ssh_private_key_file=s "
        "ssh_proxy_host=s ssh_proxy_password=s ssh_proxy_port=n ssh_proxy_username=s ssh_pty=b ssh_public_key=ln "
        "ssh_read_write_timeout=s ssh_remote_tunnels=ls ssh_timeout=s ssh_username=s ssh_wait_timeout=s "
        "temporary_key_pair_bits=n temporary_key_pair_name=s temporary_key_pair_type=s winrm_host=s winrm_insecure=b "
        "winrm_no_proxy=b winrm_password=s winrm_port=n winrm_timeout=s winrm_use_ntlm=b winrm_use_ssl=b "
        "winrm_username=s",
    ),
    (
        "builder:amazon-ebs builder:amazon-ebssurrogate builder:amazon-ebsvolume builder:amazon-instance "
        "builder:googlecompute",
        "windows_password_timeout=s",
    ),
    (
        "builder:amazon-ebs builder:amazon-ebssurrogate builder:amazon-ebsvolume builder:amazon-instance "
        "builder:openstack",
        "availability_zone=s ssh_interface=s user_data=s user_data_file=s",
    ),
    (
        "builder:amazon-ebs builder:amazon-ebssurrogate builder:amazon-instance",
        "launch_block_device_mappings=R launch_block_device_mappings.delete_on_termination=b "
        "launch_block_device_mappings.device_name=s launch_block_device_mappings.encrypted=b "
        "launch_block_device_mappings.iops=n launch_block_device_mappings.kms_key_id=s "
        "launch_block_device_mappings.no_device=b launch_block_device_mappings.snapshot_id=s "
        "launch_block_device_mappings.throughput=n launch_block_device_mappings.virtual_name=s "
        "launch_block_device_mappings.volume_size=n launch_block_device_mappings.volume_type=s",
    ),
    (
        "builder:amazon-ebssurrogate",
        "ami_root_device=B ami_root_device.delete_on_termination=b ami_root_device.device_name=s "
        "ami_root_device.iops=n ami_root_device.source_device_name=s ami_root_device.volume_size=n "
        "ami_root_device.volume_type=s launch_block_device_mappings.omit_from_artifact=b use_create_image=b",
    ),
    (
        "builder:amazon-ebssurrogate post-processor:vsphere-template",
        "snapshot_description=s",
    ),
    (
        "builder:amazon-ebsvolume",
        "ebs_volumes=R ebs_volumes.delete_on_termination=b ebs_volumes.device_name=s ebs_volumes.encrypted=b "
        "ebs_volumes.iops=n ebs_volumes.kms_key_id=s ebs_volumes.no_device=b ebs_volumes.snapshot_description=s "
        "ebs_volumes.snapshot_groups=ls ebs_volumes.snapshot_id=s ebs_volumes.snapshot_tag=R "
        "ebs_volumes.snapshot_tag.key=s ebs_volumes.snapshot_tag.value=s ebs_volumes.snapshot_tags=ms "
        "ebs_volumes.snapshot_users=ls ebs_volumes.snapshot_volume=b ebs_volumes.tag=R ebs_volumes.tag.key=s "
        "ebs_volumes.tag.value=s ebs_volumes.tags=ms ebs_volumes.throughput=n ebs_volumes.virtual_name=s "
        "ebs_volumes.volume_size=n ebs_volumes.volume_type=s run_volume_tag.key=s",
    ),
    (
        "builder:amazon-instance",
        "account_id=s bundle_destination=s bundle_prefix=s bundle_upload_command=s bundle_vol_command=s s3_bucket=s "
        "x509_cert_path=s x509_key_path=s x509_upload_path=s",
    ),
    (
        "builder:azure-chroot",
        "data_disk_cache_type=s data_disk_storage_account_type=s image_hyperv_generation=s image_resource_id=s "
        "lvm_root_device=s manual_mount_command=s os_disk_cache_type=s os_disk_storage_account_type=s "
        "pre_unmount_commands=ls shared_image_destination=B shared_image_destination.exclude_from_latest=b "
        "shared_image_destination.exlude_from_latest=b shared_image_destination.gallery_name=s "
        "shared_image_destination.image_name=s shared_image_destination.image_version=s "
        "shared_image_destination.resource_group=s shared_image_destination.target_regions=R "
        "shared_image_destination.target_regions.name=s shared_image_destination.target_regions.replicas=n "
        "shared_image_destination.target_regions.storage_account_type=s skip_cleanup=b "
        "temporary_data_disk_id_prefix=s temporary_data_disk_snapshot_id=s temporary_os_disk_id=s "
        "temporary_os_disk_snapshot_id=s",
    ),
    (
        "builder:azure-chroot builder:azure-dtl",
        "os_disk_size_gb=n",
    ),
    (
        "builder:azure-chroot builder:azure-dtl builder:googlecompute builder:openstack",
        "skip_create_image=b",
    ),
    (
        "builder:azure-chroot builder:azure-dtl builder:openstack data:azure-keyvaultsecret "
        "provisioner:azure-dtlartifact",
        "tenant_id=s",
    ),
    (
        "builder:azure-chroot builder:azure-dtl data:azure-keyvaultsecret post-processor:vagrant-registry "
        "provisioner:azure-dtlartifact",
        "client_id=s client_secret=s",
    ),
    (
        "builder:azure-chroot builder:azure-dtl data:azure-keyvaultsecret provisioner:azure-dtlartifact",
        "client_cert_password=s client_jwt=s cloud_environment_name=s metadata_host=s object_id=s "
        "oidc_request_token=s oidc_request_url=s subscription_id=s use_azure_cli_auth=b",
    ),
    (
        "builder:azure-chroot builder:azure-dtl data:azure-keyvaultsecret provisioner:azure-dtlartifact "
        "provisioner:puppet-server",
        "client_cert_path=s",
    ),
    (
        "builder:azure-chroot provisioner:hcp-sbom",
        "source=s",
    ),
    (
        "builder:azure-dtl",
        "capture_container_name=s capture_name_prefix=s custom_image_capture_timeout=s custom_managed_image_name=s "
        "custom_managed_image_resource_group_name=s disallow_public_ip=b disk_caching_type=s "
        "dtl_artifacts.repository_name=s image_offer=s image_publisher=s image_sku=s image_url=s image_version=s "
        "lab_subnet_name=s lab_virtual_network_name=s managed_image_name=s managed_image_resource_group_name=s "
        "managed_image_storage_account_type=s os_type=s plan_id=s shared_image_gallery=B "
        "shared_image_gallery.gallery_name=s shared_image_gallery.image_name=s shared_image_gallery.image_version=s "
        "shared_image_gallery.resource_group=s shared_image_gallery.subscription=s shared_image_gallery_destination=B "
        "shared_image_gallery_destination.gallery_name=s shared_image_gallery_destination.image_name=s "
        "shared_image_gallery_destination.image_version=s shared_image_gallery_destination.replication_regions=ls "
        "shared_image_gallery_destination.resource_group=s shared_image_gallery_timeout=s skip_sysprep=b "
        "storage_type=s vm_size=s",
    ),
    (
        "builder:azure-dtl builder:hyperv-iso builder:hyperv-vmcx builder:qemu builder:virtualbox-iso "
        "builder:virtualbox-ovf builder:virtualbox-vm builder:vmware-iso builder:vmware-vmx builder:vsphere-clone "
        "builder:vsphere-iso post-processor:vsphere provisioner:azure-dtlartifact",
        "vm_name=s",
    ),
    (
        "builder:azure-dtl builder:hyperv-iso builder:hyperv-vmcx builder:virtualbox-iso builder:vmware-iso "
        "builder:vmware-vmx",
        "disk_additional_size=ln",
    ),
    (
        "builder:azure-dtl builder:openstack builder:vsphere-clone builder:vsphere-iso data:vsphere-virtualmachine "
        "post-processor:vsphere post-processor:vsphere-template provisioner:goss",
        "password=s",
    ),
    (
        "builder:azure-dtl data:googlecompute-parametermanager",
        "location=s",
    ),
    (
        "builder:azure-dtl provisioner:azure-dtlartifact",
        "azure_tags=ms dtl_artifacts=R dtl_artifacts.artifact_id=s dtl_artifacts.artifact_name=s "
        "dtl_artifacts.parameters=R dtl_artifacts.parameters.name=s dtl_artifacts.parameters.type=s "
        "dtl_artifacts.parameters.value=s lab_name=s lab_resource_group_name=s polling_duration_timeout=s",
    ),
    (
        "builder:docker",
        "author=s build=B build.arguments=ms build.build_dir=s build.compress=b build.path=s build.pull=b cap_add=ls "
        "cap_drop=ls commit=b container_dir=s device=ls discard=b exec_user=s export_path=s fix_upload_owner=b "
        "image=s message=s privileged=b pty=b pull=b run_command=ls runtime=s tmpfs=ls volumes=ms windows_container=b",
    ),
    (
        "builder:docker data:hcp-packer-artifact post-processor:amazon-import post-processor:docker-import "
        "post-processor:docker-push",
        "platform=s",
    ),
    (
        "builder:docker post-processor:docker-import",
        "changes=ls",
    ),
    (
        "builder:docker post-processor:docker-import post-processor:docker-push post-processor:docker-save "
        "post-processor:docker-tag",
        "docker_path=s",
    ),
    (
        "builder:docker post-processor:docker-push",
        "aws_access_key=s aws_force_use_public_ecr=b aws_profile=s aws_secret_key=s aws_token=s ecr_login=b login=b "
        "login_password=s login_server=s login_username=s",
    ),
    (
        "builder:googlecompute",
        "accelerator_count=n accelerator_type=s address=s delete_at=s disable_default_service_account=b "
        "disk_attachment=R disk_attachment._=s disk_attachment.attachment_mode=s disk_attachment.create_image=b "
        "disk_attachment.device_name=s disk_attachment.disk_encryption_key=B "
        "disk_attachment.disk_encryption_key.kmsKeyName=s disk_attachment.disk_encryption_key.rawKey=s "
        "disk_attachment.disk_name=s disk_attachment.interface_type=s disk_attachment.iops=n "
        "disk_attachment.keep_device=b disk_attachment.replica_zones=ls disk_attachment.source_image=s "
        "disk_attachment.source_volume=s disk_attachment.volume_size=n disk_attachment.volume_type=s "
        "disk_encryption_key=B disk_encryption_key.kmsKeyName=s disk_encryption_key.rawKey=s disk_name=s "
        "enable_integrity_monitoring=b enable_nested_virtualization=b enable_vtpm=b iap_ext=s iap_hashbang=s "
        "iap_localhost_port=n iap_tunnel_launch_wait=n image_encryption_key=B image_encryption_key.kmsKeyName=s "
        "image_encryption_key.rawKey=s image_licenses=ls image_project_id=s instance_termination_action=s labels=ms "
        "max_run_duration_in_seconds=n metadata_files=ms min_cpu_platform=s network_ip=s network_project_id=s "
        "node_affinity=R node_affinity.key=s node_affinity.operator=s node_affinity.values=ls obsolete_at=s "
        "on_host_maintenance=s oslogin_ssh_key_expire_after=s oslogin_ssh_username=s preemptible=b "
        "reservation_affinity=B reservation_affinity.consume_reservation_type=s reservation_affinity.key=s "
        "reservation_affinity.values=ls resource_manager_tags=ms source_image_project_id=ls startup_script_file=s "
        "state_timeout=s use_iap=b use_internal_ip=b use_os_login=b wait_to_add_ssh_keys=s wrap_startup_script=b",
    ),
    (
        "builder:googlecompute builder:hyperv-iso builder:hyperv-vmcx",
        "enable_secure_boot=b",
    ),
    (
        "builder:googlecompute builder:hyperv-iso builder:hyperv-vmcx builder:virtualbox-iso builder:vmware-iso "
        "builder:vsphere-clone post-processor:googlecompute-export",
        "disk_size=n",
    ),
    (
        "builder:googlecompute builder:openstack",
        "instance_name=s metadata=ms source_image=s",
    ),
    (
        "builder:googlecompute builder:openstack builder:vsphere-supervisor post-processor:googlecompute-import",
        "image_name=s",
    ),
    (
        "builder:googlecompute builder:qemu post-processor:googlecompute-export",
        "machine_type=s",
    ),
    (
        "builder:googlecompute builder:vmware-iso builder:vsphere-clone post-processor:googlecompute-export",
        "network=s",
    ),
    (
        "builder:googlecompute data:googlecompute-image data:googlecompute-parametermanager "
        "data:googlecompute-secretsmanager post-processor:googlecompute-import",
        "project_id=s",
    ),
    (
        "builder:googlecompute data:googlecompute-image data:googlecompute-secretsmanager "
        "post-processor:googlecompute-export post-processor:googlecompute-import",
        "custom_endpoints=ms universe_domain=s",
    ),
    (
        "builder:googlecompute post-processor:docker-tag",
        "tags=ls",
    ),
    (
        "builder:googlecompute post-processor:googlecompute-export",
        "disk_type=s omit_external_ip=b service_account_email=s source_image_family=s subnetwork=s zone=s",
    ),
    (
        "builder:googlecompute post-processor:googlecompute-export post-processor:googlecompute-import",
        "account_file=s credentials_file=s credentials_json=s impersonate_service_account=s scopes=ls "
        "vault_gcp_oauth_engine=s",
    ),
    (
        "builder:googlecompute post-processor:googlecompute-export post-processor:googlecompute-import "
        "post-processor:vagrant-cloud",
        "access_token=s",
    ),
    (
        "builder:googlecompute post-processor:googlecompute-import",
        "image_architecture=s image_description=s image_family=s image_forbidden_signatures_db=ls "
        "image_guest_os_features=ls image_key_exchange_key=ls image_labels=ms image_platform_key=s "
        "image_signatures_db=ls image_storage_locations=ls",
    ),
    (
        "builder:hyperv-iso",
        "use_fixed_vhd_format=b use_legacy_network_adapter=b",
    ),
    (
        "builder:hyperv-iso builder:hyperv-vmcx",
        "boot_order=ls configuration_version=s differencing_disk=b disk_block_size=n enable_dynamic_memory=b "
        "enable_mac_spoofing=b enable_tpm=b enable_virtualization_extensions=b first_boot_device=s generation=n "
        "secondary_iso_images=ls secure_boot_template=s switch_name=s switch_vlan_id=s temp_path=s vlan_id=s",
    ),
    (
        "builder:hyperv-iso builder:hyperv-vmcx builder:qemu builder:vagrant builder:virtualbox-iso "
        "builder:virtualbox-ovf builder:virtualbox-vm builder:vmware-iso builder:vmware-vmx builder:vsphere-clone "
        "builder:vsphere-iso",
        "boot_command=ls boot_keygroup_interval=s boot_wait=s floppy_content=ms floppy_dirs=ls floppy_files=ls "
        "floppy_label=s http_bind_address=s http_content=ms http_directory=s http_interface=s http_port_max=n "
        "http_port_min=n",
    ),
    (
        "builder:hyperv-iso builder:hyperv-vmcx builder:qemu builder:vagrant builder:virtualbox-iso "
        "builder:vmware-iso builder:vsphere-iso",
        "iso_checksum=s iso_target_extension=s iso_target_path=s iso_url=s iso_urls=ls",
    ),
    (
        "builder:hyperv-iso builder:hyperv-vmcx builder:qemu builder:virtualbox-iso builder:virtualbox-ovf "
        "builder:virtualbox-vm builder:vmware-iso builder:vmware-vmx",
        "headless=b output_directory=s",
    ),
    (
        "builder:hyperv-iso builder:hyperv-vmcx builder:qemu builder:virtualbox-iso builder:virtualbox-ovf "
        "builder:virtualbox-vm builder:vmware-iso builder:vmware-vmx builder:vsphere-clone builder:vsphere-iso",
        "cd_content=ms cd_files=ls cd_label=s shutdown_command=s shutdown_timeout=s",
    ),
    (
        "builder:hyperv-iso builder:hyperv-vmcx builder:qemu builder:virtualbox-iso builder:vmware-iso",
        "cpus=n memory=n",
    ),
    (
        "builder:hyperv-iso builder:hyperv-vmcx builder:qemu builder:vmware-iso builder:vmware-vmx",
        "skip_compaction=b",
    ),
    (
        "builder:hyperv-iso builder:hyperv-vmcx builder:virtualbox-iso builder:virtualbox-ovf builder:virtualbox-vm",
        "guest_additions_mode=s guest_additions_path=s keep_registered=b",
    ),
    (
        "builder:hyperv-iso builder:hyperv-vmcx builder:virtualbox-iso builder:virtualbox-ovf builder:virtualbox-vm "
        "builder:vmware-iso builder:vmware-vmx",
        "skip_export=b",
    ),
    (
        "builder:hyperv-iso builder:hyperv-vmcx builder:virtualbox-iso builder:virtualbox-ovf builder:virtualbox-vm "
        "builder:vsphere-clone builder:vsphere-iso",
        "disable_shutdown=b",
    ),
    (
        "builder:hyperv-iso builder:hyperv-vmcx builder:vsphere-clone",
        "mac_address=s",
    ),
    (
        "builder:hyperv-vmcx",
        "clone_all_snapshots=b clone_from_snapshot_name=s clone_from_vm_name=s clone_from_vmcx_path=s "
        "copy_in_compare=b",
    ),
    (
        "builder:openstack",
        "application_credential_id=s application_credential_name=s application_credential_secret=s cacert=s cert=s "
        "cloud=s config_drive=b domain_id=s domain_name=s endpoint_type=s external_source_image_format=s "
        "external_source_image_properties=ms external_source_image_url=s flavor=s floating_ip=s floating_ip_network=s "
        "floating_ip_pool=s force_delete=b identity_endpoint=s image_auto_accept_members=b image_creation_wait=n "
        "image_disk_format=s image_members=ls image_min_disk=n image_tags=ls image_visibility=s "
        "instance_floating_ip_net=s instance_metadata=ms network_discovery_cidrs=ls networks=ls openstack_provider=s "
        "ports=ls rackconnect_wait=b reuse_ips=b security_groups=ls source_image_filter=B "
        "source_image_filter.filters=B source_image_filter.filters.name=s source_image_filter.filters.owner=s "
        "source_image_filter.filters.properties=ms source_image_filter.filters.tags=ls "
        "source_image_filter.filters.visibility=s source_image_filter.most_recent=b source_image_name=s "
        "ssh_ip_version=s tenant_name=s use_blockstorage_volume=b use_floating_ip=b user_id=s "
        "volume_availability_zone=s volume_name=s volume_size=n volume_type=s",
    ),
    (
        "builder:openstack builder:vsphere-clone builder:vsphere-iso data:vsphere-virtualmachine "
        "post-processor:vsphere post-processor:vsphere-template provisioner:goss",
        "username=s",
    ),
    (
        "builder:openstack data:amazon-secretsmanager data:googlecompute-parametermanager "
        "data:googlecompute-secretsmanager post-processor:provenance",
        "key=s",
    ),
    (
        "builder:openstack post-processor:vsphere post-processor:vsphere-template",
        "insecure=b",
    ),
    (
        "builder:qemu",
        "accelerator=s boot_steps=ll cdrom_interface=s cpu_model=s disk_additional_size=ls disk_cache=s "
        "disk_compression=b disk_detect_zeroes=s disk_discard=s disk_image=b disk_interface=s disk_size=s display=s "
        "efi_boot=b efi_drop_efivars=b efi_firmware_code=s efi_firmware_vars=s iso_skip_cache=b net_bridge=s "
        "net_device=s qemu_binary=s qemu_img_args=B qemu_img_args.convert=ls qemu_img_args.create=ls "
        "qemu_img_args.resize=ls qemuargs=ll qmp_enable=b qmp_socket_path=s run_once=b skip_resize_disk=b sockets=n "
        "threads=n tpm_device_type=s use_backing_file=b use_default_display=b use_pflash=b use_tpm1=b vga=s "
        "vnc_password=s vnc_use_password=b vtpm=b",
    ),
    (
        "builder:qemu builder:vagrant builder:virtualbox-iso builder:virtualbox-ovf builder:virtualbox-vm "
        "builder:vmware-iso builder:vmware-vmx builder:vsphere-clone builder:vsphere-iso",
        "http_network_protocol=s",
    ),
    (
        "builder:qemu builder:virtualbox-iso builder:virtualbox-ovf builder:virtualbox-vm",
        "host_port_max=n host_port_min=n skip_nat_mapping=b ssh_host_port_max=n ssh_host_port_min=n",
    ),
    (
        "builder:qemu builder:virtualbox-iso builder:virtualbox-ovf builder:virtualbox-vm builder:vmware-iso "
        "builder:vmware-vmx post-processor:amazon-import provisioner:goss",
        "format=s",
    ),
    (
        "builder:qemu builder:virtualbox-iso builder:vmware-iso builder:vsphere-clone builder:vsphere-iso",
        "firmware=s",
    ),
    (
        "builder:qemu builder:vmware-iso",
        "cores=n",
    ),
    (
        "builder:qemu builder:vmware-iso builder:vmware-vmx",
        "boot_key_interval=s disable_vnc=b vnc_bind_address=s vnc_port_max=n vnc_port_min=n",
    ),
    (
        "builder:vagrant",
        "add_cacert=s add_capath=s add_cert=s add_clean=b add_force=b add_insecure=b box_name=s box_version=s "
        "global_id=s insert_key=b output_vagrantfile=s package_include=ls provider=s skip_add=b skip_package=b "
        "synced_folder=s teardown_method=s",
    ),
    (
        "builder:vagrant builder:virtualbox-ovf",
        "checksum=s",
    ),
    (
        "builder:vagrant builder:virtualbox-ovf builder:vmware-vmx",
        "source_path=s",
    ),
    (
        "builder:vagrant builder:vsphere-clone post-processor:provenance",
        "template=s",
    ),
    (
        "builder:vagrant post-processor:provenance",
        "output_dir=s",
    ),
    (
        "builder:virtualbox-iso",
        "audio_controller=s bundle_iso=b chipset=s gfx_accelerate_3d=b gfx_controller=s gfx_efi_resolution=s "
        "gfx_vram_size=n hard_drive_discard=b hard_drive_interface=s hard_drive_nonrotational=b iso_interface=s "
        "keyboard=s mouse=s nested_virt=b nic_type=s nvme_port_count=n rtc_time_base=s sata_port_count=n sound=s "
        "usb_controller=s",
    ),
    (
        "builder:virtualbox-iso builder:virtualbox-ovf builder:virtualbox-vm",
        "acpi_shutdown=b export_opts=ls guest_additions_interface=s guest_additions_sha256=s guest_additions_url=s "
        "output_filename=s post_shutdown_delay=s ssh_skip_nat_mapping=b vboxmanage=ll vboxmanage_post=ll "
        "virtualbox_version_file=s vrdp_bind_address=s vrdp_port_max=n vrdp_port_min=n",
    ),
    (
        "builder:virtualbox-iso builder:vmware-iso",
        "usb=b",
    ),
    (
        "builder:virtualbox-iso builder:vmware-iso builder:vmware-vmx builder:vsphere-iso builder:vsphere-supervisor "
        "provisioner:chef-client provisioner:chef-solo provisioner:puppet-masterless provisioner:puppet-server "
        "provisioner:salt-masterless",
        "guest_os_type=s",
    ),
    (
        "builder:virtualbox-ovf",
        "import_flags=ls import_opts=s target_path=s",
    ),
    (
        "builder:virtualbox-vm",
        "target_snapshot=s",
    ),
    (
        "builder:virtualbox-vm builder:vmware-vmx",
        "attach_snapshot=s",
    ),
    (
        "builder:vmware-iso",
        "network_adapter_type=s network_name=s parallel=s serial=s sound=b usb_version=s vhv_enabled=b "
        "vmx_disk_template_path=s vmx_template_path=s",
    ),
    (
        "builder:vmware-iso builder:vmware-vmx",
        "cdrom_adapter_type=s disk_adapter_type=s disk_type_id=s display_name=s fusion_app_path=s ovftool_options=ls "
        "remote_type=s tools_mode=s tools_source_path=s tools_upload_flavor=s tools_upload_path=s version=n "
        "vmdk_name=s vmx_data=ms vmx_data_post=ms vmx_remove_ethernet_interfaces=b vnc_disable_password=b",
    ),
    (
        "builder:vmware-iso builder:vmware-vmx builder:vsphere-clone builder:vsphere-iso "
        "post-processor:vsphere-template",
        "snapshot_name=s",
    ),
    (
        "builder:vmware-vmx",
        "linked=b",
    ),
    (
        "builder:vsphere-clone",
        "customize=B customize.dns_server_list=ls customize.dns_suffix_list=ls customize.ipv4_gateway=s "
        "customize.ipv6_gateway=s customize.linux_options=B customize.linux_options.domain=s "
        "customize.linux_options.host_name=s customize.linux_options.hw_clock_utc=b "
        "customize.linux_options.time_zone=s customize.network_interface=R customize.network_interface.dns_domain=s "
        "customize.network_interface.dns_server_list=ls customize.network_interface.ipv4_address=s "
        "customize.network_interface.ipv4_netmask=n customize.network_interface.ipv6_address=s "
        "customize.network_interface.ipv6_netmask=n customize.windows_options=B "
        "customize.windows_options.admin_password=s customize.windows_options.auto_logon=b "
        "customize.windows_options.auto_logon_count=n customize.windows_options.computer_name=s "
        "customize.windows_options.full_name=s customize.windows_options.organization_name=s "
        "customize.windows_options.product_key=s customize.windows_options.run_once_command_list=ls "
        "customize.windows_options.time_zone=n customize.windows_options.workgroup=s customize.windows_sysprep_file=s "
        "customize.windows_sysprep_text=s linked_clone=b vapp=B vapp.properties=ms",
    ),
    (
        "builder:vsphere-clone builder:vsphere-iso",
        "CPU_hot_plug=b CPU_limit=n CPU_reservation=n CPUs=n NestedHV=b RAM=n RAM_hot_plug=b RAM_reservation=n "
        "RAM_reserve_all=b boot_order=s cdrom_type=s configuration_parameters=ms content_library_destination=B "
        "content_library_destination.cluster=s content_library_destination.datastore=s "
        "content_library_destination.description=s content_library_destination.destroy=b "
        "content_library_destination.folder=s content_library_destination.host=s "
        "content_library_destination.library=s content_library_destination.name=s content_library_destination.ovf=b "
        "content_library_destination.ovf_flags=ls content_library_destination.resource_pool=s "
        "content_library_destination.skip_import=b convert_to_template=b cpu_cores=n create_snapshot=b destroy=b "
        "disk_controller_type=ls displays=n export=B export.force=b export.image_files=b export.manifest=s "
        "export.name=s export.options=ls export.output_directory=s export.output_format=s floppy_img_path=s "
        "force_bios_setup=b http_ip=s ip_settle_timeout=s ip_wait_address=s ip_wait_timeout=s iso_paths=ls notes=s "
        "pci_passthrough_allowed_device=R pci_passthrough_allowed_device.device_id=s "
        "pci_passthrough_allowed_device.sub_device_id=s pci_passthrough_allowed_device.sub_vendor_id=s "
        "pci_passthrough_allowed_device.vendor_id=s precision_clock=s reattach_cdroms=n remove_cdrom=b "
        "remove_network_adapter=b set_host_for_datastore_uploads=b storage=R storage.disk_controller_index=n "
        "storage.disk_eagerly_scrub=b storage.disk_size=n storage.disk_thin_provisioned=b tools_sync_time=b "
        "tools_sync_time_periodically=b tools_upgrade_policy=b vTPM=b vbs_enabled=b vgpu_profile=s video_ram=n "
        "vvtd_enabled=b",
    ),
    (
        "builder:vsphere-clone builder:vsphere-iso data:vsphere-virtualmachine",
        "insecure_connection=b vcenter_server=s",
    ),
    (
        "builder:vsphere-clone builder:vsphere-iso data:vsphere-virtualmachine post-processor:vsphere "
        "post-processor:vsphere-template",
        "datacenter=s",
    ),
    (
        "builder:vsphere-clone builder:vsphere-iso data:vsphere-virtualmachine post-processor:vsphere "
        "post-processor:vsphere-template provisioner:inspec",
        "host=s",
    ),
    (
        "builder:vsphere-clone builder:vsphere-iso post-processor:vsphere",
        "cluster=s datastore=s datastore_cluster=s resource_pool=s",
    ),
    (
        "builder:vsphere-clone builder:vsphere-iso post-processor:vsphere-template",
        "folder=s",
    ),
    (
        "builder:vsphere-iso",
        "local_cache_overwrite=b network_adapters=R network_adapters.mac_address=s network_adapters.network=s "
        "network_adapters.network_card=s network_adapters.passthrough=b remote_cache_cleanup=b "
        "remote_cache_datastore=s remote_cache_overwrite=b remote_cache_path=s usb_controller=ls vm_version=n",
    ),
    (
        "builder:vsphere-supervisor",
        "bootstrap_data_file=s bootstrap_provider=s class_name=s clean_imported_image=b import_request_name=s "
        "import_source_ssl_certificate=s import_source_url=s import_target_image_name=s import_target_image_type=s "
        "import_target_location_name=s iso_boot_disk_size=s keep_import_request=b keep_input_artifact=b "
        "kubeconfig_path=s publish_image_name=s publish_location_name=s source_name=s storage_class=s "
        "supervisor_namespace=s watch_import_timeout_sec=n watch_publish_timeout_sec=n watch_source_timeout_sec=n",
    ),
    (
        "data:amazon-ami",
        "filters=ms include_deprecated=b owners=ls",
    ),
    (
        "data:amazon-ami data:googlecompute-image",
        "most_recent=b",
    ),
    (
        "data:amazon-parameterstore",
        "with_decryption=b",
    ),
    (
        "data:amazon-parameterstore data:amazon-secretsmanager data:googlecompute-parametermanager "
        "data:googlecompute-secretsmanager data:vsphere-virtualmachine",
        "name=s",
    ),
    (
        "data:amazon-secretsmanager",
        "version_id=s version_stage=s",
    ),
    (
        "data:azure-keyvaultsecret",
        "secret_name=s vault_name=s",
    ),
    (
        "data:azure-keyvaultsecret data:googlecompute-parametermanager data:googlecompute-secretsmanager "
        "post-processor:vagrant-cloud post-processor:vagrant-registry provisioner:chef-client provisioner:chef-solo "
        "provisioner:goss",
        "version=s",
    ),
    (
        "data:googlecompute-image",
        "filters=s",
    ),
    (
        "data:hcp-packer-artifact",
        "version_fingerprint=s",
    ),
    (
        "data:hcp-packer-artifact data:hcp-packer-image",
        "component_type=s",
    ),
    (
        "data:hcp-packer-artifact data:hcp-packer-image data:hcp-packer-iteration data:hcp-packer-version",
        "bucket_name=s",
    ),
    (
        "data:hcp-packer-artifact data:hcp-packer-version",
        "channel_name=s",
    ),
    (
        "data:hcp-packer-image",
        "cloud_provider=s iteration_id=s",
    ),
    (
        "data:hcp-packer-image data:hcp-packer-iteration",
        "channel=s",
    ),
    (
        "provisioner:goss",
        "url=s",
    ),
    (
        "data:vsphere-virtualmachine",
        "latest=b name_regex=s tag.category=s tag.name=s template=b",
    ),
    (
        "post-processor:amazon-import",
        "ami_encrypt=b ami_kms_key=s license_type=s role_name=s s3_bucket_name=s s3_encryption=s s3_encryption_key=s "
        "s3_key_name=s",
    ),
    (
        "post-processor:amazon-import post-processor:googlecompute-import",
        "skip_clean=b",
    ),
    (
        "post-processor:amazon-import post-processor:vagrant post-processor:vagrant-cloud "
        "post-processor:vagrant-registry",
        "architecture=s",
    ),
    (
        "post-processor:docker-import",
        "tag=s",
    ),
    (
        "post-processor:docker-import post-processor:docker-tag",
        "repository=s",
    ),
    (
        "post-processor:docker-save",
        "path=s",
    ),
    (
        "post-processor:docker-tag",
        "force=b tag=ls",
    ),
    (
        "post-processor:googlecompute-export",
        "paths=ls",
    ),
    (
        "post-processor:googlecompute-import",
        "bucket=s gcs_object_name=s iap=b",
    ),
    (
        "post-processor:provenance",
        "build_type=s fulcio_url=s keyless_identity=s keyless_oidc_issuer=s only_builds=ls provenance=b rekor_url=s "
        "sbom=b sbom_exclude=ls sbom_format=s sbom_scan_path=s sbom_scope=s signer=s signing_mode=s source_uri=s "
        "trusted_root_path=s upload_tlog=b user_variables=ms verifier=s",
    ),
    (
        "post-processor:vagrant",
        "compression_level=n include=ls output=s override=ms provider_override=s vagrantfile_template=s "
        "vagrantfile_template_generated=b",
    ),
    (
        "post-processor:vagrant-cloud",
        "vagrant_cloud_url=s",
    ),
    (
        "post-processor:vagrant-cloud post-processor:vagrant-registry",
        "box_checksum=s box_download_url=s box_tag=s default_architecture=s no_direct_upload=b no_release=b "
        "version_description=s",
    ),
    (
        "post-processor:vagrant-registry",
        "box_description=s box_private=b hcp_api_address=s hcp_auth_url=s",
    ),
    (
        "post-processor:vsphere",
        "disk_mode=s esxi_host=s hardware_version=s options=ls overwrite=b vm_folder=s vm_network=s",
    ),
    (
        "post-processor:vsphere-template",
        "override=b reregister_vm=b snapshot_enable=b template_name=s",
    ),
    (
        "provisioner:azure-dtlartifact",
        "json=ms",
    ),
    (
        "provisioner:chef-client",
        "client_key=s knife_command=s node_name=s policy_group=s policy_name=s rubygems_url=s server_url=s "
        "skip_clean_client=b skip_clean_node=b skip_clean_staging_directory=b ssl_verify_mode=s trusted_certs_dir=s "
        "validation_client_name=s validation_key_path=s",
    ),
    (
        "provisioner:chef-client provisioner:chef-solo",
        "chef_environment=s chef_license=s config_template=s encrypted_data_bag_secret_path=s install_command=s "
        "json_string=s run_list=ls",
    ),
    (
        "provisioner:chef-client provisioner:chef-solo provisioner:goss",
        "skip_install=b",
    ),
    (
        "provisioner:chef-client provisioner:chef-solo provisioner:hcp-sbom provisioner:puppet-masterless "
        "provisioner:puppet-server",
        "execute_command=s",
    ),
    (
        "provisioner:chef-client provisioner:chef-solo provisioner:puppet-masterless",
        "staging_directory=s",
    ),
    (
        "provisioner:chef-client provisioner:chef-solo provisioner:puppet-masterless provisioner:puppet-server",
        "prevent_sudo=b",
    ),
    (
        "provisioner:chef-client provisioner:hcp-sbom provisioner:puppet-masterless provisioner:puppet-server",
        "elevated_password=s elevated_user=s",
    ),
    (
        "provisioner:chef-solo",
        "cookbook_paths=ls data_bags_path=s environments_path=s remote_cookbook_paths=ls roles_path=s",
    ),
    (
        "provisioner:goss",
        "arch=s download_path=s format_options=s goss_file=s inspect=b remote_folder=s remote_path=s retry_timeout=s "
        "skip_download=b skip_ssl=b sleep=s target_os=s tests=ls use_sudo=b vars_env=ms vars_file=s vars_inline=ms",
    ),
    (
        "provisioner:hcp-sbom",
        "auto_generate=b destination=s sbom_name=s scan_path=s scanner_args=ls scanner_checksum=s scanner_url=s",
    ),
    (
        "provisioner:inspec",
        "attributes=ls attributes_directory=s backend=s command=s inspec_env_vars=ls local_port=n "
        "ssh_authorized_key_file=s ssh_host_key_file=s user=s valid_exit_codes=ln",
    ),
    (
        "provisioner:inspec provisioner:puppet-masterless provisioner:puppet-server",
        "extra_arguments=ls",
    ),
    (
        "provisioner:puppet-masterless",
        "hiera_config_path=s manifest_dir=s manifest_file=s module_paths=ls",
    ),
    (
        "provisioner:puppet-masterless provisioner:puppet-server",
        "clean_staging_directory=b facter=ms ignore_exit_codes=b puppet_bin_dir=s working_directory=s",
    ),
    (
        "provisioner:puppet-server",
        "client_private_key_path=s puppet_node=s puppet_server=s staging_dir=s",
    ),
    (
        "provisioner:salt-masterless",
        "bootstrap_args=s custom_state=s disable_sudo=b formulas=ls grains_file=s local_pillar_roots=s "
        "local_state_tree=s log_level=s minion_config=s no_exit_on_failure=b remote_pillar_roots=s "
        "remote_state_tree=s salt_bin_dir=s salt_call_args=s skip_bootstrap=b temp_config_dir=s",
    ),
)
