# Inline steps whose items are heredocs, as people write them who want to read their scripts.

source "azure-arm" "base" {
  use_azure_cli_auth = true

  os_type         = "Linux"
  image_publisher = "canonical"
  image_offer     = "ubuntu-24_04-lts"
  image_sku       = "server"
  location        = "westeurope"
  vm_size         = "Standard_D2s_v5"

  managed_image_name                = "base"
  managed_image_resource_group_name = "images"
}

build {
  sources = ["source.azure-arm.base"]

  provisioner "shell" {
    name   = "packages"
    inline = [
      <<-EOT
        set -x
        sudo apt-get update
        sudo apt-get install --yes nginx
      EOT
      ,
      "nginx -v",
    ]
  }

  provisioner "shell" {
    name            = "site"
    execute_command = "sudo env {{ .Vars }} bash '{{ .Path }}'"
    inline = [<<-EOT
      for name in one two; do
        printf '%s\n' "$name" > /var/www/html/$name.txt
      done

      cat > /etc/motd <<MOTD
      Built from a template.
      MOTD
    EOT
    ]
  }

  provisioner "shell" {
    name            = "clean"
    execute_command = "chmod +x {{ .Path }}; {{ .Vars }} sudo -E sh '{{ .Path }}'"
    inline = [<<-EOT
      apt-get clean
      rm -rf /var/lib/apt/lists/*
      /usr/sbin/waagent -force -deprovision+user && export HISTSIZE=0 && sync
    EOT
    ]
  }
}
