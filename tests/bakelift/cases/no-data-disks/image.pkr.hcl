variable "disks" {
  type    = list(number)
  default = []
}

source "azure-arm" "web" {
  use_azure_cli_auth                = true
  os_type                           = "Linux"
  image_publisher                   = "Canonical"
  image_offer                       = "ubuntu-24_04-lts"
  image_sku                         = "server"
  location                          = "West Europe"
  vm_size                           = "Standard_D2s_v5"
  disk_additional_size              = var.disks
  managed_image_name                = "web"
  managed_image_resource_group_name = "images"
}

source "azure-arm" "other" {
  use_azure_cli_auth                = true
  os_type                           = "Linux"
  image_publisher                   = "Canonical"
  image_offer                       = "ubuntu-24_04-lts"
  image_sku                         = "server"
  location                          = "West Europe"
  vm_size                           = "Standard_D2s_v5"
  managed_image_name                = "other"
  managed_image_resource_group_name = "images"
}

build {
  sources = ["source.azure-arm.web", "source.azure-arm.other"]
}
