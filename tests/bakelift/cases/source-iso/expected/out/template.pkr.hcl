packer {
  required_plugins {
    azure = {
      source  = "github.com/hashicorp/azure"
      version = "~> 2"
    }
  }
}

variable "vhd_storage_account" {
  description = "Storage account that takes the VHD. Image Builder uses one of its own unless it is given an address."
  type        = string
}

variable "vhd_container" {
  description = "Container of the storage account that takes the VHD."
  type        = string
}

variable "vhd_resource_group" {
  description = "Resource group of the storage account that takes the VHD. A blob's address does not tell it."
  type        = string
}

locals {
  # What only Image Builder can say, as it says it. Packer does nothing with this;
  # bakelift puts it back when it translates this template to Image Builder.
  bakelift = {
    settings = {
      "azure-arm.rhel" = {
        image_template = {
          name       = "rhel"
          apiVersion = "2019-05-01-preview"
          properties = {
            source = {
              type           = "ISO"
              sourceUri      = "https://example.blob.core.windows.net/iso/rhel-server-7.3-x86_64-dvd.iso"
              sha256Checksum = "120acbca7b3d55465eb9f8ef53ad7365f2997d42d4f83d7cc285bf5c71e1131f"
            }
            distribute = [{ type = "VHD", runOutputName = "rhel-vhd" }]
          }
        }
      }
    }
    asked = {
      vhd_storage_account = true
      vhd_container       = true
      vhd_resource_group  = true
    }
    added = {
      "azure-arm.rhel" = {
        storage_account        = true
        capture_container_name = true
        resource_group_name    = true
        vm_size                = true
        use_azure_cli_auth     = true
      }
    }
  }
}

source "azure-arm" "rhel" {
  # Packer works as whoever is signed in to the Azure CLI.
  use_azure_cli_auth     = true
  os_type                = "Linux"
  image_publisher        = "RedHat"
  image_offer            = "rhel-byos"
  image_sku              = "rhel-lvm73"
  capture_container_name = var.vhd_container
  storage_account        = var.vhd_storage_account
  resource_group_name    = var.vhd_resource_group
  location               = "westus2"
  # Packer would take an older and smaller one than Image Builder.
  vm_size = "Standard_D2ds_v4"
  azure_tags = {
    source = "iso"
  }

  plan_info {
    plan_name      = "rhel-lvm73"
    plan_product   = "rhel-byos"
    plan_publisher = "redhat"
  }
}

build {
  sources = ["source.azure-arm.rhel"]

  provisioner "shell" {
    name = "register"
    inline = [
      "# bakelift: {\"download\":\"scriptUri\"}",
      "curl -fsSL --retry 9 -o /tmp/bakelift_script 'https://example.blob.core.windows.net/scripts/register.sh'",
      "chmod 0755 /tmp/bakelift_script",
      "sudo -E /tmp/bakelift_script",
      "sudo rm -f /tmp/bakelift_script",
    ]
  }

  provisioner "shell" {
    execute_command = "chmod +x {{.Path}}; {{.Vars}} sudo -E sh '{{.Path}}'"
    inline          = ["/usr/sbin/waagent -force -deprovision+user && export HISTSIZE=0 && sync"]
    inline_shebang  = "/bin/sh -x"
  }
}

# Written by bakelift 0.1.0, d232d65813039b35
