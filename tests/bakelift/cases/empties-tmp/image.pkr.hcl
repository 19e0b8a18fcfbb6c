source "azure-arm" "web" {
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

build {
  sources = ["source.azure-arm.web"]

  provisioner "shell" {
    inline = ["sudo apt-get install -y nginx", "sudo rm -rf /tmp/*"]
  }
  provisioner "shell" {
    execute_command = "chmod +x {{ .Path }}; {{ .Vars }} sudo -E sh '{{ .Path }}'"
    inline          = ["/usr/sbin/waagent -force -deprovision+user && export HISTSIZE=0 && sync"]
    inline_shebang  = "/bin/sh -x"
  }
}

build {
  name    = "at-once"
  sources = ["source.azure-arm.web"]

  provisioner "shell" {
    inline = ["sudo rm -rf /tmp/*", "sudo waagent -force -deprovision+user", "sync"]
  }
}

build {
  name    = "as-it-is"
  sources = ["source.azure-arm.web"]

  provisioner "shell" {
    inline = ["sudo rm -rf /tmp/*"]
  }
}
