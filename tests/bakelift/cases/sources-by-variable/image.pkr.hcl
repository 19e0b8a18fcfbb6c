variable "architecture" {
  default = "x64"
}

variable "users" {
  default = ["alice", "bob"]
}

source "azure-arm" "x64" {
  use_azure_cli_auth                = true
  os_type                           = "Linux"
  image_publisher                   = "Canonical"
  image_offer                       = "ubuntu-24_04-lts"
  image_sku                         = "server"
  location                          = "West Europe"
  vm_size                           = "Standard_D2s_v5"
  managed_image_name                = "web"
  managed_image_resource_group_name = "images"
}

source "azure-arm" "arm64" {
  use_azure_cli_auth = true
  os_type            = "Linux"
  image_publisher    = "Canonical"
  image_offer        = "ubuntu-24_04-lts"
  image_sku          = "server-arm64"
  location           = "West Europe"
  vm_size            = "Standard_D2ps_v5"
  shared_image_gallery_destination {
    resource_group = "images"
    gallery_name   = "fleet"
    image_name     = "web-arm64"
    image_version  = "1.0.0"
  }
}

hcp_packer_registry {
  bucket_name = "web"
}

build {
  sources = var.architecture == "arm64" ? ["source.azure-arm.arm64"] : ["source.azure-arm.x64"]

  dynamic "provisioner" {
    for_each = var.users
    labels   = ["shell"]
    content {
      inline = ["sudo useradd ${provisioner.value}"]
    }
  }
  provisioner "shell" {
    inline = ["sudo waagent -force -deprovision+user && export HISTSIZE=0 && sync"]
  }
}
