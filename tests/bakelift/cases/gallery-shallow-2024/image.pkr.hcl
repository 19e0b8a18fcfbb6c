source "azure-arm" "web" {
  os_type         = "Linux"
  image_publisher = "canonical"
  image_offer     = "ubuntu-24_04-lts"
  image_sku       = "server"
  location        = "westeurope"
  vm_size         = "Standard_D2s_v5"

  shared_image_gallery_destination {
    resource_group          = "galleries"
    gallery_name            = "shared"
    image_name              = "web"
    image_version           = "1.0.0"
    use_shallow_replication = true
  }
}

build {
  sources = ["source.azure-arm.web"]

  provisioner "shell" {
    inline = ["sudo apt-get update"]
  }
}
