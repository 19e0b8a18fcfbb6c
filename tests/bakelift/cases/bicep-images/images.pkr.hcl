# Images of the shop. They are built every week.

packer {
  required_plugins {
    azure = {
      source  = "github.com/hashicorp/azure"
      version = "~> 2"
    }
  }
}

# Where everything lives.
variable "location" {
  type        = string
  description = "Region of the builds"
  default     = "westeurope"
}

variable "release-ring" {
  type        = string
  description = "Whose turn it is"
  default     = "canary"

  validation {
    condition     = contains(["canary", "broad"], var.release-ring)
    error_message = "A ring that there is."
  }
}

variable "token" {
  type      = string
  sensitive = true
}

variable "length" {
  type    = number
  default = 30
}

locals {
  # As Packer's documentation names images.
  image_name = "shop-${var.release-ring}-${formatdate("YYYYMMDD", timestamp())}"
}

# The base of both.
source "azure-arm" "base" {
  os_type         = "Linux"
  image_publisher = "canonical"
  image_offer     = "ubuntu-24_04-lts"
  image_sku       = "server"
  location        = var.location
  vm_size         = "Standard_D2s_v5" # two cores are enough
  os_disk_size_gb = var.length

  client_id = "11111111-1111-1111-1111-111111111111" # of the pipeline

  managed_image_resource_group_name = "images"

  azure_tags = {
    "cost center" = "42"
    ring          = var.release-ring
    note          = "it's Zürich's: $${x}"
  }
}

build {
  name = "shop"

  source "source.azure-arm.base" {
    name               = "web"
    managed_image_name = "${local.image_name}-web"
  }

  source "source.azure-arm.base" {
    name               = "jobs"
    managed_image_name = "${local.image_name}-jobs"
  }

  # Packages first: they change least.
  provisioner "shell" {
    inline = [
      "sudo apt-get update",
      "sudo apt-get install -y nginx",
      "echo 'it'\"'\"'s done' | sed -e 's/\\(done\\)/\\1!/'",
    ]
  }

  provisioner "shell" {
    only             = ["azure-arm.jobs"]
    environment_vars = ["RING=${var.release-ring}"]
    inline           = ["echo \"$RING\" | sudo tee /etc/ring"]
  }
}
