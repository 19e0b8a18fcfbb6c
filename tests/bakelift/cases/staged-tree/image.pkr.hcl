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
    source      = "site"
    destination = "/tmp"
  }

  provisioner "shell" {
    script = "tier.sh"
  }

  # The same script again, and as root: fetched once.
  provisioner "shell" {
    script           = "tier.sh"
    environment_vars = ["TIER=gold"]
    execute_command  = "{{ .Vars }} sudo -E sh '{{ .Path }}'"
  }
}
