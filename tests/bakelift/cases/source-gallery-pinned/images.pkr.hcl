source "azure-arm" "common" {
  os_type  = "Linux"
  location = "North Europe"
  vm_size  = "Standard_D2s_v5"

  managed_image_resource_group_name = "images"
}

build {
  # By its parts, a version of our own gallery.
  source "source.azure-arm.common" {
    name               = "by-parts"
    managed_image_name = "by-parts"
    shared_image_gallery {
      subscription   = "11111111-2222-3333-4444-555555555555"
      resource_group = "galleries"
      gallery_name   = "base"
      image_name     = "ubuntu-2404"
      image_version  = "24.4.20240601"
    }
  }

  source "source.azure-arm.common" {
    name               = "by-id"
    managed_image_name = "by-id"
    shared_image_gallery {
      id = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/galleries/providers/Microsoft.Compute/galleries/base/images/ubuntu-2404/versions/24.4.20240601"
    }
  }

  source "source.azure-arm.common" {
    name               = "direct"
    managed_image_name = "direct"
    shared_image_gallery {
      direct_shared_gallery_image_id = "/sharedGalleries/contoso-base/images/ubuntu-2404/versions/latest"
    }
  }

  source "source.azure-arm.common" {
    name               = "pinned-platform"
    managed_image_name = "pinned-platform"
    image_publisher    = "canonical"
    image_offer        = "ubuntu-24_04-lts"
    image_sku          = "server"
    image_version      = "24.04.202406140"
  }

  provisioner "shell" {
    inline = ["sudo apt-get update"]
  }
}
