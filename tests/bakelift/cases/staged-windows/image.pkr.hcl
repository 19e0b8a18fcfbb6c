source "azure-arm" "agents" {
  os_type         = "Windows"
  image_publisher = "MicrosoftWindowsServer"
  image_offer     = "WindowsServer"
  image_sku       = "2022-datacenter-g2"
  location        = "westeurope"
  vm_size         = "Standard_D4s_v5"

  communicator   = "winrm"
  winrm_use_ssl  = true
  winrm_insecure = true
  winrm_username = "packer"

  managed_image_name                = "agents"
  managed_image_resource_group_name = "images"
}

build {
  sources = ["source.azure-arm.agents"]

  # Nothing around it: Image Builder runs the script itself.
  provisioner "powershell" {
    elevated_user     = "SYSTEM"
    elevated_password = ""
    script            = "scripts/Install-Web.ps1"
  }

  provisioner "powershell" {
    script           = "scripts/Set-Pool.ps1"
    environment_vars = ["POOL=default"]
    valid_exit_codes = [0, 3010]
  }

  provisioner "file" {
    source      = "scripts/site"
    destination = "C:\\inetpub"
  }

  provisioner "windows-shell" {
    script = "scripts/version.cmd"
  }
}
