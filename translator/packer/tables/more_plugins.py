"""Which options the components of plugins beyond Packer's best known take: data as in :mod:`.plugins`.

They are loaded only for a component that :mod:`.plugins` does not know.
"""

from __future__ import annotations

GROUPS: tuple[tuple[str, str], ...] = (
    (
        "builder:alicloud-ecs builder:digitalocean builder:hcloud builder:huaweicloud-ecs builder:linode "
        "builder:nutanix builder:oracle-classic builder:oracle-oci builder:outscale-bsu builder:outscale-bsusurrogate "
        "builder:outscale-bsuvolume builder:oxide-instance builder:parallels-ipsw builder:parallels-iso "
        "builder:parallels-macvm builder:parallels-pvm builder:powervs builder:proxmox-clone builder:proxmox-iso "
        "builder:scaleway builder:tencentcloud-cvm builder:vultr builder:yandex post-processor:alicloud-import",
        "communicator=s pause_before_connecting=s winrm_host=s winrm_insecure=b winrm_no_proxy=b winrm_password=s "
        "winrm_port=n winrm_timeout=s winrm_use_ntlm=b winrm_use_ssl=b winrm_username=s",
    ),
    (
        "builder:alicloud-ecs builder:digitalocean builder:hcloud builder:huaweicloud-ecs builder:linode "
        "builder:nutanix builder:oracle-classic builder:oracle-oci builder:outscale-bsu builder:outscale-bsusurrogate "
        "builder:outscale-bsuvolume builder:oxide-instance builder:parallels-ipsw builder:parallels-iso "
        "builder:parallels-macvm builder:parallels-pvm builder:powervs builder:proxmox-clone builder:proxmox-iso "
        "builder:scaleway builder:tencentcloud-cvm builder:vultr builder:yandex post-processor:alicloud-import "
        "post-processor:yandex-export",
        "ssh_agent_auth=b ssh_bastion_agent_auth=b ssh_bastion_certificate_file=s ssh_bastion_host=s "
        "ssh_bastion_interactive=b ssh_bastion_password=s ssh_bastion_port=n ssh_bastion_private_key_file=s "
        "ssh_bastion_username=s ssh_certificate_file=s ssh_ciphers=ls ssh_clear_authorized_keys=b "
        "ssh_disable_agent_forwarding=b ssh_file_transfer_method=s ssh_handshake_attempts=n ssh_host=s "
        "ssh_keep_alive_interval=s ssh_key_exchange_algorithms=ls ssh_keypair_name=s ssh_local_tunnels=ls "
        "ssh_password=s ssh_port=n ssh_private_key=ln ssh_private_key_file=s ssh_proxy_host=s ssh_proxy_password=s "
        "ssh_proxy_port=n ssh_proxy_username=s ssh_pty=b ssh_public_key=ln ssh_read_write_timeout=s "
        "ssh_remote_tunnels=ls ssh_timeout=s ssh_username=s ssh_wait_timeout=s temporary_key_pair_bits=n "
        "temporary_key_pair_name=s temporary_key_pair_type=s",
    ),
    (
        "builder:alicloud-ecs builder:digitalocean builder:hcloud builder:huaweicloud-ecs builder:nutanix "
        "builder:oracle-oci builder:outscale-bsu builder:outscale-bsusurrogate builder:outscale-bsuvolume "
        "builder:oxide-instance builder:powervs builder:tencentcloud-cvm post-processor:alicloud-import",
        "user_data=s",
    ),
    (
        "builder:alicloud-ecs builder:digitalocean builder:hcloud builder:huaweicloud-ecs builder:oracle-oci "
        "builder:outscale-bsu builder:outscale-bsusurrogate builder:outscale-bsuvolume builder:tencentcloud-cvm "
        "post-processor:alicloud-import",
        "user_data_file=s",
    ),
    (
        "builder:alicloud-ecs builder:digitalocean builder:huaweicloud-ecs builder:linode builder:oracle-oci "
        "builder:outscale-bsu builder:outscale-bsusurrogate builder:outscale-bsuvolume builder:outscale-chroot "
        "builder:powervs builder:scaleway builder:tencentcloud-cvm data:digitalocean-image "
        "post-processor:alicloud-import",
        "region=s",
    ),
    (
        "builder:alicloud-ecs builder:huaweicloud-ecs builder:linode builder:nutanix builder:oracle-classic "
        "builder:tencentcloud-cvm builder:yandex post-processor:alicloud-import post-processor:digitalocean-import "
        "post-processor:yandex-import",
        "image_description=s",
    ),
    (
        "builder:alicloud-ecs builder:huaweicloud-ecs builder:nutanix builder:oracle-classic builder:oracle-oci "
        "builder:scaleway builder:tencentcloud-cvm builder:yandex post-processor:alicloud-import "
        "post-processor:digitalocean-import post-processor:yandex-import",
        "image_name=s",
    ),
    (
        "builder:alicloud-ecs builder:huaweicloud-ecs builder:oracle-oci builder:powervs builder:tencentcloud-cvm "
        "builder:yandex post-processor:alicloud-import post-processor:yandex-export",
        "instance_name=s",
    ),
    (
        "builder:alicloud-ecs builder:huaweicloud-ecs builder:outscale-bsu builder:outscale-bsusurrogate "
        "builder:outscale-bsuvolume builder:outscale-chroot builder:scaleway builder:tencentcloud-cvm "
        "post-processor:alicloud-import",
        "secret_key=s",
    ),
    (
        "builder:alicloud-ecs builder:huaweicloud-ecs builder:outscale-bsu builder:outscale-bsusurrogate "
        "builder:outscale-bsuvolume builder:outscale-chroot builder:scaleway post-processor:alicloud-import",
        "access_key=s",
    ),
    (
        "builder:alicloud-ecs builder:huaweicloud-ecs builder:outscale-bsu builder:outscale-bsusurrogate "
        "builder:outscale-bsuvolume builder:tencentcloud-cvm post-processor:alicloud-import",
        "associate_public_ip_address=b",
    ),
    (
        "builder:alicloud-ecs builder:huaweicloud-ecs builder:tencentcloud-cvm post-processor:alicloud-import",
        "security_token=s vpc_id=s",
    ),
    (
        "builder:alicloud-ecs builder:huaweicloud-ecs post-processor:alicloud-import",
        "kms_key_id=s source_image=s",
    ),
    (
        "builder:alicloud-ecs builder:linode builder:tencentcloud-cvm post-processor:alicloud-import",
        "instance_type=s",
    ),
    (
        "builder:alicloud-ecs builder:nutanix post-processor:alicloud-import",
        "disable_stop_instance=b",
    ),
    (
        "builder:alicloud-ecs builder:oracle-oci builder:outscale-bsu builder:outscale-bsusurrogate "
        "builder:outscale-chroot post-processor:alicloud-import",
        "tags=ms",
    ),
    (
        "builder:alicloud-ecs builder:oracle-oci builder:oxide-instance builder:yandex post-processor:alicloud-import "
        "post-processor:yandex-import",
        "skip_create_image=b",
    ),
    (
        "builder:alicloud-ecs builder:outscale-bsu builder:outscale-bsusurrogate builder:outscale-bsuvolume "
        "builder:outscale-chroot builder:oxide-instance builder:tencentcloud-cvm data:oxide-image "
        "post-processor:alicloud-import",
        "profile=s",
    ),
    (
        "builder:alicloud-ecs builder:outscale-bsu builder:outscale-bsusurrogate builder:outscale-bsuvolume "
        "builder:tencentcloud-cvm post-processor:alicloud-import",
        "run_tags=ms security_group_id=s",
    ),
    (
        "builder:alicloud-ecs builder:outscale-bsu builder:outscale-bsusurrogate builder:outscale-bsuvolume "
        "post-processor:alicloud-import",
        "boot_mode=s",
    ),
    (
        "builder:alicloud-ecs builder:outscale-bsu builder:outscale-bsusurrogate builder:outscale-chroot "
        "builder:tencentcloud-cvm post-processor:alicloud-import",
        "skip_region_validation=b",
    ),
    (
        "builder:alicloud-ecs builder:tencentcloud-cvm post-processor:alicloud-import",
        "image_copy_regions=ls internet_charge_type=s internet_max_bandwidth_out=n security_group_name=s "
        "ssh_private_ip=b vpc_name=s",
    ),
    (
        "builder:alicloud-ecs builder:yandex post-processor:alicloud-import post-processor:yandex-import",
        "image_family=s",
    ),
    (
        "builder:alicloud-ecs post-processor:alicloud-import",
        "custom_endpoint_ecs=s description=s ecs_ram_role_name=s eip_id=s force_stop_instance=b image_copy_names=ls "
        "image_disk_mappings.disk_category=s image_disk_mappings.disk_delete_with_instance=b "
        "image_disk_mappings.disk_description=s image_disk_mappings.disk_device=s "
        "image_disk_mappings.disk_encrypted=b image_disk_mappings.disk_name=s image_disk_mappings.disk_size=n "
        "image_disk_mappings.disk_snapshot_id=s image_disk_mappings=R image_encrypted=b image_force_delete=b "
        "image_force_delete_instances=b image_force_delete_snapshots=b image_ignore_data_disks=b "
        "image_share_account=ls image_unshare_account=ls image_version=s io_optimized=b kms_key_copy_ids=ls "
        "ram_role_arn=s ram_role_name=s ram_session_name=s resource_group_id=s security_enhancement_strategy=s "
        "shared_credentials_file=s skip_image_validation=b system_disk_mapping.disk_category=s "
        "system_disk_mapping.disk_delete_with_instance=b system_disk_mapping.disk_description=s "
        "system_disk_mapping.disk_device=s system_disk_mapping.disk_encrypted=b system_disk_mapping.disk_name=s "
        "system_disk_mapping.disk_size=n system_disk_mapping.disk_snapshot_id=s system_disk_mapping=B tag.key=s "
        "tag.value=s tag=R target_image_family=s vpc_cidr_block=s vswitch_id=s vswitch_name=s "
        "wait_copying_image_ready_timeout=n wait_snapshot_ready_timeout=n zone_id=s",
    ),
    (
        "builder:digitalocean",
        "connect_with_private_ip=b droplet_agent=b droplet_name=s ipv6=b monitoring=b private_networking=b size=s "
        "snapshot_regions=ls snapshot_tags=ls ssh_key_id=n transfer_timeout=s vpc_uuid=s wait_snapshot_transfer=b",
    ),
    (
        "builder:digitalocean builder:hcloud",
        "snapshot_name=s",
    ),
    (
        "builder:digitalocean builder:hcloud builder:linode builder:scaleway",
        "image=s",
    ),
    (
        "builder:digitalocean builder:linode builder:vultr builder:yandex post-processor:yandex-export",
        "state_timeout=s",
    ),
    (
        "builder:digitalocean builder:oracle-classic",
        "snapshot_timeout=s",
    ),
    (
        "builder:digitalocean builder:scaleway builder:vultr",
        "tags=ls",
    ),
    (
        "builder:digitalocean builder:scaleway data:digitalocean-image",
        "api_url=s",
    ),
    (
        "builder:digitalocean builder:scaleway data:digitalocean-image post-processor:digitalocean-import",
        "api_token=s",
    ),
    (
        "builder:digitalocean data:digitalocean-image post-processor:digitalocean-import",
        "http_retry_max=n http_retry_wait_max=n http_retry_wait_min=n",
    ),
    (
        "builder:hcloud",
        "firewalls=ls image_filter.most_recent=b image_filter.with_selector=ls image_filter=B location=s networks=ln "
        "poll_interval=s public_ipv4=s public_ipv4_disabled=b public_ipv6=s public_ipv6_disabled=b rescue=s "
        "server_labels=ms server_type=s skip_create_snapshot=b snapshot_labels=ms ssh_keys=ls ssh_keys_labels=ms "
        "upgrade_server_type=s",
    ),
    (
        "builder:hcloud builder:outscale-bsu builder:outscale-bsusurrogate builder:outscale-bsuvolume "
        "builder:outscale-chroot builder:oxide-instance builder:proxmox-clone builder:proxmox-iso builder:yandex "
        "data:oxide-image post-processor:yandex-export post-processor:yandex-import",
        "token=s",
    ),
    (
        "builder:hcloud builder:scaleway",
        "server_name=s",
    ),
    (
        "builder:hcloud builder:yandex post-processor:yandex-export post-processor:yandex-import",
        "endpoint=s",
    ),
    (
        "builder:huaweicloud-ecs",
        "auth_url=s availability_zone=s cloud=s data_disks.data_image_id=s data_disks.kms_key_id=s "
        "data_disks.snapshot_id=s data_disks.volume_id=s data_disks.volume_size=n data_disks.volume_type=s "
        "eip_bandwidth_size=n eip_type=s enterprise_project_id=s flavor=s floating_ip=s image_auto_accept_members=b "
        "image_members=ls image_type=s insecure=b instance_metadata=ms project_name=s reuse_ips=b security_groups=ls "
        "source_image_filter.filters.name=s source_image_filter.filters.owner=s source_image_filter.filters.tag=s "
        "source_image_filter.filters.visibility=s source_image_filter.filters=B source_image_filter.most_recent=b "
        "source_image_filter=B spot_maximum_price=s spot_pricing=b ssh_ip_version=s subnets=ls vault_id=s "
        "volume_size=n volume_type=s wait_image_ready_timeout=s",
    ),
    (
        "builder:huaweicloud-ecs builder:scaleway",
        "project_id=s",
    ),
    (
        "builder:huaweicloud-ecs builder:tencentcloud-cvm",
        "data_disks=R image_tags=ms",
    ),
    (
        "builder:huaweicloud-ecs builder:tencentcloud-cvm builder:yandex",
        "source_image_name=s",
    ),
    (
        "builder:linode",
        "authorized_keys=ls authorized_users=ls boot_size=n config.booted=b config.comments=s "
        "config.devices.sda.disk_label=s config.devices.sda.volume_id=n config.devices.sda=B "
        "config.devices.sdaa.disk_label=s config.devices.sdaa.volume_id=n config.devices.sdaa=B "
        "config.devices.sdab.disk_label=s config.devices.sdab.volume_id=n config.devices.sdab=B "
        "config.devices.sdac.disk_label=s config.devices.sdac.volume_id=n config.devices.sdac=B "
        "config.devices.sdad.disk_label=s config.devices.sdad.volume_id=n config.devices.sdad=B "
        "config.devices.sdae.disk_label=s config.devices.sdae.volume_id=n config.devices.sdae=B "
        "config.devices.sdaf.disk_label=s config.devices.sdaf.volume_id=n config.devices.sdaf=B "
        "config.devices.sdag.disk_label=s config.devices.sdag.volume_id=n config.devices.sdag=B "
        "config.devices.sdah.disk_label=s config.devices.sdah.volume_id=n config.devices.sdah=B "
        "config.devices.sdai.disk_label=s config.devices.sdai.volume_id=n config.devices.sdai=B "
        "config.devices.sdaj.disk_label=s config.devices.sdaj.volume_id=n config.devices.sdaj=B "
        "config.devices.sdak.disk_label=s config.devices.sdak.volume_id=n config.devices.sdak=B "
        "config.devices.sdal.disk_label=s config.devices.sdal.volume_id=n config.devices.sdal=B "
        "config.devices.sdam.disk_label=s config.devices.sdam.volume_id=n config.devices.sdam=B "
        "config.devices.sdan.disk_label=s config.devices.sdan.volume_id=n config.devices.sdan=B "
        "config.devices.sdao.disk_label=s config.devices.sdao.volume_id=n config.devices.sdao=B "
        "config.devices.sdap.disk_label=s config.devices.sdap.volume_id=n config.devices.sdap=B "
        "config.devices.sdaq.disk_label=s config.devices.sdaq.volume_id=n config.devices.sdaq=B "
        "config.devices.sdar.disk_label=s config.devices.sdar.volume_id=n config.devices.sdar=B "
        "config.devices.sdas.disk_label=s config.devices.sdas.volume_id=n config.devices.sdas=B "
        "config.devices.sdat.disk_label=s config.devices.sdat.volume_id=n config.devices.sdat=B "
        "config.devices.sdau.disk_label=s config.devices.sdau.volume_id=n config.devices.sdau=B "
        "config.devices.sdav.disk_label=s config.devices.sdav.volume_id=n config.devices.sdav=B "
        "config.devices.sdaw.disk_label=s config.devices.sdaw.volume_id=n config.devices.sdaw=B "
        "config.devices.sdax.disk_label=s config.devices.sdax.volume_id=n config.devices.sdax=B "
        "config.devices.sday.disk_label=s config.devices.sday.volume_id=n config.devices.sday=B "
        "config.devices.sdaz.disk_label=s config.devices.sdaz.volume_id=n config.devices.sdaz=B "
        "config.devices.sdb.disk_label=s config.devices.sdb.volume_id=n config.devices.sdb=B "
        "config.devices.sdba.disk_label=s config.devices.sdba.volume_id=n config.devices.sdba=B "
        "config.devices.sdbb.disk_label=s config.devices.sdbb.volume_id=n config.devices.sdbb=B "
        "config.devices.sdbc.disk_label=s config.devices.sdbc.volume_id=n config.devices.sdbc=B "
        "config.devices.sdbd.disk_label=s config.devices.sdbd.volume_id=n config.devices.sdbd=B "
        "config.devices.sdbe.disk_label=s config.devices.sdbe.volume_id=n config.devices.sdbe=B "
        "config.devices.sdbf.disk_label=s config.devices.sdbf.volume_id=n config.devices.sdbf=B "
        "config.devices.sdbg.disk_label=s config.devices.sdbg.volume_id=n config.devices.sdbg=B "
        "config.devices.sdbh.disk_label=s config.devices.sdbh.volume_id=n config.devices.sdbh=B "
        "config.devices.sdbi.disk_label=s config.devices.sdbi.volume_id=n config.devices.sdbi=B "
        "config.devices.sdbj.disk_label=s config.devices.sdbj.volume_id=n config.devices.sdbj=B "
        "config.devices.sdbk.disk_label=s config.devices.sdbk.volume_id=n config.devices.sdbk=B "
        "config.devices.sdbl.disk_label=s config.devices.sdbl.volume_id=n config.devices.sdbl=B "
        "config.devices.sdc.disk_label=s config.devices.sdc.volume_id=n config.devices.sdc=B "
        "config.devices.sdd.disk_label=s config.devices.sdd.volume_id=n config.devices.sdd=B "
        "config.devices.sde.disk_label=s config.devices.sde.volume_id=n config.devices.sde=B "
        "config.devices.sdf.disk_label=s config.devices.sdf.volume_id=n config.devices.sdf=B "
        "config.devices.sdg.disk_label=s config.devices.sdg.volume_id=n config.devices.sdg=B "
        "config.devices.sdh.disk_label=s config.devices.sdh.volume_id=n config.devices.sdh=B "
        "config.devices.sdi.disk_label=s config.devices.sdi.volume_id=n config.devices.sdi=B "
        "config.devices.sdj.disk_label=s config.devices.sdj.volume_id=n config.devices.sdj=B "
        "config.devices.sdk.disk_label=s config.devices.sdk.volume_id=n config.devices.sdk=B "
        "config.devices.sdl.disk_label=s config.devices.sdl.volume_id=n config.devices.sdl=B "
        "config.devices.sdm.disk_label=s config.devices.sdm.volume_id=n config.devices.sdm=B "
        "config.devices.sdn.disk_label=s config.devices.sdn.volume_id=n config.devices.sdn=B "
        "config.devices.sdo.disk_label=s config.devices.sdo.volume_id=n config.devices.sdo=B "
        "config.devices.sdp.disk_label=s config.devices.sdp.volume_id=n config.devices.sdp=B "
        "config.devices.sdq.disk_label=s config.devices.sdq.volume_id=n config.devices.sdq=B "
        "config.devices.sdr.disk_label=s config.devices.sdr.volume_id=n config.devices.sdr=B "
        "config.devices.sds.disk_label=s config.devices.sds.volume_id=n config.devices.sds=B "
        "config.devices.sdt.disk_label=s config.devices.sdt.volume_id=n config.devices.sdt=B "
        "config.devices.sdu.disk_label=s config.devices.sdu.volume_id=n config.devices.sdu=B "
        "config.devices.sdv.disk_label=s config.devices.sdv.volume_id=n config.devices.sdv=B "
        "config.devices.sdw.disk_label=s config.devices.sdw.volume_id=n config.devices.sdw=B "
        "config.devices.sdx.disk_label=s config.devices.sdx.volume_id=n config.devices.sdx=B "
        "config.devices.sdy.disk_label=s config.devices.sdy.volume_id=n config.devices.sdy=B "
        "config.devices.sdz.disk_label=s config.devices.sdz.volume_id=n config.devices.sdz=B config.devices=B "
        "config.helpers.devtmpfs_automount=b config.helpers.distro=b config.helpers.modules_dep=b "
        "config.helpers.network=b config.helpers.updatedb_disabled=b config.helpers=B config.init_rd=n "
        "config.interface.ip_ranges=ls config.interface.ipam_address=s config.interface.ipv4.nat_1_1=s "
        "config.interface.ipv4.vpc=s config.interface.ipv4=B config.interface.label=s config.interface.primary=b "
        "config.interface.purpose=s config.interface.subnet_id=n config.interface=R config.kernel=s config.label=s "
        "config.memory_limit=n config.root_device=s config.run_level=s config.virt_mode=s config=R "
        "disk.authorized_keys=ls disk.authorized_users=ls disk.filesystem=s disk.image=s disk.label=s "
        "disk.root_pass=s disk.size=n disk.stackscript_data=ms disk.stackscript_id=n disk=R firewall_id=n "
        "image_create_timeout=s image_label=s image_share_group_ids=ln instance_tags=ls interface.ip_ranges=ls "
        "interface.ipam_address=s interface.ipv4.nat_1_1=s interface.ipv4.vpc=s interface.ipv4=B interface.label=s "
        "interface.primary=b interface.purpose=s interface.subnet_id=n interface=R interface_generation=s kernel=s "
        "linode_interface.default_route.ipv4=b linode_interface.default_route.ipv6=b linode_interface.default_route=B "
        "linode_interface.firewall_id=n linode_interface.public.ipv4.address.address=s "
        "linode_interface.public.ipv4.address.primary=b linode_interface.public.ipv4.address=R "
        "linode_interface.public.ipv4=B linode_interface.public.ipv6.ranges.range=s "
        "linode_interface.public.ipv6.ranges=R linode_interface.public.ipv6=B linode_interface.public=B "
        "linode_interface.vlan.ipam_address=s linode_interface.vlan.vlan_label=s linode_interface.vlan=B "
        "linode_interface.vpc.ipv4.addresses.address=s linode_interface.vpc.ipv4.addresses.nat_1_1_address=s "
        "linode_interface.vpc.ipv4.addresses.primary=b linode_interface.vpc.ipv4.addresses=R "
        "linode_interface.vpc.ipv4.ranges.range=s linode_interface.vpc.ipv4.ranges=R linode_interface.vpc.ipv4=B "
        "linode_interface.vpc.ipv6.is_public=b linode_interface.vpc.ipv6.ranges.range=s "
        "linode_interface.vpc.ipv6.ranges=R linode_interface.vpc.ipv6.slaac.range=s linode_interface.vpc.ipv6.slaac=R "
        "linode_interface.vpc.ipv6=B linode_interface.vpc.subnet_id=n linode_interface.vpc=B linode_interface=R "
        "metadata.user_data=s metadata=B private_ip=b root_pass=s stackscript_data=ms stackscript_id=n swap_size=n",
    ),
    (
        "builder:linode builder:proxmox-clone builder:proxmox-iso",
        "cloud_init=b",
    ),
    (
        "builder:linode builder:vultr",
        "instance_label=s",
    ),
    (
        "builder:linode data:linode-image",
        "api_ca_path=s linode_token=s",
    ),
    (
        "builder:linode post-processor:digitalocean-import",
        "image_regions=ls",
    ),
    (
        "builder:nutanix",
        "allow_duplicate_images=b boot_priority=s boot_type=s cluster_name=s cluster_uuid=s core=n cpu=n "
        "disable_vnc=b fail_if_image_exists=b gpu.name=s gpu=R hardware_virtualization=b image_categories.key=s "
        "image_categories.value=s image_categories=R image_delete=b image_export=b image_skip=b ip_settle_timeout=s "
        "ip_wait_address=s ip_wait_timeout=s memory_mb=n nutanix_endpoint=s nutanix_insecure=b nutanix_password=s "
        "nutanix_port=n nutanix_transfer_timeout=n nutanix_username=s os_type=s ova.create=b ova.export=b "
        "ova.format=s ova.name=s ova=B serialport=b skip_vm_create_task_check=b template.create=b "
        "template.description=s template.name=s template=B vm_categories.key=s vm_categories.value=s vm_categories=R "
        "vm_clean.cdrom=b vm_clean=B vm_disks.disk_size_gb=n vm_disks.image_type=s vm_disks.source_image_checksum=s "
        "vm_disks.source_image_checksum_type=s vm_disks.source_image_delete=b vm_disks.source_image_force=b "
        "vm_disks.source_image_name=s vm_disks.source_image_path=s vm_disks.source_image_uri=s "
        "vm_disks.source_image_uuid=s vm_disks.storage_container_uuid=s vm_disks=R vm_force_delete=b "
        "vm_nics.ip_address=s vm_nics.mac_address=s vm_nics.skip_ip_assignment=b vm_nics.subnet_name=s "
        "vm_nics.subnet_uuid=s vm_nics=R vm_retain=b vtpm.enabled=b vtpm=B",
    ),
    (
        "builder:nutanix builder:outscale-bsu builder:outscale-bsusurrogate builder:outscale-chroot",
        "force_deregister=b",
    ),
    (
        "builder:nutanix builder:oxide-instance data:oxide-image",
        "project=s",
    ),
    (
        "builder:nutanix builder:parallels-ipsw builder:parallels-iso builder:parallels-macvm builder:parallels-pvm",
        "shutdown_command=s shutdown_timeout=s",
    ),
    (
        "builder:nutanix builder:parallels-ipsw builder:parallels-iso builder:parallels-macvm builder:parallels-pvm "
        "builder:proxmox-clone builder:proxmox-iso",
        "boot_command=ls boot_keygroup_interval=s boot_wait=s vm_name=s",
    ),
    (
        "builder:nutanix builder:parallels-iso builder:parallels-pvm",
        "cd_content=ms cd_files=ls cd_label=s",
    ),
    (
        "builder:nutanix builder:proxmox-clone builder:proxmox-iso",
        "boot_key_interval=s",
    ),
    (
        "builder:oracle-classic",
        "api_endpoint=s attributes=s attributes_file=s builder_communicator=B builder_image_list=s "
        "builder_image_list_entry=n builder_shape=s builder_upload_image_command=s dest_image_list=s "
        "identity_domain=s persistent_volume_size=n source_image_list=s source_image_list_entry=n ssh_source_list=s",
    ),
    (
        "builder:oracle-classic builder:oracle-oci",
        "shape=s",
    ),
    (
        "builder:oracle-classic builder:proxmox-clone builder:proxmox-iso",
        "password=s username=s",
    ),
    (
        "builder:oracle-oci",
        "access_cfg_file=s access_cfg_file_account=s availability_domain=s base_image_filter.compartment_id=s "
        "base_image_filter.display_name=s base_image_filter.display_name_search=s "
        "base_image_filter.operating_system=s base_image_filter.operating_system_version=s base_image_filter.shape=s "
        "base_image_filter=B base_image_ocid=s compartment_ocid=s create_vnic_details.assign_public_ip=b "
        "create_vnic_details.defined_tags_json=s create_vnic_details.display_name=s "
        "create_vnic_details.hostname_label=s create_vnic_details.nsg_ids=ls create_vnic_details.private_ip=s "
        "create_vnic_details.skip_source_dest_check=b create_vnic_details.subnet_id=s create_vnic_details.tags=ms "
        "create_vnic_details=B defined_tags_json=s fingerprint=s image_compartment_ocid=s image_launch_mode=s "
        "instance_defined_tags_json=s instance_options_are_legacy_imds_endpoints_disabled=b instance_tags=ms key=s "
        "key_file=s nic_attachment_type=s pass_phrase=s security_token_file=s "
        "shape_config.baseline_ocpu_utilization=s shape_config.memory_in_gbs=n shape_config.ocpus=n shape_config=B "
        "subnet_ocid=s tenancy_ocid=s use_instance_principals=b use_private_ip=b user_ocid=s",
    ),
    (
        "builder:oracle-oci builder:parallels-ipsw builder:parallels-iso builder:tencentcloud-cvm",
        "disk_size=n",
    ),
    (
        "builder:oracle-oci builder:yandex post-processor:yandex-export",
        "metadata=ms",
    ),
    (
        "builder:outscale-bsu",
        "skip_create_omi=b",
    ),
    (
        "builder:outscale-bsu builder:outscale-bsusurrogate",
        "launch_block_device_mappings.delete_on_vm_deletion=b launch_block_device_mappings.device_name=s "
        "launch_block_device_mappings.iops=n launch_block_device_mappings.no_device=b "
        "launch_block_device_mappings.snapshot_id=s launch_block_device_mappings.volume_size=n "
        "launch_block_device_mappings.volume_type=s launch_block_device_mappings=R run_volume_tags=ms",
    ),
    (
        "builder:outscale-bsu builder:outscale-bsusurrogate builder:outscale-bsuvolume",
        "block_duration_minutes=n bsu_optimized=b disable_stop_vm=b enable_t2_unlimited=b iam_vm_profile=s "
        "net_filter.filter.name=s net_filter.filter.value=s net_filter.filter=R net_filter.filters=ms net_filter=B "
        "net_id=s security_group_filter.filter.name=s security_group_filter.filter.value=s "
        "security_group_filter.filter=R security_group_filter.filters=ms security_group_filter=B shutdown_behavior=s "
        "ssh_interface=s subnet_filter.filter.name=s subnet_filter.filter.value=s subnet_filter.filter=R "
        "subnet_filter.filters=ms subnet_filter.most_free=b subnet_filter.random=b subnet_filter=B subregion_name=s "
        "temporary_security_group_source_cidr=s vm_type=s windows_password_timeout=s",
    ),
    (
        "builder:outscale-bsu builder:outscale-bsusurrogate builder:outscale-bsuvolume builder:outscale-chroot",
        "custom_endpoint_oapi=s mfa_code=s skip_metadata_api_check=b source_omi=s source_omi_filter.filter.name=s "
        "source_omi_filter.filter.value=s source_omi_filter.filter=R source_omi_filter.filters=ms "
        "source_omi_filter.most_recent=b source_omi_filter.owners=ls source_omi_filter=B x509_cert_path=s "
        "x509_key_path=s",
    ),
    (
        "builder:outscale-bsu builder:outscale-bsusurrogate builder:outscale-bsuvolume builder:outscale-chroot "
        "builder:proxmox-clone builder:proxmox-iso",
        "insecure_skip_tls_verify=b",
    ),
    (
        "builder:outscale-bsu builder:outscale-bsusurrogate builder:outscale-bsuvolume builder:tencentcloud-cvm "
        "builder:yandex post-processor:yandex-export",
        "subnet_id=s",
    ),
    (
        "builder:outscale-bsu builder:outscale-bsusurrogate builder:outscale-bsuvolume builder:yandex "
        "post-processor:yandex-export",
        "security_group_ids=ls",
    ),
    (
        "builder:outscale-bsu builder:outscale-bsusurrogate builder:outscale-chroot",
        "force_delete_snapshot=b global_permission=b omi_account_ids=ls "
        "omi_block_device_mappings.delete_on_vm_deletion=b omi_block_device_mappings.device_name=s "
        "omi_block_device_mappings.iops=n omi_block_device_mappings.no_device=b "
        "omi_block_device_mappings.snapshot_id=s omi_block_device_mappings.volume_size=n "
        "omi_block_device_mappings.volume_type=s omi_block_device_mappings=R omi_boot_modes=ls omi_description=s "
        "omi_groups=ls omi_name=s omi_product_codes=ls omi_regions=ls product_codes=ls root_device_name=s "
        "snapshot_account_ids=ls snapshot_tags=ms",
    ),
    (
        "builder:outscale-bsusurrogate",
        "omi_root_device.delete_on_vm_deletion=b omi_root_device.device_name=s omi_root_device.iops=n "
        "omi_root_device.source_device_name=s omi_root_device.volume_size=n omi_root_device.volume_type=s "
        "omi_root_device=B",
    ),
    (
        "builder:outscale-bsuvolume",
        "bsu_volumes.delete_on_vm_deletion=b bsu_volumes.device_name=s bsu_volumes.iops=n bsu_volumes.no_device=b "
        "bsu_volumes.snapshot_id=s bsu_volumes.tags=ms bsu_volumes.volume_size=n bsu_volumes.volume_type=s "
        "bsu_volumes=R",
    ),
    (
        "builder:outscale-chroot",
        "chroot_mounts=ll command_wrapper=s copy_files=ls device_path=s from_scratch=b mount_options=ls "
        "mount_partition=s mount_path=s nvme_device_path=s post_mount_commands=ls pre_mount_commands=ls "
        "root_volume_size=n root_volume_tags=ms root_volume_type=s",
    ),
    (
        "builder:oxide-instance",
        "artifact_description=s artifact_name=s artifact_os=s artifact_version=s boot_disk_image_id=s "
        "boot_disk_size=n ip_pool=s ssh_public_keys=ls subnet=s vpc=s",
    ),
    (
        "builder:oxide-instance builder:parallels-ipsw builder:parallels-iso",
        "cpus=n",
    ),
    (
        "builder:oxide-instance builder:parallels-ipsw builder:parallels-iso builder:proxmox-clone builder:proxmox-iso",
        "memory=n",
    ),
    (
        "builder:oxide-instance builder:vultr",
        "hostname=s",
    ),
    (
        "builder:oxide-instance data:digitalocean-image data:oxide-image",
        "name=s",
    ),
    (
        "builder:oxide-instance data:oxide-image",
        "host=s insecure_skip_verify=b",
    ),
    (
        "builder:parallels-ipsw",
        "ipsw_checksum=s ipsw_target_path=s ipsw_url=s ipsw_urls=ls",
    ),
    (
        "builder:parallels-ipsw builder:parallels-iso",
        "host_interfaces=ls sound=b usb=b",
    ),
    (
        "builder:parallels-ipsw builder:parallels-iso builder:parallels-macvm builder:parallels-pvm",
        "on_window_close=s output_directory=s prlctl=ll prlctl_post=ll prlctl_version_file=s startup_view=s",
    ),
    (
        "builder:parallels-ipsw builder:parallels-iso builder:proxmox-clone builder:proxmox-iso",
        "http_bind_address=s http_content=ms http_directory=s http_interface=s http_network_protocol=s "
        "http_port_max=n http_port_min=n",
    ),
    (
        "builder:parallels-ipsw builder:parallels-macvm",
        "boot_screen_config.boot_command=ls boot_screen_config.boot_keygroup_interval=s "
        "boot_screen_config.boot_wait=s boot_screen_config.execute_only_once=b boot_screen_config.is_last_screen=b "
        "boot_screen_config.matching_strings=ls boot_screen_config.screen_name=s boot_screen_config=R ocr_library=s",
    ),
    (
        "builder:parallels-iso",
        "guest_os_type=s hard_drive_interface=s",
    ),
    (
        "builder:parallels-iso builder:parallels-pvm",
        "floppy_content=ms floppy_dirs=ls floppy_files=ls floppy_label=s parallels_tools_flavor=s "
        "parallels_tools_guest_path=s parallels_tools_mode=s skip_compaction=b",
    ),
    (
        "builder:parallels-iso builder:proxmox-iso",
        "iso_checksum=s iso_target_extension=s iso_target_path=s iso_urls=ls",
    ),
    (
        "builder:parallels-iso builder:proxmox-iso builder:vultr",
        "iso_url=s",
    ),
    (
        "builder:parallels-iso builder:tencentcloud-cvm builder:yandex post-processor:yandex-export",
        "disk_type=s",
    ),
    (
        "builder:parallels-macvm builder:parallels-pvm",
        "reassign_mac=b source_path=s",
    ),
    (
        "builder:powervs",
        "account_id=s capture.cos.access_key=s capture.cos.bucket=s capture.cos.region=s capture.cos.secret_key=s "
        "capture.cos=B capture.destination=s capture.name=s capture=B cleanup_timeout=s debug=b dhcp_network=b "
        "key_pair_name=s service_instance_id=s source.cos.bucket=s source.cos.object=s source.cos.region=s "
        "source.cos=B source.name=s source.stock_image.name=s source.stock_image=B source=B subnet_ids=ls",
    ),
    (
        "builder:powervs builder:scaleway builder:tencentcloud-cvm builder:yandex post-processor:yandex-export",
        "zone=s",
    ),
    (
        "builder:powervs builder:vultr",
        "api_key=s",
    ),
    (
        "builder:proxmox-clone",
        "clone_vm=s clone_vm_id=n full_clone=b ipconfig.gateway6=s ipconfig.gateway=s ipconfig.ip6=s ipconfig.ip=s "
        "ipconfig=R nameserver=s searchdomain=s",
    ),
    (
        "builder:proxmox-clone builder:proxmox-iso",
        "additional_iso_files.cd_content=ms additional_iso_files.cd_files=ls additional_iso_files.cd_label=s "
        "additional_iso_files.device=s additional_iso_files.index=s additional_iso_files.iso_checksum=s "
        "additional_iso_files.iso_download_pve=b additional_iso_files.iso_file=s "
        "additional_iso_files.iso_storage_pool=s additional_iso_files.iso_target_extension=s "
        "additional_iso_files.iso_target_path=s additional_iso_files.iso_url=s additional_iso_files.iso_urls=ls "
        "additional_iso_files.keep_cdrom_device=b additional_iso_files.type=s additional_iso_files.unmount=b "
        "additional_iso_files=R ballooning_minimum=n bios=s boot=s cloud_init_disable_upgrade_packages=b "
        "cloud_init_disk_type=s cloud_init_storage_pool=s cores=n cpu_type=s disable_kvm=b disks.asyncio=s "
        "disks.cache_mode=s disks.discard=b disks.disk_size=s disks.exclude_from_backup=b disks.format=s "
        "disks.io_thread=b disks.ssd=b disks.storage_pool=s disks.storage_pool_type=s disks.type=s disks=R "
        "efi_config.efi_format=s efi_config.efi_storage_pool=s efi_config.efi_type=s efi_config.pre_enrolled_keys=b "
        "efi_config=B efidisk=s machine=s network_adapters.bridge=s network_adapters.firewall=b "
        "network_adapters.mac_address=s network_adapters.model=s network_adapters.mtu=n "
        "network_adapters.packet_queues=n network_adapters.vlan_tag=s network_adapters=R node=s numa=b onboot=b os=s "
        "pci_devices.device_id=s pci_devices.hide_rombar=b pci_devices.host=s pci_devices.legacy_igd=b "
        "pci_devices.mapping=s pci_devices.mdev=s pci_devices.pcie=b pci_devices.romfile=s "
        "pci_devices.sub_device_id=s pci_devices.sub_vendor_id=s pci_devices.vendor_id=s pci_devices.x_vga=b "
        "pci_devices=R pool=s proxmox_url=s qemu_additional_args=s qemu_agent=b rng0.max_bytes=n rng0.period=n "
        "rng0.source=s rng0=B scsi_controller=s serials=ls skip_convert_to_template=b sockets=n tags=s task_timeout=s "
        "template_description=s template_name=s tpm_config.tpm_storage_pool=s tpm_config.tpm_version=s tpm_config=B "
        "vga.memory=n vga.type=s vga=B vm_id=n vm_interface=s",
    ),
    (
        "builder:proxmox-iso",
        "boot_iso.cd_content=ms boot_iso.cd_files=ls boot_iso.cd_label=s boot_iso.device=s boot_iso.index=s "
        "boot_iso.iso_checksum=s boot_iso.iso_download_pve=b boot_iso.iso_file=s boot_iso.iso_storage_pool=s "
        "boot_iso.iso_target_extension=s boot_iso.iso_target_path=s boot_iso.iso_url=s boot_iso.iso_urls=ls "
        "boot_iso.keep_cdrom_device=b boot_iso.type=s boot_iso.unmount=b boot_iso=B iso_download_pve=b iso_file=s "
        "iso_storage_pool=s unmount_iso=b",
    ),
    (
        "builder:scaleway",
        "admin_password_encryption_ssh_key_id=s block_volume.iops=n block_volume.name=s block_volume.size_in_gb=n "
        "block_volume.snapshot_id=s block_volume.snapshot_name=s block_volume=R bootscript=s boottype=s "
        "cleanup_machine_related_data=s commercial_type=s image_creation_timeout=s keep_server=b organization_id=s "
        "private_network_ids=ls remove_volume=b root_volume.iops=n root_volume.size_in_gb=n "
        "root_volume.snapshot_name=s root_volume.type=s root_volume=B server_creation_timeout=s "
        "server_shutdown_timeout=s server_tags=ls snapshot_creation_timeout=s user_data=ms user_data_timeout=s",
    ),
    (
        "builder:tencentcloud-cvm",
        "assume_role.role_arn=s assume_role.session_duration=n assume_role.session_name=s assume_role=B "
        "bandwidth_package_id=s cam_role_name=s cidr_block=s cvm_endpoint=s data_disks.disk_size=n "
        "data_disks.disk_snapshot_id=s data_disks.disk_type=s force_poweroff=b host_name=s image_share_accounts=ls "
        "instance_charge_type=s run_tag.key=s run_tag.value=s run_tag=R secret_id=s shared_credentials_dir=s "
        "subnect_cidr_block=s subnet_name=s sysprep=b vpc_endpoint=s",
    ),
    (
        "builder:tencentcloud-cvm builder:yandex post-processor:yandex-export",
        "source_image_id=s",
    ),
    (
        "builder:vultr",
        "app_id=n enable_ipv6=b enable_vpc2=b enable_vpc=b image_id=s iso_id=s os_id=n plan_id=s region_id=s "
        "script_id=s snapshot_description=s snapshot_id=s ssh_key_ids=ls userdata=s",
    ),
    (
        "builder:yandex",
        "target_image_folder_id=s",
    ),
    (
        "builder:yandex post-processor:yandex-export",
        "disk_labels=ms disk_name=s disk_size_gb=n instance_core_fraction=n instance_cores=n instance_gpus=n "
        "instance_mem_gb=n labels=ms metadata_from_file=ms platform_id=s preemptible=b serial_log_file=s "
        "source_image_family=s source_image_folder_id=s use_internal_ip=b use_ipv4_nat=b use_ipv6=b",
    ),
    (
        "builder:yandex post-processor:yandex-export post-processor:yandex-import",
        "folder_id=s max_retries=n service_account_id=s service_account_key_file=s",
    ),
    (
        "builder:yandex post-processor:yandex-import",
        "image_labels=ms image_min_disk_size_gb=n image_pooled=b image_product_ids=ls",
    ),
    (
        "data:digitalocean-image",
        "name_regex=s type=s",
    ),
    (
        "data:digitalocean-image data:linode-image",
        "latest=b",
    ),
    (
        "data:linode-image",
        "id=s id_regex=s label=s label_regex=s",
    ),
    (
        "post-processor:alicloud-import",
        "format=s image_architecture=s image_os_type=s image_platform=s image_system_size=s oss_bucket_name=s "
        "oss_key_name=s",
    ),
    (
        "post-processor:alicloud-import post-processor:digitalocean-import post-processor:yandex-import",
        "skip_clean=b",
    ),
    (
        "post-processor:digitalocean-import",
        "image_distribution=s image_tags=ls space_name=s space_object_name=s spaces_key=s spaces_region=s "
        "spaces_secret=s timeout=s",
    ),
    (
        "post-processor:yandex-export",
        "-=B paths=ls source_disk_extra_size=n storage_endpoint=s storage_endpoint_autoresolve=b storage_region=s",
    ),
    (
        "post-processor:yandex-import",
        "bucket=s object_name=s",
    ),
)
