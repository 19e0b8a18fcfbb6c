variable "plan" {
  type    = list(string)
  default = []
}

variable "regions" {
  type    = map(number)
  default = { "West Europe" = 2, "North Europe" = 1 }
}

variable "tags" {
  type    = map(string)
  default = { team = "web", cost = "shared" }
}

source "azure-arm" "web" {
  os_type         = "Linux"
  image_publisher = "canonical"
  image_offer     = "ubuntu-24_04-lts"
  image_sku       = "server"
  location        = "westeurope"
  vm_size         = "Standard_D2s_v5"

  dynamic "plan_info" {
    for_each = var.plan
    content {
      plan_name      = plan_info.value
      plan_product   = "ubuntu-pro"
      plan_publisher = "canonical"
    }
  }

  dynamic "azure_tag" {
    for_each = var.tags
    content {
      name  = azure_tag.key
      value = azure_tag.value
    }
  }

  shared_image_gallery_destination {
    resource_group = "galleries"
    gallery_name   = "shared"
    image_name     = "web"
    image_version  = "1.0.0"

    dynamic "target_region" {
      for_each = var.regions
      content {
        name     = target_region.key
        replicas = target_region.value
      }
    }
  }

  skip_create_image = false
}

build {
  sources = ["source.azure-arm.web"]

  dynamic "provisioner" {
    labels   = ["shell"]
    for_each = ["nginx", "redis"]
    content {
      inline = ["sudo apt-get install -y ${provisioner.value}"]
    }
  }
}
