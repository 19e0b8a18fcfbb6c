variable "account" {
  type = string
}

source "azure-arm" "disk" {
  use_azure_cli_auth = true
  os_type            = "Linux"
  image_publisher    = "Canonical"
  image_offer        = "ubuntu-24_04-lts"
  image_sku          = "server"
  location           = "uksouth"

  resource_group_name    = "storage"
  storage_account        = var.account
  capture_container_name = "vhds"
  capture_name_prefix    = "ubuntu"

  temp_resource_group_name = "packer-temp"
}

build {
  sources = ["source.azure-arm.disk"]

  provisioner "shell" {
    inline = ["true"]
  }
}
