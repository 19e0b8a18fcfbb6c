# ssh on Windows, with a certificate in a vault that exists.
source "azure-arm" "image" {
  os_type                           = "Windows"
  location                          = "westeurope"
  communicator                      = "ssh"
  build_key_vault_name              = "shared-vault"
  image_publisher                   = "MicrosoftWindowsServer"
  image_offer                       = "WindowsServer"
  image_sku                         = "2022-datacenter-g2"
  managed_image_name                = "win"
  managed_image_resource_group_name = "images"
}

build {
  sources = ["azure-arm.image"]
}
