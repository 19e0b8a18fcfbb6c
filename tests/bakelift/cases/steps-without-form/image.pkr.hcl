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

  provisioner "breakpoint" {
    note = "look here"
  }

  provisioner "sleep" {
    duration = "30s"
  }

  provisioner "shell-local" {
    inline = ["echo ${build.ID}"]
  }

  provisioner "inspec" {
    profile = "https://github.com/dev-sec/linux-baseline"
  }

  provisioner "hcp-sbom" {
    source = "/tmp/sbom.json"
  }

  provisioner "chef-client" {
    server_url = "https://chef.example.com"
  }

  provisioner "puppet-server" {
    puppet_server = "puppet.example.com"
  }

  provisioner "converge" {
    module = ["site.hcl"]
  }

  provisioner "azure-dtlartifact" {
    artifacts {
      artifact_name = "linux-apt-package"
    }
  }

  provisioner "contoso-agent" {
    pool = "linux"
  }

  provisioner "powershell" {
    inline = ["Write-Output 'on Linux'"]
  }
}
