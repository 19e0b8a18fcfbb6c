# A network that exists, from outside.
source "azure-arm" "image" {
  os_type                                = "Linux"
  location                               = "westeurope"
  virtual_network_name                   = "hub"
  virtual_network_subnet_name            = "build"
  virtual_network_resource_group_name    = "networks"
  private_virtual_network_with_public_ip = true
  accelerated_networking                 = true
  shared_image_gallery {
    direct_shared_gallery_image_id = "/sharedGalleries/s-gallery/Images/debian/Versions/12.0.0"
  }
  managed_image_name                = "web"
  managed_image_resource_group_name = "images"
}

build {
  sources = ["azure-arm.image"]
}
