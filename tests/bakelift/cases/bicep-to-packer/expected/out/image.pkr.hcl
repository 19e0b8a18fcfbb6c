packer {
  required_plugins {
    azure = {
      source  = "github.com/hashicorp/azure"
      version = "~> 2"
    }
  }
}

variable "location" {
  description = "Region of the template"
  type        = string
}

# Whose turn it is.
variable "ring" {
  type    = string
  default = "canary"

  validation {
    condition     = contains(["canary", "broad"], var.ring)
    error_message = "The value of ring must be one of: canary, broad."
  }
}

variable "diskSize" {
  type    = number
  default = 64
}

locals {
  version = "1.0.%{if var.ring == "broad"}1%{else}0%{endif}"
  # What only Image Builder can say, as it says it. Packer does nothing with this;
  # bakelift puts it back when it translates this template to Image Builder.
  bakelift = {
    deployment = {
      outputs = {
        id = {
          type  = "string"
          value = "[resourceId('Microsoft.VirtualMachineImages/imageTemplates', 'shop-server')]"
        }
      }
      parameters = {
        diskSize = {
          minValue = 30
        }
      }
    }
    settings = {
      "azure-arm.shop-server" = {
        template_identity = "[resourceId('Microsoft.ManagedIdentity/userAssignedIdentities', 'image-builder')]"
        image_template = {
          apiVersion = "2024-02-01"
          name       = "shop-server"
          tags = {
            ring          = "[parameters('ring')]"
            "cost center" = "42"
          }
          properties = {
            distribute = [
              {
                type           = "SharedImage"
                runOutputName  = "shop-server"
                galleryImageId = "[format('{0}/versions/{1}', resourceId('images', 'Microsoft.Compute/galleries/images', 'shop', 'server'), variables('version'))]"
                targetRegions  = [{ name = "[parameters('location')]" }]
                artifactTags   = null
              },
            ]
          }
        }
      }
    }
    added = {
      "azure-arm.shop-server" = {
        use_azure_cli_auth = true
      }
    }
    defaults = {
      location = "[resourceGroup().location]"
    }
    variables = {
      packages = {
        at    = 0
        value = ["nginx", "certbot"]
      }
    }
  }
}

# Every week.
source "azure-arm" "shop-server" {
  # Packer works as whoever is signed in to the Azure CLI.
  use_azure_cli_auth = true
  os_type            = "Linux"
  image_publisher    = "canonical"
  image_offer        = "ubuntu-24_04-lts"
  image_sku          = "server"
  location           = var.location
  vm_size            = "Standard_D2s_v5"
  os_disk_size_gb    = var.diskSize
  azure_tags = {
    ring          = var.ring
    "cost center" = "42"
  }

  shared_image_gallery_destination {
    resource_group = "images"
    gallery_name   = "shop"
    image_name     = "server"
    image_version  = local.version
  }
}

build {
  sources = ["source.azure-arm.shop-server"]

  provisioner "shell" {
    name = "packages"
    inline = [
      "sudo apt-get install -y nginx",
      "sudo apt-get install -y certbot",
    ]
  }

  provisioner "shell" {
    name = "site"
    inline = [
      "#!/bin/sh",
      "set -eu",
      "sudo install -d /opt/web",
      "echo \"it is done\"",
      "",
    ]
  }

  provisioner "shell" {
    execute_command = "chmod +x {{.Path}}; {{.Vars}} sudo -E sh '{{.Path}}'"
    inline          = ["/usr/sbin/waagent -force -deprovision+user && export HISTSIZE=0 && sync"]
    inline_shebang  = "/bin/sh -x"
  }
}

# The image of the shop's servers.

# Written by bakelift 0.1.0, 01976a3fc650f1ed
