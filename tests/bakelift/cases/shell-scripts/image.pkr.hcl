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

  provisioner "shell" {
    name            = "packages"
    execute_command = "chmod +x {{ .Path }}; {{ .Vars }} sudo -E sh '{{ .Path }}'"
    scripts         = ["scripts/packages.sh", "scripts/bare.sh"]
  }

  provisioner "shell" {
    script = "scripts/dos.sh"
  }

  provisioner "shell" {
    script          = "scripts/report.py"
    remote_folder   = "/var/tmp"
    remote_file     = "report"
    skip_clean      = true
    execute_command = "sudo -S bash -c '{{ .Vars }} {{ .Path }}'"
  }

  provisioner "shell" {
    script = "scripts/heredoc.sh"
  }

  provisioner "shell" {
    script      = "scripts/tool.bin"
    binary      = true
    remote_path = "/tmp/tool"
  }

  # Runs under its own interpreter.
  provisioner "shell" {
    inline         = ["shopt -s globstar", "ls /etc/**/*.conf"]
    inline_shebang = "/bin/bash -eux"
  }

  provisioner "shell" {
    inline = ["#!/usr/bin/env python3", "print('its own first line')"]
  }

  provisioner "shell" {
    inline_shebang  = "/bin/sh -x"
    inline          = ["# Say who builds", "id -un"]
    execute_command = "chmod +x {{ .Path }}; {{ .Vars }} sudo -E su - jenkins -c \"bash -eu '{{ .Path }}'\""
  }
}
