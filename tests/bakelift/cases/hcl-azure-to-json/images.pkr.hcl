packer {
  required_version = "~> 1.9"
  required_plugins {
    azure = {
      source  = "github.com/hashicorp/azure"
      version = "~> 2"
    }
  }
}

# Where images are built.
variable "location" {
  type        = string
  description = "Azure region"
  default     = "westeurope"

  validation {
    condition     = contains(["westeurope", "northeurope"], var.location)
    error_message = "Only European regions are allowed."
  }
}

variable "disk" {
  type    = number
  default = 64
}

variable "debug" {
  type    = bool
  default = false
}

variable "tags" {
  type    = map(string)
  default = { owner = "web", stage = "prod" }
}

variable "secret" {
  type      = string
  sensitive = true
}

variable "subnet" {
  type    = string
  default = null
}

locals {
  stamp = regex_replace(timestamp(), "[- TZ:]", "")
  name  = format("web-%s-%s", lower(var.location), local.stamp)
  extra = { for k, v in var.tags : upper(k) => v if k != "stage" }
}

source "azure-arm" "base" {
  use_azure_cli_auth                = true
  os_type                           = "Linux"
  image_publisher                   = "canonical"
  image_offer                       = "ubuntu-24_04-lts"
  image_sku                         = "server"
  location                          = var.location
  os_disk_size_gb                   = var.disk
  virtual_network_subnet_name       = var.subnet
  vm_size                           = var.debug ? "Standard_D8s_v5" : "Standard_D2s_v5"
  managed_image_name                = local.name
  managed_image_resource_group_name = "images"
  azure_tags                        = merge({ built = "packer" }, local.extra)

  dynamic "azure_tag" {
    for_each = var.tags

    content {
      name  = azure_tag.key
      value = "${azure_tag.value}!"
    }
  }
}

source "null" "unused" {
  communicator = "none"
}

build {
  name        = "web"
  description = "Two images of one source"

  source "source.azure-arm.base" {
    name = "small"
  }

  source "source.azure-arm.base" {
    name                 = "large"
    disk_additional_size = [128]
  }

  # Everything that is common.
  provisioner "shell" {
    inline           = ["echo ${build.name} ${source.name} ${upper(substr(var.location, 0, 4))}"]
    environment_vars = ["TOKEN=${var.secret}", "NAME=${local.name}"]
    override = {
      large = {
        inline = ["echo large"]
      }
    }
  }

  provisioner "shell" {
    only   = ["azure-arm.small"]
    inline = ["echo ${title(var.secret)}"]
  }
}

build {
  sources = ["source.azure-arm.base"]

  provisioner "file" {
    source      = "${path.root}/site.conf"
    destination = "/tmp/site.conf"
  }

  post-processor "manifest" {}
}
