variable "name" {
  type    = string
  default = "web"
}

variable "secret" {
  type      = string
  default   = "hidden"
  sensitive = true
}

source "azure-arm" "web" {
  subscription_id = "00000000-0000-0000-0000-0000000000aa"
  client_id       = "00000000-0000-0000-0000-0000000000ab"
  client_secret   = var.secret

  os_type         = "Linux"
  image_publisher = "Canonical"
  image_offer     = "ubuntu-24_04-lts"
  image_sku       = "server"
  location        = "Sweden Central"
  vm_size         = "Standard_D2s_v5"

  managed_image_name                = "${var.name}-${formatdate("YYYYMMDD", timestamp())}"
  managed_image_resource_group_name = "images"
}

build {
  sources = ["source.azure-arm.web"]

  provisioner "shell" {
    inline = ["[[ -f /etc/os-release ]]"]
  }
}
