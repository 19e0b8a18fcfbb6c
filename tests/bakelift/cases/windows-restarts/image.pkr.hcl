variable "restart_timeout" {
  type    = string
  default = "15m"
}

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

  provisioner "windows-restart" {}

  provisioner "windows-restart" {
    name                  = "after features"
    restart_command       = "powershell \"& {Restart-Computer -Force}\""
    restart_check_command = "powershell -command \"& {Write-Output 'restarted.'}\""
    restart_timeout       = var.restart_timeout
    check_registry        = true
    registry_keys         = ["HKLM:\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\RebootPending"]
    pause_before          = "2m"
  }

  provisioner "windows-update" {
    search_criteria    = "AutoSelectOnWebSites=1 and IsInstalled=0"
    filters            = ["exclude:$_.Title -like '*Preview*'", "include:$true"]
    update_limit       = 25
    restart_timeout    = "2h"
    update_max_retries = 3
    max_retries        = 1
  }

  provisioner "windows-update" {}

  provisioner "windows-shell" {
    environment_vars = ["TIER=gold"]
    inline           = ["echo %TIER%", "ver"]
  }

  provisioner "windows-shell" {
    script           = "tier.cmd"
    environment_vars = ["TIER=silver"]
    execute_command  = "{{ .Vars }} cmd /c \"{{ .Path }}\""
    remote_path      = "/tmp/script.bat"
    valid_exit_codes = [0, 1]
    max_retries      = 2
    timeout          = "5m"
  }
}
