# Everything that the VM itself can be told; its image is a gallery's, and becomes a version of another one.
source "azure-arm" "image" {
  os_type              = "Linux"
  location             = "westeurope"
  ssh_username         = "builder"
  ssh_port             = 2222
  subscription_id      = "00000000-0000-0000-0000-000000000000"
  temp_compute_name    = "buildvm"
  temp_nic_name        = "buildnic"
  temp_os_disk_name    = "builddisk"
  custom_data_file     = "cloud-init.yml"
  user_data            = "dXNlcg=="
  license_type         = "rhel_byos"
  os_disk_size_gb      = 64
  disk_additional_size = [32, 128]
  disk_additional_luns = [5, 3]
  disk_caching_type    = "ReadOnly"
  disk_controller_type = "NVMe"

  disk_encryption_set_id    = "/subscriptions/s/resourceGroups/keys/providers/Microsoft.Compute/diskEncryptionSets/disks"
  accelerated_networking    = false
  encryption_at_host        = true
  secure_boot_enabled       = true
  security_type             = "TrustedLaunch"
  boot_diag_storage_account = "bootlogs"
  spot {
    eviction_policy = "Delete"
    max_price       = 0.4
  }
  shared_image_gallery {
    subscription   = "00000000-0000-0000-0000-000000000000"
    resource_group = "shared"
    gallery_name   = "base"
    image_name     = "rhel"
    image_version  = "9.4.1"
  }
  shared_image_gallery_destination {
    resource_group = "shared"
    gallery_name   = "apps"
    image_name     = "web"
    image_version  = "1.2.3"
  }
}

build {
  sources = ["azure-arm.image"]
}
