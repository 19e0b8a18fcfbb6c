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

  provisioner "ansible-local" {
    playbook_file   = "${path.root}/scripts/ansible/site.yml"
    role_paths      = ["${path.root}/scripts/ansible/roles/web"]
    extra_arguments = ["--tags", "web"]
    pause_before    = "10s"
  }

  provisioner "ansible" {
    playbook_file    = "${path.root}/scripts/ansible/site.yml"
    user             = "ubuntu"
    groups           = ["web"]
    extra_arguments  = ["--extra-vars", "tier=gold motto='one two'"]
    ansible_env_vars = ["ANSIBLE_NOCOLOR=True"]
  }

  provisioner "chef-solo" {
    cookbook_paths = ["${path.root}/scripts/cookbooks"]
    run_list       = ["recipe[base]"]
    version        = "18"
  }

  provisioner "puppet-masterless" {
    manifest_file = "${path.root}/scripts/site.pp"
    module_paths  = ["${path.root}/scripts/modules"]
    facter        = { tier = "gold" }
  }

  provisioner "salt-masterless" {
    local_state_tree = "${path.root}/scripts/salt"
    bootstrap_args   = "-P"
  }

  provisioner "goss" {
    tests         = ["${path.root}/scripts/goss/web.yaml"]
    retry_timeout = "30s"
  }

  provisioner "chef-client" {
    server_url = "https://chef.example.com"
  }
}
