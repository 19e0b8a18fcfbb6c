variable "download_password" {
  type      = string
  sensitive = true
  default   = ""
}

source "azure-arm" "web" {
  os_type         = "Linux"
  image_publisher = "canonical"
  image_offer     = "ubuntu-24_04-lts"
  image_sku       = "server"
  location        = "westeurope"
  vm_size         = "Standard_D2s_v5"

  managed_image_name                = "web"
  managed_image_resource_group_name = "images"
}

build {
  sources = ["source.azure-arm.web"]

  provisioner "ansible" {
    playbook_file           = "files/site.yml"
    user                    = "packer"
    use_proxy               = false
    inventory_file_template = "controller ansible_host={{ .Host }}\n"
  }

  provisioner "puppet-masterless" {
    manifest_file     = "files/site.pp"
    elevated_user     = "SYSTEM"
    elevated_password = ""
  }

  provisioner "salt-masterless" {
    local_state_tree = "files/formula"
    formulas         = ["git::https://github.com/saltstack-formulas/nginx-formula.git//nginx?ref=v2.8.1"]
  }

  provisioner "goss" {
    tests    = ["files/goss.yaml"]
    url      = "https://files.example.com/goss"
    username = "packer"
    password = var.download_password
    inspect  = true
  }
}
