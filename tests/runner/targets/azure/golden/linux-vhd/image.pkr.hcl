# From one VHD to another, with a basic address that only a few may call.
source "azure-arm" "image" {
  os_type                      = "Linux"
  location                     = "westeurope"
  image_url                    = "https://base.blob.core.windows.net/images/base.vhd"
  resource_group_name          = "storage"
  storage_account              = "images"
  capture_container_name       = "vhds"
  capture_name_prefix          = "web"
  disk_additional_size         = [10]
  public_ip_sku                = "basic"
  allowed_inbound_ip_addresses = ["203.0.113.7", "198.51.100.0/24"]
}

build {
  sources = ["azure-arm.image"]
}
