locals {
  port = 8080
}

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

  provisioner "file" {
    source      = "files/app.conf"
    destination = "/tmp/app.conf"
  }

  # Packer's user may not write there; nor may Image Builder's.
  provisioner "file" {
    source      = "files/app.conf"
    destination = "/etc/app/app.conf"
  }

  provisioner "file" {
    sources     = ["files/run.sh", "files/plain.txt"]
    destination = "/tmp/"
  }

  provisioner "file" {
    source      = "files/logo.png"
    destination = "/tmp/logo picture.png"
  }

  # The contents of the folder; the folder itself.
  provisioner "file" {
    source      = "files/site/"
    destination = "/tmp/site"
  }

  provisioner "file" {
    source      = "files/site"
    destination = "/tmp/folder"
  }

  provisioner "file" {
    content     = templatefile("files/unit.tftpl", { port = local.port })
    destination = "/tmp/app.service"
  }

  provisioner "file" {
    source       = "files/app.conf"
    destination  = "/tmp/made.conf"
    generated    = true
    max_retries  = 3
    timeout      = "1m"
    pause_before = "5s"
  }
}
