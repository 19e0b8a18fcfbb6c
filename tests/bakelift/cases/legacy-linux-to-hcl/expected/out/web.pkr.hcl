# Web servers, Ubuntu 24.04. Ask the platform team before changing the network.
# owner: platform@example.com

packer {
  required_version = ">= 1.7.0"

  required_plugins {
    azure = {
      source  = "github.com/hashicorp/azure"
      version = "~> 2"
    }
  }
}

variable "client_id" {
  type    = string
  default = env("ARM_CLIENT_ID")
}

variable "client_secret" {
  type      = string
  default   = env("ARM_CLIENT_SECRET")
  sensitive = true
}

variable "subscription_id" {
  type = string
}

variable "resource_group" {
  type    = string
  default = "rg-images"
}

variable "location" {
  type    = string
  default = "westeurope"
}

variable "release" {
  type    = string
  default = "1.4"
}

variable "stamp" {
  type    = string
  default = null
}

variable "image_name" {
  type    = string
  default = null
}

variable "disk_size" {
  type    = number
  default = 64
}

variable "keep_os_disk" {
  type    = bool
  default = false
}

variable "public_ip" {
  type    = string
  default = env("BUILD_WITH_PUBLIC_IP")
}

variable "vnet" {
  type    = string
  default = ""
}

locals {
  stamp      = var.stamp == null ? legacy_isotime("20060102-1504") : var.stamp
  image_name = var.image_name == null ? "web ${var.release} ${local.stamp}" : var.image_name
}

source "azure-arm" "azure-arm" {
  client_id                              = var.client_id
  client_secret                          = var.client_secret
  subscription_id                        = var.subscription_id
  location                               = var.location
  os_type                                = "Linux"
  image_publisher                        = "canonical"
  image_offer                            = "ubuntu-24_04-lts"
  image_sku                              = "server"
  vm_size                                = "Standard_D2s_v5"
  os_disk_size_gb                        = var.disk_size
  keep_os_disk                           = var.keep_os_disk
  private_virtual_network_with_public_ip = var.public_ip == "" ? null : var.public_ip
  virtual_network_name                   = var.vnet
  managed_image_name                     = regex_replace(regex_replace(local.image_name, "[^A-Za-z0-9._-]", "-"), "[-_.]+$", "")
  managed_image_resource_group_name      = var.resource_group
  azure_tags = {
    release     = var.release
    cost-center = "42"
    "built by"  = "packer ${packer.version}"
  }

  plan_info {
    plan_name      = "web"
    plan_product   = "web-offer"
    plan_publisher = "contoso"
  }
}

build {
  sources = ["source.azure-arm.azure-arm"]

  provisioner "file" {
    source      = "${path.root}/scripts/site.conf"
    destination = "/tmp/site.conf"
  }

  provisioner "shell" {
    environment_vars = ["RELEASE=${var.release}", "IMAGE=${source.name}"]
    execute_command  = "chmod +x {{.Path}}; {{.Vars}} sudo -E sh '{{.Path}}'"
    scripts          = ["${path.root}/scripts/install.sh"]
    pause_before     = "10s"
    max_retries      = 2
  }

  provisioner "shell" {
    only = ["azure-arm.azure-arm"]
    inline = [
      "echo \"built $${RELEASE:-none} on $(hostname)\"",
      "test -x /usr/sbin/nginx",
    ]
  }

  provisioner "shell" {
    execute_command = "chmod +x {{.Path}}; {{.Vars}} sudo -E sh '{{.Path}}'"
    inline          = ["/usr/sbin/waagent -force -deprovision+user && export HISTSIZE=0 && sync"]
    inline_shebang  = "/bin/sh -x"
  }

  post-processor "manifest" {
    output = "manifest.json"
    custom_data = {
      release = var.release
    }
  }
}

# Written by bakelift 0.1.0, 7766affa3dfe10fd
