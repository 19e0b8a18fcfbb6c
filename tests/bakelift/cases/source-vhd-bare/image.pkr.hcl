source "azure-arm" "old" {
  os_type   = "Linux"
  image_url = "https://example.blob.core.windows.net/vhds/base.vhd"
  location  = "uksouth"
  vm_size   = "Standard_D2s_v5"

  resource_group_name    = "storage"
  storage_account        = "example"
  capture_container_name = "vhds"
  capture_name_prefix    = "new"
}

build {
  sources = ["source.azure-arm.old"]

  provisioner "shell" {
    inline = ["sudo apt-get update"]
  }
}
