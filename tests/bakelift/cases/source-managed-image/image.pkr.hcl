variable "base" {
  type    = string
  default = "ubuntu-2404"
}

source "azure-arm" "web" {
  subscription_id = "11111111-2222-3333-4444-555555555555"

  os_type                                  = "Linux"
  custom_managed_image_name                = var.base
  custom_managed_image_resource_group_name = "bases"

  build_resource_group_name = "builds"

  managed_image_name                 = "web"
  managed_image_resource_group_name  = "images"
  managed_image_storage_account_type = "Premium_LRS"
  managed_image_zone_resilient       = true
}

build {
  sources = ["source.azure-arm.web"]

  provisioner "shell" {
    inline = ["sudo apt-get install -y nginx"]
  }
}
