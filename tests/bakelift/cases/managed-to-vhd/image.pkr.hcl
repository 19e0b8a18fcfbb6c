source "azure-arm" "disk" {
  os_type                                  = "Linux"
  custom_managed_image_name                = "base"
  custom_managed_image_resource_group_name = "images"

  location = "westus2"
  vm_size  = "Standard_D2s_v5"

  resource_group_name    = "storage"
  storage_account        = "bakeddisks"
  capture_container_name = "images"
  capture_name_prefix    = "disk"
}

build {
  sources = ["source.azure-arm.disk"]

  provisioner "shell" {
    inline = ["uname -r"]
  }
}
