variable "Location" {
  type    = string
  default = "westeurope"
}

locals {
  rg = "images"
}

source "azure-arm" "common" {
  use_azure_cli_auth = true
  os_type            = "Linux"
  image_publisher    = "Canonical"
  location           = var.Location
  vm_size            = "Standard_D2s_v5"

  managed_image_resource_group_name = local.rg
}

source "null" "check" {
  communicator = "none"
}

build {
  name = "ubuntu"

  source "source.azure-arm.common" {
    name               = "jammy"
    image_offer        = "0001-com-ubuntu-server-jammy"
    image_sku          = "22_04-lts-gen2"
    managed_image_name = "jammy"
  }

  source "source.azure-arm.common" {
    name               = "noble"
    image_offer        = "ubuntu-24_04-lts"
    image_sku          = "server"
    managed_image_name = "noble"
  }

  sources = ["source.null.check"]

  provisioner "shell" {
    inline = ["sudo apt-get update"]
  }

  provisioner "shell" {
    only   = ["azure-arm.noble"]
    inline = ["sudo apt-get install -y podman"]
  }
}
