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

  provisioner "ansible" {
    playbook_file = "site.yml"
    user          = "packer"
    use_proxy     = false
  }

  provisioner "ansible-local" {
    playbook_file = "site.yml"
  }

  provisioner "chef-solo" {
    run_list = ["recipe[base]"]
  }

  provisioner "puppet-masterless" {
    manifest_file = "site.pp"
  }

  provisioner "salt-masterless" {
    local_state_tree = "salt"
  }

  provisioner "goss" {
    tests = ["goss.yaml"]
  }

  provisioner "shell" {
    inline = ["echo on Windows"]
  }
}
