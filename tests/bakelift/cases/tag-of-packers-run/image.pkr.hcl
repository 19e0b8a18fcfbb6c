locals {
  tags = {
    team       = "web"
    built_with = packer.version
    built_at   = timestamp()
  }
}

source "azure-arm" "web" {
  use_azure_cli_auth = true
  os_type            = "Linux"
  image_publisher    = "Canonical"
  image_offer        = "ubuntu-24_04-lts"
  image_sku          = "server"
  location           = "West Europe"
  vm_size            = "Standard_D2s_v5"
  azure_tags         = local.tags

  managed_image_name                      = "web"
  managed_image_resource_group_name       = "images"
  managed_image_os_disk_snapshot_name     = "web_os"
  managed_image_data_disk_snapshot_prefix = "web_data"
}

build {
  sources = ["source.azure-arm.web"]

  provisioner "shell" {
    inline = ["sudo waagent -force -deprovision+user && export HISTSIZE=0 && sync"]
  }
}
