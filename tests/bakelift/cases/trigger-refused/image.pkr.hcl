source "azure-arm" "web" {
  use_azure_cli_auth = true
  os_type            = "Linux"
  image_publisher    = "Canonical"
  image_offer        = "ubuntu-24_04-lts"
  image_sku          = "server"
  image_version      = "24.04.202404230"
  location           = "westeurope"
  vm_size            = "Standard_D2s_v5"

  shared_image_gallery_destination {
    resource_group = "images"
    gallery_name   = "golden"
    image_name     = "web"
    image_version  = "1.0.0"
  }
}

build {
  sources = ["source.azure-arm.web"]

  provisioner "shell" {
    inline = ["sudo apt-get update"]
  }
}
