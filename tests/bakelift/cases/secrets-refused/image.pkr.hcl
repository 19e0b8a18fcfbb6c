variable "db_password" {
  type      = string
  sensitive = true
}

variable "db_host" {
  default = "db.example.com"
}

locals {
  url = "postgres://app:${var.db_password}@${var.db_host}/web"
}

source "azure-arm" "web" {
  os_type         = "Linux"
  image_publisher = "canonical"
  image_offer     = "ubuntu-24_04-lts"
  image_sku       = "server"
  location        = "westeurope"
  vm_size         = "Standard_D2s_v5"

  user_assigned_managed_identities = ["/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/images/providers/Microsoft.ManagedIdentity/userAssignedIdentities/build"]

  managed_image_name                = "web"
  managed_image_resource_group_name = "images"
}

build {
  sources = ["source.azure-arm.web"]

  provisioner "shell" {
    environment_vars = ["DATABASE=${local.url}", "MODE=once"]
    inline           = ["sudo -E /opt/web/migrate"]
  }
}
