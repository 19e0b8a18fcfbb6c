# A hardened image from the marketplace, which has a purchase plan.
variable "location" {
  type        = string
  description = "Region of the build and of the image."
  default     = "westeurope"
}

source "azure-arm" "hardened" {
  use_azure_cli_auth = true

  os_type         = "Linux"
  image_publisher = "center-for-internet-security-inc"
  image_offer     = "cis-ubuntu"
  image_sku       = "cis-ubuntulinux2204-l1-gen2"

  plan_info {
    plan_name      = "cis-ubuntulinux2204-l1-gen2"
    plan_product   = "cis-ubuntu"
    plan_publisher = "center-for-internet-security-inc"
  }

  location = var.location
  vm_size  = "Standard_D2s_v5"

  managed_image_name                = "hardened-ubuntu"
  managed_image_resource_group_name = "images"
}

build {
  sources = ["source.azure-arm.hardened"]

  provisioner "shell" {
    execute_command = "sudo -E sh '{{ .Path }}'"
    inline          = ["apt-get update", "apt-get install -y auditd"]
  }

  provisioner "shell" {
    execute_command = "sudo -E sh '{{ .Path }}'"
    inline          = ["/usr/sbin/waagent -force -deprovision+user && export HISTSIZE=0 && sync"]
  }
}
