# From one managed image to another, without an image in the end; a basic address and no rules.
source "azure-arm" "image" {
  os_type                                  = "Linux"
  location                                 = "westeurope"
  custom_managed_image_name                = "base"
  custom_managed_image_resource_group_name = "images"
  managed_image_name                       = "web"
  managed_image_resource_group_name        = "images"
  public_ip_sku                            = "Basic"
  vtpm_enabled                             = false
  skip_create_image                        = true
}

build {
  sources = ["azure-arm.image"]
}
