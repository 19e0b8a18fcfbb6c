variable "location" {
  type = string
}

source "azure-arm" "plain" {
  subscription_id = "11111111-2222-3333-4444-555555555555"
  os_type         = "Linux"
  image_publisher = "debian"
  image_offer     = "debian-12"
  image_sku       = "12-gen2"
  location        = var.location
  vm_size         = "Standard_B2s"

  managed_image_name                = "debian-${var.location}"
  managed_image_resource_group_name = "images"
}

build {
  sources = ["source.azure-arm.plain"]

  provisioner "shell" {
    inline = ["echo region ${var.location}"]
  }
}
