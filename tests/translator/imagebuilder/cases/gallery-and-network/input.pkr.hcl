variable "subscription" {
  type    = string
  default = "00000000-0000-0000-0000-0000000000aa"
}

variable "version" {
  type = string
}

source "azure-arm" "rhel" {
  use_azure_cli_auth = true

  os_type = "Linux"
  shared_image_gallery {
    subscription   = var.subscription
    resource_group = "golden"
    gallery_name   = "golden"
    image_name     = "rhel9"
  }
  plan_info {
    plan_name      = "rhel-lvm9"
    plan_product   = "rhel-byos"
    plan_publisher = "redhat"
  }

  location = "East US 2"
  vm_size  = "Standard_D4s_v5"

  virtual_network_name                = "build"
  virtual_network_subnet_name         = "packer"
  virtual_network_resource_group_name = "network"
  private_virtual_network_with_public_ip = false
  user_assigned_managed_identities = [
    "/subscriptions/00000000-0000-0000-0000-0000000000aa/resourceGroups/ops/providers/Microsoft.ManagedIdentity/userAssignedIdentities/vault-reader",
  ]

  shared_image_gallery_destination {
    resource_group       = "apps"
    gallery_name         = "apps"
    image_name           = "web"
    image_version        = var.version
    storage_account_type = "Premium_LRS"
    target_region {
      name     = "East US 2"
      replicas = 3
    }
    target_region {
      name = "West US 3"
    }
  }
  shared_gallery_image_version_exclude_from_latest = true
  shared_image_gallery_timeout                     = "2h"

  security_type       = "TrustedLaunch"
  secure_boot_enabled = true
  ssh_pty             = true
  ssh_username        = "packer"
}

build {
  sources = ["source.azure-arm.rhel"]

  provisioner "shell" {
    execute_command = "chmod +x {{ .Path }}; {{ .Vars }} sudo -E sh '{{ .Path }}'"
    script          = "scripts/install.sh"
  }

  provisioner "shell" {
    inline = ["/usr/sbin/waagent -force -deprovision+user && export HISTSIZE=0 && sync"]
  }
}
