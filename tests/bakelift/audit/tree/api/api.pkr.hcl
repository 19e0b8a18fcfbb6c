source "azure-arm" "api" {
  use_azure_cli_auth = true

  image_publisher = "canonical"
  image_offer     = "ubuntu-24_04-lts"
  image_sku       = "server"
  os_type         = "Linux"
  vm_size         = "Standard_D2s_v5"
  location        = "westeurope"
  license_type    = "RHEL_BYOS"

  managed_image_name                = "api"
  managed_image_resource_group_name = "images"
}

source "amazon-ebs" "api" {
  ami_name      = "api"
  instance_type = "t3.micro"
  region        = "eu-west-1"
  source_ami    = "ami-0123456789abcdef0"
  ssh_username  = "ubuntu"
}

build {
  sources = ["source.azure-arm.api", "source.amazon-ebs.api"]

  provisioner "shell" {
    script = "scripts/common.sh"
  }
  provisioner "shell" {
    script = "scripts/gone.sh"
  }
  post-processor "shell-local" {
    inline = ["echo built"]
  }
}
