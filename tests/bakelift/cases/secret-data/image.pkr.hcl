data "azure-keyvaultsecret" "token" {
  vault_name  = "fleet"
  secret_name = "token"
}

locals {
  header = "Bearer ${data.azure-keyvaultsecret.token.response}"
}

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
    environment_vars = ["HEADER=${local.header}"]
    inline           = ["curl -sSf -H \"Authorization: $HEADER\" https://example.com/agent.sh | sudo sh"]
  }
  provisioner "shell" {
    inline = ["sudo waagent -force -deprovision+user && export HISTSIZE=0 && sync"]
  }
}
