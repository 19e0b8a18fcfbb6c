# The latest version of a gallery's image, and disks at the first LUNs that its own leave free.
source "azure-arm" "image" {
  os_type                   = "Linux"
  build_resource_group_name = "builds"
  disk_additional_size      = [32, 64]
  spot {
    eviction_policy = "Deallocate"
  }
  shared_image_gallery {
    subscription   = "00000000-0000-0000-0000-000000000000"
    resource_group = "shared"
    gallery_name   = "base"
    image_name     = "rhel"
  }
  managed_image_name                = "web"
  managed_image_resource_group_name = "images"
}

build {
  sources = ["azure-arm.image"]
}
