# Whoever skips the vault brings WinRM up by a script.
source "azure-arm" "image" {
  os_type                           = "Windows"
  location                          = "westeurope"
  communicator                      = "winrm"
  skip_create_build_key_vault       = true
  user_data_file                    = "winrm.ps1"
  custom_script                     = "powershell -File C:\\winrm.ps1"
  image_publisher                   = "MicrosoftWindowsServer"
  image_offer                       = "WindowsServer"
  image_sku                         = "2022-datacenter-g2"
  managed_image_name                = "win"
  managed_image_resource_group_name = "images"
}

build {
  sources = ["azure-arm.image"]
}
