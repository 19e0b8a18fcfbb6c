variable "location" {
  type = string
}

source "azure-arm" "ubuntu" {
  use_azure_cli_auth = true

  image_publisher = "canonical"
  image_offer     = "ubuntu-24_04-lts"
  image_sku       = "server"
  os_type         = "Linux"
  vm_size         = "Standard_D2s_v5"
  location        = var.location

  shared_image_gallery_destination {
    resource_group      = "images"
    gallery_name        = "gallery"
    image_name          = "web"
    image_version       = "1.0.0"
    replication_regions = ["North Europe", "westus2"]
  }
}

build {
  name    = "web"
  sources = ["source.azure-arm.ubuntu"]

  provisioner "shell" {
    script = "scripts/common.sh"
  }
  provisioner "shell" {
    inline = ["systemctl enable nginx"]
  }
}
