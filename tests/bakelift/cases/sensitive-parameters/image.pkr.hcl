variable "account_key" {
  type      = string
  sensitive = true
}

variable "name" {
  type      = string
  sensitive = true
}

variable "client_secret" {
  type      = string
  sensitive = true
  default   = "hidden"
}

source "azure-arm" "web" {
  client_id       = "11111111-2222-3333-4444-777777777777"
  client_secret   = var.client_secret
  subscription_id = "11111111-2222-3333-4444-555555555555"

  os_type         = "Linux"
  image_publisher = "canonical"
  image_offer     = "ubuntu-24_04-lts"
  image_sku       = "server"
  location        = "westeurope"
  vm_size         = "Standard_D2s_v5"

  managed_image_name                = var.name
  managed_image_resource_group_name = "images"
}

build {
  sources = ["source.azure-arm.web"]

  provisioner "shell" {
    inline = ["mount-share --key ${var.account_key}"]
  }
}
