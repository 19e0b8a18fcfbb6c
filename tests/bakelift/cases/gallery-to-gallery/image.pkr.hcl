variable "image_version" {
  type        = string
  description = "Version of the image in the gallery."
}

source "azure-arm" "app" {
  subscription_id = "11111111-2222-3333-4444-555555555555"

  os_type = "Linux"
  shared_image_gallery {
    subscription   = "11111111-2222-3333-4444-555555555555"
    resource_group = "galleries"
    gallery_name   = "base"
    image_name     = "ubuntu-2404"
    image_version  = "latest"
  }

  location = "northeurope"
  vm_size  = "Standard_D4s_v5"

  shared_image_gallery_destination {
    subscription         = "11111111-2222-3333-4444-555555555555"
    resource_group       = "galleries"
    gallery_name         = "apps"
    image_name           = "orders"
    image_version        = var.image_version
    replication_regions  = ["northeurope", "West Europe"]
    storage_account_type = "Standard_ZRS"
  }
  shared_image_gallery_replica_count = 2

  azure_tags = {
    team    = "orders"
    version = var.image_version
  }
}

build {
  sources = ["source.azure-arm.app"]

  provisioner "file" {
    source      = "orders.conf"
    destination = "/tmp/orders.conf"
  }

  provisioner "shell" {
    environment_vars = ["VERSION=${var.image_version}"]
    execute_command  = "chmod +x {{ .Path }}; {{ .Vars }} sudo -E '{{ .Path }}'"
    script           = "install.sh"
  }
}
