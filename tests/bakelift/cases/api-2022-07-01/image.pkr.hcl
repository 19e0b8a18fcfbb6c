source "azure-arm" "web" {
  os_type         = "Linux"
  image_publisher = "canonical"
  image_offer     = "ubuntu-24_04-lts"
  image_sku       = "server"
  location        = "westeurope"
  vm_size         = "Standard_D2s_v5"

  user_assigned_managed_identities = ["/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/images/providers/Microsoft.ManagedIdentity/userAssignedIdentities/build"]
  disk_additional_size             = [32]
  azure_tags                       = { team = "web" }

  shared_image_gallery_destination {
    resource_group       = "images"
    gallery_name         = "shared"
    image_name           = "web"
    image_version        = "1.0.0"
    replication_regions  = ["westeurope", "northeurope"]
    storage_account_type = "Standard_ZRS"
  }
  shared_image_gallery_replica_count = 2
}

build {
  sources = ["source.azure-arm.web"]

  provisioner "shell" {
    inline = ["sudo apt-get install -y nginx"]
  }
}
