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

  provisioner "powershell" {
    inline = [
      "Remove-Item C:\\build -Recurse -Force",
      "Write-Output ' -> Sysprepping VM ...'",
      "& $Env:SystemRoot\\System32\\Sysprep\\Sysprep.exe /oobe /generalize /shutdown /quiet",
    ]
  }
}
