# A network that exists, from within: no address, no network and no rules are made. Its subnet is found by Azure.
source "azure-arm" "image" {
  os_type              = "Linux"
  location             = "westeurope"
  virtual_network_name = "hub"
  shared_image_gallery {
    community_gallery_image_id = "/CommunityGalleries/public-gallery/Images/debian"
  }
  managed_image_name                = "web"
  managed_image_resource_group_name = "images"
}

build {
  sources = ["azure-arm.image"]
}
