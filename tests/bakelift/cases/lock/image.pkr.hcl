source "azure-arm" "web" {
  os_type         = "Linux"
  image_publisher = "canonical"
  image_offer     = "ubuntu-24_04-lts"
  image_sku       = "server"
  location        = "West US"
  vm_size         = var.size
  license_type    = "RHEL_BYOS" # bakelift:accept aib/license-type the build VM may cost what it costs

  shared_image_gallery_destination {
    resource_group      = "images"
    gallery_name        = "old_gallery"
    image_name          = "web"
    image_version       = "1.4.2"
    replication_regions = ["westus", "northeurope"]
  }
}

variable "size" {}

build {
  sources = ["source.azure-arm.web"]

  provisioner "shell" {
    script = "install.sh"
  }

  # bakelift:accept aib/post-shell-local the pipeline sends the message
  post-processor "shell-local" {
    inline = ["./notify.sh"]
  }
}
