variable "release" {
  type    = string
  default = "2024.06"
}

variable "motd" {
  type        = string
  description = "Shown at log-in."
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

  # What the values look like to the script: none of them is expanded by a shell on the way.
  provisioner "shell" {
    environment_vars = [
      "QUOTED=it's \"ours\"",
      "DOLLAR=$HOME $${PATH} $(id) `id`",
      "LINES=first\nsecond",
      "EQUALS=a=b=c",
      "EMPTY=",
      "UTF8=caf\u00e9",
    ]
    inline = [
      "printf '%s\\n' \"$QUOTED\" \"$DOLLAR\" \"$LINES\" \"$EQUALS\" \"$EMPTY\" \"$UTF8\"",
    ]
  }

  # A map wins over the list, and a parameter stays a parameter.
  provisioner "shell" {
    environment_vars = ["RELEASE=none", "DEBIAN_FRONTEND=noninteractive"]
    env = {
      RELEASE = var.release
      MOTD    = var.motd
    }
    execute_command = "chmod +x {{ .Path }}; sudo env {{ .Vars }} {{ .Path }}"
    inline          = ["echo \"$RELEASE: $MOTD\" >/etc/motd"]
  }

  # The variables in a file beside the script, so that they do not stand on a command line.
  provisioner "shell" {
    environment_vars = ["TIER=gold", "REGION=${var.release}"]
    use_env_var_file = true
    inline           = ["echo \"$TIER $REGION\""]
  }

  provisioner "shell" {
    environment_vars = ["TIER=gold"]
    env_var_format   = "%s=\"%s\" "
    execute_command  = "{{ .Vars }} bash {{ .Path }}"
    inline           = ["echo \"$TIER\""]
  }

  provisioner "shell" {
    environment_vars = ["BUILDER=$USER"]
    inline           = ["env | grep PACKER_", "echo ${build.User} \"$BUILDER\""]
  }
}
