# The source image has its users already: nobody is made on the VM.
source "azure-arm" "image" {
  os_type  = "Linux"
  location = "westeurope"
  shared_image_gallery {
    id = "/subscriptions/s/resourceGroups/shared/providers/Microsoft.Compute/galleries/base/images/rhel/versions/9.4.1"
  }
  custom_data = "Y3VzdG9t"
  shared_image_gallery_destination {
    resource_group = "shared"
    gallery_name   = "apps"
    image_name     = "web"
    image_version  = "1.2.3"
    specialized    = true
  }
}

build {
  sources = ["azure-arm.image"]
}
