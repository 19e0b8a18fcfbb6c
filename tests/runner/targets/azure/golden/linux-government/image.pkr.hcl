# Another cloud has its own names of storage.
source "azure-arm" "image" {
  os_type                           = "Linux"
  location                          = "usgovvirginia"
  cloud_environment_name            = "USGovernment"
  image_publisher                   = "RedHat"
  image_offer                       = "RHEL"
  image_sku                         = "9-lvm-gen2"
  image_version                     = "9.4.2024101801"
  boot_diag_storage_account         = "bootlogs"
  managed_image_name                = "web"
  managed_image_resource_group_name = "images"
}

build {
  sources = ["azure-arm.image"]
}
