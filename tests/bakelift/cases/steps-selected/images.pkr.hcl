source "azure-arm" "base" {
  os_type         = "Linux"
  image_publisher = "canonical"
  image_offer     = "ubuntu-24_04-lts"
  image_sku       = "server"
  location        = "westeurope"
  vm_size         = "Standard_D2s_v5"

  managed_image_resource_group_name = "images"
}

build {
  name = "nightly"

  source "source.azure-arm.base" {
    name               = "web"
    managed_image_name = "web"
  }

  source "source.azure-arm.base" {
    name               = "worker"
    managed_image_name = "worker"
  }

  source "source.azure-arm.base" {
    name               = "retired"
    managed_image_name = "retired"
  }

  provisioner "shell" {
    inline = ["sudo apt-get update"]
  }

  provisioner "shell" {
    only   = ["azure-arm.web"]
    inline = ["sudo apt-get install -y nginx"]
  }

  provisioner "shell" {
    except = ["azure-arm.web"]
    inline = ["sudo apt-get install -y redis"]
  }

  provisioner "shell" {
    inline = ["echo ${source.name}"]
    override = {
      worker = {
        inline           = ["echo the worker"]
        environment_vars = ["ROLE=worker"]
      }
    }
  }
}
