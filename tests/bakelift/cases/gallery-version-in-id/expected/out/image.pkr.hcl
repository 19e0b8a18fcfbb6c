packer {
  required_plugins {
    azure = {
      source  = "github.com/hashicorp/azure"
      version = "~> 2"
    }
  }
}

variable "definitionId" {
  type = string
}

variable "version" {
  type    = string
  default = "1.0.0"
}

locals {
  versionId = "${var.definitionId}/versions/${var.version}"
  # What only Image Builder can say, as it says it. Packer does nothing with this;
  # bakelift puts it back when it translates this template to Image Builder.
  bakelift = {
    settings = {
      "azure-arm.web" = {
        template_identity                     = "[parameters('identityId')]"
        "shared_image_gallery_destination.id" = "[variables('versionId')]"
        image_template = {
          apiVersion = "2024-02-01"
          name       = "web"
          properties = {
            distribute = [{ type = "SharedImage", runOutputName = "web" }]
            vmProfile = {
              userAssignedIdentities = []
            }
          }
        }
      }
    }
    added = {
      "azure-arm.web" = {
        "shared_image_gallery_destination.subscription"   = true
        "shared_image_gallery_destination.resource_group" = true
        "shared_image_gallery_destination.gallery_name"   = true
        "shared_image_gallery_destination.image_name"     = true
        "shared_image_gallery_destination.image_version"  = true
        use_azure_cli_auth                                = true
      }
    }
    inputs = {
      identityId = {
        at   = 2
        type = "string"
      }
    }
  }
}

source "azure-arm" "web" {
  # Packer works as whoever is signed in to the Azure CLI.
  use_azure_cli_auth = true
  os_type            = "Linux"
  image_publisher    = "Canonical"
  image_offer        = "ubuntu-24_04-lts"
  image_sku          = "server"
  location           = "westeurope"
  vm_size            = "Standard_D2s_v5"

  shared_image_gallery_destination {
    subscription   = split("/", local.versionId)[2]
    resource_group = split("/", local.versionId)[4]
    gallery_name   = split("/", local.versionId)[8]
    image_name     = split("/", local.versionId)[10]
    image_version  = split("/", local.versionId)[12]
  }
}

build {
  sources = ["source.azure-arm.web"]

  provisioner "shell" {
    name   = "nginx"
    inline = ["sudo apt-get install -y nginx"]
  }

  provisioner "shell" {
    execute_command = "chmod +x {{.Path}}; {{.Vars}} sudo -E sh '{{.Path}}'"
    inline          = ["/usr/sbin/waagent -force -deprovision+user && export HISTSIZE=0 && sync"]
    inline_shebang  = "/bin/sh -x"
  }
}

# Written by bakelift 0.1.0, a3a73b79b34efe11
