variable "os" {
  type        = string
  description = "Which distribution: ubuntu or debian."
}

variable "scripts" {
  type    = list(string)
  default = []
}

variable "managed_image_name" {
  type    = string
  default = "frozen"
}

locals {
  publisher = { ubuntu = "canonical", debian = "debian" }
  offer     = { ubuntu = "ubuntu-24_04-lts", debian = "debian-12" }
  sku       = { ubuntu = "server", debian = "12-gen2" }
}

source "azure-arm" "any" {
  os_type         = "Linux"
  image_publisher = local.publisher[var.os]
  image_offer     = local.offer[var.os]
  image_sku       = local.sku[var.os]
  location        = "westeurope"
  vm_size         = "Standard_D2s_v5"

  managed_image_name                = var.managed_image_name
  managed_image_resource_group_name = "images"
}

build {
  sources = ["source.azure-arm.any"]

  provisioner "shell" {
    scripts = var.scripts
  }
}
