variable "release" {
  default = "1.4.2"
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

  provisioner "file" {
    source      = "scripts/site/index.html"
    destination = "/tmp/index.html"
  }

  provisioner "shell" {
    script           = "${path.root}/scripts/install.sh"
    environment_vars = ["RELEASE=${var.release}"]
    execute_command  = "chmod +x {{ .Path }}; {{ .Vars }} sudo -E sh '{{ .Path }}'"
    max_retries      = 1
  }

  provisioner "shell" {
    inline = ["sudo systemctl enable web"]
  }
}
