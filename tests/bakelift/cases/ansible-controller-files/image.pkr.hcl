variable "tier" {
  default = "prod"
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

  provisioner "ansible" {
    playbook_file    = "playbooks/site.yml"
    ansible_env_vars = ["ANSIBLE_ROLES_PATH=roles:~/.ansible/roles:galaxy-roles", "ANSIBLE_NOCOLOR=1"]
    extra_arguments  = ["-e", "@vars/${var.tier}.yml", "--vault-password-file=.vault-password", "--tags", "web"]
  }
  provisioner "ansible" {
    playbook_file = "playbooks/second.yml"
  }
  provisioner "shell" {
    inline = ["sudo waagent -force -deprovision+user && export HISTSIZE=0 && sync"]
  }
}
