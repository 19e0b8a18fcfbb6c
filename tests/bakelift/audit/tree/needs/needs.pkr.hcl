variable "flavour" {
  type = string
}

source "azure-arm" "a" {
  use_azure_cli_auth = true

  image_publisher = "debian"
  image_offer     = "debian-12"
  image_sku       = "12-gen2"
  os_type         = "Linux"
  vm_size         = "Standard_D2s_v5"
  location        = "westeurope"

  managed_image_name                = "debian"
  managed_image_resource_group_name = "images"
}

build {
  sources = ["source.azure-arm.a"]

  provisioner "shell" {
    only   = var.flavour == "full" ? ["azure-arm.a"] : ["azure-arm.none"]
    inline = ["echo full"]
  }
}
