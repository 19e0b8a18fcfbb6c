packer {
  required_plugins {
    azure = {
      source  = "github.com/hashicorp/azure"
      version = "~> 2"
    }
  }
}

variable "location" {
  description = "Required here; in Image Builder's template it is [resourceGroup().location]."
  type        = string
}

variable "now" {
  type    = string
  default = null
}

variable "resource_group" {
  description = "Resource group of the images. In Image Builder's template it is that of the deployment."
  type        = string
}

locals {
  now       = var.now == null ? formatdate("YYYYMMDD", timestamp()) : var.now
  imageName = "web-${local.now}"
  # What only Image Builder can say, as it says it. Packer does nothing with this;
  # bakelift puts it back when it translates this template to Image Builder.
  bakelift = {
    settings = {
      "azure-arm.web" = {
        build_timeout_minutes = 90
        validate = {
          inVMValidations = [{ type = "Shell", inline = ["test -x /usr/sbin/nginx"] }]
        }
        template_identity = "[resourceId('Microsoft.ManagedIdentity/userAssignedIdentities', parameters('identityName'))]"
        image_template = {
          apiVersion = "2024-02-01"
          name       = "[format('it-{0}', uniqueString(resourceGroup().id))]"
          properties = {
            distribute = [
              {
                type          = "ManagedImage"
                runOutputName = "web-managed"
                imageId       = "[resourceId('Microsoft.Compute/images', variables('imageName'))]"
              },
            ]
          }
        }
      }
    }
    asked = {
      resource_group = true
    }
    added = {
      "azure-arm.web" = {
        managed_image_resource_group_name = true
        use_azure_cli_auth                = true
      }
    }
    defaults = {
      location = "[resourceGroup().location]"
      now      = "[utcNow('yyyyMMdd')]"
    }
    undescribed = {
      location = true
    }
    inputs = {
      galleryName = {
        at          = 1
        type        = "string"
        description = "Name of the gallery."
      }
      identityName = {
        at      = 3
        type    = "string"
        default = "builder"
      }
    }
  }
}

source "azure-arm" "web" {
  # Packer works as whoever is signed in to the Azure CLI.
  use_azure_cli_auth                = true
  os_type                           = "Linux"
  image_publisher                   = "canonical"
  image_offer                       = "ubuntu-24_04-lts"
  image_sku                         = "server"
  managed_image_name                = local.imageName
  managed_image_resource_group_name = var.resource_group
  location                          = var.location
  vm_size                           = "Standard_D2s_v5"
  os_disk_size_gb                   = 64
}

build {
  sources = ["source.azure-arm.web"]

  provisioner "shell" {
    name = "install"
    inline = [
      "sudo apt-get update",
      "sudo apt-get install -y nginx",
    ]
  }

  provisioner "shell" {
    name = "agent"
    inline = [
      "# bakelift: {\"download\":\"scriptUri\"}",
      "curl -fsSL --retry 9 -o /tmp/bakelift_script 'https://example.com/agent.sh'",
      "printf \"%s  %s\\n\" '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08' /tmp/bakelift_script | sha256sum -c - > /dev/null",
      "chmod 0755 /tmp/bakelift_script",
      "sudo -E /tmp/bakelift_script",
      "sudo rm -f /tmp/bakelift_script",
    ]
  }

  provisioner "shell" {
    name = "config"
    inline = [
      "# bakelift: {\"download\":\"file\"}",
      "curl -fsSL --retry 9 -o '/tmp/nginx.conf' 'https://example.com/nginx.conf'",
    ]
  }

  provisioner "shell" {
    execute_command = "chmod +x {{.Path}}; {{.Vars}} sudo -E sh '{{.Path}}'"
    inline          = ["/usr/sbin/waagent -force -deprovision+user && export HISTSIZE=0 && sync"]
    inline_shebang  = "/bin/sh -x"
  }
}

# Written by bakelift 0.1.0, d95015c16de560bb
