source "azure-arm" "common" {
  os_type  = "Linux"
  location = "northeurope"
  vm_size  = "Standard_D2s_v5"
}

build {
  source "source.azure-arm.common" {
    name = "latest-of-a-gallery"
    shared_image_gallery {
      subscription   = "11111111-2222-3333-4444-555555555555"
      resource_group = "galleries"
      gallery_name   = "base"
      image_name     = "ubuntu-2404"
    }
    managed_image_name                = "latest"
    managed_image_resource_group_name = "images"
  }

  source "source.azure-arm.common" {
    name = "shared-directly"
    shared_image_gallery {
      direct_shared_gallery_image_id = "/sharedGalleries/contoso-base/images/ubuntu-2404/versions/1.0.0"
    }
    managed_image_name                = "direct"
    managed_image_resource_group_name = "images"
  }

  source "source.azure-arm.common" {
    name            = "blob"
    image_publisher = "canonical"
    image_offer     = "ubuntu-24_04-lts"
    image_sku       = "server"

    resource_group_name    = "storage"
    storage_account        = "goldenimages"
    capture_container_name = "vhds"
    capture_name_prefix    = "web"
  }

  source "source.azure-arm.common" {
    name            = "premium-copies"
    image_publisher = "canonical"
    image_offer     = "ubuntu-24_04-lts"
    image_sku       = "server"

    shared_image_gallery_destination {
      resource_group       = "galleries"
      gallery_name         = "shared"
      image_name           = "web"
      image_version        = "1.0.0"
      storage_account_type = "Premium_LRS"
      target_region {
        name     = "northeurope"
        replicas = 2
      }
    }
  }

  provisioner "shell" {
    inline = ["sudo apt-get update"]
  }
}
