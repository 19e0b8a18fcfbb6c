variable "release" {
  type    = string
  default = "3.1.4"
}

source "azure-arm" "web" {
  subscription_id = "11111111-2222-3333-4444-555555555555"

  os_type         = "Linux"
  image_publisher = "canonical"
  image_offer     = "ubuntu-24_04-lts"
  image_sku       = "server"
  location        = "East US 2"
  vm_size         = "Standard_D2s_v5"

  managed_image_name                = "web-${var.release}"
  managed_image_resource_group_name = "images"

  shared_image_gallery_destination {
    subscription         = "99999999-2222-3333-4444-555555555555"
    resource_group       = "galleries"
    gallery_name         = "shared"
    image_name           = "web"
    image_version        = var.release
    storage_account_type = "Premium_LRS"
    target_region {
      name     = "West US 3"
      replicas = 3
    }
    target_region {
      name                   = "Central US"
      disk_encryption_set_id = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/keys/providers/Microsoft.Compute/diskEncryptionSets/images"
    }
    use_shallow_replication = true
  }
  shared_gallery_image_version_exclude_from_latest = true
  shared_gallery_image_version_end_of_life_date    = "2030-01-01T00:00:00Z"

  resource_group_name    = "storage"
  storage_account        = "goldenimages"
  capture_container_name = "vhds"
  capture_name_prefix    = "web"

  azure_tags = { team = "web" }
  azure_tag {
    name  = "release"
    value = var.release
  }
}

build {
  sources = ["source.azure-arm.web"]

  provisioner "shell" {
    inline = ["sudo apt-get update"]
  }
}
