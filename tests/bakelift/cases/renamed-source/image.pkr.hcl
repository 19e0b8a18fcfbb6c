source "azure-arm" "base" {
  use_azure_cli_auth                = true
  os_type                           = "Linux"
  image_publisher                   = "Canonical"
  image_offer                       = "ubuntu-24_04-lts"
  image_sku                         = "server"
  location                          = "West Europe"
  vm_size                           = "Standard_D2s_v5"
  managed_image_resource_group_name = "images"
}

build {
  source "source.azure-arm.base" {
    name               = "web"
    managed_image_name = "web"
  }

  provisioner "shell" {
    inline = ["echo $PACKER_BUILD_NAME of ${source.name}"]
  }
  provisioner "shell" {
    inline = ["sudo waagent -force -deprovision+user && export HISTSIZE=0 && sync"]
  }
}
