variable "network" {
  type    = string
  default = "build"
}

# Packer looks for the subnet, and for the network's group.
source "azure-arm" "web" {
  os_type         = "Linux"
  image_publisher = "canonical"
  image_offer     = "ubuntu-24_04-lts"
  image_sku       = "server"
  vm_size         = "Standard_D2s_v5"

  build_resource_group_name = "builds"
  virtual_network_name      = var.network

  managed_image_name                = "web"
  managed_image_resource_group_name = "images"
}

build {
  sources = ["source.azure-arm.web"]

  provisioner "shell" {
    inline = ["sudo apt-get update"]
  }
}
