source "azure-arm" "web" {
  os_type  = "Linux"
  location = "northeurope"
  vm_size  = "Standard_D2s_v5"

  shared_image_gallery {
    community_gallery_image_id = "/CommunityGalleries/contoso-1234/Images/ubuntu-2404"
  }

  managed_image_name                = "web"
  managed_image_resource_group_name = "images"
}

build {
  sources = ["source.azure-arm.web"]

  provisioner "shell" {
    inline = ["sudo apt-get update"]
  }
}
