variable "client_secret" {
  type      = string
  sensitive = true
  default   = env("ARM_CLIENT_SECRET")
}

source "azure-arm" "web" {
  subscription_id        = "11111111-2222-3333-4444-555555555555"
  tenant_id              = "11111111-2222-3333-4444-666666666666"
  client_id              = "11111111-2222-3333-4444-777777777777"
  client_secret          = var.client_secret
  cloud_environment_name = "Public"

  os_type         = "Linux"
  image_publisher = "canonical"
  image_offer     = "ubuntu-24_04-lts"
  image_sku       = "server"

  location                     = "swedencentral"
  temp_resource_group_name     = "packer-web"
  temp_compute_name            = "web-build"
  custom_resource_build_prefix = "web"

  vm_size                = "Standard_D4s_v5"
  os_disk_size_gb        = 128
  disk_additional_size   = [32, 64]
  disk_additional_luns   = [3, 4]
  disk_caching_type      = "ReadOnly"
  accelerated_networking = true
  encryption_at_host     = true
  license_type           = "RHEL_BYOS"
  spot {
    eviction_policy = "Deallocate"
    max_price       = 0.1
  }

  user_assigned_managed_identities = [
    "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/ops/providers/Microsoft.ManagedIdentity/userAssignedIdentities/vault-reader",
  ]

  virtual_network_name                   = "build"
  virtual_network_subnet_name            = "packer"
  virtual_network_resource_group_name    = "network"
  private_virtual_network_with_public_ip = true

  custom_data_file = "cloud-init.yml"

  ssh_username     = "packer"
  ssh_pty          = true
  ssh_timeout      = "30m"
  ssh_bastion_host = "bastion.example.com"

  security_type          = "TrustedLaunch"
  secure_boot_enabled    = true
  vtpm_enabled           = true
  disk_encryption_set_id = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/keys/providers/Microsoft.Compute/diskEncryptionSets/images"

  polling_duration_timeout   = "30m"
  async_resourcegroup_delete = true

  shared_image_gallery_destination {
    resource_group                        = "galleries"
    gallery_name                          = "shared"
    image_name                            = "web"
    image_version                         = "1.0.0"
    specialized                           = true
    confidential_vm_image_encryption_type = "EncryptedWithPmk"
  }
  shared_image_gallery_timeout = "2h"

  plan_info {
    plan_name           = "pro"
    plan_product        = "ubuntu-pro"
    plan_publisher      = "canonical"
    plan_promotion_code = "SPRING"
  }
}

build {
  sources = ["source.azure-arm.web"]

  provisioner "shell" {
    inline = ["sudo apt-get update"]
  }
}
