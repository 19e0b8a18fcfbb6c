variable "location" {
  type    = string
  default = "westeurope"
}

locals {
  common_tags = {
    owner = "platform"
  }
}

source "azure-arm" "base" {
  os_type         = "Linux"
  image_publisher = "canonical"
  image_offer     = "ubuntu-24_04-lts"
  location        = var.location
  vm_size         = "Standard_D2s_v5"

  managed_image_resource_group_name = "images"
  azure_tags                        = local.common_tags
}

build {
  name = "web"

  source "source.azure-arm.base" {
    name               = "server"
    image_sku          = "server"
    managed_image_name = "web-server"
  }

  source "source.azure-arm.base" {
    name               = "minimal"
    image_sku          = "minimal"
    managed_image_name = "web-minimal"
  }

  provisioner "shell" {
    inline = ["sudo apt-get install -y nginx"]
  }

  provisioner "shell" {
    only   = ["azure-arm.server"]
    inline = ["sudo apt-get install -y certbot"]
  }
}
