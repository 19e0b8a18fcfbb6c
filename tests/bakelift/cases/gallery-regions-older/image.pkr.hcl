variable "regions" {
  type    = list(string)
  default = ["East US", "west europe"]
}

variable "token" {
  type      = string
  sensitive = true
  default   = ""
}

variable "location" {
  type    = string
  default = "West Europe"
}

source "azure-arm" "web" {
  client_secret = var.token

  os_type         = "Linux"
  image_publisher = "canonical"
  image_offer     = "ubuntu-24_04-lts"
  image_sku       = "server"
  location        = var.location
  vm_size         = "Standard_D2s_v5"

  shared_image_gallery_destination {
    resource_group      = "galleries"
    gallery_name        = "shared"
    image_name          = "web"
    image_version       = "1.0.0"
    replication_regions = var.regions
  }
}

build {
  sources = ["source.azure-arm.web"]

  # What runs first.
  provisioner "shell" {
    inline = ["sudo apt-get update"]
  }
}
