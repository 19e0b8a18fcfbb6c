# A key vault is made for the certificate that WinRM shows.
source "azure-arm" "image" {
  os_type                           = "Windows"
  location                          = "westeurope"
  communicator                      = "winrm"
  winrm_username                    = "builder"
  winrm_use_ssl                     = true
  winrm_insecure                    = true
  winrm_expiration_time             = "12h"
  build_key_vault_sku               = "premium"
  build_key_vault_secret_name       = "certificate"
  custom_script                     = "powershell -Command \"Set-Content C:\\\\ready.txt 1\""
  license_type                      = "windows_server"
  image_publisher                   = "MicrosoftWindowsServer"
  image_offer                       = "WindowsServer"
  image_sku                         = "2022-datacenter-g2"
  managed_image_name                = "win"
  managed_image_resource_group_name = "images"
  azure_tags                        = { team = "web" }
  tenant_id                         = "11111111-1111-1111-1111-111111111111"
  client_id                         = "33333333-3333-3333-3333-333333333333"
  client_secret                     = "not a secret"
  subscription_id                   = "00000000-0000-0000-0000-000000000000"
  object_id                         = "22222222-2222-2222-2222-222222222222"
}

build {
  sources = ["azure-arm.image"]
}
