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

  provisioner "shell" {
    inline           = ["sudo apt-get update"]
    max_retries      = 3
    pause_before     = "10s"
    pause_after      = "1m30s"
    timeout          = "10m"
    valid_exit_codes = [0, 100]
  }

  provisioner "shell" {
    inline            = ["systemctl is-enabled snapd"]
    continue_on_error = true
  }

  provisioner "shell" {
    inline           = ["exit 2"]
    valid_exit_codes = [2]
  }

  # The kernel is new: the steps after this one run on it.
  provisioner "shell" {
    inline              = ["sudo apt-get install -y linux-azure", "sudo reboot"]
    expect_disconnect   = true
    start_retry_timeout = "30m"
  }

  provisioner "shell" {
    inline       = ["uname -r"]
    pause_before = "30s"
  }

  provisioner "shell" {
    inline            = ["nohup sh -c 'sleep 5; reboot' &", "echo restarting"]
    expect_disconnect = true
  }

  error-cleanup-provisioner "shell" {
    inline = ["sudo journalctl -b --no-pager | tail -n 100"]
  }
}
